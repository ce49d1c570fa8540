"""The PostgreSQL of the tests: one embedded cluster, one template with the whole country, a copy for each user.

The template is named for what it is made from (code, migrations and data), so a change makes a new one and an
unchanged checkout starts at once. `MOTCUA_TEST_DATABASE_URL` points the suite at another PostgreSQL, whose user
must be allowed to create databases.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from motcua.config import postgres

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "var" / "test-postgres"
MODULES = ("kernel", "units", "identity", "procedures", "dossiers", "payments", "feedback", "config")

DATABASES = "SELECT datname FROM pg_database WHERE datname ~ '^motcua_'"

# A test database is thrown away, so it need not survive a power cut.
HASTE = """
fsync = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
autovacuum = off
"""


def url(database: str = "postgres") -> str:
    """The address of a database in the cluster of the tests, which is started if it is down."""
    elsewhere = os.environ.get("MOTCUA_TEST_DATABASE_URL")
    base = elsewhere or postgres.start(FOLDER, database="postgres", extra=HASTE)
    return urlunsplit(urlsplit(base)._replace(path=f"/{database}"))


@contextmanager
def _alone(name: str) -> Iterator[IO[str]]:
    FOLDER.parent.mkdir(parents=True, exist_ok=True)
    with (FOLDER.parent / name).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def _execute(statement: str, *names: str) -> None:
    with psycopg.connect(url(), autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def fingerprint() -> str:
    """A digest of every file from which the loaded country is made."""
    digest = hashlib.sha256()
    for path in sorted([*ROOT.glob("src/motcua/*/models.py"), *ROOT.glob("src/motcua/*/migrations/*.py")]):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    for module in MODULES:
        folder = ROOT / "src" / "motcua" / module
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder)
            if path.is_file() and not {"tests", "__pycache__", "templates", "static", "locale"} & set(inside.parts):
                digest.update(str(inside).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def template(known_on: str = "") -> str:
    """The name of the template database: migrated, with the whole country loaded. Made once, by one process.

    `known_on`: with the units only as they were known on that day, such as 2025-06-30.
    """
    name = f"motcua_country_{fingerprint()}{known_on.replace('-', '')}"
    with _alone("test-postgres.template"):
        with psycopg.connect(url()) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if not found:
            making = f"{name}_making"
            _execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", making)
            _execute("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'", making)
            done = subprocess.run(
                [sys.executable, "-m", "motcua", "load", *(["--known-on", known_on] if known_on else [])],
                env={**os.environ, "MOTCUA_DATABASE_URL": url(making)},
                capture_output=True,
                text=True,
            )
            if done.returncode:
                raise RuntimeError(f"The country could not be loaded:\n{done.stderr}")
            _execute("ALTER DATABASE {} RENAME TO {}", making, name)
    return name


def copy(source: str, database: str) -> str:
    """Make `database` anew as a copy of the template `source`; gives its address."""
    drop(database)
    _execute("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", database, source)
    return url(database)


def drop(database: str) -> None:
    """Remove a database, whoever is still connected to it."""
    _execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", database)


def new_name() -> str:
    """A name for a database that only one test knows."""
    return f"motcua_test_{uuid.uuid4().hex[:12]}"


def session() -> Iterator[None]:
    """Hold the cluster for one run of the suite; the last run to end drops what is stale and stops the cluster."""
    FOLDER.parent.mkdir(parents=True, exist_ok=True)
    with (FOLDER.parent / "test-postgres.session").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        if not (FOLDER / "postmaster.pid").exists():
            return
        keep = f"motcua_country_{fingerprint()}"
        with psycopg.connect(url()) as connection:
            names = [
                name for (name,) in connection.execute("SELECT datname FROM pg_database WHERE datname ~ '^motcua_'")
            ]
        for name in names:
            if not name.startswith(keep):
                drop(name)
        postgres.stop(FOLDER)
