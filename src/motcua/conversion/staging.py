"""From the files of an export to checked rows, in one DuckDB file of the run: set-based, within a limit of memory.

Tables: `checked` has every row of every file once, in order, with its fields as values, its digest and the bits of
what is wrong; `file` and `row` say where it stands. Days and hours are Viet Nam's wall clock there.
"""

import csv
import os
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from functools import lru_cache
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from motcua.conversion import lookups, sources
from motcua.conversion.rules import expressions
from motcua.conversion.rules.fields import BIT
from motcua.conversion.rules.mapping import Finding, Mapped
from motcua.conversion.sources import Table
from motcua.procedures import api as procedures
from motcua.units import api as units

if TYPE_CHECKING:
    import duckdb


MEMORY = "1500MB"  # of the 2 GB that a run may take; the rest is Python and what DuckDB does not count
THREADS = 2
RAW = "raw"  # the texts of one file, in its order
FILE = "staging.duckdb"
Progress = Callable[[str, float], None]  # what is being done, and how much of it (0 to 1)


def room_of(run: str) -> Path:
    """The folder of a run: it holds personal data until it is cleared."""
    return Path(settings.CONVERSION) / run


def silent(what: str, share: float) -> None:
    """Nobody watches."""


def opened(
    room: Path, *, fresh: bool = False, memory: str = MEMORY, threads: int = THREADS
) -> "duckdb.DuckDBPyConnection":
    """The run's DuckDB file, which only its owner may read."""
    import duckdb  # only whoever converts waits for it

    room.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = room / FILE
    if fresh:
        for stale in room.glob(f"{FILE}*"):
            stale.unlink()
    before = os.umask(0o077)
    try:
        connection = duckdb.connect(str(path))
        connection.execute("CREATE TABLE IF NOT EXISTS made (day DATE)")
    finally:
        os.umask(before)
    connection.execute(f"SET memory_limit = '{memory}'")
    connection.execute(f"SET threads = {threads}")
    connection.execute(f"SET temp_directory = {sources.text(str(room / 'spill'))}")
    connection.execute(
        "SET enable_progress_bar = true; SET enable_progress_bar_print = false; SET progress_bar_time = 0"
    )
    # How many rows a file has, nobody knows beforehand: the small look-ups are built, the file streams past them.
    connection.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
    # The rows are read a few times and then cleared: to press them together takes longer than it saves.
    connection.execute("SET force_compression = 'uncompressed'")
    # Nothing that a file says makes DuckDB reach for the network or load anything.
    connection.execute("SET autoinstall_known_extensions = false")
    connection.execute("SET autoload_known_extensions = false")
    with suppress(OSError):
        path.chmod(0o600)
    return connection


def look_ups(connection: "duckdb.DuckDBPyConnection", mapped: Mapped) -> None:
    """The code tables of the mapping, the directory and the catalogue, as they stand now."""
    _table(
        connection,
        "l_state",
        "theirs VARCHAR, state INTEGER, outcome VARCHAR, done BOOLEAN, needs_due BOOLEAN",
        _text(lookups.states(mapped)),
    )
    _table(connection, "l_channel", "theirs VARCHAR, ours VARCHAR", _text(lookups.channels(mapped)))
    _table(connection, "l_kind", "theirs VARCHAR, ours VARCHAR", _text(lookups.kinds(mapped)))
    _table(connection, "l_renamed", "theirs VARCHAR, ours VARCHAR", _text(lookups.explicit(mapped)))
    _table(
        connection, "l_version", "procedure VARCHAR, first DATE, last DATE, version BIGINT, term VARCHAR",
        versions(procedures.catalogue()),
    )  # fmt: skip
    _table(
        connection, "l_office", "theirs VARCHAR, first DATE, last DATE, unit BIGINT, agency BIGINT",
        offices(units.directory(), tuple(mapped.units.items())),
    )  # fmt: skip


def _text(rows: Iterable[Sequence[Any]]) -> str:
    out = StringIO(newline="")
    csv.writer(out).writerows(["\\N" if value is None else value for value in row] for row in rows)
    return out.getvalue()


@lru_cache(maxsize=2)  # a generation is immutable
def versions(catalogue: procedures.Catalogue) -> str:
    """Every procedure's versions as DuckDB reads them: made once for a catalogue."""
    return _text(lookups.versions(catalogue))


@lru_cache(maxsize=4)
def offices(directory: units.Directory, renamed: tuple[tuple[str, str], ...] = ()) -> str:
    """What every code of an office stood for: made once for a generation, which takes a second."""
    return _text(lookups.offices(directory, dict(renamed)))


def _table(connection: "duckdb.DuckDBPyConnection", name: str, columns: str, rows: str) -> None:
    """A small table, by way of a file: DuckDB takes it a hundred times faster than row by row."""
    spelt = ", ".join(f"{sources.text(c.split()[0])}: {sources.text(c.split()[1])}" for c in columns.split(", "))
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="", suffix=".csv") as file:
        file.write(rows)
        file.flush()
        connection.execute(
            f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM read_csv({sources.text(file.name)}, auto_detect=false, "
            f"header=false, delim=',', quote='\"', escape='\"', nullstr='\\N', columns={{{spelt}}})"
        )


def checked_sql(mapped: Mapped, table: Table, today: date, *, digests: bool = True) -> str:
    """All of it for one file, from its texts in RAW: rows with numbers, values, codes looked up, mask and digest.

    A row's number is its place there: to count rows as they are read holds everything that follows in one thread.
    """
    looked_up = expressions.looked_up(mapped, today.isoformat())
    explicit = bool(mapped.procedures)
    key = f"coalesce(m.ours, {expressions.PROCEDURE_KEY})" if explicit else expressions.PROCEDURE_KEY
    renamed = "LEFT JOIN l_renamed m ON m.theirs = r_procedure" if explicit else ""
    used = {*mapped.columns, *mapped.fixed}
    places = "\n".join(
        f"LEFT JOIN l_office {alias} ON {alias}.theirs = r_{field} AND day BETWEEN {alias}.first AND {alias}.last"
        for alias, field in (("u1", "reception"), ("u2", "resolving"), ("u3", "area"))
        if field in used
    )
    small = "\n".join(
        f"LEFT JOIN {name} {alias} ON {alias}.theirs = r_{field}"
        for name, alias, field in (("l_channel", "h", "channel"), ("l_kind", "k", "applicant_kind"))
        if field in used
    )
    raw = ", ".join(f"r_{field}" for field in expressions.RAW)
    return f"""
        SELECT {table.index}::SMALLINT AS file, *{f", {expressions.DIGEST} AS digest" if digests else ""} FROM (
            SELECT row, {looked_up},
                r_reception, r_resolving, r_area
            FROM (
                SELECT *, CAST(filed_at AS DATE) AS day, {key} AS procedure_key FROM (
                    SELECT row, {raw}, {expressions.values(mapped, typed=table.typed)} FROM (
                        SELECT rowid + {table.first} AS row, * FROM {RAW}
                    )
                ) {renamed}
            )
            LEFT JOIN (SELECT procedure, first, last, version FROM l_version) p
                ON p.procedure = procedure_key AND coalesce(day, DATE '2000-01-01') BETWEEN p.first AND p.last
            LEFT JOIN l_state s ON s.theirs = r_state
            {small}
            {places}
        )"""


def _columns(mapped: Mapped, table: Table) -> str:
    return expressions.columns(mapped, table.column, escaped=table.escaped, plain=table.plain)


def stage(
    connection: "duckdb.DuckDBPyConnection",
    mapped: Mapped,
    tables: Sequence[Table],
    today: date,
    *,
    into: str = "checked",
    digests: bool = True,
    progress: Progress = silent,
) -> list[Finding]:
    """Read and check all files into a table; findings if one of them can't be read to its end: nothing is kept then.

    `digests=False` for whoever only wants to know what is wrong: they cost as much as all checks together.
    """
    import duckdb

    look_ups(connection, mapped)
    for done, table in enumerate(tables):
        start = f"INSERT INTO {into}" if done else f"CREATE OR REPLACE TABLE {into} AS"
        texts = f"CREATE OR REPLACE TABLE {RAW} AS SELECT {_columns(mapped, table)} FROM {table.sql}"
        checks = f"{start} {checked_sql(mapped, table, today, digests=digests)}"

        def half(part: int, table: Table = table, done: int = done) -> Callable[[float], None]:
            return lambda share: progress(f"đọc {table.name}", (done + (part + share) / 2) / len(tables) * 0.9)

        try:
            with _watched(connection, half(0)):
                connection.execute(texts)
            with _watched(connection, half(1)):
                connection.execute(checks)
        except (duckdb.InvalidInputException, duckdb.IOException, duckdb.ConversionException) as error:
            connection.execute(f"DROP TABLE IF EXISTS {into}")
            return [sources.told(error, table)]
        finally:
            connection.execute(f"DROP TABLE IF EXISTS {RAW}")
    progress("tìm số hồ sơ trùng", 0.9)
    _refine(connection, into)
    _twice(connection, into, coded="code" in mapped.columns)
    progress("xong", 1.0)
    return []


@contextmanager
def _watched(connection: "duckdb.DuckDBPyConnection", show: Callable[[float], None]) -> Iterator[None]:
    """Tell how much of the running statement is done (0 to 1), a few times a second."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.3):
            show(max(0.0, connection.query_progress()) / 100)

    show(0)
    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    try:
        yield
    finally:
        done.set()
        watching.join()


def _refine(connection: "duckdb.DuckDBPyConnection", into: str) -> None:
    """A code that is known but not on that day is told apart from one that nobody ever held."""
    for field in ("reception", "resolving", "area"):
        unknown = 1 << BIT["unknown", field]
        other = 1 << BIT["not-in-force", field]
        connection.execute(
            f"UPDATE {into} SET mask = xor(mask, {unknown | other}) WHERE mask & {unknown} <> 0 "
            f"AND r_{field} IN (SELECT theirs FROM l_office)"
        )


def _twice(connection: "duckdb.DuckDBPyConnection", into: str, *, coded: bool) -> None:
    """A number that stands twice: the same to the letter, the first row counts; else none of them does."""
    twice, repeated = 1 << BIT["twice", "number"], 1 << BIT["repeated", "number"]
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE doubled AS SELECT number, count(DISTINCT {expressions.DIGEST}) AS kinds, "
        f"min((file, row)) AS first FROM {into} WHERE number IN "
        f"(SELECT number FROM {into} WHERE number IS NOT NULL GROUP BY number HAVING count(*) > 1) GROUP BY number"
    )
    if coded:  # two dossiers can't have one code: which of them it belongs to, a person says
        connection.execute(
            f"UPDATE {into} SET mask = mask | {1 << BIT['clash', 'code']} WHERE code IN (SELECT code FROM {into} "
            "WHERE mask = 0 GROUP BY code HAVING count(DISTINCT number) > 1)"
        )
    connection.execute(
        f"UPDATE {into} AS c SET mask = c.mask | CASE WHEN d.kinds > 1 THEN {twice} "
        f"WHEN (c.file, c.row) <> d.first THEN {repeated} ELSE 0 END FROM doubled AS d WHERE d.number = c.number"
    )


def clear(room: Path) -> None:
    """Take the run's folder away, with all that it says of people."""
    for path in sorted(room.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    if room.exists():
        room.rmdir()
