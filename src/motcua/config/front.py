"""The front: an ASGI application that serves the API itself and hands every page to Django.

Machine calls carry a token, no session, no cookie, no locale. Those that read or write dossiers are gathered into
lanes (kernel/gathering.py), one thread each; what only reads the directory in memory is answered on the loop.
"""

import asyncio
import gc
import logging
import sys
import tempfile
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from typing import IO, Any
from urllib.parse import parse_qsl

import msgspec
from django.conf import settings
from django.db import close_old_connections

from motcua.config import wiring
from motcua.config.description import describe
from motcua.identity import api as identity
from motcua.kernel import clock, throttle
from motcua.kernel.endpoints import Call, Endpoint, problem_of
from motcua.kernel.errors import Failure, NotAllowed, NotFound, Permanent
from motcua.kernel.gathering import Lane

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PREFIX = "/api/v1"
log = logging.getLogger(__name__)
encoder = msgspec.json.Encoder()


class Route:
    """An endpoint with its path in segments and its decoders made ready."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.segments = endpoint.path.strip("/").split("/")
        self.body = msgspec.json.Decoder(endpoint.body) if endpoint.body is not None else None

    def match(self, segments: list[str]) -> dict[str, str] | None:
        """The path's parameters, or None if this is another path."""
        found = {}
        for own, given in zip(self.segments, segments, strict=True):
            if own[0] == "{":
                found[own[1:-1]] = given
            elif own != given:
                return None
        return found


ROUTES: dict[int, list[Route]] = {}
for _endpoint in wiring.ENDPOINTS:
    _route = Route(_endpoint)
    ROUTES.setdefault(len(_route.segments), []).append(_route)
for _routes in ROUTES.values():  # literal paths before those with parameters
    _routes.sort(key=lambda route: [segment[0] == "{" for segment in route.segments])

DESCRIPTION = encoder.encode(describe(wiring.ENDPOINTS))


class Front:
    """The application: its lanes live as long as the server."""

    def __init__(self, pages: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        self.pages = pages
        self.lanes: dict[str, Lane[Any, Any]] = {}
        self.threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="front")
        self.refreshing: asyncio.Task[None] | None = None
        self.refreshed: asyncio.Future[None]  # done when tokens and generations were next read

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            path: str = scope["path"]
            if path.startswith(PREFIX + "/"):
                await self._api(scope, receive, send, path[len(PREFIX) + 1 :])
            else:
                await self.pages(scope, receive, send)

    # --- life -----------------------------------------------------------------------------------------------------

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                loop = asyncio.get_running_loop()
                try:
                    await loop.run_in_executor(self.threads, wiring.refresh)
                except Exception:
                    log.exception("the directory could not be loaded")
                    await send({"type": "lifespan.startup.failed", "message": "run `motcua doctor`"})
                    return
                self.lanes = {name: Lane(name, lane.work, limit=lane.limit) for name, lane in wiring.LANES.items()}
                self.refreshed = loop.create_future()
                self.refreshing = loop.create_task(self._refresh())
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                if self.refreshing:
                    self.refreshing.cancel()
                for lane in self.lanes.values():
                    lane.close()
                self.threads.shutdown()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _refresh(self) -> None:
        """Take up a new generation of the directory or the catalogue within a second of its publication."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self.threads, wiring.warm)
        gc.freeze()  # the country and the catalogue stay: no request should wait while they are looked through again
        while True:
            await asyncio.sleep(1)
            try:
                await loop.run_in_executor(self.threads, _refresh)
            except Exception:  # the database is away: the generation in memory goes on answering
                log.warning("refresh failed", exc_info=True)
            done, self.refreshed = self.refreshed, loop.create_future()
            done.set_result(None)

    # --- one call -------------------------------------------------------------------------------------------------

    async def _api(self, scope: Scope, receive: Receive, send: Send, path: str) -> None:
        body: bytes
        extra: list[tuple[bytes, bytes]] = []
        try:
            if path == "openapi.json" and scope["method"] == "GET":
                await _send(send, 200, DESCRIPTION)
                return
            route, parameters = _find(scope["method"], path)
            status, body = await self._answer(route, parameters, scope, receive)
            await _send(send, status, body)
            return
        except Failure as failure:
            status, body = failure.status, encoder.encode(problem_of(failure))
            if status == 401:
                extra.append((b"www-authenticate", b"Bearer"))
            if "allow" in failure.members:
                extra.append((b"allow", failure.members["allow"].encode()))
            if status in (429, 503):
                extra.append((b"retry-after", str(failure.members.get("retry_after", 2)).encode()))
        except Exception:
            log.exception("unexpected failure at %s", path.split("/")[0])
            status = 500
            body = encoder.encode(
                problem_of(
                    Failure("internal", "Yêu cầu chưa được thực hiện.", mend="Gửi lại với cùng khóa.", status=500)
                )
            )
        await _send(send, status, body, extra, kind=b"application/problem+json")

    async def _answer(
        self, route: Route, parameters: dict[str, str], scope: Scope, receive: Receive
    ) -> tuple[int, bytes]:
        endpoint = route.endpoint
        headers = {name: value for name, value in scope["headers"] if name in HEADERS}
        who = identity.PUBLIC if endpoint.public else await self._scope(headers)
        now = clock.now()
        if settings.REPLAY and b"motcua-now" in headers:
            now = _moment(headers[b"motcua-now"])
        key = headers.get(b"idempotency-key", b"").decode("latin-1")
        if endpoint.keyed and not (0 < len(key) <= 200 and key.isprintable()):
            raise Permanent(
                "key-missing",
                "Yêu cầu ghi phải mang tiêu đề Idempotency-Key, từ 1 đến 200 ký tự.",
                mend="Sinh một khóa ngẫu nhiên cho mỗi yêu cầu và giữ nguyên khi gửi lại.",
                status=400,
            )
        query = _query(endpoint, scope["query_string"])
        if endpoint.body is bytes:
            upload = await _spool(receive, endpoint.limit)
            call = Call(who, parameters, query, upload, b"", key, now)
            loop = asyncio.get_running_loop()
            return endpoint.status, encoder.encode(await loop.run_in_executor(self.threads, endpoint.prepare, call))
        raw = await _read(receive, endpoint.limit) if route.body else b""
        body = _decode(route, headers, raw) if route.body else None
        if endpoint.guess is None:
            call = Call(who, parameters, query, body, raw, key, now)
            return endpoint.status, encoder.encode(await self._done(endpoint, call))
        caller = scope.get("client") or ("",)
        call = Call(who, parameters, query, body, raw, key, now, throttle.place_of(caller[0]))
        with throttle.secrets.attempt(call.place, endpoint.guess(call)):
            return endpoint.status, encoder.encode(await self._done(endpoint, call))

    async def _done(self, endpoint: Endpoint, call: Call) -> Any:
        item = endpoint.prepare(call)
        return await self.lanes[endpoint.lane].call(item) if endpoint.lane else item

    async def _scope(self, headers: dict[bytes, bytes]) -> identity.Scope:
        kind, _, secret = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
        if kind.lower() != "bearer" or not secret:
            raise NotAllowed(
                "token-missing",
                "Yêu cầu phải mang thẻ truy cập.",
                mend="Gửi tiêu đề Authorization: Bearer THẺ; thẻ do `motcua token issue` cấp.",
                status=401,
            )
        # Perhaps it was issued since tokens were last read, or during it. Whoever guesses waits as well.
        for _ in range(2):
            with suppress(NotAllowed):
                return identity.scope_of_token(secret, now=clock.now(), ask=False)
            await asyncio.wait([self.refreshed], timeout=3)
        return identity.scope_of_token(secret, now=clock.now(), ask=False)


HEADERS = frozenset({b"authorization", b"idempotency-key", b"content-type", b"motcua-now"})


def _refresh() -> None:
    close_old_connections()  # one that PostgreSQL has dropped is opened anew
    wiring.refresh()


def _moment(header: bytes) -> datetime:
    """The scenario's moment, in a server that was started for a replay."""
    try:
        return clock.from_local(header.decode("latin-1"))
    except ValueError:
        raise Permanent("moment-unreadable", "Không đọc được thời điểm ở Motcua-Now.", status=400) from None


def _find(method: str, path: str) -> tuple[Route, dict[str, str]]:
    segments = path.split("/")
    allowed: list[str] = []
    meant = ""  # the first path that fits is the one meant: literal ones come first
    for route in ROUTES.get(len(segments), ()):
        endpoint = route.endpoint
        if meant and endpoint.path != meant:
            continue
        parameters = route.match(segments)
        if parameters is None:
            continue
        if endpoint.method == method:
            return route, parameters
        meant = endpoint.path
        allowed.append(endpoint.method)
    if allowed:
        allow = ", ".join(sorted(allowed))
        raise Permanent("method-not-allowed", f"Đường dẫn này chỉ nhận {allow}.", status=405, allow=allow)
    if path == "openapi.json":
        raise Permanent("method-not-allowed", "Đường dẫn này chỉ nhận GET.", status=405, allow="GET")
    raise NotFound("no-such-path", "Không có đường dẫn này.", mend="Xem /api/v1/openapi.json.")


def _query(endpoint: Endpoint, raw: bytes) -> Any:
    if endpoint.query is None:
        return None
    try:
        given = dict(parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict"))
        return msgspec.convert(given, endpoint.query, strict=False)
    except (msgspec.ValidationError, ValueError) as error:
        raise Permanent("query-invalid", f"Tham số chưa đúng: {error}.", status=422) from None


def _decode(route: Route, headers: dict[bytes, bytes], raw: bytes) -> Any:
    kind = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
    if kind != b"application/json":
        raise Permanent("not-json", "Nội dung phải là application/json.", status=415)
    if b"\\u0000" in raw:
        raise Permanent("body-invalid", "Nội dung có ký tự NUL.", mend="Bỏ ký tự \\u0000.")
    assert route.body is not None
    try:
        return route.body.decode(raw)
    except msgspec.ValidationError as error:
        raise Permanent("body-invalid", f"Nội dung chưa đúng: {error}.", mend="Xem /api/v1/openapi.json.") from None
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise Permanent("json-broken", f"Không đọc được JSON: {error}.", status=400) from None


async def _read(receive: Receive, limit: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Permanent("gone", "Kết nối đã đóng giữa chừng.", status=400)
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise Permanent("body-too-large", f"Nội dung vượt quá {limit} byte.", status=413)
        if not message.get("more_body"):
            return b"".join([*chunks, chunk]) if chunks else chunk
        chunks.append(chunk)


async def _spool(receive: Receive, limit: int) -> IO[bytes]:
    spool: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=1024 * 1024)  # noqa: SIM115 - closed by its reader
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            spool.close()
            raise Permanent("gone", "Kết nối đã đóng giữa chừng.", status=400)
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            spool.close()
            raise Permanent("file-too-large", f"Tệp vượt quá {limit // 1024 // 1024} MB.", status=413)
        spool.write(chunk)
        if not message.get("more_body"):
            spool.seek(0)
            return spool


async def _send(
    send: Send,
    status: int,
    body: bytes,
    extra: list[tuple[bytes, bytes]] | None = None,
    kind: bytes = b"application/json",
) -> None:
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        *(extra or ()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def application() -> Front:
    """What uvicorn serves: the front, with Django's pages beside it in four threads."""
    from a2wsgi import WSGIMiddleware
    from django.core.wsgi import get_wsgi_application

    # A lane's thread comes back from PostgreSQL several times a batch, and waits for the loop this long each time.
    sys.setswitchinterval(0.0005)
    pages: Any = WSGIMiddleware(get_wsgi_application(), workers=4)  # type: ignore[arg-type]  # two spellings of WSGI
    return Front(pages)
