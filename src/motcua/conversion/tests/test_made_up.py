"""The made-up old systems: the same for the same seed, readable by their mappings, and true where they say so."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from openpyxl import load_workbook

from motcua.conversion.made_up.systems import ROW_FAULTS, SYSTEMS
from motcua.conversion.rules import mapping
from motcua.conversion.tests.support_made_up import made, rows_of
from motcua.kernel.errors import Permanent


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("made") / "old")


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_makes_the_same_files_and_another_seed_others(folder: Path, tmp_path: Path) -> None:
    again, other = digests(made(tmp_path / "again")), digests(made(tmp_path / "other", seed=8))
    assert again == digests(folder)
    assert again["tphcm.csv"] != other["tphcm.csv"]


def test_a_small_bình_dương_comes_as_a_sheet_and_says_that_it_is_made_up(tmp_path: Path) -> None:
    old = made(tmp_path / "sheet", rows=300, sheet=1_000)
    book = load_workbook(old / "binhduong.xlsx", read_only=True)
    rows = list(book["HoSo"].iter_rows(values_only=True))
    told = json.loads((old / "su-that" / "tom-tat.json").read_text(encoding="utf-8"))
    assert len(rows) == told["systems"]["BINHDUONG"]["rows"] + 1
    assert "bịa" in str(next(book["DocTruoc"].iter_rows(values_only=True))[0])
    assert "bịa" in (old / "bariavungtau.sql").read_text(encoding="utf-8")[:300]
    assert "bịa" in (old / "DOC-TRUOC.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.code)
def test_the_mapping_beside_a_file_has_no_fault_and_names_columns_that_are_there(folder: Path, system: object) -> None:
    [system] = [one for one in SYSTEMS if one is system]
    mapped, findings = mapping.read((folder / f"{system.file}.toml").read_text(encoding="utf-8"))
    assert findings == ()
    assert mapped is not None
    with duckdb.connect() as read:
        names = {row[0] for row in read.execute(f"DESCRIBE SELECT * FROM {rows_of(folder, system)}").fetchall()}
    assert set(system.mapped.values()) <= names


def test_the_truth_names_each_row_of_each_file_and_what_was_planted_in_it(folder: Path) -> None:
    shown: dict[str, tuple[str, Callable[[str], bool]]] = {
        "day-impossible": ("filed_at", lambda text: text in {system.impossible[1] for system in SYSTEMS}),
        "procedure-unknown": ("procedure", lambda text: "9.999999" in text),
        "unit-unknown": ("reception", lambda text: text == "99999"),
        "state-unknown": ("state", lambda text: text == "??"),
        "fee-negative": ("fee", lambda text: text.startswith("-")),
        "number-missing": ("number", lambda text: text == ""),
        "name-missing": ("applicant_name", lambda text: text == ""),
    }
    assert set(shown) == set(ROW_FAULTS)
    planted = set()
    with duckdb.connect() as read:
        for system in SYSTEMS:
            columns = ", ".join(f'"{system.mapped[field]}"::VARCHAR' for field, _test in shown.values())
            rows = read.execute(f"SELECT {columns} FROM {rows_of(folder, system)}").fetchall()
            truth = read.execute(
                f"SELECT row, fault, number FROM '{folder / 'su-that' / 'dong.parquet'}' WHERE system = ? ORDER BY row",
                [system.code],
            ).fetchall()
            first = 2 if system.kind == "csv" else 1  # a person counts the line of headings
            assert [row for row, _fault, _number in truth] == list(range(first, first + len(rows)))
            for row, fault, number in truth:
                cells = [cell or "" for cell in rows[row - first]]
                found = {name for cell, (name, (_f, test)) in zip(cells, shown.items(), strict=True) if test(cell)}
                assert found == ({fault} if fault else set()), (system.code, row)
                assert cells[5] == (number or "")
                planted.add(fault)
    assert planted == {"", *ROW_FAULTS}


def test_nobody_in_it_can_be_real(folder: Path) -> None:
    with duckdb.connect() as read:
        for system in SYSTEMS:
            papers, phone = system.mapped["applicant_number"], system.mapped["phone"]
            [(real,)] = read.execute(
                f"SELECT count(*) FROM {rows_of(folder, system)}"
                f" WHERE {papers} NOT LIKE '000%' OR {phone} NOT LIKE '0000%'"
            ).fetchall()
            assert real == 0


def test_a_folder_with_something_in_it_is_left_alone(folder: Path) -> None:
    with pytest.raises(Permanent, match="đã có tệp"):
        made(folder)
