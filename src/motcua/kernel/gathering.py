"""Gathering: what arrives while one batch is being committed goes into the next.

The loop of the ASGI front puts requests in a lane; one thread takes what has gathered, at most `limit`, calls
one list-taking action or query, and hands all results back to the loop in one call. A receipt therefore leaves
only after its commit, and sixteen callers cost one commit instead of sixteen.
"""

import asyncio
import logging
import queue
import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from django.db import close_old_connections

from motcua.kernel.errors import Failure, Transient

T = TypeVar("T")
R = TypeVar("R")

log = logging.getLogger(__name__)


class Lane(Generic[T, R]):
    """One thread, one list-taking function, and the requests waiting for it."""

    def __init__(
        self,
        name: str,
        work: Callable[[Sequence[T]], Sequence[R | Failure]],
        *,
        limit: int = 32,
        waiting: int = 2_000,
    ) -> None:
        """`work` gives one result or one Failure for each item, in order; `waiting` bounds the queue."""
        self.work = work
        self.limit = limit
        self.waiting = waiting
        self.gathered: list[tuple[T, asyncio.Future[R]]] = []
        self.free = True
        self.batches: queue.SimpleQueue[list[tuple[T, asyncio.Future[R]]] | None] = queue.SimpleQueue()
        self.loop = asyncio.get_running_loop()
        self.thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.thread.start()

    async def call(self, item: T) -> R:
        """Put an item in the lane and wait for its result; raises its Failure."""
        if len(self.gathered) >= self.waiting:
            raise Transient("busy", "Too many requests are waiting.", mend="Repeat the request in a few seconds.")
        future: asyncio.Future[R] = self.loop.create_future()
        self.gathered.append((item, future))
        if self.free:
            # On the loop's next turn, so that what arrives on this one goes along.
            self.free = False
            self.loop.call_soon(self._send)
        return await future

    def _send(self) -> None:
        batch, self.gathered = self.gathered[: self.limit], self.gathered[self.limit :]
        self.batches.put(batch)

    def _done(self, batch: list[tuple[T, asyncio.Future[R]]], results: Sequence[R | Failure]) -> None:
        for (_, future), result in zip(batch, results, strict=True):
            if future.cancelled():  # the caller went away; what it asked for stands
                continue
            if isinstance(result, Failure):
                future.set_exception(result)
            else:
                future.set_result(result)
        if self.gathered:
            self.loop.call_soon(self._send)
        else:
            self.free = True

    def _run(self) -> None:
        while (batch := self.batches.get()) is not None:
            results: Sequence[R | Failure]
            try:
                results = self.work([item for item, _ in batch])
            except Failure as failure:
                results = [failure] * len(batch)
            except Exception:
                log.exception("a batch of %d failed", len(batch))
                results = [_failed()] * len(batch)
                close_old_connections()  # one that PostgreSQL has dropped is opened anew by the next batch
            try:
                self.loop.call_soon_threadsafe(self._done, batch, results)
            except RuntimeError:  # the loop has closed: the server is stopping
                return

    def close(self) -> None:
        """Let the running batch end and the thread stop."""
        self.batches.put(None)
        self.thread.join(timeout=30)


def _failed() -> Failure:
    return Transient("internal", "The request was not carried out.", mend="Repeat it with the same key.", status=500)
