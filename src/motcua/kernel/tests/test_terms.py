"""Due moments and the walk that explains them."""

import csv
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from motcua.kernel.calendar import WorkingCalendar, national
from motcua.kernel.clock import from_local, local
from motcua.kernel.errors import Permanent
from motcua.kernel.terms import (
    Pause,
    Reason,
    Term,
    TermUnit,
    WaitingOn,
    add_working,
    due,
    subtract_working,
    walk,
    working_time,
)

CALENDAR = national()
CASES = list(csv.DictReader((Path(__file__).parent / "term_cases.csv").read_text(encoding="utf-8").splitlines()))

SESSIONS = (
    ((time(7, 30), time(11, 30)), (time(13, 30), time(17, 30))),
    ((time(7, 0), time(11, 30)), (time(13, 30), time(16, 30))),
    ((time(8, 0), time(12, 0)),),
    ((time(0, 0), time(23, 59)),),
    ((time(6, 0), time(9, 0)), (time(9, 0), time(11, 0)), (time(20, 0), time(22, 30))),
)
calendars = st.sampled_from(SESSIONS).map(national)
moments = st.integers(0, 1_140_000).map(
    lambda minutes: datetime(2024, 12, 1, tzinfo=UTC) + timedelta(minutes=minutes)
) | (st.integers(0, 1_200).map(lambda halves: datetime(2026, 8, 15, tzinfo=UTC) + timedelta(minutes=30 * halves)))
cut_offs = st.none() | st.sampled_from([time(15), time(17), time(11, 30), time(23, 59)])
worked_terms = st.builds(
    Term, st.integers(0, 40) | st.floats(0, 40), st.sampled_from(["hours", "working_days"]).map(TermUnit), cut_offs
)
dated_terms = st.builds(Term, st.integers(0, 40), st.just(TermUnit.DAYS), cut_offs) | st.builds(
    Term, st.integers(0, 8), st.just(TermUnit.MONTHS), cut_offs
)
terms = worked_terms | dated_terms


@st.composite
def pauses_around(draw: st.DrawFn, *, open_too: bool = True) -> tuple[datetime, list[Pause]]:
    """A receipt, and up to four pauses near it that may touch, overlap or still be open."""
    received = draw(moments)
    pauses = []
    for _ in range(draw(st.integers(0, 4))):
        start = received + timedelta(minutes=30 * draw(st.integers(-100, 1_500)))
        length = timedelta(minutes=30 * draw(st.integers(0, 700)))
        lasting = open_too and draw(st.booleans()) and draw(st.booleans())
        pauses.append(Pause(start, None if lasting else start + length, draw(st.sampled_from(WaitingOn))))
    return received, pauses


@pytest.mark.parametrize("case", CASES, ids=[f"{case['received']} + {case['term']} {case['unit']}" for case in CASES])
def test_the_cases_of_the_jurist_come_out_as_written(case: dict[str, str]) -> None:
    value = float(case["term"])
    cut_off = time.fromisoformat(case["cut_off"]) if case["cut_off"] else None
    term = Term(int(value) if value == int(value) else value, TermUnit(case["unit"]), cut_off)
    found = due(from_local(case["received"]), term, CALENDAR)
    assert found is not None
    assert local(found).replace(tzinfo=None).isoformat(timespec="minutes") == case["due"], case["comment"]


@settings(max_examples=250)
@given(pauses_around(), terms, calendars)
@example((from_local("2026-08-24T17:30"), []), Term(0, TermUnit.HOURS), CALENDAR)
def test_the_walk_ends_at_the_due_moment(
    around: tuple[datetime, list[Pause]], term: Term, calendar: WorkingCalendar
) -> None:
    received, pauses = around
    path = list(walk(received, term, calendar, pauses))
    found = due(received, term, calendar, pauses)
    if found is None:
        assert any(pause.end is None for pause in pauses)
    else:
        assert path[-1].end == found


@settings(max_examples=150)
@given(pauses_around(), terms, calendars)
def test_the_walk_has_no_hole_and_its_counted_stretches_add_up_to_the_term(
    around: tuple[datetime, list[Pause]], term: Term, calendar: WorkingCalendar
) -> None:
    received, pauses = around
    path = list(walk(received, term, calendar, pauses))
    assert not path or path[0].start == received
    assert all(before.end == after.start for before, after in pairwise(path))
    assert all(local(stretch.start).date() == stretch.day.date for stretch in path)
    assert all((stretch.waiting_on is None) == (stretch.reason is not Reason.PAUSED) for stretch in path)
    counted = sum((stretch.counted for stretch in path), timedelta())
    if due(received, term, calendar, pauses) is None:
        return
    if term.worked is not None:
        assert counted == timedelta(microseconds=term.worked)
    elif term.unit is TermUnit.DAYS:
        assert counted == timedelta(days=term.value)
    for stretch in path:
        if term.worked is not None and stretch.reason is Reason.COUNTED:
            assert stretch.counted == working_time(stretch.start, stretch.end, calendar)


@settings(max_examples=150)
@given(pauses_around(open_too=False), terms, calendars)
def test_a_due_moment_is_a_working_moment_at_which_the_clock_runs(
    around: tuple[datetime, list[Pause]], term: Term, calendar: WorkingCalendar
) -> None:
    received, pauses = around
    found = due(received, term, calendar, pauses)
    assert found is not None
    assert found >= received
    clock = local(found).time()
    assert calendar.is_working(local(found).date())
    assert any(start <= clock <= end for start, end in calendar.sessions)
    assert not any(pause.start < found < pause.end for pause in pauses if pause.end)


@settings(max_examples=150)
@given(moments, moments, terms, calendars)
def test_who_comes_later_is_never_due_earlier(
    one: datetime, other: datetime, term: Term, calendar: WorkingCalendar
) -> None:
    first, second = sorted((one, other))
    earlier, later = due(first, term, calendar), due(second, term, calendar)
    assert earlier is not None
    assert later is not None
    assert earlier <= later


@settings(max_examples=100)
@given(moments, terms, st.integers(0, 30), calendars)
def test_a_longer_term_is_never_due_earlier(
    received: datetime, term: Term, more: int, calendar: WorkingCalendar
) -> None:
    shorter = due(received, term, calendar)
    longer = due(received, Term(term.value + more, term.unit, term.cut_off), calendar)
    assert shorter is not None
    assert longer is not None
    assert shorter <= longer


@settings(max_examples=150)
@given(pauses_around(open_too=False), terms)
def test_a_pause_never_brings_the_due_moment_forward(around: tuple[datetime, list[Pause]], term: Term) -> None:
    received, pauses = around
    ends = [due(received, term, CALENDAR, pauses[:n]) for n in range(len(pauses) + 1)]
    assert all(before is not None and after is not None and before <= after for before, after in pairwise(ends))


@settings(max_examples=100)
@given(pauses_around(open_too=False), worked_terms, st.randoms(use_true_random=False))
def test_the_order_of_pauses_does_not_matter(around: tuple[datetime, list[Pause]], term: Term, chance: object) -> None:
    received, pauses = around
    mixed = list(pauses)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert due(received, term, CALENDAR, mixed) == due(received, term, CALENDAR, pauses)


@given(moments, moments, calendars)
def test_working_time_is_additive_and_turns_its_sign(one: datetime, other: datetime, calendar: WorkingCalendar) -> None:
    middle = one + (other - one) / 2
    whole = working_time(one, other, calendar)
    assert working_time(one, middle, calendar) + working_time(middle, other, calendar) == whole
    assert working_time(other, one, calendar) == -whole


@given(moments, st.floats(0.001, 400), calendars)
def test_adding_and_subtracting_working_hours_undo_each_other(
    moment: datetime, hours: float, calendar: WorkingCalendar
) -> None:
    amount = timedelta(microseconds=round(hours * 3_600_000_000))
    later = add_working(moment, hours, calendar)
    earlier = subtract_working(moment, hours, calendar)
    assert working_time(moment, later, calendar) == amount
    assert working_time(earlier, moment, calendar) == amount
    assert subtract_working(later, hours, calendar) >= moment
    assert add_working(earlier, hours, calendar) <= moment
    assert add_working(moment, -hours, calendar) == earlier
    assert subtract_working(moment, -hours, calendar) == later


def at(text: str) -> datetime:
    return from_local(f"2026-{text}")


def test_working_time_in_a_pause_is_not_counted_and_says_on_whom_we_waited() -> None:
    pauses = [Pause(at("08-24T10:00"), at("08-25T15:00"), WaitingOn.DUTY, "thuế")]
    term = Term(1, TermUnit.WORKING_DAYS)
    assert due(at("08-24T07:30"), term, CALENDAR, pauses) == at("08-26T10:30")
    paused = [stretch for stretch in walk(at("08-24T07:30"), term, CALENDAR, pauses) if stretch.reason is Reason.PAUSED]
    assert {stretch.waiting_on for stretch in paused} == {WaitingOn.DUTY}
    assert sum((working_time(s.start, s.end, CALENDAR) for s in paused), timedelta()) == timedelta(hours=11)


def test_of_two_pauses_at_once_the_first_to_begin_is_answerable() -> None:
    pauses = [
        Pause(at("08-24T10:00"), at("08-24T15:00"), WaitingOn.CITIZEN),
        Pause(at("08-24T09:00"), at("08-24T14:00"), WaitingOn.OUTAGE),
    ]
    path = walk(at("08-24T07:30"), Term(8, TermUnit.HOURS), CALENDAR, pauses)
    told = [(stretch.waiting_on, local(stretch.end).time()) for stretch in path if stretch.waiting_on]
    assert told == [
        (WaitingOn.OUTAGE, time(10)),
        (WaitingOn.OUTAGE, time(14)),
        (WaitingOn.CITIZEN, time(15)),
    ]


@pytest.mark.parametrize("unit", list(TermUnit))
def test_an_open_pause_leaves_no_due_moment_unless_the_term_was_used_up_before_it(unit: TermUnit) -> None:
    received, term = at("08-24T08:00"), Term(1, unit)
    before = due(received, term, CALENDAR)
    assert before is not None
    assert due(received, term, CALENDAR, [Pause(received, None, WaitingOn.CITIZEN)]) is None
    assert due(received, term, CALENDAR, [Pause(before, None, WaitingOn.CITIZEN)]) == before
    assert due(received, term, CALENDAR, [Pause(before - timedelta(minutes=1), None, WaitingOn.CITIZEN)]) is None


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("08-25T09:00", "08-25T16:00", "08-28T17:30"),  # within one day: nothing is lost
        (
            "08-25T09:00",
            "08-26T09:00",
            "09-03T17:30",
        ),  # over one midnight: the 29th, a Saturday, moves past the holidays
        ("08-25T00:00", "08-26T00:00", "08-28T17:30"),  # the day itself began while the clock ran
        ("08-28T17:00", "08-28T18:00", "09-03T17:30"),  # the clock stood still when the last day ended
        ("08-28T17:30", "09-09T18:00", "08-28T17:30"),  # used up before the pause
    ],
)
def test_a_pause_moves_a_calendar_term_by_the_days_that_began_in_it(start: str, end: str, expected: str) -> None:
    pauses = [Pause(at(start), at(end), WaitingOn.CITIZEN)]
    assert due(at("08-24T09:00"), Term(4, TermUnit.DAYS), CALENDAR, pauses) == at(expected)


def test_the_walk_of_an_open_pause_goes_on_until_asked() -> None:
    pauses = [Pause(at("08-24T10:00"), None, WaitingOn.CITIZEN)]
    for term in (Term(2, TermUnit.WORKING_DAYS), Term(2, TermUnit.DAYS)):
        path = list(walk(at("08-24T08:00"), term, CALENDAR, pauses, until=at("08-27T12:00")))
        assert path[-1].end == at("08-27T12:00")
        assert path[-1].waiting_on is WaitingOn.CITIZEN
    stopped = list(walk(at("08-24T08:00"), Term(2, TermUnit.WORKING_DAYS), CALENDAR, pauses))
    assert stopped[-1].end == at("08-24T10:00")


def test_the_walk_stops_at_the_moment_asked_for() -> None:
    path = list(walk(at("08-24T08:00"), Term(9, TermUnit.HOURS), CALENDAR, until=at("08-24T10:00")))
    assert [stretch.counted for stretch in path] == [timedelta(hours=2)]
    past = list(walk(at("08-24T08:00"), Term(1, TermUnit.HOURS), CALENDAR, until=at("08-30T10:00")))
    assert past[-1].end == at("08-24T09:00")


def test_each_day_off_is_told_with_its_own_reason() -> None:
    path = list(walk(at("08-28T17:00"), Term(1, TermUnit.WORKING_DAYS), CALENDAR))
    told = {f"{stretch.day.date:%m-%d}": stretch.reason for stretch in path if not stretch.counted}
    assert told["08-29"] is Reason.WEEKEND
    assert told["08-31"] is Reason.COMPENSATORY_OFF
    assert told["09-02"] is Reason.HOLIDAY
    assert all(str(stretch.source) for stretch in path)


def test_the_last_day_that_is_off_moves_and_says_by_which_article() -> None:
    path = list(walk(at("08-20T08:00"), Term(10, TermUnit.DAYS), CALENDAR))
    assert path[0].reason is Reason.FIRST_DAY
    assert path[-1].reason is Reason.MOVED
    assert "148" in str(path[-1].source)


def test_a_working_day_is_eight_hours_whatever_the_sessions() -> None:
    short = national(((time(7, 30), time(11, 30)), (time(13, 30), time(16, 30))))
    assert due(at("08-24T07:30"), Term(1, TermUnit.WORKING_DAYS), short) == at("08-25T08:30")


@pytest.mark.parametrize("value", [-1, float("nan"), float("inf"), True])
def test_a_term_that_is_no_amount_is_refused(value: float) -> None:
    with pytest.raises(Permanent, match="term-invalid"):
        Term(value, TermUnit.HOURS)


@pytest.mark.parametrize("unit", [TermUnit.DAYS, TermUnit.MONTHS])
def test_calendar_days_and_months_come_whole(unit: TermUnit) -> None:
    with pytest.raises(Permanent, match="whole number"):
        Term(1.5, unit)
    assert due(at("08-24T07:30"), Term(2.0, unit), CALENDAR) == due(at("08-24T07:30"), Term(2, unit), CALENDAR)


@pytest.mark.parametrize("unit", list(TermUnit))
@pytest.mark.parametrize("value", [10**6, 10**40])
def test_a_term_beyond_the_calendar_is_refused(unit: TermUnit, value: int) -> None:
    with pytest.raises(Permanent, match="outside-calendar"):
        due(at("08-24T07:30"), Term(value, unit), CALENDAR)


def test_a_pause_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(Permanent, match="pause-invalid"):
        Pause(at("08-24T10:00"), at("08-24T09:00"), WaitingOn.CITIZEN)


def test_a_moment_without_offset_is_refused() -> None:
    with pytest.raises(TypeError):
        due(datetime(2026, 8, 24, 10), Term(1, TermUnit.HOURS), CALENDAR)  # noqa: DTZ001 - what is refused
