"""Reads. The catalogue is answered from memory; only its generation number is asked of the database."""

import json
import threading
from datetime import date
from typing import Any

from django.db import connection

from motcua.kernel.law import Citation
from motcua.procedures.rules.catalogue import Catalogue
from motcua.procedures.rules.competence import Competence, Coverage, cover, decide, given
from motcua.procedures.rules.decisions import Decision, DecisionKind, Offer
from motcua.procedures.rules.forms import FieldError, errors
from motcua.procedures.rules.reading import version_from
from motcua.procedures.rules.versions import Hit, Version
from motcua.units import api as units

_VERSIONS = """
SELECT v.id, p.code, v.name, v.field, v.ministry, v.decision, v.valid_from, v.valid_to, v.body
FROM procedures_version v JOIN procedures_procedure p ON p.id = v.procedure_id ORDER BY p.code, v.valid_from
"""
_DECISIONS = """
SELECT d.id, d.kind, d.province_id, d.unit_id, p.code, d.value, d.valid_from, d.valid_to, d.act, d.place,
       d.demonstration
FROM procedures_decision d JOIN procedures_procedure p ON p.id = d.procedure_id ORDER BY d.valid_from, d.id
"""

_lock = threading.Lock()
_current: Catalogue | None = None


def catalogue() -> Catalogue:
    """The generation in memory, read from the database at first use."""
    return _current or refresh()


def refresh() -> Catalogue:
    """Read the catalogue again if the database has another generation than memory; gives the one in force."""
    global _current
    number = generation()
    held = _current
    if held is not None and held.number == number:
        return held
    with _lock:
        if _current is None or _current.number != number:
            _current = _read(number)
        return _current


def forget() -> None:
    """Drop the generation in memory, so that the next question reads the database."""
    global _current
    _current = None


def generation() -> int:
    """The number of the generation in the database; 0 before the first load."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM procedures_generation")
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _rows(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _read(number: int) -> Catalogue:
    versions = [
        version_from(id, code, name, field, ministry, decision, since, until, json.loads(body))
        for id, code, name, field, ministry, decision, since, until, body in _rows(_VERSIONS)
    ]
    decisions = [
        Decision(
            id, DecisionKind(kind), province, unit, code, json.loads(value), since, until, Citation(act, place), made
        )
        for id, kind, province, unit, code, value, since, until, act, place, made in _rows(_DECISIONS)
    ]
    return Catalogue(number, versions, decisions)


def search(text: str, on: date, limit: int = 20) -> tuple[Hit, ...]:
    """Procedures in force on the day that fit the words of a citizen, best first."""
    return catalogue().search(text, on, limit)


def offered(
    version: Version,
    province_id: int,
    commune_id: int | None,
    on: date,
    *,
    case: str = "",
    channel: str = "",
) -> Offer:
    """The term, the process and whether it is published there, with the province's decisions of the day applied."""
    return catalogue().offered(version, province_id, commune_id, on, case=case, channel=channel)


def competent(procedure: str, area: units.Unit, on: date) -> Competence:
    """Which agency resolves the procedure for this area on this day.

    Raises Permanent: "procedure-unknown", "procedure-not-in-force", "unit-dissolved", "unit-not-yet" or
    "not-given-here", each saying what to do instead.
    """
    return decide(catalogue(), units.directory(), procedure, area, on)


def coverage(unit_id: int, on: date) -> Coverage:
    """How many of the procedures given at the unit's level are public there (a ward: "356 of 363")."""
    return cover(catalogue(), units.directory(), unit_id, on)


def given_at(unit_id: int, on: date) -> tuple[Version, ...]:
    """The procedures that are given at the unit's level, by code, public there or not."""
    return given(catalogue(), units.directory(), unit_id, on)


def validate(version: Version, content: object) -> tuple[FieldError, ...]:
    """What is wrong with a filled-in form of this version; () when nothing is."""
    return errors(version.schema_key, version.schema, content)
