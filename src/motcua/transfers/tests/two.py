"""Two nodes with a database, keys and files each: one takes dossiers in, the other resolves them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
from django.db import connection
from django.test import override_settings
from tests import cluster

from motcua.config import database
from motcua.dossiers import api as dossiers
from motcua.dossiers.tests import support
from motcua.exchange import api as exchange
from motcua.exchange.node_line import take_part
from motcua.exchange.receiving import receive, tell
from motcua.exchange.rules.envelope import opened, read_receipt
from motcua.identity import api as identity
from motcua.kernel.errors import Failure, Unknown
from motcua.kernel.journal import api as journal
from motcua.signing import api as signing
from motcua.transfers import actions, queries

RECEIVES, RESOLVES = "nhan", "giai-quyet"
NOW = datetime(2026, 8, 17, 1, tzinfo=UTC)  # Monday, 08:00 in Viet Nam


class Node:
    """One node as the test works with it."""

    def __init__(self, name: str, url: str, var: Path, unit: str) -> None:
        self.name, self.url, self.var, self.unit = name, url, var, unit
        self.handlers = dict(actions.HANDLERS)

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

    def follow(self, now: datetime) -> None:
        """Seal what was done, and tell the other node of it."""
        with self.inside():
            journal.seal(now=now)
            while actions.follow_log(now=now):
                pass

    def step(self, code: str, name: str, now: datetime, *papers: dossiers.Paper, reason: str = "") -> None:
        """Somebody of this node takes a step."""
        with self.inside():
            [answer] = dossiers.take_steps(
                [
                    dossiers.StepRequest(
                        code, name, uuid4().hex, name.encode(), support.office(self.unit),
                        dossiers.Given(now, reason=reason), papers=papers,
                    )
                ]
            )  # fmt: skip
            assert not isinstance(answer, Failure), answer

    def where(self, code: str, now: datetime) -> queries.Across:
        with self.inside():
            [answer] = queries.across([dossiers.WhereQuestion(code, now, scope=identity.SYSTEM)])
        assert isinstance(answer, queries.Across), answer
        return answer

    def log(self, code: str) -> list[str]:
        return [
            row[0]
            for row in self.rows(
                f"SELECT name FROM dossiers_steprow s JOIN dossiers_dossier d ON d.id = s.dossier "
                f"WHERE d.code = '{code}' ORDER BY s.n"
            )
        ]


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
            return take_part(sha256, offset, size, chunk, limit=10**7)


def carry(here: Node, other: Node, now: datetime, *, cut: bool = False) -> None:
    """Deliver all that is due from one node to the other."""
    way = Across(other, cut)
    with here.inside():
        line = exchange.NodeLine(exchange.read_map().nodes[other.name], way)
        while exchange.dispatch(connector=line, now=now, chance=lambda: 0.5):
            pass


def connected(nodes: Sequence[Node], *, ports: Sequence[int], transports: Sequence[exchange.Transport]) -> None:
    """One directory of nodes at both, each with its own private keys and everybody's public ones."""
    offices = {node.name: support.place(node.unit) for node in nodes}
    keys: list[signing.Key] = []
    for node in nodes:
        with node.inside():
            place = offices[node.name]
            signing.make_keys([place.committee.id, place.centre.id], now=NOW - timedelta(days=400))
            exchange.set_map(
                [
                    exchange.Node(
                        one.name, offices[one.name].committee.id, how,
                        f"http://127.0.0.1:{port}" if how is exchange.Transport.PUSH else "",
                    )
                    for one, port, how in zip(nodes, ports, transports, strict=True)
                ],
                [exchange.Seat(name, None, place.unit.id, None, None) for name, place in offices.items()],
            )  # fmt: skip
            keys += signing.all_keys()
    for node in nodes:
        with node.inside():
            signing.accept_keys([signing.NewKey(k.agency, k.public, k.valid_from, k.valid_to, "by hand") for k in keys])


def filed(at: Node, for_: Node, *, now: datetime = NOW, papers: tuple[dossiers.Paper, ...] = ()) -> str:
    """A dossier taken in at one node about somebody whose commune sits at the other."""
    with at.inside():
        made = support.application(area=for_.unit, reception=support.place(at.unit).org, components=papers)
        filing = support.filing(made, by=support.office(at.unit), now=now)
        [receipt] = dossiers.file([filing])
        assert isinstance(receipt, dossiers.Receipt), receipt
        return receipt.code
