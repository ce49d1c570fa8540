"""Form 07 as a workbook (XLSX): text stays text, moments are moments that can be sorted."""

import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font

from motcua.kernel import clock
from motcua.slips.queries import BookLine

COLUMNS = (
    ("STT", 6),
    ("Mã hồ sơ", 26),
    ("Tên thủ tục hành chính", 50),
    ("Tên tổ chức, cá nhân", 30),
    ("Địa chỉ", 40),
    ("Số điện thoại", 16),
    ("Cơ quan chủ trì giải quyết", 36),
    ("Nhận hồ sơ", 17),
    ("Hẹn trả kết quả", 17),
    ("Trả kết quả", 17),
    ("Phương thức nhận kết quả", 18),
    ("Ký nhận", 12),
)
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def book(lines: Sequence[BookLine]) -> bytes:
    """The lines under a header that stays in sight, written row by row."""
    made = Workbook(write_only=True)
    sheet = made.create_sheet("Sổ theo dõi hồ sơ")
    sheet.freeze_panes = "C2"
    for i, (_, width) in enumerate(COLUMNS):
        sheet.column_dimensions[chr(ord("A") + i)].width = width
    header = []
    for name, _ in COLUMNS:
        cell = WriteOnlyCell(sheet, name)
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
        header.append(cell)
    sheet.append(header)
    for n, line in enumerate(lines, 1):
        sheet.append([n, *_cells(sheet, line)])
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _cells(sheet: Any, line: BookLine) -> Iterator[Any]:
    for words in (line.code, line.procedure, line.applicant, line.address, line.phone, line.resolving):
        yield text(sheet, words)
    for moment in (line.received_at, line.due_at, line.returned_at):
        yield _moment(sheet, moment)


def text(sheet: Any, words: str) -> Any:
    """A cell that no program ever reads as a formula, whatever somebody wrote for a name."""
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub(" ", words))
    cell.data_type = "s"
    if words.startswith(FORMULA_STARTS):
        cell.quotePrefix = True
    return cell


def _moment(sheet: Any, moment: datetime | None) -> Any:
    if moment is None:
        return None
    cell = WriteOnlyCell(sheet, clock.local(moment).replace(tzinfo=None))
    cell.number_format = "hh:mm dd/mm/yyyy"
    return cell
