"""Runs of conversion at the desk: what became of every row, what was refused and why, and corrections to decide."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_safe

from motcua.conversion import api as conversion
from motcua.desk.frame import show
from motcua.desk.gate import Seat, officials
from motcua.dossiers import api as dossiers
from motcua.kernel import clock
from motcua.kernel.errors import Failure, NotAllowed, NotFound, Permanent
from motcua.procedures import api as procedures
from motcua.screens import words
from motcua.screens.pages import address
from motcua.screens.routes import Page
from motcua.units import api as units

PAGE = 50
AGAIN = 10  # seconds, for whoever watches a run that is being loaded
MOST_AT_THE_DESK = 50_000  # refused rows in one file; the command line writes as many as there are
PHASES = {
    "loading": (gettext_noop("đang nạp"), "soon"),
    "loaded": (gettext_noop("đã nạp"), "in-time"),
    "signed": (gettext_noop("đã ký bàn giao"), "done"),
    "cleared": (gettext_noop("đã dọn dữ liệu trung gian"), "done"),
}
WHYS = {
    "moved": gettext_noop("hồ sơ đã được xử lý tiếp ở đây"),
    "code": gettext_noop("mã hồ sơ khác với lần nạp trước"),
}
VERDICTS = {
    "open": (gettext_noop("chờ quyết định"), "soon"),
    "taken": (gettext_noop("đã lấy theo hệ thống cũ"), "in-time"),
    "kept": (gettext_noop("giữ bản ở đây"), "done"),
}
CHOICES = {"lay": conversion.Verdict.TAKEN, "giu": conversion.Verdict.KEPT}
FORMS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
STATES = {row.number: row for row in dossiers.STATES}


@require_safe
def listing(request: HttpRequest, seat: Seat) -> HttpResponse:
    """The runs of this area, newest first."""
    rows = conversion.runs(scope=seat.scope, on=clock.today())
    context = {"rows": [(row, _(PHASES[row.phase][0]), PHASES[row.phase][1]) for row in rows]}
    return show(request, seat, "desk/conversion/runs.html", context, here="administration")


@require_safe
def one(request: HttpRequest, seat: Seat, run: str) -> HttpResponse:
    """A run from its files to what became of every row. Comes again by itself, if asked to, while it is loaded."""
    row = conversion.one(run, scope=seat.scope, on=clock.today())
    running = row.phase == "loading"
    by_itself = running and request.GET.get("tu") == "1"
    held, waiting = conversion.held_figures(run)
    context = {
        "run": row,
        "phase": _(PHASES[row.phase][0]),
        "phase_kind": PHASES[row.phase][1],
        "good": row.read - row.rejected,
        "done": row.added + row.corrected,
        "held": held,
        "waiting": waiting,
        "figures": conversion.reject_figures(run) if row.rejected else (),
        "reconciled": _reconciled(run, seat),
        "may_read_rows": conversion.may_read_rows(row, seat.scope),
        "running": running,
        "by_itself": by_itself,
        "again": AGAIN,
        "at": clock.now(),
    }
    response = show(request, seat, "desk/conversion/run.html", context, here="administration")
    if by_itself:
        response["Refresh"] = str(AGAIN)
    return response


def _reconciled(run: str, seat: Seat) -> bool:
    try:
        conversion.hand_over(run, scope=seat.scope, on=clock.today())
    except NotFound:
        return False
    return True


@require_safe
def rejects(request: HttpRequest, seat: Seat, run: str) -> HttpResponse:
    """The refused rows in order: file, row, and why in words."""
    row = conversion.one(run, scope=seat.scope, on=clock.today())
    after = (_number(request, "tep", -1), _number(request, "dong", -1))
    mask = _number(request, "ly-do", 0) or None
    rows = conversion.rejects(run, after=after, limit=PAGE + 1, mask=mask)
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    context = {
        "run": row,
        "rows": rows[:PAGE],
        "more": {"tep": last.place, "dong": last.row} if last else None,
        "first": after == (-1, -1),
        "mask": mask or "",
        "figures": conversion.reject_figures(run),
        "may_read_rows": conversion.may_read_rows(row, seat.scope),
    }
    return show(request, seat, "desk/conversion/rejects.html", context, here="administration")


def _number(request: HttpRequest, name: str, otherwise: int) -> int:
    typed = request.GET.get(name, "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= 18 else otherwise


@require_safe
def rejects_file(request: HttpRequest, seat: Seat, run: str, form: str) -> HttpResponse:
    """The refused rows as the old system wrote them, with place and reasons, to be mended and sent again."""
    row = conversion.one(run, scope=seat.scope, on=clock.today())
    if form not in FORMS:
        raise NotFound("rejects-form", f"Không có tệp dạng {form!r}.", mend="Chọn csv hoặc xlsx.")
    if not conversion.may_read_rows(row, seat.scope):
        raise NotAllowed(
            "rows-of-unknown-place",
            "Có dòng bị loại không rõ thuộc đơn vị nào: tệp này do cấp tỉnh tải.",
            mend="Nhờ quản trị hệ thống của tỉnh.",
        )
    if row.rejected > MOST_AT_THE_DESK:
        raise Permanent(
            "too-many-rows",
            f"{words.number(row.rejected)} dòng quá nhiều để tải từ trang này.",
            mend=f"Người vận hành chạy “motcua convert rejects {run} --out …”.",
        )
    response = HttpResponse(conversion.rejects_file(run, form), content_type=FORMS[form])
    response["Content-Disposition"] = f'attachment; filename="dong-loai-{run}.{form}"'
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def held(request: HttpRequest, seat: Seat, run: str) -> HttpResponse:
    """Corrections that were not written over what was done here, those that wait first."""
    row = conversion.one(run, scope=seat.scope, on=clock.today())
    page = min(max(1, _number(request, "trang", 1)), 100_000) - 1
    every, waiting = conversion.held_figures(run)
    rows = conversion.held(run, PAGE, offset=page * PAGE)
    context = {
        "run": row,
        "rows": [
            (found, _(WHYS[found.why]), _(VERDICTS[found.decision][0]), VERDICTS[found.decision][1]) for found in rows
        ],
        "waiting": waiting,
        "found": every,
        "page": page,
        "pages": -(-every // PAGE),
    }
    return show(request, seat, "desk/conversion/held.html", context, here="administration")


@require_http_methods(["GET", "HEAD", "POST"])
def correction(request: HttpRequest, seat: Seat, run: str) -> HttpResponse:
    """One correction: what the old system now writes otherwise, what taking it does; then the decision."""
    number = request.GET.get("so", "")[:60]
    error, reason = "", ""
    if request.method == "POST":
        reason = request.POST.get("vi-sao", "")[:2_000]
        try:
            verdict = CHOICES.get(request.POST.get("viec", ""), conversion.Verdict.OPEN)
            conversion.settle([conversion.Settled(run, number, verdict, reason)], scope=seat.scope, now=clock.now())
            return HttpResponseRedirect(address("conversion-correction", run, so=number))
        except Failure as failure:
            if failure.status in (403, 404):
                raise
            error = f"{failure.detail} {failure.mend}".strip()
    row = conversion.one(run, scope=seat.scope, on=clock.today())
    found = conversion.correction(run, number, scope=seat.scope, on=clock.today())
    context = {
        "run": row,
        "one": found,
        "why": _(WHYS[found.row.why]),
        "verdict": _(VERDICTS[found.row.decision][0]),
        "verdict_kind": VERDICTS[found.row.decision][1],
        "lines": [
            (each.vi, _value(each.field, each.before), _value(each.field, each.after)) for each in found.differences
        ],
        "state": words.named(STATES[found.state]),
        "error": error,
        "reason": reason,
    }
    status = 409 if error else 200
    return show(request, seat, "desk/conversion/correction.html", context, here="administration", status=status)


def _value(field: str, value: Any) -> str:
    """A value of a record in words."""
    match value:
        case None | "":
            return ""
        case datetime():
            return f"{value:%d/%m/%Y %H:%M}"
        case date():
            return words.day(value)
        case str() if field == "procedure":
            version = procedures.catalogue().version(value, clock.today())
            return f"{value} {version.name}" if version else value
        case int() if field == "state":
            return STATES[value].vi
        case int() if field == "fee":
            return words.money(value)
        case int() if field == "area":
            return units.directory().unit(value).at(clock.today()).full_name
        case int():
            return units.directory().agency(value).name_at(clock.today())
    return str(value)


GATE = officials(*sorted(conversion.MAY_SETTLE))
PAGES: tuple[Page, ...] = (
    Page("can-bo/chuyen-doi", listing, "conversions", GATE),
    Page("can-bo/chuyen-doi/dot/<str:run>", one, "conversion", GATE),
    Page("can-bo/chuyen-doi/dot/<str:run>/dong-loai", rejects, "conversion-rejects", GATE),
    Page("can-bo/chuyen-doi/dot/<str:run>/dong-loai.<str:form>", rejects_file, "conversion-rejects-file", GATE),
    Page("can-bo/chuyen-doi/dot/<str:run>/cho-xem", held, "conversion-held", GATE),
    Page("can-bo/chuyen-doi/dot/<str:run>/cho-xem/mot", correction, "conversion-correction", GATE),
)
