"""Nodes with a database, keys and files each, in this process or with processes of their own, and the lines to them."""

import os
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from django.test import override_settings
from tests import cluster, processes

from motcua.config import database
from motcua.exchange import api as exchange
from motcua.exchange import verifying
from motcua.exchange.node_line import take_part
from motcua.exchange.receiving import receive, tell
from motcua.exchange.rules.envelope import opened, read_receipt
from motcua.kernel import clock
from motcua.kernel.errors import Unknown
from motcua.signing import api as signing
from motcua.units import api as units

SINCE = datetime(2025, 7, 1, tzinfo=UTC)  # from when on the keys of the nodes are in force
LARGEST = 10**7
PULLS = (exchange.Transport.PULL, "")
"""The way to a node that can't be reached: it asks for what waits for it."""
N = TypeVar("N", bound="Node")


def pushed(address: str = "http://127.0.0.1:1") -> tuple[exchange.Transport, str]:
    """The way to a node that answers there; nobody answers at the address that is given without one."""
    return exchange.Transport.PUSH, address


class Node:
    """One node as a test works with it. It is run by the committee of `unit`, whose agencies sit there."""

    def __init__(self, name: str, url: str, var: Path, unit: str) -> None:
        self.name, self.url, self.var, self.unit = name, url, var, unit
        self.handlers: dict[str, Any] = {}
        on = clock.today()
        found = units.directory().find_unit(unit, on)
        assert found is not None, unit
        self.unit_id = found.id
        self.agencies = [agency.id for agency in units.directory().agencies_of(found.id, on)]
        committee = units.directory().agency_of(found.id, units.AgencyKind.PEOPLES_COMMITTEE, on)
        assert committee is not None, unit
        self.agency = committee.id

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Work in this process on this node's database, with its keys and files."""
        before = os.environ["MOTCUA_DATABASE_URL"]
        database.use(self.url)
        try:
            with override_settings(
                NODE=self.name, SIGNING_KEYS=self.var / "secrets" / "agencies", STORAGE=self.var / "files"
            ):
                yield
        finally:
            database.use(before)

    def rows(self, sql: str, *values: object) -> list[Any]:
        with psycopg.connect(self.url) as own:
            cursor = own.execute(sql, values or None)
            return list(cursor.fetchall()) if cursor.description else []

    def open(self) -> int:
        """How many parcels are written here and not ended."""
        [[count]] = self.rows("SELECT coalesce(sum(last - done), 0) FROM exchange_course")
        return int(count)

    def arrived(self) -> list[UUID]:
        return [row[0] for row in self.rows("SELECT id FROM exchange_arrival ORDER BY subject, sequence")]

    def time_passes(self) -> None:
        """What a killed process held is free again, as it is when its lease has ended."""
        self.rows("UPDATE exchange_course SET due_at = now() - interval '1 hour' WHERE lease IS NOT NULL")

    def hurry(self) -> None:
        """The pauses after errors are over, for parcels and for lines."""
        self.rows(
            "UPDATE exchange_course SET due_at = now() - interval '1 hour' WHERE lease IS NULL AND due_at > now()"
        )
        self.rows("UPDATE exchange_line SET shut_until = now() - interval '1 hour' WHERE shut_until > now()")

    def faults(self) -> tuple[int, list[str]]:
        """How many envelopes were delivered, and what is wrong with their receipts."""
        with self.inside():
            seen = list(verifying.receipts())
        return len(seen), [fault for _, fault in seen if fault]


@contextmanager
def made(kind: type[N], template: str, folder: Path, units_of: Mapping[str, str]) -> Iterator[dict[str, N]]:
    """Nodes by name, each with a fresh copy of the country; `units_of` says whose each is."""
    databases = {name: cluster.new_name() for name in units_of}
    yield {
        name: kind(name, cluster.copy(template, databases[name]), folder / name, unit)
        for name, unit in units_of.items()
    }
    for own in databases.values():
        cluster.drop(own)


def connect(nodes: Sequence[Node], ways: Mapping[str, tuple[exchange.Transport, str]]) -> None:
    """One directory of nodes at all of them, each with its own private keys and everybody's public ones."""
    known = [exchange.Node(node.name, node.agency, *ways[node.name]) for node in nodes]
    keys: list[signing.Key] = []
    for node in nodes:
        with node.inside():
            signing.make_keys(node.agencies, now=SINCE)
            exchange.set_map(known, [exchange.Seat(one.name, None, one.unit_id, None, None) for one in nodes])
            keys += signing.all_keys()
    for node in nodes:
        with node.inside():
            signing.accept_keys([signing.NewKey(k.agency, k.public, k.valid_from, k.valid_to, "by hand") for k in keys])


# --- lines within this process ----------------------------------------------------------------------------------------


class Across:
    """The way from one node to another in this process; `cut` loses the next answer after it was applied."""

    def __init__(self, other: Node, cut: bool = False) -> None:
        self.other, self.cut = other, cut

    def deliver(self, wires: Sequence[bytes], *, now: datetime) -> bytes:
        with self.other.inside():
            receipt = receive(wires, handlers=self.other.handlers, now=now)
        if self.cut and not any(one.lacking for one in read_receipt(opened(receipt)[1]).envelopes):
            self.cut = False
            raise Unknown("cut", "Đường dây đứt.")
        return receipt

    def ask(self, ids: Sequence[UUID], *, now: datetime) -> bytes:
        with self.other.inside():
            return tell(ids, now=now)

    def part(self, sha256: str, offset: int, size: int, chunk: bytes, *, now: datetime) -> int:
        with self.other.inside():
            return take_part(sha256, offset, size, chunk, limit=LARGEST)


def carry(here: Node, other: Node, now: datetime, *, cut: bool = False) -> None:
    """Deliver all that is due from one node to the other."""
    way = Across(other, cut)
    with here.inside():
        line = exchange.NodeLine(exchange.read_map().nodes[other.name], way)
        while exchange.dispatch(connector=line, now=now, chance=lambda: 0.5):
            pass


# --- processes and the lines between them -----------------------------------------------------------------------------


class Process(processes.Process):
    """A motcua command at a node, with the handler of the tests and a clock that may be wrong (node_process.py)."""

    module = "motcua.exchange.tests.node_process"

    def __init__(self, node: Node, *words: str, ahead: float = 0) -> None:
        super().__init__(*words, database=node.url, var=node.var, MOTCUA_NODE=node.name, TEST_CLOCK_AHEAD=str(ahead))


class Wire:
    """A line to a port, on a port of its own. Told how to behave, it lets calls through and not their answers."""

    def __init__(self, to: int) -> None:
        self.to, self.how = to, "well"  # or "cut": answers get lost; "hold": nobody hears anything any more
        self.lost = 0
        self._let_go = threading.Event()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._serve, daemon=True)]
        self._threads[0].start()

    def heal(self) -> None:
        """From now on it works."""
        self.how = "well"
        self._let_go.set()

    def close(self) -> None:
        self.heal()
        with suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self.to))
            except OSError:  # nobody is there
                near.close()
                continue
            for source, target, answers in ((near, far, False), (far, near, True)):
                threading.Thread(target=self._pass, args=(source, target, answers), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, answers: bool) -> None:
        with suppress(OSError), source:
            while data := source.recv(65536):
                if answers and self.how != "well":
                    held, self.lost = self.how == "hold", self.lost + 1
                    if held:
                        self._let_go.wait(processes.LONGEST)
                    break
                target.sendall(data)
        with suppress(OSError):
            source.close()
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)
