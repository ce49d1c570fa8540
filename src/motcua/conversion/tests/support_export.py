"""A small export of an old system, written in every kind of file, and its mapping."""

import csv
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
from openpyxl import Workbook

NOW = datetime(2026, 3, 2, 3, tzinfo=UTC)
COLUMNS = ("SoHoSo", "ThuTuc", "TrangThai", "DonVi", "NgayNop", "HenTra", "NgayTra", "HoTen", "SoGiayTo", "NgaySinh",
           "DiaChi", "LePhi", "KetQua")  # fmt: skip
OPEN, DONE = "4", "10"

MAPPING = """\
system = "THU"
title = "Hệ thống thử"

[source]
files = ["{file}"]
kind = "{kind}"
{more}
[columns]
number = "SoHoSo"
procedure = "ThuTuc"
state = "TrangThai"
reception = "DonVi"
filed_at = "NgayNop"
due_at = "HenTra"
finished_at = "NgayTra"
applicant_name = "HoTen"
applicant_number = "SoGiayTo"
birth_date = "NgaySinh"
address = "DiaChi"
fee = "LePhi"
result = "KetQua"

[dates]
default = "dd/mm/yyyy hh:mm"
birth_date = "dd/mm/yyyy"

[states]
"4" = "in_process"
"10" = "returned"
"""

Line = dict[str, str]


def lines(count: int, *, first: int = 0, open_every: int = 5) -> list[Line]:
    """Made-up rows: wards of the old Quận 1 and Thủ Dầu Một, numbers that nobody has."""
    wards = ("26734", "26737", "26740", "25741")
    made = []
    for n in range(first, first + count):
        filed = date(2024, 1, 2) + timedelta(days=n % 300)
        running = n % open_every == 0
        made.append(
            {
                "SoHoSo": f"HS-{n:06d}",
                "ThuTuc": "1.001193.000.00.00.H29",
                "TrangThai": OPEN if running else DONE,
                "DonVi": wards[n % len(wards)],
                "NgayNop": f"{filed:%d/%m/%Y} 08:15",
                "HenTra": f"{filed + timedelta(days=5):%d/%m/%Y} 17:00",
                "NgayTra": "" if running else f"{filed + timedelta(days=4):%d/%m/%Y} 10:00",
                "HoTen": f"Nguyễn Thị Ước {n % 40}",
                "SoGiayTo": f"00019{n % 40:07d}" if n % 3 else f"{900000000 + n % 40}",
                "NgaySinh": "01/02/1990",
                "DiaChi": f"Số {n}, đường Lê Lợi; “nhà có cổng”",
                "LePhi": f"{n % 7}.000" if n % 7 else "0",
                "KetQua": "" if running else f"Giấy khai sinh số {n}",
            }
        )
    return made


def write_csv(path: Path, rows: Sequence[Line], *, encoding: str = "utf-8", columns: Sequence[str] = COLUMNS) -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_xlsx(path: Path, rows: Sequence[Line]) -> Path:
    """As an office's program writes it: days as days, fees as numbers."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("HoSo")
    sheet.append(list(COLUMNS))
    for row in rows:
        cells: dict[str, object] = dict(row)
        for name in ("NgayNop", "HenTra", "NgayTra"):
            cells[name] = datetime.strptime(row[name], "%d/%m/%Y %H:%M") if row[name] else None  # noqa: DTZ007 - a cell has no zone
        cells["NgaySinh"] = datetime.strptime(row["NgaySinh"], "%d/%m/%Y")  # noqa: DTZ007
        cells["LePhi"] = int(row["LePhi"].replace(".", ""))
        sheet.append([cells[name] for name in COLUMNS])
    book.save(path)
    return path


def write_parquet(path: Path, rows: Sequence[Line]) -> Path:
    source = write_csv(path.with_suffix(".from.csv"), rows)
    with duckdb.connect() as duck:
        duck.execute(
            f"COPY (SELECT * REPLACE (strptime(NgayNop, '%d/%m/%Y %H:%M') AS NgayNop) FROM "
            f"read_csv('{source}', all_varchar=true, header=true)) TO '{path}' (FORMAT parquet)"
        )
    return path


def write_dump(path: Path, rows: Sequence[Line], *, ended: bool = True) -> Path:
    """The text that pg_dump writes."""

    def told(value: str) -> str:
        return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n") if value else "\\N"

    body = "\n".join("\t".join(told(row[name]) for name in COLUMNS) for row in rows)
    names = ", ".join(f'"{name}"' for name in COLUMNS)
    head = f"SET client_encoding = 'UTF8';\nDROP DATABASE motcua;\n\nCOPY public.hoso ({names}) FROM stdin;\n"
    path.write_text(head + body + "\n" + ("\\.\n\nSELECT 1;\n" if ended else ""), encoding="utf-8")
    return path


def write_mapping(folder: Path, file: str, kind: str = "csv", *, more: str = "", **instead: str) -> Path:
    """The mapping beside the file; `instead` replaces words of it."""
    text = MAPPING.format(file=file, kind=kind, more=more)
    for old, new in instead.items():
        text = text.replace(old, new)
    path = folder / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    return path


def exported(folder: Path, rows: Sequence[Line]) -> Path:
    """A CSV export with its mapping; gives the mapping."""
    write_csv(folder / "ho_so.csv", rows)
    return write_mapping(folder, "ho_so.csv")


def changed(rows: Sequence[Line], numbers: Sequence[int], values: Mapping[str, str]) -> list[Line]:
    """The rows, some of them with other values."""
    return [{**row, **values} if n in numbers else row for n, row in enumerate(rows)]


def run_tool(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)
