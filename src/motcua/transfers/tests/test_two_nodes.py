"""A dossier taken in at one node and resolved at another: everything arrives once, in order, and is told in words."""

import argparse
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.db import connection, transaction
from tests import processes

from motcua.dossiers import api as dossiers
from motcua.dossiers.tests import support
from motcua.exchange import api as exchange
from motcua.exchange.rules.envelope import AGENCY, opened, read_event, sealed, written
from motcua.exchange.tests import real_nodes
from motcua.exchange.tests.real_nodes import carry
from motcua.identity import api as identity
from motcua.kernel import clock, storage
from motcua.kernel.errors import NotFound
from motcua.procedures import api as procedures
from motcua.signing import api as signing
from motcua.transfers import actions, checks, commands, endpoints
from motcua.transfers.rules import STEPPED, Stepped
from motcua.transfers.tests.two import NOW, RECEIVES, RESOLVES, Node, filed
from motcua.units import api as units

HOUR = timedelta(hours=1)
PAPER, RESULT = b"%PDF-1.7\npaper" * 5000, b"%PDF-1.7\nresult" * 5000


Pair = tuple[Node, Node]


@contextmanager
def pair(template: str, folder: Path) -> Iterator[Pair]:
    """The node that takes in, and the one that resolves, each with a fresh copy of the country."""
    units.refresh()
    procedures.refresh()
    with real_nodes.made(Node, template, folder, {RECEIVES: support.COMMUNE, RESOLVES: support.NEIGHBOUR}) as made:
        yield made[RECEIVES], made[RESOLVES]


@pytest.fixture(scope="module")
def both(
    template: str, tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any
) -> Iterator[Pair]:
    """Two nodes in this process, for tests that look at their own dossiers only."""
    with django_db_blocker.unblock(), pair(template, tmp_path_factory.mktemp("nodes")) as made:
        real_nodes.connect(made, dict.fromkeys((RECEIVES, RESOLVES), real_nodes.pushed()))
        yield made


@pytest.fixture
def nodes(both: Pair, django_db_blocker: Any) -> Iterator[Pair]:
    with django_db_blocker.unblock():
        for node in both:
            node.handlers = dict(actions.HANDLERS)
            node.rows("DELETE FROM exchange_line")  # what another test heard at another hour
        yield both


def dead(node: Node, subject: str) -> str:
    """What the other node said to the one letter about this subject that waits for a person."""
    with node.inside():
        [row] = [one for one in exchange.dead_letters() if one.subject == subject]
    return row.said


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


def test_a_dossier_is_taken_in_here_resolved_there_and_its_result_is_returned_here(nodes: Pair) -> None:
    here, there = nodes
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
        assert code in [item.code for item in work.items]
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
    assert here.rows(f"SELECT is_open FROM transfers_transfer WHERE code = '{code}'") == [(False,)]
    assert here.rows(f"SELECT step, counted FROM transfers_word WHERE code = '{code}' ORDER BY n") == [
        ("propose", True), ("approve", True), ("sign", True), ("finish", True)
    ]  # fmt: skip


def test_the_applicant_completes_here_what_was_asked_for_there(nodes: Pair) -> None:
    here, there = nodes
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


def test_what_crosses_on_the_way_is_kept_and_what_contradicts_waits_for_a_person(nodes: Pair) -> None:
    here, there = nodes
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
    assert here.rows(f"SELECT counted FROM transfers_word WHERE code = '{crossed}'") == [(False,)]
    assert there.where(signed, NOW).here.state == "signed"
    assert "không thực hiện được" in dead(here, signed)


def test_what_the_other_node_may_not_say_is_refused_in_words(nodes: Pair) -> None:
    here, there = nodes
    strange, foreign = filed(here, there), sent(here, there)
    here.step(strange, "hand_over", NOW)
    here.follow(NOW)
    there.handlers["dossier.transferred"] = of_another_day(there.handlers["dossier.transferred"])
    carry(here, there, NOW)
    forge(there, here, foreign, "digitise")
    carry(there, here, NOW)
    assert "phiên bản" in dead(here, strange)
    assert "không được báo bước" in dead(there, foreign)
    assert here.log(foreign) == ["file_counter", "hand_over"]
    assert there.log(strange) == []


def of_another_day(handler: Any) -> Any:
    """The same handler at a node whose catalogue has another version: what arrives names one of another first day."""

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
    with there.inside(), transaction.atomic():
        [copy] = dossiers.copies([code], scope=identity.SYSTEM).values()
        said = msgspec.structs.replace(actions._said(copy, copy.steps[0]), step=step)
        body = Stepped(code, [said], actions._lived(copy.life, NOW.date()), [])
        message = exchange.Message(copy.resolving, copy.reception, code, STEPPED, msgspec.json.encode(body))
        exchange.post([message], now=NOW)


def test_a_stranger_says_nothing_about_a_dossier(nodes: Pair) -> None:
    here, there = nodes
    code = sent(here, there)
    there.step(code, "propose", NOW)
    there.follow(NOW)
    carry(there, here, NOW)
    there.step(code, "approve", NOW)
    there.follow(NOW)
    stranger = support.place(there.unit).centre.id  # it sits at the node, and has nothing to do with the dossier
    with there.inside(), transaction.atomic():
        [row] = exchange.of_subject(exchange.NODE + RECEIVES, code)[1:]
        [parcel] = exchange.parcels([row.id])
        payload = written(msgspec.structs.replace(read_event(opened(parcel.body)[1]), source=AGENCY + org(stranger)))
        [jws] = signing.sign([(stranger, payload)], now=NOW)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE exchange_parcel SET body = %s WHERE id = %s", [sealed(jws, payload), row.id])
    carry(there, here, NOW)
    assert "không có quyền" in dead(there, code)
    assert here.log(code)[-1] == "propose"


def org(agency: int) -> str:
    return units.directory().agency(agency).org(NOW.date())


def test_a_silent_node_is_called_silent_and_greeted_before(nodes: Pair) -> None:
    here, there = nodes
    code = sent(here, there)
    late = NOW + timedelta(days=1)
    with here.inside():
        assert actions.greet_quiet(now=late) == 1
        assert actions.greet_quiet(now=late) == 0, "one greeting is on its way"
    elsewhere = here.where(code, late).elsewhere
    assert elsewhere is not None
    assert elsewhere.silent
    carry(here, there, late)
    elsewhere = here.where(code, late).elsewhere
    assert elsewhere is not None
    assert not elsewhere.silent


def test_what_can_not_be_told_holds_up_no_other_and_is_told_when_it_can_be(nodes: Pair) -> None:
    here, there = nodes
    codes = [filed(here, there) for _ in range(2)]
    for code in codes:
        here.step(code, "hand_over", NOW)
    keys, away = here.var / "secrets" / "agencies", here.var / "lost"
    keys.rename(away)
    here.follow(NOW)
    reason = here.where(codes[0], NOW).elsewhere
    assert reason is not None
    assert "khóa ký" in reason.problem
    here.step(codes[1], "withdraw", NOW, reason="Không cần nữa.")
    away.rename(keys)
    with here.inside():
        assert actions.tell_again(now=NOW) == 1
        assert actions.tell_again(now=NOW) == 0
    here.follow(NOW)
    carry(here, there, NOW)
    assert [there.log(code) for code in codes] == [["transfer_in"], []], "what ended before is not told"


def test_the_command_and_the_api_say_where_it_is_across_nodes(
    nodes: Pair, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = nodes
    code, alone = sent(here, there), filed(here, here)
    there.step(code, "propose", NOW)
    there.follow(NOW)
    carry(there, here, NOW)
    monkeypatch.setattr(clock, "now", lambda: NOW)
    [command] = commands.COMMANDS
    parser = argparse.ArgumentParser()
    command.arguments(parser)
    with here.inside():
        assert command.run(parser.parse_args([code])) == 0
        assert command.run(parser.parse_args([alone])) == 0
        assert command.run(parser.parse_args([])) == 0
        printed = capsys.readouterr().out
        foreign = [dossiers.WhereQuestion(code, NOW, scope=support.office(support.ELSEWHERE))]
        [refused] = endpoints.LANES["across"].work(foreign)
        assert isinstance(refused, NotFound), "who may not know of it here hears nothing of it from there"
        assert checks.transfers().text.startswith(f"{len(here.rows('SELECT 1 FROM transfers_transfer WHERE is_open'))}")
    assert f"Nút {RESOLVES}: Chờ duyệt" in printed
    assert "không giữ hồ sơ này" in printed
    assert f"{code}  → {RESOLVES}" in printed


@pytest.fixture
def apart(template: str, tmp_path: Path, django_db_setup: None, django_db_blocker: Any) -> Iterator[Pair]:
    """Two nodes for processes of their own."""
    with django_db_blocker.unblock(), pair(template, tmp_path) as made:
        yield made


def test_a_worker_killed_in_between_loses_and_doubles_nothing(apart: Pair) -> None:
    here, there = apart
    server = processes.Server(there.url, there.var, MOTCUA_NODE=RESOLVES)
    real_nodes.connect(apart, {RECEIVES: real_nodes.PULLS, RESOLVES: real_nodes.pushed(server.url)})
    now = clock.now()
    codes = [filed(here, there, now=now) for _ in range(4)]
    for code in codes:
        here.step(code, "hand_over", now)

    def come() -> int:
        return len(there.rows("SELECT 1 FROM transfers_transfer"))

    worker = processes.Process("worker", database=here.url, var=here.var, MOTCUA_NODE=RECEIVES)
    try:
        processes.wait_until(lambda: come() > 0, worker.process)
        worker.kill()
        for node in apart:
            node.time_passes()
        arrived = [code for (code,) in there.rows("SELECT code FROM transfers_transfer")]
        for code in arrived:
            there.step(code, "propose", clock.now())
        there.follow(clock.now())
        worker.start()
        processes.wait_until(
            lambda: (
                come() == len(codes)
                and not here.rows("SELECT 1 FROM exchange_course WHERE done < last")
                and not there.rows("SELECT 1 FROM exchange_course WHERE done < last")
            ),
            worker.process,
        )
    finally:
        worker.stop()
        server.stop()
    assert {code: there.log(code)[0] for code in codes} == dict.fromkeys(codes, "transfer_in")
    assert [len(there.log(code)) for code in codes] == [len(here.log(code)) - 1 for code in codes]
    assert all(here.log(code)[-1] == "propose" for code in arrived)
