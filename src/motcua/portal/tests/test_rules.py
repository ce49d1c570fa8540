"""What the identity app says, and forms as questions."""

from datetime import date
from typing import Any

import pytest

from motcua.portal import rules

TOLD = {
    "sub": "x",
    "SoDinhDanh": "046085000023",
    "HoVaTen": "  Hồ  Văn Nam ",
    "NgaySinh": "02/09/1985",
    "GioiTinh": "Nam",
    "DiaChi": "5 đường Hùng Vương",
    "SoDienThoai": "0900000023",
}


def test_the_app_names_a_person_by_the_fields_of_the_portals_sign_in() -> None:
    assert rules.known_of(TOLD) == {
        "kind": "citizen",
        "number": "046085000023",
        "name": "Hồ Văn Nam",
        "birth_date": "1985-09-02",
        "sex": "Nam",
        "address": "5 đường Hùng Vương",
        "phone": "0900000023",
        "email": "",
    }


@pytest.mark.parametrize(
    "wrong",
    [{"SoDinhDanh": ""}, {"SoDinhDanh": "12345"}, {"SoDinhDanh": "04608500002a"}, {"HoVaTen": " "}, {"HoVaTen": None}],
)
def test_whoever_has_no_number_or_no_name_is_nobody(wrong: dict[str, Any]) -> None:
    assert rules.known_of(TOLD | wrong) is None


def test_an_organisations_account_signs_in_under_the_number_of_the_enterprise() -> None:
    known = rules.known_of(
        TOLD | {"LoaiTaiKhoan": "2", "MaSoDoanhNghiep": "0100109106", "TenDoanhNghiep": "Công ty An"}
    )
    assert known is not None
    assert (known["kind"], known["number"], known["name"]) == ("organisation", "0100109106", "Công ty An")
    assert known["birth_date"] == ""


@pytest.mark.parametrize("text", ["17/05/1990", "17-5-1990", "17.05.1990", "17 5 1990", "17051990", "1990-05-17"])
def test_a_day_is_read_as_people_write_it(text: str) -> None:
    assert rules.read_date(text) == date(1990, 5, 17)


@pytest.mark.parametrize("text", ["", "31/02/2020", "17/05/90", "1/1", "0/0/0000", "hôm qua", "1990-13-01"])
def test_what_is_no_day_is_not_guessed(text: str) -> None:
    assert rules.read_date(text) is None


SCHEMA: dict[str, Any] = {
    "title": "Tờ khai",
    "required": ["name", "born"],
    "properties": {
        "note": {"type": "string", "x-long": True, "x-order": 90, "x-group": "Khác"},
        "name": {"title": "Họ tên", "type": "string", "x-order": 10, "x-group": "Người", "x-prefill": "party.name"},
        "born": {"title": "Ngày sinh", "type": "string", "format": "date", "x-order": 20, "x-group": "Người",
                 "x-prefill": "party.birth_date"},
        "sex": {"type": "string", "enum": ["male", "female"], "x-enum": {"male": "Nam", "female": "Nữ"},
                "x-order": 30, "x-group": "Người", "x-prefill": "person.gender"},
        "copies": {"type": "integer", "x-order": 100, "x-group": "Khác"},
        "sure": {"type": "boolean", "x-order": 110, "x-group": "Khác"},
        "agreed": {"const": True, "x-order": 120, "x-group": "Khác"},
        "lines": {"type": "array", "items": {"type": "string"}, "x-order": 130, "x-group": "Khác"},
        "people": {"type": "array", "x-order": 40, "x-group": "Người", "items": {"required": ["who"], "properties": {
            "who": {"title": "Ai", "type": "string"}, "when": {"type": "string", "format": "date"}}}},
    },
}  # fmt: skip
PEOPLE, OTHER = rules.groups(SCHEMA)


def test_a_form_becomes_one_screen_for_each_group_in_its_own_order() -> None:
    assert [group.title for group in (PEOPLE, OTHER)] == ["Người", "Khác"]
    assert [(q.name, q.kind, q.required) for q in PEOPLE.questions] == [
        ("name", "text", True), ("born", "date", True), ("sex", "choice", False), ("people", "rows", False),
    ]  # fmt: skip
    assert [q.kind for q in OTHER.questions] == ["long", "number", "yes_no", "agree", "lines"]


def test_what_was_typed_is_read_as_values_and_blanks_are_left_out() -> None:
    posted = {
        "name": " Mai ", "born": "17051990", "sex": "", "people.0.who": "An", "people.0.when": "1/2/2003",
        "people.2.who": "", "people.7.who": "Bình", "people.x.who": "?", "people.7.other": "?",
    }  # fmt: skip
    assert rules.read(PEOPLE.questions, posted) == {
        "name": "Mai",
        "born": "1990-05-17",
        "sex": None,
        "people": [{"who": "An", "when": "2003-02-01"}, {"who": "Bình"}],
    }
    assert rules.read(
        OTHER.questions,
        {"note": "một\r\nhai ", "copies": "3", "sure": "0", "agreed": "1", "lines": "a\n\n b  c "},
    ) == {"note": "một\nhai", "copies": 3, "sure": False, "agreed": True, "lines": ["a", "b c"]}


def test_what_cannot_be_read_stays_as_it_was_typed() -> None:
    assert rules.read(PEOPLE.questions, {"born": "31/02/2020"})["born"] == "31/02/2020"
    assert rules.read(OTHER.questions, {"copies": "ba", "sure": "maybe"}) == {
        "note": None, "copies": "ba", "sure": "maybe", "agreed": None, "lines": None,
    }  # fmt: skip
    born = PEOPLE.questions[1]
    assert (rules.typed(born, "1990-05-17"), rules.typed(born, "31/02/2020")) == ("17/05/1990", "31/02/2020")


def test_known_values_go_where_the_form_asks_for_them() -> None:
    known = {"name": "Mai", "birth_date": "1990-05-17", "sex": "Nữ", "phone": ""}
    assert rules.known_values(PEOPLE.questions, known) == {"name": "Mai", "born": "1990-05-17", "sex": "female"}
    assert rules.known_values(PEOPLE.questions, {"sex": "khác"}) == {}


def test_errors_are_told_on_the_screen_of_their_field() -> None:
    errors = [("people/0/who", "Ai?"), ("copies", "Số?")]
    assert list(rules.named_errors(PEOPLE.names, errors)) == [("people.0.who", "Ai?")]


@pytest.mark.parametrize(
    ("name", "lead"),
    [
        ("Giấy chứng sinh; không có thì văn bản của người làm chứng.", "Giấy chứng sinh"),
        ("Tờ khai theo mẫu (nộp trực tiếp hoặc qua bưu chính công ích). Khác.", "Tờ khai theo mẫu"),
        ("Tờ khai (mẫu CT01)", "Tờ khai (mẫu CT01)"),
        ("Một trong các giấy tờ: hộ chiếu; căn cước", "Một trong các giấy tờ: hộ chiếu; căn cước"),
    ],
)
def test_a_paper_is_called_by_its_name_without_its_conditions(name: str, lead: str) -> None:
    assert rules.lead(name) == lead
    assert name.startswith(lead)


@pytest.mark.parametrize(
    ("name", "clean"),
    [("../../etc/x.pdf", "x.pdf"), ("C:\\ảnh\\a.jpg", "a.jpg"), ("\x00\n", "tep"), ("a" * 300, "a" * 120)],
)
def test_the_name_of_a_file_is_no_path(name: str, clean: str) -> None:
    assert rules.clean_name(name) == clean
