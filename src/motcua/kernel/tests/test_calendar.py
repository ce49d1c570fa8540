"""The working calendar."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motcua.kernel.calendar import OFFICE_HOURS, DayKind, WorkingCalendar, announced_until, national
from motcua.kernel.errors import Permanent

CALENDAR = national()


@pytest.mark.parametrize(
    ("on", "kind"),
    [
        (date(2026, 8, 21), DayKind.WORKING),
        (date(2026, 8, 22), DayKind.MAKE_UP),
        (date(2026, 8, 23), DayKind.WEEKEND),
        (date(2026, 8, 31), DayKind.COMPENSATORY_OFF),
        (date(2026, 9, 2), DayKind.HOLIDAY),
        (date(2026, 1, 2), DayKind.COMPENSATORY_OFF),
        (date(2026, 1, 10), DayKind.MAKE_UP),
        (date(2026, 4, 26), DayKind.HOLIDAY),
        (date(2026, 4, 27), DayKind.COMPENSATORY_OFF),
        (date(2026, 11, 24), DayKind.HOLIDAY),
        (date(2025, 11, 24), DayKind.WORKING),
        (date(2025, 4, 26), DayKind.MAKE_UP),
        (date(2024, 5, 4), DayKind.MAKE_UP),
        (date(2027, 5, 3), DayKind.COMPENSATORY_OFF),
    ],
)
def test_a_day_is_what_the_law_or_the_announced_plan_says(on: date, kind: DayKind) -> None:
    day = CALENDAR.day(on)
    assert day.kind is kind
    assert day.date == on
    assert day.source
    assert day.name_vi
    assert day.name_en
    assert CALENDAR.is_working(on) == (kind in (DayKind.WORKING, DayKind.MAKE_UP))


def test_the_holidays_of_2026_are_the_twelve_days_of_the_labour_code() -> None:
    days = [
        CALENDAR.day(date.fromordinal(n)) for n in range(date(2026, 1, 1).toordinal(), date(2027, 1, 1).toordinal())
    ]
    assert sum(day.kind is DayKind.HOLIDAY for day in days) == 12
    exchanged = sum(day.kind is DayKind.MAKE_UP for day in days)
    assert exchanged == 2
    # Two exchanged days and one for the Sunday on which the Hung Kings' day falls.
    assert sum(day.kind is DayKind.COMPENSATORY_OFF for day in days) == exchanged + 1


def test_a_year_without_an_announced_plan_says_so() -> None:
    assert CALENDAR.day(date(2026, 12, 31)).announced
    assert not CALENDAR.day(date(2027, 1, 4)).announced
    assert announced_until() == date(2026, 12, 31)


def test_the_next_working_day_comes_strictly_after() -> None:
    assert CALENDAR.next_working_day(date(2026, 8, 21)) == date(2026, 8, 22)
    assert CALENDAR.next_working_day(date(2026, 8, 28)) == date(2026, 9, 3)
    assert CALENDAR.next_working_day(date(2026, 12, 31)) == date(2027, 1, 4)


@pytest.mark.parametrize("on", [date(1999, 12, 31), date(2100, 1, 1)])
def test_a_day_outside_the_calendar_is_refused_with_its_bounds(on: date) -> None:
    with pytest.raises(Permanent, match="outside-calendar") as refusal:
        CALENDAR.day(on)
    assert "2099" in refusal.value.mend


@pytest.mark.parametrize(
    "sessions",
    [
        (),
        ((time(8), time(8)),),
        ((time(12), time(8)),),
        ((time(7, 30), time(13)), (time(12), time(17))),
        ((time(13), time(17)), (time(7), time(11))),
    ],
)
def test_sessions_that_overlap_or_end_before_they_start_are_refused(sessions: tuple[tuple[time, time], ...]) -> None:
    with pytest.raises(Permanent, match="sessions-invalid"):
        WorkingCalendar(sessions)


def test_the_national_calendar_is_made_once_for_the_same_sessions() -> None:
    assert national() is national(OFFICE_HOURS)
    assert national(((time(7), time(11)),)) is not national()


@given(st.dates(date(2019, 1, 1), date(2030, 12, 31)), st.integers(1, 300))
def test_counting_working_days_forth_and_back_agree(on: date, days: int) -> None:
    later = CALENDAR.working_ordinal(on.toordinal(), days)
    assert CALENDAR.working_days_between(on.toordinal(), later) == days
    first = CALENDAR.working_ordinal(on.toordinal(), 0)
    assert CALENDAR.working_ordinal_before(later, days) == first


@given(st.dates(date(2019, 1, 1), date(2030, 12, 31)))
def test_the_tables_say_the_same_as_the_days(on: date) -> None:
    following = CALENDAR.next_working_day(on)
    between = range(on.toordinal() + 1, following.toordinal())
    assert CALENDAR.day(following).works
    assert not any(CALENDAR.day(date.fromordinal(n)).works for n in between)
