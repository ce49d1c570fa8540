"""The table itself: complete, reachable, sourced."""

from motcua.dossiers.rules.life import CLOCKS, GUARDS
from motcua.dossiers.rules.limits import LIMITS
from motcua.dossiers.rules.steps import (
    FILINGS,
    OPEN_STATES,
    STATES,
    STEPS,
    Actor,
    Clock,
    Guard,
    Place,
    State,
)

ALL = (*FILINGS, *STEPS)


def test_each_state_has_one_row_and_each_national_code_is_used() -> None:
    assert sorted(row.state for row in STATES) == sorted(State)
    assert len({row.number for row in STATES}) == len(STATES)
    assert {row.national for row in STATES} == set(range(1, 11))


def test_each_open_state_can_be_left_and_each_closed_one_can_not() -> None:
    for row in STATES:
        leaving = [s for s in STEPS if row.state in s.from_ and s.to not in (None, row.state)]
        assert bool(leaving) == (row.state in OPEN_STATES), row.state


def test_each_state_is_reached_from_a_filing() -> None:
    reached = {f.to for f in FILINGS}
    while True:
        more = {s.to for s in STEPS if s.to and s.from_ & {r for r in reached if r}} - reached
        if not more:
            break
        reached |= more
    assert reached == set(State)


def test_the_next_actor_of_an_open_state_has_a_step_there() -> None:
    for row in STATES:
        if row.next is not None:
            assert any(row.state in s.from_ and row.next in s.by for s in STEPS), row.state


def test_each_step_has_a_name_of_its_own_a_source_and_somebody_to_take_it() -> None:
    assert len({s.name for s in ALL}) == len(ALL)
    for step in ALL:
        assert step.source.act
        assert step.by
        assert step.vi
        assert step.en


def test_each_clock_effect_and_guard_has_its_function() -> None:
    assert set(CLOCKS) == set(Clock)
    assert set(GUARDS) == set(Guard)


def test_a_step_that_stops_the_clock_says_for_whom_and_can_be_resumed() -> None:
    for step in STEPS:
        if step.clock is Clock.STOPS:
            assert step.waiting_on is not None
            to = step.to
            back = [s for s in STEPS if s.clock in (Clock.RESUMES, Clock.RESTARTS) and (to is None or to in s.from_)]
            assert back, step.name


def test_what_ends_at_nobody_stops_the_clock_or_never_had_one() -> None:
    closed = {row.state for row in STATES if row.holder is Place.NOBODY}
    no_clock = {State.SUBMITTED, State.AWAITING_PAPERS, State.AWAITING_FEE, State.FINISHED}
    for step in STEPS:
        if step.to in closed and step.from_ - no_clock:
            assert step.clock is Clock.ENDS, step.name


def test_only_the_worker_takes_the_timers_steps() -> None:
    assert {s.name for s in STEPS if Actor.WORKER in s.by} == {"close", "warn"}
    assert all(s.by == {Actor.WORKER} for s in STEPS if Actor.WORKER in s.by)


def test_each_limit_has_a_source_and_a_first_day() -> None:
    for name, limit in LIMITS.items():
        assert limit.name == name
        assert limit.source.act
        assert limit.valid_from.year >= 2018
