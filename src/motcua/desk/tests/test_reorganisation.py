"""A reorganisation at the desk: brought in, read, signed by two, applied, followed, decided, and what undoing meets."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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


def test_a_plan_is_brought_in_whole_or_its_faults_are_named_line_by_line() -> None:
    page = words(brought_in(PLAN.replace("từ cấp xã 00008 (phường Ngọc Hà)", "từ cấp xã 00007", 1)), 422)
    assert "chỗ phải sửa" in page
    assert "<td>9</td>" in page
    assert reorganisation.plans() == ()
    for sent in ({}, {"tep": SimpleUploadedFile("x.plan", b"\xff\xfe")}):
        assert province(Role.ADMINISTRATOR).post(f"{HOME}/moi", sent).status_code == 422
    assert province(Role.LEADER).get(f"{HOME}/moi").status_code == 403
    assert seated(Role.ADMINISTRATOR).get(f"{HOME}/moi").status_code == 403
    assert brought_in()["Location"] == f"{HOME}/{NAME}"
    assert "Chia phường Ngọc Hà" in words(seated(Role.LEADER).get(HOME))
    assert province(Role.LEADER).get(f"{HOME}/{NAME}/van-ban").content.decode() == PLAN


def test_two_leaders_of_the_province_sign_what_they_read_and_nobody_else() -> None:
    brought_in()
    one = province(Role.LEADER)
    assert "Ký phê duyệt kế hoạch" in words(one.get(f"{HOME}/{NAME}"))
    assert "Chưa đánh dấu" in words(sign(one, **{"da-doc": ""}), 409)
    assert "đã thay đổi" in words(sign(one, "0" * 64), 409)
    assert sign(one).status_code == 302
    assert "Ký phê duyệt kế hoạch" not in words(one.get(f"{HOME}/{NAME}"))
    assert "chữ ký của một người khác" in words(sign(one), 409)
    for stranger in (seated(Role.LEADER), province(Role.LEADER, "46"), province(Role.ADMINISTRATOR)):
        assert sign(stranger).status_code == 403
    assert sign(province(Role.LEADER)).status_code == 302
    page = words(one.get(f"{HOME}/{NAME}"))
    assert "đã phê duyệt" in page
    assert page.count("Vũ Văn Lãnh") >= 2
    assert seated(Role.LEADER).post(f"{HOME}/{NAME}", {"viec": "ap-dung"}).status_code == 403


def test_before_and_after_stand_on_the_map_and_in_the_list() -> None:
    brought_in()
    page = words(seated(Role.LEADER).get(f"{HOME}/{NAME}/truoc-sau?xa=90001"))
    assert "Phường Ngọc Đông" in page
    assert "phường Ngọc Hà" in page
    assert "chia về 2 nơi" in page
    assert "Ranh giới cũ chưa có dữ liệu mở để vẽ" in page
    assert "2 nơi chưa có ranh giới để vẽ" in page
    assert "3.321" in page
    assert "3.322" in page


def test_applied_followed_decided_and_what_stands_against_undoing() -> None:
    brought_in()
    leader = province(Role.LEADER)
    sign(leader)
    sign(province(Role.LEADER))
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
    assert province(Role.LEADER, "46").get(at).status_code == 404
    assert leader.post(at, {"viec": [str(first)]}).status_code == 422
    assert leader.post(at, {"viec": [str(first)], "phuong-an": "00004"}).status_code == 422
    assert leader.post(at, {"viec": [str(first), str(second)], "phuong-an": "90001"}).status_code == 302
    assert "Đã chọn 90001" in words(leader.get(at))
    assert "1 hồ sơ" in words(leader.get(f"{HOME}/quyet-dinh"))
    assert "90001" in words(leader.get(f"{HOME}/quyet-dinh?xong=1"))
    assert str(third) in words(leader.get(f"{HOME}/quyet-dinh"))
    assert "Đã chuyển 2 trên 3 hồ sơ" in words(leader.get(f"{HOME}/{NAME}/tien-do"))

    tasks = reorganisation.tasks(NAME)
    ticked = {"so": str(tasks[0].id), "xong": "1"}
    assert seated(Role.LEADER).post(f"{HOME}/{NAME}/viec", ticked).status_code == 403
    assert leader.post(f"{HOME}/{NAME}/viec", ticked).status_code == 302
    assert "Mở lại" in words(leader.get(f"{HOME}/{NAME}/viec"))

    assert "Không có gì cản" in words(leader.get(f"{HOME}/{NAME}/hoan-tac"))
    new = units.directory().find_unit("90001", clock.today())
    assert new is not None
    centre = units.directory().agency_of(new.id, units.AgencyKind.SERVICE_CENTRE, clock.today())
    assert centre is not None
    official(Role.RECEPTION, centre)
    page = words(leader.get(f"{HOME}/{NAME}/hoan-tac"))
    assert "Chưa hoàn tác được" in page
    assert leader.post(f"{HOME}/{NAME}/hoan-tac").status_code == 409
    assert reorganisation.progress(NAME).state is reorganisation.PlanState.APPLIED


def test_an_unknown_plan_is_not_there() -> None:
    leader = province(Role.LEADER)
    for part in ("", "/van-ban", "/truoc-sau", "/dien-tap", "/tien-do", "/hoan-tac"):
        assert leader.get(f"{HOME}/1999-01-01{part}").status_code == 404
    assert leader.get(f"{HOME}/quyet-dinh/999").status_code == 404


def test_a_rehearsal_says_whether_everything_has_a_place_to_go() -> None:
    brought_in()
    leader = province(Role.LEADER)
    assert "Chưa diễn tập" in words(leader.get(f"{HOME}/{NAME}/dien-tap"))
