"""What is wrong with a filled-in form, in Vietnamese."""

import json
from typing import Any

import pytest

from motcua.procedures import packaged
from motcua.procedures.rules.forms import GENERAL, GENERAL_KEY, FieldError, compiled, errors, key_of

BIRTH = json.loads((packaged.CURATED / "1.001193.json").read_text(encoding="utf-8"))["schema"]
STAY = json.loads((packaged.CURATED / "1.004194.json").read_text(encoding="utf-8"))["schema"]


def wrong(schema: dict[str, Any], **change: Any) -> dict[str, str]:
    content = schema["examples"][0] | change
    content = {key: value for key, value in content.items() if value is not ...}
    return {error.path: error.message_vi for error in errors(key_of(schema), schema, content)}


def test_a_form_that_is_right_has_no_errors() -> None:
    assert wrong(BIRTH) == {}


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("child_name", ..., "Cần điền “Họ, chữ đệm, tên người được khai sinh”."),
        ("child_name", "", "không được để trống"),
        ("child_name", 5, "phải là chữ"),
        ("child_name", "A" * 201, "không được dài quá 200 ký tự"),
        ("child_birth_date", "2026-02-30", "một ngày có thật"),
        ("child_gender", "x", "phải là một trong: Nam, Nữ"),
        ("requester_number", "00119000000a", "phải là 12 chữ số"),
        ("requester_phone", "abc", "số điện thoại bắt đầu bằng 0"),
        ("requester_email", "a b", "một địa chỉ thư điện tử"),
        ("copies", -1, "phải từ 0 đến 50"),
        ("copies", True, "phải là số nguyên"),
        ("colour", "red", "Biểu mẫu không có mục “colour”."),
    ],
)
def test_each_fault_is_told_at_its_field_in_vietnamese(field: str, value: Any, says: str) -> None:
    told = wrong(BIRTH, **{field: value})
    assert set(told) == {field}
    assert says in told[field]


def test_a_fault_in_a_list_is_told_with_its_place() -> None:
    member = STAY["examples"][0]["members"][0]
    told = wrong(STAY, members=[member, member | {"number": "1"}, {}])
    assert told["members/1/number"] == "“Số định danh cá nhân” phải là 12 chữ số."
    assert told["members/2/name"] == "Cần điền “Họ, chữ đệm, tên”."


def test_several_faults_come_in_the_order_of_the_form() -> None:
    assert list(wrong(BIRTH, copies="x", requester_name=..., child_gender="x")) == [
        "requester_name",
        "child_gender",
        "copies",
    ]


@pytest.mark.parametrize("content", [None, [], "x", 3])
def test_what_is_not_an_object_is_refused(content: Any) -> None:
    (error,) = errors(GENERAL_KEY, GENERAL, content)
    assert error == FieldError("", "“Biểu mẫu” phải là đúng kiểu dữ liệu.")


def test_the_general_form_asks_who_and_what() -> None:
    assert errors(GENERAL_KEY, GENERAL, GENERAL["examples"][0]) == ()
    assert errors(GENERAL_KEY, GENERAL, {"applicant_name": "An", "request": "Cấp giấy"}) == ()
    told = {error.path for error in errors(GENERAL_KEY, GENERAL, {"applicant_number": "1"})}
    assert told == {"applicant_name", "applicant_number", "request"}


def test_a_form_is_compiled_once() -> None:
    assert compiled(key_of(BIRTH), BIRTH) is compiled(key_of(dict(BIRTH)), dict(BIRTH))
