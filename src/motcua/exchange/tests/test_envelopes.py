"""Envelopes between agencies of one installation: signed, applied once, in order, receipted; and what is refused."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import msgspec
import pytest
from django.db import connection, transaction

from motcua.exchange import api as exchange
from motcua.exchange import calls, node_line
from motcua.exchange.api import Answer, Arrived, Outcome, State
from motcua.exchange.receiving import receive, tell
from motcua.exchange.rules.envelope import Event, digest, opened, read_event, read_receipt, sealed, written
from motcua.exchange.tests import kit
from motcua.exchange.tests.kit import How, Trial
from motcua.kernel import storage
from motcua.kernel.errors import Failure, NotAllowed, Permanent, Transient, Unknown
from motcua.signing import api as signing
from motcua.signing import keys
from motcua.units import api as units

NOW = datetime(2026, 8, 17, 1, tzinfo=UTC)
HOME, AWAY = "ha-noi", "hue"


def centre(code: str) -> int:
    """The agency that receives in a commune."""
    directory = units.directory()
    unit = directory.find_unit(code, NOW.date())
    assert unit is not None
    found = directory.agency_of(unit.id, units.AgencyKind.PEOPLES_COMMITTEE, NOW.date())
    assert found is not None
    return found.id


class Office:
    """What is applied, in order, and how the next is treated."""

    def __init__(self) -> None:
        self.book: list[Arrived] = []
        self.failing: Exception | None = None

    def __call__(self, arrived: Sequence[Arrived]) -> Sequence[Outcome] | None:
        for one in arrived:
            if self.failing is not None and one.content == b'"bad"':
                raise self.failing
        self.book += arrived
        return None


@pytest.fixture
def ground(country: None, settings: Any, tmp_path: Path) -> tuple[int, int]:
    """Two communes with keys, at one node each of a map of two; this installation is HOME."""
    settings.SIGNING_KEYS, settings.NODE = tmp_path / "agencies", HOME
    mine, other = centre("00004"), centre("19804")
    exchange.set_map(
        [
            exchange.Node(HOME, mine, exchange.Transport.PUSH, "http://127.0.0.1:1"),
            exchange.Node(AWAY, other, exchange.Transport.PUSH, "http://127.0.0.1:1"),
        ],
        [exchange.Seat(HOME, mine, None, None, None), exchange.Seat(AWAY, other, None, None, None)],
    )
    signing.make_keys([mine, other], now=NOW - timedelta(days=1))
    return mine, other


def message(ground: tuple[int, int], content: bytes = b'"hello"', subject: str = "s", **more: Any) -> exchange.Message:
    return exchange.Message(ground[0], ground[1], subject, "test.said", content, **more)


def post(*messages: exchange.Message, now: datetime = NOW) -> list[bytes]:
    """Write envelopes; gives them as they lie in the outbox."""
    with transaction.atomic():
        ids = exchange.post(messages, now=now)
    return [row.body for row in exchange.parcels(ids)]


def changed(wire: bytes, agency: int, **more: Any) -> bytes:
    """The same envelope with other words, signed by this agency."""
    payload = written(msgspec.structs.replace(read_event(opened(wire)[1]), **more))
    return sealed(signing.sign([(agency, payload)], now=NOW)[0], payload)


@pytest.fixture
def office() -> Office:
    return Office()


def take(office: Office, *wires: bytes, now: datetime = NOW, at: str = AWAY) -> list[tuple[Answer, str]]:
    """What the other node says of envelopes; it is imitated in this database, which is why it takes another name."""
    from django.test import override_settings

    with override_settings(NODE=at):
        receipt = receive(wires, handlers={"test.said": office}, now=now)
    return [(one.answer, one.said) for one in read_receipt(opened(receipt)[1]).envelopes]


def refused() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT problem FROM exchange_refusal ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.django_db
def test_an_envelope_is_a_cloudevent_with_a_detached_signature(ground: tuple[int, int], office: Office) -> None:
    [wire] = post(message(ground, b'{"a":1}'))
    jws, payload = opened(wire)
    event = msgspec.json.decode(payload)
    assert jws.split(".")[1] == ""
    assert event["specversion"] == "1.0"
    assert event["type"] == "test.said"
    assert event["source"].startswith("urn:motcua:agency:H")
    assert (event["sequence"], event["node"], event["data"]) == (1, HOME, {"a": 1})
    assert take(office, wire) == [(Answer.DONE, "")]
    [arrived] = office.book
    assert (arrived.sender, arrived.recipient, arrived.content, arrived.node) == (*ground, b'{"a":1}', HOME)


@pytest.mark.django_db
def test_what_comes_twice_is_applied_once(ground: tuple[int, int], office: Office) -> None:
    [wire] = post(message(ground))
    assert [take(office, wire)[0][0], take(office, wire)[0][0]] == [Answer.DONE, Answer.DUPLICATE]
    assert len(office.book) == 1


@pytest.mark.django_db
def test_the_order_of_a_subject_is_the_senders(ground: tuple[int, int], office: Office) -> None:
    first, second, other = post(message(ground), message(ground), message(ground, subject="t"))
    assert [answer for answer, _ in take(office, second, other)] == [Answer.TRANSIENT, Answer.DONE]
    assert [answer for answer, _ in take(office, first, second)] == [Answer.DONE, Answer.TRANSIENT]
    assert [answer for answer, _ in take(office, second)] == [Answer.DONE]
    assert [digest(wire) for wire in (first, second)] == [
        sha for one in office.book if one.subject == "s" for sha in [digest(first if one.id == _id(first) else second)]
    ]
    again = changed(first, ground[0], id=UUID(int=5))
    assert take(office, again)[0][0] is Answer.PERMANENT
    assert refused() == ["out-of-turn", "out-of-turn", "turn-taken"]


def _id(wire: bytes) -> UUID:
    return read_event(opened(wire)[1]).id


@pytest.mark.django_db
def test_what_is_forged_stale_or_wrongly_addressed_is_refused_and_logged(
    ground: tuple[int, int], office: Office
) -> None:
    [wire] = post(message(ground))
    jws, payload = opened(wire)
    org = units.directory().agency(ground[1]).org(NOW.date())
    bad = {
        "signature-wrong": sealed(jws, payload.replace(b"hello", b"hallo")),
        "signature-unreadable": b"x" + wire,
        "envelope-unreadable": b"\xff\xfe\n{}",
        "signed-by-another": changed(wire, ground[1]),
        "clock-ahead": changed(wire, ground[0], time=NOW + timedelta(minutes=16)),
        "stale": changed(wire, ground[0], time=NOW - timedelta(days=181)),
        "recipient-unknown": changed(wire, ground[0], recipient="Z99.1"),
    }
    with connection.cursor() as cursor:
        cursor.execute("UPDATE signing_key SET valid_from = %s", [NOW - timedelta(days=400)])
    for problem, envelope in bad.items():
        take(office, envelope)
        assert refused()[-1] == problem
    take(office, wire, at=HOME)
    assert office.book == []
    assert org


@pytest.mark.django_db
def test_a_clock_that_is_ten_minutes_wrong_loses_nothing(ground: tuple[int, int], office: Office) -> None:
    ahead, behind = post(message(ground)), post(message(ground, subject="t"), now=NOW)
    early = changed(ahead[0], ground[0], time=NOW + timedelta(minutes=10))
    late = changed(behind[0], ground[0], time=NOW - timedelta(minutes=10))
    assert [answer for answer, _ in take(office, early, late)] == [Answer.DONE, Answer.DONE]


@pytest.mark.django_db
def test_an_id_is_not_used_for_another_content(ground: tuple[int, int], office: Office) -> None:
    [wire] = post(message(ground))
    take(office, wire)
    assert take(office, changed(wire, ground[0], data=msgspec.Raw(b"1"))) == [
        (Answer.PERMANENT, "Mã phong bì này đã dùng cho nội dung khác.")
    ]


@pytest.mark.django_db
def test_one_that_a_handler_refuses_costs_its_neighbours_nothing_and_comes_corrected(
    ground: tuple[int, int], office: Office
) -> None:
    good, bad, more = post(*(message(ground, c, s) for c, s in ((b'"x"', "a"), (b'"bad"', "b"), (b'"y"', "c"))))
    office.failing = Permanent("no", "Thiếu tên.")
    said = take(office, good, bad, more)
    assert said == [(Answer.DONE, ""), (Answer.PERMANENT, "Thiếu tên."), (Answer.DONE, "")]
    corrected = changed(bad, ground[0], data=msgspec.Raw(b'"better"'))
    assert take(office, corrected) == [(Answer.DONE, "")]
    assert [one.content for one in office.book] == [b'"x"', b'"y"', b'"better"']


@pytest.mark.django_db
def test_a_handler_that_breaks_is_tried_again(ground: tuple[int, int], office: Office) -> None:
    [bad] = post(message(ground, b'"bad"'))
    office.failing = ZeroDivisionError()
    assert take(office, bad) == [(Answer.TRANSIENT, "ZeroDivisionError")]
    office.failing = None
    assert take(office, bad) == [(Answer.DONE, "")]


@pytest.mark.django_db
def test_a_withdrawn_key_is_refused_at_the_door_and_signs_nothing_new(ground: tuple[int, int], office: Office) -> None:
    [wire] = post(message(ground))
    [key] = signing.keys_of([ground[0]])
    signing.withdraw([key.kid], reason="lộ", now=NOW)
    assert take(office, wire, now=NOW + timedelta(seconds=1))[0][0] is Answer.PERMANENT
    assert refused() == ["key-not-in-force"]
    with pytest.raises(Permanent):
        post(message(ground), now=NOW + timedelta(seconds=1))


@pytest.mark.django_db
def test_after_a_reorganisation_what_is_on_its_way_reaches_the_heir(ground: tuple[int, int], office: Office) -> None:
    """A commune that ended on 2025-06-30 is written to by its old name; its heir sits at the other node."""
    directory = units.directory()
    heir = directory.agency(ground[1])
    old = next(
        agency
        for agency in directory.agencies()
        if agency.valid_to is not None and directory.heirs(agency.id, NOW.date()) == (heir,)
    )
    [wire] = post(exchange.Message(ground[0], old.id, "s", "test.said", b"1"))
    take(office, wire)
    assert [one.recipient for one in office.book] == [heir.id]


@pytest.mark.django_db
def test_a_node_passes_on_what_is_for_an_agency_that_sits_elsewhere_now(
    ground: tuple[int, int], office: Office
) -> None:
    third = centre("00070")
    signing.make_keys([third], now=NOW - timedelta(days=1))
    known = exchange.read_map()
    [wire] = post(message(ground))
    moved = [exchange.Seat(HOME, ground[0], None, None, None), exchange.Seat("third", ground[1], None, None, None)]
    more = exchange.Node("third", third, exchange.Transport.PUSH, "http://127.0.0.1:1")
    exchange.set_map([*known.nodes.values(), more], moved)
    assert take(office, wire) == [(Answer.DONE, "đã chuyển tiếp")]
    [passed] = exchange.of_subject("node:third", f"{HOME}/s")
    with connection.cursor() as cursor:  # the third node has an inbox of its own
        cursor.execute("DELETE FROM exchange_arrival")
    body = exchange.parcels([passed.id])[0].body
    assert take(office, body, at="third") == [(Answer.DONE, "")]
    assert [(one.id, one.sender, one.recipient, one.node) for one in office.book] == [(_id(wire), *ground, HOME)]
    assert take(office, wire, at="third")[0][0] is Answer.DUPLICATE
    assert len(office.book) == 1


@pytest.mark.django_db
def test_every_receipt_verifies_and_another_nodes_is_none(ground: tuple[int, int], office: Office) -> None:
    from django.test import override_settings

    [wire] = post(message(ground))
    with override_settings(NODE=AWAY):
        receipt = receive([wire], handlers={"test.said": office}, now=NOW, to=HOME)
        told = tell([_id(wire), UUID(int=9)], now=NOW, to=HOME)
    known = exchange.read_map()
    accepted = node_line.accept_receipt(receipt, known.nodes[AWAY], now=NOW)
    assert [one.sha256 for one in accepted.envelopes] == [digest(wire)]
    never = node_line.accept_receipt(told, known.nodes[AWAY], now=NOW).envelopes
    assert [one.answer for one in never] == [Answer.DONE, Answer.TRANSIENT]
    with pytest.raises(NotAllowed):
        node_line.accept_receipt(receipt, known.nodes[HOME], now=NOW)
    with pytest.raises(NotAllowed):
        node_line.accept_receipt(receipt.replace(b'"said":""', b'"said":"x"'), known.nodes[AWAY], now=NOW)


@pytest.mark.django_db
def test_calls_of_strangers_old_calls_and_calls_to_others_are_not_answered(ground: tuple[int, int]) -> None:
    from motcua.exchange.rules.envelope import Request

    def call(agency: int, at: datetime = NOW, node: str = AWAY, to: str = HOME) -> str:
        payload = written(Request(node=node, to=to, at=at, act="pull", wanted=1))
        wire = sealed(signing.sign([(agency, payload)], now=NOW)[0], payload)
        [answer] = calls.answer([wire], handlers={}, now=NOW)
        return answer.problem if isinstance(answer, Failure) else "answered"

    assert call(ground[1]) == "answered"
    assert call(ground[0]) == "node-unknown"
    assert call(ground[1], node="nowhere") == "node-unknown"
    assert call(ground[1], to="third") == "wrongly-addressed"
    assert call(ground[1], at=NOW - timedelta(minutes=16)) == "clock-ahead"
    assert call(ground[1], at=NOW + timedelta(minutes=16)) == "clock-ahead"


@pytest.mark.django_db
def test_an_attachment_comes_in_pieces_and_goes_on_where_it_broke_off(
    ground: tuple[int, int], office: Office, settings: Any, tmp_path: Path
) -> None:
    paper = b"%PDF-1.7\n" + bytes(range(256)) * 4096
    kept = storage.files().put([paper], 10**7)
    [wire] = post(message(ground, files=((kept.sha256, kept.size),)))
    settings.STORAGE = tmp_path / "theirs"
    assert take(office, wire)[0][0] is Answer.TRANSIENT
    half = node_line.take_part(kept.sha256, 0, kept.size, paper[:500_000], limit=10**7)
    assert node_line.take_part(kept.sha256, 0, kept.size, b"", limit=10**7) == half == 500_000
    assert node_line.take_part(kept.sha256, 7, kept.size, paper[7:99], limit=10**7) == half  # not where it stopped
    assert node_line.take_part(kept.sha256, half, kept.size, paper[half:], limit=10**7) == kept.size
    assert take(office, wire) == [(Answer.DONE, "")]
    with pytest.raises(Permanent):
        node_line.take_part("0" * 64, 0, 3, b"abc", limit=10)


class Cut:
    """A carrier to the other node in this database, which is cut as it is told; and the other side of a trial."""

    def __init__(self, office: Office) -> None:
        self.office, self.how = office, How.WELL

    def behave(self, how: How) -> None:
        self.how = how
        self.office.failing = Permanent("no", "thiếu số hiệu") if how is How.REFUSES else None

    def applied(self) -> Sequence[UUID]:
        return [one.id for one in self.office.book]

    def _through(self, call: Any) -> bytes:
        from django.test import override_settings

        if self.how is How.FAILS:
            raise Transient("node-refuses", "500")
        if self.how is How.LOST:
            raise Unknown("line-cut", "cut")
        with override_settings(NODE=AWAY):
            said: bytes = call()
        if self.how is How.SILENT:
            raise Unknown("line-cut", "cut")
        return said

    def deliver(self, wires: Sequence[bytes], *, now: datetime) -> bytes:
        return self._through(lambda: receive(wires, handlers={"test.said": self.office}, now=now))

    def ask(self, ids: Sequence[UUID], *, now: datetime) -> bytes:
        return self._through(lambda: tell(ids, now=now))

    def part(self, sha256: str, offset: int, size: int, chunk: bytes, *, now: datetime) -> int:
        raise AssertionError("nothing is attached")


class Posted(Trial):
    """A trial whose letters are envelopes."""

    def send(self, *subjects: str) -> list[UUID]:
        content = b'"bad"'
        with transaction.atomic():
            return list(exchange.post([message(GROUND, content, subject) for subject in subjects], now=self.now))


GROUND = (0, 0)


@pytest.mark.django_db
@pytest.mark.parametrize("case", kit.CASES, ids=kit.named)
def test_the_line_to_a_node_holds(case: kit.Case, ground: tuple[int, int], office: Office) -> None:
    global GROUND
    GROUND = ground
    cut = Cut(office)
    line = node_line.NodeLine(exchange.read_map().nodes[AWAY], cut)
    line.batch = 10
    none = exchange.Letter("", "", "", b"")
    case(Posted(line, cut, lambda subject: none, cannot={How.WAITS: "a node applies at once or not"}))


@pytest.mark.django_db
def test_a_refused_envelope_is_corrected_signed_anew_or_its_place_left_empty(
    ground: tuple[int, int], office: Office
) -> None:
    cut = Cut(office)
    line = node_line.NodeLine(exchange.read_map().nodes[AWAY], cut)
    with transaction.atomic():
        ids = exchange.post([message(ground, b'"bad"') for _ in range(3)], now=NOW)

    def deliver(at: datetime) -> list[State]:
        exchange.dispatch(connector=line, now=at, chance=lambda: 0.0)
        return [row.state for row in exchange.parcels(ids)]

    cut.behave(How.REFUSES)
    assert deliver(NOW) == [State.DEAD, State.READY, State.READY]
    exchange.resign([ids[0]], contents={ids[0]: b'"good"'}, caller=1, reason="tên", now=NOW)
    assert deliver(NOW) == [State.DONE, State.READY, State.READY]
    assert deliver(NOW) == [State.DONE, State.DEAD, State.READY]
    exchange.skip([ids[1]], caller=1, reason="đã gửi giấy", now=NOW)
    assert deliver(NOW) == [State.DONE, State.DONE, State.READY]
    cut.behave(How.WELL)
    assert deliver(NOW) == [State.DONE, State.DONE, State.DONE]
    assert [one.content for one in office.book] == [b'"good"', b'"bad"']
    [row] = exchange.parcels([ids[0]])
    assert row.reference  # the receipt
    assert isinstance(read_event(opened(row.body)[1]), Event)


@pytest.mark.django_db
def test_no_damage_to_an_envelope_breaks_the_door_or_gets_past_it(ground: tuple[int, int], office: Office) -> None:
    """Bytes changed, cut out and doubled anywhere: each is refused, and the true one is taken afterwards."""
    [wire] = post(message(ground))
    chance = Random(7)
    damaged = []
    for _ in range(120):
        at, length = chance.randrange(len(wire)), chance.randrange(1, 40)
        part = [b"", bytes([chance.randrange(256)]), wire[at : at + length] * 2][chance.randrange(3)]
        damaged.append(wire[:at] + part + wire[at + chance.randrange(1, 3) :])
    said = take(office, *(one for one in damaged if one != wire))
    assert {answer for answer, _ in said} <= {Answer.PERMANENT}
    assert office.book == []
    assert len(refused()) == len([one for one in damaged if one != wire])
    assert take(office, wire) == [(Answer.DONE, "")]


@pytest.mark.django_db
def test_only_the_receiving_agency_reads_what_is_sealed_for_it(ground: tuple[int, int], office: Office) -> None:
    """Without its private half the node refuses by name, nothing is applied, and it is asked for again."""
    [kid] = signing.make_keys([ground[1]], now=NOW, algorithm=signing.Algorithm.ECDH).values()
    secret = b'{"national_number":"001099000001"}'
    [wire] = post(message(ground, secret))
    assert b"001099000001" not in wire
    event = read_event(opened(wire)[1])
    assert (event.datacontenttype, len(event.id.hex)) == ("application/jose", 32)
    private, away = keys.folder() / f"{kid}.pem", keys.folder() / "away"
    private.rename(away)
    [(answer, said)] = take(office, wire)
    assert (answer, kid in said, refused()) == (Answer.TRANSIENT, True, ["sealed-for-another-key"])
    assert office.book == []
    away.rename(private)
    assert take(office, wire) == [(Answer.DONE, "")]
    assert [one.content for one in office.book] == [secret]


@pytest.mark.django_db
def test_a_correction_is_sealed_again(ground: tuple[int, int], office: Office) -> None:
    signing.make_keys([ground[1]], now=NOW, algorithm=signing.Algorithm.ECDH)
    cut = Cut(office)
    line = node_line.NodeLine(exchange.read_map().nodes[AWAY], cut)
    with transaction.atomic():
        [one] = exchange.post([message(ground, b'"bad"')], now=NOW)
    cut.behave(How.REFUSES)
    exchange.dispatch(connector=line, now=NOW)
    exchange.resign([one], contents={one: b'"good"'}, caller=1, reason="tên", now=NOW)
    [row] = exchange.parcels([one])
    assert b"good" not in row.body
    exchange.dispatch(connector=line, now=NOW + timedelta(minutes=1))
    assert [arrived.content for arrived in office.book] == [b'"good"']


@pytest.mark.django_db
def test_a_receipt_for_another_content_is_refused_and_logged_and_the_parcel_stays_open(
    ground: tuple[int, int], office: Office
) -> None:
    """A node that fetches says that it took something else under the same id."""
    from django.test import override_settings

    [wire] = post(message(ground))
    other = changed(wire, ground[0], data=msgspec.Raw(b'"other"'))
    with override_settings(NODE=AWAY):
        false = receive([other], handlers={"test.said": office}, now=NOW, to=HOME)
    away = exchange.read_map().nodes[AWAY]
    assert calls.settle(false, away, now=NOW) == 0
    assert refused() == ["receipt-for-another-content"]
    [row] = exchange.parcels([_id(wire)])
    assert row.state is State.READY
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM exchange_arrival")
        cursor.execute("DELETE FROM exchange_landing")
    with override_settings(NODE=AWAY):
        true = receive([wire], handlers={"test.said": office}, now=NOW, to=HOME)
    assert calls.settle(true, away, now=NOW) == 1
    assert exchange.parcels([row.id])[0].state is State.DONE
