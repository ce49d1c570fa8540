"""From checked rows to the tables, chunk by chunk: what is new, what changed, what has moved on and waits for people.

A chunk is one transaction with everything in it: parties, dossiers, log, papers, where each came from, and one entry
of the journal with the chunk's digest. So a run that was killed goes on with the next chunk, and what a chunk is
depends on file and row alone.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import psycopg
from django.db import connection as database
from django.db import transaction
from django.db.models import F

from motcua.conversion.models import Run
from motcua.conversion.rules import target
from motcua.conversion.rules.expressions import quoted
from motcua.conversion.rules.fields import BIT
from motcua.conversion.staging import Progress, silent
from motcua.dossiers import api as dossiers
from motcua.identity import api as identity
from motcua.kernel.calendar import national
from motcua.kernel.errors import Conflict
from motcua.kernel.journal import api as journal
from motcua.kernel.terms import due

if TYPE_CHECKING:
    import duckdb


CHUNK = 50_000
BLOCK = 1 << 20
RECORD = "system, number, dossier, digest, n, run, file, row"
PERSON = "system, party, kind, number, old_number, name, birth_date, phone, email, address, area, run, file, row"


@dataclass(frozen=True, slots=True)
class Staged:
    """A run's staging: its DuckDB connection and its folder."""

    duck: "duckdb.DuckDBPyConnection"
    room: Path
    run: Run

    def written(self, sql: str, name: str) -> Iterator[bytes]:
        """The rows of a question as CSV, block by block, by way of a file of the run's folder."""
        path = self.room / f"{name}.out"
        path.touch(mode=0o600)
        self.duck.execute(f"COPY ({sql}) TO {quoted(str(path))} (FORMAT csv, HEADER false, NULLSTR '\\N')")
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                yield block
        path.unlink()


def cursor() -> psycopg.Cursor[tuple[object, ...]]:
    """A plain psycopg cursor on Django's connection, inside its transaction."""
    database.ensure_connection()
    return psycopg.Cursor(database.connection)


def fetch(staged: Staged, sql: str, table: str, columns: str) -> None:
    """The answer of PostgreSQL to a question, as a table of the staging."""
    path = staged.room / f"{table}.in"
    path.touch(mode=0o600)
    with path.open("wb") as out, cursor().copy(f"COPY ({sql}) TO STDOUT WITH (FORMAT csv, NULL '\\N')") as copy:
        for block in copy:
            out.write(block)
    named = ", ".join(f"{quoted(c.split()[0])}: {quoted(c.split()[1])}" for c in columns.split(", "))
    staged.duck.execute(
        f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM read_csv({quoted(str(path))}, auto_detect=false, "
        f"header=false, delim=',', quote='\"', escape='\"', nullstr='\\N', columns={{{named}}})"
    )
    path.unlink()


def plan(staged: Staged) -> None:
    """What is to become of each good row: add, same, correct, or hold for a person."""
    system = quoted(staged.run.system)
    fetch(
        staged,
        "SELECT r.number, r.dossier, encode(r.digest, 'hex'), r.n, d.n, d.code FROM conversion_record r "
        f"JOIN dossiers_dossier d ON d.id = r.dossier WHERE r.system = {system}",
        "known",
        "number VARCHAR, dossier UUID, digest VARCHAR, n INTEGER, now_n INTEGER, code VARCHAR",
    )
    staged.duck.execute(
        f"""CREATE OR REPLACE TABLE plan AS
        SELECT c.file, c.row, c.row // {CHUNK} AS chunk, CASE WHEN k.number IS NULL THEN 'add'
            WHEN k.digest = c.digest THEN 'same' WHEN k.n <> k.now_n THEN 'moved' WHEN k.code <> c.code THEN 'code'
            ELSE 'correct' END AS what
        FROM checked c LEFT JOIN known k ON k.number = c.number WHERE c.mask = 0"""
    )


def load(staged: Staged, *, progress: Progress = silent) -> None:
    """Carry the plan out; it may be called again after any break."""
    plan(staged)
    name_files(staged)
    chunks = staged.duck.execute(
        "SELECT file, chunk, what, count(*) FROM plan WHERE what IN ('add', 'correct') GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    total, done = sum(row[3] for row in chunks) or 1, 0
    for file, chunk, what, count in chunks:
        progress("nạp", done / total)
        _load_chunk(staged, file, chunk, what)
        done += count
    _hold(staged)
    progress("nạp", 1.0)


def name_files(staged: Staged) -> None:
    """The names of the run's files and the offices' units, as `choose` joins them."""
    staged.duck.execute("CREATE OR REPLACE TABLE files (file SMALLINT, file_name VARCHAR)")
    for index, file in enumerate(staged.run.files):
        staged.duck.execute("INSERT INTO files VALUES (?, ?)", [index, file["name"]])
    staged.duck.execute(
        "CREATE OR REPLACE TABLE l_agency AS SELECT DISTINCT agency, unit FROM l_office WHERE agency IS NOT NULL"
    )


def _load_chunk(staged: Staged, file: int, chunk: int, what: str) -> None:
    choose(staged, file, chunk, what)
    try:
        with transaction.atomic():
            _write_chunk(staged, file, chunk, what)
    except psycopg.errors.UniqueViolation as error:
        if "code" not in (error.diag.constraint_name or ""):
            raise
        _put_clashes_aside(staged)
        choose(staged, file, chunk, what)
        with transaction.atomic():
            _write_chunk(staged, file, chunk, what)


def choose(staged: Staged, file: int, chunk: int, what: str) -> None:
    """The rows of one chunk with everything that the target needs, as the table `chunk`."""
    system = staged.run.system
    staged.duck.execute(
        f"""CREATE OR REPLACE TEMP TABLE chunk AS
        SELECT *, coalesce(known_as, {target.record_id(system)}) AS id, {target.PARTY} AS party FROM (
            SELECT *, {target.party_hash(system)} AS party_hash FROM (
                SELECT c.*, k.dossier AS known_as, coalesce(k.n, 0) + 1 AS n, v.term,
                    a1.unit AS unit_reception, a2.unit AS unit_resolving, f.file_name
                FROM plan p JOIN checked c ON c.file = p.file AND c.row = p.row
                LEFT JOIN known k ON k.number = c.number
                JOIN (SELECT DISTINCT version, term FROM l_version) v ON v.version = c.version
                JOIN files f ON f.file = c.file
                LEFT JOIN l_agency a1 ON a1.agency = c.reception LEFT JOIN l_agency a2 ON a2.agency = c.resolving
                WHERE p.file = {int(file)} AND p.chunk = {int(chunk)} AND p.what = {quoted(what)} AND c.mask = 0
                    AND c.row BETWEEN {int(chunk) * CHUNK} AND {(int(chunk) + 1) * CHUNK - 1}
            )
        ) ORDER BY row"""
    )


def _write_chunk(staged: Staged, file: int, chunk: int, what: str) -> None:
    run = staged.run
    at = run.started_at.isoformat()
    digest, count = _digest(staged)
    if not count:
        return
    identity.record_copied(staged.written(target.parties(at), "parties"))
    moved: list[UUID] = []
    births = staged.written(f"SELECT {target.births(closing(run.started_at))} FROM chunk", "births")
    log = staged.written(f"SELECT {target.log(run.system, run.id, at, run.by)} FROM chunk", "log")
    papers = staged.written(target.PAPERS, "papers")
    if what == "add":
        dossiers.convert_in(births=births, log=log, papers=papers)
    else:
        moved = dossiers.convert_again(births=births, log=log, papers=papers)
    keep(staged, "conversion_person", PERSON, target.persons(run.system, run.id), "DO NOTHING")
    keep(
        staged, "conversion_record", RECORD,
        target.records(run.system, run.id) + _without(moved),
        "(system, number) DO UPDATE SET digest = excluded.digest, n = excluded.n, run = excluded.run, "
        "file = excluded.file, row = excluded.row",
    )  # fmt: skip
    done = F("added" if what == "add" else "corrected") + count - len(moved)
    Run.objects.filter(id=run.id).update(**{"added" if what == "add" else "corrected": done})
    body = {
        "run": run.id, "system": run.system, "file": run.files[file]["sha256"], "chunk": chunk, "act": what,
        "rows": count - len(moved), "digest": digest,
    }  # fmt: skip
    journal.record(
        [
            journal.Entry(
                subject=subject(run.id), act=f"conversion_{what}", at=run.started_at, actor=actor(run.by), body=body
            )
        ]
    )


def _without(moved: Sequence[UUID]) -> str:
    return f" WHERE id NOT IN ({', '.join(quoted(str(number)) for number in moved)})" if moved else ""


def subject(run: str) -> UUID:
    """Under which subject the journal tells of a run."""
    return UUID(bytes=hashlib.sha256(f"conversion:{run}".encode()).digest()[:16], version=5)


def actor(caller: int) -> str:
    return f"account:{caller}" if caller else "worker"


def closing(now: datetime) -> str:
    """By when an applicant who is waited for must answer: the whole time again, so that nothing closes on arrival."""
    last = due(now, dossiers.LIMITS["complete"].term, national())
    assert last is not None  # the term is one of days
    return last.isoformat()


def _digest(staged: Staged) -> tuple[str, int]:
    found = staged.duck.execute("SELECT sha256(string_agg(digest, '' ORDER BY row)), count(*) FROM chunk").fetchone()
    return (found[0], found[1]) if found else ("", 0)


def keep(staged: Staged, table: str, columns: str, sql: str, conflict: str) -> None:
    """Rows of a question into one of conversion's own tables."""
    asked = cursor()
    asked.execute(f"CREATE TEMP TABLE IF NOT EXISTS in_{table} (LIKE {table}) ON COMMIT DROP")
    asked.execute(f"TRUNCATE in_{table}")
    with asked.copy(f"COPY in_{table} ({columns}) FROM STDIN WITH (FORMAT csv, NULL '\\N')") as copy:
        for block in staged.written(sql, table):
            copy.write(block)
    asked.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM in_{table} ON CONFLICT {conflict}")


def _put_clashes_aside(staged: Staged) -> None:
    """Rows whose code is a dossier's already: they become rejects, like any other."""
    codes = [code for (code,) in staged.duck.execute("SELECT code FROM chunk").fetchall()]
    asked = cursor()
    asked.execute("SELECT code FROM dossiers_dossier WHERE code = ANY(%s)", [codes])
    taken = [code for (code,) in asked]
    if not taken:
        raise Conflict("code-clash", "Một mã hồ sơ đứng hai lần trong cùng một lô.", mend="Xem lại cột “code”.")
    staged.duck.execute(
        f"UPDATE checked SET mask = mask | {1 << BIT['clash', 'code']} WHERE code IN (SELECT unnest(?::VARCHAR[])) "
        "AND (file, row) IN (SELECT (file, row) FROM chunk)",
        [taken],
    )
    keep_rejects(staged)


def keep_rejects(staged: Staged) -> None:
    """The place and the reasons of every rejected row, without what it says."""
    run = quoted(staged.run.id)
    with transaction.atomic():
        keep(
            staged, "conversion_reject", "run, file, row, reasons",
            f"SELECT {run}, file, row, mask FROM checked WHERE mask <> 0",
            "(run, file, row) DO UPDATE SET reasons = excluded.reasons",
        )  # fmt: skip


def _hold(staged: Staged) -> None:
    run = quoted(staged.run.id)
    with transaction.atomic():
        keep(
            staged, "conversion_held", "run, number, dossier, file, row, why, digest, decision, reason, named",
            f"SELECT {run}, c.number, k.dossier, c.file, c.row, p.what, '\\x' || c.digest, 'open', '', '' FROM plan p "
            "JOIN checked c ON c.file = p.file AND c.row = p.row JOIN known k ON k.number = c.number "
            "WHERE p.what IN ('moved', 'code')",
            "DO NOTHING",
        )  # fmt: skip
        cursor().execute(DECIDED_BEFORE, [staged.run.id, staged.run.system])


# The old system says again what somebody decided not to take: it is not asked again.
DECIDED_BEFORE = """
UPDATE conversion_held h SET decision = 'kept', reason = e.reason, decided_at = e.decided_at,
    decided_by = e.decided_by, position = e.position, named = e.named
FROM conversion_held e JOIN conversion_run r ON r.id = e.run
WHERE h.run = %s AND h.decision = 'open' AND r.system = %s AND e.number = h.number AND e.digest = h.digest
    AND e.decision = 'kept'
"""
