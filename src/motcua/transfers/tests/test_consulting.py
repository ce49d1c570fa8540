"""An opinion from a third node, and an agency that moves to another node while it has a dossier."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from motcua.dossiers import api as dossiers
from motcua.dossiers.tests import support
from motcua.exchange import api as exchange
from motcua.exchange.tests import real_nodes
from motcua.exchange.tests.real_nodes import carry
from motcua.identity import api as identity
from motcua.kernel import storage
from motcua.kernel.errors import Conflict, Failure, NotAllowed, NotFound, Permanent
from motcua.procedures import api as procedures
from motcua.transfers import actions
from motcua.transfers import api as transfers
from motcua.transfers.tests.two import NOW, RECEIVES, RESOLVES, Node, filed
from motcua.units import api as units

THIRD, FAR = "y-kien", "00070"
ON = NOW.date()
Three = tuple[Node, Node, Node]


@pytest.fixture(scope="module")
def three(
    template: str, tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any
) -> Iterator[Three]:
    """Where it is taken in, where it is resolved, and whose opinion is asked."""
    with django_db_blocker.unblock():
        units.refresh()
        procedures.refresh()
        places = {RECEIVES: support.COMMUNE, RESOLVES: support.NEIGHBOUR, THIRD: FAR}
        with real_nodes.made(Node, template, tmp_path_factory.mktemp("three"), places) as made:
            real_nodes.connect(list(made.values()), dict.fromkeys(made, real_nodes.pushed()))
            yield made[RECEIVES], made[RESOLVES], made[THIRD]


@pytest.fixture
def nodes(three: Three, django_db_blocker: Any) -> Iterator[Three]:
    with django_db_blocker.unblock():
        for node in three:
            node.rows("DELETE FROM exchange_line")
        yield three


def resolving(nodes: Three, *papers: dossiers.Paper) -> str:
    """A dossier that was handed over and has arrived."""
    here, there, _ = nodes
    code = filed(here, there, papers=papers)
    here.step(code, "hand_over", NOW)
    here.follow(NOW)
    carry(here, there, NOW)
    return code


def consult(nodes: Three, code: str) -> Any:
    """The resolving node asks the third one; gives what stands on its desk."""
    here, there, third = nodes
    with there.inside():
        given = dossiers.Given(NOW, reason="Đất có tranh chấp không?", agency=third.agency)
        request = dossiers.StepRequest(code, "consult", uuid4().hex, b"consult", support.office(there.unit), given)
        [answer] = dossiers.take_steps([request])
        assert not isinstance(answer, Failure), answer
    there.follow(NOW)
    carry(there, third, NOW)
    carry(there, here, NOW)
    with third.inside():
        [found] = [one for one in transfers.consultations(scope=support.office(FAR), on=ON) if one.code == code]
    return found


def answered(third: Node, one: Any, opinion: str = "Không có tranh chấp.") -> None:
    with third.inside():
        transfers.give_opinion([one.id], opinion=opinion, by=support.office(FAR), now=NOW)


def test_an_opinion_is_asked_of_a_third_node_and_comes_back_into_the_log(nodes: Three) -> None:
    here, there, third = nodes
    with here.inside():
        paper = storage.files().put([b"%PDF-1.7\nland" * 900], 10**6).sha256
    code = resolving(nodes, dossiers.Paper(name="Sơ đồ", files=(paper,)))
    asked = consult(nodes, code)
    assert (asked.question, asked.papers, asked.ended) == ("Đất có tranh chấp không?", (("Sơ đồ", (paper,)),), "")
    with third.inside():
        assert storage.files().exists(paper)
        assert dossiers.copies([code], scope=identity.SYSTEM) == {}, "who is asked gets the question, not the dossier"
    waiting = there.where(code, NOW)
    assert waiting.consulted is not None
    assert (waiting.here.state, waiting.consulted.node, waiting.consulted.ended) == ("consulting", THIRD, "")
    first = here.where(code, NOW).elsewhere
    assert first is not None
    assert (first.state, first.holder) == ("consulting", waiting.consulted.agency)
    with third.inside():
        for who, opinion, failure in (
            (support.office(support.COMMUNE), "x", NotFound),
            (support.scope(support.place(FAR).committee, roles=[identity.Role.RECEPTION]), "x", NotAllowed),
            (support.office(FAR), " ", Permanent),
        ):
            with pytest.raises(failure):
                transfers.give_opinion([asked.id], opinion=opinion, by=who, now=NOW)
    answered(third, asked)
    carry(third, there, NOW)
    there.follow(NOW)
    carry(there, here, NOW)
    assert there.log(code)[-2:] == ["consult", "answer"] == here.log(code)[-2:]
    after = there.where(code, NOW)
    assert after.consulted is not None
    assert (after.here.state, after.consulted.ended) == ("in_process", "answered")
    with third.inside(), pytest.raises(Conflict):
        transfers.give_opinion([asked.id], opinion="again", by=support.office(FAR), now=NOW)


def test_a_question_that_needs_no_answer_leaves_the_desk_and_a_late_opinion_is_only_kept(nodes: Three) -> None:
    _, there, third = nodes
    code = resolving(nodes)
    asked = consult(nodes, code)
    answered(third, asked, "muộn")
    there.step(code, "go_on_without_answer", NOW, reason="Quá hạn.")
    there.follow(NOW)
    carry(third, there, NOW)
    carry(there, third, NOW)
    assert there.log(code)[-1] == "go_on_without_answer"
    with there.inside():
        [row] = [one for one in transfers.consultations(scope=identity.SYSTEM, on=ON) if one.code == code]
    assert (row.ended, row.opinion) == ("over", "muộn")
    other = consult(nodes, resolving(nodes))
    there.step(other.code, "go_on_without_answer", NOW, reason="Quá hạn.")
    there.follow(NOW)
    carry(there, third, NOW)
    with third.inside(), pytest.raises(Conflict):
        transfers.give_opinion([other.id], opinion="x", by=support.office(FAR), now=NOW)


def test_a_dossier_goes_after_the_agency_that_sits_at_another_node_since(nodes: Three) -> None:
    here, there, third = nodes
    code = resolving(nodes)
    there.step(code, "propose", NOW)
    there.follow(NOW)
    carry(there, here, NOW)
    before = seats(here)
    try:
        for node in nodes:
            with node.inside():
                known = exchange.read_map()
                moved = [s for s in known.seats if s.node != RESOLVES]
                exchange.set_map(
                    list(known.nodes.values()), [*moved, exchange.Seat(THIRD, None, there.unit_id, None, None)]
                )
        with here.inside():
            assert actions.follow_seats(now=NOW) >= 1
            assert actions.follow_seats(now=NOW) == 0
        carry(here, third, NOW)
        assert third.log(code) == ["transfer_in"]
        assert third.where(code, NOW).here.state == "to_approve"
        third.unit = there.unit  # its officials sit there now
        third.step(code, "approve", NOW)
        third.follow(NOW)
        carry(third, here, NOW)
        answer = here.where(code, NOW)
        assert answer.elsewhere is not None
        assert (answer.here.state, answer.elsewhere.node, answer.elsewhere.step) == ("to_sign", THIRD, "approve")
        with there.inside():
            actions.follow_seats(now=NOW)
        assert there.rows("SELECT is_open FROM transfers_transfer WHERE code = %s", code) == [(False,)]
    finally:
        third.unit = FAR
        for node in nodes:
            with node.inside():
                exchange.set_map(list(exchange.read_map().nodes.values()), before)


def seats(node: Node) -> tuple[exchange.Seat, ...]:
    with node.inside():
        return exchange.read_map().seats
