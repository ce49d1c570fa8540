"""Serves the front, and runs everything that one machine needs beside it."""

import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from motcua.config.commandline import set_up
from motcua.config.places import SOURCE, VAR
from motcua.kernel.clock import day_of
from motcua.kernel.errors import Permanent

STOP_WITHIN = 20  # seconds that a process may take to end what it is doing

# Three kinds of province: a city whose borders stayed, two merged into one city, a remote one in the mountains.
DEMONSTRATION_PROVINCES = ("46", "31", "11")


def front() -> Any:
    """The application as each server process makes it."""
    set_up()
    from motcua.config.front import application

    return application()


def listen(host: str, port: int) -> socket.socket:
    """Take the port; raises Permanent that says what to do when somebody else has it."""
    taken = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
        taken.listen(2048)
    except OSError as error:
        taken.close()
        raise Permanent(
            "port-taken",
            f"Port {port} on {host} can't be used: {error.strerror}.",
            mend=f"Stop what uses it, or choose another: make run PORT={port + 1}, or motcua serve --port {port + 1}.",
        ) from None
    return taken


def serve(taken: socket.socket, processes: int = 1, *, ready: Callable[[], None] = lambda: None) -> int:
    """Answer requests on the port until SIGINT or SIGTERM; gives the exit status.

    `ready` is called when the first request can be answered, by a server of one process.
    """
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets=sockets)
            if self.started:
                ready()

    configuration = uvicorn.Config(
        "motcua.config.serving:front",
        factory=True,
        workers=processes,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_WITHIN,
    )
    end_in_order()
    server = Server(configuration)
    try:
        if processes > 1:
            Multiprocess(configuration, sockets=[taken]).run()
            return 0
        server.run(sockets=[taken])
    except KeyboardInterrupt:  # uvicorn raises the signal again when it has ended in order
        return 0
    return 0 if server.started else 1


def end_in_order() -> None:
    """Let SIGTERM do what Ctrl-C does."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@contextmanager
def beside(name: str) -> "Iterator[subprocess.Popen[bytes]]":
    """A motcua command in a process of its own; when it ends by itself, we end too."""
    # In a session of its own, so that Ctrl-C reaches it through us and only once.
    process = subprocess.Popen([sys.executable, "-m", "motcua", name], start_new_session=True)
    leaving = threading.Event()

    def watch() -> None:
        status = process.wait()
        if not leaving.is_set():
            print(f"motcua: the {name} ended by itself with {status}.", file=sys.stderr)
            os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield process
    finally:
        leaving.set()
        process.terminate()
        try:
            process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def first_time(now: datetime) -> Mapping[str, str]:
    """Load the country, fill the demonstration and play its week; what this database has of it is not done again.

    Gives the demonstration accounts: user name, and what it is.
    """
    from motcua.config.commands import load_country

    path = VAR / "first-time.json"
    done = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if done.get("database") != (this := _database()):
        done = {"database": this}
    if done.get("country") != (package := _package()):
        load_country(now)
        done |= {"accounts": _demonstration(now), "country": package}
        path.write_text(json.dumps(done, ensure_ascii=False), encoding="utf-8")
    if not done.get("week"):
        played = subprocess.run([sys.executable, "-m", "motcua", "replay", "--scenario", "week"])
        if played.returncode:
            print("motcua: the demonstration's week is not complete; it is played again next time.", file=sys.stderr)
        else:
            path.write_text(json.dumps(done | {"week": True}, ensure_ascii=False), encoding="utf-8")
    return dict(done["accounts"])


def _database() -> str:
    """Which database this is, also when another one gets its name."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('%s/%s', system_identifier, oid) FROM pg_control_system(), pg_database"
            " WHERE datname = current_database()"
        )
        return str(cursor.fetchone()[0])


def _package() -> str:
    """A digest of what the country is loaded from: the modules that load it, with their data."""
    digest = hashlib.sha256()
    for module in ("units", "procedures", "identity"):
        for path in sorted((SOURCE / module).rglob("*")):
            if path.is_file() and not {"tests", "__pycache__"} & set(path.parts):
                digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _demonstration(now: datetime) -> dict[str, str]:
    """Fill three provinces with made-up officials, shorten terms in the first, and open the accounts."""
    from motcua.identity import api as identity
    from motcua.procedures import api as procedures
    from motcua.units import api as units

    known = units.directory()
    found = [known.find_unit(code, day_of(now)) for code in DEMONSTRATION_PROVINCES]
    provinces = [unit.id for unit in found if unit is not None]
    procedures.decide_demonstration(province_id=provinces[0], now=now)
    accounts = identity.appoint_demonstration(
        provinces=provinces,
        passwords=dict.fromkeys(identity.Role, demonstration_password()),
        now=now,
    )
    return {account.username: f"{account.title}, {account.agency}" for account in accounts}


def demonstration_password() -> str:
    """One password for all demonstration accounts, made at first use and kept in var/secrets."""
    from motcua.config.settings import secret_file

    return secret_file("demonstration")[:16]
