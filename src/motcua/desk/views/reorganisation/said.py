"""What the pages of a reorganisation share: how states are called, and who may change what."""

from django.utils.translation import gettext_noop

from motcua.desk.gate import Seat
from motcua.identity.api import Role
from motcua.kernel.errors import NotAllowed
from motcua.reorganisation import api as reorganisation
from motcua.units import api as units

S = reorganisation.PlanState
STATES = {
    S.REGISTERED: (gettext_noop("chờ chữ ký"), "soon"),
    S.APPROVED: (gettext_noop("đã phê duyệt"), "waiting"),
    S.APPLYING: (gettext_noop("đang chuyển giao"), "soon"),
    S.APPLIED: (gettext_noop("đã áp dụng"), "in-time"),
    S.UNDOING: (gettext_noop("đang hoàn tác"), "soon"),
    S.UNDONE: (gettext_noop("đã hoàn tác"), "done"),
}
SUBJECTS = {
    reorganisation.Subject.DOSSIER: gettext_noop("hồ sơ"),
    reorganisation.Subject.POSITION: gettext_noop("vị trí công tác"),
    reorganisation.Subject.TOKEN: gettext_noop("mã truy cập của hệ thống"),
    reorganisation.Subject.DECISION: gettext_noop("quyết định riêng của tỉnh"),
}
LEVELS = {
    units.Level.PROVINCE: gettext_noop("cấp tỉnh"),
    units.Level.DISTRICT: gettext_noop("cấp huyện"),
    units.Level.COMMUNE: gettext_noop("cấp xã"),
}


def of_a_province(seat: Seat) -> bool:
    """Does the seat belong to the committee of a province? Only there is a reorganisation decided."""
    level = units.directory().unit(seat.agency.unit_id).level
    return seat.agency.kind is units.AgencyKind.PEOPLES_COMMITTEE and level is units.Level.PROVINCE


def entitled(seat: Seat, name: str) -> None:
    """Raise NotAllowed unless the seat is a leader's in the committee of a province that the plan concerns."""
    if Role.LEADER not in seat.roles:
        raise NotAllowed(
            "role-missing",
            "Việc này do lãnh đạo Ủy ban nhân dân cấp tỉnh thực hiện.",
            mend="Chọn vị trí lãnh đạo, hoặc nhờ người giữ vị trí đó.",
        )
    if not of_a_province(seat) or seat.agency.id not in reorganisation.outline(name).committees:
        raise NotAllowed(
            "agency-not-entitled",
            "Việc này do Ủy ban nhân dân của tỉnh, thành phố được sắp xếp thực hiện.",
        )
