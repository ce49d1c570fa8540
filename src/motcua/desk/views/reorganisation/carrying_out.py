"""How far a plan is, and taking it back."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from motcua.desk.frame import show
from motcua.desk.gate import Seat
from motcua.desk.views.reorganisation.said import STATES, SUBJECTS
from motcua.identity.api import Role
from motcua.kernel import clock
from motcua.kernel.errors import Conflict
from motcua.reorganisation import api as reorganisation
from motcua.screens.pages import address
from motcua.units import api as units

AGAIN = 10  # seconds, for whoever asked that the page comes again by itself
MOST = 200
State = reorganisation.PlanState


@require_safe
def progress(request: HttpRequest, seat: Seat, name: str) -> HttpResponse:
    """Dossiers passed on, what else changed hands, what waits for a person. Comes again by itself if asked to."""
    plan = reorganisation.plan(name).row
    found = reorganisation.progress(name)
    running = found.state in (State.APPLYING, State.UNDOING)
    by_itself = running and request.GET.get("tu") == "1"
    handed = sorted(reorganisation.handed_over(name), key=lambda row: -row[2])
    directory, on = units.directory(), clock.today()
    context = {
        "plan": plan,
        "progress": found,
        "state": _(STATES[found.state][0]),
        "state_kind": STATES[found.state][1],
        "running": running,
        "by_itself": by_itself,
        "again": AGAIN,
        "passed": [(_(SUBJECTS[reorganisation.Subject(name)]), count) for name, count in found.passed.items()],
        "waiting": [(name, _(SUBJECTS[reorganisation.Subject(name)]), count) for name, count in found.waiting.items()],
        "waiting_all": sum(found.waiting.values()),
        "handed": [
            (directory.agency(old).name_at(plan.on), directory.agency(new).name_at(on), count)
            for old, new, count in handed[:MOST]
        ],
        "more": max(0, len(handed) - MOST),
        "at": clock.now(),
    }
    response = show(request, seat, "desk/reorganisation/progress.html", context, here="reorganisations")
    if by_itself:
        response["Refresh"] = str(AGAIN)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def taking_back(request: HttpRequest, seat: Seat, name: str) -> HttpResponse:
    """What stands against taking the plan back, once it is asked for: it looks through all that was handed over.

    If nothing does, the button.
    """
    now = clock.now()
    plan = reorganisation.plan(name).row
    if request.method == "POST":
        try:
            reorganisation.undo(name=name, now=now, by=seat.scope)
            return HttpResponseRedirect(address("reorganisation-progress", name))
        except Conflict:  # shown below, as it stands now
            pass
    asked = request.method == "POST" or request.GET.get("xem") == "1"
    obstacles = reorganisation.obstacles(name, now=now) if asked else ()
    context = {
        "plan": plan,
        "asked": asked,
        "obstacles": obstacles,
        "may_undo": not obstacles and Role.LEADER in seat.roles,
    }
    status = 409 if request.method == "POST" else 200
    return show(request, seat, "desk/reorganisation/undo.html", context, here="reorganisations", status=status)
