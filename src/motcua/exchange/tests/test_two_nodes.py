"""Two real nodes on loopback: a province's server and a commune's worker that can only call out.

Each has a database, keys and a folder of its own. Whatever is killed, in the end every envelope was applied once, in
the order of its subject, and every receipt verifies.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection, transaction
from django.test import override_settings
from tests import cluster, processes

from motcua.config import database
from motcua.exchange import api as exchange
from motcua.exchange import directory, verifying
from motcua.exchange.rules.envelope import GREETING
from motcua.kernel import clock, storage
from motcua.signing import api as signing
from motcua.units import api as units

PROVINCE, COMMUNE = "tinh", "xa"
SUBJECTS, EACH = 6, 3
PAPER = b"%PDF-1.7\n" + bytes(range(256)) * 2500


class Side:
    """One node as the test looks into it."""

    def __init__(self, name: str, url: str, var: Path, agency: int) -> None:
        self.name, self.url, self.var, self.agency = name, url, var, agency

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Work in this process on this node's database, with its keys and files."""
        before = connection.settings_dict["NAME"]
        connection.close()
        database.use(self.url)
        try:
            with override_settings(
                NODE=self.name, SIGNING_KEYS=self.var / "secrets" / "agencies", STORAGE=self.var / "files"
            ):
                yield
        finally:
            connection.close()
            database.use(cluster.url(before))

    def rows(self, sql: str) -> list[Any]:
        with psycopg.connect(self.url) as own:
            return list(own.execute(sql).fetchall())

    def open(self) -> int:
        [[count]] = self.rows("SELECT coalesce(sum(last - done), 0) FROM exchange_course")
        return int(count)

    def arrived(self) -> list[UUID]:
        return [row[0] for row in self.rows("SELECT id FROM exchange_arrival ORDER BY subject, sequence")]

    def time_passes(self) -> None:
        """What a killed process held is free again, as it is when its lease has ended."""
        self.rows("UPDATE exchange_course SET due_at = now() WHERE lease IS NOT NULL RETURNING 1")

    def post(self, other: "Side") -> list[UUID]:
        """Letters to the other side, one of them with a paper; in the order in which they must arrive."""
        with self.inside():
            kept = storage.files().put([PAPER + self.name.encode()], 10**7)
            messages = [
                exchange.Message(self.agency, other.agency, f"s{subject}", GREETING, b'"x"', files)
                for subject in range(SUBJECTS)
                for files in [((kept.sha256, kept.size),) if subject == 3 else ()] * EACH
            ]
            with transaction.atomic():
                return list(exchange.post(messages, now=clock.now()))

    def faults(self) -> tuple[int, list[str]]:
        """How many envelopes were delivered, and what is wrong with their receipts."""
        with self.inside():
            seen = list(verifying.receipts())
        return len(seen), [fault for _, fault in seen if fault]


@pytest.fixture
def sides(
    template: str, own_database: str, tmp_path: Path, django_db_setup: None, django_db_blocker: Any
) -> Iterator[tuple[Side, Side, int]]:
    """The two nodes with one directory, each with its own private key and both public ones."""
    port = processes.free_port()
    name = cluster.new_name()
    with django_db_blocker.unblock():
        units.refresh()
        on = clock.today()
        found = []
        for node, url, code in ((PROVINCE, own_database, "00004"), (COMMUNE, cluster.copy(template, name), "00008")):
            unit = units.directory().find_unit(code, on)
            assert unit is not None
            agency = units.directory().agency_of(unit.id, units.AgencyKind.PEOPLES_COMMITTEE, on)
            assert agency is not None
            found.append(Side(node, url, tmp_path / node, agency.id))
        home, leaf = found
        keys = []
        for side in found:
            with side.inside():
                signing.make_keys([side.agency], now=clock.now() - timedelta(hours=1))
                exchange.set_map(
                    [
                        exchange.Node(PROVINCE, home.agency, exchange.Transport.PUSH, f"http://127.0.0.1:{port}"),
                        exchange.Node(COMMUNE, leaf.agency, exchange.Transport.PULL),
                    ],
                    [exchange.Seat(s.name, s.agency, None, None, None) for s in found],
                )
                keys.append(signing.all_keys()[0])
        for side in found:
            with side.inside():
                signing.accept_keys(
                    [signing.NewKey(k.agency, k.public, k.valid_from, k.valid_to, "by hand") for k in keys]
                )
        yield home, leaf, port
    cluster.drop(name)


def test_whatever_is_killed_everything_arrives_once_in_order_and_with_a_receipt(sides: tuple[Side, Side, int]) -> None:
    home, leaf, port = sides
    up, down = leaf.post(home), home.post(leaf)
    serve = ("serve", "--port", str(port))

    def worker() -> processes.Process:
        return processes.Process("worker", database=leaf.url, var=leaf.var, MOTCUA_NODE=COMMUNE)

    calling = worker()  # the line is cut: nobody answers there yet
    server = processes.Process(*serve, database=home.url, var=home.var, MOTCUA_NODE=PROVINCE)
    try:
        processes.wait_until(lambda: len(leaf.arrived()) + len(home.arrived()) > 3, calling.process)
        calling.kill()
        server.kill()
        for side in (home, leaf):
            side.time_passes()
        server.start()
        calling.start()
        processes.wait_until(lambda: home.open() + leaf.open() == 0, calling.process)
    finally:
        calling.stop()
        server.stop()
    assert home.arrived() == up
    assert leaf.arrived() == down
    for side in (home, leaf):
        assert side.faults() == (SUBJECTS * EACH, [])
        assert side.rows("SELECT count(*) FROM exchange_parcel WHERE state <> 'done'") == [(0,)]
        with side.inside():
            other = PAPER + (COMMUNE if side is home else PROVINCE).encode()
            assert storage.files().exists(storage.files().put([other], 10**7).sha256)
    with home.inside():
        document = directory.written(clock.today())
        directory.take(document, source="itself", today=clock.today())
        assert directory.written(clock.today()) == document
