"""What a signature says and when a key counts: detached JWS (RFC 7515 appendix F) over bytes as they are (RFC 7797).

A key either signs or opens what is sealed for its agency (RFC 7516, RFC 8037); none does both.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Annotated

import msgspec

from motcua.kernel.errors import NotAllowed, Permanent


class Algorithm(StrEnum):
    """What a key is for. We sign with EdDSA; PS512 is accepted from agencies whose keys are RSA; X25519 keys open."""

    EDDSA = "EdDSA"
    PS512 = "PS512"
    ECDH = "ECDH-ES+A256KW"


SEALED_WITH = "A256GCM"  # how the content itself is sealed


@dataclass(frozen=True, slots=True)
class Key:
    """Khóa của cơ quan: whose it is and for which moments. `public` is its SubjectPublicKeyInfo (DER)."""

    kid: str
    agency: int
    algorithm: Algorithm
    public: bytes
    valid_from: datetime
    valid_to: datetime | None
    withdrawn_at: datetime | None = None

    @property
    def opens(self) -> bool:
        """Whether it is for sealing and opening, not for signing."""
        return self.algorithm is Algorithm.ECDH


def counts(key: Key, *, signed_at: datetime, known_at: datetime) -> bool:
    """Whether a signature of `signed_at` that we came to know at `known_at` counts.

    A key that ran out still proves what it signed while it was in force. A withdrawn one may be in wrong hands that
    can write any date, so that nothing counts that comes to light after the withdrawal.
    """
    in_force = key.valid_from <= signed_at and (key.valid_to is None or signed_at < key.valid_to)
    return in_force and (key.withdrawn_at is None or max(signed_at, known_at) < key.withdrawn_at)


def may_sign(key: Key, now: datetime) -> bool:
    return not key.opens and counts(key, signed_at=now, known_at=now)


def may_seal(key: Key, now: datetime) -> bool:
    """Whether what is written now may be sealed for this key."""
    return key.opens and counts(key, signed_at=now, known_at=now)


class _Header(msgspec.Struct, frozen=True):
    """What a JWS header must say here. Another critical extension is one that we don't understand."""

    alg: Algorithm
    kid: str
    b64: bool = True
    crit: tuple[str, ...] = ()


def header_of(kid: str, algorithm: Algorithm) -> str:
    """The protected header, encoded."""
    return base64url(msgspec.json.encode({"alg": algorithm.value, "b64": False, "crit": ["b64"], "kid": kid}))


def signed_bytes(header: str, payload: bytes) -> bytes:
    """What is signed: the header, a full stop, and the bytes themselves."""
    return header.encode("ascii") + b"." + payload


def read_detached(jws: str) -> tuple[str, str, Algorithm, bytes]:
    """The header as it came, the key's name, the algorithm and the signature; NotAllowed if it is none of ours."""
    parts = jws.split(".")
    try:
        if len(parts) != 3 or parts[1]:
            raise ValueError("not detached")
        header = _header(parts[0])
        if header.b64 or header.crit != ("b64",):
            raise ValueError("not over the bytes as they are")
        return parts[0], header.kid, header.alg, from_base64url(parts[2])
    except (ValueError, msgspec.MsgspecError) as error:
        raise NotAllowed(
            "signature-unreadable",
            "Không đọc được chữ ký số.",
            mend="Ký bằng JWS tách rời (RFC 7797) với EdDSA hoặc PS512.",
        ) from error


@lru_cache(maxsize=4096)
def _header(encoded: str) -> _Header:
    """The same for all that one key signed."""
    return msgspec.json.decode(from_base64url(encoded), type=_Header)


class _Seal(msgspec.Struct, frozen=True):
    """What a JWE header must say here."""

    alg: Algorithm
    kid: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{43}$")]


def sealed_for(jwe: str) -> str:
    """The name of the key that opens this; Permanent where it is no JWE that we know."""
    try:
        header = msgspec.json.decode(from_base64url(jwe.partition(".")[0]), type=_Seal)
        if header.alg is not Algorithm.ECDH:
            raise ValueError("sealed in another way")
    except (ValueError, msgspec.MsgspecError) as error:
        raise Permanent(
            "seal-unreadable", "Không đọc được nội dung mã hóa.", mend="Mã hóa bằng ECDH-ES+A256KW và A256GCM."
        ) from error
    return header.kid


def thumbprint(algorithm: Algorithm, numbers: dict[str, str]) -> str:
    """The name of a key: its JWK thumbprint (RFC 7638), so that nobody can give two keys one name."""
    kind = {"kty": "RSA"} if algorithm is Algorithm.PS512 else {"crv": _CURVE[algorithm], "kty": "OKP"}
    members = dict(sorted({**kind, **numbers}.items()))
    return base64url(hashlib.sha256(msgspec.json.encode(members)).digest())


_CURVE = {Algorithm.EDDSA: "Ed25519", Algorithm.ECDH: "X25519"}


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def from_base64url(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("not base64url") from error


def require_span(valid_from: datetime, valid_to: datetime | None) -> None:
    """A key is in force for some time."""
    if valid_to is not None and valid_to <= valid_from:
        raise Permanent("key-span", "Khóa hết hạn trước khi có hiệu lực.", mend="Ghi lại thời hạn của khóa.")
