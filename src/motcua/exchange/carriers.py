"""The ways to another node, behind one protocol: in this installation, or over HTTPS."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

import msgspec

from motcua.exchange import nodes, receiving
from motcua.exchange.receiving import Handlers
from motcua.exchange.rules.envelope import Request, sealed, written
from motcua.exchange.rules.seats import Node
from motcua.kernel.errors import Permanent, Transient, Unknown
from motcua.kernel.outgoing import never_left
from motcua.signing import api as signing

if TYPE_CHECKING:
    import requests

CONNECT, READ = 5.0, 60.0  # seconds
PATH = "/api/v1/exchange"


class Carrier(Protocol):
    """Raises Transient where nothing can have arrived, Unknown where it may have."""

    def deliver(self, wires: Sequence[bytes], *, now: datetime) -> bytes:
        """Hand envelopes over; gives the signed receipt."""

    def ask(self, ids: Sequence[UUID], *, now: datetime) -> bytes:
        """What became of envelopes; gives the signed receipt."""

    def part(self, sha256: str, offset: int, size: int, chunk: bytes, *, now: datetime) -> int:
        """Hand over a piece of an attachment; gives how many bytes of it are there."""


class Here:
    """Both ends in this installation: what is delivered is received at once, and its files are there already."""

    def __init__(self, handlers: Handlers) -> None:
        self.handlers = handlers

    def deliver(self, wires: Sequence[bytes], *, now: datetime) -> bytes:
        return receiving.receive(wires, handlers=self.handlers, now=now, keep_bodies=False, to=nodes.here())

    def ask(self, ids: Sequence[UUID], *, now: datetime) -> bytes:
        return receiving.tell(ids, now=now, to=nodes.here())

    def part(self, sha256: str, offset: int, size: int, chunk: bytes, *, now: datetime) -> int:
        raise Permanent("file-unknown", f"Không có tệp {sha256}.", mend="Khôi phục tệp từ bản sao lưu.")


class Answered(msgspec.Struct, frozen=True):
    """What a node answers a call with: a signed receipt, envelopes that waited, or a piece of a file."""

    receipt: str = ""
    envelopes: tuple[str, ...] = ()
    have: int = 0
    part: bytes = b""


class Https:
    """A node at an address. Every call is signed by the agency that runs this node."""

    def __init__(self, node: Node) -> None:
        self.node = node

    def deliver(self, wires: Sequence[bytes], *, now: datetime) -> bytes:
        return self.call(now, act="deliver", envelopes=tuple(wire.decode() for wire in wires)).receipt.encode()

    def ask(self, ids: Sequence[UUID], *, now: datetime) -> bytes:
        return self.call(now, act="ask", ids=tuple(ids)).receipt.encode()

    def part(self, sha256: str, offset: int, size: int, chunk: bytes, *, now: datetime) -> int:
        return self.call(now, act="part", sha256=sha256, offset=offset, size=size, part=chunk).have

    def call(self, now: datetime, **words: object) -> Answered:
        import requests

        me = nodes.known_node(nodes.here(), nodes.read_map())
        payload = written(Request(node=me.name, to=self.node.name, at=now, **words))  # type: ignore[arg-type]
        [jws] = signing.sign([(me.agency, payload)], now=now)
        body = msgspec.json.encode({"wire": sealed(jws, payload).decode()})
        try:
            answer = session().post(
                self.node.site + PATH,
                data=body,
                headers={"Content-Type": "application/json"},
                timeout=(CONNECT, READ),
                allow_redirects=False,
            )
            raw = answer.content
        except requests.RequestException as error:
            if never_left(error):
                raise _unreachable(self.node) from error
            raise Unknown("line-cut", f"Nút {self.node.name} không trả lời, hoặc đường dây bị ngắt.") from error
        if answer.status_code != 200:
            raise Transient("node-refuses", f"Nút {self.node.name}: {answer.status_code} {_detail(raw)}")
        try:
            return msgspec.json.decode(raw, type=Answered)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise Unknown("line-cut", f"Trả lời của nút {self.node.name} không đọc được.") from error


def _unreachable(node: Node) -> Transient:
    return Transient("node-unreachable", f"Không kết nối được tới nút {node.name}.", mend="Xem đường truyền.")


def _detail(raw: bytes) -> str:
    try:
        return str(msgspec.json.decode(raw).get("detail", ""))[:300]
    except (msgspec.MsgspecError, UnicodeDecodeError, AttributeError):
        return ""


@lru_cache(maxsize=1)
def session() -> "requests.Session":
    """Connections that stay open from call to call."""
    import requests

    return requests.Session()
