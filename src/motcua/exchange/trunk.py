"""A node's place on the trunk: NATS JetStream, three servers that each keep every message until it is taken.

Each node has one stream (`motcua-NAME`, subjects `motcua.NAME.>`) from which a message goes when the node acknowledges
it. What is sent to it lies under a subject of its own (`motcua.NAME.envelope.ID`), and the stream takes one message
for each subject: so the trunk never holds a message twice, however often it is sent, and however long its reader is
away. A window of time, which is what JetStream's own de-duplication has, ends sooner than an office's flood.

The client speaks asyncio in one thread; who calls waits for it. Nothing here raises for what the trunk does.
"""

import asyncio
import itertools
import logging
import threading
from collections import deque
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.aio.msg import Msg

log = logging.getLogger(__name__)
T = TypeVar("T")
API = "$JS.trunk.API"  # of the domain on the three servers: a leaf's own would be another one
AFRESH = 1.0  # seconds after which somebody who could not connect tries again
PULL = 5.0  # seconds that one request for messages stands; a server that dies with it costs so much
REDELIVER = 10.0  # seconds after which what was taken and not acknowledged comes again
AT_ONCE = 8 * 1024 * 1024  # bytes in one pull
RAN_OUT = "408"  # a request for messages stood as long as it may
NOT_THERE = "503"  # nobody answers for this subject: no stream, or one without a leader
ONE_EACH = "maximum messages per subject exceeded"


class What(StrEnum):
    """What lies in a node's stream; each is read by itself, so that none waits behind another."""

    ENVELOPE = "envelope"
    RECEIPT = "receipt"
    PART = "part"


class Kept(StrEnum):
    """What the trunk did with a message."""

    STORED = "stored"  # two servers of three have it
    THERE = "there"  # it lies there already, not taken yet
    SEEN = "seen"  # it was stored under this id a moment ago
    REFUSED = "refused"  # not stored, and it says why
    UNREACHABLE = "unreachable"  # not stored: nobody was there to take it
    UNHEARD = "unheard"  # sent, and no answer


@dataclass(frozen=True, slots=True)
class Post:
    """A message for a node. `id` lets the trunk recognise the same attempt; `name` is its subject's last word."""

    node: str
    what: What
    name: str
    body: bytes
    id: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the trunk did with one, with its own words."""

    kept: Kept
    said: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that was taken and has to be acknowledged."""

    body: bytes
    reply: str


class _Acknowledged(msgspec.Struct):
    duplicate: bool = False
    error: dict[str, Any] | None = None


_ACK = msgspec.json.Decoder(_Acknowledged)


@dataclass
class _Reader:
    """What was asked of one consumer and what came."""

    stream: str
    consumer: str
    inbox: str
    came: deque["Msg"] = field(default_factory=deque)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    owed: int = 0
    until: float = 0.0


def stream_of(node: str) -> str:
    return f"motcua-{node}"


class Trunk:
    """A node's connection; it connects at the first call, and again when the line was cut."""

    def __init__(
        self, node: str, servers: Sequence[str], *, secret: str = "", copies: int = 3, patience: float = 5.0
    ) -> None:
        self.node, self.servers, self.secret, self.copies, self.patience = node, list(servers), secret, copies, patience
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="exchange-trunk", daemon=True)
        self._thread.start()
        self._client: Client | None = None
        self._not_before = 0.0
        self._joining = asyncio.Lock()
        self._answers: dict[str, asyncio.Future[Reply]] = {}
        self._numbers = itertools.count()
        self._inbox = ""
        self._readers: dict[What, _Reader] = {}

    def publish(self, posts: Sequence[Post]) -> list[Reply]:
        """Hand messages over and wait until the trunk has said of each what it did with it."""
        return self._do(self._publish(posts))

    def take(self, what: What, most: int, wait: float) -> list[Letter]:
        """What lies there for this node, as much as there is at once; nothing after `wait` seconds without any."""
        return self._do(self._take(what, most, wait))

    def done(self, letters: Sequence[Letter]) -> None:
        """Let the trunk forget what was taken: its effect is committed. Should this get lost, it comes once more."""
        self._do(self._done(letters))

    def join(self) -> bool:
        """Connect, and make this node's stream where it isn't yet; whether the trunk is there."""
        return self._do(self._joined()) is not None

    def leader(self, node: str) -> str:
        """The name of the server that leads a node's stream; "" while none does."""
        return self._do(self._leader(node))

    def close(self) -> None:
        async def end() -> None:
            if self._client is not None:
                await self._client.close()
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()

        self._do(end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, act: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(act, self._loop).result()

    # --- in the loop's thread -------------------------------------------------------------------------------------

    async def _joined(self) -> "Client | None":
        """The client while it is connected; None when nobody is there."""
        async with self._joining:
            if self._client is not None:
                return self._client if self._client.is_connected else None
            if self._loop.time() < self._not_before:
                return None
            import nats
            import nats.errors

            client = nats.NATS()  # type: ignore[attr-defined]
            try:
                await asyncio.wait_for(self._connect(client), self.patience)
            except (TimeoutError, OSError, nats.errors.Error) as error:
                log.warning("exchange: no server of the trunk answers as it should: %s", type(error).__name__)
                await client.close()
                self._not_before = self._loop.time() + AFRESH
                return None
            self._client = client
            return client

    async def _connect(self, client: "Client") -> None:
        await client.connect(
            self.servers,
            name=self.node,
            inbox_prefix=f"_INBOX_{self.node}",  # so that the servers can keep others from listening
            error_cb=_quietly,
            disconnected_cb=self._cut,
            max_reconnect_attempts=-1,
            reconnect_time_wait=1,
            ping_interval=10,
            **_credentials(self.secret),
        )
        self._inbox = client.new_inbox()
        await client.subscribe(f"{self._inbox}.*", cb=self._heard)
        await self._prepare(client)
        self._readers = {}
        for what in What:
            reader = _Reader(stream_of(self.node), what.value, client.new_inbox())
            await client.subscribe(reader.inbox, cb=_coming(reader), pending_bytes_limit=4 * AT_ONCE)
            self._readers[what] = reader

    async def _prepare(self, client: "Client") -> None:
        """This node's stream and its readers, as they should be."""
        from nats.js import api
        from nats.js.errors import NotFoundError

        streams, name = client.jetstream(prefix=API, timeout=self.patience), stream_of(self.node)
        config = api.StreamConfig(
            name=name,
            subjects=[f"motcua.{self.node}.>"],
            retention=api.RetentionPolicy.WORK_QUEUE,
            max_msgs_per_subject=1,
            discard=api.DiscardPolicy.NEW,
            discard_new_per_subject=True,
            num_replicas=self.copies,
            duplicate_window=120,
        )
        try:
            await streams.stream_info(name)
            await streams.update_stream(config)
        except NotFoundError:
            await streams.add_stream(config)
        for what in What:
            reader = api.ConsumerConfig(
                durable_name=what.value,
                filter_subject=f"motcua.{self.node}.{what.value}.>",
                ack_policy=api.AckPolicy.EXPLICIT,
                ack_wait=REDELIVER,
                max_ack_pending=5000,
            )
            await streams.add_consumer(name, reader)

    async def _publish(self, posts: Sequence[Post]) -> list[Reply]:
        from nats.errors import Error

        client = await self._joined()
        if client is None:
            return [Reply(Kept.UNREACHABLE, "không kết nối được tới trục") for _ in posts]
        waiting = []
        for post in posts:
            number = str(next(self._numbers))
            answer: asyncio.Future[Reply] = self._loop.create_future()
            subject = f"motcua.{post.node}.{post.what}.{post.name}"
            self._answers[number] = answer
            waiting.append((number, answer))
            try:
                await client.publish(
                    subject,
                    post.body,
                    reply=f"{self._inbox}.{number}",
                    headers={"Nats-Msg-Id": post.id} if post.id else None,
                )
            except (Error, OSError) as error:
                if not answer.done():
                    answer.set_result(Reply(Kept.UNREACHABLE, type(error).__name__))
        await asyncio.wait([answer for _, answer in waiting], timeout=self.patience)
        for number, _ in waiting:
            self._answers.pop(number, None)
        return [
            answer.result() if answer.done() else Reply(Kept.UNHEARD, "trục không trả lời kịp") for _, answer in waiting
        ]

    async def _heard(self, message: "Msg") -> None:
        answer = self._answers.pop(message.subject.rsplit(".", 1)[1], None)
        if answer is not None and not answer.done():
            answer.set_result(_read(message))

    async def _cut(self) -> None:
        """Whoever waits for an answer won't get it over this line any more."""
        for answer in self._answers.values():
            if not answer.done():
                answer.set_result(Reply(Kept.UNHEARD, "đường dây tới trục bị ngắt"))
        for reader in self._readers.values():
            reader.owed = 0

    async def _take(self, what: What, most: int, wait: float) -> list[Letter]:
        client = await self._joined()
        if client is None:
            await asyncio.sleep(min(wait, 1.0))
            return []
        reader, until = self._readers[what], self._loop.time() + wait
        await self._ask(client, reader, most)  # also while some lie here, so that more come meanwhile
        while not reader.came:
            reader.news.clear()
            try:
                await asyncio.wait_for(reader.news.wait(), until - self._loop.time())
            except TimeoutError:
                return []
            await self._ask(client, reader, most)
        count = min(most, len(reader.came))
        return [Letter(one.data, one.reply) for one in (reader.came.popleft() for _ in range(count))]

    async def _ask(self, client: "Client", reader: _Reader, most: int) -> None:
        """Have a request for messages stand at the trunk, so that what comes is handed on at once."""
        from nats.errors import Error

        now = self._loop.time()
        if reader.owed > 0 and now <= reader.until:
            return
        reader.owed, reader.until = most, now + PULL + 1
        wanted = {"batch": most, "expires": int(PULL * 1e9), "max_bytes": AT_ONCE}
        subject = f"{API}.CONSUMER.MSG.NEXT.{reader.stream}.{reader.consumer}"
        try:
            await client.publish(subject, msgspec.json.encode(wanted), reply=reader.inbox)
        except (Error, OSError):
            reader.owed = 0

    async def _done(self, letters: Sequence[Letter]) -> None:
        from nats.errors import Error

        client = await self._joined()
        if client is None:
            return
        try:
            for letter in letters:
                await client.publish(letter.reply, b"+ACK")
        except (Error, OSError) as error:
            log.warning("exchange: what was taken will come again: %s", type(error).__name__)

    async def _leader(self, node: str) -> str:
        from nats.errors import Error

        client = await self._joined()
        if client is None:
            return ""
        try:
            found = await client.jetstream(prefix=API, timeout=1.0).stream_info(stream_of(node))
        except (Error, TimeoutError):
            return ""
        return (found.cluster.leader or "") if found.cluster else ""


def _coming(reader: _Reader) -> Any:
    async def came(message: "Msg") -> None:
        if message.headers and "Status" in message.headers:  # the request ended: nothing more comes of it
            reader.owed = 0
            if message.headers["Status"] == RAN_OUT:
                reader.news.set()  # whoever waits asks anew
            return
        reader.owed -= 1
        reader.came.append(message)
        reader.news.set()

    return came


def _read(message: "Msg") -> Reply:
    if message.headers and message.headers.get("Status") == NOT_THERE:
        return Reply(Kept.UNREACHABLE, "nút nhận chưa có chỗ trên trục, hoặc trục đang bầu máy chủ dẫn")
    try:
        read = _ACK.decode(message.data)
    except msgspec.MsgspecError:
        return Reply(Kept.UNHEARD, "trả lời của trục không đọc được")
    if read.error is not None:
        said = str(read.error.get("description", ""))
        return Reply(Kept.THERE if said == ONE_EACH else Kept.REFUSED, said)
    return Reply(Kept.SEEN if read.duplicate else Kept.STORED)


def _credentials(secret: str) -> dict[str, Any]:
    """What var/secrets/trunk holds: `user:password`, or a token."""
    user, colon, password = secret.strip().partition(":")
    if not user:
        return {}
    return {"user": user, "password": password} if colon else {"token": user}


async def _quietly(error: Exception) -> None:
    log.info("exchange: the trunk: %s", type(error).__name__)
