"""Spreadsheets: what is taken for a table, and what is sent back unopened."""

import zipfile
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from motcua.kernel import workbooks
from motcua.kernel.workbooks import Column, Fault, read, write

COLUMNS = (Column("code", "Mã"), Column("name", "Tên"), Column("note", "Ghi chú", required=False))


def kinds(content: bytes) -> list[str]:
    found = read(content, COLUMNS)
    assert found.rows == () or found.faults == () or all(f.row for f in found.faults)
    return [fault.kind for fault in found.faults]


def repacked(content: bytes, **parts: bytes) -> bytes:
    """The same file with parts added or replaced; "__" in a name stands for "/"."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        names = {name.replace("__", "/").replace("_DOT_", "."): body for name, body in parts.items()}
        for part in old.infolist():
            if part.filename not in names:
                new.writestr(part, old.read(part.filename))
        for name, body in names.items():
            new.writestr(name, body)
    return out.getvalue()


GOOD = write("Bảng", COLUMNS, [("1", "một", None), ("2", "hai", "x")])


def test_what_is_written_is_read_again() -> None:
    found = read(GOOD, COLUMNS)
    assert found.faults == ()
    assert [(row.number, row.values) for row in found.rows] == [
        (2, {"code": "1", "name": "một", "note": ""}),
        (3, {"code": "2", "name": "hai", "note": "x"}),
    ]


@pytest.mark.parametrize("typed", ["=1+1", "+84 900", "-5", "@cmd", '=HYPERLINK("http://x")', "\tx", "Bình\x00 An"])
def test_what_looks_like_a_formula_goes_out_as_text_and_comes_back_the_same(typed: str) -> None:
    content = write("x", COLUMNS, [(typed, "tên", None)])
    cell = load_workbook(BytesIO(content)).worksheets[0]["A2"]
    assert cell.data_type == "s"
    assert read(content, COLUMNS).rows[0].values["code"] == " ".join(typed.replace("\x00", "").split())


def made(*rows: list[Any]) -> bytes:
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def test_columns_are_found_by_heading_in_any_order_and_values_read_as_typed() -> None:
    content = made(["TÊN", "khác", "mã"], [date(2026, 8, 21), "bỏ", 12.0], [None, None, None], [True, 1, 3])
    rows = read(content, COLUMNS).rows
    assert [(row.number, row.values["code"], row.values["name"]) for row in rows] == [
        (2, "12", "21/08/2026"),
        (4, "3", "có"),
    ]


def test_a_formula_is_refused_where_it_stands() -> None:
    found = read(made(["Mã", "Tên"], ["1", "=A1"]), COLUMNS)
    assert Fault(2, "name", "cell-formula") in found.faults


def test_a_missing_column_and_an_empty_cell_are_named() -> None:
    assert read(made(["Mã"], ["1"]), COLUMNS).faults == (Fault(1, "name", "column-missing", "Tên"),)
    assert read(made(["Mã", "Tên"], ["1", None]), COLUMNS).faults == (Fault(2, "name", "cell-empty"),)
    assert kinds(made(["Mã", "Tên"])) == ["file-without-rows"]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "file-empty"),
        (b"Ma;Ten\n1;mot", "file-not-xlsx"),
        (GOOD[: len(GOOD) // 2], "file-not-xlsx"),
        (repacked(GOOD, xl__vbaProject_DOT_bin=b"x"), "file-has-macros"),
        (repacked(GOOD, xl__externalLinks__externalLink1_DOT_xml=b"<x/>"), "file-has-macros"),
        (repacked(GOOD, xl__embeddings__a_DOT_bin=b"x"), "file-has-macros"),
        (repacked(GOOD, xl__workbook_DOT_xml=b"<broken"), "file-unreadable"),
        (repacked(GOOD, xl__more_DOT_xml=b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'), "file-unreadable"),
        (repacked(GOOD, xl__bomb_DOT_xml=b" " * (workbooks.LARGEST_CONTENT + 1)), "file-unpacks-too-large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_a_plain_table_is_not_opened(content: bytes, kind: str) -> None:
    assert kinds(content) == [kind]


def test_too_large_a_file_is_not_opened() -> None:
    assert kinds(b"PK" + b"0" * workbooks.LARGEST_FILE) == ["file-too-large"]


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MOST_ROWS", 3)
    content = write("x", COLUMNS, [(str(n), "tên", None) for n in range(4)])
    assert kinds(content) == ["file-too-many-rows"]


@pytest.mark.parametrize("typed", ["21/08/2026", "2026-08-21"])
def test_a_day_is_read_as_people_write_it(typed: str) -> None:
    assert workbooks.day_from(typed) == date(2026, 8, 21)


@pytest.mark.parametrize("typed", ["", "hôm nay", "31/02/2026", "2026", "21-08-2026"])
def test_what_is_no_day_is_none(typed: str) -> None:
    assert workbooks.day_from(typed) is None
