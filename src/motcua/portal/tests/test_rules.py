"""Which unit is meant by typed words, and what a deadline looks like."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motcua.portal import rules
from motcua.portal.rules import Chip
from motcua.portal.views.units import gazetteer
from motcua.units import api as units

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


@pytest.mark.parametrize(
    ("status", "left", "due", "kind"),
    [
        (4, timedelta(hours=5), TODAY + timedelta(days=1), Chip.IN_TIME),
        (4, timedelta(hours=2), TODAY, Chip.SOON),
        (4, timedelta(seconds=-1), TODAY, Chip.LATE),
        (4, timedelta(0), TODAY, Chip.SOON),
        (5, None, None, Chip.WAITING),
        (1, None, None, Chip.WAITING),
        (10, timedelta(hours=-50), TODAY, Chip.DONE),
        (9, None, None, Chip.DONE),
        (3, None, None, Chip.DONE),
        (7, timedelta(hours=1), TODAY, Chip.DONE),
        (8, None, None, Chip.DONE),
    ],
)
def test_a_chip_shows_how_the_deadline_stands(
    status: int, left: timedelta | None, due: date | None, kind: Chip
) -> None:
    assert rules.chip(status, left, due, TODAY) is kind
