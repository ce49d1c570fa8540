"""What each kind of fault says to a person: what is wrong, and how to mend it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from motcua.kernel.workbooks import Column, Fault

FILE = gettext_noop("Lưu bảng thành tệp .xlsx theo mẫu rồi gửi lại.")

SENTENCES: dict[str, tuple[str, str]] = {
    "file-empty": (gettext_noop("Tệp trống."), FILE),
    "file-missing": (gettext_noop("Chưa chọn tệp."), gettext_noop("Chọn một tệp .xlsx rồi gửi lại.")),
    "file-too-large": (gettext_noop("Tệp lớn hơn %(given)s MB."), gettext_noop("Chia bảng thành nhiều tệp.")),
    "file-unpacks-too-large": (gettext_noop("Tệp khi mở ra quá lớn."), gettext_noop("Chép các dòng sang tệp mẫu mới.")),
    "file-has-macros": (
        gettext_noop("Tệp có macro hoặc nội dung nhúng, hệ thống không nhận."),
        gettext_noop("Chép các dòng sang tệp mẫu mới."),
    ),
    "file-unreadable": (gettext_noop("Không đọc được bảng trong tệp."), FILE),
    "file-not-xlsx": (gettext_noop("Đây không phải tệp .xlsx."), FILE),
    "file-too-many-rows": (
        gettext_noop("Tệp có hơn %(given)s dòng."),
        gettext_noop("Chia bảng thành nhiều tệp."),
    ),
    "file-overtaken": (
        gettext_noop("Có người vừa đổi cùng những dòng này."),
        gettext_noop("Gửi lại tệp để đối chiếu với danh sách mới."),
    ),
    "file-without-rows": (gettext_noop("Tệp không có dòng nào dưới tiêu đề."), gettext_noop("Điền ít nhất một dòng.")),
    "column-missing": (
        gettext_noop("Thiếu cột “%(given)s”."),
        gettext_noop("Giữ nguyên dòng tiêu đề của tệp mẫu."),
    ),
    "cell-formula": (gettext_noop("Ô là một công thức."), gettext_noop("Dán giá trị thay cho công thức.")),
    "cell-empty": (gettext_noop("Ô trống."), gettext_noop("Điền giá trị.")),
    "day-invalid": (gettext_noop("“%(given)s” không phải một ngày."), gettext_noop("Viết như 21/08/2026.")),
    "number-invalid": (gettext_noop("“%(given)s” không phải số nguyên."), gettext_noop("Viết bằng chữ số, như 240.")),
    "yes-no": (gettext_noop("“%(given)s” không phải có hoặc không."), gettext_noop("Viết có hoặc không.")),
    "role-unknown": (
        gettext_noop("Không có vai trò “%(given)s”."),
        gettext_noop("Dùng một trong: tiếp nhận, thụ lý, thẩm định, ký duyệt, lãnh đạo, quản trị."),
    ),
    "agency-unknown": (
        gettext_noop("Không có cơ quan mang mã “%(given)s” trong phạm vi của ông/bà."),
        gettext_noop("Xem mã ở trang Cơ quan."),
    ),
    "agency-foreign": (
        gettext_noop("Cơ quan ngoài phạm vi của ông/bà."),
        gettext_noop("Xem các cơ quan ở trang Cơ quan."),
    ),
    "agency-closed": (
        gettext_noop("Cơ quan không hoạt động vào ngày này."),
        gettext_noop("Chọn ngày cơ quan đang hoạt động."),
    ),
    "official-number": (
        gettext_noop("Số hiệu “%(given)s” chưa đúng."),
        gettext_noop("Dùng chữ số, chữ cái không dấu, dấu chấm, gạch; nhiều nhất 20 ký tự."),
    ),
    "official-name": (
        gettext_noop("Họ và tên chưa đúng."),
        gettext_noop("Viết đủ họ tên, không có chữ số, nhiều nhất 100 chữ."),
    ),
    "official-other-name": (
        gettext_noop("Số hiệu %(given)s đang là của một người có tên khác."),
        gettext_noop("Kiểm tra lại số hiệu hoặc họ tên."),
    ),
    "title-length": (gettext_noop("Thiếu chức danh, hoặc chức danh quá dài."), gettext_noop("Viết 1 đến 100 chữ.")),
    "period-reversed": (
        gettext_noop("Ngày kết thúc trước ngày bắt đầu."),
        gettext_noop("Sửa một trong hai ngày."),
    ),
    "position-other-title": (
        gettext_noop("Vị trí này đã ghi với chức danh “%(given)s”."),
        gettext_noop("Kết thúc vị trí cũ, rồi ghi vị trí mới từ ngày sau đó."),
    ),
    "position-ended-otherwise": (
        gettext_noop("Vị trí này đã kết thúc ngày %(given)s."),
        gettext_noop("Ghi đúng ngày đó; vị trí đã kết thúc không mở lại."),
    ),
    "position-overlaps": (
        gettext_noop("Người này đang giữ cùng vai trò tại cơ quan này trong những ngày đó."),
        gettext_noop("Kết thúc vị trí cũ trước ngày bắt đầu của vị trí mới."),
    ),
    "position-twice": (
        gettext_noop("Vị trí này đã có ở một dòng trên."),
        gettext_noop("Bỏ một trong hai dòng."),
    ),
    "decision-twice": (gettext_noop("Thủ tục này có hai lần trong bảng."), gettext_noop("Giữ một lần.")),
    "decision-mixed": (
        gettext_noop("Các bước của một thủ tục phải cùng một quyết định và ngày áp dụng."),
        gettext_noop("Ghi giống dòng đầu của thủ tục."),
    ),
    "act-unsigned": (
        gettext_noop("Ngày áp dụng trước ngày ký."),
        gettext_noop("Sửa một trong hai ngày."),
    ),
    "decision-past": (
        gettext_noop("Ngày áp dụng đã qua."),
        gettext_noop("Ghi hôm nay hoặc một ngày sau: hồ sơ đã nhận giữ nguyên quy định lúc nhận."),
    ),
    "decision-today": (
        gettext_noop("Hôm nay có thể đã có hồ sơ được nhận theo quy định cũ."),
        gettext_noop("Ghi ngày mai hoặc một ngày sau."),
    ),
    "decision-later-there": (
        gettext_noop("Đã có quyết định khác áp dụng từ %(given)s."),
        gettext_noop("Ghi một ngày sau ngày đó."),
    ),
    "procedure-unknown": (
        gettext_noop("Không có thủ tục mang mã %(given)s."),
        gettext_noop("Tìm mã ở trang Công bố thủ tục."),
    ),
    "procedure-over": (
        gettext_noop("Thủ tục %(given)s không có hiệu lực vào ngày này."),
        gettext_noop("Bỏ thủ tục này, hoặc chọn ngày khác."),
    ),
    "procedure-not-of-this-level": (
        gettext_noop("Thủ tục %(given)s không thực hiện ở cấp xã."),
        gettext_noop("Bỏ thủ tục này khỏi bảng của xã, phường."),
    ),
    "step-number": (gettext_noop("Số bước chưa đúng."), gettext_noop("Đánh số các bước từ 1, mỗi số một lần.")),
    "step-role": (
        gettext_noop("Vai trò này không giữ bước nào của quy trình."),
        gettext_noop("Dùng một trong: tiếp nhận, thụ lý, thẩm định, ký duyệt."),
    ),
    "step-title": (gettext_noop("Thiếu nội dung bước."), gettext_noop("Viết việc phải làm, nhiều nhất 200 chữ.")),
    "step-without-time": (
        gettext_noop("Bước này chưa có thời gian."),
        gettext_noop("Ghi số phút làm việc lớn hơn 0."),
    ),
    "first-step": (
        gettext_noop("Bước đầu phải là tiếp nhận."),
        gettext_noop("Chọn vai trò tiếp nhận cho bước đầu."),
    ),
    "last-step": (
        gettext_noop("Bước cuối phải là trả kết quả, do vai trò tiếp nhận giữ."),
        gettext_noop("Thêm bước trả kết quả ở cuối."),
    ),
    "return-takes-time": (
        gettext_noop("Bước trả kết quả không tính thời gian."),
        gettext_noop("Ghi 0 phút."),
    ),
    "process-too-short": (
        gettext_noop("Quy trình cần ít nhất hai bước: tiếp nhận và trả kết quả."),
        gettext_noop("Thêm bước."),
    ),
    "process-too-long": (gettext_noop("Quy trình có hơn %(given)s bước."), gettext_noop("Gộp bớt các bước.")),
    "process-too-much": (
        gettext_noop("Đến bước này các bước cộng lại đã vượt thời hạn; cả quy trình thừa %(given)s phút làm việc."),
        gettext_noop("Bớt %(given)s phút ở bước này hoặc các bước trước."),
    ),
    "process-too-little": (
        gettext_noop("Các bước cộng lại còn thiếu %(given)s phút làm việc so với thời hạn."),
        gettext_noop("Thêm %(given)s phút vào bước này hoặc các bước trước."),
    ),
    "shorten-not-shorter": (
        gettext_noop("Thời hạn mới của %(given)s không ngắn hơn thời hạn quốc gia."),
        gettext_noop("Ghi thời hạn ngắn hơn."),
    ),
}


@dataclass(frozen=True, slots=True)
class Told:
    """A fault as a page shows it."""

    row: int
    column: str
    what: str
    mend: str

    @property
    def sentence(self) -> str:
        return f"{self.what} {self.mend}".strip()


def tell(kind: str, given: str = "") -> tuple[str, str]:
    what, mend = SENTENCES[kind]
    named = {"given": given}
    return _(what) % named, _(mend) % named


def told(faults: Iterable[Fault], columns: Iterable[Column]) -> list[Told]:
    """The faults in the order of the rows, with the headings of their columns."""
    headings = {column.key: column.heading for column in columns}
    return [
        Told(fault.row, headings.get(fault.column, ""), *tell(fault.kind, fault.given))
        for fault in sorted(faults, key=lambda fault: fault.row)
    ]
