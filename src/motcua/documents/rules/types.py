"""Types of administrative documents and their letters in a document's notation (Nghị định 30/2020/NĐ-CP)."""

from collections.abc import Mapping
from dataclasses import dataclass

from motcua.kernel.law import Citation, Confidence, cite

TYPES_SOURCE = cite("Nghị định 30/2020/NĐ-CP", "Điều 7, Phụ lục III")
SERIES_SOURCE = cite("Nghị định 30/2020/NĐ-CP", "Điều 15", Confidence.ASSUMED)


@dataclass(frozen=True, slots=True)
class TypeRow:
    """Loại văn bản: its key, name and letters. Each type has its own row of numbers in an agency's year."""

    key: str
    vi: str
    letters: str
    source: Citation = TYPES_SOURCE


TYPES: tuple[TypeRow, ...] = (
    TypeRow("cong-van", "Công văn", ""),
    TypeRow("nghi-quyet", "Nghị quyết", "NQ"),
    TypeRow("quyet-dinh", "Quyết định", "QĐ"),
    TypeRow("chi-thi", "Chỉ thị", "CT"),
    TypeRow("quy-che", "Quy chế", "QC"),
    TypeRow("quy-dinh", "Quy định", "QyĐ"),
    TypeRow("thong-cao", "Thông cáo", "TC"),
    TypeRow("thong-bao", "Thông báo", "TB"),
    TypeRow("huong-dan", "Hướng dẫn", "HD"),
    TypeRow("chuong-trinh", "Chương trình", "CTr"),
    TypeRow("ke-hoach", "Kế hoạch", "KH"),
    TypeRow("phuong-an", "Phương án", "PA"),
    TypeRow("de-an", "Đề án", "ĐA"),
    TypeRow("du-an", "Dự án", "DA"),
    TypeRow("bao-cao", "Báo cáo", "BC"),
    TypeRow("bien-ban", "Biên bản", "BB"),
    TypeRow("to-trinh", "Tờ trình", "TTr"),
    TypeRow("hop-dong", "Hợp đồng", "HĐ"),
    TypeRow("cong-dien", "Công điện", "CĐ"),
    TypeRow("ban-ghi-nho", "Bản ghi nhớ", "BGN"),
    TypeRow("ban-thoa-thuan", "Bản thỏa thuận", "BTT"),
    TypeRow("giay-uy-quyen", "Giấy ủy quyền", "GUQ"),
    TypeRow("giay-moi", "Giấy mời", "GM"),
    TypeRow("giay-gioi-thieu", "Giấy giới thiệu", "GGT"),
    TypeRow("giay-nghi-phep", "Giấy nghỉ phép", "GNP"),
    TypeRow("phieu-gui", "Phiếu gửi", "PG"),
    TypeRow("phieu-chuyen", "Phiếu chuyển", "PC"),
    TypeRow("phieu-bao", "Phiếu báo", "PB"),
)
TYPE: Mapping[str, TypeRow] = {row.key: row for row in TYPES}


def notation(type_: str, issuer: str, *, unit: str = "") -> str:
    """Ký hiệu: letters of the type, then of the issuer; a công văn has the issuer's and the drafting unit's."""
    letters = TYPE[type_].letters
    return f"{letters}-{issuer}" if letters else f"{issuer}-{unit}" if unit else issuer


def shown_number(number: int) -> str:
    """Below 10 with a nought in front (Nghị định 30/2020/NĐ-CP, Phụ lục I)."""
    return f"{number:02d}"
