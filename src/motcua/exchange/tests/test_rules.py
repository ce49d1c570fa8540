"""The state machine, with every answer in every order."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from motcua.exchange.connector import Answer, Outcome
from motcua.exchange.rules.delivery import (
    ENDED,
    LIVING,
    SETTLED,
    Line,
    Policy,
    Standing,
    State,
    after,
    allowance,
    burst,
    line_after,
    pause,
)
from motcua.exchange.rules.envelope import BUNDLE, bundled, unbundled

NOW = datetime(2026, 8, 17, 1, tzinfo=UTC)
POLICY = Policy()
answers = st.sampled_from(Answer)
spans = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=40))
chances = st.floats(0, 1)


@given(st.lists(st.tuples(answers, spans, chances), max_size=60), st.none() | spans)
def test_an_open_parcel_always_comes_up_again_and_an_ended_one_never(
    story: list[tuple[Answer, timedelta, float]], ok: timedelta | None
) -> None:
    standing, now = Standing(), NOW
    for answer, span, chance in story:
        now += span
        ok_at = None if ok is None else NOW + ok
        then = after(standing, Outcome(answer), POLICY, now=now, chance=chance, partner_ok_at=ok_at)
        standing = then.standing
        if standing.state in ENDED or standing.state is State.DEAD:
            assert then.due_at is None
            return
        assert then.due_at is not None
        assert now <= then.due_at <= now + max(POLICY.longest_pause, POLICY.waiting_pause)
        assert standing.errors >= 0
        assert (standing.errors == 0) == (standing.error_since is None)


@given(answers, st.sampled_from([State.READY, State.SENDING, State.UNKNOWN, State.WAITING]), chances)
def test_only_a_success_is_done_and_only_a_refusal_kills_at_once(answer: Answer, state: State, chance: float) -> None:
    then = after(Standing(state), Outcome(answer), POLICY, now=NOW, chance=chance).standing.state
    assert (then is State.DONE) == (answer in SETTLED)
    assert (then is State.DEAD) == (answer is Answer.PERMANENT)
    assert (then is State.UNKNOWN) == (answer is Answer.UNKNOWN)


@given(st.lists(answers.filter(lambda a: a not in (Answer.PERMANENT, *SETTLED)), max_size=80), chances)
def test_a_partner_that_is_away_makes_nothing_a_dead_letter(story: list[Answer], chance: float) -> None:
    standing = Standing()
    for n, answer in enumerate(a for a in story if a is not Answer.WAITING):
        moment = NOW + timedelta(days=n)
        standing = after(standing, Outcome(answer), POLICY, now=moment, chance=chance, partner_ok_at=NOW).standing
    assert standing.state is not State.DEAD


def test_what_fails_alone_for_a_day_while_others_get_through_goes_to_a_person() -> None:
    standing = Standing()
    for hour in range(25):
        moment = NOW + timedelta(hours=hour)
        then = after(standing, Outcome(Answer.TRANSIENT, "500"), POLICY, now=moment, chance=0, partner_ok_at=moment)
        standing = then.standing
    assert (standing.state, then.said) == (State.DEAD, "500 (lỗi 25 lần liền)")


def test_waiting_is_counted_by_a_clock_of_its_own() -> None:
    standing = after(Standing(errors=3, error_since=NOW), Outcome(Answer.WAITING), POLICY, now=NOW, chance=0).standing
    assert (standing.state, standing.errors, standing.waiting_since) == (State.WAITING, 0, NOW)
    later = after(standing, Outcome(Answer.WAITING), POLICY, now=NOW + timedelta(days=29), chance=0)
    assert (later.standing.state, later.standing.errors) == (State.WAITING, 0)
    over = after(standing, Outcome(Answer.WAITING, "đang xét"), POLICY, now=NOW + timedelta(days=30), chance=0)
    assert (over.standing.state, over.said) == (State.DEAD, "đang xét (chờ quá 30 ngày)")


def test_a_partner_that_names_its_time_is_not_asked_before() -> None:
    then = after(Standing(), Outcome(Answer.TRANSIENT, not_before=NOW + timedelta(hours=2)), POLICY, now=NOW, chance=0)
    assert then.due_at == NOW + timedelta(hours=2)


@given(st.integers(1, 500), chances)
def test_pauses_grow_to_a_ceiling_and_half_of_each_is_left_to_chance(errors: int, chance: float) -> None:
    span = pause(errors, POLICY.first_pause, POLICY.longest_pause, chance)
    whole = min(POLICY.longest_pause, POLICY.first_pause * 2 ** (min(errors, 20) - 1))
    assert whole / 2 <= span <= whole


@given(st.lists(st.tuples(st.lists(answers, max_size=5), spans, st.integers(1, 50), chances), max_size=40))
def test_a_line_never_exceeds_its_budget_and_lets_one_through_after_a_storm(
    story: list[tuple[list[Answer], timedelta, int, float]],
) -> None:
    line, now = Line(burst(POLICY), NOW), NOW
    for said, span, wanted, chance in story:
        now += span
        shut = line.shut_until
        given_, line = allowance(line, POLICY, wanted, now=now)
        assert 0 <= given_ <= min(wanted, burst(POLICY))
        if shut is not None:
            assert given_ == (0 if now < shut else 1)
        line = line_after(line, said[:given_], POLICY, now=now, chance=chance)
        assert (line.shut_until is None) or not LIVING & set(said[:given_])
        assert line.tokens >= 0


def test_failures_in_a_row_open_the_breaker_and_one_answer_closes_it() -> None:
    line = Line(10, NOW)
    for n in range(POLICY.breaker_after):
        assert line.shut_until is None, n
        line = line_after(line, [Answer.TRANSIENT, Answer.UNKNOWN], POLICY, now=NOW, chance=1)
    assert line.shut_until == NOW + POLICY.breaker_first
    probe, line = allowance(line, POLICY, 50, now=NOW + POLICY.breaker_first)
    assert (probe, allowance(line, POLICY, 50, now=NOW + POLICY.breaker_first)[0]) == (1, 0)
    line = line_after(line, [Answer.PERMANENT], POLICY, now=NOW, chance=1)
    assert (line.shut_until, line.failures, line.ok_at) == (None, 0, NOW)


@given(st.lists(st.binary(min_size=1, max_size=50).filter(lambda wire: not wire.startswith(BUNDLE)), min_size=1))
def test_a_bundle_gives_its_envelopes_back_and_half_a_bundle_is_none(wires: list[bytes]) -> None:
    body = bundled(wires)
    assert unbundled(body) == wires
    if len(wires) > 1:
        assert unbundled(body[:-1]) == [body[:-1]]
    for damaged in (BUNDLE, BUNDLE + b"1 x\nab", BUNDLE + b"-1 3\nab", BUNDLE + b"\n", body + b"x"):
        assert b"".join(unbundled(damaged)) == damaged
