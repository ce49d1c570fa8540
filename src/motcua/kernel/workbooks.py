"""Spreadsheets (XLSX) that offices fill in and get back: rows of text under known headings, and nothing else.

What comes in is refused whole when it is more than such a table: macros, formulas, links to other files, archives
that unpack to more than they should. What goes out can't be taken for a formula by the program that opens it.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from io import BytesIO
from typing import Any

LARGEST_FILE = 10 * 1024 * 1024
LARGEST_CONTENT = 64 * 1024 * 1024  # bytes once unpacked: 50,000 rows of ours take a quarter of it
MOST_ROWS = 50_000
MOST_PARTS = 200
MOST_FAULTS = 200  # what a person can mend before trying again
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_FOREIGN_PARTS = ("vbaproject", "externallinks/", "embeddings/", "activex/", "macrosheets/", "ctrlprops/")
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # what XML has no place for
_LIKE_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, and whether a row may leave it empty."""

    key: str
    heading: str
    required: bool = True
    width: int = 18


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one cell. `kind` names the sentence that a face tells; `given` fills it in.

    `row` is the row's number in the spreadsheet, 0 for the file as a whole; `column` is a `Column.key` or "".
    """

    row: int
    column: str
    kind: str
    given: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it was typed: its number in the spreadsheet and the text of each column by key."""

    number: int
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file says, or why it can't be taken. There are no rows where there are faults of the file."""

    rows: tuple[Row, ...]
    faults: tuple[Fault, ...]


def write(
    title: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[str | int | date | None]],
    guide: tuple[str, Sequence[tuple[str, str]]] | None = None,
) -> bytes:
    """A workbook with the headings, kept in sight, and the rows; `guide` is a second sheet of pairs of words."""
    from openpyxl import Workbook  # half a second, for which no command should wait
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    for place, column in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(place)].width = column.width
    sheet.append([_heading(sheet, column) for column in columns])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    if guide is not None:
        beside = book.create_sheet(guide[0][:31])
        beside.column_dimensions["A"].width = 30
        beside.column_dimensions["B"].width = 90
        for pair in guide[1]:
            beside.append([_cell(beside, words) for words in pair])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _heading(sheet: Any, column: Column) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font

    cell = WriteOnlyCell(sheet, value=column.heading)
    cell.font = Font(bold=True)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _cell(sheet: Any, value: str | int | date | None) -> Any:
    from openpyxl.cell import WriteOnlyCell

    if not isinstance(value, str):
        cell = WriteOnlyCell(sheet)
        cell.value = value
        if isinstance(value, date):
            cell.number_format = "hh:mm dd/mm/yyyy" if isinstance(value, datetime) else "dd/mm/yyyy"
        return cell
    plain = _UNSEEN.sub("", value)
    cell = WriteOnlyCell(sheet, value=plain)
    cell.data_type = "s"  # openpyxl takes "=..." for a formula
    if plain.startswith(_LIKE_A_FORMULA):
        cell.quotePrefix = True
    return cell


def read(content: bytes, columns: Sequence[Column]) -> Sheet:
    """The rows of the first sheet, found by their headings in any order. Empty rows are passed over."""
    fault = _refused(content)
    if fault is not None:
        return Sheet((), (fault,))
    from openpyxl import load_workbook

    try:
        book = load_workbook(BytesIO(content), read_only=True, data_only=False, keep_links=False)
        try:
            return _rows(book.worksheets[0].iter_rows(max_col=len(columns) + 20), columns)
        finally:
            book.close()
    except Exception:  # whatever a broken file makes its reader stumble over, it is not a table of ours
        return Sheet((), (Fault(0, "", "file-unreadable"),))


def _refused(content: bytes) -> Fault | None:
    """Why a file isn't even opened."""
    if not content:
        return Fault(0, "", "file-empty")
    if len(content) > LARGEST_FILE:
        return Fault(0, "", "file-too-large", f"{LARGEST_FILE // 1024 // 1024}")
    try:
        with zipfile.ZipFile(BytesIO(content)) as parts:
            known = parts.infolist()
            names = [part.filename.lower() for part in known]
            if len(known) > MOST_PARTS or sum(part.file_size for part in known) > LARGEST_CONTENT:
                return Fault(0, "", "file-unpacks-too-large")
            if any(foreign in name for name in names for foreign in _FOREIGN_PARTS):
                return Fault(0, "", "file-has-macros")
            types = parts.read("[Content_Types].xml").lower()
            if b"macroenabled" in types:
                return Fault(0, "", "file-has-macros")
            if any(_declares_entities(parts, part) for part in known if part.filename.endswith((".xml", ".rels"))):
                return Fault(0, "", "file-unreadable")
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, OSError, ValueError, EOFError):
        return Fault(0, "", "file-not-xlsx")
    return None


def _declares_entities(parts: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Spreadsheets have no document type; one that has wants its reader to expand something."""
    before = b""
    with parts.open(part) as content:
        while piece := content.read(1 << 20):
            if b"<!DOCTYPE" in before + piece or b"<!ENTITY" in before + piece:
                return True
            before = piece[-16:]
    return False


def _rows(cells: Iterator[tuple[Any, ...]], columns: Sequence[Column]) -> Sheet:
    headings = [_text(cell.value).casefold() for cell in next(cells, ())]
    places = {c.key: headings.index(c.heading.casefold()) for c in columns if c.heading.casefold() in headings}
    missing = [c for c in columns if c.required and c.key not in places]
    if missing:
        return Sheet((), tuple(Fault(1, c.key, "column-missing", c.heading) for c in missing))
    rows: list[Row] = []
    faults: list[Fault] = []
    for number, line in enumerate(cells, 2):
        values = {}
        for column in columns:
            place = places.get(column.key, -1)
            cell = line[place] if 0 <= place < len(line) else None
            if cell is not None and cell.data_type == "f":
                faults.append(Fault(number, column.key, "cell-formula"))
            values[column.key] = _text(cell.value) if cell is not None else ""
        if not any(values.values()):
            continue
        rows.append(Row(number, values))
        if len(rows) > MOST_ROWS:
            return Sheet((), (Fault(0, "", "file-too-many-rows", f"{MOST_ROWS:,}".replace(",", ".")),))
        faults += [
            Fault(number, c.key, "cell-empty") for c in columns if c.required and c.key in places and not values[c.key]
        ]
    if not rows:
        faults.append(Fault(0, "", "file-without-rows"))
    return Sheet(tuple(rows), tuple(faults))


def _text(value: Any) -> str:
    """A cell as a person would type it: 12 for 12.0, 21/08/2026 for a day."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "có" if value else "không"
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value)
    if not text.isprintable():  # a line break, or what can't be stored
        text = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(text.split())


def day_from(text: str) -> date | None:
    """21/08/2026 or 2026-08-21 as a day; None for anything else."""
    for form in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None
