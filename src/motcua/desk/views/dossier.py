"""The dossier's page: its story, its papers, and what this position may do with it now."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from motcua.desk import words
from motcua.desk.frame import show
from motcua.desk.gate import Seat, officials
from motcua.desk.rules import BY_SLUG, SAYS_AGENCY, SAYS_NEW_DUE, asks
from motcua.desk.views import money
from motcua.desk.views.lists import REPORT, report_of
from motcua.dossiers import api as dossiers
from motcua.feedback import api as feedback
from motcua.identity import api as identity
from motcua.kernel import clock, storage
from motcua.kernel.errors import Failure, NotFound, Permanent
from motcua.nationalportal import api as national
from motcua.procedures import api as procedures
from motcua.screens import words as screen_words
from motcua.screens.offices import offices_of
from motcua.screens.pages import address
from motcua.screens.routes import Page
from motcua.slips import api as slips
from motcua.transfers import api as transfers
from motcua.units import api as units

# Where a refusal is shown: under the field that mends it.
FIELD_OF = {
    "reason-missing": "ly-do",
    "agency-missing": "co-quan",
    "agency-unknown": "co-quan",
    "new-due-missing": "hen-ngay",
    "date-unreadable": "hen-ngay",
    "answer-by-unreadable": "tra-loi-truoc",
    "file-too-large": "tep",
    "files-too-many": "tep",
    "file-empty": "tep",
    "file-kind-refused": "tep",
    "paper-nameless": "ten-giay-to",
    "duty-nameless": "ten-khoan",
    "duty-amount": "so-tien",
}
MOST_FILES = 20
INLINE = frozenset({"application/pdf", "image/png", "image/jpeg"})
END_OF_DAY = "17:00"


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the story: done, now or next; where and by whom, when, and what was said with it."""

    state: str
    title: str
    note: str
    said: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """A step that this position may take now, in words; `refused` says why not just now."""

    step: dossiers.Step
    name: str
    effect: str
    source: str
    refused: str
    asks: bool
    reason_label: str
    told: bool
    says_agency: bool
    says_due: bool


@dataclass(frozen=True, slots=True)
class FileOf:
    """A file of a paper: what it is, so that a picture is shown and the rest is opened."""

    sha256: str
    kind: str
    size: int


@require_http_methods(["GET", "HEAD", "POST"])
def dossier(request: HttpRequest, seat: Seat, code: str) -> HttpResponse:
    """Everything about one dossier on one page; a POST takes one of the steps that it offers."""
    if request.method != "POST":
        return page(request, seat, code)
    now, name = clock.now(), request.POST.get("buoc", "")
    dossiers.open_folder(code, scope=seat.scope, now=now)  # a foreign dossier is unknown, whatever is sent
    try:
        if name == "require_duty":
            ask_for_duty(request, seat, code, now)
        else:
            [answer] = dossiers.take_steps([request_of(request, seat, code, name, now)])
            if isinstance(answer, Failure):
                raise answer
    except Failure as failure:
        return page(request, seat, code, step=name, failure=failure)
    request.session[REPORT] = {"step": name, "done": [code], "failed": []}
    return HttpResponseRedirect(address("desk-dossier", code, tu=came_from(request)))


def ask_for_duty(request: HttpRequest, seat: Seat, code: str, now: datetime) -> None:
    """A duty has an amount: what is asked of the applicant is also what it can pay."""
    typed = {field: request.POST.get(field, "").strip() for field in FIELDS}
    money.require_duty(
        seat,
        code,
        name=typed["ten-khoan"][:300],
        amount=typed["so-tien"],
        reason=typed["ly-do"][:2000],
        key=f"desk:{request.POST.get('khoa', '')[:64] or uuid4().hex}",
        now=now,
    )


def request_of(request: HttpRequest, seat: Seat, code: str, name: str, now: datetime) -> dossiers.StepRequest:
    """What was typed and attached, as a request to take the step. The same form sent twice is the same request."""
    step = dossiers.STEP.get(name)
    if step is None:
        raise Permanent("step-unknown", "Không có bước này.", mend="Mở lại hồ sơ và chọn bước trong danh sách.")
    typed = {field: request.POST.get(field, "").strip() for field in FIELDS}
    papers = papers_of(request, step, typed) if step.brings else ()
    told = repr((name, sorted(typed.items()), [(p.component, p.name, p.form, p.files) for p in papers]))
    return dossiers.StepRequest(
        code=code,
        step=name,
        key=f"desk:{request.POST.get('khoa', '')[:64] or uuid4().hex}",
        digest=dossiers.digest_of(told.encode()),
        scope=seat.scope,
        given=dossiers.Given(
            now,
            reason=typed["ly-do"][:2000],
            new_due=moment_of(typed["hen-ngay"], typed["hen-gio"], "date-unreadable")
            if step.name == "extend"
            else None,
            agency=agency_of(typed["co-quan"], now) if step.name in SAYS_AGENCY else None,
            answer_by=moment_of(typed["tra-loi-truoc"], "", "answer-by-unreadable"),
        ),
        position=seat.holding.id,
        papers=papers,
    )


FIELDS = (
    "ly-do",
    "co-quan",
    "tra-loi-truoc",
    "hen-ngay",
    "hen-gio",
    "thanh-phan",
    "ten-giay-to",
    "dang",
    "ten-khoan",
    "so-tien",
)


def moment_of(day: str, hour: str, problem: str) -> datetime | None:
    if not day:
        return None
    try:
        return clock.from_local(f"{day}T{hour or END_OF_DAY}")
    except ValueError:
        raise Permanent(
            problem, "Ngày chưa đúng.", mend="Ghi ngày theo dạng năm-tháng-ngày, ví dụ 2026-11-30."
        ) from None


def agency_of(org: str, now: datetime) -> int | None:
    if not org:
        return None
    found = units.directory().find_agency(org, clock.day_of(now))
    if found is None:
        raise Permanent("agency-unknown", "Không có cơ quan này.", mend="Chọn một cơ quan trong danh sách.")
    return found.id


def papers_of(request: HttpRequest, step: dossiers.Step, typed: Mapping[str, str]) -> tuple[dossiers.Paper, ...]:
    """The files that came with a step, kept; one paper (or result) for all of them."""
    files = [file for file in request.FILES.getlist("tep") if isinstance(file, UploadedFile)]
    if not files:
        return ()
    if len(files) > MOST_FILES:
        raise Permanent("files-too-many", f"Mỗi lần gửi được {MOST_FILES} tệp.", mend="Gửi làm nhiều lần.")
    kept = storage.files()
    stored = [kept.put(file.chunks(), settings.UPLOAD_LIMIT, storage.PAPERS) for file in files]
    result = step.brings is dossiers.Brings.RESULTS
    component = "" if result else typed["thanh-phan"]
    name = typed["ten-giay-to"] or (_("Kết quả giải quyết") if result else "")
    form = typed["dang"] if typed["dang"] in words.PAPER_FORMS else "electronic"
    return (
        dossiers.Paper(
            component=component[:80], form=form, files=tuple(file.sha256 for file in stored), name=name[:300]
        ),
    )


def came_from(request: HttpRequest) -> str:
    """The list that the dossier was opened from, to go back to."""
    slug = request.POST.get("tu") or request.GET.get("tu", "")
    return slug if slug in BY_SLUG else ""


def across(code: str, now: datetime) -> tuple[transfers.Elsewhere, str] | None:
    """The other node's last signed word about a dossier that both hold, with its state in the reader's language."""
    said = transfers.last_words([code], now=now).get(code)
    return (said, words.state_words(said.state) if said.state else "") if said else None


def page(
    request: HttpRequest,
    seat: Seat,
    code: str,
    *,
    step: str = "",
    failure: Failure | None = None,
    note_error: str = "",
) -> HttpResponse:
    now = clock.now()
    folder = dossiers.open_folder(code, scope=seat.scope, now=now)
    where = folder.where
    version = procedures.catalogue().by_id(folder.version)
    state = dossiers.State(where.state)
    left = None if where.working_minutes_left is None else timedelta(minutes=where.working_minutes_left)
    deeds = deeds_of(folder, seat)
    error_field = FIELD_OF.get(failure.problem, "") if failure else ""
    error = words.refusal(failure) if failure else ""
    slug = came_from(request)
    context = {
        "folder": folder,
        "where": where,
        "offices": offices_of(where, clock.day_of(now)),
        "version": version,
        "chip": words.chip(state, left, folder.act_left, where.due_at, now),
        "state": words.state_words(where.state),
        "channel": _(words.CHANNELS[folder.channel]),
        "points": points(folder),
        "clock_rows": dossiers.clock_of(where.code, now=now),
        "papers": papers_shown(folder, version),
        "content": content_shown(folder, version),
        "notes": notes_shown(folder),
        "next_people": next_people(folder, now),
        "national": national.standing(where.code),
        "across": across(where.code, now),
        "deeds": deeds,
        "process": folder.process,
        "slips": slips_of(where.code, seat),
        "proxy": slips.proxy_line(folder.applicant),
        "delivery": slips.delivery_line(folder.applicant, where.reception.name),
        "owed": money.owed(where.code, seat),
        "rating": feedback.asked(where.code, scope=seat.scope, secret=None, now=now).rating,
        "agencies": agencies_near(folder.area, now) if any(d.says_agency for d in deeds) else (),
        "components": version.components,
        "results": version.results,
        "key": uuid4().hex,
        "report": report_of(request),
        "failed_step": step if failure else "",
        "error_field": error_field,
        "error": error,
        "note_error": note_error,
        "typed": {field: request.POST.get(field, "") for field in (*FIELDS, "ghi-chu")},
        "tu": slug,
        "back": address("desk-list", slug) if slug else address("desk"),
        "limit_mb": settings.UPLOAD_LIMIT // (1024 * 1024),
    }
    status = failure.status if failure else 422 if note_error else 200
    return show(request, seat, "desk/dossier.html", context, here=BY_SLUG[slug].name if slug else "", status=status)


def deeds_of(folder: dossiers.Folder, seat: Seat) -> list[Deed]:
    """The steps that the table gives this position, at its own agency, in words."""
    places = {"reception": folder.reception, "resolving": folder.resolving, "consulted": folder.consulted}
    directory, today = units.directory(), clock.today()
    found = []
    for allowed in folder.allowed:
        step = dossiers.STEP[allowed.name]
        if places[step.at.value] != seat.agency.id:
            continue
        holder = ""
        if step.to is not None and (place := dossiers.STATE[step.to].holder.value) in places:
            agency = places[place]
            holder = directory.agency(agency).name_at(today) if agency else _("cơ quan được hỏi")
        found.append(
            Deed(
                step=step,
                name=words.step_words(step.name),
                effect=words.effect(step, holder),
                source=allowed.source,
                refused=allowed.refused,
                asks=asks(step.name, step.needs_reason, step.brings.value),
                reason_label=_(words.REASON_LABELS.get(step.name, words.REASON)) if step.needs_reason else "",
                told=step.name in words.TOLD_THE_APPLICANT,
                says_agency=step.name in SAYS_AGENCY,
                says_due=step.name in SAYS_NEW_DUE,
            )
        )
    return sorted(found, key=lambda deed: (bool(deed.refused), MAIN.get(deed.step.name, 50)))


# What moves a dossier on comes first, then what asks for something, last what ends it early.
ORDER = (
    *("accept", "hand_over", "process", "propose", "approve", "sign", "finish", "return_result", "answer", "complete"),
    *("send_papers", "pay_fee", "perform_duty", "end_outage", "ask_for_papers", "ask_for_completion", "ask_for_fee"),
    *("consult", "require_duty", "go_on_without_answer", "send_back", "decline_to_sign", "sign_refusal", "digitise"),
    *("extend", "refuse", "withdraw", "report_outage", "stop"),
)
MAIN = {name: n for n, name in enumerate(ORDER)}


def points(folder: dossiers.Folder) -> list[Point]:
    """The story: what was done, where and by whom; what is being done; what comes."""
    directory = units.directory()
    people = identity.holders({row.position for row in folder.log if row.position is not None})
    told = []
    for row in folder.log:
        place = directory.agency(row.agency).name_at(clock.day_of(row.at)) if row.agency else ""
        person = people[row.position].official if row.position is not None and row.position in people else ""
        told.append(Point("done", words.step_words(row.step), _note(row.at, place, person), row.reason))
    where = folder.where
    if where.holder is not None:
        told.append(Point("now", words.state_words(where.state), where.holder.name))
        if where.due_at:
            told.append(Point("next", _("Hẹn trả kết quả"), screen_words.moment(where.due_at)))
    return told


def _note(at: datetime, place: str, person: str) -> str:
    return " · ".join(part for part in (screen_words.short_moment(at), screen_words.capital(place), person) if part)


def papers_shown(
    folder: dossiers.Folder, version: procedures.Version
) -> list[tuple[dossiers.PaperRow, str, str, list[FileOf]]]:
    """Each paper with its name, its form in words, and its files."""
    names = {component.key: component.name for component in version.components}
    return [
        (
            paper,
            paper.name or names.get(paper.key, paper.key),
            _(words.PAPER_FORMS.get(paper.form, paper.form)),
            [file_shown(sha256) for sha256 in paper.files],
        )
        for paper in folder.papers
    ]


def file_shown(sha256: str) -> FileOf:
    files = storage.files()
    if not files.exists(sha256):
        return FileOf(sha256, "", 0)
    return FileOf(sha256, kind_of(sha256), files.size(sha256))


@lru_cache(maxsize=20_000)  # the same digest is the same bytes for ever
def kind_of(sha256: str) -> str:
    """The type of a kept file by its beginning: what may be shown in the page is told apart, the rest is opened."""
    chunks: Iterator[bytes] = storage.files().open(sha256)
    return storage.content_type(next(chunks, b"")[: storage.HEAD], b"", is_text=False)


def content_shown(folder: dossiers.Folder, version: procedures.Version) -> list[tuple[str, str]]:
    """The filled-in form, by the names of its fields."""
    fields = version.schema.get("properties", {})
    return [
        (str(fields.get(name, {}).get("title", name)), _plain(value))
        for name, value in folder.content.items()
        if value not in ("", None, [], {})
    ]


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return _("có") if value else _("không")
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_plain(each)}" for key, each in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "; ".join(map(_plain, value))
    return str(value)


def notes_shown(folder: dossiers.Folder) -> list[tuple[str, str]]:
    directory = units.directory()
    people = identity.holders({note.position for note in folder.notes if note.position is not None})
    shown = []
    for note in folder.notes:
        person = people[note.position].official if note.position is not None and note.position in people else ""
        place = directory.agency(note.agency).name_at(clock.day_of(note.at))
        shown.append((_note(note.at, place, person), note.text))
    return shown


def next_people(folder: dossiers.Folder, now: datetime) -> str:
    """Who acts next: the officials who hold that role where the dossier lies."""
    actor = dossiers.STATE[dossiers.State(folder.where.state)].next
    if actor is None or folder.holder is None:
        return ""
    if actor is dossiers.Actor.APPLICANT:
        return _("người nộp")
    role = identity.Role(actor.value)
    held = identity.positions_in(folder.holder, clock.day_of(now))
    names = [f"{holding.official} ({holding.title})" for holding in held if holding.role is role]
    more = _("và %(n)s người khác") % {"n": len(names) - 3} if len(names) > 3 else ""
    return ", ".join([*names[:3], *([more] if more else [])]) or _(words.ROLE_NAMES[role])


def slips_of(code: str, seat: Seat) -> list[tuple[str, str, str]]:
    """The forms that can be printed: number, name, address."""
    return [
        (found.form, found.title, address("desk-slip", code, found.form))
        for found in slips.available(code, scope=seat.scope)
    ]


def agencies_near(area: int, now: datetime) -> list[tuple[str, str]]:
    """Whom an office may ask: the agencies of its province, by identifier and name."""
    directory, on = units.directory(), clock.day_of(now)
    province = directory.province_of(area, on)
    found = [
        agency
        for unit in (province, *directory.communes_of(province.id, on))
        for agency in directory.agencies_of(unit.id, on)
        if agency.kind in (units.AgencyKind.DEPARTMENT, units.AgencyKind.PEOPLES_COMMITTEE)
    ]
    return sorted(((a.org(on), a.name_at(on)) for a in found if a.org(on)), key=lambda pair: pair[1])


@require_POST
def note(request: HttpRequest, seat: Seat, code: str) -> HttpResponse:
    """Write something down for colleagues; the applicant never sees it."""
    made = dossiers.NewNote(code, request.POST.get("ghi-chu", ""), seat.scope)
    try:
        dossiers.write_notes([made], now=clock.now())
    except NotFound:
        raise
    except Failure as failure:
        return page(request, seat, code, note_error=failure.detail)
    return HttpResponseRedirect(address("desk-dossier", code, tu=came_from(request)) + "#ghi-chu")


@require_safe
def paper_file(request: HttpRequest, seat: Seat, code: str, sha256: str) -> HttpResponseBase:
    """A file of this dossier: PDF and pictures in the browser, everything else to be kept."""
    dossiers.file_of(code, sha256, scope=seat.scope)
    return file_answer(code, sha256)


def file_answer(code: str, sha256: str) -> StreamingHttpResponse:
    """A kept file about this dossier, for a browser that may have it."""
    kind = kind_of(sha256)
    shown = kind in INLINE
    response = StreamingHttpResponse(
        storage.files().open(sha256), content_type=kind if shown else "application/octet-stream"
    )
    response["Content-Length"] = str(storage.files().size(sha256))
    name = f"{code}-{sha256[:8]}{EXTENSIONS.get(kind, '')}"
    response["Content-Disposition"] = f'{"inline" if shown else "attachment"}; filename="{name}"'
    response["Content-Security-Policy"] = FILE_POLICY
    return response


# The browser's own PDF viewer is an embedded object with a style; nothing else of a file may do anything.
FILE_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'none'"
EXTENSIONS = {"application/pdf": ".pdf", "image/png": ".png", "image/jpeg": ".jpg", "image/tiff": ".tif"}

PAGES: tuple[Page, ...] = (
    Page("can-bo/ho-so/<str:code>", dossier, "desk-dossier", officials()),
    Page("can-bo/ho-so/<str:code>/ghi-chu", note, "desk-note", officials()),
    Page("can-bo/ho-so/<str:code>/tep/<str:sha256>", paper_file, "desk-file", officials()),
)
