"""The registers of incoming and outgoing documents, and drafting a new one."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from motcua.desk.frame import show
from motcua.desk.gate import Seat
from motcua.desk.views.documents import ground
from motcua.documents import api as documents
from motcua.kernel import clock
from motcua.kernel.errors import Failure
from motcua.screens.asking import question
from motcua.screens.pages import address
from motcua.screens.routes import Page

FILE_LIMIT = 50 * 1024 * 1024
FIELD_OF = {
    "receiver-missing": "noi-nhan",
    "receiver-unknown": "noi-nhan",
    "subject-missing": "trich-yeu",
    "answers-malformed": "tra-loi",
    "dossier-unknown": "ho-so",
}


@require_safe
def register(request: HttpRequest, seat: Seat) -> HttpResponse:
    """One register of the seat's agency, or what waits for the caller in both, newest first; narrowed by state and
    words without marks."""
    waiting = request.GET.get("chieu") == ground.WAITING
    direction = None if waiting else ground.DIRECTIONS.get(request.GET.get("chieu", ""), documents.Direction.IN)
    slug = ground.SLUGS[direction] if direction else ground.WAITING
    typed, state = question(request), request.GET.get("trang-thai", "")
    mine = request.GET.get("cua-toi") == "1"
    before = request.GET.get("tiep", "")
    rows, more = documents.register(
        documents.Question(
            seat.scope,
            seat.agency.id,
            direction or "",
            waiting=waiting,
            state=state if state in ground.STATE_WORDS else "",
            words=typed,
            position=seat.scope.position if mine else None,
            before=int(before) if before.isascii() and before.isdecimal() and len(before) < 18 else None,
        )
    )
    kept = {"chieu": slug, "q": typed, "trang-thai": state, "cua-toi": "1" if mine else ""}
    of = (direction,) if direction else tuple(documents.Direction)
    states = {state for step in documents.STEPS if step.direction in of for state in (*step.before, step.to)}
    return show(
        request,
        seat,
        "desk/documents/register.html",
        {
            "slug": slug,
            "rows": [(row, ground.said(ground.STATE_WORDS, row.state), ground.chip(row)) for row in rows],
            "more": address("documents", **kept, tiep=more) if more else "",
            "typed": typed,
            "state": state,
            "mine": mine,
            "states": [(s, _(words)) for s, words in ground.STATE_WORDS.items() if s in states],
            "narrowed": bool(typed or state or mine),
            "priorities": {key: _(words) for key, words in ground.PRIORITY_WORDS.items()},
        },
        here="documents-waiting" if waiting else "documents",
    )


@dataclass
class _Typed:
    """What was typed into a new document, and what is wrong with it."""

    values: dict[str, str] = field(default_factory=dict)
    errors: defaultdict[str, str] = field(default_factory=lambda: defaultdict(str))


NAMES = ("loai", "trich-yeu", "noi-nhan", "noi-dung", "nguoi-ky", "chuc-vu", "do-khan", "han", "ho-so", "tra-loi")


def new(request: HttpRequest, seat: Seat) -> HttpResponse:
    """A form for a draft; what can't be sent is said at its field, and what was typed stays."""
    typed = _Typed({name: request.POST.get(name, "").strip()[:5_000] for name in NAMES})
    if request.method == "POST":
        made = _drafted(request, seat, typed)
        if made:
            return HttpResponseRedirect(made)
    else:
        typed.values["ho-so"] = request.GET.get("ho-so", "")[:60]
        typed.values["tra-loi"] = request.GET.get("tra-loi", "")[:200]
        typed.values["noi-nhan"] = request.GET.get("noi-nhan", "")[:60]
    return show(
        request,
        seat,
        "desk/documents/new.html",
        {
            "values": typed.values,
            "errors": typed.errors,
            "types": documents.TYPES,
            "priorities": [(str(key), _(words)) for key, words in ground.PRIORITY_WORDS.items()],
        },
        here="documents",
        status=422 if typed.errors else 200,
    )


def _drafted(request: HttpRequest, seat: Seat, typed: _Typed) -> str:
    """The address of the draft that was made; "" where something has to be mended."""
    values = typed.values
    due_on = None
    if values["han"]:
        try:
            due_on = date.fromisoformat(values["han"])
        except ValueError:
            typed.errors["han"] = _("Chọn ngày trả lời.")
    uploads = request.FILES.getlist("tep")
    if sum(upload.size or 0 for upload in uploads) > FILE_LIMIT:
        typed.errors["tep"] = _("Các tệp đính kèm cùng nhau không quá 50 MB.")
    if typed.errors:
        return ""
    try:
        files = documents.keep([(upload.name or "tep", upload.read()) for upload in uploads])
    except Failure as failure:
        typed.errors["tep"] = f"{failure.detail} {failure.mend}".strip()
        return ""
    try:
        [made] = documents.draft(
            [
                documents.Draft(
                    agency=seat.agency.id,
                    type=values["loai"],
                    subject=values["trich-yeu"],
                    to=tuple(values["noi-nhan"].replace(",", " ").replace(";", " ").split()),
                    content=values["noi-dung"],
                    signer=values["nguoi-ky"],
                    signer_position=values["chuc-vu"],
                    priority=int(values["do-khan"]) if values["do-khan"] in ("0", "1", "2", "3", "4") else 0,
                    due_on=due_on,
                    dossier=values["ho-so"],
                    answers=values["tra-loi"],
                    files=files,
                )
            ],
            scope=seat.scope,
            now=clock.now(),
        )
    except Failure as failure:
        where = FIELD_OF.get(failure.problem, "ho-so" if failure.status == 404 else "trich-yeu")
        typed.errors[where] = f"{failure.detail} {failure.mend}".strip()
        return ""
    return address("document", made)


PAGES: tuple[Page, ...] = (
    Page("can-bo/van-ban", register, "documents", ground.OFFICE),
    Page("can-bo/van-ban/soan", new, "document-new", ground.OFFICE),
)
