"""Reads suggestions, and what each old system wrote of the two people of one."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from motcua.conversion.persons.rules import Decision
from motcua.identity import api as identity
from motcua.kernel.errors import NotFound
from motcua.units import api as units


@dataclass(frozen=True, slots=True)
class SuggestionRow:
    """A suggestion in a list: both names and how likely it is that they are one person."""

    id: int
    party: UUID
    survivor: UUID
    probability: float
    reasons: tuple[tuple[str, str, float], ...]  # field, how alike, weight in bits
    decision: Decision
    decided_at: datetime | None
    names: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Origin:
    """What one old system wrote of a person, and where: run, file and row. Nothing of it is ever changed."""

    system: str
    number: str
    old_number: str
    name: str
    birth_date: date | None
    phone: str
    email: str
    address: str
    area: int
    file: str
    row: int


@dataclass(frozen=True, slots=True)
class Pair:
    """A suggestion opened: both sides, each with every record that it comes from and how many dossiers it has."""

    row: SuggestionRow
    left: tuple[Origin, ...]  # of the survivor
    right: tuple[Origin, ...]  # of the party that would point to it


def reach(scope: identity.Scope, on: date) -> list[int] | None:
    """The units, of today and from which they were made, in which the caller's agencies work; None for all."""
    if scope.agencies is None:
        return None
    directory = units.directory()
    found: set[int] = set()
    waiting = []
    for agency_id in scope.agencies:
        unit = directory.agency(agency_id).unit_id
        waiting.append(unit)
        if directory.unit(unit).level == units.Level.PROVINCE:
            waiting.extend(commune.id for commune in directory.communes_of(unit, on))
    while waiting:
        unit = waiting.pop()
        if unit not in found:
            found.add(unit)
            waiting.extend(succession.old_id for succession in directory.predecessors(unit))
    return sorted(found)


_ROWS = """
SELECT s.id, s.party, s.survivor, s.probability, s.reasons, s.decision, s.decided_at,
    coalesce((SELECT p.name FROM conversion_person p WHERE p.party = s.survivor ORDER BY p.system LIMIT 1), ''),
    coalesce((SELECT p.name FROM conversion_person p WHERE p.party = s.party ORDER BY p.system LIMIT 1), '')
FROM conversion_suggestion s
"""
_SEEN = "(%s::bigint[] IS NULL OR s.areas && %s::bigint[])"


def suggestions(
    *, scope: identity.Scope, on: date, decision: Decision = Decision.OPEN, limit: int = 50, offset: int = 0
) -> tuple[tuple[SuggestionRow, ...], int]:
    """Suggestions about people of the caller's area, the likeliest first, and how many there are in all."""
    areas = reach(scope, on)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM conversion_suggestion s WHERE s.decision = %s AND {_SEEN}",
            [decision, areas, areas],
        )
        [(many,)] = cursor.fetchall()
        cursor.execute(
            f"{_ROWS} WHERE s.decision = %s AND {_SEEN} ORDER BY s.probability DESC, s.id LIMIT %s OFFSET %s",
            [decision, areas, areas, limit, offset],
        )
        return tuple(map(_row, cursor.fetchall())), int(many)


def pair(number: int, *, scope: identity.Scope, on: date) -> Pair:
    """One suggestion with both sides; NotFound for one that does not concern the caller's area."""
    areas = reach(scope, on)
    with connection.cursor() as cursor:
        cursor.execute(f"{_ROWS} WHERE s.id = %s AND {_SEEN}", [min(number, (1 << 63) - 1), areas, areas])
        found = cursor.fetchone()
        if found is None:
            raise NotFound("suggestion-unknown", f"Không có gợi ý số {number} trong địa bàn của ông/bà.")
        row = _row(found)
        origins = _origins(cursor, (row.party, row.survivor))
    return Pair(row, tuple(origins.get(row.survivor, ())), tuple(origins.get(row.party, ())))


def _origins(cursor: Any, parties: Iterable[UUID]) -> dict[UUID, list[Origin]]:
    cursor.execute(
        "SELECT p.party, p.system, p.number, p.old_number, p.name, p.birth_date, p.phone, p.email, p.address, p.area,"
        " coalesce(r.files -> p.file::int ->> 'name', ''), p.row"
        " FROM conversion_person p LEFT JOIN conversion_run r ON r.id = p.run"
        " WHERE p.party = ANY(%s) ORDER BY p.system",
        [list(parties)],
    )
    found: dict[UUID, list[Origin]] = {}
    for party, *values in cursor.fetchall():
        found.setdefault(party, []).append(Origin(*values))
    return found


def _row(values: Sequence[Any]) -> SuggestionRow:
    number, party, survivor, probability, reasons, decision, decided_at, name, other = values
    return SuggestionRow(
        id=number,
        party=party,
        survivor=survivor,
        probability=probability,
        reasons=tuple((field, level, weight) for field, level, weight in json.loads(reasons)),
        decision=Decision(decision),
        decided_at=decided_at,
        names=(name, other),
    )
