"""What the national portal is told of a dossier and of each step: one table row for each field.

The field names are those that several working systems send (reference: DongBoHoSoMC and CapNhatTienDoHoSoMC); the
packet's annex in QCVN 120:2019/BTTTT was not found. A field that our record doesn't hold is not sent and not made up:
it stands in NOT_KNOWN with the reason.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from motcua.dossiers.rules.steps import FILING, STATE, STEP, Clock, State
from motcua.kernel.clock import VIETNAM
from motcua.kernel.law import Citation, Confidence, cite

MOST = 10  # items that the portal takes in one call


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper or a result as the portal is told of it."""

    result: bool
    key: str
    name: str
    files: tuple[str, ...]
    step: int


@dataclass(frozen=True, slots=True)
class Fee:
    """Phí, lệ phí of a dossier in đồng: since when it is paid (None: not yet), and whether through a gateway."""

    name: str
    amount: int
    paid_at: datetime | None = None
    online: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the log, with the words for who took the step."""

    n: int
    step: str
    at: datetime
    state: State
    due_at: datetime | None
    act_by: datetime | None
    reason: str = ""
    handler: str = ""
    title: str = ""
    office: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """A dossier as it stood after the last of its lines."""

    code: str
    procedure: str
    procedure_name: str
    field_name: str
    channel: str
    reception: int  # the agency's number
    resolving: str
    applicant: Mapping[str, Any]
    content: str
    filed_at: datetime
    lines: tuple[Line, ...]
    papers: tuple[Paper, ...] = ()
    fees: tuple[Fee, ...] | None = None  # None where nobody here knows of fees
    filed_there: bool = False  # on the national portal
    own: bool = False  # by the applicant, who had signed in

    @property
    def last(self) -> Line:
        return self.lines[-1]


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name, how long it may be, what it is made from, and where we know it from."""

    name: str
    value: Callable[[Seen], Any]
    source: Citation
    limit: int = 0
    note: str = ""


_OPENCPS = cite("DongBoHoSoMC", "OpenCPS DVCQGIntegrationActionImpl", Confidence.PRACTICE)
_PROGRESS = cite("CapNhatTienDoHoSoMC", "OpenCPS DVCQGIntegrationActionImpl", Confidence.PRACTICE)
_ASSUMED = cite("DongBoHoSoMC", "ý nghĩa suy ra từ tên trường", Confidence.ASSUMED)

CHANNELS = {"counter": "1", "online": "2", "assisted": "2", "post": "3"}
KINDS = {"citizen": "1", "organisation": "2"}
DELIVERIES = {"": "0", "counter": "0", "online": "0", "post": "1"}


def moment(at: datetime | None) -> str:
    """`yyyyMMddHHmmss` by the clocks of Viet Nam; nothing for no moment."""
    return at.astimezone(VIETNAM).strftime("%Y%m%d%H%M%S") if at else ""


def read_moment(text: str) -> datetime:
    """The moment that the portal wrote; ValueError if it is none."""
    return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=VIETNAM)


def status(state: State) -> str:
    """The portal's code of a state, 1 to 10; the ten are never merged into fewer."""
    return str(STATE[state].national)


def _first(seen: Seen, *names: str) -> Line | None:
    return next((line for line in seen.lines if line.step in names), None)


def _at(line: Line | None) -> str:
    return moment(line.at) if line else ""


STARTING = frozenset(step.name for step in (*FILING.values(), *STEP.values()) if step.clock is Clock.STARTS)
ENDING = frozenset(step.name for step in STEP.values() if step.clock is Clock.ENDS)


def _accepted(seen: Seen) -> str:
    return _at(_first(seen, *STARTING))


def _identity(seen: Seen) -> list[dict[str, str]]:
    number = str(seen.applicant.get("number") or "")
    kind = {12: "1", 9: "2"}.get(len(number)) if number.isdigit() and seen.applicant.get("kind") == "citizen" else None
    return [{"LoaiDinhDanh": kind, "SoDinhDanh": number}] if kind else []


def _papers(seen: Seen) -> list[dict[str, str]]:
    return [
        {
            "TepDinhKemId": sha256,
            "TenTepDinhKem": clipped(paper.name or paper.key, 500),
            "IsDeleted": "False",
            "MaThanhPhanHoSo": paper.key,
            "DuocSoHoa": "1",
        }
        for paper in seen.papers
        if not paper.result and paper.step <= seen.last.n
        for sha256 in paper.files
    ]


def _results(seen: Seen) -> list[dict[str, str]]:
    return [
        {"TenGiayTo": clipped(paper.name or paper.key, 500), "MaThanhPhanHoSo": paper.key, "GiayToId": sha256}
        for paper in seen.papers
        if paper.result and paper.step <= seen.last.n
        for sha256 in paper.files
    ]


def _fees(seen: Seen) -> list[dict[str, str]]:
    return [{"TenPhiLePhi": clipped(fee.name, 500), "Gia": str(fee.amount)} for fee in seen.fees or ()]


def _paid_online(seen: Seen) -> str:
    """How the fees stood at the last row: none to be paid online, all paid through our gateway, or not yet."""
    if seen.fees is None:
        return ""
    paid = [fee.paid_at is not None and fee.paid_at <= seen.last.at for fee in seen.fees]
    if not all(paid):
        return "3"
    return "2" if any(fee.online for fee in seen.fees) else "0"


def _digital(seen: Seen) -> str:
    return "1" if any(paper.files for paper in seen.papers if not paper.result) else "0"


def _completions(seen: Seen) -> list[dict[str, str]]:
    """Each time that papers were asked for, and what came of it."""
    made: list[dict[str, str]] = []
    before: Line | None = None
    for line in seen.lines:
        if line.step in ("ask_for_papers", "ask_for_completion"):
            made.append(
                {
                    "HoSoBoSungId": str(line.n),
                    "NguoiYeuCauBoSung": clipped(line.handler or line.office, 50),
                    "NoiDungBoSung": clipped(line.reason, 1000),
                    "NgayBoSung": moment(line.at),
                    "NgayHenTraTruoc": moment(before.due_at) if before else "",
                }
            )
        elif line.step in ("send_papers", "complete") and made:
            made[-1] |= {
                "NguoiTiepNhanBoSung": clipped(line.handler or line.office, 50),
                "NgayTiepNhanBoSung": moment(line.at),
                "NgayHenTraMoi": moment(line.due_at),
            }
        before = line
    return made


def clipped(text: str, limit: int) -> str:
    """At most so many characters: the portal refuses a longer text, and the whole one stays in our record."""
    return text if not limit or len(text) <= limit else text[: limit - 1].rstrip() + "…"


DOSSIER: tuple[Field, ...] = (
    Field("MaHoSo", lambda s: s.code, _OPENCPS, 100),
    Field("MaTTHC", lambda s: s.procedure, _OPENCPS, 50),
    Field("TenTTHC", lambda s: s.procedure_name, _OPENCPS, 1000),
    Field("TenLinhVuc", lambda s: s.field_name, _OPENCPS, 500),
    Field("KenhThucHien", lambda s: CHANNELS[s.channel], _OPENCPS, 1, "1 trực tiếp, 2 trực tuyến, 3 bưu chính"),
    Field("ChuHoSo", lambda s: str(s.applicant.get("name") or ""), _OPENCPS, 300),
    Field("SoGiayToChuHoSo", lambda s: str(s.applicant.get("number") or ""), _OPENCPS, 20),
    Field("LoaiDoiTuong", lambda s: KINDS.get(str(s.applicant.get("kind")), "4"), _OPENCPS, 1, "1 công dân, 2 doanh "
          "nghiệp; ta không phân biệt tổ chức khác với doanh nghiệp"),
    Field("Email", lambda s: str(s.applicant.get("email") or ""), _OPENCPS, 300),
    Field("SoDienThoai", lambda s: str(s.applicant.get("phone") or ""), _OPENCPS, 80),
    Field("TrichYeuHoSo", lambda s: s.content or s.procedure_name, _OPENCPS, 1000),
    Field("NgayNopHoSo", lambda s: moment(s.filed_at), _OPENCPS, 14),
    Field("NgayTiepNhan", _accepted, _OPENCPS, 14),
    Field("NgayHenTra", lambda s: moment(s.last.due_at), _OPENCPS, 14),
    Field("TrangThaiHoSo", lambda s: status(s.last.state), _OPENCPS, 2, "mã 1–10 từ bảng trạng thái, không gộp"),
    Field("NgayTra", lambda s: _at(_first(s, "return_result")), _OPENCPS, 14),
    Field("ThongTinTra", lambda s: str(s.applicant.get("delivery_place") or ""), _ASSUMED, 500),
    Field("HinhThuc", lambda s: DELIVERIES.get(str(s.applicant.get("delivery") or ""), "0"), _OPENCPS, 1),
    Field("NgayKetThucXuLy", lambda s: _at(_first(s, *ENDING)), _OPENCPS, 14),
    Field("NgayTuChoi", lambda s: _at(_first(s, "refuse")), _OPENCPS, 14),
    Field("DonViXuLy", lambda s: s.resolving, _OPENCPS, 500),
    Field("GhiChu", lambda s: s.last.reason, _OPENCPS, 1000),
    Field("TaiLieuNop", _papers, _OPENCPS),
    Field("DanhSachHoSoBoSung", _completions, _OPENCPS),
    Field("DanhSachGiayToKetQua", _results, _OPENCPS),
    Field("DanhSachLePhi", _fees, _OPENCPS, note="phí, lệ phí của hồ sơ; nghĩa vụ tài chính không phải phí"),
    Field("DuocThanhToanTrucTuyen", _paid_online, _OPENCPS, 1, "0 không, 2 qua cổng thanh toán ở đây, 3 chưa"),
    Field("NoiNopHoSo", lambda s: "1" if s.filed_there else "2", _OPENCPS, 1, "1 cổng quốc gia, 2 địa phương"),
    Field("HoSoCoThanhPhanSoHoa", _digital, _OPENCPS, 1),
    Field("TaiKhoanDuocXacThucVoiVNeID", lambda s: "1" if s.own or s.filed_there else "0", _ASSUMED, 1),
    Field("DinhDanhCHS", _identity, _OPENCPS),
)  # fmt: skip

PROGRESS: tuple[Field, ...] = (
    Field("MaHoSo", lambda s: s.code, _PROGRESS, 100),
    Field("NguoiXuLy", lambda s: s.last.handler or s.last.office, _PROGRESS, 50, "không có người: tên cơ quan"),
    Field("ChucDanh", lambda s: s.last.title, _PROGRESS, 100),
    Field("ThoiDiemXuLy", lambda s: moment(s.last.at), _PROGRESS, 14),
    Field("PhongBanXuLy", lambda s: s.last.office, _PROGRESS, 500),
    Field("NoiDungXuLy", lambda s: _words(s.last), _PROGRESS, 1000),
    Field("TrangThai", lambda s: status(s.last.state), _PROGRESS, 2),
    Field("NgayBatDau", lambda s: moment(s.last.at), _PROGRESS, 14),
    Field("NgayKetThucTheoQuyDinh", lambda s: moment(s.last.due_at), _PROGRESS, 14),
)

NOT_KNOWN: Mapping[str, str] = {
    "MaLinhVuc": "nguồn dữ liệu thủ tục chỉ có tên lĩnh vực",
    "MaDoiTuong": "TechID của tài khoản trên cổng quốc gia không được trao cho ta",
    "ThongTinKhac": "không có quy định nội dung",
    "Fax": "hồ sơ không ghi số fax",
    "DanhSachLePhi.MaPhiLePhi": "mã phí của cổng không có trong nguồn dữ liệu thủ tục",
    "DanhSachLePhi.HinhThucThu": "danh mục 1, 2, 4 chỉ thấy ở dịch vụ của bộ; hồ sơ không ghi thu ở khâu nào",
    "DanhSachLePhi.LoaiPhiLePhi": "nghĩa của 1, 2, 3 không tìm được",
    "DanhSachTepDinhKemKhac": "giấy tờ ngoài danh mục đã nằm trong TaiLieuNop",
    "DSKetNoiCSDL": "danh mục mã cơ sở dữ liệu không tìm được",
    "TaiLieuNop.DuongDanTaiTepTin": "tệp không có địa chỉ công khai; chỉ giao khi được hỏi",
    "TaiLieuNop.DuocTaiSuDung": "hồ sơ chưa ghi giấy tờ được dùng lại từ đâu",
    "TaiLieuNop.DuocLayTuKhoDMQG": "hồ sơ chưa ghi giấy tờ được dùng lại từ đâu",
    "TaiLieuNop.MaKetQuaThayThe": "hồ sơ chưa ghi giấy tờ được dùng lại từ đâu",
    "DanhSachGiayToKetQua.MaGiayToKetQua": "mã giấy tờ kết quả của cổng không có trong nguồn",
    "DanhSachHoSoBoSung.TrangThaiBoSung": "danh mục trạng thái bổ sung không tìm được",
}
"""Fields that are not sent, and why: nothing is made up in their place."""


def _words(line: Line) -> str:
    step = STEP.get(line.step) or FILING.get(line.step.removeprefix("file_"))
    name = step.vi if step else line.step
    return f"{name}: {line.reason}" if line.reason else name


def composed(fields: Sequence[Field], seen: Seen) -> dict[str, Any]:
    """What the portal is told: the fields that have a value, none longer than it takes."""
    made: dict[str, Any] = {}
    for one in fields:
        value = one.value(seen)
        if value:
            made[one.name] = clipped(value, one.limit) if isinstance(value, str) else value
    return made


def until(seen: Seen, n: int) -> Seen:
    """The dossier as it stood after that row of its log."""
    return replace(seen, lines=tuple(line for line in seen.lines if line.n <= n))


def changes_dossier(line: Line) -> bool:
    """Whether a step changes what DongBoHoSo says, beyond the progress: its state, its due moment, its papers."""
    step = STEP.get(line.step)
    return step is not None and (step.to is not None or step.clock is not Clock.NONE or bool(step.brings))
