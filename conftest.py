"""What every test gets: a PostgreSQL with the whole country in it, and no network beyond this machine."""

import ipaddress
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from typing import Any

import django
import pytest

CONTROLLER = "PYTEST_XDIST_WORKER" not in os.environ

# Before Django reads its settings. The workers of xdist inherit these.
os.environ["DJANGO_SETTINGS_MODULE"] = "motcua.config.settings"
os.environ.pop("MOTCUA_REPLAY", None)
if CONTROLLER:
    os.environ.pop("MOTCUA_DATABASE_URL", None)
    os.environ["MOTCUA_VAR"] = tempfile.mkdtemp(prefix="motcua-test-")

from tests import cluster  # noqa: E402

from motcua.config import database  # noqa: E402 - the environment comes first

_holding: Iterator[None] | None = None


def pytest_configure(config: pytest.Config) -> None:
    global _holding
    django.setup()
    if CONTROLLER:
        _holding = cluster.session()
        next(_holding)


def pytest_unconfigure(config: pytest.Config) -> None:
    if _holding is not None:
        next(_holding, None)
        shutil.rmtree(os.environ["MOTCUA_VAR"], ignore_errors=True)


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


socket.socket.connect = _connect_here  # type: ignore[method-assign]


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
def own_database(template: str) -> Iterator[str]:
    """The address of a fresh copy of the country, for a test that starts processes of its own."""
    name = cluster.new_name()
    yield cluster.copy(template, name)
    cluster.drop(name)
