"""What any payment gateway must do for us. Each real one is a file beside `simulated.py`.

Failures come in the four kinds of `kernel.errors`: Permanent (the order is refused), Transient (nothing happened),
Unknown (it may have happened: ask before repeating), and Duplicate, which a connector turns into the first answer.
"""

from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from motcua.payments.rules import Outcome


@dataclass(frozen=True, slots=True)
class Order:
    """What the gateway is asked to collect. `order` is our number; the same number is never collected twice."""

    order: UUID
    amount: int
    purpose: str
    back: str  # where the citizen returns to
    notice: str  # where the gateway tells us


@dataclass(frozen=True, slots=True)
class Started:
    """The gateway's number and the page to which the citizen is sent."""

    reference: str
    address: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the gateway says of an order, or of a transfer that arrived (`order` None, with its `purpose`)."""

    order: UUID | None
    reference: str
    outcome: Outcome
    amount: int
    purpose: str = ""
    raw: dict[str, Any] = field(default_factory=dict)


class Gateway(Protocol):
    """One payment gateway. No call takes longer than a few seconds."""

    origin: str  # scheme, host and port of its pages

    def start(self, order: Order) -> Started:
        """Ask it to collect; with the same order again, the same answer."""

    def ask(self, order: UUID) -> Answer:
        """What became of an order. FAILED if it never heard of it."""

    def read_notice(self, body: bytes, signature: str) -> Answer:
        """What it tells us by itself; NotAllowed if it isn't from the gateway."""
