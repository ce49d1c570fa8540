"""The API of the exchange: one path for the signed calls of other nodes, and the figures for a collector."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from motcua.exchange import calls
from motcua.exchange.carriers import Answered
from motcua.exchange.receiving import Handlers
from motcua.kernel.endpoints import Call, Endpoint, LaneOf


class Wire(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A signed call: the detached JWS, a line feed, and the JSON that it is over."""

    wire: str


def _call(call: Call) -> tuple[bytes, datetime]:
    return call.body.wire.encode(), call.now


ENDPOINTS = (
    Endpoint("POST", "/exchange", "A call of another node, signed by the agency that runs it", Answered, _call,
             "exchange", Wire, public=True, limit=16 * 1024 * 1024),
)  # fmt: skip


def lane(handlers: Handlers) -> LaneOf:
    """The lane of the calls, with what to do with each kind of envelope."""

    def work(items: Sequence[Any]) -> Sequence[Any]:
        return [one for wire, now in items for one in calls.answer([wire], handlers=handlers, now=now)]

    return LaneOf(work, limit=1)
