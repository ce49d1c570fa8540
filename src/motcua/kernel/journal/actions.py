"""Writing the journal: record what was done, and seal what was recorded."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection, transaction

from motcua.kernel.arrays import plain_array, text_array
from motcua.kernel.errors import Transient
from motcua.kernel.inserts import Insert, write
from motcua.kernel.journal import key as keys
from motcua.kernel.journal.rules import (
    Entry,
    Gap,
    Seal,
    gaps_after,
    leaf,
    link,
    merkle_root,
    seal_digest,
    seal_text,
    stamp,
)

BATCH = 50_000
SEALING = 0x6A6F75726E616C  # the advisory lock of the one sealer: "journal"

HEADS = """
SELECT asked.subject, head.n, head.digest
FROM unnest(%s::uuid[]) AS asked (subject)
CROSS JOIN LATERAL (
    SELECT n, digest FROM kernel_journalentry WHERE subject = asked.subject ORDER BY n DESC LIMIT 1
) AS head
"""
INSERT = """
INSERT INTO kernel_journalentry (subject, n, act, at, actor, body, prev, digest)
SELECT subject, n, act, at, actor, body, decode(prev, 'hex'), decode(digest, 'hex')
FROM unnest(%s::uuid[], %s::int[], %s::text[], %s::timestamptz[], %s::text[], %s::text[], %s::text[], %s::text[])
    AS entry (subject, n, act, at, actor, body, prev, digest)
"""

# The same for one act on so many subjects that the database links the entries itself: `told` is a table of the
# statement with a subject and its body in each row. The values are those of `of_one_act`.
LINK = """
INSERT INTO kernel_journalentry (subject, n, act, at, actor, body, prev, digest)
SELECT subject, n, %(journal_act)s::text, %(journal_at)s::text::timestamptz, %(journal_actor)s::text, body, prev,
    sha256(prev || convert_to(concat_ws(E'\\n', 'motcua-entry-1', subject, n, %(journal_at)s::text,
        %(journal_act)s::text, %(journal_actor)s::text, body), 'UTF8'))
FROM (
    SELECT told.subject, told.body, coalesce(head.n, 0) + 1 AS n, coalesce(head.digest, '') AS prev
    FROM told LEFT JOIN LATERAL (
        SELECT n, digest FROM kernel_journalentry WHERE subject = told.subject ORDER BY n DESC LIMIT 1
    ) AS head ON true
) AS linked
"""


def of_one_act(*, act: str, at: datetime, actor: str) -> dict[str, str]:
    """The values of `LINK`; carry it out in `chained`."""
    return {"journal_act": act, "journal_at": stamp(at), "journal_actor": actor}


def plain_cursor() -> psycopg.Cursor[tuple[Any, ...]]:
    """A psycopg cursor on Django's connection: it lets the server prepare statements, which Django's doesn't."""
    connection.ensure_connection()
    return psycopg.Cursor(connection.connection)


def record(entries: Sequence[Entry], *, fresh: bool = False) -> None:
    """Write the entries in order, in the caller's transaction: two statements however many there are.

    `fresh` promises that nothing was ever recorded of any of the subjects, which saves the first statement.
    """
    if entries:
        with chained():
            write(plain_cursor(), [insertion(entries, fresh=fresh)])


@contextmanager
def chained() -> Iterator[None]:
    """Raises Transient where another transaction has written the next entry of the same subject meanwhile."""
    try:
        yield
    except psycopg.errors.UniqueViolation as error:
        if error.diag.constraint_name != "journal_entry_chain":
            raise
        raise Transient(
            "journal-busy",
            "Another act on the same subject was being recorded.",
            mend="Repeat the request.",
        ) from None


def insertion(entries: Sequence[Entry], *, fresh: bool = False) -> Insert:
    """What `record` writes, for an act that writes all that it does in one statement; carry it out in `chained`."""
    cursor = plain_cursor()
    state = cursor.connection
    if state.autocommit and state.info.transaction_status == psycopg.pq.TransactionStatus.IDLE:
        raise RuntimeError("An entry is recorded in the transaction of the change that it tells of.")
    heads = {} if fresh else _heads(cursor, {entry.subject for entry in entries})
    subjects, numbers, stamps, bodies, previous, digests = [], [], [], [], [], []
    moment, at = entries[0].at, stamp(entries[0].at)
    for entry in entries:
        if entry.at is not moment:
            moment, at = entry.at, stamp(entry.at)
        n, prev = heads.get(entry.subject, (0, b""))
        subject = str(entry.subject)
        body, digest = link(entry, subject, n + 1, prev, at)
        heads[entry.subject] = (n + 1, digest)
        subjects.append(subject)
        numbers.append(n + 1)
        stamps.append(at)
        bodies.append(body)
        previous.append(prev.hex())
        digests.append(digest.hex())
    columns = (
        plain_array(subjects),
        plain_array(numbers),
        text_array(entry.act for entry in entries),
        plain_array(stamps),
        text_array(entry.actor for entry in entries),
        text_array(bodies),
        text_array(previous),
        plain_array(digests),
    )
    return Insert(INSERT, columns)


def _heads(cursor: psycopg.Cursor[tuple[Any, ...]], subjects: Iterable[UUID]) -> dict[UUID, tuple[int, bytes]]:
    """The last entry of each subject that has any: its number and digest."""
    cursor.execute(HEADS, [plain_array(subjects)])
    return {subject: (n, bytes(digest)) for subject, n, digest in cursor}


def seal(*, now: datetime, limit: int = BATCH) -> Seal | None:
    """Seal up to `limit` entries that are committed and not sealed yet; None if there are none.

    A second sealer at the same time gets None as well. Call it again until it does.
    """
    with transaction.atomic(durable=True):
        cursor = plain_cursor()
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEALING])
        if not _one(cursor)[0]:
            return None
        cursor.execute("SELECT no, digest, top, gaps FROM kernel_journalseal ORDER BY no DESC LIMIT 1")
        last, prev, top, flat = cursor.fetchone() or (0, b"", 0, [])
        gaps = list(zip(flat[::2], flat[1::2], strict=True))
        mark_seq, mark_xid, safe = _marks(cursor)
        seqs, digests, more = _unsealed(cursor, top, gaps, limit)
        if not seqs:
            return None
        gaps = gaps_after(gaps, top, seqs, 0 if more else safe)
        root = merkle_root([leaf(seq, digest) for seq, digest in zip(seqs, digests, strict=True)])
        key = keys.private()
        text = seal_text(last + 1, stamp(now), len(seqs), root, prev)
        made = Seal(
            no=last + 1,
            at=now,
            count=len(seqs),
            root=root,
            prev=bytes(prev),
            digest=seal_digest(text),
            signature=key.sign(text.encode()),
            key=keys.public_bytes(key),
        )
        cursor.execute(
            """
            INSERT INTO kernel_journalseal (no, at, seqs, digests, last_seq, root, prev, digest, signature, key,
                                      mark_seq, mark_xid, top, gaps)
            VALUES (%s, %s, %s::bigint[], %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::bigint[])
            """,
            [
                *(made.no, now, plain_array(seqs), b"".join(digests), seqs[-1]),
                *(made.root, made.prev, made.digest, made.signature, made.key),
                *(mark_seq, mark_xid, max(top, seqs[-1]), plain_array(bound for gap in gaps for bound in gap)),
            ],
        )
        return made


def _one(cursor: psycopg.Cursor[tuple[Any, ...]]) -> tuple[Any, ...]:
    row = cursor.fetchone()
    assert row is not None
    return row


def _marks(cursor: psycopg.Cursor[tuple[Any, ...]]) -> tuple[int, int, int]:
    """This sealer's mark, and the newest earlier mark below which no entry can come any more.

    A writer has its transaction number before it draws its first sequence number (a trigger sees to it), so
    whoever drew a number up to `mark_seq` has a transaction number below `mark_xid`. Once all of those have
    ended, nothing can appear there. A mark above our own number is from before a restore: its writers are gone.
    """
    cursor.execute("SELECT last_value FROM kernel_journalentry_seq_seq")
    (mark_seq,) = _one(cursor)
    cursor.execute("SELECT pg_current_xact_id()::text::bigint")
    (mark_xid,) = _one(cursor)
    cursor.execute(
        """
        SELECT mark_seq FROM kernel_journalseal
        WHERE mark_xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint OR mark_xid > %s
        ORDER BY no DESC LIMIT 1
        """,
        [mark_xid],
    )
    safe = cursor.fetchone()
    return mark_seq, mark_xid, safe[0] if safe else 0


def _unsealed(
    cursor: psycopg.Cursor[tuple[Any, ...]], top: int, gaps: Sequence[Gap], limit: int
) -> tuple[list[int], list[bytes], bool]:
    """The lowest entries that no seal has, and whether there are more."""
    cursor.execute(
        """
        SELECT entry.seq, entry.digest
        FROM unnest(%s::bigint[], %s::bigint[]) AS gap (first, last)
        JOIN kernel_journalentry AS entry ON entry.seq BETWEEN gap.first AND gap.last
        UNION ALL
        (SELECT seq, digest FROM kernel_journalentry WHERE seq > %s ORDER BY seq LIMIT %s)
        ORDER BY seq LIMIT %s
        """,
        [plain_array(first for first, _ in gaps), plain_array(last for _, last in gaps), top, limit + 1, limit + 1],
        binary=True,
    )
    rows = cursor.fetchall()
    taken = rows[:limit]
    return [seq for seq, _ in taken], [bytes(digest) for _, digest in taken], len(rows) > limit
