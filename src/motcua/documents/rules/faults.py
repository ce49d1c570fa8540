"""What can be wrong with a message, by name: each with what is told to its sender and what the sender can do.

A fault makes a message unreadable: it is kept, shown, and answered with status 02. A remark is forgiven and told.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from motcua.documents.rules.values import Element


@dataclass(frozen=True, slots=True)
class FaultRow:
    """A fault: its slug, the sentence, and what the sender can mend."""

    name: str
    says: str
    mend: str


FAULTS: tuple[FaultRow, ...] = (
    FaultRow("empty", "Gói tin rỗng.", "Gửi lại gói tin."),
    FaultRow("cut-short", "Gói tin bị cắt giữa chừng.", "Gửi lại cả gói tin."),
    FaultRow("not-xml", "Gói tin không phải XML đúng cú pháp.", "Kiểm tra phần mềm tạo gói tin."),
    FaultRow("encoding-unknown", "Bảng mã ký tự của gói tin không đọc được.", "Dùng UTF-8."),
    FaultRow("doctype", "Gói tin có khai báo DOCTYPE hoặc thực thể.", "Bỏ khai báo DOCTYPE; edXML không dùng đến."),
    FaultRow("too-deep", "Các phần tử lồng nhau quá sâu.", "Theo đúng cấu trúc của QCVN 102:2016/BTTTT."),
    FaultRow("too-many-elements", "Gói tin có quá nhiều phần tử.", "Theo đúng cấu trúc của QCVN 102:2016/BTTTT."),
    FaultRow("text-too-long", "Một trường của gói tin quá dài.", "Đưa nội dung dài vào tệp đính kèm."),
    FaultRow("message-too-large", "Cả gói tin quá lớn.", "Chia văn bản thành nhiều gói tin."),
    FaultRow("not-edxml", "Đây là XML nhưng không phải edXML.", "Phần tử gốc phải là edXML với MessageHeader."),
    FaultRow("header-twice", "Gói tin có hai phần MessageHeader.", "Mỗi gói tin một văn bản."),
    FaultRow("sender-missing", "Thiếu mã định danh cơ quan gửi.", "Ghi From/OrganId."),
    FaultRow("sender-malformed", "Mã định danh cơ quan gửi sai dạng.", "Ghi mã theo Quyết định 20/2020/QĐ-TTg."),
    FaultRow("receiver-missing", "Thiếu mã định danh cơ quan nhận.", "Ghi ít nhất một To/OrganId."),
    FaultRow("receiver-malformed", "Mã định danh cơ quan nhận sai dạng.", "Ghi mã theo Quyết định 20/2020/QĐ-TTg."),
    FaultRow("too-many-receivers", "Gói tin có quá nhiều cơ quan nhận.", "Chia thành nhiều gói tin."),
    FaultRow("number-missing", "Thiếu số, ký hiệu văn bản.", "Ghi Code/CodeNumber và CodeNotation."),
    FaultRow("number-malformed", "Số hoặc ký hiệu văn bản sai dạng.", "Viết như 7816 và VPCP-TTĐT."),
    FaultRow("number-contradicts", "Số, ký hiệu khác với DocumentId.", "Ghi hai nơi như nhau."),
    FaultRow("date-missing", "Thiếu ngày ban hành.", "Ghi PromulgationDate dạng yyyy/MM/dd."),
    FaultRow("date-malformed", "Ngày ghi trong gói tin không đọc được.", "Ghi ngày dạng yyyy/MM/dd."),
    FaultRow("kind-unknown", "Loại nghiệp vụ không có trong quy chuẩn.", "BussinessDocType là 0, 1, 2 hoặc 3."),
    FaultRow("about-missing", "Không nói thu hồi, cập nhật hay thay thế văn bản nào.", "Ghi Bussiness/DocumentId."),
    FaultRow("status-unknown", "Mã trạng thái không có trong quy chuẩn.", "Dùng 01 đến 06, 13, 15 hoặc 16."),
    FaultRow("status-about-missing", "Không nói trạng thái của văn bản nào.", "Ghi ResponseFor/DocumentId."),
    FaultRow("attachment-missing", "Tệp có trong danh sách nhưng không có nội dung.", "Gửi kèm nội dung của tệp."),
    FaultRow("attachment-twice", "Hai tệp có cùng ContentId.", "Mỗi tệp một ContentId."),
    FaultRow("too-many-attachments", "Gói tin có quá nhiều tệp.", "Chia thành nhiều gói tin."),
    FaultRow("attachment-not-base64", "Nội dung tệp không phải base64.", "Mã hóa lại tệp."),
    FaultRow("attachment-empty", "Tệp đính kèm rỗng.", "Chọn lại tệp."),
    FaultRow("attachment-too-large", "Tệp đính kèm lớn hơn 50 MB.", "Quét lại hoặc chia nhỏ tệp."),
    FaultRow("zip-damaged", "Tệp nén bị hỏng.", "Nén lại và gửi lại."),
    FaultRow("zip-empty", "Tệp nén không có tệp nào.", "Chọn lại tệp."),
    FaultRow("zip-encrypted", "Tệp nén đặt mật khẩu.", "Gửi tệp không đặt mật khẩu."),
    FaultRow("zip-bomb", "Tệp nén nở ra lớn bất thường.", "Kiểm tra tệp; có thể là mã độc."),
    FaultRow("zip-nested", "Tệp nén lồng nhau quá nhiều lớp.", "Nén một lớp."),
    FaultRow("zip-too-many", "Tệp nén chứa quá nhiều tệp.", "Chia nhỏ tệp nén."),
    FaultRow("zip-link", "Tệp nén chứa liên kết thay cho tệp.", "Nén tệp thật."),
    FaultRow("zip-same-name", "Tệp nén có hai tệp cùng tên.", "Đổi tên một tệp."),
    FaultRow("file-name-path", "Tên tệp chỉ ra ngoài thư mục.", "Chỉ ghi tên tệp."),
    FaultRow("file-name-malformed", "Tên tệp có ký tự không dùng được.", "Đặt tên bằng chữ không dấu, chữ số, - và _."),
    FaultRow("file-kind-refused", "Loại tệp này có thể chạy được, không được nhận.", "Gửi PDF hoặc tệp văn phòng."),
    FaultRow("file-content-mismatch", "Nội dung tệp không đúng với đuôi tên.", "Đặt lại đuôi tên hoặc chọn lại tệp."),
    FaultRow("receiver-not-here", "Không có cơ quan nào ở đây mang mã nhận này.", "Kiểm tra mã định danh nơi nhận."),
    FaultRow("document-twice", "Đã có văn bản khác mang cùng mã định danh.", "Gửi bản cập nhật hoặc thay thế."),
    FaultRow("about-unknown", "Ở đây không có văn bản được nói đến.", "Kiểm tra mã định danh văn bản."),
    FaultRow("too-large-to-fetch", "Gói tin lớn hơn mức được nhận.", "Chia thành nhiều gói tin."),
    FaultRow("signature-broken", "Chữ ký số không khớp với nội dung.", "Ký lại và gửi lại."),
)  # fmt: skip
FAULT: Mapping[str, FaultRow] = {row.name: row for row in FAULTS}

REMARKS: Mapping[str, str] = {
    "namespace-missing": "Không khai báo không gian tên của QCVN 102:2016.",
    "subject-missing": "Thiếu trích yếu.",
    "date-from-id": "Ngày ban hành lấy từ DocumentId.",
    "number-from-id": "Số, ký hiệu lấy từ DocumentId.",
    "date-other-form": "Ngày không viết dạng yyyy/MM/dd.",
    "optional-date-malformed": "Một ngày không bắt buộc không đọc được, đã bỏ qua.",
    "code-lower-case": "Mã định danh viết chữ thường.",
    "kind-missing": "Không ghi loại nghiệp vụ, hiểu là văn bản mới.",
    "priority-unknown": "Độ khẩn không rõ, hiểu là thường.",
    "manifest-missing": "Tệp không có trong danh sách đính kèm.",
    "attachment-unzipped": "Tệp không nén.",
    "file-name-long": "Tên tệp dài hơn 50 ký tự hoặc có dấu.",
    "number-spelled-otherwise": "Số hoặc ký hiệu viết khác nhau giữa Code và DocumentId.",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of one message: which, and where or what exactly."""

    name: str
    at: str = ""

    @property
    def says(self) -> str:
        return FAULT[self.name].says

    @property
    def sentence(self) -> str:
        """What the sender is told, in one line."""
        where = f" ({self.at})" if self.at else ""
        return f"{FAULT[self.name].says.rstrip('.')}{where}. {FAULT[self.name].mend}"


class Unreadable(Exception):
    """The message can't be taken in. Says by name what is wrong with it."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(f"{fault.name} {fault.at}".strip() for fault in faults))
        self.faults = faults
        self.partial: Element | None = None  # what could be read of it
