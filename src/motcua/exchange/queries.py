"""What stands on the lines: for the operators' page, the command line and the tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from motcua.exchange.rules.delivery import State


@dataclass(frozen=True, slots=True)
class ParcelRow:
    """One parcel with its story."""

    id: UUID
    number: int
    partner: str
    subject: str
    n: int
    kind: str
    state: State
    written_at: datetime
    attempts: int
    errors: int
    answer: str
    said: str
    reference: str
    answered_at: datetime | None
    behind: int  # parcels of the same subject that wait for it
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class LineRow:
    """How the line to one partner stands."""

    partner: str
    open: int  # written and not ended
    dead: int
    oldest_at: datetime | None  # when the oldest open parcel was written
    done_in_hour: int
    errors_in_hour: tuple[tuple[str, int], ...]  # parcels whose last answer was an error, by its kind
    failures: int
    shut_until: datetime | None
    ok_at: datetime | None
    said: str
    said_at: datetime | None


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """What a person did to a dead letter."""

    at: datetime
    caller: int
    act: str
    reason: str
    said: str  # what the partner had said before


_COLUMNS = (
    "parcel.id, parcel.number, parcel.partner, parcel.subject, parcel.n, parcel.kind, parcel.state, "
    "parcel.written_at, parcel.attempts, parcel.errors, parcel.answer, parcel.said, parcel.reference, "
    "parcel.answered_at, coalesce(course.last - parcel.n, 0)"
)
_HELD = "course.due_at IS NULL AND course.done < course.last AND parcel.n = course.done + 1"
_FROM = "exchange_parcel AS parcel JOIN exchange_course AS course USING (partner, subject)"


def parcels(ids: Sequence[UUID]) -> tuple[ParcelRow, ...]:
    """These parcels with their bodies, in the order of their numbers."""
    return _rows(f"{_COLUMNS}, parcel.body FROM {_FROM} WHERE parcel.id = ANY(%s) ORDER BY parcel.number", [list(ids)])


def dead_letters(partner: str = "", *, limit: int = 200) -> tuple[ParcelRow, ...]:
    """What needs a person, oldest first; of one partner or of all."""
    where = f"{_HELD} AND (%s = '' OR parcel.partner = %s)"
    return _rows(
        f"{_COLUMNS} FROM {_FROM} WHERE {where} ORDER BY parcel.partner, parcel.number LIMIT %s",
        [partner, partner, limit],
    )


def of_subject(partner: str, subject: str, *, limit: int = 200) -> tuple[ParcelRow, ...]:
    """All that was written to a partner about one subject, in order."""
    return _rows(
        f"{_COLUMNS} FROM {_FROM} WHERE parcel.partner = %s AND parcel.subject = %s ORDER BY parcel.n LIMIT %s",
        [partner, subject, limit],
    )


def open_subjects(partner: str, subjects: Sequence[str] | None = None, *, limit: int = 10_000) -> frozenset[str]:
    """Those of the subjects (of all, without) that have something on its way to the partner or waiting for a person."""
    sql = "SELECT subject FROM exchange_course WHERE partner = %s AND done < last"
    if subjects is None:
        return frozenset(row[0] for row in _all(f"{sql} LIMIT %s", [partner, limit]))
    return frozenset(row[0] for row in _all(f"{sql} AND subject = ANY(%s)", [partner, list(subjects)]))


def corrections(parcel: UUID) -> tuple[CorrectionRow, ...]:
    """What people did to a parcel, oldest first."""
    sql = "SELECT at, caller, act, reason, said FROM exchange_correction WHERE parcel = %s ORDER BY id"
    return tuple(CorrectionRow(*row) for row in _all(sql, [parcel]))


@dataclass(frozen=True, slots=True)
class LineSign:
    """The last sign of life of a partner: what can be asked on every page, whatever the backlog."""

    failures: int
    shut_until: datetime | None
    ok_at: datetime | None
    said: str
    said_at: datetime | None


def line_sign(partner: str) -> LineSign | None:
    """The line to one partner, without counting what waits on it; None if nothing was ever delivered there."""
    found = _all("SELECT failures, shut_until, ok_at, said, said_at FROM exchange_line WHERE partner = %s", [partner])
    return LineSign(*found[0]) if found else None


LINES = """
SELECT line.partner, coalesce(waits.open, 0), coalesce(dead.dead, 0), heads.oldest,
    coalesce(hour.done, 0), coalesce(hour.transient, 0), coalesce(hour.unknown, 0), coalesce(hour.permanent, 0),
    line.failures, line.shut_until, line.ok_at, line.said, line.said_at
FROM (SELECT partner, failures, shut_until, ok_at, said, said_at FROM exchange_line
      UNION SELECT DISTINCT partner, 0, NULL::timestamptz, NULL::timestamptz, '', NULL::timestamptz
      FROM exchange_course WHERE done < last AND partner NOT IN (SELECT partner FROM exchange_line)) AS line
LEFT JOIN (SELECT partner, sum(last - done)::bigint AS open FROM exchange_course WHERE done < last GROUP BY partner)
    AS waits USING (partner)
LEFT JOIN (SELECT partner, count(*) AS dead FROM exchange_course WHERE due_at IS NULL AND done < last GROUP BY partner)
    AS dead USING (partner)
LEFT JOIN (SELECT course.partner, min(parcel.written_at) AS oldest FROM exchange_course AS course
           JOIN exchange_parcel AS parcel ON parcel.partner = course.partner AND parcel.subject = course.subject
               AND parcel.n = course.done + 1
           WHERE course.done < course.last GROUP BY course.partner) AS heads USING (partner)
LEFT JOIN (SELECT partner, count(*) FILTER (WHERE answer IN ('done', 'duplicate')) AS done,
               count(*) FILTER (WHERE answer = 'transient') AS transient,
               count(*) FILTER (WHERE answer = 'unknown') AS unknown,
               count(*) FILTER (WHERE answer = 'permanent') AS permanent
           FROM exchange_parcel WHERE answered_at >= %s GROUP BY partner) AS hour USING (partner)
ORDER BY line.partner
"""


def lines(since: datetime) -> tuple[LineRow, ...]:
    """Every line, with what was answered since that moment."""
    kinds = ("transient", "unknown", "permanent")
    return tuple(
        LineRow(row[0], row[1], row[2], row[3], row[4], tuple(zip(kinds, row[5:8], strict=True)), *row[8:])
        for row in _all(LINES, [since])
    )


def _rows(sql: str, values: Sequence[Any]) -> tuple[ParcelRow, ...]:
    return tuple(_row(row) for row in _all(f"SELECT {sql}", values))


def _row(row: tuple[Any, ...]) -> ParcelRow:
    values = [*row[:6], State(row[6]), *row[7:15], *map(bytes, row[15:])]
    return ParcelRow(*values)


def _all(statement: str, values: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
