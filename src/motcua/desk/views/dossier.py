"""The dossier's page: its story, its papers, and what this position may do with it now."""

from django.http import HttpRequest, HttpResponse

from motcua.desk.frame import show
from motcua.desk.gate import Seat, officials
from motcua.dossiers import api as dossiers
from motcua.kernel import clock
from motcua.screens.routes import Page


def dossier(request: HttpRequest, seat: Seat, code: str) -> HttpResponse:
    folder = dossiers.open_folder(code, scope=seat.scope, now=clock.now())
    return show(request, seat, "desk/dossier.html", {"folder": folder})


PAGES: tuple[Page, ...] = (Page("can-bo/ho-so/<str:code>", dossier, "desk-dossier", officials()),)
