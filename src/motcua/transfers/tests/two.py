"""Two nodes with a database, keys and files each: one takes dossiers in, the other resolves them."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from motcua.dossiers import api as dossiers
from motcua.dossiers.tests import support
from motcua.exchange.tests import real_nodes
from motcua.identity import api as identity
from motcua.kernel.errors import Failure
from motcua.kernel.journal import api as journal
from motcua.transfers import actions, queries

RECEIVES, RESOLVES = "nhan", "giai-quyet"
NOW = datetime(2026, 8, 17, 1, tzinfo=UTC)  # Monday, 08:00 in Viet Nam


class Node(real_nodes.Node):
    """One node, with what its officials do with dossiers."""

    def __init__(self, name: str, url: str, var: Path, unit: str) -> None:
        super().__init__(name, url, var, unit)
        self.handlers = dict(actions.HANDLERS)

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


def filed(at: Node, for_: Node, *, now: datetime = NOW, papers: tuple[dossiers.Paper, ...] = ()) -> str:
    """A dossier taken in at one node about somebody whose commune sits at the other."""
    with at.inside():
        made = support.application(area=for_.unit, reception=support.place(at.unit).org, components=papers)
        filing = support.filing(made, by=support.office(at.unit), now=now)
        [receipt] = dossiers.file([filing])
        assert isinstance(receipt, dossiers.Receipt), receipt
        return receipt.code
