"""The directory of nodes: published by the authority, taken in by the others, followed by what is on its way."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from django.conf import settings
from django.db import transaction

from motcua.exchange import api as exchange
from motcua.exchange import directory
from motcua.exchange.tests import real_nodes
from motcua.exchange.tests.kit import NOW
from motcua.exchange.tests.real_nodes import Node, carry
from motcua.kernel.errors import Conflict
from motcua.signing import api as signing
from motcua.units import api as units

HOME, ENDING, HEIR = "trung-tam", "cu", "moi"
MINUTE = timedelta(minutes=1)
MERGER = date(2026, 9, 1)
AFTER = NOW.replace(month=9, day=2)
STANDS = ("line", "course", "parcel", "landing", "arrival", "directory", "refusal")
Three = tuple[Node, Node, Node]


class Book:
    """What was applied at a node, in order."""

    def __init__(self) -> None:
        self.arrived: list[exchange.Arrived] = []

    def __call__(self, arrived: Sequence[exchange.Arrived]) -> None:
        self.arrived += arrived


@pytest.fixture(scope="module")
def three(
    template: str, tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any
) -> Iterator[Three]:
    """The authority's node and those of two communes."""
    with django_db_blocker.unblock():
        units.forget()
        units.refresh()
        folder = tmp_path_factory.mktemp("directory")
        with real_nodes.made(Node, template, folder, {HOME: "00004", ENDING: "00008", HEIR: "00070"}) as nodes:
            real_nodes.connect(list(nodes.values()), dict.fromkeys(nodes, real_nodes.pushed()))
            yield nodes[HOME], nodes[ENDING], nodes[HEIR]
        units.forget()


@pytest.fixture
def nodes(three: Three, django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Three]:
    with django_db_blocker.unblock():
        monkeypatch.setattr(settings, "AUTHORITY", units.directory().agency(three[0].agency).org(NOW.date()))
        for node in three:
            node.handlers = {exchange.DIRECTORY: exchange.apply_directory, "test.said": Book()}
            node.rows(f"TRUNCATE {', '.join(f'exchange_{name}' for name in STANDS)}")  # what another test left
        yield three


def published(by: Node, now: datetime) -> None:
    with by.inside():
        assert exchange.publish_directory(now=now) == 2


def known(node: Node) -> exchange.Map:
    with node.inside():
        return exchange.read_map()


def moved(at: Node, name: str, address: str) -> None:
    """Somebody gives a node another address in the directory as it stands at this node."""
    with at.inside():
        old = exchange.read_map()
        new = [
            exchange.Node(one.name, one.agency, one.transport, address if one.name == name else one.address)
            for one in old.nodes.values()
        ]
        exchange.set_map(new, old.seats)


@contextmanager
def refusals(node: Node) -> Iterator[list[str]]:
    """What the node turns away at its door meanwhile."""
    [[before]] = node.rows("SELECT coalesce(max(id), 0) FROM exchange_refusal")
    found: list[str] = []
    yield found
    found += [row[0] for row in node.rows("SELECT problem FROM exchange_refusal WHERE id > %s ORDER BY id", before)]


def test_what_the_authority_publishes_stands_at_the_others_and_an_older_one_is_refused(nodes: Three) -> None:
    home, one, two = nodes
    moved(home, HEIR, "http://127.0.0.1:2")
    with home.inside():
        [made] = signing.make_keys([home.agency], now=NOW).values()
    published(home, NOW)
    carry(home, one, NOW)
    carry(home, two, NOW)
    for node in (one, two):
        assert known(node) == known(home)
        assert node.rows("SELECT count(*) FROM signing_key WHERE kid = %s", made) == [(1,)]

    moved(home, HEIR, "http://127.0.0.1:3")
    published(home, NOW + 2 * MINUTE)
    carry(home, one, NOW + 2 * MINUTE)
    with home.inside(), pytest.raises(Conflict):
        exchange.publish_directory(now=NOW + MINUTE)
    older = directory_of(home, NOW + MINUTE)
    with home.inside(), transaction.atomic():
        exchange.post([exchange.Message(home.agency, one.agency, "again", exchange.DIRECTORY, older)], now=NOW + MINUTE)
    with refusals(one) as problems:
        carry(home, one, NOW + 3 * MINUTE)
    assert problems == ["directory-older"]
    assert known(one).nodes[HEIR].address == "http://127.0.0.1:3"


def directory_of(node: Node, at: datetime) -> bytes:
    with node.inside():
        return directory.written(at.date(), at)


def test_nobody_but_the_authority_is_believed_and_what_is_unknown_here_is_waited_for(nodes: Three) -> None:
    home, one, two = nodes
    forged, ahead = directory_of(one, NOW), directory_of(home, NOW + 30 * MINUTE)
    ahead = ahead.replace(units.directory().agency(two.agency).org(NOW.date()).encode(), b"H99.999")
    with one.inside(), transaction.atomic():
        exchange.post([exchange.Message(one.agency, two.agency, "mine", exchange.DIRECTORY, forged)], now=NOW)
    with home.inside(), transaction.atomic():
        exchange.post([exchange.Message(home.agency, two.agency, "ahead", exchange.DIRECTORY, ahead)], now=NOW)
    before = known(two)
    with refusals(two) as problems:
        carry(one, two, NOW + 30 * MINUTE)
        carry(home, two, NOW + 30 * MINUTE)
    assert problems[:1] == ["not-the-authority"]
    assert set(problems[1:]) == {"directory-ahead"}
    assert known(two) == before
    with home.inside():
        [row] = exchange.of_subject(exchange.NODE + HEIR, "ahead")
        assert row.state is exchange.State.READY, "asked again until the reorganisation is carried out there"


def test_what_changed_is_published_by_itself_and_only_once(nodes: Three) -> None:
    home, one, _ = nodes
    later = NOW + timedelta(hours=2)
    moved(home, HEIR, "http://127.0.0.1:4")
    with one.inside():
        assert directory.publish_changed(now=later) == 0, "the authority doesn't sit there"
    with home.inside():
        assert directory.publish_changed(now=later) == 2
        assert directory.publish_changed(now=later + MINUTE) == 0
    carry(home, one, later)
    assert known(one).nodes[HEIR].address == "http://127.0.0.1:4"


def test_after_a_merger_what_is_on_its_way_reaches_the_heir_and_the_directory_says_so(nodes: Three) -> None:
    """A commune is merged into another that sits elsewhere. Its node knows of it; so do the others."""
    home, ending, heir = nodes
    with home.inside(), transaction.atomic():
        first, second = (
            exchange.Message(home.agency, ending.agency, "s", "test.said", word, ()) for word in (b'"1"', b'"2"')
        )
        exchange.post([first, second], now=NOW)
    merge(nodes)
    carry(home, ending, AFTER)
    carry(ending, heir, AFTER)
    book = heir.handlers["test.said"].arrived
    assert [(one.content, one.sender, one.recipient) for one in book] == [
        (b'"1"', home.agency, heir.agency), (b'"2"', home.agency, heir.agency)
    ]  # fmt: skip
    with home.inside():
        with transaction.atomic():
            exchange.post([exchange.Message(home.agency, ending.agency, "t", "test.said", b'"3"')], now=AFTER)
        assert directory.publish_changed(now=AFTER) == 2
    carry(home, heir, AFTER)
    assert book[-1].content == b'"3"', "what is written now goes straight to the heir"
    said = msgspec.json.decode(directory_of(heir, AFTER), type=directory.Written)
    assert [seat.area for seat in said.seats] == ["00004", "00070"], "nobody sits where nobody is any more"
    assert {node.name for node in known(heir).nodes.values()} == {HOME, ENDING, HEIR}
    for node in nodes:
        assert node.faults()[1] == []


def merge(nodes: Three) -> None:
    """The second commune goes into the third, in the tables of all three nodes."""
    _, ending, heir = nodes
    known = units.directory()
    codes = {
        (i.scheme.value, i.code)
        for agency in map(known.agency, ending.agencies)
        for i in agency.identifiers
        if i.valid_to is None
    }
    open_codes = {row[:2] for row in units.read_rows().identifiers if row[4] == ending.unit_id and row[3] is None}
    change = units.Change(
        MERGER,
        successions=[(ending.unit_id, heir.unit_id, units.Extent.WHOLE.value, "", MERGER)],
        ending_periods=[ending.unit_id],
        ending_agencies=ending.agencies,
        ending_identifiers=codes | open_codes,
    )
    prepared = None
    for node in nodes:
        with node.inside():
            prepared = prepared or units.prepare(change=change)
            units.carry_out(prepared=prepared, note="Sắp xếp", now=NOW)
