"""The queue on a real database: order, leases, budgets, dead letters; and the kit on a partner in memory."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from motcua.exchange import api as exchange
from motcua.exchange import bell
from motcua.exchange.api import Answer, Outcome, Parcel, State
from motcua.exchange.tests import kit
from motcua.exchange.tests.kit import NOW, How, Trial
from motcua.exchange.tests.partner import PARTNER, Memory, letter
from motcua.kernel.errors import NotFound, Permanent

pytestmark = pytest.mark.django_db


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def trial(memory: Memory) -> Trial:
    return Trial(memory, memory, letter)


@pytest.mark.parametrize("case", kit.CASES, ids=kit.named)
def test_a_partner_in_memory_holds(case: kit.Case, trial: Trial) -> None:
    case(trial)


def test_nothing_goes_when_the_change_is_taken_back(trial: Trial, memory: Memory) -> None:
    with transaction.atomic():
        exchange.send([letter()], now=NOW)
        transaction.set_rollback(True)
    assert trial.dispatch() == 0
    assert [line.open for line in exchange.lines(NOW)] == [0]


@pytest.mark.django_db(transaction=True)
def test_a_letter_outside_a_transaction_is_a_mistake_and_one_that_stands_wakes_its_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(RuntimeError):
        exchange.send([letter()], now=NOW)
    monkeypatch.setattr(bell, "LOOK", 0.01)
    rung = Rung()
    monkeypatch.setattr(bell, "BELL", rung)
    bell.listen()
    with transaction.atomic():
        exchange.send([letter()], now=NOW)
        transaction.set_rollback(True)
    bell.listen()
    assert rung.names == []
    with transaction.atomic():
        exchange.send([letter(), letter()], now=NOW)
    bell.listen()
    assert rung.names == [PARTNER]
    monkeypatch.setattr(bell, "LOOK", 60.0)
    rung.wait(PARTNER)  # it rang: nobody waits


class Rung(bell.Bell):
    """Notes for whom it rang."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def ring(self, name: str) -> None:
        self.names.append(name)
        super().ring(name)


def test_an_answer_that_comes_after_its_lease_changes_nothing(trial: Trial, memory: Memory) -> None:
    [one] = trial.send("a")
    slow = exchange.claim(partner=PARTNER, batch=1, policy=trial.policy, now=trial.now)
    trial.dispatch(trial.policy.lease + timedelta(seconds=1))  # asked: never arrived
    trial.dispatch()  # sent again
    assert trial.row(one).state is State.DONE
    late = {one: Outcome(Answer.PERMANENT, "late")}
    written = exchange.write_back(taken=slow, outcomes=late, policy=trial.policy, now=trial.now, chance=lambda: 0.0)
    assert (written, trial.row(one).state) == (frozenset(), State.DONE)


def test_a_partner_that_nobody_answers_at_is_left_alone_and_then_probed_with_one(trial: Trial, memory: Memory) -> None:
    trial.send(*(f"s{n}" for n in range(30)))
    memory.behave(How.FAILS)
    for _ in range(trial.policy.breaker_after):
        trial.dispatch(timedelta(minutes=11))
    [line] = trial.lines()
    assert line.shut_until is not None
    assert line.failures == trial.policy.breaker_after
    assert trial.dispatch() == 0
    memory.behave(How.WELL)
    assert trial.dispatch(timedelta(minutes=15)) == 1
    assert trial.dispatch(timedelta(seconds=1)) == memory.batch
    trial.until_quiet()
    assert len(memory.book) == 30


def test_a_budget_bounds_what_goes_in_a_second(trial: Trial, memory: Memory) -> None:
    trial.policy = exchange.Policy(pace=4)
    trial.send(*(f"s{n}" for n in range(10)))
    assert [trial.dispatch(), trial.dispatch(), trial.dispatch(timedelta(seconds=0.5))] == [4, 0, 2]


def test_a_connector_that_breaks_is_asked_before_anything_is_repeated(trial: Trial, memory: Memory) -> None:
    class Broken(Memory):
        def deliver(self, parcels: Sequence[Parcel], *, now: datetime) -> Sequence[Outcome]:
            super().deliver(parcels, now=now)
            raise ValueError("no outcome")

    broken = Broken()
    trial = Trial(broken, broken, letter)
    [one] = trial.send("a")
    trial.dispatch()
    assert (trial.row(one).state, trial.row(one).said) == (State.UNKNOWN, "ValueError")
    trial.dispatch(timedelta(minutes=1))
    assert trial.row(one).state is State.DONE
    trial.once([one])


def test_a_dead_letter_is_corrected_and_keeps_its_id_and_what_it_was(trial: Trial, memory: Memory) -> None:
    [one] = trial.send("a")
    memory.behave(How.REFUSES)
    trial.dispatch()
    exchange.replay([one], bodies={one: b"better"}, caller=7, reason="số hiệu", now=trial.now)
    memory.behave(How.WELL)
    trial.dispatch()
    assert (trial.row(one).state, trial.row(one).body, memory.book[0].id) == (State.DONE, b"better", one)
    [corrected] = exchange.corrections(one)
    assert (corrected.caller, corrected.reason, corrected.said) == (7, "số hiệu", "thiếu số hiệu")
    with pytest.raises(NotFound):
        exchange.replay([one], caller=7, reason="again", now=trial.now)


def test_a_dead_letter_that_is_set_aside_lets_go_what_waited_and_stays(trial: Trial, memory: Memory) -> None:
    first, second = trial.send("a", "a")
    memory.behave(How.REFUSES)
    trial.dispatch()
    memory.behave(How.WELL)
    with pytest.raises(Permanent):
        exchange.set_aside([first], caller=7, reason=" ", now=trial.now)
    exchange.set_aside([first], caller=7, reason="đã gửi giấy", now=trial.now)
    trial.dispatch()
    assert [trial.row(one).state for one in (first, second)] == [State.SET_ASIDE, State.DONE]
    assert trial.row(first).body == b"x"


def test_a_line_tells_what_waits_since_when_and_what_went_wrong(trial: Trial, memory: Memory) -> None:
    trial.send("a", "a", "b")
    memory.behave(How.FAILS)
    trial.dispatch(timedelta(minutes=3))
    [line] = exchange.lines(NOW)
    assert (line.open, line.dead, line.oldest_at, line.done_in_hour) == (3, 0, NOW, 0)
    assert dict(line.errors_in_hour) == {"transient": 2, "unknown": 0, "permanent": 0}
    assert line.said == "500"


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([how for how in How if how is not How.REFUSES]), max_size=12))
def test_faults_in_any_order_end_with_equal_books(country: None, faults: list[How]) -> None:
    memory = Memory()
    trial = Trial(memory, memory, letter)
    with transaction.atomic():
        ids = trial.send("a", "b", "a", "c", "b")
        for how in faults:
            memory.behave(how)
            trial.dispatch(timedelta(minutes=20))
        memory.behave(How.WELL)
        trial.until_quiet()
        trial.once(ids)
        assert {trial.row(one).state for one in ids} == {State.DONE}
        assert [one for one in memory.applied() if one in (ids[0], ids[2])] == [ids[0], ids[2]]
        transaction.set_rollback(True)
