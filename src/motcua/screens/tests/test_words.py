"""How the screens say days, spans and amounts."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from motcua.kernel.terms import Term, TermUnit
from motcua.screens import words


@pytest.fixture(autouse=True)
def vietnamese() -> Iterator[None]:
    with translation.override("vi"):
        yield


def test_a_moment_is_said_as_the_clocks_in_viet_nam_show_it() -> None:
    assert words.moment(datetime(2026, 11, 22, 18, 30, tzinfo=UTC)) == "01:30 thứ Hai, 23/11/2026"
    assert words.short_moment(datetime(2026, 11, 22, 4, 5, tzinfo=UTC)) == "11:05, 22/11/2026"


def test_a_weekday_comes_with_its_day() -> None:
    assert words.weekday(date(2026, 8, 22)) == "thứ Bảy 22/08/2026"


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(hours=5), "5 giờ"),
        (timedelta(hours=8), "1 ngày"),
        (timedelta(hours=19), "2 ngày 3 giờ"),
        (timedelta(hours=-3), "3 giờ"),
        (timedelta(minutes=25), "25 phút"),
        (timedelta(hours=5, minutes=25), "5 giờ"),
        (timedelta(0), "0 phút"),
    ],
)
def test_working_time_is_said_in_days_of_eight_hours(span: timedelta, said: str) -> None:
    assert words.working_time(span) == said


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(hours=8), "8 giờ"),
        (timedelta(hours=2, minutes=30), "2 giờ 30 phút"),
        (timedelta(minutes=5), "5 phút"),
        (timedelta(days=1), "1 ngày"),
        (timedelta(0), "–"),
    ],
)
def test_what_a_day_counted_is_said_in_hours_or_whole_days(span: timedelta, said: str) -> None:
    assert words.counted(span) == said


def test_english_counts_one_and_many() -> None:
    with translation.override("en"):
        assert words.working_time(timedelta(hours=9)) == "1 day 1 hour"
        assert words.working_time(timedelta(hours=18)) == "2 days 2 hours"
        assert words.term(Term(1, TermUnit.WORKING_DAYS)) == "1 working day"


@given(st.integers(0, 10**12))
def test_a_number_keeps_its_digits(value: int) -> None:
    assert words.number(value).replace(".", "") == str(value)


def test_numbers_and_money_are_written_as_in_viet_nam() -> None:
    assert words.number(1234567) == "1.234.567"
    assert words.number(6772.594, 2) == "6.772,59"
    assert words.money(8000) == "8.000 đồng"


@pytest.mark.parametrize(
    ("term", "said"),
    [
        (Term(3, TermUnit.WORKING_DAYS), "3 ngày làm việc"),
        (Term(0.5, TermUnit.WORKING_DAYS), "0,5 ngày làm việc"),
        (Term(4, TermUnit.HOURS), "4 giờ làm việc"),
        (Term(30, TermUnit.DAYS), "30 ngày"),
        (Term(2, TermUnit.MONTHS), "2 tháng"),
        (Term(0, TermUnit.HOURS, time(15)), "trong ngày; nhận sau 15:00 thì tính từ ngày làm việc tiếp theo"),
    ],
)
def test_a_term_is_said_in_its_own_unit(term: Term, said: str) -> None:
    assert words.term(term) == said


def test_only_the_first_letter_becomes_a_capital() -> None:
    assert words.capital("ủy ban nhân dân xã Tân Khai") == "Ủy ban nhân dân xã Tân Khai"
    assert words.capital("") == ""
