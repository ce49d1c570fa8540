"""A reorganisation at the desk: brought in, read, signed by two, applied, followed, decided, and what undoing meets."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from motcua.desk.tests.support import official, seated
from motcua.dossiers import api as dossiers
from motcua.dossiers.tests.support import NEIGHBOUR, ON, application, filing, office
from motcua.identity import api as identity
from motcua.identity.api import Role
from motcua.kernel import clock
from motcua.reorganisation import api as reorganisation
from motcua.reorganisation.models import Plan
from motcua.units import api as units

PLAN = (Path(__file__).parent / "split.plan").read_text("utf-8")
NAME = "2026-11-01"
HOME = "/can-bo/sap-xep"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("country_again")]


@pytest.fixture
def country_again(country: None) -> Iterator[None]:
    """The country of today; what a test published is dropped from memory when the database has dropped it."""
    yield
    units.forget()


HERE = {"kind": "dossier", "old": "00008", "old_name": "phường Ngọc Hà"}
REHEARSAL = {
    "balanced": True,
    "note": "",
    "kinds": [{"kind": "dossier", "words": "hồ sơ chưa giải quyết xong", "before": 5, "passed": 2, "undecided": 3}],
    "passing": [HERE | {"new": "90001", "new_name": "phường Ngọc Đông", "count": 2}],
    "waiting": [HERE | {"count": 3, "why": "không ghi thôn", "candidates": ["90001", "90002"]}],
    "to_do": [{"kind": "book", "words": "Khóa sổ", "count": 0, "source": ""}],
    "seconds_to_publish": 0.5,
    "seconds_to_hand_over": 1.0,
    "sample": 5,
}


def province(role: Role, code: str = "01") -> Client:
    """An official of the committee of a province."""
    directory = units.directory()
    unit = directory.find_unit(code, ON, units.Level.PROVINCE)
    assert unit is not None
    committee = directory.agency_of(unit.id, units.AgencyKind.PEOPLES_COMMITTEE, ON)
    assert committee is not None
    client = Client()
    client.force_login(official(role, committee, name={"leader": "Vũ Văn Lãnh", "administrator": "Đỗ Thị Quản"}[role]))
    return client


def words(response: Any, status: int = 200) -> str:
    assert response.status_code == status
    return re.sub(r"\s+", " ", response.content.decode())


def brought_in(text: str = PLAN) -> Any:
    return province(Role.ADMINISTRATOR).post(f"{HOME}/moi", {"tep": SimpleUploadedFile("ke-hoach.plan", text.encode())})


def sign(client: Client, digest: str = "", **more: str) -> Any:
    digest = digest or reorganisation.plan(NAME).row.digest
    return client.post(f"{HOME}/{NAME}", {"viec": "ky", "ma-bam": digest, "da-doc": "1"} | more)


def carried_on() -> None:
    while reorganisation.carry_on(now=clock.now(), name=NAME):
        pass


def test_a_plan_that_cannot_be_read_is_refused_line_by_line() -> None:
    page = words(brought_in(PLAN.replace("thuộc 01", "ở 01")), 422)
    assert "2 chỗ phải sửa" in page
    assert "<td>8</td>" in page
    assert "<td>11</td>" in page
    assert reorganisation.plans() == ()
    for sent in ({}, {"tep": SimpleUploadedFile("x.plan", b"\xff\xfe")}):
        assert province(Role.ADMINISTRATOR).post(f"{HOME}/moi", sent).status_code == 422
    assert province(Role.LEADER).get(f"{HOME}/moi").status_code == 403
    assert seated(Role.ADMINISTRATOR).get(f"{HOME}/moi").status_code == 403


def test_a_plan_from_the_file_to_what_stands_against_undoing_it() -> None:
    """One story, because checking and drawing a plan against the whole country takes seconds."""
    assert brought_in()["Location"] == f"{HOME}/{NAME}"
    leader = province(Role.LEADER)
    assert "Chia phường Ngọc Hà" in words(seated(Role.LEADER).get(HOME))
    assert leader.get(f"{HOME}/{NAME}/van-ban").content.decode() == PLAN
    rehearsed(leader)
    two_sign(leader)
    shown_before_and_after()
    applied_and_decided(leader)
    ticked_off(leader)
    undoing_meets(leader)


def rehearsed(leader: Client) -> None:
    at = f"{HOME}/{NAME}/dien-tap"
    assert "Chưa diễn tập" in words(leader.get(at))
    assert seated(Role.LEADER).post(at).status_code == 403
    assert leader.post(at).status_code == 302
    assert "Đang diễn tập" in words(leader.get(at))
    assert "đang diễn tập" in words(leader.get(f"{HOME}/{NAME}"))
    assert leader.get(f"{at}?tu=1")["Refresh"] == "5"
    plan = Plan.objects.filter(name=NAME)
    plan.update(rehearsed_at=clock.now(), rehearsal=REHEARSAL, rehearsal_asked_at=None)
    page = words(leader.get(at))
    assert "Diễn tập lại" in page
    assert "ang diễn tập" not in page
    assert "khớp đến từng đơn vị" in page
    assert "Phường Ngọc Hà" in page
    assert "90001, 90002" in page
    assert "lệch" not in page


def two_sign(leader: Client) -> None:
    assert "Ký phê duyệt kế hoạch" in words(leader.get(f"{HOME}/{NAME}"))
    assert "Chưa đánh dấu" in words(sign(leader, **{"da-doc": ""}), 409)
    assert "đã thay đổi" in words(sign(leader, "0" * 64), 409)
    assert sign(leader).status_code == 302
    assert "Ký phê duyệt kế hoạch" not in words(leader.get(f"{HOME}/{NAME}"))
    assert "chữ ký của một người khác" in words(sign(leader), 409)
    for stranger in (seated(Role.LEADER), province(Role.LEADER, "46"), province(Role.ADMINISTRATOR)):
        assert sign(stranger).status_code == 403
    assert sign(province(Role.LEADER)).status_code == 302
    page = words(leader.get(f"{HOME}/{NAME}"))
    assert "đã phê duyệt" in page
    assert page.count("Vũ Văn Lãnh") >= 2
    assert seated(Role.LEADER).post(f"{HOME}/{NAME}", {"viec": "ap-dung"}).status_code == 403


def shown_before_and_after() -> None:
    page = words(seated(Role.LEADER).get(f"{HOME}/{NAME}/truoc-sau?xa=90001"))
    assert "Phường Ngọc Đông" in page
    assert "phường Ngọc Hà" in page
    assert "chia về 2 nơi" in page
    assert "Ranh giới cũ chưa có dữ liệu mở để vẽ" in page
    assert "2 nơi chưa có ranh giới để vẽ" in page
    assert "3.321" in page
    assert "3.322" in page


def applied_and_decided(leader: Client) -> None:
    filings = [filing(application(area=NEIGHBOUR), by=office(NEIGHBOUR)) for _ in range(3)]
    codes = [r.code for r in dossiers.file(filings) if isinstance(r, dossiers.Receipt)]
    assert leader.post(f"{HOME}/{NAME}", {"viec": "ap-dung"})["Location"] == f"{HOME}/{NAME}/tien-do"
    carried_on()
    assert reorganisation.progress(NAME).state is reorganisation.PlanState.APPLIED

    page = words(leader.get(f"{HOME}/{NAME}/tien-do"))
    assert "Đã chuyển 0 trên 3 hồ sơ" in page
    assert "Refresh" not in leader.get(f"{HOME}/{NAME}/tien-do?tu=1"), "nothing is running any more"
    queue = words(leader.get(f"{HOME}/quyet-dinh"))
    assert "3 hồ sơ" in queue
    assert "Ngọc Đông" in queue
    assert "Không có việc nào" in words(province(Role.LEADER, "46").get(f"{HOME}/quyet-dinh"))

    waiting, _total = reorganisation.queue(scope=identity.SYSTEM, subject=reorganisation.Subject.DOSSIER)
    first, second, third = (row.id for row in waiting)
    at = f"{HOME}/quyet-dinh/{first}"
    question = words(leader.get(at))
    assert all(code in question for code in codes)
    assert question.count('type="radio"') == 2
    assert 'type="radio" checked' not in question
    assert "Chưa có ranh giới để vẽ:" in question
    assert re.search(r'id="q100008"[^>]*class="here"|class="here"[^>]*><title>00008', question), (
        "the old ward is marked"
    )
    assert province(Role.LEADER, "46").get(at).status_code == 404
    assert leader.post(at, {"viec": [str(first)]}).status_code == 422
    assert leader.post(at, {"viec": [str(first)], "phuong-an": "00004"}).status_code == 422
    assert leader.post(at, {"viec": [str(first), str(second)], "phuong-an": "90001"}).status_code == 302
    assert "Đã chọn 90001" in words(leader.get(at))
    assert "1 hồ sơ" in words(leader.get(f"{HOME}/quyet-dinh"))
    assert "90001" in words(leader.get(f"{HOME}/quyet-dinh?xong=1"))
    assert str(third) in words(leader.get(f"{HOME}/quyet-dinh"))
    assert "Đã chuyển 2 trên 3 hồ sơ" in words(leader.get(f"{HOME}/{NAME}/tien-do"))


def ticked_off(leader: Client) -> None:
    tasks = reorganisation.tasks(NAME)
    ticked = {"so": str(tasks[0].id), "xong": "1"}
    assert seated(Role.LEADER).post(f"{HOME}/{NAME}/viec", ticked).status_code == 403
    assert leader.post(f"{HOME}/{NAME}/viec", ticked).status_code == 302
    assert "Mở lại" in words(leader.get(f"{HOME}/{NAME}/viec"))


def undoing_meets(leader: Client) -> None:
    with mock.patch.object(reorganisation, "obstacles", side_effect=AssertionError("nobody asked yet")):
        assert "Xem có gì cản không" in words(leader.get(f"{HOME}/{NAME}/hoan-tac"))
    assert "Không có gì cản" in words(leader.get(f"{HOME}/{NAME}/hoan-tac?xem=1"))
    new = units.directory().find_unit("90001", clock.today())
    assert new is not None
    centre = units.directory().agency_of(new.id, units.AgencyKind.SERVICE_CENTRE, clock.today())
    assert centre is not None
    [number] = identity.enrol(names=["Bùi Thị Mới"])
    since = date(2026, 11, 1)
    post = identity.Appointment(number, centre.id, Role.RECEPTION, "Công chức", since)
    identity.appoint(appointments=[post], now=clock.now())
    page = words(leader.get(f"{HOME}/{NAME}/hoan-tac?xem=1"))
    assert "Chưa hoàn tác được" in page
    assert leader.post(f"{HOME}/{NAME}/hoan-tac").status_code == 409
    assert reorganisation.progress(NAME).state is reorganisation.PlanState.APPLIED


def test_an_unknown_plan_is_not_there() -> None:
    leader = province(Role.LEADER)
    for part in ("", "/van-ban", "/truoc-sau", "/dien-tap", "/tien-do", "/hoan-tac"):
        assert leader.get(f"{HOME}/1999-01-01{part}").status_code == 404
    assert leader.get(f"{HOME}/quyet-dinh/999").status_code == 404
