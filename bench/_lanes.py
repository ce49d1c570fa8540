"""Envelopes on a line that is served as the worker serves it: how many a second, and how long each takes.

Who writes and who delivers run at once, in threads of this process; the bare queue of `bench.exchange` does, too.
"""

import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

Write = Callable[[int], Sequence[UUID]]
LONGEST = 300.0  # seconds


class Lanes:
    """The threads that deliver, and when each envelope was done."""

    def __init__(self, line: Any) -> None:
        from motcua.exchange import api as exchange

        self.way, self.going, self.done = exchange.Way(line, exchange.Policy(pace=1e9)), True, dict[UUID, float]()
        self.handed = threading.local()
        self.line, self.deliver = line, line.deliver

    def _noted(self, parcels: Any, *, now: Any) -> Any:
        self.handed.ids = [parcel.id for parcel in parcels]
        return self.deliver(parcels, now=now)

    def _run(self, lane: int) -> None:
        from motcua.exchange.jobs import serve

        while self.going:
            self.handed.ids = []
            serve(self.way, lane)
            self.done |= dict.fromkeys(self.handed.ids, time.perf_counter())

    def _listen(self) -> None:
        from motcua.exchange import bell

        while self.going:
            bell.listen()

    def __enter__(self) -> "Lanes":
        from motcua.exchange.jobs import LANES

        self.line.deliver = self._noted
        self.threads = start([self._listen, *(partial(self._run, lane) for lane in range(LANES))])
        return self

    def __exit__(self, *failed: object) -> None:
        self.going = False
        for thread in self.threads:
            thread.join()
        del self.line.deliver

    def wait(self, ids: Sequence[UUID]) -> None:
        """Until all of these are done."""
        until = time.monotonic() + LONGEST
        while len(self.done) < len(ids):
            if time.monotonic() > until:
                raise RuntimeError(f"{len(ids) - len(self.done)} envelopes are not delivered")
            time.sleep(0.005)
        if left := still_open():
            raise RuntimeError(f"{left} envelopes are not receipted")


def start(acts: Sequence[Callable[[], None]]) -> list[threading.Thread]:
    """Threads that do these, and leave no connection behind."""

    def closing(act: Callable[[], None]) -> None:
        from django.db import connection

        try:
            act()
        finally:
            connection.close()

    threads = [threading.Thread(target=closing, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    return threads


def paced(write: Write, line: Any, rate: float, count: int) -> list[float]:
    """Seconds from the moment at which each was due to be written to its receipt, when so many a second are due."""
    due_at: dict[UUID, float] = {}
    with Lanes(line) as lanes:
        begun = time.perf_counter()
        while len(due_at) < count:
            written = len(due_at)
            due = min(count, int((time.perf_counter() - begun) * rate)) - written
            if due > 0:
                moments = [begun + (written + n + 1) / rate for n in range(due)]
                due_at |= zip(write(due), moments, strict=True)
            else:
                time.sleep(0.5 / rate)
        lanes.wait(list(due_at))
    return [lanes.done[one] - at for one, at in due_at.items()]


def still_open() -> int:
    """How many envelopes have no receipt."""
    from motcua.exchange import queue

    cursor = queue.cursor()
    cursor.execute("SELECT coalesce(sum(last - done), 0)::int FROM exchange_course")
    [[count]] = cursor.fetchall()
    return int(count)
