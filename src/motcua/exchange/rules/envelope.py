"""What an envelope, a receipt and a call between nodes say: CloudEvents 1.0 in JSON, after a line with its signature.

On the wire and in the tables an envelope is `JWS LF EVENT`: the detached JWS (RFC 7515 appendix F, RFC 7797), a line
feed, and the event's bytes exactly as they were signed. Nobody ever has to write JSON the same way twice.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Literal
from uuid import UUID

import msgspec

from motcua.exchange.connector import Answer
from motcua.kernel.errors import Failure, Permanent, Transient

AGENCY = "urn:motcua:agency:"
CLOCKS = timedelta(minutes=15)  # how far ahead another node's clock may be
STALE = timedelta(days=180)  # older than any office was ever away
LARGEST = 1024 * 1024  # bytes of one envelope; what is larger travels as an attachment
BUNDLE = b"* "  # what no envelope begins with
SKIPPED = "motcua.skipped"
FORWARDED = "motcua.forwarded"
DIRECTORY = "motcua.directory"
GREETING = "motcua.greeting"
SEALED = "application/jose"
"""The content type of what only the receiving agency can open: a JWE in its compact form, as a JSON string."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A CloudEvents 1.0 event; `recipient`, `node`, `sequence` and `attachments` are our extension attributes.

    `sequence` is its place among what `node` sends to this receiver about `subject`, from 1 on and without gaps.
    """

    specversion: Literal["1.0"] = "1.0"
    id: UUID
    source: str  # urn:motcua:agency:H26.101.01
    type: str
    subject: str
    time: datetime
    recipient: str  # the identifier of the agency that it is for
    node: str
    sequence: int
    attachments: str = ""  # SHA-256:SIZE, separated by blanks
    datacontenttype: str = "application/json"
    data: msgspec.Raw = msgspec.Raw(b"null")

    @property
    def is_sealed(self) -> bool:
        return self.datacontenttype == SEALED

    @property
    def sender(self) -> str:
        return self.source.removeprefix(AGENCY)

    @property
    def files(self) -> tuple[tuple[str, int], ...]:
        """The digests and sizes of what belongs to it."""
        pairs = (word.split(":") for word in self.attachments.split())
        return tuple((digest, int(size)) for digest, size in pairs)


class Acknowledged(msgspec.Struct, frozen=True):
    """What became of one envelope, named by its id and its digest."""

    id: UUID
    sha256: str
    answer: Answer
    said: str = ""
    lacking: tuple[str, ...] = ()  # digests of attachments that have to come first


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """Giấy báo nhận: what a node says of a batch, signed by the agency that runs it."""

    id: UUID
    node: str
    to: str
    at: datetime
    envelopes: tuple[Acknowledged, ...]


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What one node asks of another over HTTP; signed as a whole by the agency that runs the asking node."""

    node: str
    to: str
    at: datetime
    act: Literal["deliver", "ask", "pull", "settle", "part", "file"]
    envelopes: tuple[str, ...] = ()
    ids: tuple[UUID, ...] = ()
    receipt: str = ""
    wanted: int = 0
    sha256: str = ""
    offset: int = 0
    size: int = 0
    part: bytes = b""


EVENT = msgspec.json.Decoder(Event)
RECEIPT = msgspec.json.Decoder(Receipt)
REQUEST = msgspec.json.Decoder(Request)
_ENCODER = msgspec.json.Encoder()


def written(thing: Event | Receipt | Request) -> bytes:
    return _ENCODER.encode(thing)


def sealed(jws: str, payload: bytes) -> bytes:
    """The wire form."""
    return jws.encode("ascii") + b"\n" + payload


def opened(wire: bytes) -> tuple[str, bytes]:
    """The signature and the bytes that it is over."""
    jws, _, payload = wire.partition(b"\n")
    return jws.decode("ascii", "replace"), payload


def bundled(wires: Sequence[bytes]) -> bytes:
    """Envelopes in one message: a line with their lengths, and then one after the other. One alone goes as it is."""
    if len(wires) == 1:
        return wires[0]
    return BUNDLE + " ".join(str(len(wire)) for wire in wires).encode() + b"\n" + b"".join(wires)


def unbundled(body: bytes) -> list[bytes]:
    """The envelopes in a message; what is no bundle of whole ones is given as it came, and found to be none."""
    if not body.startswith(BUNDLE):
        return [body]
    words, _, rest = body[len(BUNDLE) :].partition(b"\n")
    try:
        sizes = [int(word) for word in words.split()]
    except ValueError:
        return [body]
    if min(sizes, default=0) < 1 or sum(sizes) != len(rest):
        return [body]
    return [rest[end - size : end] for size, end in zip(sizes, accumulate(sizes), strict=True)]


def read_event(payload: bytes) -> Event:
    """The event in these bytes; Permanent where it is none."""
    try:
        event = EVENT.decode(payload)
        _ = event.files
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise _unreadable() from error
    if event.time.tzinfo is None or event.sequence < 1 or not event.source.startswith(AGENCY):
        raise _unreadable()
    return event


def read_seal(event: Event) -> str:
    """The JWE in a sealed event."""
    try:
        return msgspec.json.decode(event.data, type=str)
    except msgspec.MsgspecError as error:
        raise _unreadable() from error


def read_receipt(payload: bytes) -> Receipt:
    try:
        return RECEIPT.decode(payload)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise _unreadable() from error


def read_request(payload: bytes) -> Request:
    try:
        return REQUEST.decode(payload)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise _unreadable() from error


def _unreadable() -> Permanent:
    return Permanent("envelope-unreadable", "Không đọc được phong bì.", mend="Gửi sự kiện CloudEvents 1.0 đã ký.")


def digest(wire: bytes) -> str:
    """What a receipt names an envelope by, besides its id: the SHA-256 of what was signed."""
    return hashlib.sha256(wire.partition(b"\n")[2]).hexdigest()


def too_early_or_late(moment: datetime, now: datetime) -> Failure | None:
    """Why the moment at which something says that it was written can't be; None while clocks merely differ."""
    if moment - now > CLOCKS:
        return Transient(
            "clock-ahead",
            f"Thời điểm ghi trên phong bì sớm hơn đồng hồ nơi nhận {(moment - now).total_seconds() / 60:.0f} phút.",
            mend="Chỉnh đồng hồ của nút gửi.",
        )
    if now - moment > STALE:
        return Permanent("stale", "Phong bì đã quá cũ.", mend="Lập và ký lại phong bì.")
    return None


def out_of_turn(sequence: int, last: int) -> Failure | None:
    """Why an envelope that is new to us isn't the next of its subject; None if it is."""
    if sequence == last + 1:
        return None
    if sequence > last:
        return Transient("out-of-turn", f"Đang chờ phong bì thứ {last + 1}, chưa nhận thứ {sequence}.")
    return Permanent("turn-taken", f"Phong bì thứ {sequence} của việc này đã nhận rồi, với mã khác.")
