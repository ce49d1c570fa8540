"""What a person does to dead letters, whatever they are: an envelope is signed anew, another parcel keeps its bytes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from motcua.exchange import actions, posting, queries
from motcua.exchange.nodes import NODE


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
