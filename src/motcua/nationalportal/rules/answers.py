"""What the portal's answers mean for a parcel. Only "0", "00", "3" and "-3" are seen in working systems.

What each of them says beyond success is read from how those systems act on it, and so marked; any other code is kept
with the portal's words for a person, never taken for a success.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from motcua.exchange.connector import Answer
from motcua.kernel.law import Citation, Confidence, cite


@dataclass(frozen=True, slots=True)
class Code:
    """An error_code of the portal: what became of the item, in words, and where we know it from."""

    code: str
    answer: Answer
    vi: str
    source: Citation


CODES: Mapping[str, Code] = {
    row.code: row
    for row in (
        Code("0", Answer.DONE, "Đã nhận", cite("DongBoHoSoMC", "OpenCPS", Confidence.PRACTICE)),
        Code("00", Answer.DONE, "Đã nhận", cite("DongBoHoSoMC", "OpenCPS", Confidence.PRACTICE)),
        Code("3", Answer.DUPLICATE, "Đã có", cite("DongBoHoSoMC", "đã tồn tại thì gọi cập nhật", Confidence.ASSUMED)),
        Code("-3", Answer.PERMANENT, "Dữ liệu không hợp lệ", cite("DongBoHoSoMC", "mã lỗi -3", Confidence.ASSUMED)),
        Code("-1", Answer.TRANSIENT, "Phiên làm việc đã hết", cite("DongBoHoSoMC", "phiên", Confidence.ASSUMED)),
    )
}
SESSION_OVER = "-1"
EXISTS = "3"


def meaning(code: str) -> Answer:
    """What became of an item with this code; a code that nobody knows needs a person."""
    known = CODES.get(code)
    return known.answer if known else Answer.PERMANENT


MENDS: tuple[tuple[str, str], ...] = (
    ("MaTTHC", "Kiểm tra mã thủ tục trong danh mục và trên cổng quốc gia."),
    ("TrangThai", "Kiểm tra các bước trước đã lên cổng chưa; bước bị thiếu phải gửi trước."),
    ("ThoiDiem", "Các bước phải đến cổng theo thứ tự: gửi lại bước trước rồi đến bước này."),
    ("MaHoSo", "Hồ sơ chưa có trên cổng: gửi lại hồ sơ rồi gửi lại bước này."),
    ("dài", "Rút ngắn trường quá dài rồi gửi lại với cùng mã."),
)
"""What to mend, by the word that the portal's refusal names."""


def mend(said: str) -> str:
    """What an officer can do about the portal's words."""
    return next((advice for word, advice in MENDS if word in said), "Sửa nội dung theo lời cổng rồi gửi lại cùng mã.")
