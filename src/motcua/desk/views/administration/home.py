"""Administration at a glance: what there is, and what is missing."""

from django.http import HttpRequest, HttpResponse

from motcua.desk.frame import show
from motcua.desk.gate import Seat
from motcua.desk.views.administration.ground import agencies_of, ground_of
from motcua.desk.views.administration.processes import decided_here
from motcua.identity import api as identity
from motcua.kernel.calendar import announced_until
from motcua.procedures import api as procedures


def home(request: HttpRequest, seat: Seat) -> HttpResponse:
    """What this position administers, with the figures that ask for something."""
    ground = ground_of(request, seat)
    people, accounts = identity.staff_figures(scope=seat.scope, on=ground.on)
    return show(
        request,
        seat,
        "desk/administration/home.html",
        {
            "ground": ground,
            "agencies": len(agencies_of(seat, ground.on)),
            "people": people,
            "accounts": accounts,
            "coverage": procedures.coverage(ground.unit.id, ground.on),
            "processes": len(decided_here(ground)),
            "announced_until": announced_until(),
        },
        here="administration",
    )
