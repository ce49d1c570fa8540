"""Forms as questions, and what was typed as their values."""

from datetime import date
from typing import Any

import pytest

from motcua.screens import forms

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
PEOPLE, OTHER = forms.groups(SCHEMA)


@pytest.mark.parametrize("text", ["17/05/1990", "17-5-1990", "17.05.1990", "17 5 1990", "17051990", "1990-05-17"])
def test_a_day_is_read_as_people_write_it(text: str) -> None:
    assert forms.read_date(text) == date(1990, 5, 17)


@pytest.mark.parametrize("text", ["", "31/02/2020", "17/05/90", "1/1", "0/0/0000", "hôm qua", "1990-13-01"])
def test_what_is_no_day_is_not_guessed(text: str) -> None:
    assert forms.read_date(text) is None


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
    assert forms.read(PEOPLE.questions, posted) == {
        "name": "Mai",
        "born": "1990-05-17",
        "sex": None,
        "people": [{"who": "An", "when": "2003-02-01"}, {"who": "Bình"}],
    }
    assert forms.read(
        OTHER.questions,
        {"note": "một\r\nhai ", "copies": "3", "sure": "0", "agreed": "1", "lines": "a\n\n b  c "},
    ) == {"note": "một\nhai", "copies": 3, "sure": False, "agreed": True, "lines": ["a", "b c"]}


def test_what_cannot_be_read_stays_as_it_was_typed() -> None:
    assert forms.read(PEOPLE.questions, {"born": "31/02/2020"})["born"] == "31/02/2020"
    assert forms.read(OTHER.questions, {"copies": "ba", "sure": "maybe"}) == {
        "note": None, "copies": "ba", "sure": "maybe", "agreed": None, "lines": None,
    }  # fmt: skip
    born = PEOPLE.questions[1]
    assert (forms.typed(born, "1990-05-17"), forms.typed(born, "31/02/2020")) == ("17/05/1990", "31/02/2020")
