"""Reads the directory. Answers come from memory; only `refresh` and what a unit's page shows ask the database."""

import gc
import json
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

from django.db import connection

from motcua.kernel.calendar import Sessions
from motcua.kernel.errors import Transient
from motcua.units.rules import names
from motcua.units.rules.directory import Directory, Rows, build
from motcua.units.rules.package import Figures
from motcua.units.rules.values import Unit

_current: Directory | None = None
_reading = threading.Lock()

PERIOD_COLUMNS = "unit_id, valid_from, valid_to, name, type, name_en, parent_id, source"
AGENCY_COLUMNS = "id, kind, unit_id, ministry, title, parent_id, valid_from, valid_to, sessions"
IDENTIFIER_COLUMNS = "scheme, code, valid_from, valid_to, unit_id, agency_id, made, source"
SUCCESSION_COLUMNS = 'old_id, new_id, extent, note_vi, "on"'
HEIR_COLUMNS = 'old_id, new_id, source, "on"'


@dataclass(frozen=True, slots=True)
class Published:
    """A generation as it was published."""

    number: int
    published_at: datetime
    digest: str
    package: str
    note: str


def directory() -> Directory:
    """The current generation, from memory. Raises Transient while nothing is loaded."""
    return _current or refresh()


def refresh() -> Directory:
    """Read the directory again if the database has another generation than memory; give the current one."""
    global _current
    latest = generation()
    if latest is None:
        raise Transient("directory-empty", "Chưa nạp danh mục đơn vị hành chính.", mend="Chạy: motcua load.")
    known = _current
    if known is not None and known.number == latest.number:
        return known
    with _reading:
        known = _current
        while known is None or known.number != latest.number:
            rows = read_rows()
            after = generation()
            if after is not None and after.number != latest.number:  # published between two of our statements
                latest = after
                continue
            known = _current = built(latest.number, rows)
    return known


def built(number: int, rows: Rows) -> Directory:
    """The directory of these rows, in memory.

    It is half a million small values, none of them garbage: looking for it would double the time.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        return build(number, rows)
    finally:
        if collecting:
            gc.enable()


def forget() -> None:
    """Drop the generation in memory, so that the next question reads the database."""
    global _current
    _current = None


def generation() -> Published | None:
    """The last published generation."""
    found = _all(
        "SELECT number, published_at, digest, package, note FROM units_generation ORDER BY number DESC LIMIT 1"
    )
    return Published(*found[0]) if found else None


def package_in_force() -> str:
    """Digest of the national package that was loaded last; "" if none was."""
    found = _all("SELECT package FROM units_generation WHERE package <> '' ORDER BY number DESC LIMIT 1")
    return str(found[0][0]) if found else ""


def read_rows() -> Rows:
    """All rows of the directory as they stand in the database."""
    return Rows(
        units=_all("SELECT id, level FROM units_unit"),
        periods=_all(f"SELECT {PERIOD_COLUMNS} FROM units_unitperiod"),  # noqa: S608
        agencies=[
            (*row[:8], row[8] and _spans(row[8]))
            for row in _all(f"SELECT {AGENCY_COLUMNS} FROM units_agency")  # noqa: S608
        ],
        identifiers=_all(f"SELECT {IDENTIFIER_COLUMNS} FROM units_identifier"),  # noqa: S608
        successions=_all(f"SELECT {SUCCESSION_COLUMNS} FROM units_succession"),  # noqa: S608
        sessions=[
            (agency_id, since, _spans(spans))
            for agency_id, since, spans in _all("SELECT agency_id, valid_from, sessions FROM units_agencysessions")
        ],
        heirs=_all(f"SELECT {HEIR_COLUMNS} FROM units_agencyheir"),  # noqa: S608
    )


def _spans(written: Any) -> Sessions:
    read = json.loads(written) if isinstance(written, str) else written
    return tuple((time.fromisoformat(start), time.fromisoformat(end)) for start, end in read)


@dataclass(frozen=True, slots=True)
class Counter:
    """Quầy: where in an agency which fields are taken in; no fields means all of them."""

    number: int
    name: str
    fields: tuple[str, ...]


def counters(agency_id: int) -> tuple[Counter, ...]:
    """The counters of an agency, by number."""
    rows = _all("SELECT number, name, fields FROM units_counter WHERE agency_id = %s ORDER BY number", [agency_id])
    return tuple(Counter(number, name, tuple(fields)) for number, name, fields in rows)


def figures(unit_id: int, on: date) -> Figures | None:
    """The last published figures of a unit on that day: area, residents, centre, seat."""
    found = _all(
        """SELECT unit_id, "on", area_km2, population, population_flag, longitude, latitude, seat
           FROM units_figures WHERE unit_id = %s AND "on" <= %s ORDER BY "on" DESC LIMIT 1""",
        [unit_id, on],
    )
    return Figures(*found[0]) if found else None


def _all(statement: str, parameters: Sequence[Any] = ()) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return list(cursor.fetchall())


@lru_cache(maxsize=1)
def gazetteer(known: Directory) -> names.Gazetteer:
    """The names of one generation; made at its first search."""
    return names.gazetteer(known)


def units_named(text: str) -> tuple[Unit, ...]:
    """Units of all times meant by a code or by typed words, the likeliest first."""
    known = directory()
    if text.isdecimal() and known.unit_holders(text):
        return tuple(unit for _first, _last, unit in reversed(known.unit_holders(text)))
    return names.find_units(gazetteer(known), text)


def with_counters(agencies: Collection[int]) -> frozenset[int]:
    """Those of the agencies that have counters."""
    found = _all("SELECT DISTINCT agency_id FROM units_counter WHERE agency_id = ANY(%s)", [list(agencies)])
    return frozenset(agency_id for (agency_id,) in found)
