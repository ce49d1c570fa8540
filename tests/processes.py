"""Real processes for the tests that kill them: a server, a worker, a PostgreSQL of one's own."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from motcua.config import postgres
from tests import cluster

LONGEST = 240  # seconds that anything here is waited for


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(ready: Callable[[], bool], process: "subprocess.Popen[bytes]") -> None:
    """Look until it is so; RuntimeError when the process ends before, or takes too long."""
    until = time.monotonic() + LONGEST
    pause = threading.Event()
    while not ready():
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError("It ended, or did not come so far in time.")
        pause.wait(0.05)


def answers(url: str) -> bool:
    """Whether a server answers there."""
    try:
        with urllib.request.urlopen(f"{url}/api/v1/openapi.json", timeout=5):
            return True
    except (urllib.error.URLError, OSError):
        return False


class Process:
    """A motcua command in a process of its own, working on `database` with its folder in `var`."""

    module = "motcua"

    def __init__(self, *words: str, database: str, var: Path, **environment: str) -> None:
        self.words = words
        self.environment = {**os.environ, "MOTCUA_DATABASE_URL": database, "MOTCUA_VAR": str(var), **environment}
        self.environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # of the tests, not of a server
        var.mkdir(parents=True, exist_ok=True)
        self.log = var / f"{words[0]}.log"
        self.start()

    def start(self) -> None:
        """Start it, or start it again."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module, *self.words], env=self.environment, stdout=log, stderr=log
            )

    def kill(self) -> None:
        """SIGKILL: it gets no chance to end anything."""
        self.process.kill()
        self.process.wait(LONGEST)

    def stop(self) -> int:
        """SIGTERM, and wait until it has ended in order; gives its exit status."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(LONGEST)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def said(self) -> str:
        """What it wrote so far."""
        return self.log.read_text(errors="replace")


class Server(Process):
    """A real `motcua serve` that answers at `url`."""

    def __init__(self, database: str, var: Path, *words: str, **environment: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        super().__init__("serve", "--port", str(self.port), *words, database=database, var=var, **environment)

    def start(self) -> None:
        super().start()
        try:
            wait_until(lambda: answers(self.url), self.process)
        except RuntimeError as error:
            self.kill()
            raise RuntimeError(f"The server did not start:\n{self.said()}") from error


class Cluster:
    """A PostgreSQL that one test may kill, with a copy of the country in it."""

    def __init__(self, folder: Path, template: str) -> None:
        self.folder = folder
        self.url = postgres.start(folder, database="motcua", extra=cluster.HASTE)
        tools = postgres.binaries()
        with subprocess.Popen([tools / "pg_dump", "--dbname", cluster.url(template)], stdout=subprocess.PIPE) as dump:
            subprocess.run(
                [tools / "psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--dbname", self.url],
                stdin=dump.stdout,
                stdout=subprocess.DEVNULL,
                check=True,
            )

    def start(self) -> None:
        """Start it again; it replays its log."""
        postgres.start(self.folder)

    def stop(self) -> None:
        """Stop it in order; who is connected is thrown out."""
        postgres.stop(self.folder)

    def kill(self) -> None:
        """SIGKILL, as if the power had gone; returns when its last process has ended."""
        postmaster = (self.folder / "postmaster.pid").read_text().split("\n", 1)[0]
        family = [postmaster, *Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()]
        os.kill(int(postmaster), signal.SIGKILL)
        pause = threading.Event()
        until = time.monotonic() + LONGEST
        while any(_runs(pid) for pid in family):
            if time.monotonic() > until:
                raise RuntimeError("PostgreSQL outlives SIGKILL.")
            pause.wait(0.02)


def _runs(pid: str) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
