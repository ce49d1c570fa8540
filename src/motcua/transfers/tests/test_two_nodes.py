"""A dossier taken in at one node and resolved at another: everything arrives once, in order, and is told in words."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests import cluster, processes

from motcua.dossiers import api as dossiers
from motcua.dossiers.tests import support
from motcua.exchange import api as exchange
from motcua.identity import api as identity
from motcua.kernel import clock, storage
from motcua.procedures import api as procedures
from motcua.transfers import queries
from motcua.transfers.tests.two import NOW, RECEIVES, RESOLVES, Node, carry, connected, filed
from motcua.units import api as units

HOUR = timedelta(hours=1)
PAPER, RESULT = b"%PDF-1.7\npaper" * 5000, b"%PDF-1.7\nresult" * 5000


@pytest.fixture
def nodes(
    template: str, own_database: str, tmp_path: Path, django_db_setup: None, django_db_blocker: Any
) -> Iterator[tuple[Node, Node]]:
    """The node that takes in, and the one that resolves."""
    name = cluster.new_name()
    with django_db_blocker.unblock():
        units.refresh()
        procedures.refresh()
        here = Node(RECEIVES, own_database, tmp_path / RECEIVES, support.COMMUNE)
        there = Node(RESOLVES, cluster.copy(template, name), tmp_path / RESOLVES, support.NEIGHBOUR)
        yield here, there
    cluster.drop(name)


def near(nodes: tuple[Node, Node]) -> tuple[Node, Node]:
    """Both in this process."""
    connected(nodes, ports=(1, 1), transports=(exchange.Transport.PUSH,) * 2)
    return nodes


def kept(node: Node, content: bytes) -> str:
    with node.inside():
        return storage.files().put([content], 10**7).sha256


def sent(here: Node, there: Node, **more: Any) -> str:
    """A dossier that was handed over and has arrived."""
    code = filed(here, there, **more)
    here.step(code, "hand_over", NOW)
    here.follow(NOW)
    carry(here, there, NOW)
    return code


def test_a_dossier_is_taken_in_here_resolved_there_and_its_result_is_returned_here(nodes: tuple[Node, Node]) -> None:
    here, there = near(nodes)
    paper, result = kept(here, PAPER), kept(there, RESULT)
    code = filed(here, there, papers=(dossiers.Paper(name="Đơn", files=(paper,)),))
    here.step(code, "hand_over", NOW)
    here.follow(NOW)
    carry(here, there, NOW, cut=True)  # it was applied; the answer got lost
    carry(here, there, NOW + HOUR)
    assert there.log(code) == ["transfer_in"]
    with there.inside():
        committee = support.place(there.unit).committee
        [work] = dossiers.work_lists([dossiers.WorkListQuestion(support.office(there.unit), committee.id, "all", NOW)])
        assert not isinstance(work, Exception)
        assert [item.code for item in work.items] == [code]
        [record] = dossiers.records([code], scope=identity.SYSTEM).values()
        assert record.papers[0].files == [paper]
        assert storage.files().exists(paper)
    first = here.where(code, NOW + HOUR)
    assert first.elsewhere is not None
    assert (first.elsewhere.node, first.elsewhere.state, first.elsewhere.silent) == (RESOLVES, "", False)

    at = NOW + 2 * HOUR
    for name in ("propose", "approve", "sign", "finish"):
        papers = (dossiers.Paper(name="Kết quả", files=(result,)),) if name == "sign" else ()
        there.step(code, name, at, *papers)
        there.follow(at)
    carry(there, here, at)
    assert here.log(code) == ["file_counter", "hand_over", "propose", "approve", "sign", "finish"]
    assert there.log(code) == ["transfer_in", "propose", "approve", "sign", "finish"], "nothing is told back"
    across = here.where(code, at)
    assert across.elsewhere is not None
    assert (across.here.state, across.elsewhere.state, across.elsewhere.step) == ("finished", "finished", "finish")
    assert across.here.due_at == there.where(code, at).here.due_at
    assert across.elsewhere.signed_by == support.place(there.unit).committee.name_at(at.date())
    with here.inside():
        [record] = dossiers.records([code], scope=identity.SYSTEM).values()
        assert [(p.kind, p.files) for p in record.papers] == [("paper", [paper]), ("result", [result])]
        assert storage.files().exists(result)

    here.step(code, "return_result", at + HOUR)
    here.follow(at + HOUR)
    carry(here, there, at + HOUR)
    assert there.where(code, at + HOUR).here.state == "returned"
    assert here.rows("SELECT is_open FROM transfers_transfer") == [(False,)]
    assert here.rows("SELECT step, counted FROM transfers_word ORDER BY n") == [
        ("propose", True), ("approve", True), ("sign", True), ("finish", True)
    ]  # fmt: skip


def test_the_applicant_completes_here_what_was_asked_for_there(nodes: tuple[Node, Node]) -> None:
    here, there = near(nodes)
    code = sent(here, there)
    there.step(code, "ask_for_completion", NOW, reason="Thiếu bản sao.")
    there.follow(NOW)
    carry(there, here, NOW)
    assert here.where(code, NOW).here.must_act
    paper = kept(here, PAPER)
    here.step(code, "complete", NOW + HOUR, dossiers.Paper(name="Bản sao", files=(paper,)))
    here.follow(NOW + HOUR)
    carry(here, there, NOW + HOUR)
    answer = there.where(code, NOW + HOUR)
    assert answer.elsewhere is not None
    assert (answer.here.state, answer.elsewhere.step) == ("in_process", "complete")
    assert answer.here.due_at == here.where(code, NOW + HOUR).here.due_at
    with there.inside():
        assert storage.files().exists(paper)


def test_what_crosses_on_the_way_is_kept_and_what_contradicts_waits_for_a_person(nodes: tuple[Node, Node]) -> None:
    here, there = near(nodes)
    crossed, signed = sent(here, there), sent(here, there)
    for code in (crossed, signed):
        here.step(code, "withdraw", NOW, reason="Không cần nữa.")
        there.step(code, "propose", NOW)
    for name in ("approve", "sign"):
        there.step(signed, name, NOW)
    for node in (here, there):
        node.follow(NOW)
    carry(here, there, NOW)
    carry(there, here, NOW)
    assert [node.where(crossed, NOW).here.state for node in nodes] == ["withdrawn", "withdrawn"]
    assert here.rows("SELECT DISTINCT counted FROM transfers_word") == [(False,)]
    assert there.where(signed, NOW).here.state == "signed"
    with here.inside():
        [dead] = exchange.dead_letters()
    assert dead.subject == signed
    assert "không thực hiện được" in dead.said


def test_what_the_other_node_may_not_say_is_refused_in_words(nodes: tuple[Node, Node]) -> None:
    here, there = near(nodes)
    strange, foreign = filed(here, there), sent(here, there)
    here.step(strange, "hand_over", NOW)
    here.follow(NOW)
    there.handlers["dossier.transferred"] = refusing(there.handlers["dossier.transferred"], b"version_from")
    carry(here, there, NOW)
    forge(there, here, foreign, "digitise")
    carry(there, here, NOW)
    with here.inside():
        [dead] = exchange.dead_letters()
        assert dead.subject == strange
        assert "phiên bản" in dead.said
    with there.inside():
        [dead] = exchange.dead_letters()
        assert "không được báo bước" in dead.said
    assert here.log(foreign) == ["file_counter", "hand_over"]
    assert there.log(strange) == []


def refusing(handler: Any, _: bytes) -> Any:
    """The same handler at a node whose catalogue has another version: what arrives names one of another first day."""
    import re
    from dataclasses import replace

    def other(arrived: Any) -> Any:
        return handler(
            [
                replace(one, content=re.sub(rb'"version_from":[^,]+', b'"version_from":"1999-01-01"', one.content))
                for one in arrived
            ]
        )

    return other


def forge(there: Node, here: Node, code: str, step: str) -> None:
    """The resolving node says that the reception took a step."""
    import msgspec
    from django.db import transaction

    from motcua.transfers import actions
    from motcua.transfers.rules import STEPPED

    with there.inside(), transaction.atomic():
        [copy] = dossiers.copies([code], scope=identity.SYSTEM).values()
        said = msgspec.structs.replace(actions._said(copy, copy.steps[0]), step=step)
        body = actions.Stepped(code, [said], actions._lived(copy.life, NOW.date()), [])
        message = exchange.Message(copy.resolving, copy.reception, code, STEPPED, msgspec.json.encode(body))
        exchange.post([message], now=NOW)


def test_a_stranger_says_nothing_about_a_dossier(nodes: tuple[Node, Node]) -> None:
    from django.db import transaction

    here, there = near(nodes)
    code = sent(here, there)
    there.step(code, "propose", NOW)
    there.follow(NOW)
    with there.inside(), transaction.atomic():
        [row] = exchange.of_subject(exchange.NODE + RECEIVES, code)
        place = support.place(there.unit)
        other = exchange.Message(place.centre.id, support.place(here.unit).centre.id, "x", row.kind, body_of(row.body))
        exchange.post([other], now=NOW)
    carry(there, here, NOW)
    with there.inside():
        [dead] = exchange.dead_letters()
    assert dead.subject == "x"
    assert here.log(code)[-1] == "propose"


def body_of(wire: bytes) -> bytes:
    from motcua.exchange.rules.envelope import opened, read_event

    return bytes(read_event(opened(wire)[1]).data)


def test_a_silent_node_is_called_silent_and_greeted_before(nodes: tuple[Node, Node]) -> None:
    from motcua.transfers import actions

    here, there = near(nodes)
    code = sent(here, there)
    soon, late = NOW + timedelta(minutes=90), NOW + timedelta(days=1)
    with here.inside():
        assert actions.greet_quiet(now=NOW) == 0
        assert actions.greet_quiet(now=soon) == 1
        assert actions.greet_quiet(now=soon) == 0, "one greeting is on its way"
    elsewhere = here.where(code, late).elsewhere
    assert elsewhere is not None
    assert elsewhere.silent
    carry(here, there, late)
    elsewhere = here.where(code, late).elsewhere
    assert elsewhere is not None
    assert not elsewhere.silent


def test_a_worker_killed_in_between_loses_and_doubles_nothing(nodes: tuple[Node, Node]) -> None:
    here, there = nodes
    port = processes.free_port()
    connected(nodes, ports=(1, port), transports=(exchange.Transport.PULL, exchange.Transport.PUSH))
    now = clock.now()
    codes = [filed(here, there, now=now) for _ in range(4)]
    for code in codes:
        here.step(code, "hand_over", now)

    def come() -> int:
        return len(there.rows("SELECT 1 FROM transfers_transfer"))

    server = processes.Process("serve", "--port", str(port), database=there.url, var=there.var, MOTCUA_NODE=RESOLVES)
    worker = processes.Process("worker", database=here.url, var=here.var, MOTCUA_NODE=RECEIVES)
    try:
        processes.wait_until(lambda: come() > 0, worker.process)
        worker.kill()
        here.rows("UPDATE exchange_course SET due_at = now() WHERE lease IS NOT NULL RETURNING 1")
        for code in codes[:come()]:
            there.step(code, "propose", clock.now())
        there.follow(clock.now())
        worker.start()
        processes.wait_until(
            lambda: come() == len(codes)
            and not here.rows("SELECT 1 FROM exchange_course WHERE done < last")
            and not there.rows("SELECT 1 FROM exchange_course WHERE done < last"),
            worker.process,
        )
    finally:
        worker.stop()
        server.stop()
    assert {code: there.log(code)[0] for code in codes} == dict.fromkeys(codes, "transfer_in")
    assert [len(there.log(code)) for code in codes] == [len(here.log(code)) - 1 for code in codes]
    assert "propose" in here.log(codes[0])
    assert queries.STEPS
