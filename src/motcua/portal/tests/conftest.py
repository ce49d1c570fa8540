"""A stand-in of the identity app, and a server whose citizens sign in there."""

import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests import cluster, processes


class App(processes.Process):
    """`motcua stand-in identity` in a process of its own, at `url`."""

    def __init__(self, var: Path) -> None:
        port = processes.free_port()
        self.url = f"http://127.0.0.1:{port}"
        super().__init__("stand-in", "identity", "--port", str(port), database="", var=var)
        processes.wait_until(self.answers, self.process)

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.url, timeout=5):
                return True
        except OSError:
            return False

    def behave(self, way: str = "") -> None:
        """Let it misbehave from now on; "" is as usual."""
        with urllib.request.urlopen(f"{self.url}/che-do", data=f"cach={way}".encode(), timeout=5):
            pass


@pytest.fixture(scope="session")
def running_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    made = App(tmp_path_factory.mktemp("identity"))
    yield made
    made.stop()


@pytest.fixture
def identity_app(running_app: App) -> Iterator[App]:
    """The identity app, behaving."""
    yield running_app
    running_app.behave()


@pytest.fixture(scope="session")
def office(template: str, running_app: App, tmp_path_factory: pytest.TempPathFactory) -> Iterator[processes.Server]:
    """A server on its own copy of the country, to be applied at."""
    name = cluster.new_name()
    var = tmp_path_factory.mktemp("office")
    made = processes.Server(cluster.copy(template, name), var, MOTCUA_IDENTITY_URL=running_app.url)
    yield made
    made.stop()
    cluster.drop(name)
