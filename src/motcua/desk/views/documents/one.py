"""One official document: its story, its files, how it stands with each receiver, and what may be done now."""

from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from motcua.desk.frame import show
from motcua.desk.gate import Seat
from motcua.desk.views.documents import ground
from motcua.documents import api as documents
from motcua.identity import api as identity
from motcua.kernel import clock
from motcua.kernel.errors import Failure, NotFound
from motcua.screens.pages import address
from motcua.screens.routes import Page


def document(request: HttpRequest, seat: Seat, document: UUID) -> HttpResponse:
    """The page of a document; a POST takes one step. What can't be done is said there, with what was typed."""
    error = ""
    typed = {name: request.POST.get(name, "").strip()[:4_000] for name in ("ly-do", "nguoi", "so-ngay")}
    opened = documents.open_document(document, scope=seat.scope)
    if request.method == "POST":
        try:
            _take(request, seat, document, typed, clock.now())
        except NotFound:
            raise
        except Failure as failure:
            error = f"{failure.detail} {failure.mend}".strip()
        else:
            return HttpResponseRedirect(address("document", document))
    row = opened.row
    positions = {line.position for line in opened.log} | {line.to_position for line in opened.log} | {row.position}
    names = identity.holders([position for position in positions if position is not None])

    def name_of(position: int | None) -> str:
        held = names.get(position) if position is not None else None
        return held.official if held else ""

    return show(
        request,
        seat,
        "desk/documents/one.html",
        {
            "doc": opened,
            "row": row,
            "slug": ground.SLUGS[documents.Direction(row.direction)],
            "state": ground.said(ground.STATE_WORDS, row.state),
            "chip_kind": ground.chip(row),
            "priority": _(ground.PRIORITY_WORDS[row.priority]),
            "signature": ground.said(ground.SIGNATURE_WORDS, opened.signature),
            "request_words": ground.said(ground.REQUEST_WORDS, opened.request) if opened.request else "",
            "log": [
                (
                    line,
                    ground.said(ground.STEP_WORDS, line.step),
                    name_of(line.position),
                    name_of(line.to_position),
                )
                for line in opened.log
            ],
            "said": [(line, ground.said(ground.STATUS_WORDS, line.code)) for line in opened.said],
            "receivers": [
                (one, ground.said(ground.LINE_WORDS, one.line), ground.said(ground.STATUS_WORDS, one.status))
                for one in opened.receivers
            ],
            "holder": name_of(row.position),
            "steps": [(step, ground.said(ground.STEP_WORDS, step.name)) for step in opened.steps],
            "colleagues": ground.colleagues(seat) if any(step.names_position for step in opened.steps) else (),
            "typed": typed,
            "error": error,
            "newest": max((file.version for file in opened.files), default=1),
        },
        here="documents",
        status=422 if error else 200,
    )


def _take(request: HttpRequest, seat: Seat, document: UUID, typed: dict[str, str], now: datetime) -> None:
    """Take the step, or write down the dossier."""
    step = request.POST.get("buoc", "")
    if step == "link":
        code = request.POST.get("ho-so", "").strip()[:60]
        documents.link(document=document, dossier=code, scope=seat.scope, now=now)
        return
    person, days = typed["nguoi"], typed["so-ngay"]
    documents.take_steps(
        [
            documents.StepRequest(
                document,
                step,
                words=typed["ly-do"],
                to_position=int(person) if step in ("assign", "ask_opinion") and _is_number(person) else None,
                working_days=int(days) if step == "assign" and _is_number(days) else None,
            )
        ],
        scope=seat.scope,
        now=now,
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 18


@require_safe
def file(request: HttpRequest, seat: Seat, document: UUID, file: int) -> HttpResponseBase:
    """A file of a document, to be kept by the browser: never shown as a page."""
    found, content = documents.file_of(document, file, scope=seat.scope)
    response = StreamingHttpResponse(content, content_type="application/octet-stream")
    response.headers["Content-Length"] = str(found.size)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name)}"
    return response


PAGES: tuple[Page, ...] = (
    Page("can-bo/van-ban/<uuid:document>", document, "document", ground.OFFICE),
    Page("can-bo/van-ban/<uuid:document>/tep/<int:file>", file, "document-file", ground.OFFICE),
)
