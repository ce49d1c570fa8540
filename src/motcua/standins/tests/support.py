"""What the tests of the stand-ins share: a shop that must be paid for, and a gateway of this test's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Thread

import requests
from django.conf import settings
from django.test import override_settings
from werkzeug.serving import make_server

from motcua.dossiers import api as dossiers
from motcua.dossiers.tests import support
from motcua.identity import api as identity
from motcua.portal.tests.support import KNOWN
from motcua.standins import payments

SHOP = "1.001612"  # đăng ký hộ kinh doanh: 150.000 đồng when filed online
FEE = 150_000
CONTENT: dict[str, object] = {
    "owner_name": KNOWN["name"],
    "owner_number": KNOWN["number"],
    "owner_birth_date": KNOWN["birth_date"],
    "owner_gender": "female",
    "owner_residence": KNOWN["address"],
    "business_name": "Tiệm may Mai",
    "business_address": "12 phố Quan Thánh",
    "founded_by": "individual",
    "lines": ["May đo"],
    "capital": 20_000_000,
}


def payer(number: str = KNOWN["number"]) -> identity.Scope:
    party = identity.party_id("citizen", number)
    return identity.Scope(party=party, name=f"party:{party}")


def shop(now: datetime = support.NOW, *, channel: str = "online", by: identity.Scope | None = None) -> str:
    """The code of a new application that costs money, filed by its own applicant."""
    made = support.application(
        procedure=SHOP, channel=channel, number=KNOWN["number"], name=KNOWN["name"], content=CONTENT
    )
    scope = by or (payer() if channel == "online" else support.office())
    return support.filed(made=made, by=scope, now=now)[0].code


def state_of(code: str, now: datetime = support.NOW) -> str:
    (found,) = dossiers.where([dossiers.WhereQuestion(code, now, scope=identity.SYSTEM)])
    assert isinstance(found, dossiers.Where)
    return found.state


class Running:
    """A stand-in gateway that answers at `url`."""

    def __init__(self, url: str) -> None:
        self.url = url

    def mode(self, mode: str, seconds: float = 0.2) -> None:
        answer = requests.post(f"{self.url}/mode", json={"mode": mode, "seconds": seconds}, allow_redirects=False)
        assert answer.status_code == 303, answer.text

    def choose(self, address: str, choice: str = "pay") -> requests.Response:
        """What the citizen does on the gateway's page."""
        assert "MÔ PHỎNG" in requests.get(address).text
        return requests.post(address, data={"choice": choice}, allow_redirects=False)


@contextmanager
def gateway() -> Iterator[Running]:
    """The stand-in, answering real HTTP, with the settings pointing to it."""
    server = make_server("127.0.0.1", 0, payments.application(), threaded=True)
    server.daemon_threads = True  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        with override_settings(
            PAYMENTS_URL=f"http://127.0.0.1:{server.port}", PAYMENTS_SECRET=settings.PAYMENTS_SECRET
        ):
            yield Running(f"http://127.0.0.1:{server.port}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
