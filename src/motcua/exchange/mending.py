"""What a person does to dead letters, whatever they are: an envelope is signed anew, another parcel keeps its bytes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import transaction

from motcua.exchange import actions, posting, queries
from motcua.exchange.nodes import NODE
from motcua.exchange.rules.delivery import State
from motcua.exchange.rules.envelope import opened, read_event
from motcua.identity import api as identity
from motcua.kernel.clock import day_of
from motcua.kernel.errors import NotFound, Permanent
from motcua.units import api as units


def again(
    ids: Sequence[UUID], *, contents: Mapping[UUID, bytes] | None = None, caller: int, reason: str, now: datetime
) -> None:
    """Send dead letters again under their own ids; `contents` is what is in them after a correction."""
    contents = contents or {}
    envelopes, others = _sorted(ids)
    with transaction.atomic():
        if envelopes:
            own = {one: contents[one] for one in envelopes if one in contents}
            posting.resign(envelopes, contents=own, caller=caller, reason=reason, now=now)
        if others:
            bodies = {one: contents[one] for one in others if one in contents}
            actions.replay(others, bodies=bodies, caller=caller, reason=reason, now=now)


def leave(ids: Sequence[UUID], *, caller: int, reason: str, now: datetime) -> None:
    """Set dead letters aside, so that what waits behind them goes."""
    envelopes, others = _sorted(ids)
    with transaction.atomic():
        if envelopes:
            posting.skip(envelopes, caller=caller, reason=reason, now=now)
        if others:
            actions.set_aside(others, caller=caller, reason=reason, now=now)


def _sorted(ids: Sequence[UUID]) -> tuple[list[UUID], list[UUID]]:
    to_nodes = {row.id for row in queries.parcels(ids) if row.partner.startswith(NODE)}
    return [one for one in ids if one in to_nodes], [one for one in ids if one not in to_nodes]


# --- what the desk shows of them --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DeadEnvelope:
    """An envelope that was refused, as the office that sent it reads it."""

    row: queries.ParcelRow
    sender: int
    recipient: str
    content: str


def dead_envelopes(*, scope: identity.Scope) -> tuple[DeadEnvelope, ...]:
    """The refused envelopes of agencies that the caller reaches, oldest first."""
    dead = [row.id for row in queries.dead_letters() if row.partner.startswith(NODE)]
    return tuple(found for row in queries.parcels(dead) if scope.reaches((found := _read(row)).sender))


def dead_envelope(one: UUID, *, scope: identity.Scope) -> DeadEnvelope:
    """One of them; NotFound where it isn't dead, isn't an envelope, or is another office's."""
    for row in queries.parcels([one]):
        if row.partner.startswith(NODE) and row.state is State.DEAD:
            found = _read(row)
            if scope.reaches(found.sender):
                return found
    raise NotFound("dead-letter-unknown", "Không có phong bì nào như vậy đang chờ người xử lý.", mend="Tải lại trang.")


def _read(row: queries.ParcelRow) -> DeadEnvelope:
    event = read_event(opened(row.body)[1])
    sender = units.directory().find_agency(event.sender, day_of(event.time))
    return DeadEnvelope(row, sender.id if sender else 0, event.recipient, bytes(event.data).decode())


def require_json(text: str) -> bytes:
    """The content that a person typed; Permanent where it isn't JSON."""
    try:
        return msgspec.json.encode(msgspec.json.decode(text))
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise Permanent("content-invalid", "Nội dung không phải JSON.", mend="Sửa lại dấu ngoặc, dấu phẩy.") from error
