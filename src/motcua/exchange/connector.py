"""What a connector to a partner is: it is handed parcels and says of each what became of it.

A partner is whoever receives: another node, the national axis, the national portal, a ministry's system. Whatever it
speaks, there are five answers, and the dispatcher knows no others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID


class Answer(StrEnum):
    """What became of one delivery."""

    DONE = "done"
    DUPLICATE = "duplicate"  # the partner had it already: a success
    WAITING = "waiting"  # the partner works on it: neither success nor error
    TRANSIENT = "transient"  # try again later
    UNKNOWN = "unknown"  # sent, no answer: ask for the state before repeating
    PERMANENT = "permanent"  # will never succeed as it is: to the dead letters, for a person


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer for one parcel, with the partner's own words and reference."""

    answer: Answer
    said: str = ""
    reference: str = ""
    not_before: datetime | None = None  # when the partner asked us to come again


@dataclass(frozen=True, slots=True)
class Parcel:
    """One thing to deliver. Parcels of one partner and one subject are delivered in the order of their numbers."""

    id: UUID
    number: int
    partner: str
    subject: str
    kind: str
    body: bytes
    written_at: datetime
    attempts: int


class Connector(Protocol):
    """The way to one partner. Neither function raises for what a partner does: it says so in an Outcome."""

    @property
    def partner(self) -> str:
        """The name under which parcels are addressed to it."""

    @property
    def batch(self) -> int:
        """How many parcels it takes at once."""

    def deliver(self, parcels: Sequence[Parcel], *, now: datetime) -> Sequence[Outcome]:
        """Hand them over; an outcome for each, in order."""

    def state_of(self, parcels: Sequence[Parcel], *, now: datetime) -> Sequence[Outcome]:
        """What became of parcels whose delivery had no answer; TRANSIENT: it never arrived, send it again."""
