"""What the benches that need a running system share: a cluster and a server of their own, pinned to cores.

PostgreSQL and the load run on one core, the server on another, where there are two; commits are durable.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import psycopg

from motcua.config import postgres
from motcua.config.places import ROOT
from motcua.replay.client import Server
from motcua.replay.own import free_port, wait_for

FOLDER = ROOT / "var" / "bench"
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE = {CORES[0]}
OTHER_CORE = {CORES[-1]}
ROLES = ("reception", "handler", "approver", "signatory", "leader")
COUNTRY = "country"
START = (
    "import os, sys; os.sched_setaffinity(0, {int(sys.argv.pop(1))}); "
    "from motcua.__main__ import main; sys.argv[0] = 'motcua'; main()"
)


@dataclass(frozen=True, slots=True)
class Site:
    """A server on a database of its own."""

    database: str
    server: Server
    pid: int

    def server_cpu(self) -> float:
        """Seconds of processor time that the server has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@cache
def cluster() -> Path:
    """The folder of a fresh cluster with the country in it; it is gone when the process ends."""
    import atexit

    folder = FOLDER / "postgres"
    postgres.stop(folder)
    shutil.rmtree(folder, ignore_errors=True)
    url = postgres.start(folder, database=COUNTRY)
    atexit.register(_end, folder)
    motcua("load", database=url)
    pin(int((folder / "postmaster.pid").read_text().split("\n", 1)[0]), OTHER_CORE)
    return folder


def _end(folder: Path) -> None:
    postgres.stop(folder)
    shutil.rmtree(folder, ignore_errors=True)


def pin(pid: int, cores: set[int]) -> None:
    """Keep a process, its threads and its children on these cores."""
    tasks = Path(f"/proc/{pid}/task")
    family = [int(task.name) for task in tasks.iterdir()]
    family += [int(child) for child in (tasks / str(pid) / "children").read_text().split()]
    for number in family:
        os.sched_setaffinity(number, cores)


def motcua(*words: str, database: str) -> str:
    """Run one command; gives what it printed."""
    environment = {**os.environ, "MOTCUA_DATABASE_URL": database}
    done = subprocess.run(
        [sys.executable, "-m", "motcua", *words], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"motcua {' '.join(words)} failed:\n{done.stderr[-2000:]}")
    return done.stdout


def database(name: str) -> str:
    """A fresh copy of the country; gives its address."""
    folder = cluster()
    url = postgres.start(folder, database=name)
    with psycopg.connect(postgres.start(folder, database="postgres"), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE {COUNTRY}')
    return url


def use(url: str) -> None:
    """Let this process work on that database, too."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "motcua.config.settings")
    django.setup()
    from motcua.config import database as databases
    from motcua.procedures import api as procedures
    from motcua.units import api as units

    databases.use(url)
    units.forget()
    procedures.forget()


@contextmanager
def site(name: str) -> Iterator[Site]:
    """A server on a fresh copy of the country, pinned to its core, and this process on the other one."""
    url = database(name)
    token = motcua(
        "token", "issue", "bench", "--all-agencies", *(w for r in ROLES for w in ("--role", r)), database=url
    )
    with serving(url, token.strip()) as made:
        yield made


@contextmanager
def serving(url: str, token: str) -> Iterator[Site]:
    """A server on that database."""
    port = free_port()
    environment = {**os.environ, "MOTCUA_DATABASE_URL": url}
    environment.pop("MOTCUA_REPLAY", None)
    words = [sys.executable, "-c", START, str(min(SERVER_CORE)), "serve", "--port", str(port)]
    with subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(port, process)
            yield Site(url, Server("127.0.0.1", port, token), process.pid)
        finally:
            process.terminate()
            process.wait(30)


@contextmanager
def on_the_other_core() -> Iterator[None]:
    """This process beside PostgreSQL while it loads the server."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, OTHER_CORE)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def moment() -> datetime:
    """The present moment: the server's clock is the real one."""
    from motcua.kernel import clock

    return clock.now()
