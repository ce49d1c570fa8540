"""A broken line is named by file and number, and nothing is made of the package then."""

from collections.abc import Mapping

import pytest

from motcua.kernel.errors import Permanent
from motcua.units.rules.package import FILES, bare, read


def broken(files: Mapping[str, str], file: str, line: int, new: str | None) -> dict[str, str]:
    """The files with one line replaced, or taken out."""
    lines = files[file].splitlines()
    lines[line - 1 : line] = [] if new is None else [new]
    return {**files, file: "\n".join(lines) + "\n"}


def faults(files: Mapping[str, str]) -> list[str]:
    with pytest.raises(Permanent) as refused:
        read(files)
    assert refused.value.problem == "import-row"
    found: list[str] = refused.value.members["faults"]
    assert refused.value.detail.startswith(found[0])
    return found


@pytest.mark.parametrize(
    ("file", "line", "new", "words"),
    [
        ("communes.csv", 17, "0x004,Tây Hồ,phường,01,phường,Tay Ho", "a commune has a code of 5 digits"),
        ("communes.csv", 17, "00004,Tây Hồ,phường,01,phường,Tay Ho", "the code 00004 stands here for the second"),
        ("communes.csv", 17, "00145,Tây Hồ,phường,99,phường,Tay Ho", "the province '99' does not exist"),
        ("communes.csv", 17, "00145,Tây Hồ,huyện,01,phường,Tay Ho", "'huyện' is not a type of commune"),
        ("communes.csv", 17, "00145,,phường,01,phường,Tay Ho", "'' is not a name"),
        ("communes.csv", 17, "00145,Tây Hồ,phường", "6 values were expected, 3 found"),
        ("communes.csv", 1, "code,name", "the header must be code,name,type"),
        (
            "unit_changes.csv",
            2,
            "2026-13-30,commune,25270,Lộc Ninh,type,xã,phường,237/NQ-UBTVQH16",
            "'2026-13-30' is not a day",
        ),
        (
            "unit_changes.csv",
            2,
            "2026-04-30,commune,25270,Lộc Ninh,type,phường,xã,237/NQ-UBTVQH16",
            "before the change it is 'xã'",
        ),
        (
            "unit_changes.csv",
            2,
            "2024-04-30,commune,25270,Lộc Ninh,type,xã,phường,237/NQ-UBTVQH16",
            "2024-04-30 is not after",
        ),
        (
            "unit_changes.csv",
            2,
            "2026-04-30,commune,99999,Lộc Ninh,type,xã,phường,237/NQ-UBTVQH16",
            "the commune '99999'",
        ),
        ("succession.csv", 2, "00001,99999,whole,1,commune,Nhập toàn bộ,", "the new commune '99999' does not exist"),
        ("succession.csv", 2, "00001,00097,most,1,commune,Nhập toàn bộ,", "the relation is whole or part"),
        ("succession.csv", 2, "00001,00097,whole,1,hamlet,Nhập toàn bộ,", "'hamlet' is not one of"),
        ("succession.csv", 2, "00004,00097,whole,1,commune,Nhập toàn bộ,", "a unit that went whole"),
        ("legacy_communes.csv", 2, "00001,Phúc Xá,phường,001,02", "district 001 does not belong"),
        ("commune_stats.csv", 2, '00004,big,65023,105.838,21.0386,,"Số 2"', "the area 'big' is not a number"),
        ("commune_stats.csv", 2, '00004,-1,65023,105.838,21.0386,,"Số 2"', "the area '-1' can't be"),
        (
            "org_codes_level1.csv",
            2,
            "HH1,K01,An Giang,89,91,active,list_order,",
            "'HH1' is not a letter and two digits",
        ),
        ("departments.csv", 2, "Bộ Tài chính,099,Sở Tài chính,no,x", "the number '099' is not between"),
    ],
)
def test_a_broken_line_is_named(few_files: Mapping[str, str], file: str, line: int, new: str, words: str) -> None:
    assert any(
        fault.startswith(f"{file}, line {line}: {words}") for fault in faults(broken(few_files, file, line, new))
    )


@pytest.mark.parametrize(
    ("file", "line", "new", "words"),
    [
        ("communes.csv", 17, '"00145,Tây Hồ', "communes.csv, line"),
        ("unit_changes.csv", 2, None, "but unit_changes.csv ends with 'xã'"),
        (
            "succession.csv",
            2,
            "00004,00004,whole,1,commune,Nhập toàn bộ,",
            "succession.csv, line 3: 00004 to 00004 stands here for the second",
        ),
        ("succession.csv", 2, None, "legacy_communes.csv, line 2: 00001 has no successor"),
        ("province_stats.csv", 2, None, "provinces.csv, line 2: 01 is missing in province_stats.csv"),
        (
            "org_codes_level1.csv",
            2,
            "H19,K10,Bình Phước,70,75,closed_20250701,list_order,",
            "org_codes_level1.csv, line 3: the code H19 stands in line 2 too",
        ),
        (
            "org_codes_level1.csv",
            3,
            "H19,K19,Đồng Nai,75,75,closed_20250701,anchor,",
            "provinces.csv, line 3: 75 has no active code in org_codes_level1.csv",
        ),
        (
            "departments.csv",
            3,
            "Bộ Tài chính,002,Sở Tài chính,no,x",
            "departments.csv: the ministry Bộ Tài chính stands there 2 times",
        ),
    ],
)
def test_what_no_longer_fits_a_line_elsewhere_is_named_there(
    few_files: Mapping[str, str], file: str, line: int, new: str | None, words: str
) -> None:
    assert any(words in fault for fault in faults(broken(few_files, file, line, new)))


def test_all_broken_lines_are_named_at_once(few_files: Mapping[str, str]) -> None:
    twice = broken(
        broken(few_files, "provinces.csv", 2, "1,Hà Nội,Hanoi,thành phố,thành phố"), "departments.csv", 2, "x"
    )
    found = faults(twice)
    assert any(fault.startswith("provinces.csv, line 2") for fault in found)
    assert any(fault.startswith("departments.csv, line 2") for fault in found)


@pytest.mark.parametrize("file", FILES)
def test_a_missing_file_is_named(few_files: Mapping[str, str], file: str) -> None:
    assert f"{file}: the file is missing." in faults({k: v for k, v in few_files.items() if k != file})


def test_numbers_of_units_and_agencies_are_unique_and_the_same_in_every_reading(few_files: Mapping[str, str]) -> None:
    first, second = read(few_files), read(few_files)
    assert first.fingerprint() == second.fingerprint()
    units, agencies = [row[0] for row in first.rows.units], [row[0] for row in first.rows.agencies]
    assert len(set(units)) == len(units)
    assert len(set(agencies)) == len(agencies)


def test_a_change_anywhere_changes_the_fingerprint(few_files: Mapping[str, str]) -> None:
    other = broken(few_files, "commune_stats.csv", 2, '00004,2.98,65023,105.838,21.0386,,"Số 2, phố Trúc Bạch"')
    assert read(other).fingerprint() != read(few_files).fingerprint()


def test_names_without_marks_keep_their_capitals() -> None:
    assert bare("Đồng Nai") == "Dong Nai"
    assert bare("Kỳ Lợi đảo") == "Ky Loi dao"
