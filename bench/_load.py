"""Load with little processor time of its own: prebuilt requests, kept-alive connections, no tasks and no futures."""

import asyncio
import time
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import uvloop

from motcua.replay.client import Server, Wire


@dataclass(slots=True)
class Result:
    """What came back: by status; the time of each answer in seconds."""

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    times: Any = field(default_factory=lambda: array("d"))
    bodies: list[bytes] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.times) / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds within which that share was answered."""
        ordered = sorted(self.times)
        return float(ordered[min(int(len(ordered) * share), len(ordered) - 1)]) * 1000


class Pump:
    """A connection that sends the next request as soon as the last one was answered."""

    def __init__(self, requests: Iterator[bytes], until: float, result: Result, done: "asyncio.Future[None]") -> None:
        self.requests = requests
        self.until = until
        self.result = result
        self.done = done
        self.wire = Wire(self.answered, self.lost)
        self.started = 0.0

    def go(self) -> None:
        now = time.perf_counter()
        data = next(self.requests, None) if now < self.until else None
        if data is None:
            if not self.done.done():
                self.done.set_result(None)
            return
        self.started = now
        self.wire.send(data)

    def answered(self, status: int, body: bytes) -> None:
        self.result.times.append(time.perf_counter() - self.started)
        self.result.statuses[status] += 1
        if status >= 300 and len(self.result.bodies) < 5:
            self.result.bodies.append(body)
        self.go()

    def lost(self) -> None:
        if not self.done.done():
            self.done.set_exception(ConnectionError("the server closed the connection"))


def run(server: Server, requests: Iterator[bytes], *, connections: int, seconds: float) -> Result:
    """Keep so many connections busy for so long, or until the requests run out."""

    async def all_of_them() -> Result:
        loop = asyncio.get_running_loop()
        result = Result()
        until = time.perf_counter() + seconds
        pumps = [Pump(requests, until, result, loop.create_future()) for _ in range(connections)]
        for pump in pumps:
            await loop.create_connection(lambda pump=pump: pump.wire, server.host, server.port)  # type: ignore[misc]
        started = time.perf_counter()
        for pump in pumps:
            pump.until = started + seconds
            pump.go()
        await asyncio.gather(*(pump.done for pump in pumps))
        result.seconds = time.perf_counter() - started
        for pump in pumps:
            pump.wire.lost = lambda: None
            if pump.wire.transport:
                pump.wire.transport.close()
        return result

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(all_of_them())
