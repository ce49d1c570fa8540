"""Administration: what a commune's and a province's administrator may change, and what bad input meets."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook

from motcua.desk.tests.support import official, seated
from motcua.desk.views.administration.exchange import PROCESS, PUBLICATION, STAFF
from motcua.dossiers.tests.support import COMMUNE, ELSEWHERE, ON, place
from motcua.identity import api as identity
from motcua.kernel import clock, workbooks
from motcua.kernel.journal import api as journal
from motcua.procedures import api as procedures
from motcua.units import api as units

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("country")]

HOME = "/can-bo/quan-ly"
PROCEDURE = "1.001193"
Role = identity.Role


def day(days: int) -> str:
    return f"{clock.today() + timedelta(days=days):%d/%m/%Y}"


@pytest.fixture
def boss() -> Client:
    return seated(Role.ADMINISTRATOR)


def provincial(code: str = COMMUNE) -> Client:
    """The administrator of the committee of the commune's province."""
    directory = units.directory()
    province = directory.province_of(place(code).unit.id, ON)
    committee = directory.agency_of(province.id, units.AgencyKind.PEOPLES_COMMITTEE, ON)
    assert committee is not None
    client = Client()
    client.force_login(official(Role.ADMINISTRATOR, committee))
    return client


def text(response: Any) -> str:
    return str(response.content.decode())


def act(**more: str) -> dict[str, str]:
    return {"so": "12/QĐ-UBND", "ngay": day(0), "tu": day(1), "den": ""} | more


# --- who comes in --------------------------------------------------------------------------------------------------

PAGES = ["", "/co-quan", "/can-bo", "/can-bo/moi", "/quy-trinh", f"/quy-trinh/{PROCEDURE}", "/cong-bo", "/lich", "/tep"]
PAGES += ["/tep/can-bo", "/tep/quy-trinh", "/tep/cong-bo", "/lich?nam=2031", "/cong-bo?loai=thieu", "/quy-trinh?q=zzz"]


@pytest.mark.parametrize("address", PAGES)
def test_an_administrator_opens_every_page(boss: Client, address: str) -> None:
    response = boss.get(HOME + address)
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("address", [page for page in PAGES if page != "/can-bo/moi"])
def test_a_leader_reads_and_a_handler_does_not(address: str) -> None:
    assert seated(Role.LEADER).get(HOME + address).status_code == 200
    assert seated(Role.HANDLER).get(HOME + address).status_code == 403


def test_a_leader_changes_nothing() -> None:
    leader, centre = seated(Role.LEADER), place().centre
    assert leader.get(f"{HOME}/can-bo/moi").status_code == 403
    for address, sent in (
        (f"/co-quan/{centre.id}", {"viec": "quay", "so-1": "1", "ten-1": "Hộ tịch"}),
        (f"/quy-trinh/{PROCEDURE}", act(ghi="1")),
        ("/cong-bo", act(viec="go", ma=PROCEDURE)),
        ("/tep/can-bo", {}),
    ):
        assert leader.post(HOME + address, sent).status_code == 403
    assert units.counters(centre.id) == ()


def test_another_commune_stays_closed(boss: Client) -> None:
    there = place(ELSEWHERE)
    stranger = official(Role.HANDLER, there.committee)
    for address in (
        f"/co-quan/{there.centre.id}",
        f"/can-bo/{stranger.official_id}",
        f"/can-bo?co-quan={there.centre.id}",
        f"/quy-trinh?noi={ELSEWHERE}",
        f"/quy-trinh/{PROCEDURE}?noi={ELSEWHERE}",
        f"/cong-bo?noi={ELSEWHERE}",
        f"/tep/cong-bo?noi={ELSEWHERE}",
        f"/tep/cong-bo/nhap.xlsx?noi={ELSEWHERE}",
        "/co-quan/99999999",
        "/can-bo/99999999",
        f"/can-bo/{10**30}",
        f"/co-quan/{10**30}",
        "/can-bo?co-quan=x",
        "/quy-trinh?noi=khong",
        "/quy-trinh/9.999999",
        "/tep/khac",
        "/tep/can-bo/khac.xlsx",
    ):
        assert boss.get(HOME + address).status_code == 404, address
        assert boss.post(
            HOME + address, act(ma=PROCEDURE, viec="go", **{"co-quan": str(there.centre.id)})
        ).status_code in (
            403,
            404,
            405,
        ), address
    assert there.centre.name not in text(boss.get(f"{HOME}/co-quan"))
    assert (
        boss.post(f"{HOME}/can-bo/{stranger.official_id}", {"viec": "cap", "ten-dang-nhap": "ke.gian"}).status_code
        == 404
    )


def test_a_province_reaches_its_communes_and_no_other_province() -> None:
    client = provincial()
    assert client.get(f"{HOME}/co-quan/{place().centre.id}").status_code == 200
    assert client.get(f"{HOME}/cong-bo?noi={COMMUNE}").status_code == 200
    assert client.get(f"{HOME}/co-quan/{place(ELSEWHERE).centre.id}").status_code == 404
    assert client.get(f"{HOME}/cong-bo?noi={ELSEWHERE}").status_code == 404


# --- officials and accounts ----------------------------------------------------------------------------------------


def new_official(boss: Client, number: str = "HN-0001", **changed: str) -> Any:
    sent = {
        "so-hieu": number,
        "ho-ten": "Đỗ Thị Hương",
        "co-quan": str(place().centre.id),
        "vai-tro": "reception",
        "chuc-danh": "Công chức tiếp nhận",
        "tu": day(0),
        "den": "",
    }
    return boss.post(f"{HOME}/can-bo/moi", sent | changed)


def entered(boss: Client, number: str = "HN-0001") -> str:
    response = new_official(boss, number)
    assert response.status_code == 302, text(response)
    return str(response["Location"]).partition("?")[0]


def test_an_official_is_entered_given_an_account_and_signs_in_once_with_its_password(boss: Client) -> None:
    page = entered(boss)
    answer = text(boss.post(page, {"viec": "cap", "ten-dang-nhap": "huong.dt"}))
    password = answer.split('class="code secret">')[1].split("<")[0]
    assert Client().login(username="huong.dt", password=password)
    assert password not in text(boss.get(page))
    account = get_user_model().objects.get(username="huong.dt")
    assert account.one_time
    again = boss.post(page, {"viec": "cap", "ten-dang-nhap": "huong.dt2"})
    assert again.status_code == 422
    assert "huong.dt" in text(again)


@pytest.mark.parametrize("username", ["", "ab", "Hương", "a b c", "x" * 51, "-abc"])
def test_a_bad_user_name_is_refused_and_kept(boss: Client, username: str) -> None:
    response = boss.post(entered(boss), {"viec": "cap", "ten-dang-nhap": username})
    assert response.status_code == 422
    assert 'id="ten-dang-nhap-error"' in text(response)


def test_a_number_is_given_once_and_to_one_person(boss: Client) -> None:
    entered(boss)
    page = f"{HOME}/can-bo/{official(Role.HANDLER, place().committee).official_id}"
    for bad in ("", "a;b", "HN-0001"):
        assert boss.post(page, {"viec": "so-hieu", "so-hieu": bad}).status_code == 422
    assert boss.post(page, {"viec": "so-hieu", "so-hieu": "HN-5"}).status_code == 302
    assert boss.post(page, {"viec": "so-hieu", "so-hieu": "HN-6"}).status_code == 422


def test_a_taken_user_name_is_refused(boss: Client) -> None:
    boss.post(entered(boss), {"viec": "cap", "ten-dang-nhap": "huong.dt"})
    second = boss.post(entered(boss, "HN-0002"), {"viec": "cap", "ten-dang-nhap": "huong.dt"})
    assert second.status_code == 422


def test_a_locked_account_is_out_at_once_and_comes_back_unlocked(boss: Client) -> None:
    page = entered(boss)
    boss.post(page, {"viec": "cap", "ten-dang-nhap": "huong.dt"})
    theirs = Client()
    theirs.force_login(get_user_model().objects.get(username="huong.dt"))
    assert theirs.get("/can-bo/mat-khau").status_code == 200
    boss.post(page, {"viec": "khoa"})
    assert theirs.get("/can-bo/mat-khau").status_code == 302
    boss.post(page, {"viec": "mo-khoa"})
    assert get_user_model().objects.get(username="huong.dt").is_active


def test_a_reset_ends_the_old_password(boss: Client) -> None:
    page = entered(boss)
    first = text(boss.post(page, {"viec": "cap", "ten-dang-nhap": "huong.dt"})).split('secret">')[1].split("<")[0]
    second = text(boss.post(page, {"viec": "cap-lai"})).split('secret">')[1].split("<")[0]
    assert not Client().login(username="huong.dt", password=first)
    assert Client().login(username="huong.dt", password=second)


def test_an_operators_account_and_one_of_another_agency_are_out_of_reach(boss: Client) -> None:
    operator = official(Role.LEADER, place().committee)
    operator.is_staff = True
    operator.save()
    assert boss.post(f"{HOME}/can-bo/{operator.official_id}", {"viec": "cap-lai"}).status_code == 403
    shared = official(Role.HANDLER, place().committee)
    identity.appoint(
        appointments=[
            identity.Appointment(shared.official_id, place(ELSEWHERE).committee.id, Role.LEADER, "Chủ tịch", ON)
        ],
        now=clock.now(),
    )
    assert boss.post(f"{HOME}/can-bo/{shared.official_id}", {"viec": "cap-lai"}).status_code == 403
    assert "Chủ tịch" not in text(boss.get(f"{HOME}/can-bo/{shared.official_id}"))


def test_nobody_locks_the_own_account_or_ends_the_own_position() -> None:
    client, mine = Client(), official(Role.ADMINISTRATOR, place().committee)
    client.force_login(mine)
    assert client.post(f"{HOME}/can-bo/{mine.official_id}", {"viec": "khoa"}).status_code == 403
    [position] = identity.positions_of_account(mine.pk, clock.today())
    sent = {"viec": "ket-thuc", "vi-tri": str(position.id), "ngay-cuoi": day(0)}
    assert client.post(f"{HOME}/can-bo/{mine.official_id}", sent).status_code == 403


def test_a_position_ends_on_a_day_and_stays_on_record(boss: Client) -> None:
    page = entered(boss)
    number = int(page.rpartition("/")[2])
    [position] = identity.official(number, scope=identity.SYSTEM).positions
    early = boss.post(page, {"viec": "ket-thuc", "vi-tri": str(position.id), "ngay-cuoi": day(-1)})
    assert early.status_code == 422
    done = boss.post(page, {"viec": "ket-thuc", "vi-tri": str(position.id), "ngay-cuoi": day(3)})
    assert done.status_code == 302
    [position] = identity.official(number, scope=identity.SYSTEM).positions
    assert position.valid_to == clock.today() + timedelta(days=3)
    stranger = boss.post(page, {"viec": "ket-thuc", "vi-tri": "1", "ngay-cuoi": day(3)})
    assert stranger.status_code == 422


def test_one_person_holds_several_positions_but_not_the_same_one_twice(boss: Client) -> None:
    page = entered(boss)
    sent = {"viec": "bo-nhiem", "co-quan": str(place().committee.id), "vai-tro": "handler", "tu": day(0), "den": ""}
    assert boss.post(page, sent | {"chuc-danh": "Công chức thụ lý"}).status_code == 302
    assert boss.post(page, sent | {"chuc-danh": "Công chức thụ lý"}).status_code == 422
    assert boss.post(page, sent | {"chuc-danh": "Khác"}).status_code == 422
    assert boss.post(page, sent | {"chuc-danh": "Công chức thụ lý", "tu": day(5)}).status_code == 422
    assert len(identity.official(int(page.rpartition("/")[2]), scope=identity.SYSTEM).positions) == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("so-hieu", ""),
        ("so-hieu", "a b;c"),
        ("ho-ten", ""),
        ("ho-ten", "Hương 2"),
        ("co-quan", ""),
        ("vai-tro", "vua"),
        ("chuc-danh", ""),
        ("tu", "31/02/2026"),
        ("tu", ""),
        ("den", "2020-01-01"),
    ],
)
def test_a_bad_field_says_so_beside_it_and_keeps_the_rest(boss: Client, field: str, value: str) -> None:
    response = new_official(boss, **{field: value})
    assert response.status_code == 422
    shown = text(response)
    assert f'id="{field}-error"' in shown
    assert f'href="#{field}"' in shown
    assert field == "chuc-danh" or "Công chức tiếp nhận" in shown


def test_signs_that_cannot_be_stored_are_left_out(boss: Client) -> None:
    response = new_official(boss, **{"ho-ten": "Đỗ\x00 Thị\u200b  Hương", "chuc-danh": "Công\x00chức"})
    assert response.status_code == 302
    page = text(boss.get(response["Location"]))
    assert "Đỗ Thị Hương" in page
    assert "Công chức" in page


def test_a_position_in_a_foreign_agency_is_not_given(boss: Client) -> None:
    assert new_official(boss, **{"co-quan": str(place(ELSEWHERE).centre.id)}).status_code == 404


def test_a_one_time_password_opens_nothing_but_the_page_that_changes_it() -> None:
    client, mine = Client(), official(Role.ADMINISTRATOR, place().committee)
    mine.one_time = True
    mine.save()
    client.force_login(mine)
    for address in (HOME, f"{HOME}/can-bo"):
        assert client.get(address)["Location"] == "/can-bo/mat-khau"
        assert client.post(address, {})["Location"] == "/can-bo/mat-khau"
    assert client.get("/can-bo/mat-khau").status_code == 200


def test_an_own_password_is_changed_with_the_old_one() -> None:
    client, mine = Client(), official(Role.HANDLER, place().committee)
    mine.set_password("mot cau cu de nho")
    mine.one_time = True
    mine.save()
    client.force_login(mine)
    sent = {"cu": "sai", "moi": "mot cau moi de nho", "lai": "mot cau moi de nho"}
    assert client.post("/can-bo/mat-khau", sent).status_code == 422
    sent["cu"] = "mot cau cu de nho"
    assert client.post("/can-bo/mat-khau", sent | {"lai": "khac"}).status_code == 422
    assert client.post("/can-bo/mat-khau", sent | {"moi": "ngan", "lai": "ngan"}).status_code == 422
    assert client.post("/can-bo/mat-khau", sent).status_code == 302
    assert client.get("/can-bo/mat-khau").status_code == 200
    mine.refresh_from_db()
    assert not mine.one_time
    assert mine.check_password("mot cau moi de nho")


# --- agencies ------------------------------------------------------------------------------------------------------


def test_sessions_change_for_days_to_come_and_open_terms_stay(boss: Client) -> None:
    centre = place().centre
    sent = {
        "viec": "ca", "ca1-tu": "07:00", "ca1-den": "11:30", "ca2-tu": "13:00", "ca2-den": "16:30",
        "ca3-tu": "", "ca3-den": "", "can-cu": "Quyết định 3/QĐ-UBND",
    }  # fmt: skip
    today = boss.post(f"{HOME}/co-quan/{centre.id}", sent | {"tu-ngay": day(0)})
    assert today.status_code == 422
    assert boss.post(f"{HOME}/co-quan/{centre.id}", sent | {"tu-ngay": day(1)}).status_code == 302
    changed = units.directory().agency(centre.id)
    assert changed.sessions_at(clock.today()) == centre.sessions
    assert changed.sessions_at(clock.today() + timedelta(days=1))[0][0].isoformat() == "07:00:00"
    generation = units.directory().number
    assert boss.post(f"{HOME}/co-quan/{centre.id}", sent | {"tu-ngay": day(1)}).status_code == 302
    assert units.directory().number == generation


@pytest.mark.parametrize(
    ("field", "value"),
    [("ca1-tu", "12:00"), ("ca2-tu", "11:00"), ("ca1-tu", "giờ"), ("ca2-den", ""), ("tu-ngay", "x"), ("can-cu", "")],
)
def test_sessions_that_cannot_be_are_refused_beside_the_field(boss: Client, field: str, value: str) -> None:
    sent = {
        "viec": "ca", "ca1-tu": "07:00", "ca1-den": "11:30", "ca2-tu": "13:00", "ca2-den": "16:30",
        "can-cu": "Quyết định 3/QĐ-UBND", "tu-ngay": day(1),
    }  # fmt: skip
    response = boss.post(f"{HOME}/co-quan/{place().centre.id}", sent | {field: value})
    assert response.status_code == 422
    assert "-error" in text(response)
    assert units.directory().agency(place().centre.id).shifts == ()


def test_counters_are_numbered_named_and_take_fields(boss: Client) -> None:
    centre = place().centre
    page = f"{HOME}/co-quan/{centre.id}"
    sent = {
        "viec": "quay",
        "so-1": "2",
        "ten-1": "Đất đai",
        "so-2": "1",
        "ten-2": "Hộ tịch",
        "linh-vuc-2": ["Hộ tịch", "x"],
    }
    assert boss.post(page, sent).status_code == 302
    assert units.counters(centre.id) == (
        units.Counter(1, "Hộ tịch", ("Hộ tịch",)), units.Counter(2, "Đất đai", ())
    )  # fmt: skip
    for bad in ({"so-2": "2"}, {"so-1": "0"}, {"so-1": "một"}, {"ten-1": ""}):
        assert boss.post(page, sent | bad).status_code == 422
    assert len(units.counters(centre.id)) == 2
    more = boss.post(page, sent | {"them": "1"})
    assert more.status_code == 200
    assert len(units.counters(centre.id)) == 2


# --- processes -----------------------------------------------------------------------------------------------------


def steps(*minutes: int) -> dict[str, str]:
    """A process in the fields of the page."""
    roles = ["reception", *["handler"] * (len(minutes) - 2), "reception"]
    sent: dict[str, str] = {}
    for n, (role, spent) in enumerate(zip(roles, minutes, strict=True), 1):
        sent |= {f"buoc-{n}": str(n), f"vai-tro-{n}": role, f"noi-dung-{n}": f"Việc {n}", f"phut-{n}": str(spent)}
    return sent


def offer(code: str = COMMUNE, days: int = 1) -> procedures.Offer:
    on = clock.today() + timedelta(days=days)
    unit, directory = place(code).unit, units.directory()
    version = procedures.catalogue().version(PROCEDURE, on)
    assert version is not None
    return procedures.offered(version, directory.province_of(unit.id, on).id, unit.id, on)


def test_a_process_that_adds_up_holds_from_its_day_on_in_this_commune_only(boss: Client) -> None:
    budget = procedures.budget(offer().term)
    page = f"{HOME}/quy-trinh/{PROCEDURE}"
    response = boss.post(page, steps(60, budget - 60, 0) | act(ghi="1"))
    assert response.status_code == 302, text(response)
    assert [step.minutes for step in offer().steps] == [60, budget - 60, 0]
    assert not any(step.made for step in offer().steps)
    assert offer(days=0).process_source is None
    assert offer("00008").process_source is None
    assert "12/QĐ-UBND" in text(boss.get(page))


@pytest.mark.parametrize(("off", "words"), [(30, "thừa 30 phút"), (-45, "thiếu 45 phút")])
def test_a_process_that_does_not_add_up_says_by_how_much_and_where(boss: Client, off: int, words: str) -> None:
    budget = procedures.budget(offer().term)
    response = boss.post(f"{HOME}/quy-trinh/{PROCEDURE}", steps(60, budget - 60 + off, 0) | act(ghi="1"))
    assert response.status_code == 422
    shown = text(response)
    assert words in shown
    assert 'id="phut-2-error"' in shown
    assert f'value="{budget - 60 + off}"' in shown
    assert offer().process_source is None


@pytest.mark.parametrize(
    "bad",
    [
        {"phut-1": "-5"},
        {"phut-1": "một giờ"},
        {"vai-tro-1": "handler"},
        {"vai-tro-2": "leader"},
        {"vai-tro-3": "handler"},
        {"noi-dung-2": ""},
        {"phut-3": "10"},
        {"so": ""},
        {"tu": "hôm nay"},
        {"ngay": ""},
    ],
)
def test_a_bad_step_or_act_is_refused_beside_its_field(boss: Client, bad: dict[str, str]) -> None:
    budget = procedures.budget(offer().term)
    response = boss.post(f"{HOME}/quy-trinh/{PROCEDURE}", steps(60, budget - 60, 0) | act(ghi="1") | bad)
    assert response.status_code == 422
    assert "-error" in text(response)
    assert offer().process_source is None


def test_a_process_never_holds_for_days_with_dossiers(boss: Client) -> None:
    budget = procedures.budget(offer().term)
    response = boss.post(f"{HOME}/quy-trinh/{PROCEDURE}", steps(60, budget - 60, 0) | act(ghi="1", tu=day(0)))
    assert response.status_code == 422
    assert 'id="tu-error"' in text(response)


def test_a_row_can_be_added_moved_and_the_made_process_taken_back(boss: Client) -> None:
    budget = procedures.budget(offer().term)
    page = f"{HOME}/quy-trinh/{PROCEDURE}"
    more = boss.post(page, steps(60, budget - 60, 0) | act(them="1"))
    assert (more.status_code, 'name="phut-4"' in text(more)) == (200, True)
    moved = steps(60, budget - 90, 30, 0) | act(ghi="1") | {"buoc-2": "3", "buoc-3": "2"}
    assert boss.post(page, moved).status_code == 302
    assert [step.minutes for step in offer().steps] == [60, 30, budget - 90, 0]
    assert boss.post(page, act(bo="1", tu=day(2))).status_code == 302
    assert offer(days=2).process_source is None


def test_a_province_decides_for_its_communes_and_the_commune_before_it(boss: Client) -> None:
    budget = procedures.budget(offer().term)
    page = f"{HOME}/quy-trinh/{PROCEDURE}"
    above = provincial()
    assert above.post(f"{page}?noi={COMMUNE}", steps(120, budget - 120, 0) | act(ghi="1")).status_code == 302
    assert offer().steps[0].minutes == 120
    assert offer("00008").process_source is None


# --- publication ---------------------------------------------------------------------------------------------------


def test_a_commune_stops_publishing_and_publishes_again_by_decision(boss: Client) -> None:
    unit = place().unit.id
    before = procedures.coverage(unit, clock.today())
    assert f"{before.covered} trên {before.total}" in text(boss.get(f"{HOME}/cong-bo"))
    assert boss.post(f"{HOME}/cong-bo", act(viec="go", ma=PROCEDURE, tu=day(0))).status_code == 302
    after = procedures.coverage(unit, clock.today())
    assert (after.covered, after.missing) == (before.covered - 1, (PROCEDURE,))
    assert PROCEDURE in text(boss.get(f"{HOME}/cong-bo?loai=thieu"))
    assert procedures.coverage(place("00008").unit.id, clock.today()).covered == before.covered
    assert boss.post(f"{HOME}/cong-bo", act(viec="cong-bo", ma=PROCEDURE, tu=day(1))).status_code == 302
    assert procedures.coverage(unit, clock.today() + timedelta(days=1)).covered == before.covered


def test_a_decision_reaches_everything_that_is_filtered(boss: Client) -> None:
    unit = place().unit.id
    civil = [v for v in procedures.given_at(unit, clock.today()) if v.field == "Hộ tịch"]
    sent = act(viec="go", tu=day(0), **{"tat-ca": "1"})
    assert boss.post(f"{HOME}/cong-bo?linh-vuc=Hộ tịch", sent).status_code == 302
    assert set(procedures.coverage(unit, clock.today()).missing) == {version.code for version in civil}
    again = boss.get(f"{HOME}/cong-bo?loai=thieu&linh-vuc=Hộ tịch")
    assert f"{len(civil)}" in text(again)


@pytest.mark.parametrize(
    "bad",
    [
        {"ma": []},
        {"ma": "9.999999"},
        {"viec": "khac"},
        {"viec": "phan-tram", "phan-tram": "30"},
        {"tu": day(-1), "ngay": day(-2)},
        {"tu": day(1), "ngay": day(2)},
        {"den": day(0)},
        {"so": ""},
    ],
)
def test_a_bad_decision_on_publication_changes_nothing(boss: Client, bad: dict[str, Any]) -> None:
    generation = procedures.generation()
    response = boss.post(f"{HOME}/cong-bo", {**act(viec="go", ma=PROCEDURE), **bad})
    assert response.status_code == 422
    assert 'id="loi"' in text(response)
    assert procedures.generation() == generation


def test_a_province_cuts_a_term_by_percent_or_value_and_never_lengthens_it() -> None:
    client = provincial()
    code = next(
        v.code
        for v in procedures.given_at(place().unit.id, clock.today())
        if v.term and v.term.value == 10 and v.term.unit == "working_days" and "province" in v.levels
    )
    page = f"{HOME}/cong-bo"
    assert client.post(page, act(ma=code, viec="den-con", con="12", **{"don-vi": "working_days"})).status_code == 422
    assert client.post(page, act(ma=code, viec="phan-tram", **{"phan-tram": "0"})).status_code == 422
    assert client.post(page, act(ma=code, viec="phan-tram", tu=day(0), **{"phan-tram": "30"})).status_code == 422
    assert client.post(page, act(ma=code, viec="phan-tram", **{"phan-tram": "30"})).status_code == 302
    on = clock.today() + timedelta(days=1)
    version = procedures.catalogue().version(code, on)
    assert version is not None
    province = units.directory().province_of(place().unit.id, on).id
    assert procedures.offered(version, province, None, on).term.value == 7
    later = act(ma=code, viec="den-con", con="2,5", tu=day(5), **{"don-vi": "working_days"})
    assert client.post(page, later).status_code == 302
    assert procedures.offered(version, province, None, on + timedelta(days=5)).term.value == 2.5


# --- spreadsheets --------------------------------------------------------------------------------------------------


def sheet(columns: Any, *rows: Any) -> bytes:
    return workbooks.write("x", columns, rows)


def send(client: Client, kind: str, content: bytes, **more: str) -> Any:
    given = SimpleUploadedFile("bang.xlsx", content, content_type=workbooks.KIND)
    return client.post(f"{HOME}/tep/{kind}", {"tep": given, **more})


def staff_row(*changed: tuple[int, Any]) -> list[Any]:
    org = place().centre.org(clock.today())
    row: list[Any] = ["HN-77", "Lý Văn Ba", org, "tiếp nhận", "Công chức", clock.today(), None]
    for at, value in changed:
        row[at] = value
    return row


def test_a_list_of_officials_is_taken_in_once_and_a_second_time_changes_nothing(boss: Client) -> None:
    org = place().committee.org(clock.today())
    content = sheet(STAFF, staff_row(), staff_row((2, org), (3, "thu ly")), staff_row((0, "HN-78"), (1, "Vũ Thị Tư")))
    trial = send(boss, "can-bo", content, thu="1")
    assert (trial.status_code, "3 mới" in text(trial)) == (200, True)
    assert identity.staff(scope=identity.SYSTEM, on=clock.today(), text="HN-77")[1] == 0
    first, second = send(boss, "can-bo", content), send(boss, "can-bo", content)
    assert "moi=3&doi=0&nguyen=0" in first["Location"]
    assert "moi=0&doi=0&nguyen=3" in second["Location"]
    ended = sheet(STAFF, staff_row((6, clock.today() + timedelta(days=9))))
    assert "doi=1" in send(boss, "can-bo", ended)["Location"]
    assert "doi=0" in send(boss, "can-bo", ended)["Location"]


@pytest.mark.parametrize(
    ("changed", "column", "words"),
    [
        ((0, "a;b"), "Số hiệu", "chưa đúng"),
        ((0, None), "Số hiệu", "Ô trống"),
        ((1, "Ba 3"), "Họ và tên", "chưa đúng"),
        ((2, "H99.99.999"), "Mã cơ quan", "Không có cơ quan"),
        ((3, "vua"), "Vai trò", "Không có vai trò"),
        ((4, "x" * 101), "Chức danh", "quá dài"),
        ((5, "31/02/2026"), "Từ ngày", "không phải một ngày"),
        ((6, date(2020, 1, 1)), "Đến hết ngày", "trước ngày bắt đầu"),
    ],
)
def test_a_bad_row_names_row_column_and_remedy_and_nothing_is_taken(
    boss: Client, changed: tuple[int, Any], column: str, words: str
) -> None:
    response = send(boss, "can-bo", sheet(STAFF, staff_row((0, "HN-01")), staff_row(changed)))
    shown = text(response)
    assert response.status_code == 422
    assert '<td class="code">3</td>' in shown
    assert column in shown
    assert words in shown
    assert identity.staff(scope=identity.SYSTEM, on=clock.today(), text="HN-01")[1] == 0


def test_a_list_names_no_foreign_agency(boss: Client) -> None:
    org = place(ELSEWHERE).centre.org(clock.today())
    assert "Không có cơ quan" in text(send(boss, "can-bo", sheet(STAFF, staff_row((2, org)))))


def test_a_number_of_someone_else_is_not_taken_for_a_new_person(boss: Client) -> None:
    send(boss, "can-bo", sheet(STAFF, staff_row()))
    assert send(boss, "can-bo", sheet(STAFF, staff_row((1, "Người Khác")))).status_code == 422


def process_rows(*minutes: int, since: int = 1) -> list[list[Any]]:
    roles = ["tiếp nhận", *["thụ lý"] * (len(minutes) - 2), "tiếp nhận"]
    today = clock.today()
    return [
        [PROCEDURE, n, role, f"Việc {n}", spent, "9/QĐ-UBND", today, today + timedelta(days=since)]
        for n, (role, spent) in enumerate(zip(roles, minutes, strict=True), 1)
    ]


def test_processes_come_in_as_a_list_and_go_out_as_the_same_list(boss: Client) -> None:
    budget = procedures.budget(offer().term)
    content = sheet(PROCESS, *process_rows(60, budget - 60, 0))
    assert "moi=1" in send(boss, "quy-trinh", content)["Location"]
    assert "moi=0&doi=0&nguyen=1" in send(boss, "quy-trinh", content)["Location"]
    assert [step.minutes for step in offer().steps] == [60, budget - 60, 0]


@pytest.mark.parametrize("what", ["can-bo", "quy-trinh", "cong-bo"])
def test_what_goes_out_comes_in_again_without_a_change(boss: Client, what: str) -> None:
    boss.post(f"{HOME}/cong-bo", act(viec="go", ma=PROCEDURE, tu=day(0)))
    entered(boss)
    held, _total = identity.staff(scope=identity.SYSTEM, on=clock.today(), agency_id=place().committee.id)
    for holding in held:
        sent = {"viec": "so-hieu", "so-hieu": f"HN-{holding.official_id}"}
        assert boss.post(f"{HOME}/can-bo/{holding.official_id}", sent).status_code == 302
    content = boss.get(f"{HOME}/tep/{what}/hien-co.xlsx").content
    rows = load_workbook(BytesIO(content)).worksheets[0].max_row - 1
    response = send(boss, what, content)
    if rows:
        assert f"moi=0&doi=0&nguyen={rows}" in response["Location"], text(response)
    else:
        assert response.status_code == 422


@pytest.mark.parametrize(
    ("minutes", "words"), [((60, 1, 0), "thiếu"), ((60, 99_999, 0), "thừa"), ((60, 0, 0), "chưa có thời gian")]
)
def test_a_list_of_processes_that_do_not_add_up_is_refused(boss: Client, minutes: tuple[int, ...], words: str) -> None:
    response = send(boss, "quy-trinh", sheet(PROCESS, *process_rows(*minutes)))
    assert response.status_code == 422
    assert words in text(response)
    assert '<td class="code">3</td>' in text(response)


def test_the_steps_of_one_process_rest_on_one_act(boss: Client) -> None:
    rows = process_rows(60, procedures.budget(offer().term) - 60, 0)
    rows[1][5] = "10/QĐ-UBND"
    assert "cùng một quyết định" in text(send(boss, "quy-trinh", sheet(PROCESS, *rows)))
    rows = process_rows(60, procedures.budget(offer().term) - 60, 0)
    rows[1][1] = 7
    assert "Số bước" in text(send(boss, "quy-trinh", sheet(PROCESS, *rows)))


@pytest.mark.parametrize(
    ("at", "value", "words"),
    [(0, "9.999999", "Không có thủ tục"), (2, "vâng", "có hoặc không"), (4, "mai", "không phải một ngày"),
     (5, date(2025, 1, 1), "trước ngày ký")],
)  # fmt: skip
def test_a_bad_row_of_publication_is_refused(boss: Client, at: int, value: Any, words: str) -> None:
    row: list[Any] = [PROCEDURE, "", "không", "9/QĐ-UBND", clock.today(), clock.today()]
    row[at] = value
    response = send(boss, "cong-bo", sheet(PUBLICATION, row))
    assert (response.status_code, words in text(response)) == (422, True)


def test_the_draft_has_every_procedure_and_no_formula(boss: Client) -> None:
    book = load_workbook(BytesIO(boss.get(f"{HOME}/tep/cong-bo/nhap.xlsx").content))
    total = procedures.coverage(place().unit.id, clock.today()).total
    assert book.worksheets[0].max_row == total + 1


def test_a_file_that_is_none_is_refused(boss: Client) -> None:
    assert boss.post(f"{HOME}/tep/can-bo", {}).status_code == 422
    assert send(boss, "can-bo", b"not a workbook").status_code == 422
    book = Workbook()
    assert book.active is not None
    book.active["A1"] = "=1+1"
    out = BytesIO()
    book.save(out)
    assert "Thiếu cột" in text(send(boss, "can-bo", out.getvalue()))


# --- what stays on record ------------------------------------------------------------------------------------------


def test_each_change_of_an_account_stands_in_the_journal_with_its_actor(boss: Client) -> None:
    from motcua.identity.rules import subject_of

    page = entered(boss)
    for sent in (
        {"viec": "cap", "ten-dang-nhap": "huong.dt"},
        {"viec": "khoa"},
        {"viec": "mo-khoa"},
        {"viec": "cap-lai"},
    ):
        boss.post(page, sent)
    account = get_user_model().objects.get(username="huong.dt")
    links = journal.chain(subject_of("account", account.pk))
    assert [link.act for link in links] == [
        "account.opened", "account.locked", "account.unlocked", "account.password-reset"
    ]  # fmt: skip
    assert {link.actor for link in links} == {f"account:{boss.session['_auth_user_id']}"}
    assert "Hương" not in "".join(link.body for link in links)


# --- the operators' admin ------------------------------------------------------------------------------------------

TABLES = ["units/unitperiod", "units/agency", "units/agencysessions", "units/counter", "units/identifier"]
TABLES += ["units/generation", "identity/account", "identity/position", "identity/token", "procedures/version"]
TABLES += ["procedures/decision", "procedures/generation", "dossiers/dossier"]


@pytest.mark.parametrize("table", ["", *(f"{table}/" for table in TABLES)])
def test_an_operator_reads_the_tables_and_changes_none(table: str) -> None:
    client = Client()
    operator = official(Role.ADMINISTRATOR, place().committee)
    operator.is_staff = operator.is_superuser = True
    operator.save()
    client.force_login(operator)
    response = client.get(f"/quan-tri/{table}")
    assert response.status_code == 200
    assert "style=" not in text(response)
    assert "<script>" not in text(response)
    if table:
        assert client.get(f"/quan-tri/{table}?q=a").status_code == 200
        assert client.get(f"/quan-tri/{table}add/").status_code == 403


def test_an_official_who_is_no_operator_does_not_enter_the_admin(boss: Client) -> None:
    assert boss.get("/quan-tri/").status_code == 302
