"""The verbs of signing: make a key, take in another agency's, withdraw one, sign, seal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from motcua.kernel.errors import Conflict, NotFound, Permanent
from motcua.signing import keys, queries
from motcua.signing.rules import (
    Algorithm,
    Key,
    base64url,
    header_of,
    may_seal,
    may_sign,
    require_span,
    signed_bytes,
)

INSERT = """
INSERT INTO signing_key (kid, agency, algorithm, public, valid_from, valid_to, reason, source)
VALUES (%s, %s, %s, %s, %s, %s, '', %s) ON CONFLICT (kid) DO NOTHING RETURNING kid
"""


@dataclass(frozen=True, slots=True)
class NewKey:
    """The public half of an agency's key, as it was handed over by `source`."""

    agency: int
    public: bytes
    valid_from: datetime
    valid_to: datetime | None
    source: str
    withdrawn_at: datetime | None = None


def make_keys(
    agencies: Sequence[int],
    *,
    valid_to: datetime | None = None,
    now: datetime,
    algorithm: Algorithm = Algorithm.EDDSA,
) -> dict[int, str]:
    """Make a key for each of these agencies, in force from now; its private half stays in this node's files."""
    made = {agency: keys.make(algorithm) for agency in agencies}
    accept_keys([NewKey(agency, public, now, valid_to, "made here") for agency, (_, public) in made.items()])
    return {agency: kid for agency, (kid, _) in made.items()}


def accept_keys(new: Sequence[NewKey]) -> int:
    """Take in public halves; what is known already changes nothing but for a withdrawal that is news to us.

    Conflict where the same key is said to be another agency's. Gives how many were news.
    """
    news = 0
    with transaction.atomic(), connection.cursor() as cursor:
        for key in new:
            require_span(key.valid_from, key.valid_to)
            algorithm, kid = keys.read_public(key.public)
            values: list[Any] = [kid, key.agency, algorithm.value, key.public, key.valid_from, key.valid_to, key.source]
            cursor.execute(INSERT, values)
            news += cursor.rowcount
            cursor.execute("SELECT agency FROM signing_key WHERE kid = %s", [kid])
            if cursor.fetchone() != (key.agency,):
                raise Conflict("key-of-another", "Khóa này đã là khóa của cơ quan khác.", mend="Tạo khóa mới.")
            if key.withdrawn_at is not None:
                news += _withdraw(kid, key.withdrawn_at, f"said by {key.source}")
    return news


def withdraw(kids: Sequence[str], *, reason: str, now: datetime) -> None:
    """Thu hồi khóa: from now on it signs nothing, and nothing counts that comes to light later."""
    if not reason.strip():
        raise Permanent("reason-missing", "Chưa ghi lý do thu hồi.", mend="Ghi vì sao khóa bị thu hồi.")
    with transaction.atomic():
        for kid in kids:
            if not _withdraw(kid, now, reason.strip()):
                raise NotFound(
                    "key-unknown", "Không có khóa này, hoặc khóa đã bị thu hồi.", mend="Xem: motcua signing."
                )


def sign(payloads: Sequence[tuple[int, bytes]], *, now: datetime) -> list[str]:
    """A detached signature for each (agency, bytes); Permanent if an agency has no key in force here.

    Of several keys the eldest signs until it runs out: the others have heard of it, and hear of the next in time.
    """
    found: dict[int, Key] = {}
    for key in queries.keys_of({agency for agency, _ in payloads}):  # the youngest first
        if may_sign(key, now) and keys.is_here(key.kid):
            found[key.agency] = key
    headers = {agency: header_of(key.kid, key.algorithm) for agency, key in found.items()}
    items = []
    for agency, payload in payloads:
        if agency not in found:
            raise Permanent(
                "no-key",
                f"Cơ quan số {agency} chưa có khóa ký đang có hiệu lực tại đây.",
                mend="Tạo khóa bằng: motcua signing make MÃ_ĐỊNH_DANH.",
            )
        items.append((found[agency].kid, signed_bytes(headers[agency], payload)))
    signatures = zip(payloads, keys.sign(items), strict=True)
    return [f"{headers[agency]}..{base64url(signature)}" for (agency, _), signature in signatures]


def seal(contents: Sequence[tuple[int, bytes]], *, now: datetime) -> list[str | None]:
    """Seal each content for its agency, which alone can open it; None where the agency has no key for that.

    One statement for the whole list.
    """
    found: dict[int, Key] = {}
    for key in queries.sealing_keys({agency for agency, _ in contents}):
        if key.agency not in found and may_seal(key, now):
            found[key.agency] = key
    return [
        keys.seal(found[agency].kid, found[agency].public, plain) if agency in found else None
        for agency, plain in contents
    ]


def _withdraw(kid: str, at: datetime, reason: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE signing_key SET withdrawn_at = %s, reason = %s WHERE kid = %s AND withdrawn_at IS NULL",
            [at, reason, kid],
        )
        return int(cursor.rowcount)
