"""Three real servers of the trunk on loopback, set up as docs/trunk says, with their stores in a folder of the test."""

import re
import shutil
import signal
import subprocess
from pathlib import Path

from tests import processes

from motcua.config.places import ROOT
from motcua.exchange.trunk import Trunk

SERVER = shutil.which("nats-server") or shutil.which("nats-server", path="/usr/sbin:/usr/local/sbin") or "nats-server"
SECRETS = dict(re.findall(r'user: "(.+?)", password: "(.+?)"', (ROOT / "docs/trunk/server.conf").read_text("utf-8")))


class Servers:
    """Servers a, b and c, and a leaf of theirs; a stream on them has a copy on each of the three."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.places = {
            f"trunk-{name}.example.vn:{port}": f"127.0.0.1:{processes.free_port()}"
            for name in "abc"
            for port in (4222, 6222, 7422)
        }
        self.leaf = f"127.0.0.1:{processes.free_port()}"
        self.running = {name: self._start(name) for name in "abc"}

    @property
    def addresses(self) -> tuple[str, ...]:
        return tuple(f"nats://{self.places[f'trunk-{name}.example.vn:4222']}" for name in "abc")

    def _start(self, name: str) -> "subprocess.Popen[bytes]":
        file = "leaf" if name == "leaf" else "server"
        text = (ROOT / "docs" / "trunk" / f"{file}.conf").read_text(encoding="utf-8")
        own = {
            "server_name: a": f"server_name: {name}",
            "/var/lib/nats": str(self.folder / name),
            **{
                f'listen: "trunk-a.example.vn:{n}"': f'listen: "trunk-{name}.example.vn:{n}"'
                for n in (4222, 6222, 7422)
            },
        }
        for written, here in {**own, "127.0.0.1:4222": self.leaf, **self.places}.items():
            text = text.replace(written, here)
        config = self.folder / f"{name}.conf"
        config.write_text(text, encoding="utf-8")
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen([SERVER, "--config", str(config)], stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def start_leaf(self) -> str:
        """The address at which a commune's node finds the trunk."""
        self.running["leaf"] = self._start("leaf")
        return f"nats://{self.leaf}"

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
