"""Which unit is meant by typed words."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motcua.units import api as units
from motcua.units.queries import gazetteer
from motcua.units.rules import names as rules

TODAY = date(2026, 11, 22)


@pytest.fixture
def names(db: None) -> rules.Gazetteer:
    return gazetteer(units.directory())


def codes(names: rules.Gazetteer, text: str) -> list[str]:
    return [unit.code for unit in rules.find_units(names, text)]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Phường 3, Quận 3", "27154"),
        ("phuong 3 quan 3", "27154"),
        ("P.3 Q.3 TP.HCM", "27154"),
        ("p3 q3", "27154"),
        ("BÀN CỜ", "27154"),
        ("phường Bàn Cờ, thành phố Hồ Chí Minh", "27154"),
        ("Trúc Bạch", "00004"),
        ("xã Kỳ Lợi, huyện Kỳ Anh", "18796"),
        ("xã Kỳ Lợi, thị xã Kỳ Anh, Hà Tĩnh", "18796"),
        ("Tỉnh Bình Dương", "74"),
        ("quận Hoàn Kiếm", "002"),
    ],
)
def test_a_unit_is_found_as_people_write_it(names: rules.Gazetteer, typed: str, code: str) -> None:
    assert code in codes(names, typed)[:3]


def test_what_lay_around_a_unit_tells_namesakes_apart(names: rules.Gazetteer) -> None:
    assert len(codes(names, "phường 3")) > 15
    assert codes(names, "phường 3, quận 3") == ["27154"]


def test_a_unit_of_today_comes_before_its_closed_namesakes(names: rules.Gazetteer) -> None:
    found = rules.find_units(names, "An Phú")
    in_force = [unit.in_force(TODAY) for unit in found]
    whole = len([unit for unit in found if unit.periods[-1].name == "An Phú"])
    assert in_force[0]
    assert in_force[:whole] == sorted(in_force[:whole], reverse=True)


def test_a_renamed_type_is_found_by_both(names: rules.Gazetteer) -> None:
    assert "25270" in codes(names, "xã Lộc Ninh")
    assert "25270" in codes(names, "phường Lộc Ninh")


@pytest.mark.parametrize("nothing", ["", "   ", "…", "<>", "không có nơi này"])
def test_words_that_name_no_unit_find_none(names: rules.Gazetteer, nothing: str) -> None:
    assert codes(names, nothing) == []


@given(st.text(max_size=60))
def test_any_text_can_be_asked(text: str) -> None:
    assert all(word.isascii() for word in rules.spelled(text))
