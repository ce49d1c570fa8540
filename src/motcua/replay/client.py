"""A small HTTP/1.1 client for one server: kept-alive connections, one request at a time on each, little CPU.

It speaks what motcua answers (a Content-Length on every response) and nothing more.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

API = "/api/v1"
TIMEOUT = 60.0  # seconds for one answer
ATTEMPTS = 16
LONGEST_WAIT = 2.0  # seconds between two attempts; all of them together about 20


class Away(Exception):
    """The server can't be reached, or the connection broke before the answer: it may or may not have acted."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where the server is, and the token that opens it."""

    host: str
    port: int
    token: str = ""


def request(
    server: Server, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> bytes:
    """A request as bytes, ready to be sent again and again."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {server.host}:{server.port}"]
    if server.token:
        lines.append(f"Authorization: Bearer {server.token}")
    if body or method == "POST":
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


class Wire(asyncio.Protocol):
    """One connection. `send` a request; `answered` is called with the status and the body, or `lost` once."""

    def __init__(self, answered: Callable[[int, bytes], None], lost: Callable[[], None]) -> None:
        self.answered = answered
        self.lost = lost
        self.held = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance

    def send(self, data: bytes) -> None:
        assert self.transport is not None
        self.transport.write(data)

    def data_received(self, data: bytes) -> None:
        self.held = self.held + data if self.held else data
        end = self.held.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.held[:end].lower()
        at = head.find(b"content-length:")
        if at < 0:
            raise ValueError("an answer without a length")
        stop = head.find(b"\r\n", at)
        size = int(head[at + 15 : stop if stop > 0 else end])
        if len(self.held) < end + 4 + size:
            return
        status, body, self.held = int(head[9:12]), self.held[end + 4 : end + 4 + size], b""
        self.answered(status, body)

    def connection_lost(self, error: Exception | None) -> None:
        self.transport = None
        self.lost()


class Caller:
    """A connection that opens itself when it must; one call at a time."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.wire: Wire | None = None
        self.waiting: asyncio.Future[tuple[int, bytes]] | None = None

    async def call(self, data: bytes) -> tuple[int, bytes]:
        """Send a prepared request; gives status and body, raises Away."""
        loop = asyncio.get_running_loop()
        if self.wire is None:
            try:
                _, self.wire = await loop.create_connection(
                    lambda: Wire(self._answered, self._lost), self.server.host, self.server.port
                )
            except OSError as error:
                raise Away(str(error)) from error
        self.waiting = loop.create_future()
        self.wire.send(data)
        try:
            return await asyncio.wait_for(self.waiting, TIMEOUT)
        except TimeoutError as error:
            self.close()
            raise Away("no answer in time") from error

    async def call_patiently(self, data: bytes, retried: Callable[[], Any] = lambda: None) -> tuple[int, bytes]:
        """Like `call`, and again, with growing waits, while the server is away or asks for patience (500, 503)."""
        for attempt in range(ATTEMPTS):
            try:
                status, body = await self.call(data)
                if status not in (500, 503) or attempt == ATTEMPTS - 1:
                    return status, body
            except Away:
                if attempt == ATTEMPTS - 1:
                    raise
            retried()
            await asyncio.sleep(min(0.02 * 2**attempt, LONGEST_WAIT))
        raise AssertionError

    def close(self) -> None:
        if self.wire is not None and self.wire.transport is not None:
            self.wire.transport.abort()
        self.wire = None

    def _answered(self, status: int, body: bytes) -> None:
        if self.waiting is not None and not self.waiting.done():
            self.waiting.set_result((status, body))

    def _lost(self) -> None:
        self.wire = None
        if self.waiting is not None and not self.waiting.done():
            self.waiting.set_exception(Away("the connection broke"))
