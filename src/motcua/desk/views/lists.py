"""The work lists of a position, and finding a dossier."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from motcua.desk.frame import LIST_NAMES, show
from motcua.desk.gate import Seat, officials
from motcua.desk.rules import BY_SLUG
from motcua.dossiers import api as dossiers
from motcua.kernel import clock
from motcua.kernel.errors import NotFound
from motcua.screens.routes import Page


@require_safe
def work_list(request: HttpRequest, seat: Seat, slug: str) -> HttpResponse:
    """One list of this position, most pressing first."""
    row = BY_SLUG.get(slug)
    if row is None or row.roles.isdisjoint(seat.roles):
        raise NotFound("list-unknown", "Không có danh sách này cho vị trí của ông/bà.")
    page = dossiers.desk_page(
        dossiers.DeskQuestion(seat.scope, seat.agency.id, row.name, clock.now(), after=request.GET.get("sau", "")[:100])
    )
    return show(request, seat, "desk/lists.html", {"name": _(LIST_NAMES[row.name]), "page": page}, here=row.name)


PAGES: tuple[Page, ...] = (Page("can-bo/viec/<str:slug>", work_list, "desk-list", officials()),)
