"""Writing of the registers: numbers without gaps, rows of the log, the state that follows them. SQL in one place."""

from collections import Counter as Count
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import AutoField, Model
from psycopg.types.json import Jsonb

from motcua.documents.models import Document, File, Packet, Said, Step
from motcua.documents.post import Kept
from motcua.documents.rules.statuses import may_follow
from motcua.kernel import clock
from motcua.kernel.journal import api as journal

STEPS = """
UPDATE documents_document AS document SET steps = log.steps FROM unnest(%s::bigint[], %s::int[]) AS log (id, steps)
WHERE document.id = log.id
"""

SETTLE = """
UPDATE documents_packet AS packet SET outcome = came.outcome, faults = came.faults, agencies = came.agencies
FROM unnest(%s::uuid[], %s::text[], %s::jsonb[], %s::jsonb[]) AS came (id, outcome, faults, agencies)
WHERE packet.id = came.id
"""

Series = tuple[int, str, str, int]  # agency, direction, series, year

# Whoever takes numbers holds their counter until they stand: none is left out and none given twice.
TAKE = """
INSERT INTO documents_counter AS counter (agency, direction, series, year, last)
SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::smallint[], %s::int[])
    AS asked (agency, direction, series, year, many) ORDER BY agency, direction, series, year
ON CONFLICT (agency, direction, series, year) DO UPDATE SET last = counter.last + excluded.last
RETURNING agency, direction, series, year, last
"""


@cache
def _insertion(model: type[Model]) -> tuple[str, tuple[str, ...]]:
    """The statement that inserts rows of a table from JSON, and for each column the attribute that it stands in."""
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, AutoField)]
    quoted = connection.ops.quote_name
    columns = ", ".join(quoted(field.attname) for field in fields)
    types = ", ".join(f"{quoted(field.attname)} {field.rel_db_type(connection)}" for field in fields)
    table = quoted(model._meta.db_table)
    sql = f"INSERT INTO {table} ({columns}) SELECT {columns} FROM json_to_recordset(%s) AS made ({types})"  # noqa: S608 - names of ours
    return sql, tuple(field.attname for field in fields)


def insert(made: Sequence[Model], tail: str = "") -> list[tuple[Any, ...]]:
    """Write rows in one statement and from one value: of a document's 27 columns each costs Django's own way more than
    PostgreSQL. `tail` may say what comes back."""
    if not made:
        return []
    sql, columns = _insertion(type(made[0]))
    rows = [{name: getattr(one, name) for name in columns} for one in made]
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} {tail}", [msgspec.json.encode(rows).decode()])
        return list(cursor.fetchall()) if tail else []


def add_documents(made: Sequence[Document]) -> None:
    """Write new documents, which get their ids."""
    ids = dict(insert(made, "RETURNING uid, id"))
    for document in made:
        document.id = ids[document.uid]


def add_packets(made: Sequence[Packet]) -> set[UUID]:
    """Write messages that came, each once; gives the ids of those that nobody wrote before."""
    return {row[0] for row in insert(made, "ON CONFLICT DO NOTHING RETURNING id")}


def take_numbers(wanted: Sequence[Series]) -> list[int]:
    """A number for each, in order, without gaps in an agency's year; in the caller's transaction."""
    if not wanted:
        return []
    counts = Count(wanted)
    keys = sorted(counts)
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [*(list(column) for column in zip(*keys, strict=True)), [counts[key] for key in keys]])
        next_: dict[Any, int] = {tuple(row[:4]): row[4] - counts[row[:4]] for row in cursor.fetchall()}
    numbers = []
    for series in wanted:
        next_[series] += 1
        numbers.append(next_[series])
    return numbers


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the log that is to be written."""

    document: Document
    step: str
    words: str = ""
    caller: int = 0
    position: int | None = None
    to_position: int | None = None
    body: Mapping[str, Any] | None = None


def write_log(rows: Sequence[Row], *, actor: str, now: datetime) -> None:
    """Add rows to the logs of documents, which are held by the caller or new, and to the journal."""
    made, entries = [], []
    for row in rows:
        document = row.document
        document.steps += 1
        made.append(
            Step(
                document=document, n=document.steps, step=row.step, state=document.state, at=now, caller=row.caller,
                position=row.position, to_position=row.to_position, words=row.words,
            )
        )  # fmt: skip
        body = {"document": document.reference or str(document.uid), "state": document.state, **(row.body or {})}
        entries.append(journal.Entry(document.uid, f"document.{row.step}", now, actor, body))
    insert(made)
    if made:
        steps = {row.document.id: row.document.steps for row in rows}
        with connection.cursor() as cursor:
            cursor.execute(STEPS, [list(steps), list(steps.values())])
    journal.record(entries)


def settle_packets(packets: Sequence[Packet]) -> None:
    """Write down what became of messages, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            SETTLE,
            [
                [packet.id for packet in packets],
                [packet.outcome for packet in packets],
                [Jsonb(packet.faults) for packet in packets],
                [Jsonb(packet.agencies) for packet in packets],
            ],
        )


def held(uids: Sequence[UUID]) -> dict[UUID, Document]:
    """These documents, locked in one order until the transaction ends."""
    found = Document.objects.select_for_update().filter(uid__in=uids).order_by("id")
    return {document.uid: document for document in found}


def last_of(document: Document, steps: Sequence[str]) -> str:
    """The last of these steps in a document's log; "" if none was taken."""
    found = Step.objects.filter(document=document, step__in=steps).order_by("-n")
    return found.values_list("step", flat=True).first() or ""


def drafter(document: Document) -> int | None:
    """The position that drafted it."""
    return Step.objects.filter(document=document, step="draft").values_list("position", flat=True).first()


def end_of(day: date | None) -> datetime | None:
    """The end of the working day on which something is due."""
    return datetime.combine(day, time(17), clock.VIETNAM) if day else None


def kept_files(document: Document) -> tuple[Kept, ...]:
    """The files of a document in their newest version."""
    found = list(File.objects.filter(document=document).order_by("version", "id"))
    return tuple(Kept(f.name, f.sha256, f.size) for f in found if f.version == found[-1].version)


def check_order(document: Document, organ: str, code: str) -> bool:
    """Whether this status of a receiver may come after those that came."""
    log = Said.objects.filter(document=document, organ=organ).order_by("id").values_list("code", flat=True)
    return may_follow(list(log), code)
