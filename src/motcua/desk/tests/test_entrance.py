"""Coming in: passwords, waiting after wrong ones, positions, and what is kept when the session has ended."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.test import Client

from motcua.desk import actions, rules
from motcua.desk.tests.support import official, seated
from motcua.dossiers.tests.support import NOW, filed, place
from motcua.identity import api as identity
from motcua.kernel import clock
from motcua.units import api as units

pytestmark = pytest.mark.usefixtures("country")
PASSWORD = "mot-mat-khau-du-dai"
SIGN_IN = "/can-bo/dang-nhap"


def account(role: identity.Role = identity.Role.HANDLER) -> str:
    made = official(role, place().committee)
    made.set_password(PASSWORD)
    made.save()
    return str(made.username)


def signing_in(client: Client, name: str, password: str, **more: str) -> int:
    return client.post(SIGN_IN, {"ten": name, "mat-khau": password, **more}).status_code


def test_the_right_password_opens_the_first_list_and_gives_the_session_another_key() -> None:
    client = Client()
    session = client.session
    session["x"] = 1
    session.save()
    client.cookies["sessionid"] = before = str(session.session_key)
    response = client.post(SIGN_IN, {"ten": account(), "mat-khau": PASSWORD}, follow=True)
    assert response.redirect_chain == [("/can-bo/", 302), ("/can-bo/viec/dang-xu-ly", 302)]
    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


@pytest.mark.parametrize("onward", ["https://example.com/can-bo/", "//example.com", "/quan-tri/", "/can-bo/\nx", ""])
def test_signing_in_leads_to_a_page_of_the_desk_only(onward: str) -> None:
    response = Client().post(SIGN_IN, {"ten": account(), "mat-khau": PASSWORD, "tiep": onward})
    assert response["Location"].startswith("/can-bo/")


def test_a_wrong_password_keeps_the_name_and_says_what_to_check() -> None:
    name = account()
    response = Client().post(SIGN_IN, {"ten": name, "mat-khau": "sai"})
    page = response.content.decode()
    assert response.status_code == 422
    assert f'value="{name}"' in page
    assert "Caps Lock" in page
    assert "sai" not in page.split("mat-khau")[1][:200]


def test_guessing_is_slowed_down_and_the_right_password_has_to_wait_too(monkeypatch: pytest.MonkeyPatch) -> None:
    name, client, now = account(), Client(), clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    statuses = [signing_in(client, name, f"sai {n}") for n in range(8)]
    assert statuses == [422] * 6 + [429] * 2
    assert signing_in(client, name, PASSWORD) == 429
    assert "Chờ" in client.post(SIGN_IN, {"ten": name, "mat-khau": PASSWORD}).content.decode()


def test_the_wait_of_one_account_at_one_place_does_not_hold_up_another() -> None:
    client, guessed, other = Client(), account(), account(identity.Role.LEADER)
    for n in range(8):
        signing_in(client, guessed, f"sai {n}")
    assert signing_in(client, other, PASSWORD) == 302
    assert Client(REMOTE_ADDR="10.0.0.9").post(SIGN_IN, {"ten": guessed, "mat-khau": PASSWORD}).status_code == 302


def test_the_wait_doubles_up_to_its_limit_and_is_forgotten() -> None:
    patience = rules.PATIENCE["account at place"]
    waits = [rules.wait_after(n, patience).total_seconds() for n in range(9)]
    assert waits == [0, 0, 0, 0, 0, 0, 1, 2, 4]
    assert rules.wait_after(1000, patience) == timedelta(minutes=15)
    for n in range(7):
        actions.try_to_sign_in(name="a", place="b", now=NOW + timedelta(minutes=n))
    assert actions.try_to_sign_in(name="A", place="b", now=NOW + timedelta(minutes=6, seconds=1))
    assert not actions.try_to_sign_in(name="a", place="b", now=NOW + timedelta(minutes=40))


def test_an_account_without_a_position_today_is_told_so() -> None:
    made = get_user_model().objects.create_user("khong-vi-tri", password=PASSWORD)
    response = Client().post(SIGN_IN, {"ten": "khong-vi-tri", "mat-khau": PASSWORD})
    assert response.status_code == 422
    assert "chưa giữ vị trí nào" in response.content.decode()
    client = Client()
    client.force_login(made)
    assert client.get("/can-bo/viec/dang-xu-ly").status_code == 403


def test_a_stranger_is_sent_to_the_door_and_back_to_where_he_wanted() -> None:
    client = Client()
    response = client.get("/can-bo/viec/dang-xu-ly?q=mai")
    assert response["Location"] == "/can-bo/dang-nhap?tiep=%2Fcan-bo%2Fviec%2Fdang-xu-ly%3Fq%3Dmai"
    back = client.post(SIGN_IN, {"ten": account(), "mat-khau": PASSWORD, "tiep": "/can-bo/viec/dang-xu-ly?q=mai"})
    assert back["Location"] == "/can-bo/viec/dang-xu-ly?q=mai"


def test_signing_out_ends_the_session() -> None:
    client = seated(identity.Role.HANDLER)
    assert client.get("/can-bo/dang-xuat").status_code == 405
    client.post("/can-bo/dang-xuat")
    assert client.get("/can-bo/").status_code == 302
    assert "dang-nhap" in client.get("/can-bo/")["Location"]


def test_what_was_typed_is_kept_when_the_session_had_ended() -> None:
    [receipt] = filed()
    client, address = Client(), f"/can-bo/ho-so/{receipt.code}/ghi-chu"
    away = client.post(address, {"ghi-chu": "Đã gọi điện cho ông Mai <b>", "tu": ""})
    assert away.status_code == 401
    assert 'name="giu.ghi-chu" value="Đã gọi điện cho ông Mai &lt;b&gt;"' in away.content.decode()
    name = account()
    wrong = client.post(SIGN_IN, {"ten": name, "mat-khau": "sai", "tiep": address, "giu.ghi-chu": "Đã gọi"})
    assert 'name="giu.ghi-chu" value="Đã gọi"' in wrong.content.decode()
    again = client.post(SIGN_IN, {"ten": name, "mat-khau": PASSWORD, "tiep": address, "giu.ghi-chu": "Đã gọi"})
    assert again.status_code == 200
    assert f'action="{address}"' in again.content.decode()
    assert 'name="ghi-chu" value="Đã gọi"' in again.content.decode()
    assert client.post(address, {"ghi-chu": "Đã gọi"}).status_code == 302


def test_an_official_chooses_among_own_positions_only() -> None:
    made = official(identity.Role.HANDLER, place().committee)
    identity.appoint(
        appointments=[
            identity.Appointment(
                made.official_id, place().committee.id, identity.Role.APPROVER, "Trưởng phòng", units.REFORM_DAY
            )
        ],
        now=clock.now(),
    )
    client = Client()
    client.force_login(made)
    assert client.get("/can-bo/")["Location"] == "/can-bo/viec/dang-xu-ly"
    page = client.get("/can-bo/vi-tri").content.decode()
    assert "Trưởng phòng" in page
    number = page.split('name="vi-tri" value="')[2].split('"')[0]
    client.post("/can-bo/vi-tri", {"vi-tri": number})
    assert client.get("/can-bo/")["Location"] == "/can-bo/viec/cho-duyet"
    assert client.post("/can-bo/vi-tri", {"vi-tri": "999999"}).status_code == 400
    assert client.get("/can-bo/")["Location"] == "/can-bo/viec/cho-duyet"


def test_a_session_in_use_is_written_once_a_minute() -> None:
    client = seated(identity.Role.HANDLER)
    client.get("/can-bo/tra-cuu")
    before = client.session["seen"]
    client.get("/can-bo/tra-cuu")
    assert client.session["seen"] == before
    session = client.session
    session["seen"] = before - 61
    session.save()
    client.get("/can-bo/tra-cuu")
    assert client.session["seen"] >= before
