"""Liên nút: what this office shares with other nodes, whose opinion it asked there, and what it is asked from there."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_safe

from motcua.desk import words
from motcua.desk.frame import show
from motcua.desk.gate import Seat, officials
from motcua.desk.views.dossier import file_answer
from motcua.identity.api import Role
from motcua.kernel import clock
from motcua.kernel.errors import Failure, NotFound
from motcua.screens.pages import address
from motcua.screens.routes import Page
from motcua.transfers import api as transfers

ENDED = {
    "": gettext_noop("chưa trả lời"),
    "answered": gettext_noop("đã trả lời"),
    "over": gettext_noop("không cần trả lời nữa"),
}


@require_safe
def overview(request: HttpRequest, seat: Seat) -> HttpResponse:
    """The shared dossiers with the other node's last signed word and its age, and the questions of both directions."""
    return _page(request, seat)


@require_http_methods(["POST"])
def opinion(request: HttpRequest, seat: Seat, consultation: UUID) -> HttpResponse:
    """Send this office's opinion to who asked for it."""
    typed = request.POST.get("y-kien", "")
    try:
        transfers.give_opinion([consultation], opinion=typed, by=seat.scope, now=clock.now())
    except NotFound:
        raise
    except Failure as failure:
        return _page(request, seat, typed={consultation: (typed, words.refusal(failure))})
    return HttpResponseRedirect(address("across-nodes"))


@require_safe
def paper(request: HttpRequest, seat: Seat, consultation: UUID, sha256: str) -> HttpResponseBase:
    """A paper that came with a question."""
    for one in transfers.consultations(scope=seat.scope, on=clock.today()):
        if one.id == consultation and any(sha256 in files for _, files in one.papers):
            return file_answer(one.code, sha256)
    raise NotFound("file-unknown", "Không có tệp này.")


def _page(request: HttpRequest, seat: Seat, typed: dict[UUID, tuple[str, str]] | None = None) -> HttpResponse:
    now = clock.now()
    shared = transfers.transfers(scope=seat.scope)
    said = transfers.last_words([row.code for row in shared], now=now)
    questions = transfers.consultations(scope=seat.scope, on=clock.today())
    typed = typed or {}
    may_answer = bool(seat.roles & {Role.HANDLER, Role.LEADER})
    return show(
        request,
        seat,
        "desk/across_nodes.html",
        {
            "shared": [
                (row, said[row.code], words.state_words(said[row.code].state) if said[row.code].state else "")
                for row in shared
                if row.code in said
            ],
            "asked": [
                (one, may_answer and not one.ended, *typed.get(one.id, ("", ""))) for one in questions if not one.out
            ],
            "asking": [one for one in questions if one.out],
            "ended": ENDED,
        },
        here="across-nodes",
        status=422 if typed else 200,
    )


GATE = officials(Role.RECEPTION, Role.HANDLER, Role.LEADER)
ANSWERS = officials(Role.HANDLER, Role.LEADER)
PAGES: tuple[Page, ...] = (
    Page("can-bo/lien-nut", overview, "across-nodes", GATE),
    Page("can-bo/lien-nut/<uuid:consultation>", opinion, "across-nodes-opinion", ANSWERS),
    Page("can-bo/lien-nut/<uuid:consultation>/<str:sha256>", paper, "across-nodes-paper", GATE),
)
