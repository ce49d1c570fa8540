"""Kept in step with the national portal: upward, down, both books, over real HTTP with its faults."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import cluster, processes

from motcua.config import wiring
from motcua.dossiers import api as dossiers
from motcua.dossiers.tests import support
from motcua.exchange import api as exchange
from motcua.exchange.tests import kit
from motcua.identity import api as identity
from motcua.kernel.errors import Failure, NotFound, Permanent
from motcua.nationalportal import actions, models, queries
from motcua.nationalportal import api as national
from motcua.nationalportal.connector import NEW, PARTNER, PROGRESS
from motcua.nationalportal.rules.compare import Kind
from motcua.payments import api as payments
from motcua.standins import portal as simulated
from motcua.standins.tests.national import (
    LATER,
    NOW,
    STATUSES,
    Portal,
    connector_to,
    follow,
    lived,
    portal_running,
    sealed,
    take,
    until_quiet,
)
from motcua.standins.tests.support import shop

pytestmark = pytest.mark.usefixtures("country")


@pytest.fixture
def portal() -> Iterator[Portal]:
    with portal_running() as running:
        yield running


# --- upward -------------------------------------------------------------------------------------------------------


def test_a_whole_life_goes_up_step_by_step_and_no_status_is_merged(portal: Portal) -> None:
    code = lived()
    follow()
    until_quiet()
    steps = portal.steps(code)
    assert [step["TrangThai"] for step in steps] == STATUSES
    assert [step["ThoiDiemXuLy"] for step in steps] == sorted(step["ThoiDiemXuLy"] for step in steps)
    told = portal.book()["dossiers"][code]["fields"]
    assert (told["TrangThaiHoSo"], told["KenhThucHien"], told["NoiNopHoSo"]) == ("10", "1", "2")
    assert [one["NoiDungBoSung"] for one in told["DanhSachHoSoBoSung"]] == ["thiếu bản vẽ"]
    assert told["NgayNopHoSo"] == "20260817080000"
    assert "DanhSachLePhi" not in told, "what our record doesn't hold is not made up"


def test_what_a_dossier_costs_and_whether_it_was_paid_goes_up(portal: Portal) -> None:
    national.learn_fees_from(wiring.fees_of)
    code = shop(channel="counter")
    payments.open_charges(codes=[code], scope=support.office(), now=NOW)
    follow()
    until_quiet()
    told = portal.book()["dossiers"][code]["fields"]
    assert [fee["Gia"] for fee in told["DanhSachLePhi"]] == ["50000"]
    assert told["DuocThanhToanTrucTuyen"] == "3"
    payments.receive_at_counter([code], scope=support.office(), now=NOW + timedelta(minutes=9))
    take(code, "hand_over", hours=1)
    follow()
    until_quiet()
    assert portal.book()["dossiers"][code]["fields"]["DuocThanhToanTrucTuyen"] == "0"


def test_the_log_is_followed_once_however_often_it_is_asked(portal: Portal) -> None:
    code = lived(2)
    assert follow() > 0
    before = len(exchange.of_subject(PARTNER, code))
    assert follow() == 0
    take(code, "complete", hours=3)
    follow()
    assert [row.kind for row in exchange.of_subject(PARTNER, code)][before:] == [PROGRESS, "dossier-update"]


def test_a_dossier_that_came_from_another_node_is_told_by_that_node_alone(portal: Portal) -> None:
    [copy] = dossiers.copies([lived(1)], scope=identity.SYSTEM).values()
    come = replace(copy, id=UUID(int=7), code=copy.code.replace("0001", "9001"))
    assert dossiers.bring_in([(come, "nut-kia", "envelope:1", b"d")], now=NOW) == [True]
    assert dossiers.bring_in([(come, "nut-kia", "envelope:2", b"d")], now=NOW) == [False]
    take(come.code, "withdraw", hours=3, reason="Không cần nữa.")
    follow()
    assert exchange.of_subject(PARTNER, come.code) == ()
    assert len(exchange.of_subject(PARTNER, copy.code)) > 0


def test_what_is_followed_and_taken_back_is_followed_again(portal: Portal) -> None:
    code = lived(1)
    sealed()
    with transaction.atomic():
        assert actions.follow_log(now=LATER) > 0
        transaction.set_rollback(True)
    assert exchange.of_subject(PARTNER, code) == ()
    assert follow() > 0
    assert len(exchange.of_subject(PARTNER, code)) > 0


def test_a_dossier_that_is_there_already_is_updated_and_not_doubled(portal: Portal) -> None:
    code = lived(0)
    follow()
    until_quiet()
    item = msgspec.json.decode(exchange.parcels([exchange.of_subject(PARTNER, code)[0].id])[0].body)
    parcel = exchange.Parcel(
        exchange.of_subject(PARTNER, code)[0].id, 1, PARTNER, code, NEW, msgspec.json.encode(item), NOW, 1
    )
    portal.lose(code, steps_from=0)
    assert [o.answer for o in queries.connector().deliver([parcel], now=NOW)] == [exchange.Answer.DONE]
    assert list(portal.book()["dossiers"]) == [code]


def test_groups_of_more_than_ten_are_cut(portal: Portal) -> None:
    codes = [receipt.code for receipt in support.filed(23)]
    follow()
    until_quiet()
    assert sorted(portal.book()["dossiers"]) == sorted(codes)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("TrangThai", "11", "danh mục"),
        ("TrangThai", "9", "không thể đến sau"),
        ("NguoiXuLy", "N" * 51, "dài quá"),
        ("ThoiDiemXuLy", "17/08/2026", "yyyyMMddHHmmss"),
        ("ThoiDiemXuLy", "20200101000000", "thứ tự"),
    ],
)
def test_the_simulated_portal_is_strict(portal: Portal, field: str, value: str, words: str) -> None:
    code = lived(0)
    follow()
    until_quiet()
    item = portal.steps(code)[0] | {"NoiDungXuLy": "khác", field: value}
    parcel = exchange.Parcel(
        exchange.of_subject(PARTNER, code)[0].id, 1, PARTNER, code, PROGRESS, msgspec.json.encode(item), NOW, 1
    )
    [outcome] = queries.connector().deliver([parcel], now=NOW)
    assert outcome.answer is exchange.Answer.PERMANENT
    assert words in outcome.said


# --- refused ------------------------------------------------------------------------------------------------------


def test_a_refusal_is_shown_with_the_portals_words_mended_and_sent_with_the_same_id(portal: Portal) -> None:
    code = lived(1)
    follow()
    portal.mode("refuse")
    until_quiet()
    office = support.office()
    [refusal] = queries.refusals(scope=office)
    assert "cổng từ chối" in refusal.said
    assert refusal.mend
    assert queries.refusals(scope=support.office(support.NEIGHBOUR)) == ()
    assert queries.in_step(scope=office).refused == 1
    portal.mode("well")
    with pytest.raises(NotFound):
        actions.correct(refusal=refusal.id, changes={}, scope=support.office(support.NEIGHBOUR), reason="x", now=LATER)
    with pytest.raises(Permanent, match="field-fixed"):
        actions.correct(refusal=refusal.id, changes={"MaHoSo": "H00"}, scope=office, reason="x", now=LATER)
    actions.correct(refusal=refusal.id, changes={"TrichYeuHoSo": "Đăng ký"}, scope=office, reason="x", now=LATER)
    until_quiet()
    assert [step["TrangThai"] for step in portal.steps(code)] == STATUSES[:2]
    [sent, *_] = exchange.of_subject(PARTNER, code)
    assert (sent.id, sent.attempts) == (refusal.id, 2)
    assert queries.in_step(scope=office).refused == 0


# --- faults -------------------------------------------------------------------------------------------------------

FAULTS = ("error", "error-after", "cut", "half", "expired", "throttle", "shuffled", "away")


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(faults=st.lists(st.sampled_from(FAULTS), min_size=3, max_size=6), seed=st.integers(0, 1000))
def test_faults_in_any_order_end_with_equal_books(portal: Portal, faults: list[str], seed: int) -> None:
    codes = [lived(random.Random(seed + n).randrange(7)) for n in range(3)]
    follow()

    def fault(turn: int) -> None:
        portal.mode(faults[turn] if turn < len(faults) else "well")

    until_quiet(between=fault)
    portal.mode("well")
    book = portal.book()["dossiers"]
    for told in models.Told.objects.filter(code__in=codes):
        steps = book[told.code]["steps"]
        assert [step["TrangThai"] for step in steps] == STATUSES[: told.steps]
        assert book[told.code]["fields"]["TrangThaiHoSo"] == told.status
    assert queries.refusals(scope=identity.SYSTEM) == ()
    assert actions.reconcile(now=LATER).differences == ()


def test_a_portal_away_for_a_day_costs_nothing_here_and_then_catches_up(portal: Portal) -> None:
    portal.mode("away")
    codes = [lived(n) for n in range(4)]
    follow()
    now = LATER
    for _ in range(8):
        exchange.dispatch(connector=queries.connector(), now=now, chance=lambda: 0.5)
        now += timedelta(hours=3)
    codes.append(lived(2))
    follow(now)
    assert portal.book()["dossiers"] == {}
    assert queries.away(now=now)
    assert queries.refusals(scope=identity.SYSTEM) == (), "a day's silence needs nobody"
    portal.mode("well")
    until_quiet(now)
    assert sorted(portal.book()["dossiers"]) == sorted(codes)
    assert not queries.away(now=now)
    assert actions.reconcile(now=now).differences == ()


KILLED = """
import sys
from datetime import datetime
import django
django.setup()
from motcua.exchange import api as exchange
from motcua.nationalportal import queries
exchange.dispatch(connector=queries.connector(), now=datetime.fromisoformat(sys.argv[1]))
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_between_sending_and_writing_down_doubles_nothing(portal: Portal) -> None:
    code = lived(3)
    follow()
    portal.mode("slow", seconds=0.5)
    environment = {
        **os.environ,
        "MOTCUA_DATABASE_URL": cluster.url(connection.settings_dict["NAME"]),
        "MOTCUA_PORTAL_URL": portal.url,
    }
    with subprocess.Popen([sys.executable, "-c", KILLED, LATER.isoformat()], env=environment) as worker:
        processes.wait_until(lambda: portal.book()["calls"] >= 2, worker)  # signed in, and at work with the parcel
        worker.kill()
    portal.mode("well")
    processes.wait_until(lambda: code in portal.book()["dossiers"], _Alive())  # type: ignore[arg-type]
    [first, *_] = exchange.of_subject(PARTNER, code)
    assert first.state is not exchange.State.DONE, "its answer was never written down"
    until_quiet(LATER + timedelta(minutes=5))
    assert [step["TrangThai"] for step in portal.steps(code)] == STATUSES[:4]
    [first, *_] = exchange.of_subject(PARTNER, code)
    assert (first.state, first.attempts) == (exchange.State.DONE, 1), "it was asked about, not sent again"


@pytest.mark.django_db(transaction=True)
def test_a_real_worker_brings_dossiers_up_and_down_by_itself(portal: Portal) -> None:
    code = lived(2)
    there = portal.file(**online())
    worker = processes.Process(
        "worker",
        database=cluster.url(connection.settings_dict["NAME"]),
        var=Path(os.environ["MOTCUA_VAR"]),
        MOTCUA_PORTAL_URL=portal.url,
    )
    try:
        processes.wait_until(lambda: there in portal.book()["answers"], worker.process)
        ours = portal.book()["answers"][there]["MaHoSoDiaPhuong"]
        processes.wait_until(lambda: {code, ours} <= portal.book()["dossiers"].keys(), worker.process)
        processes.wait_until(lambda: len(portal.steps(code)) >= 3, worker.process)  # it may warn of the term as well
    finally:
        worker.stop()
    assert [step["TrangThai"] for step in portal.steps(code)][:3] == STATUSES[:3]


class _Alive:
    """The portal runs in this process, which has not ended."""

    def poll(self) -> None:
        return None


# --- both books ---------------------------------------------------------------------------------------------------


def test_each_difference_is_named_mended_and_kept_in_the_report(portal: Portal) -> None:
    codes = [lived(4) for _ in range(3)]
    follow()
    until_quiet()
    portal.lose(codes[0])
    portal.lose(codes[1], steps_from=2)
    stranger = "H26.1-260817-0001"
    _put(portal, stranger)
    report = actions.reconcile(now=LATER)
    assert {(d.code, d.kind, d.repaired) for d in report.differences} == {
        (codes[0], Kind.MISSING_THERE.value, True),
        (codes[1], Kind.STEPS_MISSING.value, True),
        (stranger, Kind.UNKNOWN_HERE.value, False),
    }
    assert (report.compared, report.equal, report.repaired, report.for_people) == (3, 1, 2, 1)
    until_quiet()
    again = actions.reconcile(now=LATER + timedelta(days=1))
    assert {d.kind for d in again.differences} == {Kind.UNKNOWN_HERE.value}
    for code in codes:
        assert [step["TrangThai"] for step in portal.steps(code)] == STATUSES[:5]


def _put(portal: Portal, code: str) -> None:
    """A dossier in the portal's book that we know nothing of."""
    item = {
        "MaHoSo": code, "MaTTHC": "1.000419", "TenTTHC": "x", "KenhThucHien": "1", "ChuHoSo": "x",
        "NgayNopHoSo": "20260817080000", "TrangThaiHoSo": "1",
    }  # fmt: skip
    queries.client().call("DongBoHoSoMC", [item], isUpdating="False")


def test_what_is_on_its_way_is_no_difference(portal: Portal) -> None:
    lived(2)
    follow()
    report = actions.reconcile(now=LATER)
    assert (report.on_the_way, report.differences) == (1, ())


def test_the_days_reconciliation_is_made_once(portal: Portal) -> None:
    assert [actions.reconcile_daily(now=LATER) for _ in range(2)] == [1, 0]
    portal.mode("away")
    assert actions.reconcile_daily(now=LATER + timedelta(days=1)) == 0
    portal.mode("well")
    assert actions.reconcile_daily(now=LATER + timedelta(days=1)) == 1


# --- down ---------------------------------------------------------------------------------------------------------


def online(**change: object) -> dict[str, object]:
    return {
        "MaTTHC": support.PROCEDURE,
        "MaXa": support.COMMUNE,
        "MaDonViTiepNhan": support.place().org,
        "ChuHoSo": "Nguyễn Thị Mai",
        "SoGiayToChuHoSo": "001190000017",
        "LoaiDoiTuong": "1",
        "SoDienThoai": "0900000017",
        "NoiDungToKhai": dict(support.CONTENT),
        **change,
    }


def test_what_a_citizen_filed_there_becomes_one_dossier_here_with_its_file(portal: Portal) -> None:
    paper = {"MaThanhPhanHoSo": "", "TenTepDinhKem": "Đơn", "NoiDungTep": "%PDF-1.7\n%%EOF\n"}
    there = portal.file(**online(TaiLieuNop=[paper]))
    portal.mode("twice")
    assert [actions.take_arrivals(now=NOW) for _ in range(3)] == [1, 0, 0]
    portal.mode("well")
    arrival = models.Arrival.objects.get(portal_code=there)
    assert arrival.item == {}
    record = dossiers.records([arrival.code], scope=identity.SYSTEM)[arrival.code]
    assert (record.channel, record.state.value) == ("online", "submitted")
    assert [len(p.files) for p in record.papers] == [1]
    assert queries.portal_code_of(arrival.code) == there
    follow()
    until_quiet()
    book = portal.book()
    assert book["answers"][there]["MaHoSoDiaPhuong"] == arrival.code
    assert book["dossiers"][arrival.code]["fields"]["NoiNopHoSo"] == "1"
    assert actions.take_arrivals(now=LATER) == 0


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"MaTTHC": "9.999999"}, "procedure-unknown"),
        ({"MaXa": "99999"}, "area-unknown"),
        ({"LoaiDoiTuong": "8"}, "arrival-kind"),
        ({"ChuHoSo": "\0"}, "arrival-unreadable"),
        ({"NoiDungToKhai": "x"}, "arrival-unreadable"),
        ({"NoiDungToKhai": {"x": 1}}, "content-invalid"),
        ({"TaiLieuNop": [{"TenTepDinhKem": "x", "DuongDanTaiTepTin": "http://127.0.0.1:1/x"}]}, "file-elsewhere"),
    ],
)
def test_what_cannot_be_taken_is_listed_with_the_reason_and_answered_there(
    portal: Portal, change: dict[str, object], problem: str
) -> None:
    there = portal.file(**online(**change))
    actions.take_arrivals(now=NOW)
    assert models.Arrival.objects.get(portal_code=there).problem == problem
    [waiting] = queries.not_taken(scope=support.office())
    assert waiting.reason
    until_quiet()
    answer = portal.book()["answers"][there]
    assert (answer["KetQua"], bool(answer["LyDo"])) == ("0", True)


def test_what_could_not_be_taken_is_tried_again_by_the_office_that_it_concerns(portal: Portal) -> None:
    there = portal.file(**online(MaXa="99999"))
    actions.take_arrivals(now=NOW)
    row = models.Arrival.objects.get(portal_code=there)
    row.item["MaXa"] = support.COMMUNE
    row.save()
    with pytest.raises(NotFound):
        actions.take_again([there], scope=support.office(support.NEIGHBOUR), now=LATER)
    assert actions.take_again([there], scope=support.office(), now=LATER) == 1
    until_quiet()
    assert portal.book()["answers"][there]["KetQua"] == "1"


# --- the kit ------------------------------------------------------------------------------------------------------

MODES = {kit.How.WELL: "well", kit.How.FAILS: "throttle", kit.How.SILENT: "error-after", kit.How.LOST: "error",
         kit.How.REFUSES: "refuse"}  # fmt: skip


class Other:
    """The simulated portal as the kit sees it: which of the kit's parcels it has applied."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.ids: dict[tuple[str, str], list[object]] = {}

    def behave(self, how: kit.How) -> None:
        self.portal.mode(MODES[how])

    def applied(self) -> list[object]:
        made: list[object] = []
        for code, held in self.portal.book()["dossiers"].items():
            made += self.ids[code, "new"]
            made += [one for step in held["steps"] for one in self.ids[code, step["NoiDungXuLy"]]]
        return made

    def letter(self, subject: str) -> exchange.Letter:
        """The first about a subject is the dossier, each further one a step."""
        number = sum(code == subject for code, _ in self.ids)
        if not number:
            item = {"MaHoSo": subject, "MaTTHC": "1.000419", "TenTTHC": "x", "KenhThucHien": "1", "ChuHoSo": "x",
                    "NgayNopHoSo": "20260817080000", "TrangThaiHoSo": "1"}  # fmt: skip
        else:
            item = {"MaHoSo": subject, "NguoiXuLy": "x", "ThoiDiemXuLy": f"202608170800{number:02d}",
                    "NoiDungXuLy": f"{number}", "TrangThai": "1"}  # fmt: skip
        letter = exchange.Letter(PARTNER, subject, PROGRESS if number else NEW, msgspec.json.encode(item))
        self.ids[subject, f"{number}" if number else "new"] = [letter.id]
        return letter


@pytest.mark.parametrize("case", kit.CASES, ids=kit.named)
def test_the_connector_holds_what_every_connector_must(case: kit.Case, portal: Portal) -> None:
    other = Other(portal)
    cannot = {kit.How.WAITS: "the portal answers at once or not at all"}
    case(kit.Trial(connector_to(portal.url), other, other.letter, cannot=cannot))  # type: ignore[arg-type]


def test_the_simulated_portal_says_that_it_is_one(portal: Portal) -> None:
    import requests

    answer = requests.get(portal.url)
    assert "MÔ PHỎNG" in answer.text
    assert all(words in answer.text for words in simulated.MODES.values())


def test_a_failure_of_the_portal_is_one_of_the_four_kinds(portal: Portal) -> None:
    queries.client().call("TraCuuHoSo", MaHoSo=[])  # signed in
    kinds = {}
    for mode in ("error", "throttle", "cut", "away"):
        portal.mode(mode)
        try:
            queries.client().call("TraCuuHoSo", MaHoSo=[])
        except Failure as failure:
            kinds[mode] = failure.kind
    assert kinds == {"error": "unknown", "throttle": "transient", "cut": "unknown", "away": "unknown"}
