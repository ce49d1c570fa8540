"""Signing in with the identity app, and every way in which it can fail. The app is a process of its own."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from motcua.portal.gate import CITIZEN
from motcua.portal.tests.conftest import App
from motcua.portal.tests.support import signed_in

pytestmark = [pytest.mark.usefixtures("country"), pytest.mark.xdist_group("identity")]
MINE = "/nop/1.001193?xa=00004"


@pytest.fixture(autouse=True)
def _at_the_app(settings: Settings, identity_app: App) -> None:
    settings.IDENTITY_URL = identity_app.url


def to_the_app(client: Client, back: str = MINE) -> str:
    """The address at the app to which a citizen is sent."""
    page = client.get("/dang-nhap", {"tiep": back})
    assert page.status_code == 200
    answer = client.get("/dang-nhap/ung-dung", {"tiep": back})
    assert answer.status_code == 302, answer.content.decode()
    return answer.headers["Location"]


def agree(there: str, person: str = "Hồ Văn Nam", **more: str) -> str:
    """What the app sends the browser back with, when this person agrees."""
    form = httpx.get(there).text
    sub = form.split(f"<b>{person}</b>")[0].rsplit('name="sub" value="', 1)[1].split('"')[0]
    answer = httpx.post(there, data=more or {"sub": sub})
    assert answer.status_code == 302
    back = urlsplit(answer.headers["Location"])
    return f"{back.path}?{back.query}"


def test_a_citizen_signs_in_and_is_back_where_they_wanted_to_be() -> None:
    client = Client()
    there = to_the_app(client)
    asked = parse_qs(urlsplit(there).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert {"state", "nonce", "code_challenge"} <= set(asked)
    before = client.session.session_key
    answer = client.get(agree(there))
    assert (answer.status_code, answer.headers["Location"]) == (302, MINE)
    assert client.session.session_key != before, "a session that somebody planted is not the one that is signed in"
    assert client.session[CITIZEN]["number"] == "046085000023"
    assert "Hồ Văn Nam" in client.get(MINE).content.decode()


def test_signing_out_ends_the_session_and_is_no_link_that_others_can_plant() -> None:
    client = signed_in()
    assert client.get("/thoat").status_code == 405
    assert client.post("/thoat").headers["Location"] == "/"
    assert CITIZEN not in client.session


@pytest.mark.parametrize("back", ["https://la.vn/", "//la.vn/", "/\\la.vn", "javascript:alert(1)", ""])
def test_nobody_is_sent_to_a_foreign_place_after_signing_in(back: str) -> None:
    client = Client()
    answer = client.get(agree(to_the_app(client, back)))
    assert answer.headers["Location"] in ("/", "/cua-toi")


def test_whoever_refuses_is_told_what_else_can_be_done() -> None:
    client = Client()
    answer = client.get(agree(to_the_app(client), action="deny"))
    assert answer.status_code == 403
    assert "chưa đồng ý đăng nhập" in answer.content.decode()
    assert "/dang-nhap?tiep=%2Fnop" in answer.content.decode()


def test_a_person_without_a_number_does_not_get_in() -> None:
    client = Client()
    answer = client.get(agree(to_the_app(client), "Lê Thị Chưa Định Danh"))
    assert answer.status_code == 403
    assert "chưa có số định danh" in answer.content.decode()
    assert CITIZEN not in client.session


def test_a_code_without_our_state_or_used_twice_lets_nobody_in() -> None:
    assert Client().get("/dang-nhap/xong", {"code": "x", "state": "y"}).status_code == 400
    assert Client().get("/dang-nhap/xong").status_code == 400
    client = Client()
    back = agree(to_the_app(client))
    assert client.get(back).status_code == 302
    assert client.get(back).status_code == 400
    stranger = Client()
    to_the_app(stranger)
    assert stranger.get(back).status_code == 400, "a link with somebody else's code signs nobody in as them"


def test_an_app_that_is_away_is_said_to_be_and_nothing_is_lost(identity_app: App) -> None:
    client = Client()
    back = agree(to_the_app(client))
    for way in ("broken", "away"):
        identity_app.behave(way)
        answer = client.get(back)
        assert answer.status_code in (400, 503)
    answer = client.get("/dang-nhap/ung-dung", {"tiep": MINE})
    assert answer.status_code == 503
    assert "đang không trả lời" in answer.content.decode()
    identity_app.behave()
    assert client.get(agree(to_the_app(client))).status_code == 302


def test_an_app_that_breaks_while_it_is_asked_is_said_to(identity_app: App) -> None:
    for way, status in (("broken", 503), ("empty", 403)):
        client = Client()
        back = agree(to_the_app(client))
        identity_app.behave(way)
        assert client.get(back).status_code == status, way
        identity_app.behave()


def test_without_an_app_the_page_says_where_else_to_go(settings: Settings) -> None:
    settings.IDENTITY_URL = ""
    assert "chưa nối với ứng dụng định danh" in Client().get("/dang-nhap").content.decode()
    assert Client().get("/dang-nhap/ung-dung").status_code == 503
