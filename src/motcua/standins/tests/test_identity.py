"""The stand-in of the identity app says that it is one, and keeps to the protocol."""

import warnings
from typing import Any

import pytest

from motcua.standins import identity
from motcua.standins.commands import STANDINS


@pytest.fixture(scope="module")
def app() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return identity.application()


ASKED = {
    "response_type": "code",
    "client_id": "motcua",
    "redirect_uri": "http://127.0.0.1/dang-nhap/xong",
    "scope": "openid",
    "state": "s",
    "nonce": "n",
}


@pytest.mark.parametrize("path", ["/", "/oauth2/authorize", "/oauth2/end_session"])
def test_every_page_says_that_it_is_a_simulation(app: Any, path: str) -> None:
    answer = app.test_client().get(path, query_string=ASKED | {"code_challenge": "x", "code_challenge_method": "S256"})
    assert "MÔ PHỎNG" in answer.text
    assert "//cdn" not in answer.text


def test_nobody_gets_a_code_without_pkce(app: Any) -> None:
    assert app.test_client().get("/oauth2/authorize", query_string=ASKED).status_code == 400


def test_a_code_is_worth_nothing_without_its_verifier(app: Any) -> None:
    client = app.test_client()
    asked = ASKED | {"code_challenge": "x" * 43, "code_challenge_method": "S256"}
    back = client.post("/oauth2/authorize", query_string=asked, data={"sub": "somebody"})
    code = back.headers["Location"].split("code=")[1].split("&")[0]
    answer = client.post("/oauth2/token", data={"grant_type": "authorization_code", "code": code, "code_verifier": "y"})
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_grant")


def test_it_misbehaves_only_in_ways_that_it_knows(app: Any) -> None:
    client = app.test_client()
    assert client.post("/che-do", data={"cach": "nonsense"}).status_code == 400
    assert client.post("/che-do", data={"cach": "away"}).status_code == 302
    assert client.get("/jwks").status_code == 503
    assert client.post("/che-do", data={"cach": ""}).status_code == 302
    assert client.get("/jwks").status_code == 200


def test_the_people_are_told_apart_and_none_has_a_number_twice() -> None:
    numbers = [person.number for person in identity.PEOPLE if person.number]
    assert len(set(numbers)) == len(numbers)
    assert "identity" in STANDINS
