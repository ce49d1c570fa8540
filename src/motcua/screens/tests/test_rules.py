"""What a deadline looks like."""

from datetime import date, timedelta

import pytest

from motcua.screens import rules
from motcua.screens.rules import Chip

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("status", "left", "due", "kind"),
    [
        (4, timedelta(hours=5), TODAY + timedelta(days=1), Chip.IN_TIME),
        (4, timedelta(hours=2), TODAY, Chip.SOON),
        (4, timedelta(seconds=-1), TODAY, Chip.LATE),
        (4, timedelta(0), TODAY, Chip.SOON),
        (5, None, None, Chip.WAITING),
        (1, None, None, Chip.WAITING),
        (10, timedelta(hours=-50), TODAY, Chip.DONE),
        (9, None, None, Chip.DONE),
        (3, None, None, Chip.DONE),
        (7, timedelta(hours=1), TODAY, Chip.DONE),
        (8, None, None, Chip.DONE),
    ],
)
def test_a_chip_shows_how_the_deadline_stands(
    status: int, left: timedelta | None, due: date | None, kind: Chip
) -> None:
    assert rules.chip(status, left, due, TODAY) is kind
