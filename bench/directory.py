"""The directory in memory: look-ups by code, and a full reload."""

import time
from collections.abc import Callable
from datetime import date

from motcua.units import api as units

ON = date(2026, 11, 22)
TIMES = 100_000


def measure() -> dict[str, float]:
    """Microseconds a look-up, seconds a reload. Limits: 2 µs and 1.5 s."""
    known = units.directory()
    before = date(2025, 6, 30)
    commune = known.find_unit("25270", ON)
    assert commune is not None
    calls: dict[str, Callable[[], object]] = {
        "unit by area code, today (us)": lambda: known.find_unit("25270", ON),
        "unit by area code, before the reform (us)": lambda: known.find_unit("25270", before),
        "agency by identifier (us)": lambda: known.find_agency("H29.101.01", ON),
        "agency by identifier, older form (us)": lambda: known.find_agency("101.01.99.H29", ON),
        "province of a commune (us)": lambda: known.province_of(commune.id, ON),
        "committee of a commune (us)": lambda: known.agency_of(commune.id, units.AgencyKind.PEOPLES_COMMITTEE, ON),
    }
    figures = {name: _microseconds(call) for name, call in calls.items()}
    units.forget()
    began = time.perf_counter()
    units.directory()
    figures["full reload (s)"] = time.perf_counter() - began
    return figures


def _microseconds(call: Callable[[], object]) -> float:
    """The best of five rounds, the cost of the loop included."""
    rounds = []
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(TIMES // 5):
            call()
        rounds.append((time.perf_counter() - began) / (TIMES // 5))
    return min(rounds) * 1e6
