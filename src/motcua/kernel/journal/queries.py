"""Reading the journal: verify all of it, and prove one entry to a third party."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection, transaction

from motcua.kernel.errors import NotFound
from motcua.kernel.journal import key as keys
from motcua.kernel.journal.rules import (
    HASH,
    Finding,
    Link,
    entry_digest,
    entry_text,
    leaf,
    merkle_path,
    merkle_root,
    seal_digest,
    seal_text,
    stamp,
)

Progress = Callable[[int], object]
Row = tuple[Any, ...]

ENTRIES = "SELECT seq, subject, n, at, act, actor, body, prev, digest FROM kernel_journalentry"
SEALS = "SELECT no, at, seqs, digests, root, prev, digest, signature, key FROM kernel_journalseal"


def _plain() -> psycopg.Cursor[Row]:
    """A psycopg cursor on Django's connection."""
    connection.ensure_connection()
    return psycopg.Cursor(connection.connection)


@contextmanager
def _one_view() -> Iterator[None]:
    """One unchanging view of the database, so that what is recorded meanwhile isn't taken for a fault."""
    nested = connection.in_atomic_block
    with transaction.atomic():
        if not nested:
            _plain().execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _stream(name: str, statement: str, many: int) -> Iterator[Row]:
    connection.ensure_connection()
    with psycopg.ServerCursor(connection.connection, name) as cursor:
        cursor.itersize = many
        cursor.execute(statement, binary=True)
        yield from cursor


def count() -> int:
    """How many entries there are."""
    row = _plain().execute("SELECT count(*) FROM kernel_journalentry").fetchone()
    assert row is not None
    return int(row[0])


def seals() -> int:
    """How many seals there are."""
    row = _plain().execute("SELECT count(*) FROM kernel_journalseal").fetchone()
    assert row is not None
    return int(row[0])


def unsealed() -> tuple[int, datetime | None]:
    """About how many entries came after the last seal, and when the first of them was made."""
    row = (
        _plain()
        .execute(
            """
            SELECT count(*), min(at) FROM kernel_journalentry
            WHERE seq > coalesce((SELECT top FROM kernel_journalseal ORDER BY no DESC LIMIT 1), 0)
            """
        )
        .fetchone()
    )
    assert row is not None
    return row[0], row[1]


SEALS_AT_ONCE = 20  # looked through for the next entries


@dataclass(frozen=True, slots=True)
class Sealed:
    """An entry in the order in which acts stood: by its seal, then by its place in the seal, from 1."""

    seal: int
    place: int
    subject: UUID
    act: str
    at: datetime
    body: str


def sealed_after(seal: int, place: int, *, limit: int) -> tuple[Sealed, ...]:
    """The next entries after a place, for whoever follows the journal. Two statements.

    Every committed entry is in exactly one seal, and one of a subject never in an earlier seal than the one before
    it: whoever keeps the last place misses nothing, whatever order transactions ended in (journal-seals.md).
    """
    rows = _plain().execute(
        """
        SELECT no, CASE WHEN no = %(seal)s THEN seqs[%(place)s + 1:%(place)s + %(limit)s] ELSE seqs[1:%(limit)s] END
        FROM kernel_journalseal WHERE no >= %(seal)s ORDER BY no LIMIT %(seals)s
        """,
        {"seal": seal, "place": place, "limit": limit, "seals": SEALS_AT_ONCE},
    )
    places = [(no, nth, seq) for no, seqs in rows for nth, seq in enumerate(seqs, place + 1 if no == seal else 1)][
        :limit
    ]
    found = _plain().execute(
        "SELECT seq, subject, act, at, body FROM kernel_journalentry WHERE seq = ANY(%s)",
        [[seq for _no, _nth, seq in places]],
    )
    entries = {seq: values for seq, *values in found}
    return tuple(Sealed(no, nth, *entries[seq]) for no, nth, seq in places)


def chain(subject: UUID) -> list[Link]:
    """All entries of one subject, in order."""
    rows = _plain().execute(f"{ENTRIES} WHERE subject = %s ORDER BY n", [subject])
    return [
        Link(subject, n, act, at, actor, body, bytes(prev), bytes(digest))
        for _, subject, n, at, act, actor, body, prev, digest in rows
    ]


def verify(progress: Progress = lambda entries: None) -> Iterator[Finding]:
    """Everything in the journal that is not as it was written; in memory that doesn't grow with the journal.

    `progress` is told how many more entries were seen; each is seen twice: in its chain and in its seal.
    """
    trusted = keys.trusted()
    with _one_view():
        yield from _verify_chains(progress)
        yield from _verify_seals(trusted, progress)
        yield from _verify_cover()


def _verify_chains(progress: Progress) -> Iterator[Finding]:
    subject, n, digest = None, 0, b""
    for number, row in enumerate(_stream("journal_chains", f"{ENTRIES} ORDER BY subject, n", 5_000), start=1):
        if number % 5_000 == 0:
            progress(5_000)
        seq, its_subject, its_n, at, act, actor, body, its_prev, its_digest = row
        if its_subject != subject:
            subject, n, digest = its_subject, 0, b""
        where = {"seq": seq, "subject": its_subject, "n": its_n}
        if its_n != n + 1:
            missing = f"{n + 1}" if its_n == n + 2 else f"{n + 1} to {its_n - 1}"
            yield Finding(
                "missing", f"Entry {missing} of {subject} is missing before entry {its_n} (seq {seq}).", **where
            )
        text = entry_text(str(its_subject), its_n, stamp(at), act, actor, body)
        if entry_digest(its_prev, text) != its_digest:
            yield Finding("altered", f"Entry {its_n} of {subject} (seq {seq}) isn't what was recorded.", **where)
        elif its_n == n + 1 and its_prev != digest:
            yield Finding("chain", f"Entry {its_n} of {subject} (seq {seq}) doesn't follow the one before it.", **where)
        n, digest = its_n, its_digest


def _verify_seals(trusted: frozenset[bytes], progress: Progress) -> Iterator[Finding]:
    no, digest = 0, b""
    for row in _stream("journal_seals", f"{SEALS} ORDER BY no", 1):
        if row[0] != no + 1:
            yield Finding("seal-missing", f"Seal {no + 1} is missing before seal {row[0]}.", seal=row[0])
        elif row[5] != digest:
            yield Finding("seal-chain", f"Seal {row[0]} doesn't follow the one before it.", seal=row[0])
        no, digest = row[0], row[6]
        yield from _verify_seal(row, trusted)
        progress(len(row[2]))


def _verify_seal(row: Row, trusted: frozenset[bytes]) -> Iterator[Finding]:
    no, at, seqs, digests, root, prev, digest, signature, key = row
    text = seal_text(no, stamp(at), len(seqs), root, prev)
    if key not in trusted:
        yield Finding("seal-key", f"Seal {no} was made with a key that nobody here knows.", seal=no)
    if seal_digest(text) != digest or not keys.signed(key, signature, text):
        yield Finding("seal-signature", f"The signature of seal {no} doesn't fit what it says.", seal=no)
    leaves = [digests[at : at + HASH] for at in range(0, len(digests), HASH)]
    sound = len(leaves) == len(seqs) and merkle_root(list(map(leaf, seqs, leaves))) == root
    if not sound:
        yield Finding("seal-leaves", f"The leaves of seal {no} don't give its root.", seal=no)
    found = _digests(seqs)
    for seq, expected in zip(seqs, leaves, strict=False):
        if seq not in found:
            yield Finding("missing", f"The entry with seq {seq}, sealed in {no}, is missing.", seq=seq, seal=no)
        elif found[seq] != expected:
            yield Finding("altered", f"The entry with seq {seq} isn't the one that seal {no} has.", seq=seq, seal=no)


def _digests(seqs: Sequence[int]) -> dict[int, bytes]:
    rows = _plain().execute(
        "SELECT seq, digest FROM kernel_journalentry WHERE seq = ANY(%s)", [list(seqs)], binary=True
    )
    return dict(rows.fetchall())


def _verify_cover() -> Iterator[Finding]:
    """Entries that came in below the seals after the fact, and entries that two seals have."""
    last = _plain().execute("SELECT top, gaps FROM kernel_journalseal ORDER BY no DESC LIMIT 1").fetchone()
    top, flat = last or (0, [])
    gaps = list(zip(flat[::2], flat[1::2], strict=False))
    smuggled = (
        f"SELECT seq FROM kernel_journalentry WHERE seq <= {top:d} EXCEPT SELECT unnest(seqs) FROM kernel_journalseal"  # noqa: S608 - a number
    )
    for (seq,) in _stream("journal_smuggled", smuggled, 1_000):
        if not any(first <= seq <= end for first, end in gaps):
            yield Finding("unsealed", f"The entry with seq {seq} came in after its time: no seal has it.", seq=seq)
    doubled = (
        "SELECT seq FROM (SELECT unnest(seqs) AS seq FROM kernel_journalseal) AS leaf GROUP BY seq HAVING count(*) > 1"
    )
    for (seq,) in _stream("journal_doubled", doubled, 1_000):
        yield Finding("doubled", f"The entry with seq {seq} is in more than one seal.", seq=seq)


def verify_last_seal() -> list[Finding]:
    """What is wrong with the newest seal and its entries; quick enough for every day."""
    row = _plain().execute(f"{SEALS} ORDER BY no DESC LIMIT 1", binary=True).fetchone()
    return list(_verify_seal(row, keys.trusted())) if row else []


def proof(seq: int, upto: int | None = None) -> dict[str, Any]:
    """Proof that an entry was sealed, as JSON that `docs/verify_inclusion.py` checks without motcua.

    `upto` adds the seals that follow, to one whose digest the other side already holds.
    """
    entry = _plain().execute(f"{ENTRIES} WHERE seq = %s", [seq], binary=True).fetchone()
    if entry is None:
        raise NotFound("entry-unknown", f"There is no entry {seq}.", mend="Give the seq of an entry.")
    row = (
        _plain()
        .execute(
            f"{SEALS} WHERE last_seq >= %s AND seqs[1] <= %s AND %s = ANY(seqs) ORDER BY last_seq LIMIT 1",
            [seq, seq, seq],
            binary=True,
        )
        .fetchone()
    )
    if row is None:
        raise NotFound("entry-unsealed", f"Entry {seq} isn't sealed yet.", mend="Run `motcua journal seal`.")
    no, at, seqs, digests, root, prev, _, signature, key = row
    _, subject, n, its_at, act, actor, body, its_prev, digest = entry
    leaves = [
        leaf(*pair) for pair in zip(seqs, (digests[i : i + HASH] for i in range(0, len(digests), HASH)), strict=True)
    ]
    index = seqs.index(seq)
    later = _plain().execute(
        "SELECT no, at, cardinality(seqs), root, prev FROM kernel_journalseal WHERE no > %s AND no <= %s ORDER BY no",
        [no, upto or 0],
        binary=True,
    )
    return {
        "format": "motcua-proof-1",
        "entry": {
            "seq": seq,
            "text": entry_text(str(subject), n, stamp(its_at), act, actor, body),
            "prev": its_prev.hex(),
            "digest": digest.hex(),
        },
        "inclusion": {
            "index": index,
            "size": len(seqs),
            "path": [node.hex() for node in merkle_path(leaves, index)],
            "root": root.hex(),
        },
        "seal": {"text": seal_text(no, stamp(at), len(seqs), root, prev), "signature": signature.hex()},
        "later_seals": [seal_text(no, stamp(at), size, root, prev) for no, at, size, root, prev in later],
        "public_key": key.hex(),
    }
