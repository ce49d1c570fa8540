"""Envelopes: what one agency tells another, written and signed in the transaction of the change that it reports."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import transaction

from motcua.exchange import actions, nodes, queries
from motcua.exchange.actions import Letter
from motcua.exchange.rules.envelope import (
    AGENCY,
    FORWARDED,
    LARGEST,
    SEALED,
    SKIPPED,
    Event,
    opened,
    read_event,
    sealed,
    written,
)
from motcua.kernel.clock import day_of
from motcua.kernel.errors import NotFound, Permanent
from motcua.kernel.ids import uuid7
from motcua.signing import api as signing


@dataclass(frozen=True, slots=True)
class Message:
    """What an agency tells another about a subject. `content` is JSON; files are named by digest and size."""

    sender: int
    recipient: int
    subject: str
    kind: str
    content: bytes
    files: tuple[tuple[str, int], ...] = ()
    id: UUID = field(default_factory=uuid7)


def post(messages: Sequence[Message], *, now: datetime) -> tuple[UUID, ...]:
    """Write envelopes to the nodes where their recipients, or the heirs of these, sit today.

    Four statements and a signature each, however many there are. They go if and when the caller's transaction stands.
    Where the recipient has a key for it, nobody but the recipient can read the content: not the trunk, not an operator.
    """
    if not messages:
        return ()
    on, here, known = day_of(now), nodes.here(), nodes.read_map()
    heirs = {agency: nodes.heir_of(agency, on) for agency in {message.recipient for message in messages}}
    names = nodes.orgs({*heirs.values(), *(message.sender for message in messages)}, on)
    ways: dict[int, str] = {}
    for agency in set(heirs.values()):
        node = known.seat(agency, on)
        if node is None:
            raise NotFound(
                "no-node", f"{names[agency]} chưa thuộc nút nào trong danh bạ.", mend="Xem: motcua exchange nodes."
            )
        ways[agency] = nodes.NODE + known.way_to(node).name
    letters = [
        Letter(ways[heirs[message.recipient]], message.subject, message.kind, b"", message.id) for message in messages
    ]
    places = actions.reserve(letters, now=now)
    # What is passed on was sealed by its first sender, if at all: nobody (0) has a key for it.
    seals = signing.seal(
        [(0 if message.kind == FORWARDED else heirs[message.recipient], message.content) for message in messages],
        now=now,
    )
    events = [
        written(
            Event(
                id=message.id,
                source=AGENCY + names[message.sender],
                type=message.kind,
                subject=message.subject,
                time=now,
                recipient=names[heirs[message.recipient]],
                node=here,
                sequence=place,
                attachments=" ".join(f"{digest}:{size}" for digest, size in message.files),
                datacontenttype=SEALED if jwe else "application/json",
                data=msgspec.Raw(msgspec.json.encode(jwe) if jwe else message.content),
            )
        )
        for message, place, jwe in zip(messages, places, seals, strict=True)
    ]
    if max(map(len, events)) > LARGEST:
        raise Permanent("envelope-too-large", "Nội dung phong bì quá lớn.", mend="Gửi phần lớn dưới dạng tệp đính kèm.")
    signatures = signing.sign(
        [(message.sender, event) for message, event in zip(messages, events, strict=True)], now=now
    )
    wires = [sealed(jws, event) for jws, event in zip(signatures, events, strict=True)]
    actions.place(letters, places=places, bodies=wires, now=now)
    return tuple(message.id for message in messages)


def resign(
    ids: Sequence[UUID], *, contents: dict[UUID, bytes] | None = None, caller: int, reason: str, now: datetime
) -> None:
    """Send refused envelopes again under their own ids and places, signed anew; with new content where it is given."""
    _renew(ids, contents or {}, None, caller, reason, now)


def skip(ids: Sequence[UUID], *, caller: int, reason: str, now: datetime) -> None:
    """Decide that refused envelopes are not sent: their places are told to be empty, so that the next ones can come."""
    if not reason.strip():
        raise Permanent("reason-missing", "Chưa ghi lý do.", mend="Ghi vì sao không gửi phong bì này nữa.")
    _renew(ids, {}, SKIPPED, caller, reason, now)


def _renew(
    ids: Sequence[UUID], contents: dict[UUID, bytes], kind: str | None, caller: int, reason: str, now: datetime
) -> None:
    with transaction.atomic():
        rows = queries.parcels(ids)
        events = []
        for row in rows:
            event = read_event(opened(row.body)[1])
            sender = nodes.named(event.sender, day_of(event.time))
            if sender is None:
                raise Permanent("agency-unknown", f"Không có cơ quan mang mã {event.sender}.")
            again = msgspec.structs.replace(event, time=now)
            if kind:
                again = msgspec.structs.replace(again, type=kind, data=msgspec.Raw(b"null"), attachments="")
            elif row.id in contents:
                again = _corrected(again, contents[row.id], now)
            events.append((sender.id, written(again)))
        signatures = signing.sign(events, now=now)
        bodies = {row.id: sealed(jws, event) for row, jws, (_, event) in zip(rows, signatures, events, strict=True)}
        words = f"{kind or ''} {reason}".strip()
        actions.replay(ids, bodies=bodies, caller=caller, reason=words, now=now)


def _corrected(event: Event, content: bytes, now: datetime) -> Event:
    """The event with this in it, sealed again where the recipient opens it by a key."""
    recipient = nodes.named(event.recipient, day_of(now))
    [jwe] = signing.seal([(nodes.heir_of(recipient.id, day_of(now)) if recipient else 0, content)], now=now)
    return msgspec.structs.replace(
        event,
        datacontenttype=SEALED if jwe else "application/json",
        data=msgspec.Raw(msgspec.json.encode(jwe) if jwe else content),
    )
