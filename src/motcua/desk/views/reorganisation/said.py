"""What the pages of a reorganisation share: how states are called, and who may change what."""

from django.utils.translation import gettext_noop

from motcua.desk.gate import Seat
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
