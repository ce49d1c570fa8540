"""What becomes of a parcel and of the line to a partner: every answer to every state, and when to try again.

Three clocks are kept apart. The *attempt* ends with its lease. The *run of errors* counts failures in a row and is
forgotten with the first sign of life. The *waiting allowance* runs while a partner works on what it has: waiting is
not an error. Chance (0 to 1) is passed in, so that a test can know what it will be.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from motcua.exchange.connector import Answer, Outcome


class State(StrEnum):
    """Where a parcel stands. DONE and SET_ASIDE are the ends; nothing is ever deleted because it failed."""

    READY = "ready"  # to be delivered, for the first time or again
    SENDING = "sending"  # handed to a connector that has not said anything yet
    UNKNOWN = "unknown"  # sent, no answer: the partner is asked before anything is repeated
    WAITING = "waiting"  # the partner has it and works on it
    DONE = "done"  # the partner has it, and said so
    DEAD = "dead"  # refused: a person corrects it and sends it again, or sets it aside
    SET_ASIDE = "set-aside"  # a person decided, with a reason, that it is not sent


ENDED = frozenset({State.DONE, State.SET_ASIDE})
SETTLED = {Answer.DONE, Answer.DUPLICATE}
LIVING = {*SETTLED, Answer.WAITING, Answer.PERMANENT}
"""Answers that only a partner gives which is there: they end a run of errors and close a breaker."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How one partner is treated. `pace` is what it bears, in parcels a second; the rest are spans of time."""

    pace: float = 200.0
    lease: timedelta = timedelta(seconds=90)  # one attempt
    first_pause: timedelta = timedelta(seconds=2)
    longest_pause: timedelta = timedelta(minutes=10)
    poison_after: timedelta = timedelta(days=1)  # of errors, while others got through
    poison_errors: int = 12
    waiting_pause: timedelta = timedelta(minutes=1)
    waiting_allowance: timedelta = timedelta(days=30)
    breaker_after: int = 5  # failed batches in a row
    breaker_first: timedelta = timedelta(seconds=5)
    breaker_longest: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known about one open parcel."""

    state: State = State.READY
    attempts: int = 0
    errors: int = 0
    error_since: datetime | None = None
    waiting_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Next:
    """Where a parcel stands after an answer, and when it is looked at again (None: never by itself)."""

    standing: Standing
    due_at: datetime | None
    said: str


def asks_first(state: State) -> bool:
    """Whether the partner is asked what became of it, instead of being sent it again."""
    return state is not State.READY


def pause(errors: int, first: timedelta, longest: timedelta, chance: float) -> timedelta:
    """How long to wait after so many errors in a row: doubling up to a ceiling, the last half left to chance."""
    whole = min(longest, first * (1 << min(max(errors - 1, 0), 20)))
    return whole * (0.5 + chance / 2)


def after(
    standing: Standing,
    outcome: Outcome,
    policy: Policy,
    *,
    now: datetime,
    chance: float,
    partner_ok_at: datetime | None = None,
) -> Next:
    """What an answer makes of a parcel. `partner_ok_at`: when this partner last took anything."""
    answer, asked = outcome.answer, asks_first(standing.state)
    if answer in SETTLED:
        return Next(Standing(State.DONE, standing.attempts), None, outcome.said)
    if answer is Answer.PERMANENT:
        return Next(Standing(State.DEAD, standing.attempts), None, outcome.said)
    calm = replace(standing, errors=0, error_since=None)
    if answer is Answer.WAITING:
        since = standing.waiting_since or now
        if now - since >= policy.waiting_allowance:
            said = f"{outcome.said} (chờ quá {policy.waiting_allowance.days} ngày)".strip()
            return Next(replace(calm, state=State.DEAD, waiting_since=since), None, said)
        due = max(outcome.not_before or now + policy.waiting_pause, now + timedelta(seconds=1))
        return Next(replace(calm, state=State.WAITING, waiting_since=since), due, outcome.said)
    if asked and answer is Answer.TRANSIENT:  # it never arrived: no error of this parcel, send it again
        again = replace(standing, state=State.READY, waiting_since=None)
        gap = pause(standing.errors, policy.first_pause, policy.longest_pause, chance) if standing.errors else None
        return Next(again, _not_before(now + gap if gap else now, outcome), outcome.said)
    since = standing.error_since or now
    failed = replace(
        standing,
        state=State.READY if answer is Answer.TRANSIENT else State.UNKNOWN,
        errors=standing.errors + 1,
        error_since=since,
    )
    if _poison(failed, policy, now, partner_ok_at):
        return Next(replace(failed, state=State.DEAD), None, f"{outcome.said} (lỗi {failed.errors} lần liền)".strip())
    due = now + pause(failed.errors, policy.first_pause, policy.longest_pause, chance)
    return Next(failed, _not_before(due, outcome), outcome.said)


def _not_before(due: datetime, outcome: Outcome) -> datetime:
    return max(due, outcome.not_before) if outcome.not_before else due


def _poison(standing: Standing, policy: Policy, now: datetime, partner_ok_at: datetime | None) -> bool:
    """A parcel that alone keeps failing while others get through. A partner that is away makes nothing poison."""
    since = standing.error_since
    return (
        since is not None
        and standing.errors >= policy.poison_errors
        and now - since >= policy.poison_after
        and partner_ok_at is not None
        and partner_ok_at > since
    )


# --- the line to a partner ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """The budget and the breaker of one partner."""

    tokens: float
    tokens_at: datetime
    failures: int = 0  # batches in a row to which nobody answered
    shut_until: datetime | None = None
    ok_at: datetime | None = None


def burst(policy: Policy) -> float:
    """How much may go at once: what the partner bears in a second, and at least one parcel."""
    return max(1.0, policy.pace)


def allowance(line: Line, policy: Policy, wanted: int, *, now: datetime) -> tuple[int, Line]:
    """How many parcels may go now, and the line with those taken from its budget.

    An open breaker lets nothing through; when its time is over, one parcel goes first to see.
    """
    passed = max(0.0, (now - line.tokens_at).total_seconds())
    tokens = min(burst(policy), line.tokens + passed * policy.pace)
    if line.shut_until is not None:
        wanted = 0 if now < line.shut_until else 1
    given = min(wanted, int(tokens))
    shut_until = line.shut_until
    if given and shut_until is not None:  # nobody else probes while this one does
        shut_until = now + policy.lease
    return given, replace(line, tokens=tokens - given, tokens_at=now, shut_until=shut_until)


def line_after(
    line: Line, answers: Sequence[Answer], policy: Policy, *, now: datetime, chance: float, unused: int = 0
) -> Line:
    """The line after a batch: the first sign of life closes the breaker, too many failures in a row open it."""
    tokens = min(burst(policy), line.tokens + unused)
    if not answers:
        return replace(line, tokens=tokens)
    if LIVING & set(answers):
        return replace(line, tokens=tokens, failures=0, shut_until=None, ok_at=now)
    failures = line.failures + 1
    if failures < policy.breaker_after:
        return replace(line, tokens=tokens, failures=failures)
    shut = pause(failures - policy.breaker_after + 1, policy.breaker_first, policy.breaker_longest, chance)
    return replace(line, tokens=tokens, failures=failures, shut_until=now + shut)
