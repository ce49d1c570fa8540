"""In step with others: what the national portal knows of our dossiers, what it refuses, what lies at ministries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST, require_safe

from motcua.desk.frame import show
from motcua.desk.gate import Seat, officials
from motcua.dossiers import api as dossiers
from motcua.identity.api import Role
from motcua.kernel import clock
from motcua.nationalportal import api as national
from motcua.screens.pages import address
from motcua.screens.routes import Page
from motcua.screens.words import named
from motcua.units import api as units

KINDS: Mapping[str, str] = {
    "dossier-new": gettext_noop("hồ sơ mới"),
    "dossier-update": gettext_noop("cập nhật hồ sơ"),
    "progress": gettext_noop("tiến độ"),
    "arrival-answer": gettext_noop("trả lời hồ sơ nộp trên cổng"),
}
DIFFERENCES: Mapping[str, str] = {
    national.Kind.MISSING_THERE.value: gettext_noop("cổng chưa có hồ sơ"),
    national.Kind.STEPS_MISSING.value: gettext_noop("cổng thiếu bước"),
    national.Kind.STATUS.value: gettext_noop("trạng thái khác nhau"),
    national.Kind.DUE.value: gettext_noop("ngày hẹn trả khác nhau"),
    national.Kind.BEYOND.value: gettext_noop("cổng có nhiều bước hơn"),
    national.Kind.UNKNOWN_HERE.value: gettext_noop("ở đây không có hồ sơ này"),
}
LONGEST_TEXT = 1000  # characters of a field or a reason
MENDED = ("TrichYeuHoSo", "NguoiXuLy", "ChucDanh", "NoiDungXuLy", "GhiChu", "ChuHoSo", "Email", "SoDienThoai")
"""Texts that may be corrected before sending again; codes, states and moments come from the log only."""


@require_safe
def in_step(request: HttpRequest, seat: Seat) -> HttpResponse:
    """In step, waiting, refused with the portal's words and what to mend; the last comparisons of both books."""
    reports = national.reports(scope=seat.scope)
    return show(
        request,
        seat,
        "desk/in_step.html",
        {
            "configured": national.configured(),
            "step": national.in_step(scope=seat.scope),
            "refusals": [(one, _(KINDS.get(one.kind, one.kind))) for one in national.refusals(scope=seat.scope)],
            "not_taken": national.not_taken(scope=seat.scope),
            "reports": reports,
            "differences": [(d, _(DIFFERENCES[d.kind])) for d in (reports[0].differences if reports else ())],
            "fields": MENDED,
            "may_mend": not seat.roles.isdisjoint(MENDERS),
            "sent": request.GET.get("da-gui", "")[:1],
        },
        here="in-step",
    )


@require_POST
def mend(request: HttpRequest, seat: Seat, refusal: UUID) -> HttpResponse:
    """Send a refused parcel again under its own id; with one text corrected if one was typed."""
    name, value = request.POST.get("truong", ""), request.POST.get("noi-dung", "").strip()[:LONGEST_TEXT]
    changes = {name: value} if name in MENDED and value else {}
    reason = request.POST.get("ly-do", "").strip()[:LONGEST_TEXT] or "gửi lại từ trang cổng quốc gia"
    national.correct(refusal=refusal, changes=changes, scope=seat.scope, reason=reason, now=clock.now())
    return HttpResponseRedirect(address("in-step", **{"da-gui": 1}))


@require_POST
def take_again(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Try again to take in a dossier that a citizen filed on the portal."""
    national.take_again([request.POST.get("ma", "")[:100]], scope=seat.scope, now=clock.now())
    return HttpResponseRedirect(address("in-step", **{"da-gui": 1}))


@dataclass(frozen=True, slots=True)
class Row:
    """How many dossiers of one agency stand in one state in one system, and how old the figure is."""

    agency: str
    state: str
    count: int
    late: int
    changed_at: datetime
    seen_at: datetime


@require_safe
def at_ministries(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Where this seat's dossiers stand in systems that we don't run, by system, agency and state."""
    now = clock.now()
    states = {str(row.national): row for row in reversed(dossiers.STATES)}  # the first state with a code names it
    found: dict[str, list[Row]] = {system.name: [] for system in national.systems()}
    for row in national.at_ministries(scope=seat.scope, now=now):
        agency = units.directory().agency(row.agency).name_at(clock.today()) if row.agency else _("cơ quan không rõ")
        state = named(states[row.status]) if row.status in states else row.status
        found.setdefault(row.system, []).append(Row(agency, state, row.count, row.late, row.changed_at, row.seen_at))
    systems = [(system, found[system.name], sum(r.count for r in found[system.name])) for system in national.systems()]
    return show(request, seat, "desk/at_ministries.html", {"systems": systems}, here="in-step")


MENDERS = frozenset({Role.RECEPTION, Role.HANDLER, Role.ADMINISTRATOR})
READERS = officials()
PAGES: tuple[Page, ...] = (
    Page("can-bo/cong-quoc-gia", in_step, "in-step", READERS),
    Page("can-bo/cong-quoc-gia/gui-lai/<uuid:refusal>", mend, "in-step-mend", officials(*MENDERS)),
    Page("can-bo/cong-quoc-gia/nhan-lai", take_again, "in-step-take", officials(*MENDERS)),
    Page("can-bo/he-thong-bo", at_ministries, "at-ministries", READERS),
)
