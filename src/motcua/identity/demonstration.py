"""Made-up officials for the demonstration: names, posts and the accounts that are printed."""

from motcua.identity.rules import Role
from motcua.units import api as units

_FAMILY = (
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Huỳnh",
    "Phan",
    "Vũ",
    "Võ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Ngô",
    "Dương",
)
_MIDDLE = ("Thị Minh", "Văn", "Thị Thanh", "Đức", "Thị Ngọc", "Quang", "Thị Thu", "Hữu", "Xuân", "Công", "Thị Kim")
_GIVEN = (
    "An",
    "Bình",
    "Châu",
    "Dung",
    "Giang",
    "Hà",
    "Hải",
    "Hạnh",
    "Hiền",
    "Hòa",
    "Hương",
    "Khánh",
    "Lan",
    "Linh",
    "Long",
    "Mai",
    "Nam",
    "Ngân",
    "Nhung",
    "Phúc",
    "Phương",
    "Quyên",
    "Sơn",
    "Tâm",
    "Thảo",
    "Trang",
    "Tuấn",
    "Vân",
    "Yến",
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
    return " ".join(
        (_FAMILY[seed % len(_FAMILY)], _MIDDLE[seed // 15 % len(_MIDDLE)], _GIVEN[seed // 165 % len(_GIVEN)])
    )
