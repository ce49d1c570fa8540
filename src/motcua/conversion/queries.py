"""Runs, what they refused and what waits for people; the three sides of a reconciliation."""

import csv
import tempfile
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection as database

from motcua.conversion import loading, sources, staging
from motcua.conversion.models import Reject, Run
from motcua.conversion.persons.queries import reach
from motcua.conversion.rules import expressions, mapping
from motcua.conversion.rules.fields import RowFault, reasons
from motcua.conversion.rules.mapping import Mapped
from motcua.identity import api as identity
from motcua.kernel import clock
from motcua.kernel.clock import day_of
from motcua.kernel.errors import Conflict, NotFound, Permanent
from motcua.units import api as units

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run and what became of its rows: read = added + corrected + unchanged + held + rejected."""

    id: str
    system: str
    title: str
    phase: str
    by: int
    started_at: datetime
    finished_at: datetime | None
    files: tuple[str, ...]
    read: int
    rejected: int
    added: int
    corrected: int
    unchanged: int
    held: int
    agencies: tuple[int, ...]  # where its rows were received; 0 for rows of which that isn't known


def runs(*, scope: identity.Scope = identity.SYSTEM, on: date | None = None, limit: int = 100) -> tuple[RunRow, ...]:
    """The runs of the caller's area, the newest first."""
    rows = map(_row, Run.objects.order_by("-started_at", "-id").defer("mapping"))
    if scope.agencies is None:
        return tuple(islice(rows, limit))
    areas = reach(scope, on or clock.today())
    return tuple(islice((row for row in rows if _within(row.agencies, areas)), limit))


def one(run: str, *, scope: identity.Scope = identity.SYSTEM, on: date | None = None) -> RunRow:
    """A run by its name; NotFound, for a caller whose area doesn't hold all of its data too."""
    row = _row(_run(run))
    if not _within(row.agencies, reach(scope, on or clock.today())):
        raise NotFound("run-unknown", f"Đợt {run} không thuộc phạm vi của ông/bà.")
    return row


def _within(agencies: Iterable[int], areas: Collection[int] | None) -> bool:
    """Is all of it, as far as its place is known, of these units? Of which nothing is known is only the system's."""
    if areas is None:
        return True
    known = [agency for agency in agencies if agency]
    directory = units.directory()
    return bool(known) and {directory.agency(agency).unit_id for agency in known} <= set(areas)


def may_read_rows(row: RunRow, scope: identity.Scope) -> bool:
    """May the caller read what refused rows say? Those of which no place is known are only for a province."""
    if scope.agencies is None or 0 not in row.agencies:
        return True
    directory = units.directory()
    return any(
        directory.unit(directory.agency(agency).unit_id).level is units.Level.PROVINCE for agency in scope.agencies
    )


def _run(run: str) -> Run:
    found = Run.objects.filter(id=run).first()
    if found is None:
        raise NotFound("run-unknown", f"Không có đợt chuyển đổi {run}.", mend="Xem “motcua convert status”.")
    return found


def _row(run: Run) -> RunRow:
    return RunRow(
        run.id, run.system, run.title, run.phase, run.by, run.started_at, run.finished_at,
        tuple(file["name"] for file in run.files), run.read, run.rejected, run.added, run.corrected, run.unchanged,
        run.held, tuple(run.agencies),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class RejectFigure:
    """How many rows of a run were refused for just these reasons."""

    reasons: tuple[RowFault, ...]
    count: int
    mask: int


def reject_figures(run: str) -> tuple[RejectFigure, ...]:
    """The reasons of a run's rejects, the most frequent first."""
    _run(run)
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT reasons, count(*) FROM conversion_reject WHERE run = %s GROUP BY reasons ORDER BY count(*) DESC, 1",
            [run],
        )
        return tuple(RejectFigure(reasons(mask), count, mask) for mask, count in cursor.fetchall())


@dataclass(frozen=True, slots=True)
class RejectRow:
    """A refused row: its place and its reasons."""

    file: str
    row: int
    reasons: tuple[RowFault, ...]
    place: int  # which of the run's files


def rejects(
    run: str, *, after: tuple[int, int] = (-1, -1), limit: int = 100, mask: int | None = None
) -> tuple[RejectRow, ...]:
    """The refused rows of a run in order, from after a file and row on; of just these reasons if `mask` says so."""
    names = _row(_run(run)).files
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT file, row, reasons FROM conversion_reject WHERE run = %s AND (file, row) > (%s, %s) "
            "AND (%s::bigint IS NULL OR reasons = %s) ORDER BY file, row LIMIT %s",
            [run, *after, mask, mask, limit],
        )
        return tuple(RejectRow(names[file], row, reasons(bits), file) for file, row, bits in cursor.fetchall())


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A correction that waits for a person."""

    number: str
    code: str
    file: str
    row: int
    why: str
    decision: str = "open"  # open, taken, kept
    reason: str = ""
    named: str = ""
    decided_at: datetime | None = None


def held(run: str, limit: int = 1_000, *, offset: int = 0, number: str | None = None) -> tuple[HeldRow, ...]:
    """What a run did not write over, because the dossier has moved on here or its code differs: open ones first."""
    names = _row(_run(run)).files
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT h.number, d.code, h.file, h.row, h.why, h.decision, h.reason, h.named, h.decided_at "
            "FROM conversion_held h JOIN dossiers_dossier d ON d.id = h.dossier "
            "WHERE h.run = %s AND (%s::text IS NULL OR h.number = %s) "
            "ORDER BY h.decision <> 'open', h.file, h.row LIMIT %s OFFSET %s",
            [run, number, number, limit, offset],
        )
        return tuple(HeldRow(number, code, names[file], *more) for number, code, file, *more in cursor.fetchall())


def held_figures(run: str) -> tuple[int, int]:
    """How many corrections of a run were held, and how many of them still wait for a person."""
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE decision = 'open') FROM conversion_held WHERE run = %s", [run]
        )
        (every, waiting) = cursor.fetchone()
    return every, waiting


def write_rejects(run: str, out: Path) -> int:
    """The refused rows as the old system wrote them, with place and reasons in two further columns; how many."""
    import duckdb

    from motcua.kernel import workbooks

    found = _run(run)
    mapped, tables = _tables(found)
    places = {(r.file, r.row): r.reasons for r in Reject.objects.filter(run=run)}
    columns = tables[0].columns
    heads = (*columns, "Dòng gốc", "Lý do bị loại")

    def lines() -> Iterator[tuple[str, ...]]:

        with duckdb.connect() as duck:
            for table in tables:
                wanted = [row for file, row in places if file == table.index]
                picked = ", ".join(f"CAST({table.column(name)} AS VARCHAR)" for name in columns)
                rows = duck.execute(
                    f"SELECT row, {picked} FROM (SELECT row_number() OVER () + {table.first - 1} AS row, * "
                    f"FROM {table.sql}) WHERE row IN (SELECT unnest(?::BIGINT[])) ORDER BY row",
                    [wanted],
                ).fetchall()
                for row, *values in rows:
                    why = "; ".join(fault.vi for fault in reasons(places[table.index, row]))
                    yield (*(value or "" for value in values), f"{table.name}:{row}", why)

    if out.suffix == ".xlsx":
        given = [workbooks.Column(str(n), head) for n, head in enumerate(heads)]
        written = list(lines())
        if len(written) > workbooks.MOST_ROWS:
            raise Permanent("too-many-rows", f"{len(written):,} dòng không vừa một bảng tính.", mend="Dùng .csv.")
        out.write_bytes(workbooks.write("Dòng bị loại", given, written))
        return len(written)
    out.touch(mode=0o600)
    count = 0
    with out.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=mapped.source.delimiter)
        writer.writerow(heads)
        for line in lines():
            writer.writerow(line)
            count += 1
    return count


def rejects_file(run: str, form: str) -> bytes:
    """The same as .csv or .xlsx in memory; in between it lies in a file that its owner alone reads."""
    room = Path(settings.CONVERSION)
    room.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="rejects-", dir=room) as folder:
        out = Path(folder) / f"rejects.{form}"
        write_rejects(run, out)
        return out.read_bytes()


def _tables(run: Run) -> tuple[Mapped, list[sources.Table]]:
    """The mapping and the files of a run, as they lie there now."""
    mapped, _ = mapping.read(run.mapping)
    assert mapped is not None  # it was read before the run began
    room = staging.room_of(run.id)
    if not room.exists():
        raise Conflict("run-cleared", f"Thư mục của đợt {run.id} đã dọn.")
    paths = [Path(file["path"]) for file in run.files]
    missing = [path.name for path in paths if not path.exists()]
    if missing:
        raise Conflict("source-gone", f"Không còn tệp nguồn {missing[0]}.", mend="Đặt lại tệp vào chỗ cũ.")
    tables, findings = sources.prepare(mapped, paths, room)
    if findings:
        raise Conflict("source-changed", f"Tệp nguồn không còn đọc được như trước: {findings[0]}")
    return mapped, tables


SIDES = ("source", "staging", "target")
ARRIVED = (
    "number VARCHAR, code VARCHAR, procedure VARCHAR, state SMALLINT, outcome VARCHAR, channel VARCHAR, "
    "reception BIGINT, resolving BIGINT, area BIGINT, filed_at TIMESTAMP, accepted_at TIMESTAMP, "
    "due_at TIMESTAMP, finished_at TIMESTAMP, applicant_kind VARCHAR, applicant_name VARCHAR, "
    "applicant_number VARCHAR, old_number VARCHAR, birth_date DATE, phone VARCHAR, email VARCHAR, "
    "address VARCHAR, fee BIGINT, result VARCHAR, paper VARCHAR, run VARCHAR, file SMALLINT, row BIGINT, "
    "moved BOOLEAN, dossier UUID"
)
"""The columns of `TARGET` as DuckDB reads them."""


def sides(run: str) -> "duckdb.DuckDBPyConnection":
    """The three sides of a run as tables of a DuckDB connection: `source`, `staging` and `target`.

    Each has the columns of `expressions.COMPARED`, with `digest` made of them anew on each side; `source` and `staging`
    have `file`, `row` and `mask` too. `source` is read from the old system's files again, `staging` is what was
    checked, `target` what the dossiers say now: of one that has moved on since (`moved`), what its row of the log says.
    `target` has every record of the system that this run has a good row of, by `run` and place of the record.
    """
    found = _run(run)
    mapped, tables = _tables(found)
    room = staging.room_of(run)
    duck = staging.opened(room)
    findings = staging.stage(duck, mapped, tables, day_of(found.started_at), into="source")
    if findings:
        raise Conflict("source-changed", f"Tệp nguồn không còn đọc được như trước: {findings[0]}")
    compared = ", ".join(expressions.COMPARED)
    duck.execute(
        f"CREATE OR REPLACE TABLE staging AS SELECT file, row, mask, {compared}, digest AS kept, "
        f"{expressions.DIGEST} AS digest FROM checked"
    )
    loading.fetch(
        loading.Staged(duck, room, found),
        TARGET.format(system=expressions.quoted(found.system)),
        "arrived",
        ARRIVED,
    )
    duck.execute(
        f"CREATE OR REPLACE TABLE target AS SELECT {compared}, {expressions.DIGEST} AS digest, run, file, row, moved, "
        "dossier FROM arrived WHERE number IN (SELECT number FROM checked WHERE mask = 0)"
    )
    return duck


_LOCAL = "to_char({} AT TIME ZONE 'Asia/Ho_Chi_Minh', 'YYYY-MM-DD HH24:MI:SS.US')"
# Its row of the log is the last one, and a person who took a correction did not leave it where it stood here.
_HERE = "d.n = r.n AND NOT jsonb_exists(s.detail, 'state')"
TARGET = f"""
SELECT r.number, d.code, d.procedure, coalesce((s.detail ->> 'state')::smallint, s.state),
    CASE WHEN {_HERE} THEN d.outcome ELSE s.detail ->> 'outcome' END, d.channel,
    CASE WHEN {_HERE} THEN d.reception ELSE (s.detail ->> 'reception')::bigint END,
    CASE WHEN {_HERE} THEN d.resolving ELSE (s.detail ->> 'resolving')::bigint END, d.area,
    {_LOCAL.format("d.filed_at")},
    CASE WHEN {_HERE} THEN {_LOCAL.format("d.accepted_at")} ELSE s.detail ->> 'accepted_at' END,
    CASE WHEN {_HERE} AND d.due_at IS NOT NULL THEN {_LOCAL.format("d.due_at")} ELSE s.detail ->> 'due_at' END,
    CASE WHEN {_HERE} THEN {_LOCAL.format("d.finished_at")} ELSE s.detail ->> 'finished_at' END,
    d.applicant ->> 'kind', d.applicant ->> 'name', nullif(d.applicant ->> 'number', ''), s.detail ->> 'old_number',
    (d.applicant ->> 'birth_date')::date, nullif(d.applicant ->> 'phone', ''), nullif(d.applicant ->> 'email', ''),
    nullif(d.applicant ->> 'address', ''), (s.detail ->> 'fee')::bigint,
    (SELECT max(name) FROM dossiers_component c WHERE c.dossier = d.id AND c.step = r.n AND c.kind = 'result'),
    (SELECT max(name) FROM dossiers_component c WHERE c.dossier = d.id AND c.step = r.n AND c.kind = 'paper'),
    r.run, r.file, r.row, NOT ({_HERE}), d.id
FROM conversion_record r JOIN dossiers_dossier d ON d.id = r.dossier
JOIN dossiers_steprow s ON s.dossier = r.dossier AND s.n = r.n
WHERE r.system = {{system}}
"""
