"""What the pages of documents share: who may open them, and the words of states, steps and the line."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from motcua.desk.gate import Seat, officials
from motcua.documents import api as documents
from motcua.identity import api as identity
from motcua.identity.api import Role
from motcua.kernel import clock

OFFICE = officials(*(role for role in Role if role is not Role.ADMINISTRATOR))
DIRECTIONS = {"den": documents.Direction.IN, "di": documents.Direction.OUT}
WAITING = "cho"  # in place of a direction: what waits for the caller, in both
SLUGS = {direction: slug for slug, direction in DIRECTIONS.items()}

STATE_WORDS = {
    "arrived": gettext_noop("Đã đến, chờ tiếp nhận"),
    "received": gettext_noop("Đã tiếp nhận, chờ phân công"),
    "assigned": gettext_noop("Đã phân công"),
    "in_process": gettext_noop("Đang xử lý"),
    "finished": gettext_noop("Hoàn thành"),
    "refused": gettext_noop("Từ chối tiếp nhận"),
    "draft": gettext_noop("Dự thảo"),
    "in_opinion": gettext_noop("Đang lấy ý kiến"),
    "to_approve": gettext_noop("Chờ duyệt"),
    "to_sign": gettext_noop("Chờ ký"),
    "signed": gettext_noop("Đã ký, chờ cấp số"),
    "numbered": gettext_noop("Đã cấp số, chờ ban hành"),
    "issued": gettext_noop("Đã ban hành"),
    "sent": gettext_noop("Đã gửi"),
    "recalled": gettext_noop("Đã thu hồi"),
    "replaced": gettext_noop("Đã được thay thế"),
    "archived": gettext_noop("Đã lưu"),
}
STEP_WORDS = {
    "receive": gettext_noop("Tiếp nhận, vào sổ đến"),
    "refuse": gettext_noop("Từ chối tiếp nhận"),
    "assign": gettext_noop("Phân công xử lý"),
    "process": gettext_noop("Bắt đầu xử lý"),
    "finish": gettext_noop("Hoàn thành"),
    "agree": gettext_noop("Đồng ý thu hồi, cập nhật"),
    "decline": gettext_noop("Từ chối thu hồi, cập nhật"),
    "archive": gettext_noop("Lưu hồ sơ"),
    "ask_opinion": gettext_noop("Lấy ý kiến"),
    "give_opinion": gettext_noop("Cho ý kiến"),
    "submit": gettext_noop("Trình duyệt"),
    "approve": gettext_noop("Duyệt nội dung"),
    "send_back": gettext_noop("Trả lại dự thảo"),
    "sign": gettext_noop("Ký ban hành"),
    "number": gettext_noop("Cấp số, vào sổ đi"),
    "issue": gettext_noop("Ban hành"),
    "send": gettext_noop("Gửi liên thông"),
    "recall": gettext_noop("Yêu cầu thu hồi"),
    "update": gettext_noop("Gửi bản cập nhật"),
    "file": gettext_noop("Lưu văn bản"),
    "arrive": gettext_noop("Văn bản đến"),
    "asked_back": gettext_noop("Bên gửi yêu cầu thu hồi, cập nhật hoặc thay thế"),
    "told": gettext_noop("Bên nhận báo trạng thái"),
    "recalled": gettext_noop("Mọi bên nhận đã đồng ý thu hồi"),
    "link": gettext_noop("Ghi hồ sơ liên quan"),
}
STATUS_WORDS = {
    "": gettext_noop("chưa báo gì"),
    "01": gettext_noop("đã đến"),
    "02": gettext_noop("từ chối tiếp nhận"),
    "03": gettext_noop("đã tiếp nhận"),
    "04": gettext_noop("phân công xử lý"),
    "05": gettext_noop("đang xử lý"),
    "06": gettext_noop("hoàn thành"),
    "13": gettext_noop("yêu cầu lấy lại"),
    "15": gettext_noop("đồng ý cập nhật, lấy lại"),
    "16": gettext_noop("từ chối cập nhật, lấy lại"),
}
LINE_WORDS = {
    "": gettext_noop("chưa gửi"),
    "ready": gettext_noop("đang chờ gửi"),
    "sending": gettext_noop("đang gửi"),
    "unknown": gettext_noop("đã gửi, đang hỏi trục"),
    "waiting": gettext_noop("trục đang xử lý"),
    "done": gettext_noop("trục đã nhận"),
    "dead": gettext_noop("trục từ chối, cần người xử lý"),
    "set-aside": gettext_noop("không gửi nữa"),
}
REQUEST_WORDS = {
    "recall": gettext_noop("Bên gửi yêu cầu thu hồi văn bản này."),
    "update": gettext_noop("Bên gửi có bản cập nhật của văn bản này."),
    "replace": gettext_noop("Bên gửi thay thế văn bản này bằng văn bản khác."),
}
PRIORITY_WORDS = {
    0: gettext_noop("Thường"),
    1: gettext_noop("Khẩn"),
    2: gettext_noop("Thượng khẩn"),
    3: gettext_noop("Hỏa tốc"),
    4: gettext_noop("Hỏa tốc hẹn giờ"),
}
SIGNATURE_WORDS = {
    "": gettext_noop("không có chữ ký số"),
    "none": gettext_noop("không có chữ ký số"),
    "trusted": gettext_noop("chữ ký số hợp lệ, chứng thư đáng tin cậy"),
    "unknown": gettext_noop("chữ ký số khớp với nội dung, chưa biết chứng thư"),
    "partial": gettext_noop("chữ ký số khớp nhưng không phủ hết văn bản và tệp"),
    "unchecked": gettext_noop("chữ ký số phủ cả gói tin lớn, chưa kiểm tra"),
}


def said(words: dict[str, str], key: str) -> str:
    """One of these words in the language of the page; the key itself where there is none."""
    return _(words[key]) if key in words else key


def chip(row: documents.Row) -> str:
    """The kind of a row's chip: late where its time is over, done where nothing is left to do."""
    if row.state in ("finished", "archived", "sent", "recalled", "replaced", "refused"):
        return "done"
    if row.due_at is not None and row.due_at < clock.now():
        return "late"
    return "waiting" if row.asked_back else "tag"


def colleagues(seat: Seat) -> tuple[identity.Holding, ...]:
    """Who can be given work in this agency today."""
    held = identity.positions_in(seat.agency.id, clock.today())
    return tuple(holding for holding in held if holding.role is not Role.ADMINISTRATOR)
