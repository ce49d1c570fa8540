"""The plans that come with motcua: their heads, and who inherits what by the law of each.

Days of resolutions of 2026 are those of a public register of decrees, not of the signed text. Undo ends fifteen days
after effect, as do the notices of identifiers: assumed, because no text sets such a term; whoever approves a plan may
write another.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from motcua.kernel.clock import VIETNAM
from motcua.kernel.law import Citation, Confidence, cite
from motcua.reorganisation.rules.draft import draft
from motcua.reorganisation.rules.plan import Inherited, Plan, Takeover, Task, Way
from motcua.units.rules.directory import Rows
from motcua.units.rules.values import AgencyKind, Level

DECREE_140 = cite("Nghị định 140/2025/NĐ-CP", "khoản 2 Điều 32")
RESOLUTION_190 = cite("Nghị quyết 190/2025/QH15")
HEIRS_ASSUMED = cite("Nghị quyết 190/2025/QH15", confidence=Confidence.ASSUMED)
STAFF_ASSUMED = cite("Nghị quyết 76/2025/UBTVQH15", confidence=Confidence.ASSUMED)
IDENTIFIERS = cite("Quyết định 20/2020/QĐ-TTg; 09/2025/QĐ-TTg")
BOOKS = cite("Thông tư 03/2025/TT-VPCP", "mẫu 07", Confidence.ASSUMED)
ROUTES = cite("Quyết định 28/2018/QĐ-TTg", confidence=Confidence.ASSUMED)
TWO_TIERS = cite("Luật Tổ chức chính quyền địa phương 72/2025/QH15")

UNDO_DAYS = 15  # assumed, see above
NOTICE_DAYS = 15  # Quyết định 20/2020/QĐ-TTg: a change of an identifier is made known within 15 days


@dataclass(frozen=True, slots=True)
class Head:
    """What a plan says of itself that no table of units knows."""

    on: date
    title: str
    resolution: str
    resolved_on: date
    notes: tuple[str, ...] = ()


DAY_BY_REGISTER = "Ngày ban hành nghị quyết ghi theo một danh mục văn bản công khai, chưa đối chiếu bản ký (giả định)."
HEADS = {
    head.on.isoformat(): head
    for head in (
        Head(
            date(2025, 7, 1),
            "Sắp xếp đơn vị hành chính, tổ chức chính quyền địa phương hai cấp trong cả nước",
            "Nghị quyết 202/2025/QH15",
            date(2025, 6, 12),
            notes=(
                "Cấp xã sắp xếp theo 34 nghị quyết ngày 16/6/2025 của Ủy ban Thường vụ Quốc hội, nêu ở từng dòng.",
                "Mã định danh tự đặt là tạm, thay khi có danh mục chính thức của từng tỉnh.",
            ),
        ),
        Head(
            date(2026, 4, 30),
            "Thành lập thành phố Đồng Nai và mười phường",
            "Nghị quyết 30/2026/QH16",
            date(2026, 4, 14),
            notes=(DAY_BY_REGISTER,),
        ),
        Head(
            date(2026, 9, 1),
            "Thành lập thành phố Quảng Ninh",
            "Nghị quyết 36/2026/QH16",
            date(2026, 8, 24),
            notes=(DAY_BY_REGISTER,),
        ),
        Head(
            date(2026, 9, 20),
            "Thành lập thành phố Bắc Ninh và mười hai phường",
            "Nghị quyết 39/2026/QH16",
            date(2026, 8, 4),
            notes=(DAY_BY_REGISTER,),
        ),
    )
}

UNDO_ASSUMED = f"Hạn hoàn tác {UNDO_DAYS} ngày do phần mềm đề nghị, không văn bản nào đặt; người phê duyệt sửa được."

_ALL = None
# What, of which kind at which level (None: all), how, by which law. The nearest line decides.
INHERITANCE: tuple[tuple[Inherited, AgencyKind | None, Level | None, Way, Citation], ...] = (
    (Inherited.POWERS, AgencyKind.PEOPLES_COMMITTEE, Level.DISTRICT, Way.RESIDENCE, DECREE_140),
    (Inherited.POWERS, _ALL, _ALL, Way.SAME_OFFICE, RESOLUTION_190),
    (Inherited.RECEPTION, AgencyKind.PEOPLES_COMMITTEE, Level.DISTRICT, Way.RESIDENCE, DECREE_140),
    (Inherited.RECEPTION, _ALL, _ALL, Way.SAME_OFFICE, RESOLUTION_190),
    (Inherited.POSITIONS, AgencyKind.PEOPLES_COMMITTEE, Level.DISTRICT, Way.PERSON, STAFF_ASSUMED),
    (Inherited.POSITIONS, _ALL, _ALL, Way.SAME_OFFICE, STAFF_ASSUMED),
    (Inherited.RECORDS, AgencyKind.PEOPLES_COMMITTEE, Level.DISTRICT, Way.RESIDENCE, DECREE_140),
    (Inherited.RECORDS, _ALL, _ALL, Way.SAME_OFFICE, HEIRS_ASSUMED),
    (Inherited.PROCEDURES, AgencyKind.PEOPLES_COMMITTEE, Level.PROVINCE, Way.SAME_OFFICE, HEIRS_ASSUMED),
)

# Kind, words, days, source: where agencies end, and where a unit is only called otherwise.
WORK_AFTER_A_MERGER: tuple[tuple[str, str, int | None, Citation], ...] = (
    ("identifier_notice", "Thông báo mã định danh mới cấp và mã đã đóng của từng cơ quan", NOTICE_DAYS, IDENTIFIERS),
    ("route", "Chuyển tuyến gửi nhận văn bản, hồ sơ từ mã đã đóng sang mã kế thừa", None, ROUTES),
    ("book", "Khóa sổ theo dõi hồ sơ của cơ quan kết thúc hoạt động, mở sổ của cơ quan kế thừa", None, BOOKS),
    ("certificate", "Đổi giấy tờ khi người dân yêu cầu; giấy đã cấp còn hạn vẫn dùng được", None, RESOLUTION_190),
    ("meeting_account", "Đóng tài khoản họp của cơ quan kết thúc, lập tài khoản cho trụ sở mới", None, HEIRS_ASSUMED),
    ("citizen_notice", "Báo người có hồ sơ đang giải quyết: cơ quan mới, không phải nộp lại", None, RESOLUTION_190),
)
WORK_AFTER_A_NEW_NAME: tuple[tuple[str, str, int | None, Citation], ...] = (
    ("identifier_notice", "Thông báo tên mới của cơ quan; mã định danh giữ nguyên", NOTICE_DAYS, IDENTIFIERS),
    ("meeting_account", "Đổi tên tài khoản họp", None, HEIRS_ASSUMED),
    ("citizen_notice", "Báo người dân tên mới; giấy tờ đã cấp vẫn dùng được", None, HEIRS_ASSUMED),
)


def spelled(source: Citation) -> str:
    """The act and place; what is assumed says so."""
    return f"{source} (giả định)" if source.confidence == Confidence.ASSUMED else str(source)


def drafted(name: str, before: Rows, after: Rows) -> Plan:
    """The plan of that day, from the tables of before and after and the law that is known for it.

    A day without a known head gets an empty one, which whoever goes on with the draft fills in.
    """
    on = date.fromisoformat(name)
    effective = datetime.combine(on, time(), VIETNAM)
    head = HEADS.get(name) or Head(
        on, "(tên kế hoạch)", "(nghị quyết)", on, ("Dự thảo: điền tên, nghị quyết, ngày và hạn hoàn tác.",)
    )
    ends = _in_force(before) - _in_force(after)
    work = WORK_AFTER_A_MERGER if ends else WORK_AFTER_A_NEW_NAME
    lines = INHERITANCE if ends else ()
    return draft(
        before,
        after,
        on,
        title=head.title,
        resolution=head.resolution,
        resolved_on=head.resolved_on,
        effective_at=effective,
        undo_until=effective + timedelta(days=UNDO_DAYS),
        abolition_source=spelled(TWO_TIERS),
        takeovers=[Takeover(0, what, way, spelled(source), kind, level) for what, kind, level, way, source in lines],
        tasks=[Task(0, kind, words, days, spelled(source)) for kind, words, days, source in work],
        notes=(*head.notes, UNDO_ASSUMED),
    )


def _in_force(rows: Rows) -> set[int]:
    return {row[0] for row in rows.agencies if row[7] is None}
