"""What the identity app says, and what of it a form asks."""

from typing import Any

import pytest

from motcua.portal import rules
from motcua.screens import forms
from motcua.screens.tests.test_forms import SCHEMA

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


PEOPLE, _OTHER = forms.groups(SCHEMA)


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
