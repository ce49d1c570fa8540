"""How a deadline and a point of a time line look. Pure."""

from datetime import date, timedelta
from enum import StrEnum


class Chip(StrEnum):
    """How a deadline stands, by the name of its colours."""

    IN_TIME = "in-time"
    SOON = "soon"
    LATE = "late"
    WAITING = "waiting"
    DONE = "done"


FINISHED = frozenset({3, 7, 8, 9, 10})
"""National statuses after which no clock runs: refused, withdrawn, stopped, finished, returned."""


def chip(national_status: int, left: timedelta | None, due_on: date | None, today: date) -> Chip:
    """The deadline of a dossier: `left` is the working time left, None while the clock stands still."""
    if national_status in FINISHED:
        return Chip.DONE
    if left is None:
        return Chip.WAITING
    if left < timedelta(0):
        return Chip.LATE
    return Chip.SOON if due_on is not None and due_on <= today else Chip.IN_TIME


class Point(StrEnum):
    """Where a point of a time line lies."""

    DONE = "done"
    NOW = "now"
    NEXT = "next"
