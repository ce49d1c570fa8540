"""Reads keys and checks signatures: one statement for a whole batch, so that a withdrawal holds at once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from motcua.kernel.errors import NotAllowed
from motcua.signing import keys
from motcua.signing.rules import Algorithm, Key, counts, read_detached, signed_bytes

_COLUMNS = "kid, agency, algorithm, public, valid_from, valid_to, withdrawn_at"


@dataclass(frozen=True, slots=True)
class Signed:
    """Bytes with a detached signature, and the moment at which they say that they were signed."""

    jws: str
    payload: bytes
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class Signer:
    """Whose signature it is."""

    agency: int
    kid: str


def keys_of(agencies: Collection[int]) -> tuple[Key, ...]:
    """Every key that these agencies ever had, the youngest first."""
    return _keys("agency = ANY(%s) ORDER BY valid_from DESC, kid", [list(agencies)])


def all_keys() -> tuple[Key, ...]:
    """Every key that is known here."""
    return _keys("true ORDER BY agency, valid_from, kid", [])


def verify(items: Sequence[Signed], *, known_at: datetime) -> list[Signer | NotAllowed]:
    """Whose signatures these are; NotAllowed where one is forged, unknown, or of a key that does not count."""
    read: list[tuple[str, str, Algorithm, bytes] | NotAllowed] = []
    for item in items:
        try:
            read.append(read_detached(item.jws))
        except NotAllowed as refused:
            read.append(refused)
    names = {found[1] for found in read if not isinstance(found, NotAllowed)}
    known = {key.kid: key for key in _keys("kid = ANY(%s)", [list(names)])} if names else {}
    return [
        found if isinstance(found, NotAllowed) else _judged(item, found, known, known_at)
        for item, found in zip(items, read, strict=True)
    ]


def _judged(
    item: Signed, found: tuple[str, str, Algorithm, bytes], known: dict[str, Key], known_at: datetime
) -> Signer | NotAllowed:
    header, kid, algorithm, signature = found
    key = known.get(kid)
    if key is None:
        return NotAllowed("key-unknown", "Khóa ký không có trong danh bạ.", mend="Gửi khóa công khai cho nơi nhận.")
    if not counts(key, signed_at=item.signed_at, known_at=known_at):
        return NotAllowed(
            "key-not-in-force", "Khóa ký đã bị thu hồi hoặc không có hiệu lực vào lúc ký.", mend="Ký lại bằng khóa mới."
        )
    if not keys.verified(key.public, algorithm, signature, signed_bytes(header, item.payload)):
        return NotAllowed("signature-wrong", "Chữ ký số không khớp nội dung.", mend="Gửi lại bản đã ký.")
    return Signer(key.agency, kid)


def _keys(where: str, values: Sequence[Any]) -> tuple[Key, ...]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_COLUMNS} FROM signing_key WHERE {where}", values)  # noqa: S608 - our own constants
        return tuple(Key(row[0], row[1], Algorithm(row[2]), bytes(row[3]), *row[4:]) for row in cursor.fetchall())
