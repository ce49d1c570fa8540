"""What an entry, a seal and a proof are made of. A third party can repeat all of it from this page."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from motcua.kernel.errors import Permanent

HASH = 32  # bytes of a SHA-256
_encode = msgspec.json.Encoder(order="deterministic").encode


@dataclass(frozen=True, slots=True)
class Entry:
    """An act to be recorded. `body` carries digests of personal data, never the data."""

    subject: UUID
    act: str
    at: datetime
    actor: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Link:
    """An entry in its place: the n-th of its subject, after the one whose digest is `prev` (empty for the first)."""

    subject: UUID
    n: int
    act: str
    at: datetime
    actor: str
    body: str
    prev: bytes
    digest: bytes


@dataclass(frozen=True, slots=True)
class Seal:
    """Niêm phong: the signed root over a batch of entries."""

    no: int
    at: datetime
    count: int
    root: bytes
    prev: bytes
    digest: bytes
    signature: bytes
    key: bytes


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was written, and where: in which entry, of which subject, or in which seal."""

    problem: str
    detail: str
    seq: int | None = None
    subject: UUID | None = None
    n: int | None = None
    seal: int | None = None


def stamp(moment: datetime) -> str:
    """A moment as the journal writes it: UTC, to the microsecond."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def canonical(body: Mapping[str, Any]) -> str:
    """The one JSON text of a body: keys in order, no spaces."""
    return _encode(body).decode()


def entry_text(subject: str, n: int, at: str, act: str, actor: str, body: str) -> str:
    """The text that is hashed: six lines, then the body. No line before the body can hold a line break."""
    return f"motcua-entry-1\n{subject}\n{n}\n{at}\n{act}\n{actor}\n{body}"


def entry_digest(prev: bytes, text: str) -> bytes:
    return hashlib.sha256(prev + text.encode()).digest()


def link(entry: Entry, subject: str, n: int, prev: bytes, at: str) -> tuple[str, bytes]:
    """The body's canonical text and the digest of an entry; `subject` and `at` are its own, as text."""
    if "\n" in entry.act or "\n" in entry.actor or "\0" in entry.act or "\0" in entry.actor:
        raise Permanent("journal-entry-invalid", "An act or actor holds a line break.", mend="Give one line each.")
    body = canonical(entry.body)
    return body, entry_digest(prev, entry_text(subject, n, at, entry.act, entry.actor, body))


def leaf(seq: int, digest: bytes) -> bytes:
    """The leaf of an entry (RFC 9162, 2.1.1): 0x00, its number in eight bytes, its digest."""
    return hashlib.sha256(b"\0" + seq.to_bytes(8, "big") + digest).digest()


def _level(nodes: Sequence[bytes]) -> list[bytes]:
    above = [hashlib.sha256(b"\1" + a + b).digest() for a, b in zip(nodes[::2], nodes[1::2], strict=False)]
    return [*above, nodes[-1]] if len(nodes) % 2 else above


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """The root of at least one leaf (RFC 9162, 2.1.1)."""
    nodes = list(leaves)
    while len(nodes) > 1:
        nodes = _level(nodes)
    return nodes[0]


def merkle_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """What one leaf needs to come to the root, from below (RFC 9162, 2.1.3.1)."""
    nodes, path = list(leaves), []
    while len(nodes) > 1:
        if index ^ 1 < len(nodes):
            path.append(nodes[index ^ 1])
        nodes, index = _level(nodes), index // 2
    return path


def seal_text(no: int, at: str, count: int, root: bytes, prev: bytes) -> str:
    """The text that is hashed and signed: each seal names the one before it."""
    return f"motcua-seal-1\n{no}\n{at}\n{count}\n{root.hex()}\n{prev.hex()}"


def seal_digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


Gap = tuple[int, int]  # the first and last of numbers that no seal has


def gaps_after(gaps: Sequence[Gap], top: int, taken: Sequence[int], safe: int) -> list[Gap]:
    """The numbers that may still come: what was open, and what was jumped over, without what was taken.

    `taken` is in order; nothing up to `safe` can come any more.
    """
    last = max(top, taken[-1])
    open_ = [*gaps, (top + 1, last)] if last > top else list(gaps)
    left: list[Gap] = []
    numbers = iter(taken)
    number = next(numbers, None)
    for first, end in open_:
        while number is not None and number <= end:
            if number > first:
                left.append((first, number - 1))
            first, number = number + 1, next(numbers, None)
        if first <= end:
            left.append((first, end))
    return [(max(first, safe + 1), end) for first, end in left if end > safe]
