"""Three real nodes on loopback: a province and a ministry that can be reached, a commune that can only call out.

Each has a database, keys, files and processes of its own, the ministry a PostgreSQL of its own and a clock that is ten
minutes ahead. Whatever happens to them, in the end each envelope was applied once, in the order of its subject, and
every receipt verifies.
"""

import itertools
import resource
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from tests import processes

from motcua.exchange import api as exchange
from motcua.exchange.tests import real_nodes
from motcua.exchange.tests.node_process import BOOK, KIND
from motcua.exchange.tests.real_nodes import LARGEST, Node, Process, Wire
from motcua.kernel import clock, storage
from motcua.units import api as units

PROVINCE, MINISTRY, COMMUNE = "tinh", "bo", "xa"
SUBJECTS, EACH = 4, 3
AHEAD = 600.0  # seconds by which the ministry's clock is wrong
PAPER = b"%PDF-1.7\n" + bytes(range(256)) * 2500
# What PostgreSQL says when a disk is full, at every row of the inbox. A real full disk needs one to fill.
FULL = """
CREATE FUNCTION test_full() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER test_full BEFORE INSERT ON exchange_arrival EXECUTE FUNCTION test_full()
"""
FREE = "DROP TRIGGER test_full ON exchange_arrival; DROP FUNCTION test_full"
SMALL = 100 * 1024  # bytes that a file of a node may have while its disk is full


class Country:
    """The three nodes, their processes and the lines to them."""

    def __init__(self, nodes: dict[str, Node], ports: dict[str, int], wires: dict[str, Wire]) -> None:
        self.nodes, self.wires = nodes, wires
        self.posted: dict[tuple[str, str], list[tuple[str, UUID]]] = {}
        self.papers: list[str] = []
        self.running: dict[str, list[Process]] = {}
        for node in nodes.values():
            ahead = AHEAD if node.name == MINISTRY else 0.0
            words = [("worker",), *([("serve", "--port", str(ports[node.name]))] if node.name in ports else [])]
            self.running[node.name] = [Process(node, *one, ahead=ahead) for one in words]

    def post(self, *, but: str = "") -> None:
        """Letters from each node (but one) to each other one, one of them with a paper that nobody has yet."""
        for node in (one for one in self.nodes.values() if one.name != but):
            with node.inside():
                kept = storage.files().put([PAPER + f"{node.name} {len(self.papers)}".encode()], LARGEST)
                self.papers.append(kept.sha256)
                for other in (one for one in self.nodes.values() if one is not node):
                    messages = [
                        exchange.Message(node.agency, other.agency, f"s{subject}", KIND, b'"x"', files)
                        for subject in range(SUBJECTS)
                        for files in [((kept.sha256, kept.size),) if subject == 3 else ()] * EACH
                    ]
                    with transaction.atomic():
                        ids = exchange.post(messages, now=clock.now())
                    posted = self.posted.setdefault((node.name, other.name), [])
                    posted += zip((message.subject for message in messages), ids, strict=True)

    def until(self, *so: Callable[[], bool]) -> None:
        """Wait until all of this is so, without the pauses between attempts; a worker that ended is a fault."""
        looks = itertools.count()

        def all_so() -> bool:
            if next(looks) % 20 == 19:
                for node in self.nodes.values():
                    node.hurry()
            return all(one() for one in so)

        processes.wait_until(all_so, self.running[COMMUNE][0].process)

    def kill(self, name: str) -> None:
        """SIGKILL for all processes of a node; they are started again at once."""
        for process in self.running[name]:
            process.kill()
        self.nodes[name].time_passes()
        for process in self.running[name]:
            process.start()

    def stop(self) -> None:
        for process in (one for own in self.running.values() for one in own):
            process.kill()


@pytest.fixture
def country(
    template: str,
    own_cluster: processes.Cluster,
    tmp_path: Path,
    django_db_setup: None,
    django_db_blocker: Any,
) -> Iterator[Country]:
    with ExitStack() as ending:
        ending.enter_context(django_db_blocker.unblock())
        units.refresh()
        nodes = ending.enter_context(real_nodes.made(Node, template, tmp_path, {PROVINCE: "00004", COMMUNE: "00008"}))
        nodes[MINISTRY] = Node(MINISTRY, own_cluster.url, tmp_path / MINISTRY, "00070")
        ports = {name: processes.free_port() for name in (PROVINCE, MINISTRY)}
        wires = {name: Wire(port) for name, port in ports.items()}
        for wire in wires.values():
            ending.callback(wire.close)
        real_nodes.connect(
            list(nodes.values()),
            {name: real_nodes.pushed(wires[name].url) if name in wires else real_nodes.PULLS for name in nodes},
        )
        for node in nodes.values():
            node.rows(BOOK)
        made = Country(nodes, ports, wires)
        ending.callback(made.stop)
        yield made


@contextmanager
def full(node: Node, process: Process) -> Iterator[Callable[[], None]]:
    """The disk of a node is full: no file beyond a few blocks can be written, and once called no row of its inbox."""
    limit = resource.RLIMIT_FSIZE
    _, hard = resource.prlimit(process.process.pid, limit)
    resource.prlimit(process.process.pid, limit, (SMALL, hard))

    def for_rows() -> None:
        node.rows(FULL)

    yield for_rows
    node.rows(FREE)
    resource.prlimit(process.process.pid, limit, (hard, hard))


def test_whatever_happens_everything_arrives_once_in_order_and_with_a_receipt(
    country: Country, own_cluster: processes.Cluster
) -> None:
    nodes, wires = country.nodes, country.wires
    ministry, lines = nodes[MINISTRY], list(wires.values())

    # each killed, while calls to it were applied and never answered
    for wire in lines:
        wire.how = "hold"
    country.post()
    country.until(*(lambda wire=wire: wire.lost > 0 for wire in lines))
    for name in nodes:
        country.kill(name)
    for wire in lines:
        wire.heal()
    country.until(lambda: all(booked(node) for node in nodes.values()))

    # the lines cut: what is sent arrives, and the answers don't
    for wire in lines:
        wire.how, wire.lost = "cut", 0
    country.post()
    country.until(*(lambda wire=wire: wire.lost > 0 for wire in lines))
    for wire in lines:
        wire.heal()

    # the PostgreSQL of a receiver killed and started again under its processes
    own_cluster.kill()
    country.post(but=MINISTRY)
    own_cluster.start()

    # the disk of a receiver full, for files and then for rows
    server, sender = country.running[MINISTRY][1], country.running[PROVINCE][0]
    with full(ministry, server) as for_rows:
        country.post()
        country.until(lambda: "File too large" in sender.said())
        for_rows()
        country.post()
        country.until(lambda: "No space left on device" in server.said())

    country.until(lambda: not any(node.open() for node in nodes.values()))
    for node in nodes.values():
        hold(country, node)
    [[ahead]] = ministry.rows("SELECT max(arrived_at) - now() > interval '5 minutes' FROM exchange_arrival")
    assert ahead, "its clock was wrong all the time"


def hold(country: Country, node: Node) -> None:
    """Nothing lost, nothing doubled, the order of each subject kept, each paper whole, each receipt true."""
    book = booked(node)
    for other in country.nodes.values():
        for subject in {f"s{n}" for n in range(SUBJECTS)}:
            posted = [one for about, one in country.posted.get((other.name, node.name), []) if about == subject]
            assert [one for by, about, one in book if (by, about) == (other.name, subject)] == posted
    sent = sum(len(ids) for (by, _), ids in country.posted.items() if by == node.name)
    assert node.faults() == (sent, [])
    assert node.rows("SELECT count(*) FROM exchange_parcel WHERE state <> 'done'") == [(0,)]
    with node.inside():
        for sha256 in country.papers:
            assert sum(map(len, storage.files().open(sha256))) > len(PAPER)


def booked(node: Node) -> list[tuple[str, str, UUID]]:
    """What was applied at a node, in the order in which it was: by which node, about what, which."""
    return [(by, about, one) for by, about, one in node.rows("SELECT node, subject, id FROM test_book ORDER BY n")]
