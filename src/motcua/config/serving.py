"""Serves the front, and runs everything that one machine needs beside it."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from motcua.config.commandline import set_up
from motcua.kernel.errors import Permanent

STOP_WITHIN = 20  # seconds that a process may take to end what it is doing
KEEP_ALIVE = 75  # seconds for which an idle connection stays open: a reader thinks longer than uvicorn's five

# Three kinds of province: a city whose borders stayed, two merged into one city, a remote one in the mountains.


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
    from django.conf import settings
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
        proxy_headers=bool(settings.PROXY),
        forwarded_allow_ips=settings.PROXY,
        timeout_keep_alive=KEEP_ALIVE,
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


def use_stand_in(setting: str, url: str) -> None:
    """Point this process, and every process that it starts, at the stand-in of an outside system."""
    from django.conf import settings

    setattr(settings, setting, url)
    os.environ[f"MOTCUA_{setting}"] = url


@contextmanager
def beside(name: str, *words: str) -> "Iterator[subprocess.Popen[bytes]]":
    """A motcua command in a process of its own; when it ends by itself, we end too."""
    # In a session of its own, so that Ctrl-C reaches it through us and only once.
    process = subprocess.Popen([sys.executable, "-m", "motcua", name, *words], start_new_session=True)
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
