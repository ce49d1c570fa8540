"""The frame of every page of the desk: whose desk it is, and where one can go from here."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from motcua.conversion import api as conversion
from motcua.desk import queries
from motcua.desk.gate import Seat
from motcua.desk.rules import lists_of
from motcua.documents import api as documents
from motcua.dossiers import api as dossiers
from motcua.identity.api import Role
from motcua.kernel import clock
from motcua.screens.pages import address

LIST_NAMES = {
    "new": gettext_noop("Trực tuyến mới"),
    "to_hand_over": gettext_noop("Chờ chuyển"),
    "in_hand": gettext_noop("Đang xử lý"),
    "to_approve": gettext_noop("Chờ duyệt"),
    "to_sign": gettext_noop("Chờ ký"),
    "to_return": gettext_noop("Chờ trả kết quả"),
    "due_today": gettext_noop("Hạn hôm nay"),
    "overdue": gettext_noop("Quá hạn"),
    "waiting": gettext_noop("Chờ người nộp"),
    "asked": gettext_noop("Chờ cơ quan khác"),
    "consulted": gettext_noop("Được lấy ý kiến"),
    "elsewhere": gettext_noop("Ngoài địa giới"),
    "all": gettext_noop("Tất cả"),
}
PLACES = (
    ("desk-search", gettext_noop("Tra cứu"), frozenset(Role)),
    ("documents", gettext_noop("Văn bản"), frozenset(Role) - {Role.ADMINISTRATOR}),
    ("books", gettext_noop("Sổ theo dõi"), frozenset(Role) - {Role.ADMINISTRATOR}),
    ("figures", gettext_noop("Số liệu theo địa giới"), frozenset({Role.ADMINISTRATOR, Role.LEADER})),
    ("reorganisations", gettext_noop("Sắp xếp đơn vị"), frozenset({Role.ADMINISTRATOR, Role.LEADER})),
    ("persons", gettext_noop("Người có thể trùng"), frozenset(conversion.MAY_DECIDE)),
    ("in-step", gettext_noop("Cổng quốc gia"), frozenset(Role)),
    ("across-nodes", gettext_noop("Liên nút"), frozenset({Role.RECEPTION, Role.HANDLER, Role.LEADER})),
    ("partner-lines", gettext_noop("Đường dây"), frozenset({Role.ADMINISTRATOR})),
    ("administration", gettext_noop("Quản lý"), frozenset({Role.ADMINISTRATOR, Role.LEADER})),
)


@dataclass(frozen=True, slots=True)
class Way:
    """An entry of the left column; `count` None where there is nothing to count."""

    key: str
    name: str
    link: str
    count: int | None = None
    kind: str = ""

    @property
    def counted(self) -> str:
        if self.count is None:
            return ""
        return f"{dossiers.COUNTED_TO - 1}+" if self.count >= dossiers.COUNTED_TO else str(self.count)


def show(
    request: HttpRequest, seat: Seat, template: str, context: dict[str, Any], *, here: str = "", status: int = 200
) -> HttpResponse:
    """A page of the desk; `here` names the entry of the left column that it belongs to."""
    saved = context["saved"] if "saved" in context else queries.views_of(seat.scope.caller)
    frame = {
        "seat": seat,
        "here": here,
        "work": work(seat),
        "views": [
            Way(f"view-{view.id}", view.name, f"{address('desk-list', view.slug)}?{view.query}".rstrip("?"))
            for view in saved
        ],
        "places": [Way(page, _(name), address(page)) for page, name, roles in PLACES if roles & seat.roles],
        "counter": address("counter") if Role.RECEPTION in seat.roles else "",
        "language_links": [(code, address("language", code, ve=request.get_full_path())) for code in ("vi", "en")],
    }
    return render(request, template, frame | context, status=status)


def work(seat: Seat) -> list[Way]:
    """The work lists of this position, and the documents that wait for it, with how much lies in each."""
    rows = lists_of(seat.roles)
    if not rows:
        return []
    counts = dossiers.count_work(seat.scope, seat.agency.id, [row.name for row in rows], now=clock.now())
    papers = documents.count_waiting(seat.agency.id, scope=seat.scope, limit=dossiers.COUNTED_TO)
    return [
        *(
            Way(row.name, _(LIST_NAMES[row.name]), address("desk-list", row.slug), counts[row.name], row.kind)
            for row in rows
        ),
        Way("documents-waiting", _("Văn bản chờ tôi"), address("documents", chieu="cho"), papers),
    ]
