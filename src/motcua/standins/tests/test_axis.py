"""The axis's connector against the stand-in: every fault in any order, and in the end both books say the same."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Thread
from uuid import UUID

import hypothesis
import msgspec
import pytest
import requests
from django.conf import settings
from django.db import connection, transaction
from hypothesis import strategies as some
from tests.processes import Process, free_port, wait_until
from werkzeug.serving import make_server

from motcua.documents import api as documents
from motcua.documents import jobs, organisations
from motcua.documents.api import Direction, Question, State, StepRequest
from motcua.documents.axis import Axis
from motcua.documents.models import Document, Organisation, Packet, Said
from motcua.documents.post import AXIS, Enclosed
from motcua.documents.tests import messages
from motcua.dossiers.tests.support import ELSEWHERE, NOW, ON, office, place
from motcua.exchange import api as exchange
from motcua.exchange.tests import kit
from motcua.standins import axis
from motcua.units import api as units

pytestmark = pytest.mark.django_db
MODES = {
    kit.How.WELL: "well",
    kit.How.FAILS: "busy",
    kit.How.SILENT: "silent",
    kit.How.LOST: "cut",
    kit.How.REFUSES: "refuse",
}


class Running:
    """A stand-in axis that answers at `url`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.way = Axis(url, settings.AXIS_SYSTEM, settings.AXIS_SECRET, read=0.5)

    def mode(self, mode: str, **more: object) -> None:
        answer = requests.post(f"{self.url}/mode", json={"mode": mode, **more}, allow_redirects=False)
        assert answer.status_code == 303, answer.text

    def behave(self, how: kit.How) -> None:
        self.mode(MODES[how])

    def inject(self, text: str | bytes, to: str, sender: str = "000.00.00.G22") -> str:
        data = text.encode() if isinstance(text, str) else text
        return str(requests.post(f"{self.url}/inject", params={"to": to, "from": sender}, data=data).json()["id"])

    def held(self) -> list[dict[str, str]]:
        return list(requests.get(f"{self.url}/held").json())

    def statuses(self) -> list[str]:
        """The statuses that we told, as the other office reads them."""
        return [requests.get(f"{self.url}/held/{one['id']}").text for one in self.held() if one["type"] == "status"]

    def applied(self) -> Sequence[UUID]:
        return [UUID(one["message"]) for one in self.held() if one["message"]]


@contextmanager
def running() -> Iterator[Running]:
    server = make_server("127.0.0.1", 0, axis.application(), threaded=True)
    server.daemon_threads = True  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        made = Running(f"http://127.0.0.1:{server.port}")
        made.mode("well", loop=False)
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def side() -> Iterator[Running]:
    with running() as made:
        yield made


def letter(subject: str) -> exchange.Letter:
    body = Enclosed("status", "H26.101", ("000.00.00.G22",), text=messages.status())
    return exchange.Letter(AXIS, subject, "status 03", msgspec.json.encode(body))


@pytest.mark.parametrize("case", kit.CASES, ids=kit.named)
def test_the_axis_connector_holds(case: kit.Case, side: Running, country: None) -> None:
    case(kit.Trial(side.way, side, letter, cannot={kit.How.WAITS: "the axis takes a message or refuses it"}))


def own() -> str:
    return place().committee.org(ON)


def incoming(number: int, **named: str) -> str:
    return messages.message(
        to=own(), number=str(number), document_id=f"000.00.00.G22,2026/10/30,{number}/VPCP-TTĐT", **named
    )


def registered() -> list[str]:
    rows, _ = documents.register(Question(office(), place().committee.id, Direction.IN))
    return sorted(row.code for row in rows)


def deliver(side: Running, hours: int = 0) -> None:
    exchange.dispatch(connector=side.way, now=NOW + timedelta(hours=hours), chance=lambda: 0.5)


def test_what_waits_at_the_axis_is_fetched_registered_and_settled(side: Running, country: None) -> None:
    side.inject(incoming(1), own())
    side.inject(incoming(2, sender=""), own())
    assert jobs.collect(NOW, way=side.way) == 2
    assert registered() == ["1/VPCP-TTĐT"]
    assert sorted(one["state"] for one in side.held()) == ["done", "fail"]
    assert jobs.collect(NOW, way=side.way) == 0
    for hour in range(3):
        deliver(side, hour)
    assert sorted(one["type"] for one in side.held() if one["box"] == "out") == ["status", "status"]
    assert sorted(("StatusCode>01<" in s, "StatusCode>02<" in s) for s in side.statuses()) == [
        (False, True),
        (True, False),
    ]


def test_a_message_that_came_in_pieces_is_fetched_again(side: Running, country: None) -> None:
    side.inject(incoming(1), own())
    for mode in ("cut-answer", "cut", "error", "silent", "slow"):
        side.mode(mode, seconds=0.7)
        assert jobs.collect(NOW, way=side.way) == 0
    side.mode("well")
    assert jobs.collect(NOW, way=side.way) == 1
    assert registered() == ["1/VPCP-TTĐT"]


def test_a_receiver_that_the_axis_does_not_know_is_shown_to_a_person(side: Running, country: None) -> None:
    to = place(ELSEWHERE).committee.org(ON)
    side.mode("well", unknown=[to])
    [uid] = documents.draft(
        [documents.Draft(place().committee.id, "cong-van", "Về việc thử", (to,))], scope=office(), now=NOW
    )
    for name in ("submit", "approve", "sign", "number", "issue", "send"):
        documents.take_steps([StepRequest(uid, name)], scope=office(), now=NOW)
    deliver(side)
    [problem] = documents.problems(place().committee.id, scope=office()).undelivered
    assert (problem.code, problem.said) == ("01/UBND", f"không có nơi nhận {to}")


FAULTS = ("well", "error", "busy", "cut", "cut-answer", "error-after", "silent", "twice", "mixed", "refuse")


@hypothesis.settings(
    max_examples=2,
    suppress_health_check=list(hypothesis.HealthCheck),
    phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
)
@hypothesis.example(faults=["well", "refuse", "silent", "refuse", "twice", "refuse"])
@hypothesis.given(faults=some.lists(some.sampled_from(FAULTS), min_size=6, max_size=10))
def test_whatever_goes_wrong_both_books_are_equal_in_the_end(faults: list[str], country: None) -> None:
    with transaction.atomic():
        _books(faults)
        transaction.set_rollback(True)


def _books(faults: list[str]) -> None:
    with running() as side:
        for n in range(3):
            side.inject(incoming(n + 1), own())
        side.inject(incoming(9, sender="?"), own())
        [uid] = documents.draft(
            [documents.Draft(place().committee.id, "cong-van", "Về", (place(ELSEWHERE).committee.org(ON),))],
            scope=office(),
            now=NOW,
        )
        todo = ["submit", "approve", "sign", "number", "issue", "send"]
        for hour, fault in enumerate(faults):
            side.mode(fault)
            jobs.collect(NOW, way=side.way)
            if todo:
                documents.take_steps([StepRequest(uid, todo.pop(0))], scope=office(), now=NOW)
            for row in documents.register(Question(office(), place().committee.id, Direction.IN, state=State.ARRIVED))[
                0
            ][:1]:
                documents.take_steps([StepRequest(row.uid, "receive")], scope=office(), now=NOW)
            deliver(side, hour)
        side.mode("well")
        refused = exchange.dead_letters(AXIS)
        shown = documents.problems(place().committee.id, scope=office()).undelivered
        assert sorted((row.kind, row.said) for row in refused) == sorted((one.to, one.said) for one in shown)
        exchange.replay([row.id for row in refused], caller=0, reason="đã sửa", now=NOW + timedelta(hours=len(faults)))
        while todo:
            documents.take_steps([StepRequest(uid, todo.pop(0))], scope=office(), now=NOW)
        jobs.collect(NOW, way=side.way)
        for hour in range(40):
            deliver(side, 24 * (hour + 1))
        assert registered() == ["1/VPCP-TTĐT", "2/VPCP-TTĐT", "3/VPCP-TTĐT"]
        assert {one["state"] for one in side.held() if one["box"] == "in"} == {"done", "fail"}
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM exchange_parcel WHERE partner = %s", [AXIS])
            ours = [row[0] for row in cursor.fetchall()]
        assert sorted(side.applied()) == sorted(ours), "each letter once on the other side, and no other"
        [open_] = [row.open for row in exchange.lines(NOW)]
        assert open_ == 0
        told = side.statuses()
        said = Said.objects.filter(document__direction=Direction.IN)
        for code in ("01", "03"):
            assert sum(f"StatusCode>{code}<" in text for text in told) == said.filter(code=code).count()
        assert [one["type"] for one in side.held() if one["type"] == "edoc" and one["box"] == "out"] == ["edoc"]
        bad = Packet.objects.exclude(faults=[])
        assert {packet.faults[0][0] for packet in bad} == {"sender-malformed"}


def test_the_list_of_organisations_is_taken_over_with_dates_and_its_errors_left_out(
    side: Running, country: None
) -> None:
    side.mode("well", many=400)
    jobs.synchronise(NOW, way=side.way)
    assert Organisation.objects.filter(valid_to=None).count() == 400
    listed = [(row.code, row.code102, row.name, row.pcode) for row in side.way.agencies(now=NOW)]
    differences = organisations.compare(listed, organisations.known(), {})
    assert (differences.added, differences.changed, differences.gone, differences.same) == ((), (), (), 400)
    assert sorted(one.why for one in differences.misfits) == [
        "code-malformed", "code-missing", "code-missing", "code-missing", "code-twice", "name-missing",
    ]  # fmt: skip
    kept = organisations.misfits(limit=4)
    assert [replace(one, id=0) for one in (*kept, *organisations.misfits(after=kept[-1].id))] == [*differences.misfits]
    side.mode("well", many=390)
    jobs.synchronise(NOW + timedelta(days=1), way=side.way)
    assert Organisation.objects.filter(valid_to=None).count() == 390
    ended = Organisation.objects.filter(valid_to__isnull=False)
    assert {row.valid_to for row in ended} == {ON}
    assert _pages() == [("", "gone")] * 10 + [("new", "")] * 400
    side.mode("error")
    jobs.synchronise(NOW + timedelta(days=2), way=side.way)
    side.mode("well", many=0)
    jobs.synchronise(NOW + timedelta(days=2), way=side.way)
    assert Organisation.objects.filter(valid_to=None).count() == 390, "an empty list closes nobody"


def _pages() -> list[tuple[str, str]]:
    """What the lists changed, page by page: whether an organisation is new or gone."""
    found, after = [], None
    while True:
        changes, after = organisations.changes(after=after, limit=70)
        found += [("new" if not one.before else "", "gone" if not one.after else "") for one in changes]
        if after is None:
            return found


def test_our_new_and_closed_identifiers_are_announced_once_within_fifteen_days(side: Running, country: None) -> None:
    since = units.REFORM_DAY
    few = {place().committee.org(ON)}
    found = organisations.to_announce(since + timedelta(days=10), few)
    assert {one.code for one in found if one.act == "open"} >= few
    assert all(one.on <= one.by <= since + timedelta(days=15) for one in found)
    assert organisations.to_announce(since + timedelta(days=16), few) == ()
    assert organisations.announce(found[:1], now=NOW) == 1
    assert organisations.to_announce(since + timedelta(days=10), few) == found[1:]
    deliver(side)
    rows = requests.get(f"{side.url}/registered").json()
    assert {row["code"] for row in rows} == {one.code for one in found[:1] if one.act == "open"}


def test_the_stand_in_is_a_process_of_its_own_that_says_what_it_is(tmp_path: Path) -> None:
    port = free_port()
    process = Process("stand-in", "axis", "--port", str(port), database="postgresql:///none", var=tmp_path)
    try:

        def answers() -> bool:
            try:
                return "MÔ PHỎNG" in requests.get(f"http://127.0.0.1:{port}/", timeout=5).text
            except requests.RequestException:
                return False

        wait_until(answers, process.process)
        refused = requests.get(f"http://127.0.0.1:{port}/getReceivedEdocList", timeout=5)
        assert (refused.status_code, refused.headers["X-Mo-Phong"]) == (403, "MO PHONG")
        assert json.loads(refused.text)["message"] == "chữ ký sai"
    finally:
        process.stop()


def test_two_offices_of_one_installation_write_to_each_other(side: Running, country: None) -> None:
    side.mode("well", loop=True)
    there = place(ELSEWHERE)
    [uid] = documents.draft(
        [
            documents.Draft(
                place().committee.id, "cong-van", "Về việc phối hợp", (there.committee.org(ON),),
                files=documents.keep([("Phụ lục.pdf", messages.PDF)]),
            )
        ],
        scope=office(),
        now=NOW,
    )  # fmt: skip
    for name in ("submit", "approve", "sign", "number", "issue", "send"):
        documents.take_steps([StepRequest(uid, name)], scope=office(), now=NOW)
    deliver(side)
    assert jobs.collect(NOW, way=side.way) == 1
    [arrived], _ = documents.register(Question(office(ELSEWHERE), there.committee.id, Direction.IN))
    documents.take_steps([StepRequest(arrived.uid, "receive")], scope=office(ELSEWHERE), now=NOW)
    for hour in range(3):
        deliver(side, hour)
        jobs.collect(NOW, way=side.way)
    found = documents.open_document(uid, scope=office())
    assert [(one.line, one.status) for one in found.receivers] == [("done", "03")]
    assert [said.code for said in found.said] == ["01", "03"]
    copy = documents.open_document(arrived.uid, scope=office(ELSEWHERE))
    assert [file.name for file in copy.files] == ["phu-luc.pdf"]
    assert copy.row.organ_name == found.row.organ_name


def test_a_large_list_of_documents_leaves_no_open_file(side: Running, country: None) -> None:
    for n in range(25):
        side.inject(incoming(n + 1), own())
    assert jobs.collect(NOW, way=side.way) == 25
    assert Document.objects.count() == 25
