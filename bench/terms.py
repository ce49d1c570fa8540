"""Terms: the due moment, and the walk that explains it."""

import time
from collections.abc import Callable
from datetime import timedelta

from motcua.kernel.calendar import national
from motcua.kernel.clock import from_local
from motcua.kernel.terms import Pause, Term, TermUnit, WaitingOn, due, walk

TARGETS = {"walk of 30 working days (us)": "< 200", "due after 30 working days (us)": "< 200"}
RECEIVED = from_local("2026-04-20T16:00")  # before two holidays and a Sunday's compensation
TIMES = 2_000


def measure() -> dict[str, float]:
    """Microseconds each: the best of five rounds."""
    calendar = national()
    term = Term(30, TermUnit.WORKING_DAYS)
    pause = Pause(RECEIVED + timedelta(days=3), RECEIVED + timedelta(days=9), WaitingOn.CITIZEN)
    return {
        "due after 30 working days (us)": _microseconds(lambda: due(RECEIVED, term, calendar)),
        "due after 30 working days with a pause (us)": _microseconds(lambda: due(RECEIVED, term, calendar, [pause])),
        "due after 30 days (us)": _microseconds(lambda: due(RECEIVED, Term(30, TermUnit.DAYS), calendar)),
        "walk of 30 working days (us)": _microseconds(lambda: list(walk(RECEIVED, term, calendar))),
    }


def _microseconds(call: Callable[[], object]) -> float:
    rounds = []
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(TIMES // 5):
            call()
        rounds.append((time.perf_counter() - began) / (TIMES // 5))
    return min(rounds) * 1e6
