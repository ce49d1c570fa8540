"""A server of the replay's own: started on a free port with the scenario's clock, stopped afterwards."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from motcua.kernel.errors import Transient
from motcua.replay.client import API, Server

PATIENCE = 60.0  # seconds for a server to answer


@contextmanager
def server(token: str) -> Iterator[Server]:
    """A running server on this machine whose clock is each request's own."""
    port = free_port()
    environment = {**os.environ, "MOTCUA_REPLAY": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "motcua", "serve", "--port", str(port)], env=environment, stdout=subprocess.DEVNULL
    ) as process:
        try:
            wait_for(port, process)
            yield Server("127.0.0.1", port, token)
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def free_port() -> int:
    """A port on 127.0.0.1 that nobody holds at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Return when the server answers; Transient when it ends, or is silent for a minute."""
    until = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{API}/openapi.json", timeout=10):
                return
        except OSError:
            time.sleep(0.05)
    raise Transient("server-silent", "Máy chủ phát lại không khởi động được.", mend="Chạy `motcua doctor`.")
