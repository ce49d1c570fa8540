"""Changes to the directory. Each ends with the next generation, or changes nothing."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, astuple, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from motcua.kernel.calendar import Sessions, WorkingCalendar
from motcua.kernel.clock import day_of
from motcua.kernel.errors import Conflict, NotFound, Permanent
from motcua.kernel.journal import api as journal
from motcua.units import queries
from motcua.units.packaged import DATA
from motcua.units.queries import Counter, Published
from motcua.units.rules import codes
from motcua.units.rules.change import Change, carried_out
from motcua.units.rules.directory import digest
from motcua.units.rules.package import FILES, Figures, Package, read
from motcua.units.rules.values import Scheme

DIRECTORY = UUID("5d0a6b0e-6f5b-5c39-8a5e-6469726563ff")  # the subject of its entries in the journal

Report = Callable[[str, int, int], None]  # what is being done, steps done, steps in all

_LOCK = 0x756E697473  # one writer of the directory at a time, in all processes
_STEPS = 8


def _silent(text: str, done: int, total: int) -> None:
    pass


@dataclass(frozen=True, slots=True)
class NamedAgency:
    """One row of a list of organisation identifiers: the agency holds this code from this day on."""

    agency_id: int
    code: str
    valid_from: date
    source: str
    code102: str = ""


def load(
    *,
    now: datetime,
    report: Report = _silent,
    folder: Path = DATA,
    actor: str = "worker",
    known_on: date | None = None,
) -> Published:
    """Load the national package and publish it; when it is loaded already, nothing is changed.

    `known_on`: only what was known on that day, for an installation that lives through the changes since.
    Raises Permanent that names each broken line; the generation in force then stays in force.
    """
    report("Đọc dữ liệu đơn vị hành chính", 0, _STEPS)
    package = read({name: (folder / name).read_text("utf-8") for name in FILES if (folder / name).exists()})
    if known_on is not None:
        package = package.known_on(known_on)
    fingerprint = package.fingerprint()
    with transaction.atomic():
        _lock()
        latest = queries.generation()
        if latest is not None and queries.package_in_force() == fingerprint:
            report("Dữ liệu đơn vị hành chính không đổi", _STEPS, _STEPS)
            return latest
        _write(package, report)
        report("Công bố danh mục", _STEPS - 1, _STEPS)
        published = _publish(now=now, actor=actor, note="Gói dữ liệu quốc gia", package=fingerprint)
    queries.forget()
    report("Đơn vị hành chính", _STEPS, _STEPS)
    return published


def publish(*, now: datetime, note: str, actor: str = "worker") -> Published:
    """Make what stands in the tables the next generation; the present one if they are unchanged."""
    with transaction.atomic():
        _lock()
        published = _publish(now=now, actor=actor, note=note, package="")
    queries.refresh()
    return published


def import_identifiers(*, rows: Sequence[NamedAgency], now: datetime, actor: str = "worker") -> Published:
    """Give agencies the identifiers of a real list (danh mục mã định danh điện tử).

    A made identifier ends the day before the import, not before the list's own date: codes of dossiers that were
    written with it resolve for ever. From a row's date on, the list is what the agency is called by.
    """
    known = queries.directory()
    faults = []
    for place, row in enumerate(rows, 1):
        try:
            known.agency(row.agency_id)
        except NotFound as missing:
            faults.append(f"row {place}: {missing.detail}")
        if codes.scheme_of(row.code) != Scheme.ORG:
            faults.append(f"row {place}: {row.code!r} is not an identifier of Quyết định 20/2020/QĐ-TTg.")
        if row.code102 and codes.scheme_of(row.code102) != Scheme.ORG102:
            faults.append(f"row {place}: {row.code102!r} is not an identifier in the form of QCVN 102.")
    _refuse(faults)
    today = day_of(now)
    given = [
        (str(scheme), code, row.valid_from, None, None, row.agency_id, False, row.source, today)
        for row in rows
        for scheme, code in ((Scheme.ORG, row.code), (Scheme.ORG102, row.code102))
        if code
    ]
    with transaction.atomic():
        _lock()
        with connection.cursor() as cursor:
            _stage(cursor, "units_identifier", _IDENTIFIER)
            cursor.execute(_SET_ASIDE, [[g[5] for g in given], [f"{g[0]}:{g[1]}" for g in given]])
            cursor.execute(_SUPERSEDE, [[g[0] for g in given], [g[5] for g in given], [g[2] for g in given]])
            try:
                with transaction.atomic():
                    _copy(cursor, "units_identifier", f"{_IDENTIFIER}, imported_on", given)
            except IntegrityError as clash:
                raise Permanent(
                    "import-row", f"One code stands for two agencies at a time: {clash}", mend="Correct the list."
                ) from clash
            _settle_identifiers(cursor)
        published = _publish(now=now, actor=actor, note=f"{len(rows)} mã định danh cơ quan", package="")
    queries.refresh()
    return published


def set_sessions(
    *, agency_id: int, valid_from: date, sessions: Sessions, source: str, now: datetime, actor: str = "worker"
) -> Published:
    """From that day on the agency works in these sessions (ca làm việc); no sessions is not an answer.

    Not for days that are over: what was promised under the old sessions stays as it was promised.
    """
    agency = queries.directory().agency(agency_id)
    WorkingCalendar(sessions)  # refuses what does not follow each other
    if valid_from < day_of(now):
        raise Permanent(
            "sessions-past",
            f"Ca làm việc chỉ đổi từ hôm nay trở đi, không đổi từ {valid_from:%d/%m/%Y}.",
            mend="Chọn hôm nay hoặc một ngày sau.",
        )
    if agency.sessions_at(valid_from) == sessions and all(since <= valid_from for since, _ in agency.shifts):
        latest = queries.generation()
        assert latest is not None  # the agency was found in it
        return latest
    written = [[f"{start:%H:%M}", f"{end:%H:%M}"] for start, end in sessions]
    with transaction.atomic():
        _lock()
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM units_agencysessions WHERE agency_id = %s AND valid_from >= %s", [agency_id, valid_from]
            )
            cursor.execute(
                "INSERT INTO units_agencysessions (agency_id, valid_from, sessions, source) VALUES (%s, %s, %s, %s)",
                [agency_id, valid_from, json.dumps(written), source[:200]],
            )
        body = {"agency": agency_id, "from": valid_from.isoformat(), "sessions": written, "source": source[:200]}
        journal.record([journal.Entry(DIRECTORY, "agency.sessions-set", now, actor, body)])
        published = _publish(now=now, actor=actor, note=f"Ca làm việc của cơ quan số {agency_id}", package="")
    queries.refresh()
    return published


def set_counters(*, agency_id: int, counters: Sequence[Counter], now: datetime, actor: str = "worker") -> None:
    """These are the counters (quầy) of the agency from now on. The same again changes nothing."""
    queries.directory().agency(agency_id)
    numbers = [counter.number for counter in counters]
    if len(set(numbers)) != len(numbers):
        raise Permanent("counter-twice", "Hai quầy mang cùng một số.", mend="Cho mỗi quầy một số riêng.")
    with transaction.atomic():
        _lock()
        wanted = tuple(sorted(counters, key=lambda counter: counter.number))
        if queries.counters(agency_id) == wanted:
            return
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM units_counter WHERE agency_id = %s", [agency_id])
            cursor.execute(
                """INSERT INTO units_counter (agency_id, number, name, fields)
                   SELECT %s, number, name, ARRAY(SELECT jsonb_array_elements_text(fields))
                   FROM jsonb_to_recordset(%s::jsonb) AS c (number int, name text, fields jsonb)""",
                [agency_id, json.dumps([asdict(counter) for counter in wanted])],
            )
        body = {"agency": agency_id, "counters": [asdict(counter) for counter in wanted]}
        journal.record([journal.Entry(DIRECTORY, "agency.counters-set", now, actor, body)])


@dataclass(frozen=True, slots=True)
class Prepared:
    """A change reckoned through against a generation: what the directory's digest will be when it is carried out."""

    change: Change
    generation: int
    digest: str


def prepare(*, change: Change) -> Prepared:
    """Reckon a change through beforehand, so that at the effective moment only its rows have to be written."""
    latest = queries.generation()
    rows = queries.read_rows()
    if latest is None or digest(rows) != latest.digest:
        raise Conflict(
            "directory-differs",
            "Danh mục trong cơ sở dữ liệu khác với thế hệ đã công bố.",
            mend="Chạy: motcua doctor; công bố hoặc phục hồi danh mục trước.",
        )
    return Prepared(change, latest.number, digest(carried_out(rows, change)))


def carry_out(*, prepared: Prepared, note: str, now: datetime, actor: str = "worker") -> Published:
    """Publish the directory after the change, in the caller's transaction if there is one: all of it or nothing.

    Conflict if the directory is not the one that the change was prepared for, if something that should end has ended
    already, or if a code would have two holders.
    """
    change = prepared.change
    with transaction.atomic():
        _lock()
        latest = queries.generation()
        if latest is None or latest.number != prepared.generation:
            raise Conflict(
                "change-stale",
                f"Danh mục đã sang thế hệ khác thế hệ {prepared.generation}, là thế hệ mà thay đổi được tính trên đó.",
                mend="Tính lại thay đổi trên danh mục hiện có.",
            )
        with connection.cursor() as cursor:
            for sql, keys in _ends(change):
                cursor.execute(sql, [change.last_day, *keys])
                if cursor.rowcount != len(keys[0]):
                    raise Conflict(
                        "change-stale",
                        f"{len(keys[0]) - cursor.rowcount} trong {len(keys[0])} dòng phải kết thúc không còn hiệu lực.",
                        mend="Danh mục đã đổi từ khi lập kế hoạch: lập và kiểm tra lại.",
                    )
            try:
                with transaction.atomic():
                    for name, table, columns in _ADDED:
                        more, values = _UNSAID.get(name, ("", ()))
                        _copy(cursor, table, columns + more, ((*row, *values) for row in getattr(change, name)))
            except IntegrityError as clash:
                raise Conflict(
                    "change-clashes", f"Thay đổi trùng với danh mục đang có: {clash}", mend="Sửa kế hoạch."
                ) from clash
        published = _number(prepared.digest, latest, now=now, actor=actor, note=note)
    _afterwards()
    return published


def take_back(*, change: Change, note: str, now: datetime, actor: str = "worker") -> Published:
    """Publish the directory as it was before the change; Conflict if something was built upon it since."""
    with transaction.atomic():
        _lock()
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM units_figures WHERE unit_id = ANY(%s)", [[row[0] for row in change.units]])
            for name, table, columns in reversed(_ADDED):
                rows = getattr(change, name)
                _stage(cursor, table, columns, rows)
                try:
                    with transaction.atomic():
                        cursor.execute(
                            f"DELETE FROM {table} there USING staged"  # noqa: S608
                            f" WHERE {_row('there', columns)} = {_row('staged', columns)}"
                        )
                        gone = cursor.rowcount
                        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
                except IntegrityError as clash:
                    raise Conflict(
                        "change-built-upon",
                        f"Đã có dữ liệu dựa trên thay đổi này: {clash}",
                        mend="Không hoàn tác được; lập một kế hoạch mới.",
                    ) from clash
                if gone != len(rows):
                    raise Conflict(
                        "change-built-upon",
                        f"{len(rows) - gone} dòng của thay đổi này đã bị sửa về sau.",
                        mend="Không hoàn tác được; lập một kế hoạch mới.",
                    )
            for sql, keys in _ends(change):
                opened = sql.replace("valid_to IS NULL", "valid_to = %s").replace("valid_to = %s", "valid_to = NULL", 1)
                cursor.execute(opened, [*keys, change.last_day])
        published = _publish(now=now, actor=actor, note=note, package="")
    _afterwards()
    return published


def _afterwards() -> None:
    """Take the new generation into memory once it is committed; a caller's own transaction may still fail."""
    transaction.on_commit(lambda: queries.refresh() and None)


_ADDED = (
    ("units", "units_unit", "id, level"),
    ("periods", "units_unitperiod", queries.PERIOD_COLUMNS),
    ("agencies", "units_agency", queries.AGENCY_COLUMNS),
    ("identifiers", "units_identifier", "scheme, code, valid_from, valid_to, unit_id, agency_id, made, source"),
    ("successions", "units_succession", queries.SUCCESSION_COLUMNS),
    ("heirs", "units_agencyheir", queries.HEIR_COLUMNS),
)
_UNSAID = {"successions": (", is_default, default_basis", (False, ""))}  # a plan has no heuristics


def _ends(change: Change) -> tuple[tuple[str, list[list[Any]]], ...]:
    identifiers = sorted(change.ending_identifiers)
    return (
        (
            "UPDATE units_unitperiod SET valid_to = %s WHERE unit_id = ANY(%s) AND valid_to IS NULL",
            [sorted(change.ending_periods)],
        ),
        (
            "UPDATE units_agency SET valid_to = %s WHERE id = ANY(%s) AND valid_to IS NULL",
            [sorted(change.ending_agencies)],
        ),
        (
            "UPDATE units_identifier SET valid_to = %s WHERE (scheme, code) IN"
            " (SELECT * FROM unnest(%s::text[], %s::text[])) AND valid_to IS NULL",
            [[scheme for scheme, _ in identifiers], [code for _, code in identifiers]],
        ),
    )


_IDENTIFIER = "scheme, code, valid_from, valid_to, unit_id, agency_id, made, source"

# Of the package's identifiers, those of these agencies and those with these codes.
_SET_ASIDE = f"""
    WITH gone AS (
        DELETE FROM units_identifier
        WHERE imported_on IS NULL AND (agency_id = ANY(%s) OR scheme || ':' || code = ANY(%s)) RETURNING *)
    INSERT INTO staged SELECT {_IDENTIFIER} FROM gone"""  # noqa: S608

# What an earlier list called these agencies ends when the new one begins.
_SUPERSEDE = """
    WITH given AS (SELECT * FROM unnest(%s::text[], %s::bigint[], %s::date[]) AS g (scheme, agency_id, since)),
    gone AS (
        DELETE FROM units_identifier i USING given g
        WHERE i.imported_on IS NOT NULL AND i.scheme = g.scheme AND i.agency_id = g.agency_id
          AND i.valid_from >= g.since)
    UPDATE units_identifier i SET valid_to = g.since - 1 FROM given g
    WHERE i.imported_on IS NOT NULL AND i.scheme = g.scheme AND i.agency_id = g.agency_id
      AND i.valid_from < g.since AND (i.valid_to IS NULL OR i.valid_to >= g.since)"""

# The package's identifiers of the agencies that a list names end with the import ...
_GIVE_WAY = """
    UPDATE staged s SET valid_to = i.ends
    FROM (SELECT agency_id, scheme, min(greatest(valid_from, imported_on)) - 1 AS ends
          FROM units_identifier WHERE imported_on IS NOT NULL GROUP BY 1, 2) i
    WHERE s.agency_id = i.agency_id AND s.scheme = i.scheme AND (s.valid_to IS NULL OR s.valid_to > i.ends)"""

# ... and a code that the list gives to someone is nobody else's from then on.
_YIELD_CODE = """
    UPDATE staged s SET valid_to = i.ends
    FROM (SELECT scheme, code, min(valid_from) - 1 AS ends
          FROM units_identifier WHERE imported_on IS NOT NULL GROUP BY 1, 2) i
    WHERE s.code = i.code AND s.scheme = i.scheme AND (s.valid_to IS NULL OR s.valid_to > i.ends)"""

_NAMELESS = """
    SELECT a.id FROM units_agency a
    WHERE a.valid_to IS NULL AND NOT EXISTS (
        SELECT 1 FROM units_identifier i WHERE i.agency_id = a.id AND i.scheme = 'org' AND i.valid_to IS NULL)
    ORDER BY a.id LIMIT 20"""


def _settle_identifiers(cursor: Any) -> None:
    """Put the staged identifiers of the package beside the imported ones."""
    cursor.execute(_GIVE_WAY)
    cursor.execute(_YIELD_CODE)
    _exchange(
        cursor,
        "units_identifier",
        _IDENTIFIER,
        "imported_on IS NULL"
        " AND (unit_id IN (SELECT unit_id FROM staged) OR agency_id IN (SELECT agency_id FROM staged))",
        "valid_to IS NULL OR valid_from IS NULL OR valid_from <= valid_to",
    )
    cursor.execute(_NAMELESS)
    _refuse([f"agency {agency_id} would be left without an identifier." for (agency_id,) in cursor.fetchall()])


def _refuse(faults: Sequence[str]) -> None:
    if faults:
        raise Permanent("import-row", "\n".join(faults), mend="Correct the rows and import again.", faults=faults)


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _publish(*, now: datetime, actor: str, note: str, package: str) -> Published:
    whole = digest(queries.read_rows())
    latest = queries.generation()
    if latest is not None and latest.digest == whole and not package:
        return latest
    return _number(whole, latest, now=now, actor=actor, note=note, package=package)


def _number(
    whole: str, latest: Published | None, *, now: datetime, actor: str, note: str, package: str = ""
) -> Published:
    """Give what stands in the tables the next number."""
    published = Published(latest.number + 1 if latest else 1, now, whole, package, note)
    body = {"generation": published.number, "digest": whole, "package": package, "note": note}
    journal.record([journal.Entry(DIRECTORY, "directory.published", now, actor, body)])
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO units_generation (number, published_at, digest, package, note) VALUES (%s, %s, %s, %s, %s)",
            [published.number, published.published_at, published.digest, published.package, published.note],
        )
    return published


def _write(package: Package, report: Report) -> None:
    """Make the tables say what the package says, touching only the rows that differ."""
    rows = package.rows
    hints = {(hint.old_id, hint.new_id): hint.basis for hint in package.hints}
    with connection.cursor() as cursor:
        report(f"{len(rows.units):,} đơn vị hành chính", 1, _STEPS)
        _upsert(cursor, "units_unit", "id, level", rows.units)
        report(f"{len(rows.periods):,} giai đoạn", 2, _STEPS)
        _stage(cursor, "units_unitperiod", queries.PERIOD_COLUMNS, rows.periods)
        _exchange(cursor, "units_unitperiod", queries.PERIOD_COLUMNS, "unit_id IN (SELECT unit_id FROM staged)")
        report(f"{len(rows.agencies):,} cơ quan", 3, _STEPS)
        agencies = [(*row[:8], json.dumps(row[8]) if row[8] else None) for row in rows.agencies]
        _upsert(cursor, "units_agency", queries.AGENCY_COLUMNS, agencies)
        report(f"{len(rows.identifiers):,} mã", 4, _STEPS)
        _stage(cursor, "units_identifier", _IDENTIFIER, rows.identifiers)
        _settle_identifiers(cursor)
        report(f"{len(rows.successions):,} kế thừa", 5, _STEPS)
        columns = f"{queries.SUCCESSION_COLUMNS}, is_default, default_basis"
        hinted = ((*row, row[:2] in hints, hints.get(row[:2], "")) for row in rows.successions)
        _stage(cursor, "units_succession", columns, hinted)
        _exchange(cursor, "units_succession", columns, "old_id IN (SELECT old_id FROM staged)")
        report(f"{len(package.figures):,} số liệu", 6, _STEPS)
        columns = ", ".join(('"on"' if name == "on" else name) for name in Figures.__dataclass_fields__)
        _stage(cursor, "units_figures", columns, map(astuple, package.figures))
        _exchange(cursor, "units_figures", columns, "unit_id IN (SELECT unit_id FROM staged)")


def _copy(cursor: Any, table: str, columns: str, rows: Iterable[Sequence[Any]]) -> None:
    with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _stage(cursor: Any, table: str, columns: str, rows: Iterable[Sequence[Any]] = ()) -> None:
    """Put rows beside a table, in a temporary one of the same types."""
    cursor.execute("DROP TABLE IF EXISTS staged")
    cursor.execute(f"CREATE TEMPORARY TABLE staged ON COMMIT DROP AS SELECT {columns} FROM {table} WITH NO DATA")  # noqa: S608
    _copy(cursor, "staged", columns, rows)


def _exchange(cursor: Any, table: str, columns: str, whose: str, which: str = "TRUE") -> None:
    """Delete the rows `whose` they are that are not staged, and insert of the staged ones `which` are new."""
    same = f"{_row('there', columns)} = {_row('staged', columns)}"
    cursor.execute(
        f"DELETE FROM {table} there WHERE ({whose}) AND NOT EXISTS (SELECT FROM staged WHERE {same})"  # noqa: S608
    )
    cursor.execute(
        f"INSERT INTO {table} ({columns}) SELECT {columns} FROM staged"  # noqa: S608
        f" WHERE ({which}) AND NOT EXISTS (SELECT FROM {table} there WHERE {same})"
    )


def _row(table: str, columns: str) -> str:
    """A whole row as one text, so that two can be joined by equality whatever is NULL in them."""
    return f"ROW({', '.join(f'{table}.{name}' for name in columns.split(', '))})::text"


def _upsert(cursor: Any, table: str, columns: str, rows: Iterable[Sequence[Any]]) -> None:
    """Write rows by their id: an identity is never deleted, because records everywhere point to it."""
    _stage(cursor, table, columns, rows)
    changes = ", ".join(f"{name} = excluded.{name}" for name in columns.split(", "))
    cursor.execute(
        f"INSERT INTO {table} ({columns}) SELECT {columns} FROM staged ON CONFLICT (id) DO UPDATE SET {changes}"  # noqa: S608
        f" WHERE {_row(table, columns)} <> {_row('excluded', columns)}"
    )
