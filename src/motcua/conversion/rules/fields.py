"""The fields of a dossier that an old system can give, and everything that can be wrong with a row, as two tables.

A mapping names, for each field, the column of the export that holds it. A fault of a row is one bit of a number, so
that five million rows are checked by set-based expressions and a reject keeps all of its reasons.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How the text of a field is read."""

    TEXT = "text"
    MOMENT = "moment"  # a day, with or without the hour, in Viet Nam
    DAY = "day"
    MONEY = "money"  # whole đồng
    CODE = "code"  # through a table of the mapping or of the directory


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a dossier. `longest` is what the target holds; `fixed` may be given once for all rows."""

    name: str
    kind: Kind
    vi: str
    required: bool = False
    longest: int = 300
    fixed: bool = False


_T, _C = Kind.TEXT, Kind.CODE
FIELDS: tuple[Field, ...] = (
    Field("number", _T, "số hồ sơ trong hệ thống cũ", required=True, longest=60),
    Field("code", _T, "mã hồ sơ đã in trên giấy tiếp nhận (không có thì là số hồ sơ)", longest=60),
    Field("procedure", _C, "mã thủ tục", required=True, longest=60, fixed=True),
    Field("state", _C, "trạng thái", required=True, longest=60, fixed=True),
    Field("channel", _C, "kênh nộp", longest=60, fixed=True),
    Field("reception", _C, "nơi tiếp nhận: mã đơn vị hành chính hoặc mã định danh", required=True, fixed=True),
    Field("resolving", _C, "nơi giải quyết (không có thì là nơi tiếp nhận)", fixed=True),
    Field("area", _C, "nơi cư trú của người nộp (không có thì là đơn vị của nơi tiếp nhận)", fixed=True),
    Field("filed_at", Kind.MOMENT, "ngày nộp", required=True),
    Field("accepted_at", Kind.MOMENT, "ngày tiếp nhận"),
    Field("due_at", Kind.MOMENT, "ngày hẹn trả"),
    Field("finished_at", Kind.MOMENT, "ngày có kết quả"),
    Field("applicant_kind", _C, "cá nhân hay tổ chức", longest=60, fixed=True),
    Field("applicant_name", _T, "người nộp", required=True, longest=200),
    Field("applicant_number", _T, "số định danh, số CMND hoặc mã số thuế", longest=20),
    Field("old_number", _T, "số CMND 9 số, khi ở cột riêng", longest=20),
    Field("birth_date", Kind.DAY, "ngày sinh"),
    Field("phone", _T, "điện thoại", longest=20),
    Field("email", _T, "thư điện tử", longest=254),
    Field("address", _T, "địa chỉ"),
    Field("fee", Kind.MONEY, "phí, lệ phí đã thu (đồng)"),
    Field("result", _T, "kết quả: tên, số của văn bản"),
    Field("paper", _T, "giấy tờ đã nhận"),
)
FIELD: Mapping[str, Field] = {field.name: field for field in FIELDS}


@dataclass(frozen=True, slots=True)
class RowFault:
    """One thing that can be wrong with a row: its bit, a slug, the field that it is about and a sentence."""

    bit: int
    slug: str
    field: str
    vi: str


def _row_faults() -> Iterable[tuple[str, str, str]]:
    for field in FIELDS:
        if field.required:
            yield "missing", field.name, f"Thiếu {field.vi}."
    for field in FIELDS:
        if field.kind is _T:
            yield "too-long", field.name, f"Dài quá {field.longest} ký tự: {field.vi}."
    for field in FIELDS:
        if field.kind in (Kind.MOMENT, Kind.DAY):
            yield "not-a-day", field.name, f"Không phải ngày có thật theo dạng đã khai: {field.vi}."
    yield "unknown", "procedure", "Mã thủ tục không có trong bảng mã của tệp khai và trong danh mục."
    yield "unknown", "state", "Trạng thái không có trong bảng [states] của tệp khai."
    yield "unknown", "channel", "Kênh nộp không có trong bảng [channels] của tệp khai."
    yield "unknown", "applicant_kind", "Loại người nộp không có trong bảng [kinds] của tệp khai."
    for name in ("reception", "resolving", "area"):
        yield "unknown", name, f"Mã không có trong danh bạ: {FIELD[name].vi}."
        yield "not-in-force", name, f"Mã không có hiệu lực vào ngày nộp: {FIELD[name].vi}."
    yield "not-money", "fee", "Phí, lệ phí không phải là số đồng."
    yield "negative", "fee", "Phí, lệ phí là số âm."
    yield "ill-formed", "applicant_number", "Không phải số định danh 12 số, số CMND 9 số hay mã số thuế."
    yield "ill-formed", "old_number", "Số CMND cũ không có 9 chữ số."
    yield "twice", "number", "Số hồ sơ có ở nhiều dòng khác nhau: không dòng nào được chọn thay người."
    yield "repeated", "number", "Dòng này lặp lại y hệt một dòng trước."
    yield "in-future", "filed_at", "Ngày nộp ở sau ngày chuyển đổi."
    yield "before", "finished_at", "Có kết quả trước khi nộp."
    yield "open-without", "due_at", "Hồ sơ còn phải giải quyết mà không có ngày hẹn trả."
    yield "done-without", "finished_at", "Hồ sơ đã xong mà không có ngày có kết quả."
    yield "open-with", "finished_at", "Hồ sơ còn phải giải quyết mà đã có ngày có kết quả."
    yield "clash", "code", "Mã hồ sơ đã thuộc về một hồ sơ khác trong hệ thống này."


ROW_FAULTS: tuple[RowFault, ...] = tuple(
    RowFault(bit, slug, field, vi) for bit, (slug, field, vi) in enumerate(_row_faults())
)
BIT: Mapping[tuple[str, str], int] = {(fault.slug, fault.field): fault.bit for fault in ROW_FAULTS}
assert len(ROW_FAULTS) <= 63, "the reasons of a row are kept in one BIGINT"


def reasons(mask: int) -> tuple[RowFault, ...]:
    """Everything that is wrong with a row, read from its bits."""
    return tuple(fault for fault in ROW_FAULTS if mask >> fault.bit & 1)
