"""What every connector must hold, whatever it speaks: run a Trial of yours through each of CASES.

    @pytest.mark.parametrize("case", kit.CASES, ids=kit.named)
    def test_the_axis_connector_holds(case: kit.Case, trial: kit.Trial) -> None:
        case(trial)

A trial brings the connector, the other side (told how to behave, asked what it has applied), and letters that it
takes. The queue, the database and the dispatcher are the real ones; the clock is the test's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from django.db import transaction

from motcua.exchange import api as exchange
from motcua.exchange.api import Answer, State

NOW = datetime(2026, 8, 17, 1, tzinfo=UTC)


class How(StrEnum):
    """How the other side treats what it is handed next."""

    WELL = "well"  # takes it and says so
    FAILS = "fails"  # takes nothing and says that it is in trouble: an answer 500, a throttle
    SILENT = "silent"  # takes it; its answer is lost on the way
    LOST = "lost"  # takes nothing; the line was cut before it arrived, and nobody says anything
    REFUSES = "refuses"  # takes nothing and says what is wrong with it
    WAITS = "waits"  # keeps it and says that it works on it; treated WELL later, the next question gets a yes


class OtherSide(Protocol):
    """The partner of a trial: a simulator, in this process or another one."""

    def behave(self, how: How) -> None:
        """From now on, until told otherwise."""

    def applied(self) -> Sequence[UUID]:
        """The ids of the parcels that it applied, in order, each as often as it applied it."""


@dataclass
class Trial:
    """A connector and what it needs to be tried. `cannot` names ways that this partner never has, each with why."""

    connector: exchange.Connector
    other: OtherSide
    letter: Callable[[str], exchange.Letter]  # one that the partner takes, about this subject
    policy: exchange.Policy = exchange.Policy()  # noqa: RUF009 - frozen
    cannot: dict[How, str] = field(default_factory=dict)
    now: datetime = NOW

    def send(self, *subjects: str) -> list[UUID]:
        with transaction.atomic():
            return list(exchange.send([self.letter(subject) for subject in subjects], now=self.now))

    def dispatch(self, later: timedelta = timedelta()) -> int:
        """Let so much time pass, then deliver one batch."""
        self.now += later
        return exchange.dispatch(connector=self.connector, policy=self.policy, now=self.now, chance=lambda: 0.5)

    def until_quiet(self, most: int = 40) -> None:
        """Let time pass until nothing is open any more that could still move by itself."""
        for _ in range(most):
            if not any(row.open - row.dead for row in self.lines()):
                return
            self.dispatch(timedelta(minutes=15))

    def lines(self) -> list[exchange.LineRow]:
        return [row for row in exchange.lines(self.now) if row.partner == self.connector.partner]

    def row(self, one: UUID) -> exchange.ParcelRow:
        [found] = exchange.parcels([one])
        return found

    def once(self, ids: Sequence[UUID]) -> None:
        """The other side applied each of these exactly once."""
        applied = list(self.other.applied())
        assert [applied.count(one) for one in ids] == [1] * len(ids)


Case = Callable[[Trial], None]


def what_is_taken_is_done(trial: Trial) -> None:
    ids = trial.send("kit-1", "kit-2", "kit-3")
    trial.until_quiet()
    assert {trial.row(one).state for one in ids} == {State.DONE}
    trial.once(ids)


def what_failed_goes_again_and_is_applied_once(trial: Trial) -> None:
    [one] = trial.send("kit-1")
    trial.other.behave(How.FAILS)
    trial.dispatch()
    assert (trial.row(one).state, trial.row(one).answer) == (State.READY, Answer.TRANSIENT)
    assert one not in trial.other.applied()
    assert trial.dispatch() == 0, "a pause comes before the next attempt"
    trial.other.behave(How.WELL)
    trial.until_quiet()
    assert trial.row(one).state is State.DONE
    trial.once([one])


def an_answer_that_got_lost_is_asked_for_before_anything_is_repeated(trial: Trial) -> None:
    [one] = trial.send("kit-1")
    trial.other.behave(How.SILENT)
    trial.dispatch()
    assert (trial.row(one).state, trial.row(one).answer) == (State.UNKNOWN, Answer.UNKNOWN)
    trial.other.behave(How.WELL)
    trial.dispatch(timedelta(hours=1))
    assert trial.row(one).state is State.DONE
    assert trial.row(one).attempts == 1, "it was asked, not sent again"
    trial.once([one])


def what_never_arrived_is_asked_for_and_then_sent_again(trial: Trial) -> None:
    [one] = trial.send("kit-1")
    trial.other.behave(How.LOST)
    trial.dispatch()
    assert trial.row(one).state in (State.UNKNOWN, State.READY)  # whoever can't connect knows that nothing went
    assert one not in trial.other.applied()
    trial.other.behave(How.WELL)
    trial.until_quiet()
    assert (trial.row(one).state, trial.row(one).attempts) == (State.DONE, 2)
    trial.once([one])


def what_is_refused_goes_to_a_person_and_again_with_the_same_id(trial: Trial) -> None:
    first, second = trial.send("kit-1", "kit-1")
    trial.other.behave(How.REFUSES)
    trial.dispatch()
    row = trial.row(first)
    assert (row.state, row.behind) == (State.DEAD, 1)
    assert row.said, "the partner's own words"
    trial.other.behave(How.WELL)
    assert trial.dispatch(timedelta(days=1)) == 0, "what comes after it waits for it"
    exchange.replay([first], caller=0, reason="kit", now=trial.now)
    trial.until_quiet()
    assert [trial.row(one).state for one in (first, second)] == [State.DONE, State.DONE]
    assert [one for one in trial.other.applied() if one in (first, second)] == [first, second]


def what_is_sent_twice_is_applied_once_and_counts_as_done(trial: Trial) -> None:
    [one] = trial.send("kit-1")
    taken = exchange.claim(partner=trial.connector.partner, batch=1, policy=trial.policy, now=trial.now)
    again = [outcome.answer for _ in range(2) for outcome in trial.connector.deliver(taken.parcels, now=trial.now)]
    assert again[0] is Answer.DONE
    assert again[1] in (Answer.DONE, Answer.DUPLICATE)
    trial.once([one])


def a_deliverer_killed_before_it_wrote_back_doubles_nothing(trial: Trial) -> None:
    [one] = trial.send("kit-1")
    taken = exchange.claim(partner=trial.connector.partner, batch=1, policy=trial.policy, now=trial.now)
    trial.connector.deliver(taken.parcels, now=trial.now)  # and then nothing more is heard of this process
    assert trial.dispatch() == 0, "its lease still runs"
    trial.dispatch(trial.policy.lease + timedelta(seconds=1))
    assert (trial.row(one).state, trial.row(one).attempts) == (State.DONE, 1)
    trial.once([one])


def the_order_of_a_subject_holds_whatever_happens(trial: Trial) -> None:
    ids = trial.send("kit-1", "kit-2", "kit-1", "kit-2", "kit-1")
    for how in (How.FAILS, How.SILENT, How.LOST, How.WELL, How.SILENT, How.FAILS):
        trial.other.behave(how)
        trial.dispatch(timedelta(minutes=20))
    trial.other.behave(How.WELL)
    trial.until_quiet()
    trial.once(ids)
    applied = list(trial.other.applied())
    assert [one for one in applied if one in ids[::2]] == ids[::2]
    assert [one for one in applied if one in ids[1::2]] == ids[1::2]


def waiting_is_no_error(trial: Trial) -> None:
    if trial.cannot.get(How.WAITS):
        return  # this partner never says so: its trial says why
    [one] = trial.send("kit-1")
    trial.other.behave(How.WAITS)
    trial.dispatch()
    assert (trial.row(one).state, trial.row(one).errors) == (State.WAITING, 0)
    trial.dispatch(timedelta(hours=1))
    assert (trial.row(one).state, trial.row(one).errors) == (State.WAITING, 0)
    trial.other.behave(How.WELL)
    trial.dispatch(timedelta(hours=1))
    assert trial.row(one).state is State.DONE
    trial.once([one])


def each_parcel_of_a_batch_has_its_own_outcome(trial: Trial) -> None:
    ids = trial.send(*(f"kit-{n}" for n in range(trial.connector.batch + 2)))
    taken = exchange.claim(
        partner=trial.connector.partner, batch=trial.connector.batch, policy=trial.policy, now=trial.now
    )
    outcomes = trial.connector.deliver(taken.parcels, now=trial.now)
    assert len(outcomes) == len(taken.parcels) == trial.connector.batch
    trial.now += trial.policy.lease + timedelta(seconds=1)
    trial.until_quiet()
    trial.once(ids)


CASES: tuple[Case, ...] = (
    what_is_taken_is_done,
    what_failed_goes_again_and_is_applied_once,
    an_answer_that_got_lost_is_asked_for_before_anything_is_repeated,
    what_never_arrived_is_asked_for_and_then_sent_again,
    what_is_refused_goes_to_a_person_and_again_with_the_same_id,
    what_is_sent_twice_is_applied_once_and_counts_as_done,
    a_deliverer_killed_before_it_wrote_back_doubles_nothing,
    the_order_of_a_subject_holds_whatever_happens,
    waiting_is_no_error,
    each_parcel_of_a_batch_has_its_own_outcome,
)


def named(case: Case) -> str:
    return case.__name__
