"""Killed at twenty points and begun again, a run has the same result as one that nobody disturbed."""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import psycopg
from django.db import connection
from tests import cluster

from motcua.config import database
from motcua.conversion import actions, loading, staging
from motcua.conversion.tests import support_export as made
from motcua.procedures import api as procedures
from motcua.units import api as units

ROWS = made.lines(120)
TABLES = {
    "dossiers_dossier": "id", "dossiers_steprow": "dossier, n", "dossiers_component": "dossier, n",
    "identity_party": "id", "conversion_record": "number", "conversion_person": "party", "conversion_reject": "row",
    "conversion_run": "id", "kernel_journalentry": "subject, n",
}  # fmt: skip


def content(address: str) -> dict[str, str]:
    """A digest of all rows of each table, but for the numbers that a sequence draws and rolls back."""
    found = {}
    with psycopg.connect(address) as asked:
        for table, order in TABLES.items():
            row = "to_jsonb(t) - 'seq' - 'finished_at' - 'files' - 'folder'"
            if table == "kernel_journalentry":
                row += " - 'body' - 'digest' - 'prev'"  # these hold the folder of the files, which is another
            rows = asked.execute(f"SELECT ({row})::text FROM {table} t ORDER BY {order}").fetchall()
            found[table] = f"{len(rows)} {hashlib.sha256(repr(rows).encode()).hexdigest()[:16]}"
    return found


def nursery() -> None:
    """A process that never touched DuckDB, whose threads no fork survives: each line asked for is run in a fork of it.

    Django, the country and its codes as text are in memory already, so that a fork costs no start.
    """
    from django.conf import settings

    units.refresh()
    procedures.refresh()
    staging.offices(units.directory())
    staging.versions(procedures.catalogue())
    loading.CHUNK = 20
    for line in sys.stdin:
        asked = json.loads(line)
        settings.CONVERSION = Path(asked["staged"])
        print(_in_a_fork(Path(asked["path"]), asked["address"], asked["kill_at"]), flush=True)


def _in_a_fork(path: Path, address: str, kill_at: int) -> int:
    """Run it in a fork that is killed at its so-many-th call; gives the calls made, 0 if killed."""
    connection.close()
    reader, writer = os.pipe()
    child = os.fork()
    if child:
        os.close(writer)
        _, status = os.waitpid(child, 0)
        told = os.read(reader, 100)
        os.close(reader)
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) == signal.SIGKILL
            return 0
        return int(told)
    calls = 0

    def count(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal calls
        if event in ("call", "c_call") and "conversion" in frame.f_code.co_filename:
            calls += 1
            if calls == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    try:
        database.use(address)
        sys.setprofile(count)
        actions.run(path=path, now=made.NOW)
        sys.setprofile(None)
        os.write(writer, str(calls).encode())
    except BaseException as error:
        os.write(2, repr(error).encode())
        os.write(writer, b"-1")
    finally:
        os._exit(0)


BORN = "import django; django.setup(); from motcua.conversion.tests.test_killed import nursery; nursery()"


def test_killed_at_twenty_points_and_begun_again_the_result_is_the_same_to_the_row(eve: str, tmp_path: Path) -> None:
    other = cluster.new_name()
    connection.close()
    address = cluster.copy(cluster.template("2025-06-30"), other)
    rows = made.changed(ROWS, [9, 33], {"LePhi": "miễn"})
    asked = {}
    for name, where in (("quiet", eve), ("killed", address)):
        (tmp_path / name).mkdir()
        path = made.exported(tmp_path / name, rows)
        asked[name] = {"path": str(path), "address": where, "staged": str(tmp_path / name / "var")}
    environment = {**os.environ, "MOTCUA_DATABASE_URL": eve}
    with subprocess.Popen(
        [sys.executable, "-c", BORN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
        cwd=Path(__file__).parents[4],
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None

        def run(name: str, kill_at: int) -> int:
            print(json.dumps({**asked[name], "kill_at": kill_at}), file=process.stdin, flush=True)
            return int(process.stdout.readline())  # type: ignore[union-attr]

        try:
            calls = run("quiet", 0)
            assert calls > 100
            points = random.Random(4)
            killed = 0
            for _ in range(60):
                killed += run("killed", points.randint(1, calls)) == 0
                if killed == 20:
                    break
                if killed and not unfinished(address):  # it got to its end: begin once more from nothing
                    cluster.copy(cluster.template("2025-06-30"), other)
            assert killed == 20
            assert run("killed", 0) > 0
            assert content(address) == content(eve)
        finally:
            process.stdin.close()
            process.wait(60)
            cluster.drop(other)


def unfinished(address: str) -> bool:
    with psycopg.connect(address) as asked:
        return asked.execute("SELECT 1 FROM conversion_run WHERE phase = 'loaded'").fetchone() is None
