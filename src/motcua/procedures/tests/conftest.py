"""What the tests of the catalogue share."""

from collections.abc import Iterator
from datetime import date

import pytest

from motcua.procedures import queries
from motcua.units import api as units

ON = date(2026, 8, 21)


@pytest.fixture
def catalogue(db: None) -> Iterator[None]:
    """A catalogue that the test may change: what is in memory is dropped before and after."""
    queries.forget()
    yield
    queries.forget()


@pytest.fixture
def hanoi(db: None) -> units.Unit:
    return unit("01")


@pytest.fixture
def ba_dinh(db: None) -> units.Unit:
    """Phường Ba Đình, Hà Nội."""
    return unit("00004")


def unit(code: str, on: date = ON) -> units.Unit:
    found = units.directory().find_unit(code, on)
    assert found is not None, code
    return found
