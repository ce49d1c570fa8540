"""Exports become dossiers: each kind of file, again and again, to the letter on three sides."""

from datetime import timedelta
from pathlib import Path

import duckdb
import psycopg
import pytest
from django.db import connection

from motcua.config import postgres
from motcua.conversion import api as conversion
from motcua.conversion import sources, staging
from motcua.conversion.rules.mapping import read
from motcua.conversion.tests import support_export as made
from motcua.dossiers import api as dossiers
from motcua.identity import api as identity
from motcua.kernel.clock import day_of
from motcua.kernel.journal import api as journal
from motcua.units import api as units

ROWS = made.lines(20)


def digests(path: Path, room: Path) -> list[tuple[str, str]]:
    """Number and digest of each good row, as a run would stage it."""
    mapped, findings = read(path.read_text(encoding="utf-8"))
    assert mapped is not None, findings
    paths, faults = sources.files_of(mapped, path.parent)
    room.mkdir()
    tables, more = sources.prepare(mapped, paths, room)
    assert faults + more == []
    with staging.opened(room, fresh=True) as duck:
        assert staging.stage(duck, mapped, tables, day_of(made.NOW)) == []
        return duck.execute("SELECT number, digest FROM checked WHERE mask = 0 ORDER BY number").fetchall()


@pytest.mark.usefixtures("country", "staged_here")
def test_the_same_rows_are_the_same_records_in_every_kind_of_file(tmp_path: Path) -> None:
    expected = digests(made.exported(tmp_path, ROWS), tmp_path / "plain")
    assert len(expected) == len(ROWS)
    for encoding in ("utf-8-sig", "utf-16"):
        made.write_csv(tmp_path / "x.csv", ROWS, encoding=encoding)
        path = made.write_mapping(tmp_path, "x.csv", more=f'encoding = "{encoding}"')
        assert digests(path, tmp_path / encoding) == expected
    made.write_xlsx(tmp_path / "x.xlsx", ROWS)
    assert digests(made.write_mapping(tmp_path, "x.xlsx", "xlsx"), tmp_path / "sheet") == expected
    made.write_parquet(tmp_path / "x.parquet", ROWS)
    assert digests(made.write_mapping(tmp_path, "x.parquet", "parquet"), tmp_path / "columns") == expected
    made.write_dump(tmp_path / "x.sql", ROWS)
    path = made.write_mapping(tmp_path, "x.sql", "dump", more='table = "public.hoso"')
    assert digests(path, tmp_path / "dump") == expected


@pytest.mark.usefixtures("country", "staged_here")
@pytest.mark.parametrize("odd", ["", "\t", "\u00a0", "Thu\u0323y\u0301"])
def test_a_file_without_odd_signs_is_read_faster_but_not_otherwise(odd: str, tmp_path: Path) -> None:
    """A CSV is looked through for such signs first; a Parquet file never is."""
    said = {"HoTen": " Lê Văn Ước  ", "DiaChi": f"Số 1\nđường Lê Lợi{odd} ", "SoHoSo": " HS-7", "TrangThai": "10 "}
    rows = made.changed([{**row, "DiaChi": "nhà"} for row in ROWS], [7], said)
    (tmp_path / "room").mkdir()
    path = made.exported(tmp_path, rows)
    mapped, _ = read(path.read_text(encoding="utf-8"))
    assert mapped is not None
    ((table,), _) = sources.prepare(mapped, [tmp_path / "ho_so.csv"], tmp_path / "room")
    assert table.plain is not bool(odd)
    expected = digests(path, tmp_path / "text")
    assert "HS-7" in dict(expected)
    made.write_parquet(tmp_path / "x.parquet", rows)
    assert digests(made.write_mapping(tmp_path, "x.parquet", "parquet"), tmp_path / "columns") == expected


@pytest.mark.usefixtures("country", "staged_here")
def test_a_custom_dump_of_postgresql_is_read_without_being_carried_out(tmp_path: Path, own_database: str) -> None:
    names = ", ".join(f'"{name}" text' for name in made.COLUMNS)
    with psycopg.connect(own_database) as elsewhere:
        elsewhere.execute(f"CREATE TABLE hoso ({names})")
        elsewhere.cursor().executemany(
            f"INSERT INTO hoso VALUES ({', '.join(['%s'] * len(made.COLUMNS))})",
            [[row[name] or None for name in made.COLUMNS] for row in ROWS],
        )
    tool = str(postgres.binaries() / "pg_dump")
    made.run_tool(tool, "-Fc", "-t", "hoso", "-f", str(tmp_path / "x.dump"), own_database)
    path = made.write_mapping(tmp_path, "x.dump", "dump", more='table = "public.hoso"')
    assert digests(path, tmp_path / "custom") == digests(made.exported(tmp_path, ROWS), tmp_path / "plain")


@pytest.mark.usefixtures("country", "staged_here")
def test_windows_1258_with_marks_of_their_own_becomes_composed_text(tmp_path: Path) -> None:
    """Windows-1258 writes "Ước" as Ươ and a mark: the same name as the composed one."""
    rows = [{**row, "HoTen": "Ngu\u0303 Thị Hu\u00ea\u0323".replace("ị", "i\u0323"), "DiaChi": "nhà"} for row in ROWS]
    rows = [{**row, "KetQua": ""} for row in rows]
    made.write_csv(tmp_path / "x.csv", rows, encoding="windows-1258")
    old = digests(made.write_mapping(tmp_path, "x.csv", more='encoding = "windows-1258"'), tmp_path / "old")
    made.write_csv(tmp_path / "x.csv", [{**row, "HoTen": "Ngũ Thị Huệ"} for row in rows])
    assert old == digests(made.write_mapping(tmp_path, "x.csv"), tmp_path / "new")


@pytest.mark.usefixtures("country", "staged_here")
def test_other_forms_of_days_and_of_units_are_read_as_the_mapping_says(tmp_path: Path) -> None:
    expected = digests(made.exported(tmp_path, ROWS), tmp_path / "plain")
    rows = [{**row, "NgaySinh": "32905", "DonVi": f"P-{row['DonVi']}"} for row in ROWS]  # 32905: 01/02/1990
    made.write_csv(tmp_path / "x.csv", rows)
    named = "\n".join(f'"P-{code}" = "{code}"' for code in sorted({row["DonVi"] for row in ROWS}))
    path = made.write_mapping(tmp_path, "x.csv", **{'"dd/mm/yyyy"\n': f'"excel"\n[units]\n{named}\n'})
    assert digests(path, tmp_path / "other") == expected


@pytest.mark.usefixtures("country", "staged_here")
def test_a_dossier_that_was_brought_in_keeps_its_code_its_place_and_its_promise(tmp_path: Path) -> None:
    name = conversion.run(path=made.exported(tmp_path, ROWS), now=made.NOW)
    row = conversion.one(name)
    assert (row.phase, row.read, row.added, row.rejected) == ("loaded", 20, 20, 0)
    folder = dossiers.open_folder("HS-000005", scope=identity.SYSTEM, now=made.NOW)
    assert folder.where.state == "in_process"
    assert folder.where.due_at is not None
    assert f"{folder.where.due_at + timedelta(hours=7):%d/%m/%Y %H:%M}" == ROWS[5]["HenTra"]
    (log,) = folder.log
    assert (log.step, log.at) == ("convert", made.NOW)
    assert {"system": "THU", "file": "ho_so.csv", "row": 7, "number": "HS-000005"}.items() <= log.detail.items()
    # the committee of the old ward, which is closed: the identity stays, its heirs are found through the directory
    office = units.directory().agency(folder.holder or 0)
    assert units.directory().unit(office.unit_id).code == ROWS[5]["DonVi"]
    assert not office.in_force(day_of(made.NOW))
    assert len(units.directory().heirs(office.id, day_of(made.NOW))) >= 1
    done = dossiers.open_folder("HS-000004", scope=identity.SYSTEM, now=made.NOW)
    assert [(paper.kind, paper.name) for paper in done.papers] == [("result", "Giấy khai sinh số 4")]
    assert dossiers.clock_of("HS-000005", now=made.NOW)[-1].sentence.startswith("hẹn lại đến")
    assert list(journal.verify()) == []


@pytest.mark.usefixtures("country", "staged_here")
def test_a_person_with_a_number_is_the_party_that_filing_would_have_made(tmp_path: Path) -> None:
    conversion.run(path=made.exported(tmp_path, ROWS), now=made.NOW)
    number = ROWS[1]["SoGiayTo"]
    scope = identity.Scope(party=identity.party_id("citizen", number))
    assert "HS-000001" in {where.code for where in dossiers.of_party(scope, now=made.NOW)}
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT party) FROM conversion_person WHERE old_number = '900000003'")
        assert cursor.fetchone() == (1, 1)


@pytest.mark.usefixtures("country", "staged_here")
def test_a_dossier_goes_on_from_where_the_old_system_left_it(tmp_path: Path) -> None:
    conversion.run(path=made.exported(tmp_path, ROWS), now=made.NOW)
    moved_on("HS-000005")
    folder = dossiers.open_folder("HS-000005", scope=identity.SYSTEM, now=made.NOW)
    assert [row.step for row in folder.log] == ["convert", "warn"]
    assert folder.where.due_at is not None
    assert f"{folder.where.due_at + timedelta(hours=7):%d/%m/%Y %H:%M}" == ROWS[5]["HenTra"]
    assert list(journal.verify()) == []


def moved_on(code: str) -> None:
    """A step is taken here."""
    request = dossiers.StepRequest(
        code=code, step="warn", key=f"k:{code}", digest=b"d", scope=identity.SYSTEM, given=dossiers.Given(made.NOW),
    )  # fmt: skip
    (receipt,) = dossiers.take_steps([request])
    assert isinstance(receipt, dossiers.StepReceipt), receipt


@pytest.mark.usefixtures("country", "staged_here")
def test_running_again_adds_what_is_late_corrects_what_changed_and_doubles_nothing(tmp_path: Path) -> None:
    path = made.exported(tmp_path, ROWS)
    conversion.run(path=path, now=made.NOW)
    again = conversion.one(conversion.run(path=path, now=made.NOW))
    assert (again.added, again.corrected, again.unchanged) == (0, 0, 20)
    moved_on("HS-000005")
    made.write_csv(
        tmp_path / "ho_so.csv", [*made.changed(ROWS, [4, 5], {"DiaChi": "Số mới"}), *made.lines(3, first=20)]
    )
    third = conversion.one(conversion.run(path=path, now=made.NOW))
    assert (third.added, third.corrected, third.unchanged, third.held) == (3, 1, 18, 1)
    corrected = dossiers.open_folder("HS-000004", scope=identity.SYSTEM, now=made.NOW)
    assert corrected.applicant["address"] == "Số mới"
    assert [row.step for row in corrected.log] == ["convert", "correct"]
    kept = dossiers.open_folder("HS-000005", scope=identity.SYSTEM, now=made.NOW)
    assert kept.applicant["address"] != "Số mới"
    assert [(row.code, row.row, row.why) for row in conversion.held(third.id)] == [("HS-000005", 7, "moved")]
    fourth = conversion.one(conversion.run(path=path, now=made.NOW))
    assert (fourth.added, fourth.corrected, fourth.unchanged, fourth.held) == (0, 0, 22, 1)
    assert list(journal.verify()) == []


DIFFERENT = """
SELECT number, s.digest IS DISTINCT FROM g.digest, g.digest IS DISTINCT FROM t.digest
FROM source s FULL JOIN staging g USING (number) FULL JOIN target t USING (number)
WHERE s.digest IS DISTINCT FROM g.digest OR g.digest IS DISTINCT FROM t.digest ORDER BY number
"""


def different(name: str) -> list[tuple[str, bool, bool]]:
    with conversion.sides(name) as duck:
        counts = duck.execute("SELECT (SELECT count(*) FROM source), (SELECT count(*) FROM target)").fetchone()
        assert counts == (20, 20)
        return duck.execute(DIFFERENT).fetchall()


@pytest.mark.usefixtures("country", "staged_here")
def test_source_staging_and_target_agree_to_the_letter_or_the_row_is_named(tmp_path: Path) -> None:
    path = made.exported(tmp_path, ROWS)
    name = conversion.run(path=path, now=made.NOW)
    assert different(name) == []
    moved_on("HS-000005")  # what is done here afterwards is no difference
    assert different(name) == []
    with connection.cursor() as cursor:
        cursor.execute("UPDATE dossiers_dossier SET area = area + 1 WHERE code = 'HS-000002'")
    with duckdb.connect(str(staging.room_of(name) / staging.FILE)) as duck:
        duck.execute("UPDATE checked SET fee = fee + 1 WHERE number = 'HS-000003'")
    made.write_csv(tmp_path / "ho_so.csv", made.changed(ROWS, [1], {"HoTen": "Người khác"}))
    assert different(name) == [("HS-000001", True, False), ("HS-000002", False, True), ("HS-000003", True, True)]


@pytest.mark.usefixtures("country", "staged_here")
def test_what_is_staged_is_read_by_its_owner_alone(tmp_path: Path) -> None:
    made.write_csv(tmp_path / "x.csv", ROWS, encoding="utf-16")
    name = conversion.run(path=made.write_mapping(tmp_path, "x.csv", more='encoding = "utf-16"'), now=made.NOW)
    room = staging.room_of(name)
    modes = {path.name: path.stat().st_mode & 0o777 for path in (room, *room.rglob("*"))}
    assert {mode & 0o077 for mode in modes.values()} == {0}, modes
