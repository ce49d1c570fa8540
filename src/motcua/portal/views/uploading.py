"""Files of a draft: in pieces that go on after a lost connection, or whole from a browser without scripts."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from motcua.dossiers import api as dossiers
from motcua.identity import api as identity
from motcua.kernel import clock, storage
from motcua.kernel.errors import Conflict, Failure, NotFound
from motcua.kernel.text import fold
from motcua.portal import actions, queries, rules
from motcua.portal.gate import Citizen, signed_in
from motcua.procedures import api as procedures
from motcua.screens.pages import address
from motcua.screens.routes import Page

KINDS = "PDF, JPG, PNG, TIFF, DOCX, XLSX, XML, ZIP, TXT"
ACCEPT = ".pdf,.jpg,.jpeg,.png,.tif,.tiff,.docx,.xlsx,.xml,.zip,.txt,image/jpeg,image/png,application/pdf"
PIECE = 512 * 1024  # bytes of one piece at most

WRONG = {
    "file-kind-refused": gettext_noop("Tệp này không thuộc loại được nhận. Ông/bà gửi ảnh chụp hoặc tệp PDF."),
    "file-too-large": gettext_noop("Tệp lớn hơn 50 MB. Ông/bà chụp lại với độ phân giải thấp hơn, hoặc tách ra."),
    "file-empty": gettext_noop("Tệp này trống. Ông/bà chọn lại tệp."),
    "file-too-long": gettext_noop("Tệp đã đổi trong khi gửi. Ông/bà chọn lại tệp."),
    "draft-full": gettext_noop("Hồ sơ đã đủ số tệp hoặc dung lượng được nhận. Ông/bà bỏ bớt tệp khác."),
    "storage-failing": gettext_noop("Máy chủ chưa lưu được tệp. Ông/bà thử lại sau ít phút."),
}


def in_words(failure: Failure) -> str:
    return _(WRONG[failure.problem]) if failure.problem in WRONG else failure.detail


def keep_sent(request: HttpRequest, draft: queries.DraftRow, *, scope: identity.Scope, now: datetime) -> dict[str, str]:
    """Keep the files of a plain form; gives what is wrong, by the name of the field."""
    errors = {}
    for field in request.FILES:
        if field != "tep" and not field.startswith("tep."):
            continue
        for sent in request.FILES.getlist(field):
            name = rules.clean_name(sent.name or "")
            try:
                actions.keep_file(
                    draft=draft.id,
                    scope=scope,
                    component=field.removeprefix("tep").removeprefix("."),
                    name=name,
                    size=sent.size or 0,
                    chunks=sent.chunks(),
                    now=now,
                )
            except Conflict:
                raise
            except Failure as failure:
                errors[field] = f"{name}: {in_words(failure)}"
    return errors


@dataclass(frozen=True, slots=True)
class OwnPaper:
    """Giấy tờ đã có trong kho: a file of one of the person's earlier dossiers, or a result that was given out."""

    name: str
    code: str
    filed_on: date
    sha256: str
    result: bool


LOOKED_AT = 20  # dossiers, the newest


def own_papers(scope: identity.Scope, now: datetime) -> tuple[OwnPaper, ...]:
    """What the person has handed in or received before, the newest first."""
    codes = [found.code for found in dossiers.of_party(scope, now=now)[:LOOKED_AT]]
    found = []
    for record in dossiers.records(codes, scope=scope).values() if codes else ():
        names = {c.key: c.name for c in procedures.catalogue().by_id(record.version).components}
        for paper in record.papers:
            name = rules.lead(paper.name or names.get(paper.key, ""))
            for sha256 in paper.files:
                filed_on = clock.day_of(record.filed_at)
                found.append(OwnPaper(name, record.code, filed_on, sha256, paper.kind == dossiers.Brings.RESULTS.value))
    return tuple(sorted(found, key=lambda paper: paper.filed_on, reverse=True))


def fitting(own: tuple[OwnPaper, ...], name: str, taken: set[str]) -> tuple[OwnPaper, ...]:
    """Those that may serve as this paper: of the same name, or a result that the paper's name speaks of."""
    wanted, lead, fits = fold(name), fold(rules.lead(name)), []
    for paper in own:
        said = fold(paper.name)
        if said and (said == lead or (paper.result and said in wanted)) and paper.sha256 not in taken:
            taken = taken | {paper.sha256}
            fits.append(paper)
    return tuple(fits[:3])


def reuse(chosen: str, draft: queries.DraftRow, *, scope: identity.Scope, now: datetime) -> None:
    """Take a paper of an earlier dossier into the draft; `chosen` is component, code and digest."""
    component, code, sha256 = (*chosen.rsplit("/", 2), "", "")[:3]
    named = {paper.sha256: paper for paper in own_papers(scope, now)}
    name = f"{named[sha256].name} ({code})" if sha256 in named else ""
    actions.reuse_file(draft=draft.id, scope=scope, component=component, code=code, sha256=sha256, name=name, now=now)


def drop(upload: str, *, scope: identity.Scope) -> None:
    """Take a file out of its draft; one that is gone already stays gone."""
    try:
        actions.drop_upload(upload=UUID(upload), scope=scope)
    except ValueError:
        raise NotFound("upload-unknown", "Không có tệp này.") from None


@require_POST
def begin_upload(request: HttpRequest, citizen: Citizen, code: str, draft: UUID) -> HttpResponse:
    """A file is about to come in pieces: where to send them, and from which byte on."""
    try:
        row = actions.begin_upload(
            draft=draft,
            scope=citizen.scope,
            component=request.POST.get("thanh-phan", "")[:80],
            name=rules.clean_name(request.POST.get("ten", "")),
            size=_number(request.POST.get("co", "")),
            now=clock.now(),
        )
    except Failure as failure:
        return told(failure)
    return state(row)


@require_http_methods(["GET", "POST"])
def upload_part(request: HttpRequest, citizen: Citizen, upload: UUID) -> HttpResponse:
    """GET says how much has come; POST brings the next piece, whose place is in `tu`."""
    try:
        row = queries.upload_of(upload, scope=citizen.scope)
        if request.method == "POST":
            if _number(request.headers.get("Content-Length", "")) > PIECE:
                return JsonResponse({"error": _("Phần này quá lớn.")}, status=413)
            row = actions.receive_chunk(
                upload=upload, scope=citizen.scope, offset=_number(request.GET.get("tu", "")), chunk=request.body
            )
    except Failure as failure:
        return told(failure)
    return state(row)


def state(row: queries.UploadRow) -> HttpResponse:
    return JsonResponse(
        {
            "id": str(row.id),
            "offset": row.offset,
            "size": row.size,
            "whole": bool(row.sha256),
            "part": address("upload-part", row.id),
            "link": address("draft-file", row.id) if row.sha256 else "",
            "piece": PIECE,
        }
    )


def told(failure: Failure) -> HttpResponse:
    answer = {"error": in_words(failure)}
    return JsonResponse(answer | {key: failure.members[key] for key in ("offset",) if key in failure.members},
                        status=failure.status)  # fmt: skip


@require_safe
def draft_file(request: HttpRequest, citizen: Citizen, upload: UUID) -> StreamingHttpResponse:
    """A file of one's own draft, to look at again."""
    row = queries.upload_of(upload, scope=citizen.scope)
    if not row.sha256:
        raise NotFound("upload-unknown", "Tệp chưa gửi xong.")
    response = StreamingHttpResponse(storage.files().open(row.sha256), content_type=row.content_type)
    response["Content-Disposition"] = content_disposition_header(True, row.name) or "attachment"
    response["Content-Length"] = str(row.size)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 16 else 0


PAGES: tuple[Page, ...] = (
    Page("nop/<str:code>/<uuid:draft>/tep", begin_upload, "upload-begin", signed_in),
    Page("tep-nhap/<uuid:upload>", upload_part, "upload-part", signed_in),
    Page("tep-nhap/<uuid:upload>/xem", draft_file, "draft-file", signed_in),
)
