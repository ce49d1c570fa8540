"""Three real servers of the trunk on loopback, with their stores in a folder of the test, to be killed."""

import shutil
import signal
import subprocess
from pathlib import Path

from tests import processes

from motcua.exchange.trunk import Trunk

SERVER = shutil.which("nats-server", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin") or shutil.which(
    "nats-server"
)


class Servers:
    """Servers a, b and c; a stream on them has a copy on each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = {name: (processes.free_port(), processes.free_port()) for name in "abc"}
        self.running = {name: self._start(name) for name in self.ports}

    @property
    def addresses(self) -> tuple[str, ...]:
        return tuple(f"nats://127.0.0.1:{port}" for port, _ in self.ports.values())

    def _start(self, name: str) -> "subprocess.Popen[bytes]":
        port, between = self.ports[name]
        routes = ",".join(f"nats://127.0.0.1:{other}" for _, other in self.ports.values())
        words = [str(SERVER), "--addr", "127.0.0.1", "--port", str(port), "--name", name, "--jetstream"]
        words += ["--store_dir", str(self.folder / name), "--cluster_name", "trunk", "--routes", routes]
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [*words, "--cluster", f"nats://127.0.0.1:{between}"], stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )

    def ready(self, trunk: Trunk) -> None:
        """Wait until the servers have found each other and the node's stream has a leader."""
        processes.wait_until(lambda: trunk.join() and bool(trunk.leader(trunk.node)), next(iter(self.running.values())))

    def kill(self, name: str) -> None:
        """SIGKILL."""
        self.running[name].kill()
        self.running[name].wait(processes.LONGEST)

    def start_again(self, name: str) -> None:
        self.running[name] = self._start(name)

    def freeze(self, *, frozen: bool) -> None:
        """Let all of them stand still, or go on: the line is up and nobody answers."""
        for one in self.running.values():
            one.send_signal(signal.SIGSTOP if frozen else signal.SIGCONT)

    def end(self) -> None:
        for one in self.running.values():
            one.kill()
            one.wait(processes.LONGEST)
