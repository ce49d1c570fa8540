"""Plans: the list, one with what is to be done now, its text, its rehearsal, and a new one."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from motcua.desk.frame import show
from motcua.desk.gate import Seat
from motcua.desk.views.reorganisation.said import STATES, of_a_province
from motcua.identity.api import Role
from motcua.kernel import clock
from motcua.kernel.errors import Failure, NotAllowed, Permanent
from motcua.reorganisation import api as reorganisation
from motcua.screens.pages import address

LARGEST = 8_000_000  # bytes; the plan of the whole country has 3 million
MOST_FINDINGS = 200
AGAIN = 5  # seconds, for whoever waits for a rehearsal
MOST_ROWS = 300
State = reorganisation.PlanState


@require_safe
def listing(request: HttpRequest, seat: Seat) -> HttpResponse:
    """All plans, the newest first, and how much waits for this province."""
    _rows, waiting = reorganisation.queue(scope=seat.scope, limit=1)
    context = {
        "plans": [(row, _(STATES[row.state][0]), STATES[row.state][1]) for row in reorganisation.plans()],
        "waiting": waiting,
        "may_register": _may_register(seat),
    }
    return show(request, seat, "desk/reorganisation/plans.html", context, here="reorganisations")


@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, seat: Seat, name: str) -> HttpResponse:
    """One plan: its state, who signed, what is to be done now."""
    error = ""
    if request.method == "POST":
        try:
            return HttpResponseRedirect(_done(request, seat, name))
        except Failure as failure:
            if failure.status in (403, 404):
                raise
            error = f"{failure.detail} {failure.mend}".strip()
    row = reorganisation.plan(name).row
    tasks = reorganisation.tasks(name)
    context: dict[str, Any] = {
        "plan": row,
        "state": _(STATES[row.state][0]),
        "state_kind": STATES[row.state][1],
        "error": error,
        "missing": max(0, row.needed - len(row.signatures)),
        "may_sign": _may_sign(seat, row),
        "may_apply": row.state is State.APPROVED and _leads(seat),
        "begun": row.state in (State.APPLYING, State.APPLIED, State.UNDOING),
        "may_undo": row.state in (State.APPLYING, State.APPLIED),
        "before_its_moment": clock.now() < row.effective_at,
        "tasks": len(tasks),
        "tasks_open": sum(1 for task in tasks if task.done_at is None),
        "waiting": reorganisation.queue(scope=seat.scope, name=name, limit=1)[1],
        "rehearsed": row.rehearsed_at,
    }
    status = 409 if error else 200
    return show(request, seat, "desk/reorganisation/plan.html", context, here="reorganisations", status=status)


def _done(request: HttpRequest, seat: Seat, name: str) -> str:
    """Do what the form says; where to go then."""
    now, act = clock.now(), request.POST.get("viec", "")
    if act == "ky":
        if request.POST.get("da-doc") != "1":
            raise Permanent(
                "not-read",
                "Chưa đánh dấu là đã đọc kế hoạch.",
                mend="Mở văn bản, đọc, rồi đánh dấu vào ô và ký.",
            )
        digest = request.POST.get("ma-bam", "")[:64]
        reorganisation.approve(name=name, digest=digest, position_id=seat.holding.id, now=now, by=seat.scope)
        return address("reorganisation", name)
    if act == "ap-dung":
        reorganisation.apply(name=name, now=now, by=seat.scope)
        published = reorganisation.plan(name).row.state is State.APPLYING
        return address("reorganisation-progress" if published else "reorganisation", name)
    raise Permanent("act-unknown", "Không rõ ông/bà muốn làm gì với kế hoạch.", mend="Dùng các nút trên trang.")


def _leads(seat: Seat) -> bool:
    return Role.LEADER in seat.roles and of_a_province(seat)


def _may_sign(seat: Seat, row: reorganisation.PlanRow) -> bool:
    signed = {signature.official for signature in row.signatures}
    open_ = row.state in (State.REGISTERED, State.APPROVED, State.UNDONE)
    return open_ and _leads(seat) and seat.holding.official_id not in signed


def _may_register(seat: Seat) -> bool:
    return Role.ADMINISTRATOR in seat.roles and of_a_province(seat)


@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Keep a plan that somebody wrote: checked line by line, refused whole if anything is wrong."""
    if not _may_register(seat):
        raise NotAllowed(
            "role-missing",
            "Kế hoạch do quản trị hệ thống của Ủy ban nhân dân cấp tỉnh đưa vào.",
            mend="Chọn vị trí quản trị của tỉnh, hoặc nhờ người giữ vị trí đó.",
        )
    findings: list[Any] = []
    error = ""
    if request.method == "POST":
        try:
            name = reorganisation.register(text=_typed(request), now=clock.now(), by=seat.scope)
            return HttpResponseRedirect(address("reorganisation", name))
        except Failure as failure:
            findings = list(failure.members.get("findings", ()))
            error = _("Kế hoạch có %(n)s chỗ phải sửa.") % {"n": len(findings)} if findings else failure.detail
    context = {"error": error, "findings": findings[:MOST_FINDINGS], "more": max(0, len(findings) - MOST_FINDINGS)}
    status = 422 if error else 200
    return show(request, seat, "desk/reorganisation/new.html", context, here="reorganisations", status=status)


def _typed(request: HttpRequest) -> str:
    sent = request.FILES.get("tep")
    if sent is None or not sent.size:
        raise Permanent("file-missing", "Chưa chọn tệp kế hoạch.", mend="Chọn tệp .plan rồi gửi lại.")
    if sent.size > LARGEST:
        raise Permanent("file-too-large", "Tệp lớn hơn mọi kế hoạch có thể có.", mend="Gửi tệp văn bản của kế hoạch.")
    try:
        return str(sent.read(), "utf-8-sig")
    except UnicodeDecodeError:
        raise Permanent("file-not-text", "Tệp không phải văn bản UTF-8.", mend="Lưu lại dạng văn bản UTF-8.") from None


@require_safe
def text(request: HttpRequest, seat: Seat, name: str) -> HttpResponse:
    """The text that is signed, to the byte."""
    found = reorganisation.plan(name)
    response = HttpResponse(found.text.encode(), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'inline; filename="{found.row.on}.plan"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def rehearsal(request: HttpRequest, seat: Seat, name: str) -> HttpResponse:
    """What the last rehearsal found: totals before and after, what changes hands, what no rule decides; or ask for one.

    While one is asked for, the page comes again by itself if its reader wants that.
    """
    may_ask = of_a_province(seat)
    if request.method == "POST":
        if not may_ask:
            raise NotAllowed(
                "agency-not-entitled",
                "Diễn tập do Ủy ban nhân dân cấp tỉnh yêu cầu.",
                mend="Chọn vị trí của tỉnh, hoặc nhờ người giữ vị trí đó.",
            )
        reorganisation.ask_rehearsal(name=name, now=clock.now(), by=seat.scope)
        return HttpResponseRedirect(address("reorganisation-rehearsal", name))
    row = reorganisation.plan(name).row
    by_itself = row.rehearsal_asked_at is not None and request.GET.get("tu") == "1"
    report = reorganisation.rehearsal(name) or {}
    kinds = {kind["kind"]: kind["words"] for kind in report.get("kinds", ())}
    chosen = request.GET.get("loai", "dossier")[:20]
    waiting = sorted(report.get("waiting", ()), key=lambda found: -found["count"])
    passing = [found for found in report.get("passing", ()) if found["kind"] == chosen]
    context = {
        "plan": row,
        "report": report,
        "kinds": kinds,
        "chosen": chosen,
        "waiting": waiting[:MOST_ROWS],
        "waiting_all": sum(found["count"] for found in waiting),
        "passing": passing[:MOST_ROWS],
        "passing_more": max(0, len(passing) - MOST_ROWS),
        "may_ask": may_ask,
        "by_itself": by_itself,
        "again": AGAIN,
    }
    response = show(request, seat, "desk/reorganisation/rehearsal.html", context, here="reorganisations")
    if by_itself:
        response["Refresh"] = str(AGAIN)
    return response
