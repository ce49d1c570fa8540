"""What every test gets: a PostgreSQL with the whole country in it, and no network beyond this machine."""

import ipaddress
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django
import hypothesis
import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
NATS = shutil.which("nats-server") or shutil.which("nats-server", path="/usr/sbin:/usr/local/sbin")
CONTROLLER = "PYTEST_XDIST_WORKER" not in os.environ

hypothesis.settings.register_profile("motcua", deadline=None)  # a busy machine is no defect
hypothesis.settings.load_profile("motcua")

# Before Django reads its settings. The workers of xdist inherit these.
os.environ["DJANGO_SETTINGS_MODULE"] = "motcua.config.settings"
os.environ.pop("MOTCUA_REPLAY", None)
# A hundred processes are started: without what was compiled each costs 2 seconds more of a processor.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
if CONTROLLER:
    os.environ.pop("MOTCUA_DATABASE_URL", None)
    os.environ["MOTCUA_VAR"] = tempfile.mkdtemp(prefix="motcua-test-")

from tests import cluster, processes  # noqa: E402

from motcua.config import database  # noqa: E402 - the environment comes first

_holding: Iterator[None] | None = None


def pytest_configure(config: pytest.Config) -> None:
    global _holding
    config.addinivalue_line("markers", "browser: needs Chromium; left out where there is none, which the summary says")
    config.addinivalue_line("markers", "trunk: needs nats-server; left out where there is none, which the summary says")
    django.setup()
    # Passwords made here are guessed by nobody; the servers that the tests start keep the work of a real one.
    PBKDF2PasswordHasher.iterations = 1_000
    if CONTROLLER:
        _holding = cluster.session()
        next(_holding)


def pytest_unconfigure(config: pytest.Config) -> None:
    if _holding is not None:
        next(_holding, None)
        shutil.rmtree(os.environ["MOTCUA_VAR"], ignore_errors=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    lacking = {name for name, there in (("browser", CHROMIUM), ("trunk", NATS)) if there is None}
    without = [item for item in items if any(item.get_closest_marker(name) for name in lacking)]
    if without:
        config.hook.pytest_deselected(items=without)
        items[:] = [item for item in items if item not in without]
    if getattr(config.option, "loadgroup", False):
        # The groups of xdist 3.8 are lost on pytest 9.2 (pytest-xdist #1386): each server was started by every worker.
        for item in items:
            if group := item.get_closest_marker("xdist_group"):
                item._id = type(item.id).parse(f"{item.nodeid}@{group.args[0]}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if CHROMIUM is None:
        terminalreporter.write_line("LEFT OUT: the browser tests, because there is no Chromium here.", yellow=True)
    if NATS is None:
        terminalreporter.write_line("LEFT OUT: the tests of the trunk, because there is no nats-server.", yellow=True)


_connect = socket.socket.connect


def _connect_here(self: socket.socket, address: Any) -> None:
    """Connect on this machine only: a test that needs the world outside is a defect."""
    if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] != "localhost":
        try:
            here = ipaddress.ip_address(address[0]).is_loopback
        except ValueError:
            here = False
        if not here:
            self.close()
            raise RuntimeError(f"A test tried to connect to {address[0]}: only this machine may be reached.")
    _connect(self, address)


socket.socket.connect = _connect_here  # type: ignore[assignment, method-assign]


@pytest.fixture(scope="session")
def template() -> str:
    """The name of the database with the whole country, to be copied from."""
    return cluster.template()


@pytest.fixture(scope="session")
def django_db_setup(template: str, django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """This worker's own copy of the country, instead of Django's empty test database."""
    from django.db import connection
    from django.test import TransactionTestCase

    name = cluster.new_name()
    with django_db_blocker.unblock():
        database.use(cluster.copy(template, name))

        def copy_again(case: TransactionTestCase) -> None:
            connection.close()
            cluster.copy(template, name)

        # Django empties every table after a test that commits; here the country has to be there again.
        original = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]
        TransactionTestCase._fixture_teardown = copy_again  # type: ignore[attr-defined]
        yield
        TransactionTestCase._fixture_teardown = original  # type: ignore[attr-defined]
        connection.close()
    cluster.drop(name)


@pytest.fixture
def eve(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """A database of its own with the country as it was known on 2025-06-30; gives its address. It commits."""
    from django.db import connection

    from motcua.procedures import api as procedures
    from motcua.units import api as units

    before, name = connection.settings_dict["NAME"], cluster.new_name()
    with django_db_blocker.unblock():
        connection.close()
        address = cluster.copy(cluster.template("2025-06-30"), name)
        database.use(address)
        try:
            units.forget()
            units.refresh()
            procedures.refresh()
            yield address
        finally:
            connection.close()
            database.use(cluster.url(before))
            units.forget()
    cluster.drop(name)


@pytest.fixture
def country(db: None) -> None:
    """The database, with the directory and the catalogue in memory as they stand in it."""
    from motcua.procedures import api as procedures
    from motcua.units import api as units

    units.refresh()
    procedures.refresh()


@pytest.fixture
def own_database(template: str) -> Iterator[str]:
    """The address of a fresh copy of the country, for a test that starts processes of its own."""
    name = cluster.new_name()
    yield cluster.copy(template, name)
    cluster.drop(name)


@pytest.fixture
def server(own_database: str, tmp_path: Path) -> Iterator[processes.Server]:
    """A real server on its own copy of the country, to be written to, killed and started again."""
    made = processes.Server(own_database, tmp_path / "var")
    yield made
    made.stop()


@pytest.fixture(scope="session")
def site(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[processes.Server]:
    """A real server for all tests that only read, or whose dossiers disturb nobody."""
    name = cluster.new_name()
    made = processes.Server(cluster.copy(template, name), tmp_path_factory.mktemp("site"))
    yield made
    made.stop()
    cluster.drop(name)


@pytest.fixture
def own_cluster(template: str, tmp_path: Path) -> Iterator[processes.Cluster]:
    """A PostgreSQL with the country that the test may kill."""
    made = processes.Cluster(tmp_path / "postgres", template)
    yield made
    made.stop()


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """Debian's Chromium. Mark the test with `@pytest.mark.browser`."""
    from playwright.sync_api import sync_playwright

    switches = (
        "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
        "--disable-component-update --disable-sync"
    )
    with sync_playwright() as playwright:
        # Its loop rests in this thread; Django takes that for asynchronous code, also in tests without a browser.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
        made = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=switches.split())
        yield made
        made.close()


@pytest.fixture
def page(browser: "Browser") -> "Iterator[Page]":
    """A tab of its own, as a Vietnamese visitor with a common screen has it."""
    context = browser.new_context(
        locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", viewport={"width": 1366, "height": 768}
    )
    yield context.new_page()
    context.close()
