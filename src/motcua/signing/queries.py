"""Reads keys, checks signatures, opens seals: one statement for a whole batch, so that a withdrawal holds at once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from motcua.kernel.errors import NotAllowed, Permanent, Transient
from motcua.signing import keys
from motcua.signing.rules import Algorithm, Key, counts, may_sign, read_detached, sealed_for, signed_bytes

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


def signs_here(agency: int, *, now: datetime) -> bool:
    """Whether this node holds a key with which this agency signs now."""
    return any(may_sign(key, now) and keys.is_here(key.kid) for key in keys_of([agency]))


def sealing_keys(agencies: Collection[int]) -> tuple[Key, ...]:
    """The keys for which content can be sealed that these agencies ever had, the youngest first."""
    return _keys("agency = ANY(%s) AND algorithm = %s ORDER BY valid_from DESC, kid", [list(agencies), Algorithm.ECDH])


def unseal(sealed: str) -> bytes:
    """What was sealed for an agency of this node.

    Transient where the private half is not here: it may be brought. Permanent where it is and doesn't open it.
    """
    kid = sealed_for(sealed)
    if not keys.is_here(kid):
        raise Transient(
            "sealed-for-another-key",
            f"Nội dung được mã hóa cho khóa {kid}, không có ở nút này.",
            mend="Đưa khóa riêng của cơ quan nhận về nút này, hoặc gửi lại nội dung bằng khóa mới.",
        )
    try:
        return keys.unseal(kid, sealed)
    except ValueError:
        raise Permanent("seal-broken", "Không giải mã được nội dung.", mend="Mã hóa và gửi lại.") from None


def all_keys() -> tuple[Key, ...]:
    """Every key that is known here."""
    return _keys("true ORDER BY agency, valid_from, kid", [])


def verify(items: Sequence[Signed], *, known_at: datetime) -> list[Signer | NotAllowed]:
    """Whose signatures these are; NotAllowed where one is forged, unknown, or of a key that does not count."""
    read = [_read(item.jws) for item in items]
    names = {found[1] for found in read if not isinstance(found, NotAllowed)}
    known = {key.kid: key for key in _keys("kid = ANY(%s)", [list(names)])} if names else {}
    answers: list[Signer | NotAllowed] = []
    claims = []
    for item, found in zip(items, read, strict=True):
        if isinstance(found, NotAllowed):
            answers.append(found)
            continue
        header, kid, algorithm, signature = found
        answer = _signer(known.get(kid), item.signed_at, known_at)
        if isinstance(answer, Signer):
            claims.append((len(answers), known[kid].public, algorithm, signature, signed_bytes(header, item.payload)))
        answers.append(answer)
    for (place, *_), true in zip(claims, keys.verified([claim[1:] for claim in claims]), strict=True):
        if not true:
            answers[place] = NotAllowed("signature-wrong", "Chữ ký số không khớp nội dung.", mend="Gửi lại bản đã ký.")
    return answers


def _read(jws: str) -> tuple[str, str, Algorithm, bytes] | NotAllowed:
    try:
        return read_detached(jws)
    except NotAllowed as refused:
        return refused


def _signer(key: Key | None, signed_at: datetime, known_at: datetime) -> Signer | NotAllowed:
    """Whose key it is, if it counts."""
    if key is None:
        return NotAllowed("key-unknown", "Khóa ký không có trong danh bạ.", mend="Gửi khóa công khai cho nơi nhận.")
    if not counts(key, signed_at=signed_at, known_at=known_at):
        return NotAllowed(
            "key-not-in-force", "Khóa ký đã bị thu hồi hoặc không có hiệu lực vào lúc ký.", mend="Ký lại bằng khóa mới."
        )
    return Signer(key.agency, key.kid)


def _keys(where: str, values: Sequence[Any]) -> tuple[Key, ...]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_COLUMNS} FROM signing_key WHERE {where}", values)  # noqa: S608 - our own constants
        return tuple(Key(row[0], row[1], Algorithm(row[2]), bytes(row[3]), *row[4:]) for row in cursor.fetchall())
