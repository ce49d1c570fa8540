"""The verbs of the queue: write letters with the change they report, deliver what is due, mend what was refused."""

import logging
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from django.db import transaction

from motcua.exchange import queue
from motcua.exchange.bell import ring_after_commit
from motcua.exchange.connector import Answer, Connector, Outcome, Parcel
from motcua.exchange.rules.delivery import (
    Line,
    Next,
    Policy,
    Standing,
    State,
    after,
    allowance,
    asks_first,
    burst,
    line_after,
)
from motcua.kernel.arrays import offsets, plain_array, text_array
from motcua.kernel.errors import NotFound, Permanent
from motcua.kernel.ids import uuid7

log = logging.getLogger(__name__)
_BEING_SENT = ("ready", "sending")  # states of a parcel whose present attempt is not counted in its row yet
SAID = 2000  # characters of a partner's words that are kept


@dataclass(frozen=True, slots=True)
class Letter:
    """What is to go to a partner. Letters to one partner about one subject arrive in the order of writing."""

    partner: str
    subject: str
    kind: str
    body: bytes
    id: UUID = field(default_factory=uuid7)


def send(letters: Sequence[Letter], *, now: datetime) -> tuple[UUID, ...]:
    """Write letters in the caller's transaction, in two statements: they go if and when the change stands."""
    if letters:
        place(letters, places=reserve(letters, now=now), bodies=[letter.body for letter in letters], now=now)
    return tuple(letter.id for letter in letters)


def reserve(letters: Sequence[Letter], *, now: datetime) -> list[int]:
    """Take the places of letters in their courses, which are held until the caller's transaction ends."""
    cursor = queue.cursor()
    state = cursor.connection
    if state.autocommit and state.info.transaction_status == psycopg.pq.TransactionStatus.IDLE:
        raise RuntimeError("A letter is written in the transaction of the change that it reports.")
    courses = [(letter.partner, letter.subject) for letter in letters]
    cursor.execute(queue.RESERVE, [text_array(p for p, _ in courses), text_array(s for _, s in courses), now])
    more = Counter(courses)
    following = {(partner, subject): last - more[partner, subject] for partner, subject, last in cursor}
    places = []
    for course in courses:
        following[course] += 1
        places.append(following[course])
    return places


def place(letters: Sequence[Letter], *, places: Sequence[int], bodies: Sequence[bytes], now: datetime) -> None:
    """Write letters at the places that were reserved for them in the same transaction."""
    starts, sizes = offsets(bodies)
    queue.cursor().execute(
        queue.PLACE,
        [
            b"".join(bodies),
            now,
            plain_array(letter.id for letter in letters),
            text_array(letter.partner for letter in letters),
            text_array(letter.subject for letter in letters),
            plain_array(places),
            text_array(letter.kind for letter in letters),
            plain_array(starts),
            plain_array(sizes),
        ],
    )
    ring_after_commit(letter.partner for letter in letters)


@dataclass(frozen=True, slots=True)
class Claim:
    """Parcels in the hands of one deliverer, until its lease ends."""

    partner: str
    lease: UUID
    parcels: tuple[Parcel, ...]
    standings: Mapping[UUID, Standing]


def claim(*, partner: str, batch: int, policy: Policy, now: datetime) -> Claim:
    """Take what is due for a partner, within its budget; empty while its breaker is open."""
    lease = uuid7()
    with transaction.atomic():
        cursor = queue.cursor()
        line = _line(cursor, partner, policy, now)
        allowed, line = allowance(line, policy, batch, now=now)
        if not allowed:
            return Claim(partner, lease, (), {})
        cursor.execute(queue.CLAIM, [partner, now, allowed, lease, now + policy.lease], binary=True)
        rows = sorted(cursor, key=lambda row: row[1])
        if not rows:  # nothing used of the budget, and no probe went
            return Claim(partner, lease, (), {})
        line = line_after(line, (), policy, now=now, chance=0, unused=allowed - len(rows))
        _set_line(cursor, partner, line, "", now)
    return _claimed(partner, lease, rows)


def settle(*, outcomes: Mapping[UUID, Outcome], partner: str, policy: Policy | None = None, now: datetime) -> int:
    """Take a receiver's signed word on parcels, whoever holds them now; gives how many it was news of."""
    policy, lease = policy or Policy(), uuid7()
    with transaction.atomic():
        cursor = queue.cursor()
        cursor.execute(queue.CLAIM_NAMED, [partner, list(outcomes), lease, now + policy.lease], binary=True)
        taken = _claimed(partner, lease, cursor.fetchall())
        if taken.parcels:
            write_back(taken=taken, outcomes=outcomes, policy=policy, now=now, chance=random.random)
    return len(taken.parcels)


def dispatch(
    *, connector: Connector, policy: Policy | None = None, now: datetime, chance: Callable[[], float] | None = None
) -> int:
    """Deliver one batch to a partner and write down what it said; gives how many parcels were handled."""
    policy = policy or Policy()
    taken = claim(partner=connector.partner, batch=connector.batch, policy=policy, now=now)
    if taken.parcels:
        deliver(taken=taken, connector=connector, policy=policy, now=now, chance=chance or random.random)
    return len(taken.parcels)


def deliver(
    *, taken: Claim, connector: Connector, policy: Policy, now: datetime, chance: Callable[[], float] = random.random
) -> None:
    """Hand over what was taken and write down what the partner said.

    What was sent without an answer is asked about first, also after this process was killed in between.
    """
    fresh = [p for p in taken.parcels if not asks_first(taken.standings[p.id].state)]
    doubtful = [p for p in taken.parcels if asks_first(taken.standings[p.id].state)]
    outcomes = {
        **_ask(connector.state_of, doubtful, now),
        **_ask(connector.deliver, fresh, now),
    }
    write_back(taken=taken, outcomes=outcomes, policy=policy, now=now, chance=chance)


def write_back(
    *,
    taken: Claim,
    outcomes: Mapping[UUID, Outcome],
    policy: Policy,
    now: datetime,
    chance: Callable[[], float],
) -> frozenset[UUID]:
    """Write down what became of taken parcels. Whoever's lease has ended meanwhile changes nothing; gives who did."""
    with transaction.atomic():
        cursor = queue.cursor()
        line = _line(cursor, taken.partner, policy, now)
        nexts = {
            parcel.id: after(
                taken.standings[parcel.id],
                outcomes[parcel.id],
                policy,
                now=now,
                chance=chance(),
                partner_ok_at=line.ok_at,
            )
            for parcel in taken.parcels
        }
        written = _answer(cursor, taken, outcomes, nexts, now)
        answers = [outcomes[parcel.id].answer for parcel in taken.parcels]
        said = next((o.said for o in outcomes.values() if o.answer in (Answer.TRANSIENT, Answer.UNKNOWN)), "")
        line = line_after(line, answers, policy, now=now, chance=chance())
        _set_line(cursor, taken.partner, line, said[:SAID], now)
    if line.failures == policy.breaker_after:
        log.warning("exchange: nobody answers at %s; its line is shut for a while", taken.partner)
    for parcel in taken.parcels:
        if nexts[parcel.id].standing.state is State.DEAD:
            log.warning("exchange: parcel %s to %s needs a person", parcel.id, taken.partner)
    lost = len(taken.parcels) - len(written)
    if lost:
        log.warning("exchange: %d answers of %s came after their lease had ended", lost, taken.partner)
    return written


def replay(
    ids: Sequence[UUID], *, bodies: Mapping[UUID, bytes] | None = None, caller: int, reason: str, now: datetime
) -> None:
    """Send dead letters again under their own ids, as they were or corrected. NotFound if one isn't dead.

    One that the partner refused goes again; of one that died without an answer the partner is asked first.
    """
    bodies = bodies or {}
    _revive(ids, [bodies.get(one) for one in ids], "replay", caller, reason, now)


def set_aside(ids: Sequence[UUID], *, caller: int, reason: str, now: datetime) -> None:
    """Decide that dead letters are not sent, and let what waits behind them go. They are kept with the reason."""
    if not reason.strip():
        raise Permanent("reason-missing", "Chưa ghi lý do.", mend="Ghi vì sao không gửi bưu kiện này nữa.")
    _revive(ids, [None for _ in ids], "set-aside", caller, reason, now)


# --- what they share ----------------------------------------------------------------------------------------------


def _claimed(partner: str, lease: UUID, rows: Sequence[tuple[Any, ...]]) -> Claim:
    parcels = tuple(
        Parcel(id_, number, partner, subject, kind, bytes(body), written_at, attempts + (state in _BEING_SENT))
        for id_, number, subject, kind, body, written_at, attempts, state, *_ in rows
    )
    counted = {row[0]: row[6] + (row[7] in _BEING_SENT) for row in rows}
    standings = {row[0]: Standing(State(row[7]), counted[row[0]], row[8], row[9], row[10]) for row in rows}
    return Claim(partner, lease, parcels, standings)


def _ask(act: Callable[..., Sequence[Outcome]], parcels: Sequence[Parcel], now: datetime) -> dict[UUID, Outcome]:
    """The connector's outcomes. One that breaks has said nothing: whether anything arrived is unknown."""
    if not parcels:
        return {}
    try:
        outcomes = list(act(parcels, now=now))
    except Exception as error:
        log.exception("exchange: the connector of %s broke", parcels[0].partner)
        return {p.id: Outcome(Answer.UNKNOWN, type(error).__name__) for p in parcels}
    if len(outcomes) != len(parcels):
        log.error("exchange: %d parcels, %d outcomes at %s", len(parcels), len(outcomes), parcels[0].partner)
        return {p.id: Outcome(Answer.UNKNOWN, "outcomes missing") for p in parcels}
    return {parcel.id: outcome for parcel, outcome in zip(parcels, outcomes, strict=True)}


def _line(cursor: "psycopg.Cursor[tuple[object, ...]]", partner: str, policy: Policy, now: datetime) -> Line:
    cursor.execute(queue.LINE_OF, [partner])
    found = cursor.fetchone()
    if found is None:
        cursor.execute(queue.LINE, [partner, burst(policy), now])
        cursor.execute(queue.LINE_OF, [partner])
        found = cursor.fetchone()
    assert found is not None
    return Line(*found)  # type: ignore[arg-type]


def _set_line(cursor: "psycopg.Cursor[tuple[object, ...]]", partner: str, line: Line, said: str, now: datetime) -> None:
    cursor.execute(
        queue.SET_LINE,
        [
            *(line.tokens, line.tokens_at, line.failures, line.shut_until, line.ok_at),
            *(said, said, said, now, partner),
        ],
    )


def _answer(
    cursor: "psycopg.Cursor[tuple[object, ...]]",
    taken: Claim,
    outcomes: Mapping[UUID, Outcome],
    nexts: Mapping[UUID, Next],
    now: datetime,
) -> frozenset[UUID]:
    rows = [(parcel, nexts[parcel.id], outcomes[parcel.id]) for parcel in taken.parcels]
    cursor.execute(
        queue.ANSWER,
        [
            plain_array(parcel.id for parcel, _, _ in rows),
            text_array(parcel.subject for parcel, _, _ in rows),
            plain_array(after_.standing.state.value for _, after_, _ in rows),
            plain_array(after_.standing.attempts for _, after_, _ in rows),
            plain_array(after_.standing.errors for _, after_, _ in rows),
            plain_array(_moment(after_.standing.error_since) for _, after_, _ in rows),
            plain_array(_moment(after_.standing.waiting_since) for _, after_, _ in rows),
            plain_array(_moment(after_.due_at) for _, after_, _ in rows),
            plain_array(outcome.answer.value for _, _, outcome in rows),
            text_array(after_.said[:SAID].replace("\0", "") for _, after_, _ in rows),
            text_array(outcome.reference[:SAID].replace("\0", "") for _, _, outcome in rows),
            *(taken.partner, taken.lease, now, taken.partner, now),
        ],
    )
    return frozenset(row[0] for row in cursor)  # type: ignore[misc]


def _moment(moment: datetime | None) -> str:
    return moment.isoformat() if moment else "NULL"


def _revive(
    ids: Sequence[UUID], bodies: Sequence[bytes | None], act: str, caller: int, reason: str, now: datetime
) -> None:
    aside = int(act == "set-aside")
    with transaction.atomic():
        cursor = queue.cursor()
        values = [list(ids), list(bodies), now, caller, act, reason.strip(), aside, aside, now, aside]
        cursor.execute(queue.REVIVE, values)
        if len(cursor.fetchall()) != len(set(ids)):
            raise NotFound(
                "dead-letter-unknown",
                "Không có bưu kiện nào như vậy đang chờ người xử lý.",
                mend="Tải lại trang: có thể người khác đã xử lý.",
            )
