"""How long contents are kept: what was delivered loses its content when the receipt is old enough, nothing else does.

What stays for good is the row: ids, subject, place, digest, the receipt that names the digest. Without a decision
(`motcua exchange keep`) everything is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from motcua.exchange.nodes import NODE
from motcua.kernel.clock import start_of
from motcua.kernel.errors import Permanent

BATCH = 2000
SET = """
INSERT INTO exchange_keeping (valid_from, days, source) VALUES (%s, %s, %s)
ON CONFLICT (valid_from) DO UPDATE SET days = excluded.days, source = excluded.source
"""
# A body to a node is `JWS LF EVENT`, and its digest that of the event; to any other partner it is the body's.
DROP_SENT = """
UPDATE exchange_parcel AS parcel SET body = '', sha256 = encode(sha256(
    CASE WHEN partner LIKE %s THEN substring(body FROM position('\\x0a'::bytea IN body) + 1) ELSE body END), 'hex')
WHERE id IN (SELECT id FROM exchange_parcel WHERE answered_at >= %s AND answered_at < %s AND state = 'done'
             AND sha256 = '' AND (reference <> '' OR partner NOT LIKE %s) ORDER BY answered_at LIMIT %s)
"""
DROP_TAKEN = """
UPDATE exchange_arrival SET body = NULL
WHERE id IN (SELECT id FROM exchange_arrival WHERE arrived_at >= %s AND arrived_at < %s AND answer = 'done'
             AND body IS NOT NULL ORDER BY arrived_at LIMIT %s)
"""


@dataclass(frozen=True, slots=True)
class KeepingRow:
    """From a day on, what is delivered keeps its content for so many days after the receipt."""

    valid_from: date
    days: int
    source: str
    swept_to: datetime | None


def keepings() -> tuple[KeepingRow, ...]:
    """Every decision, oldest first."""
    sql = "SELECT valid_from, days, source, swept_to FROM exchange_keeping ORDER BY valid_from"
    return tuple(KeepingRow(*row) for row in _all(sql, []))


def set_keeping(*, valid_from: date, days: int, source: str) -> None:
    """Quy định thời hạn lưu nội dung: what is delivered from that day on keeps its content for so many days."""
    if days < 1 or not source.strip():
        raise Permanent("keeping-wrong", "Thời hạn lưu phải từ một ngày và nêu căn cứ.", mend="Ghi --days và --source.")
    _all(SET, [valid_from, days, source.strip()])


def drop_contents(*, now: datetime) -> int:
    """Drop one batch of contents whose time is over; gives how many, 0 when none is left.

    Never of what failed: dead letters, what was set aside, and what was refused here keep everything.
    """
    terms = keepings()
    for term, following in zip(terms, (*terms[1:], None), strict=False):  # the last has none
        since = term.swept_to or start_of(term.valid_from)
        until = now - timedelta(days=term.days)
        if following is not None:
            until = min(until, start_of(following.valid_from))
        if since >= until:
            continue
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(DROP_SENT, [NODE + "%", since, until, NODE + "%", BATCH])
            count = cursor.rowcount
            cursor.execute(DROP_TAKEN, [since, until, BATCH])
            count += cursor.rowcount
            if count:
                return int(count)
            sql = "UPDATE exchange_keeping SET swept_to = %s WHERE valid_from = %s"
            cursor.execute(sql, [until, term.valid_from])
    return 0


def _all(statement: str, values: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall()) if cursor.description else []
