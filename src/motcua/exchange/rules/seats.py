"""Who sits at which node: an agency's own seat, else that of its unit or of the nearest unit above."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Transport(StrEnum):
    """How envelopes get to a node; choosing one is configuration."""

    HERE = "here"  # the same installation serves both ends
    PUSH = "push"  # over HTTPS to its address
    PULL = "pull"  # it can't be reached from outside and asks for what waits for it
    NATS = "nats"  # over the trunk, which keeps what is sent while the node is away


@dataclass(frozen=True, slots=True)
class Node:
    """Nút: an installation, run by an agency that signs for it. `address` may hold several, separated by blanks."""

    name: str
    agency: int
    transport: Transport
    address: str = ""
    by_way_of: str = ""  # the node that passes on what is for it, where there is no straight way

    @property
    def trunk(self) -> tuple[str, ...]:
        """The servers at which it joins the trunk."""
        return tuple(word for word in self.address.split() if word.startswith(("nats://", "tls://")))

    @property
    def site(self) -> str:
        """Where it answers calls over HTTPS; "" if nowhere."""
        found = (word for word in self.address.split() if word.startswith(("https://", "http://")))
        return next(found, "").rstrip("/")


@dataclass(frozen=True, slots=True)
class Seat:
    """From day to day: an agency, or all agencies of a unit and of the units in it, at a node."""

    node: str
    agency: int | None
    unit: int | None
    valid_from: date | None
    valid_to: date | None

    def in_force(self, on: date) -> bool:
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)


def node_of(agency: int, units: Sequence[int], seats: Iterable[Seat], on: date) -> str:
    """The node at which an agency sits on a day; `units` are its unit and those above it, nearest first. "" if none."""
    held = [seat for seat in seats if seat.in_force(on)]
    own = next((seat.node for seat in held if seat.agency == agency), "")
    if own:
        return own
    by_unit = {seat.unit: seat.node for seat in held if seat.unit is not None}
    return next((by_unit[unit] for unit in units if unit in by_unit), "")
