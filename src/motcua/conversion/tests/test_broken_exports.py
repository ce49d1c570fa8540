"""A broken export gives a clear finding with its place, and nothing is changed."""

import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from motcua.conversion import api as conversion
from motcua.conversion.tests import support_export as made
from motcua.dossiers import api as dossiers
from motcua.kernel.errors import Permanent
from motcua.units import api as units

pytestmark = pytest.mark.usefixtures("country", "staged_here")
ROWS = made.lines(20)


def text(path: Path, change: Callable[[str], str]) -> None:
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def csv_of(change: Callable[[str], str]) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        text(made.write_csv(folder / "x.csv", ROWS), change)
        return made.write_mapping(folder, "x.csv")

    return write


def cut(write: Callable[[Path, list[made.Line]], Path], file: str, kind: str) -> Callable[[Path], Path]:
    """The file with its second half missing."""

    def torn(folder: Path) -> Path:
        path = write(folder / file, made.lines(400))
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
        return made.write_mapping(folder, file, kind, more='table = "public.hoso"' if kind == "dump" else "")

    return torn


def bytes_of(content: bytes, *, more: str = "", kind: str = "csv") -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / "x.csv").write_bytes(content)
        return made.write_mapping(folder, "x.csv", kind, more=more)

    return write


def windows(folder: Path) -> Path:
    made.write_csv(folder / "x.csv", [{**row, "HoTen": "Trần Ư"} for row in ROWS[:1]], columns=("SoHoSo",))
    whole = (folder / "x.csv").read_bytes()
    head = ",".join(made.COLUMNS).encode()
    (folder / "x.csv").write_bytes(head + b"\nHS-1,1.001193,4,26734,,,,Nguy\xea\xf2n,,,,,\n" + whole[:0])
    return made.write_mapping(folder, "x.csv")


def bomb(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "x.xlsx", "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", b"0" * 20_000_000)
    return made.write_mapping(folder, "x.xlsx", "xlsx")


def other_sheet(folder: Path) -> Path:
    made.write_xlsx(folder / "x.xlsx", ROWS)
    return made.write_mapping(folder, "x.xlsx", "xlsx", more='sheet = "Khác"')


def other_table(folder: Path) -> Path:
    made.write_dump(folder / "x.sql", ROWS)
    return made.write_mapping(folder, "x.sql", "dump", more='table = "public.khac"')


def missing(folder: Path) -> Path:
    return made.write_mapping(folder, "x.csv")


HEAD = ",".join(made.COLUMNS)
BROKEN: list[tuple[str, Callable[[Path], Path]]] = [
    ("file-missing", missing),
    ("file-empty", bytes_of(b"")),
    ("no-rows", bytes_of(HEAD.encode() + b"\n")),
    ("column-missing", csv_of(lambda t: t.replace("LePhi", "Phi", 1))),
    ("column-twice", csv_of(lambda t: t.replace("KetQua", "LePhi", 1))),
    ("wrong-encoding", windows),
    ("wrong-encoding", bytes_of(HEAD.encode("utf-16"))),
    ("wrong-encoding", bytes_of(HEAD.encode() + b"\nHS-\x8a", more='encoding = "windows-1258"')),
    ("not-csv", bytes_of(b"PK\x03\x04" + b"0" * 100)),
    ("torn-quotes", csv_of(lambda t: t.replace("Nguyễn Thị Ước 7", '"Nguyễn Thị Ước 7', 1))),
    ("row-width", csv_of(lambda t: t.replace("HS-000009,", "HS-000009,thêm,", 1))),
    ("row-width", csv_of(lambda t: t.replace("HS-000009,", "", 1))),
    ("nul", csv_of(lambda t: t.replace("HS-000009", "HS-\0", 1))),
    ("broken-parquet", cut(made.write_parquet, "x.parquet", "parquet")),
    ("broken-xlsx", cut(made.write_xlsx, "x.xlsx", "xlsx")),
    ("dump-torn", cut(made.write_dump, "x.sql", "dump")),
    ("zip-bomb", bomb),
    ("sheet-missing", other_sheet),
    ("table-missing", other_table),
    ("table-missing", bytes_of(b"PGDMP" + b"\1" * 200, kind="dump", more='table = "public.hoso"')),
]


@pytest.mark.parametrize(("kind", "write"), BROKEN, ids=[f"{kind}-{n}" for n, (kind, _) in enumerate(BROKEN)])
def test_a_broken_export_gives_a_finding_and_changes_nothing(
    kind: str, write: Callable[[Path], Path], tmp_path: Path
) -> None:
    path = write(tmp_path)
    with pytest.raises(Permanent) as refused:
        conversion.run(path=path, now=made.NOW)
    assert refused.value.problem == "conversion-findings"
    found = conversion.check(path=path, now=made.NOW).findings
    assert kind in {finding.kind for finding in found}
    assert "Nguyễn" not in str(refused.value), "a finding says nothing of anybody"
    with connection.cursor() as cursor:
        cursor.execute("SELECT (SELECT count(*) FROM conversion_run) + (SELECT count(*) FROM conversion_record)")
        assert cursor.fetchone() == (0,)


def test_a_row_too_wide_is_named_by_its_line(tmp_path: Path) -> None:
    path = csv_of(lambda t: t.replace("HS-000009,", "HS-000009,thêm,", 1))(tmp_path)
    (finding,) = conversion.check(path=path, now=made.NOW).findings
    assert (finding.file, finding.line) == ("x.csv", 11)


CLOSED = "an area code that nobody has held since 2025-07-01"


def closed() -> str:
    directory = units.directory()
    return next(
        code
        for code in directory.area_codes()
        if [last for _, last, _ in directory.unit_holders(code)] == [units.REFORM_DAY - timedelta(days=1)]
    )


# One thing wrong in one row, and the reason and field that the reject names.
ROW = ROWS[6]
WRONG: list[tuple[dict[str, str], set[tuple[str, str]]]] = [
    ({"SoHoSo": ""}, {("missing", "number")}),
    ({"HoTen": " "}, {("missing", "applicant_name")}),
    ({"HoTen": "Ư" * 201}, {("too-long", "applicant_name")}),
    ({"NgayNop": "31/02/2024 08:00"}, {("not-a-day", "filed_at")}),
    ({"NgayNop": "2024-03-01"}, {("not-a-day", "filed_at")}),
    ({"NgaySinh": "01/13/1990"}, {("not-a-day", "birth_date")}),
    ({"NgaySinh": "01/02/90"}, {("not-a-day", "birth_date")}),
    ({"ThuTuc": "9.999999"}, {("unknown", "procedure")}),
    ({"TrangThai": "77"}, {("unknown", "state")}),
    ({"DonVi": "99999"}, {("unknown", "reception")}),
    ({"DonVi": CLOSED, "NgayNop": "01/02/2026 08:00", "NgayTra": "02/02/2026 08:00"}, {("not-in-force", "reception")}),
    ({"LePhi": "miễn"}, {("not-money", "fee")}),
    ({"LePhi": "-5.000"}, {("negative", "fee")}),
    ({"SoGiayTo": "12345"}, {("ill-formed", "applicant_number")}),
    ({"NgayTra": "01/01/2020 08:00"}, {("before", "finished_at")}),
    ({"NgayTra": ""}, {("done-without", "finished_at")}),
    ({"TrangThai": made.OPEN}, {("open-with", "finished_at")}),
    ({"TrangThai": made.OPEN, "NgayTra": "", "HenTra": ""}, {("open-without", "due_at")}),
    ({"LePhi": "-1", "HoTen": ""}, {("negative", "fee"), ("missing", "applicant_name")}),
]


def test_each_row_that_is_wrong_is_refused_for_its_reasons_and_the_others_come_in(tmp_path: Path) -> None:
    """All in one export: the place of each reject is the row that was spoilt."""
    good = made.lines(8, first=100, open_every=99)
    wrong = [{**ROW, "SoHoSo": f"X-{n}", **values} for n, (values, _) in enumerate(WRONG)]
    wrong = [{**row, "DonVi": closed() if row["DonVi"] == CLOSED else row["DonVi"]} for row in wrong]
    doubled = [{**ROW, "SoHoSo": "D-1"}, {**ROW, "SoHoSo": "D-1", "DiaChi": "khác"}]
    repeated = [{**ROW, "SoHoSo": "D-2"}, {**ROW, "SoHoSo": "D-2"}]
    path = made.exported(tmp_path, [*good, *wrong, *doubled, *repeated])
    name = conversion.run(path=path, now=made.NOW)
    row = conversion.one(name)
    assert (row.read, row.added, row.rejected) == (len(good) + len(wrong) + 4, len(good) + 1, len(wrong) + 3)
    told = {r.row: {(fault.slug, fault.field) for fault in r.reasons} for r in conversion.rejects(name)}
    first = len(good) + 2
    assert {n: told[first + n] for n in range(len(WRONG))} == {n: reasons for n, (_, reasons) in enumerate(WRONG)}
    after = first + len(WRONG)
    assert told[after] == told[after + 1] == {("twice", "number")}
    assert after + 2 not in told
    assert told[after + 3] == {("repeated", "number")}
    assert {figure.count for figure in conversion.reject_figures(name)} >= {1, 2}


def test_rejects_come_out_as_they_were_and_mended_they_come_in(tmp_path: Path) -> None:
    rows = made.changed(made.lines(10), [3, 7], {"LePhi": "miễn"})
    path = made.exported(tmp_path, rows)
    first = conversion.run(path=path, now=made.NOW)
    for kind in ("csv", "xlsx"):
        assert conversion.write_rejects(first, tmp_path / f"rejects.{kind}") == 2
    out = tmp_path / "rejects.csv"
    assert (out.stat().st_mode & 0o777) == 0o600
    assert "ho_so.csv:5" in out.read_text(encoding="utf-8-sig")
    text(out, lambda t: t.replace("miễn", "0"))
    second = conversion.one(conversion.run(path=path, files=[out], now=made.NOW))
    assert (second.read, second.added, second.rejected) == (2, 2, 0)


def test_a_code_that_is_a_dossiers_already_is_a_reject_and_its_neighbours_come_in(tmp_path: Path) -> None:
    """Old codes resolve for ever, so no two dossiers may have one."""
    path = made.exported(tmp_path, made.lines(5))
    conversion.run(path=path, now=made.NOW)
    text(path, lambda t: t.replace('"THU"', '"KHAC"'))
    made.write_csv(tmp_path / "ho_so.csv", made.lines(4, first=3))
    row = conversion.one(conversion.run(path=path, now=made.NOW))
    assert (row.read, row.added, row.rejected) == (4, 2, 2)
    assert {fault.slug for r in conversion.rejects(row.id) for fault in r.reasons} == {"clash"}
    assert dossiers.log_of("HS-000004")[0].detail["system"] == "THU"
