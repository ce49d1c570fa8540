"""What comes in: each envelope is judged, applied exactly once in the transaction of its inbox row, and receipted."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction

from motcua.exchange import nodes, posting, queue
from motcua.exchange.connector import Answer, Outcome
from motcua.exchange.nodes import Map
from motcua.exchange.rules.envelope import (
    FORWARDED,
    GREETING,
    SKIPPED,
    Acknowledged,
    Event,
    Receipt,
    digest,
    opened,
    out_of_turn,
    read_event,
    read_seal,
    sealed,
    too_early_or_late,
    written,
)
from motcua.exchange.rules.seats import Node
from motcua.kernel import storage
from motcua.kernel.arrays import offsets, plain_array, text_array
from motcua.kernel.clock import day_of
from motcua.kernel.errors import Failure, NotAllowed, NotFound, Permanent, Transient
from motcua.kernel.ids import uuid7
from motcua.signing import api as signing
from motcua.units import api as units

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Arrived:
    """An envelope that may be applied: from whom, for whom (the heir, if there is one), about what."""

    id: UUID
    kind: str
    subject: str
    sender: int
    recipient: int
    node: str
    written_at: datetime
    at: datetime
    content: bytes
    files: tuple[tuple[str, int], ...]


Handler = Callable[[Sequence[Arrived]], Sequence[Outcome] | None]
"""Applies a list in the inbox's transaction: an outcome for each, None for "all done"; a Failure takes all back."""
Handlers = Mapping[str, Handler]

LOCK = """
INSERT INTO exchange_landing AS landing (node, subject, last)
SELECT DISTINCT node, subject, 0 FROM unnest(%s::text[], %s::text[]) AS asked (node, subject) ORDER BY node, subject
ON CONFLICT (node, subject) DO UPDATE SET last = landing.last
RETURNING node, subject, last
"""
KNOWN = "SELECT id, sha256, answer, said FROM exchange_arrival WHERE id = ANY(%s::uuid[])"
ENTER = """
INSERT INTO exchange_arrival AS arrival (id, node, sender, recipient, subject, sequence, kind, sha256, body, arrived_at,
                                         answer, said)
SELECT id, node, sender, recipient, subject, sequence, kind, sha256,
    CASE WHEN size > 0 THEN substring(%b::bytea FROM at FOR size) END, %s, answer, said
FROM unnest(%s::uuid[], %s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::int[], %s::text[], %s::text[],
            %s::int[], %s::int[], %s::text[], %s::text[])
    AS given (id, node, sender, recipient, subject, sequence, kind, sha256, at, size, answer, said)
ON CONFLICT (id) DO UPDATE SET sha256 = excluded.sha256, body = excluded.body, arrived_at = excluded.arrived_at,
    answer = excluded.answer, said = excluded.said, kind = excluded.kind
"""
LAND = """
UPDATE exchange_landing AS landing SET last = given.last
FROM unnest(%s::text[], %s::text[], %s::int[]) AS given (node, subject, last)
WHERE landing.node = given.node AND landing.subject = given.subject
"""

REFUSE = "INSERT INTO exchange_refusal (at, node, envelope, problem, detail) VALUES (%s, %s, %s, %s, %s)"


@dataclass(slots=True)
class _Case:
    """One envelope on its way through the door."""

    wire: bytes
    sha256: str
    event: Event | None = None
    sender: int = 0
    recipient: int = 0
    inner: Event | None = None  # what a node passed on for another
    inner_wire: bytes = b""
    lacking: tuple[str, ...] = ()
    content: bytes = b""  # what is in it, opened
    judged: bool = False  # it came past the door
    outcome: Outcome | None = None
    problem: str = ""

    def refuse(self, failure: Failure) -> None:
        answer = Answer.TRANSIENT if isinstance(failure, Transient) else Answer.PERMANENT
        self.outcome = Outcome(answer, failure.detail)
        self.problem = failure.problem


def receive(
    wires: Sequence[bytes], *, handlers: Handlers, now: datetime, keep_bodies: bool = True, to: str = ""
) -> bytes:
    """Judge and apply a batch; gives the receipt, signed by the agency that runs this node, for all of them."""
    known, here = nodes.read_map(), nodes.here()
    me = nodes.known_node(here, known)
    cases = [_Case(wire, digest(wire)) for wire in wires]
    _identify(cases, known, now)
    with transaction.atomic():
        cursor = queue.cursor()
        _order(cursor, cases)
        _apply(cases, handlers, known, now)
        _enter(cursor, cases, keep_bodies, now)
        _log_refusals(cursor, cases, now)
        envelopes = tuple(
            Acknowledged(case.event.id, case.sha256, case.outcome.answer, case.outcome.said, case.lacking)
            for case in cases
            if case.event is not None and case.outcome is not None
        )
        return _receipt(cursor, me, to, envelopes, now)


def tell(ids: Sequence[UUID], *, now: datetime, to: str = "") -> bytes:
    """What became of envelopes, signed; those that never arrived are said to be TRANSIENT: send them again."""
    me = nodes.known_node(nodes.here(), nodes.read_map())
    with transaction.atomic():
        cursor = queue.cursor()
        cursor.execute(KNOWN, [plain_array(ids)])
        found = {row[0]: row for row in cursor}
        never = Acknowledged(UUID(int=0), "", Answer.TRANSIENT, "chưa nhận được")
        envelopes = tuple(
            Acknowledged(one, found[one][1], Answer(found[one][2]), found[one][3])
            if one in found
            else msgspec.structs.replace(never, id=one)
            for one in ids
        )
        return _receipt(cursor, me, to, envelopes, now)


def _identify(cases: Sequence[_Case], known: Map, now: datetime) -> None:
    """Read, check signatures, senders, recipients, clocks and attachments."""
    items = []
    for case in cases:
        jws, payload = opened(case.wire)
        try:
            case.event = read_event(payload)
            items.append(signing.Signed(jws, payload, case.event.time))
        except Failure as failure:
            case.refuse(failure)
    readable = [case for case in cases if case.event]
    for case, signer in zip(readable, signing.verify(items, known_at=now), strict=True):
        assert case.event is not None
        try:
            if isinstance(signer, NotAllowed):
                raise signer
            _admit(case, case.event, signer.agency, known, now)
        except Failure as failure:
            case.refuse(failure)


def _admit(case: _Case, event: Event, signer: int, known: Map, now: datetime) -> None:
    directory = units.directory()
    sender = nodes.named(event.sender, day_of(event.time))
    if sender is None or sender.id != signer:
        raise NotAllowed("signed-by-another", "Chữ ký không phải của cơ quan ghi ở nơi gửi.")
    wrong = too_early_or_late(event.time, now)
    if wrong:
        raise wrong
    on = day_of(now)
    recipient = directory.find_agency(event.recipient, day_of(event.time)) or directory.find_agency(event.recipient, on)
    if recipient is None:
        raise NotFound("recipient-unknown", f"Không có cơ quan nhận mang mã {event.recipient}.")
    case.sender, case.recipient = sender.id, nodes.heir_of(recipient.id, on)
    if event.type == FORWARDED:
        _open_forwarded(case, event, known, now)
    lacking = [sha256 for sha256, _ in (case.inner or event).files if not storage.files().exists(sha256)]
    if lacking:
        case.lacking = tuple(lacking)
        raise Transient("attachments-lacking", f"Còn thiếu {len(lacking)} tệp đính kèm.", mend="Gửi các tệp này trước.")


def _open_forwarded(case: _Case, event: Event, known: Map, now: datetime) -> None:
    """What another node passes on carries its first sender's signature, which is what counts."""
    passer = known.nodes.get(event.node)
    if passer is None or passer.agency != case.sender:
        raise NotAllowed("forwarded-by-another", "Chỉ cơ quan vận hành nút được chuyển tiếp phong bì.")
    wire = msgspec.json.decode(event.data, type=str).encode()
    inner = read_event(opened(wire)[1])
    [signer] = signing.verify([signing.Signed(*opened(wire), inner.time)], known_at=now)
    if isinstance(signer, NotAllowed):
        raise signer
    sender = nodes.named(inner.sender, day_of(inner.time))
    if sender is None or sender.id != signer.agency:
        raise NotAllowed("signed-by-another", "Chữ ký không phải của cơ quan ghi ở nơi gửi.")
    case.inner, case.inner_wire, case.sender = inner, wire, sender.id


def _order(cursor: Any, cases: Sequence[_Case]) -> None:
    """Hold the subjects; tell what is known already, and what comes out of its turn."""
    open_ = [case for case in cases if case.outcome is None and case.event]
    if not open_:
        return
    events = [case.event for case in open_ if case.event]
    cursor.execute(LOCK, [text_array(event.node for event in events), text_array(event.subject for event in events)])
    last = {(node, subject): n for node, subject, n in cursor}
    ids = [*(event.id for event in events), *(case.inner.id for case in open_ if case.inner)]
    cursor.execute(KNOWN, [plain_array(ids)])
    known = {row[0]: row for row in cursor}
    taken: set[tuple[str, str]] = set()
    for case, event in zip(open_, events, strict=True):
        row = known.get(event.id)
        if row is not None and Answer(row[2]) is not Answer.PERMANENT:
            if row[1] == case.sha256:
                case.outcome = Outcome(Answer.DUPLICATE, row[3])
            else:
                case.refuse(Permanent("id-reused", "Mã phong bì này đã dùng cho nội dung khác."))
            continue
        course = (event.node, event.subject)
        wrong = out_of_turn(event.sequence, last[course]) or (_TOGETHER if course in taken else None)
        if wrong:
            case.refuse(wrong)
            continue
        taken.add(course)
        if case.inner is not None and case.inner.id in known:
            case.outcome, case.judged = Outcome(Answer.DONE, "đã nhận trước đó"), True


_TOGETHER = Transient("out-of-turn", "Mỗi lần chỉ nhận một phong bì của cùng một việc.")


def _apply(cases: Sequence[_Case], handlers: Handlers, known: Map, now: datetime) -> None:
    """Hand what is new to whom it concerns, kind by kind; pass on what is for an agency at another node."""
    by_kind: dict[str, list[_Case]] = {}
    here, on = nodes.here(), day_of(now)
    seats: dict[int, Node | None] = {}
    for case in cases:
        if case.outcome is not None or case.event is None:
            continue
        case.judged = True
        event = case.inner or case.event
        if case.recipient not in seats:
            seats[case.recipient] = known.seat(case.recipient, on)
        seat = seats[case.recipient]
        if seat is not None and seat.name == here and not _opened(case, event):
            continue
        if event.type == SKIPPED:
            case.outcome = Outcome(Answer.DONE, "bỏ qua")
        elif event.type == GREETING and seat is not None and seat.name == here:
            case.outcome = Outcome(Answer.DONE)  # whoever tries the line reads it in the inbox
        elif seat is None:
            case.refuse(NotFound("not-here", f"Cơ quan {event.recipient} không thuộc nút {here}."))
        elif seat.name != here:
            by_kind.setdefault("", []).append(case)
        elif event.type in handlers:
            by_kind.setdefault(event.type, []).append(case)
        else:
            case.refuse(Permanent("kind-unknown", f"Nút {here} không nhận loại việc “{event.type}”."))
    for kind, own in by_kind.items():
        if kind:
            _hand_over(own, handlers[kind], now)
        else:
            _pass_on(own, known.nodes[here].agency, now)


def _opened(case: _Case, event: Event) -> bool:
    """Whether the content could be opened; what was sealed for a key that isn't here is asked for again."""
    case.content = bytes(event.data)
    if event.is_sealed:
        try:
            case.content = signing.unseal(read_seal(event))
        except Failure as failure:
            case.refuse(failure)
    return case.outcome is None


def _hand_over(cases: Sequence[_Case], handler: Handler, now: datetime) -> None:
    """Apply a list; when it is refused as a whole, find the bad one by halving, so that the others stand."""
    arrived = [_arrived(case, now) for case in cases]
    try:
        with transaction.atomic():
            outcomes = handler(arrived) or [Outcome(Answer.DONE) for _ in cases]
            if len(outcomes) != len(cases):
                raise RuntimeError("a handler owes an outcome for each envelope")
    except Exception as error:
        if len(cases) > 1:
            middle = len(cases) // 2
            _hand_over(cases[:middle], handler, now)
            _hand_over(cases[middle:], handler, now)
        elif isinstance(error, Failure):
            cases[0].refuse(error)
        else:
            log.exception("exchange: the handler of %s broke", arrived[0].kind)
            cases[0].refuse(Transient("handler-broken", type(error).__name__))
        return
    for case, outcome in zip(cases, outcomes, strict=True):
        case.outcome = outcome


def _arrived(case: _Case, now: datetime) -> Arrived:
    event = case.inner or case.event
    assert event is not None
    return Arrived(
        event.id,
        event.type,
        event.subject,
        case.sender,
        case.recipient,
        event.node,
        event.time,
        now,
        case.content,
        event.files,
    )


def _pass_on(cases: Sequence[_Case], operator: int, now: datetime) -> None:
    """Send envelopes on to where their recipients or the heirs of these sit now, as they came, in one of our own."""
    messages = []
    for case in cases:
        event = case.inner or case.event
        assert event is not None
        content = msgspec.json.encode((case.inner_wire or case.wire).decode())
        subject = f"{event.node}/{event.subject}"
        messages.append(posting.Message(operator, case.recipient, subject, FORWARDED, content, event.files))
    posting.post(messages, now=now)
    for case in cases:
        case.outcome = Outcome(Answer.DONE, "đã chuyển tiếp")


def _enter(cursor: Any, cases: Sequence[_Case], keep_bodies: bool, now: datetime) -> None:
    """Write the inbox: what was applied, and what was refused on its merits and may come corrected."""
    done = [
        (case, event, case.outcome)
        for case in cases
        for event in ([case.event, case.inner] if case.inner and case.outcome else [case.event])
        if event is not None and case.outcome is not None
        if case.judged and case.outcome.answer in (Answer.DONE, Answer.PERMANENT)
    ]
    if not done:
        return
    bodies = [_wire_of(case, event) if keep_bodies else b"" for case, event, _ in done]
    starts, sizes = offsets(bodies)
    cursor.execute(
        ENTER,
        [
            b"".join(bodies),
            now,
            plain_array(event.id for _, event, _ in done),
            text_array(event.node for _, event, _ in done),
            plain_array(case.sender for case, _, _ in done),
            plain_array(case.recipient for case, _, _ in done),
            text_array(event.subject for _, event, _ in done),
            plain_array(event.sequence for _, event, _ in done),
            text_array(event.type for _, event, _ in done),
            plain_array(case.sha256 if event is case.event else digest(case.inner_wire) for case, event, _ in done),
            plain_array(starts),
            plain_array(sizes),
            plain_array(outcome.answer.value for _, _, outcome in done),
            text_array(outcome.said for _, _, outcome in done),
        ],
    )
    landed: dict[tuple[str, str], int] = {}
    for case in cases:
        if case.event and case.outcome and case.outcome.answer is Answer.DONE:
            landed[case.event.node, case.event.subject] = case.event.sequence
    if landed:
        nodes_, subjects = text_array(n for n, _ in landed), text_array(s for _, s in landed)
        cursor.execute(LAND, [nodes_, subjects, plain_array(landed.values())])


def _wire_of(case: _Case, event: Event) -> bytes:
    return case.inner_wire if event is case.inner else case.wire


def _log_refusals(cursor: Any, cases: Sequence[_Case], now: datetime) -> None:
    refused = [case for case in cases if case.problem]
    for case in refused:
        log.warning("exchange: refused an envelope: %s", case.problem)
        cursor.execute(
            REFUSE,
            [now, case.event.node[:200] if case.event else "", case.event.id if case.event else None, case.problem,
             case.outcome.said[:500] if case.outcome else ""],
        )  # fmt: skip


def _receipt(cursor: Any, me: Node, to: str, envelopes: tuple[Acknowledged, ...], now: datetime) -> bytes:
    payload = written(Receipt(id=uuid7(), node=me.name, to=to, at=now, envelopes=envelopes))
    [jws] = signing.sign([(me.agency, payload)], now=now)
    return sealed(jws, payload)
