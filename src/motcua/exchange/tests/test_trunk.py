"""The trunk: envelopes over three real JetStream servers, whose leader is killed."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test import override_settings
from msgspec import structs
from tests import processes

from motcua.exchange import api as exchange
from motcua.exchange import trunk_line, verifying
from motcua.exchange.api import State
from motcua.exchange.nodes import orgs
from motcua.exchange.rules.envelope import AGENCY, opened, read_event, sealed, written
from motcua.exchange.tests import kit, real_nodes
from motcua.exchange.tests.kit import How, Trial
from motcua.exchange.tests.real_nodes import Node
from motcua.exchange.tests.test_envelopes import Office, centre
from motcua.exchange.tests.trunk_servers import SECRETS, Servers
from motcua.exchange.trunk import Kept, Post, Reply, Trunk, What
from motcua.exchange.trunk_line import Answers, TrunkLine
from motcua.kernel import clock, storage
from motcua.kernel.errors import Permanent
from motcua.signing import api as signing
from motcua.units import api as units

pytestmark = [pytest.mark.trunk, pytest.mark.xdist_group("trunk")]
NOW = datetime(2026, 8, 17, 1, tzinfo=UTC)
HOME, AWAY = "ha-noi", "hue"


class Cut(Trunk):
    """This node's connection, whose line is cut as the test says."""

    how = How.WELL

    def publish(self, posts: Sequence[Post]) -> list[Reply]:
        if self.how is How.LOST:
            return [Reply(Kept.UNREACHABLE, "cut") for _ in posts]
        replies = super().publish(posts)
        return [Reply(Kept.UNHEARD, "cut") for _ in replies] if self.how is How.SILENT else replies


class Ground(Answers):
    """Two nodes on the trunk that share the test's database, and take turns instead of running at once."""

    def __init__(self, servers: Servers, agencies: tuple[int, int], office: Office) -> None:
        super().__init__()
        self.servers, self.agencies, self.office, self.now = servers, agencies, office, lambda: NOW
        self.home, self.away = (
            kind(name, servers.addresses, secret=f"{name}:{SECRETS[name]}", patience=1.0)
            for kind, name in ((Cut, HOME), (Trunk, AWAY))
        )
        for trunk in (self.home, self.away):
            servers.ready(trunk)
            empty(trunk)
        known = exchange.read_map().nodes[AWAY]
        self.line = TrunkLine(known, self.home, self, 1.0)
        self.reads = True

    def turn(self) -> None:
        """The other node reads what came, and then this one its receipts."""
        with override_settings(NODE=AWAY):
            trunk_line.take_envelopes(self.away, handlers={"test.said": self.office}, now=self.now, wait=0.05)
        trunk_line.take_receipts(self.home, answers=self, now=self.now, wait=0.05)

    def wait(self, ids: Iterable[UUID], node: str, patience: float) -> None:
        until = time.monotonic() + patience
        while self.reads and not set(ids) <= self._heard.keys() and time.monotonic() < until:
            self.turn()

    def post(self, *subjects: str, now: datetime = NOW, files: tuple[tuple[str, int], ...] = ()) -> list[UUID]:
        mine, other = self.agencies
        with transaction.atomic():
            return list(
                exchange.post(
                    [exchange.Message(mine, other, s, "test.said", b'"bad"', files) for s in subjects], now=now
                )
            )

    # --- the other side of a trial

    def behave(self, how: How) -> None:
        assert isinstance(self.home, Cut)
        self.home.how, self.reads = how, how is not How.WAITS
        self.office.failing = {How.REFUSES: Permanent("no", "thiếu số hiệu"), How.FAILS: ZeroDivisionError()}.get(how)

    def applied(self) -> Sequence[UUID]:
        return [one.id for one in self.office.book]


class Posted(Trial):
    """A trial whose letters are envelopes."""

    def send(self, *subjects: str) -> list[UUID]:
        assert isinstance(self.other, Ground)
        return self.other.post(*subjects, now=self.now)


def empty(trunk: Trunk) -> None:
    """Take what another test left in a node's stream."""
    for what in What:
        while letters := trunk.take(what, 500, 0.05):
            trunk.done(letters)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    made = Servers(tmp_path_factory.mktemp("trunk"))
    yield made
    made.end()


@pytest.fixture
def ground(servers: Servers, country: None, settings: Any, tmp_path: Path) -> Iterator[Ground]:
    settings.SIGNING_KEYS, settings.NODE = tmp_path / "agencies", HOME
    agencies = centre("00004"), centre("19804")
    address = " ".join(servers.addresses)
    exchange.set_map(
        [
            exchange.Node(name, a, exchange.Transport.NATS, address)
            for name, a in zip((HOME, AWAY), agencies, strict=True)
        ],
        [exchange.Seat(name, a, None, None, None) for name, a in zip((HOME, AWAY), agencies, strict=True)],
    )
    signing.make_keys(agencies, now=NOW - timedelta(days=1))
    made = Ground(servers, agencies, Office())
    yield made
    made.home.close()
    made.away.close()


def test_two_workers_reach_each_other_over_the_trunk(
    servers: Servers, template: str, tmp_path: Path, django_db_setup: None, django_db_blocker: Any
) -> None:
    """Their names are those that have users on the servers."""
    on_trunk = exchange.Transport.NATS, " ".join(servers.addresses)
    with django_db_blocker.unblock():
        units.refresh()
        with real_nodes.made(Node, template, tmp_path, {HOME: "00004", AWAY: "00008"}) as nodes:
            home, leaf = nodes.values()
            real_nodes.connect([home, leaf], dict.fromkeys(nodes, on_trunk))
            posted = []
            for node, other in ((home, leaf), (leaf, home)):
                (node.var / "secrets" / "trunk").write_text(f"{node.name}:{SECRETS[node.name]}")
                letters = [
                    exchange.Message(node.agency, other.agency, f"s{n // 3}", exchange.GREETING, b'"x"')
                    for n in range(18)
                ]
                with node.inside(), transaction.atomic():
                    posted.append(list(exchange.post(letters, now=clock.now())))
            workers = [processes.Process("worker", database=n.url, var=n.var, MOTCUA_NODE=n.name) for n in (home, leaf)]
            try:
                processes.wait_until(lambda: home.open() + leaf.open() == 0, workers[1].process)
            finally:
                for worker in workers:
                    worker.stop()
            assert [leaf.arrived(), home.arrived()] == posted
            assert [node.faults() for node in (home, leaf)] == [(18, []), (18, [])]


@pytest.mark.django_db
@pytest.mark.parametrize("case", kit.CASES, ids=kit.named)
def test_the_line_over_the_trunk_holds(case: kit.Case, ground: Ground) -> None:
    ground.line.batch = 10
    trial = Posted(ground.line, ground, lambda subject: exchange.Letter("", "", "", b""))
    ground.now = lambda: trial.now
    case(trial)


@pytest.mark.django_db
def test_the_leader_is_killed_under_load_and_nothing_is_lost_doubled_or_out_of_order(ground: Ground) -> None:
    subjects = [f"s{n % 12}" for n in range(48)]
    ids, now, killed = ground.post(*subjects), NOW, False
    leader = ground.away.leader(AWAY)
    alive = next(process for name, process in ground.servers.running.items() if name != leader)
    ground.now = lambda: now

    def goes_on() -> bool:
        nonlocal now, killed
        now += timedelta(minutes=15)
        exchange.dispatch(connector=ground.line, now=now, chance=lambda: 0.5)
        ground.turn()
        if not killed and len(ground.office.book) >= 12:
            ground.servers.kill(leader)
            subjects.append("after")
            ids.extend(ground.post("after", now=now))
            killed = True
        return all(row.state is State.DONE for row in exchange.parcels(ids))

    try:
        processes.wait_until(goes_on, alive)
    finally:
        if killed:
            ground.servers.start_again(leader)
    applied = ground.applied()
    assert killed
    assert ground.away.leader(AWAY) != leader
    assert sorted(applied) == sorted(ids)
    for subject in set(subjects):
        own = [one for one, of in zip(ids, subjects, strict=True) if of == subject]
        assert [one for one in applied if one in own] == own
    checked = list(verifying.receipts())
    assert (len(checked), [fault for _, fault in checked if fault]) == (len(ids), [])


@pytest.mark.django_db
def test_the_trunk_says_what_it_did_and_never_holds_one_twice(ground: Ground) -> None:
    post = Post(AWAY, What.ENVELOPE, "x", b"x", "x.1")
    ground.home.patience = 0.3

    def kept(*posts: Post) -> list[Kept]:
        return [reply.kept for reply in ground.home.publish(posts)]

    def come(trunk: Trunk) -> list[bytes]:
        until = time.monotonic() + 60  # a busy machine's servers may take longer than the patience above
        while not (letters := trunk.take(What.ENVELOPE, 9, 5.0)) and time.monotonic() < until:
            pass
        return [letter.body for letter in letters]

    assert kept(post, replace(post, id="")) == [Kept.STORED, Kept.THERE]
    [taken] = ground.away.take(What.ENVELOPE, 9, 5.0)
    ground.away.done([taken])
    assert kept(post) == [Kept.SEEN]
    ground.away.close()
    ground.away = leaf = Trunk(AWAY, [ground.servers.start_leaf()])
    ground.servers.ready(leaf)
    assert kept(replace(post, id="")) == [Kept.STORED]
    assert come(leaf) == [b"x"]
    assert [reply.kept for reply in leaf.publish([replace(post, node=HOME)])] == [Kept.STORED]
    assert come(ground.home) == [b"x"]
    assert kept(replace(post, node="nowhere")) == [Kept.UNREACHABLE]
    ground.servers.freeze(frozen=True)
    try:
        assert kept(replace(post, name="y")) == [Kept.UNHEARD]
    finally:
        ground.servers.freeze(frozen=False)
    alone = Trunk(HOME, ["nats://127.0.0.1:1"], patience=0.3)
    try:
        assert [reply.kept for reply in alone.publish([post])] == [Kept.UNREACHABLE]
        assert alone.take(What.RECEIPT, 1, 0.0) == []
    finally:
        alone.close()


@pytest.mark.django_db
def test_an_attachment_goes_over_the_trunk_in_pieces(ground: Ground, settings: Any, tmp_path: Path) -> None:
    paper = b"%PDF-1.7\n" + bytes(range(256)) * 2500
    kept = storage.files().put([paper], 10**7)
    mine = settings.STORAGE

    class Theirs(Ground):
        def turn(self) -> None:
            settings.STORAGE = tmp_path / "theirs"
            super().turn()
            settings.STORAGE = mine

    ground.__class__ = Theirs
    [one] = ground.post("s", files=((kept.sha256, kept.size),))
    exchange.dispatch(connector=ground.line, now=NOW, chance=lambda: 0.5)
    assert [row.state for row in exchange.parcels([one])] == [State.DONE]
    settings.STORAGE = tmp_path / "theirs"
    assert b"".join(storage.files().open(kept.sha256)) == paper
    settings.STORAGE = mine


@pytest.mark.django_db
def test_a_receipt_counts_for_these_very_bytes_only_and_also_when_nobody_waits_for_it(ground: Ground) -> None:
    """Somebody else's envelope with our id and our node's name gets a true receipt, which is no word on ours."""
    other = ground.agencies[1]
    [one] = ground.post("s")
    [row] = exchange.parcels([one])
    payload = written(
        structs.replace(read_event(opened(row.body)[1]), source=AGENCY + orgs([other], NOW.date())[other])
    )
    false = sealed(signing.sign([(other, payload)], now=NOW)[0], payload)
    ground.home.publish([Post(AWAY, What.ENVELOPE, "false", false)])
    ground.turn()
    assert ground.applied() == [one]
    assert exchange.parcels([one])[0].state is State.READY
    with connection.cursor() as cursor:  # the inbox of a node that never heard of it
        cursor.execute("DELETE FROM exchange_arrival")
        cursor.execute("DELETE FROM exchange_landing")
    ground.reads = False
    exchange.dispatch(connector=ground.line, now=NOW, chance=lambda: 0.5)
    assert exchange.parcels([one])[0].state is State.WAITING
    ground.turn()
    row = exchange.parcels([one])[0]
    assert (row.state, row.attempts) == (State.DONE, 1)
