"""What `doctor` asks: one named question about this installation, and its answer."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer: whether all is well, what was seen, and what to do if it isn't."""

    ok: bool
    text: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A question with its name. `run` may touch the database and the disk; it changes nothing."""

    name: str
    run: Callable[[], Outcome]
