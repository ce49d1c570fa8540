"""Made-up officials for the demonstration: names, posts and the accounts that are printed."""

from motcua.identity.rules import Role
from motcua.kernel import made_up
from motcua.units import api as units

_FAMILIES = tuple(dict.fromkeys(made_up.FAMILY))
_MIDDLES_AND_GIVEN = (
    (tuple(dict.fromkeys(made_up.MIDDLE_MEN)), made_up.GIVEN_MEN),
    (tuple(dict.fromkeys(made_up.MIDDLE_WOMEN)), made_up.GIVEN_WOMEN),
)

_COMMITTEE = {
    Role.RECEPTION: "Công chức tiếp nhận và trả kết quả",
    Role.HANDLER: "Công chức thụ lý",
    Role.APPROVER: "Trưởng phòng chuyên môn",
    Role.SIGNATORY: "Phó Chủ tịch",
    Role.LEADER: "Chủ tịch",
    Role.ADMINISTRATOR: "Quản trị hệ thống",
}
_CENTRE = {
    Role.RECEPTION: "Công chức tiếp nhận và trả kết quả",
    Role.HANDLER: "Công chức hướng dẫn, số hóa",
    Role.APPROVER: "Tổ trưởng",
    Role.SIGNATORY: "Phó Giám đốc",
    Role.LEADER: "Giám đốc",
    Role.ADMINISTRATOR: "Quản trị hệ thống",
}
_DEPARTMENT = {
    Role.RECEPTION: "Công chức tiếp nhận",
    Role.HANDLER: "Chuyên viên",
    Role.APPROVER: "Trưởng phòng",
    Role.SIGNATORY: "Phó Thủ trưởng",
    Role.LEADER: "Thủ trưởng",
    Role.ADMINISTRATOR: "Quản trị hệ thống",
}

POSTS = {
    units.AgencyKind.PEOPLES_COMMITTEE: _COMMITTEE,
    units.AgencyKind.SERVICE_CENTRE: _CENTRE,
    units.AgencyKind.DEPARTMENT: _DEPARTMENT,
}

# For each role the user name of the demonstration, and where in its ward it sits.
ACCOUNT_ROLES = {
    Role.RECEPTION: ("tiepnhan", units.AgencyKind.SERVICE_CENTRE),
    Role.HANDLER: ("thuly", units.AgencyKind.PEOPLES_COMMITTEE),
    Role.APPROVER: ("thamdinh", units.AgencyKind.PEOPLES_COMMITTEE),
    Role.SIGNATORY: ("kyduyet", units.AgencyKind.PEOPLES_COMMITTEE),
    Role.LEADER: ("lanhdao", units.AgencyKind.PEOPLES_COMMITTEE),
    Role.ADMINISTRATOR: ("quantri", units.AgencyKind.PEOPLES_COMMITTEE),
}


def made_up_name(agency_id: int, role: Role) -> str:
    """The same agency and role always get the same name, and neighbours get different ones."""
    seed = agency_id * 7919 + list(Role).index(role) * 104_729
    beyond, family = divmod(seed, len(_FAMILIES))
    middles, given = _MIDDLES_AND_GIVEN[beyond % 2]
    beyond, middle = divmod(beyond // 2, len(middles))
    return f"{_FAMILIES[family]} {middles[middle]} {given[beyond % len(given)]}"
