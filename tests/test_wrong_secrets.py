"""The API's one public question: wrong secrets cost waiting time there too, and an address can't be made up."""

import httpx
import pytest

from motcua.kernel.throttle import FREE
from tests.processes import Server
from tests.test_api import APPLICATION, CENTRE, COMMITTEE, Client, issue

pytestmark = pytest.mark.xdist_group("api")


def test_the_eleventh_wrong_secret_is_told_to_wait_and_others_are_not(server: Server) -> None:
    with Client(server.url, issue(server, CENTRE, COMMITTEE)) as office:
        receipt = office.post("/dossiers", APPLICATION).json()
        address = f"{server.url}/api/v1/where/{receipt['code']}"
        assert httpx.get(address, params={"secret": receipt["secret"]}).status_code == 200
        for n in range(FREE):
            told = {"x-forwarded-for": f"203.0.113.{n}"}
            assert httpx.get(address, params={"secret": f"wrong {n}"}, headers=told).status_code == 404
        refused = httpx.get(address, params={"secret": "one more"})
        assert refused.status_code == 429
        assert refused.headers["content-type"] == "application/problem+json"
        assert 1 <= int(refused.headers["retry-after"]) <= 5
        assert refused.json()["type"] == "urn:motcua:problem:too-many-wrong"
        assert httpx.get(address, params={"secret": receipt["secret"]}).status_code == 200, (
            "known to be right from here"
        )
        assert office.get(f"/dossiers/{receipt['code']}").status_code == 200
