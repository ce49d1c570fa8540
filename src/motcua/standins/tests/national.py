"""What the tests of the national portal share: the simulated portal over real HTTP, dossiers with a life, turns."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Thread
from typing import TYPE_CHECKING, Any

import requests
from django.test import override_settings
from werkzeug.serving import make_server

from motcua.dossiers import api as dossiers
from motcua.dossiers.tests import support
from motcua.exchange import api as exchange
from motcua.identity import api as identity
from motcua.kernel.errors import Failure
from motcua.kernel.journal import api as journal
from motcua.nationalportal import actions, queries
from motcua.nationalportal.client import Client
from motcua.nationalportal.connector import PARTNER, PortalConnector
from motcua.standins import portal

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

NOW = support.NOW
LATER = NOW + timedelta(days=1)


class Portal:
    """The simulated portal that answers at `url`."""

    def __init__(self, url: str) -> None:
        self.url = url

    def mode(self, mode: str, *, calls: int = 0, seconds: float = 0.0) -> None:
        told = {"mode": mode, "calls": calls, "seconds": seconds}
        assert requests.post(f"{self.url}/mode", json=told, allow_redirects=False).status_code == 303

    def book(self) -> dict[str, Any]:
        return dict(requests.get(f"{self.url}/book").json())

    def steps(self, code: str) -> list[dict[str, Any]]:
        return list(self.book()["dossiers"][code]["steps"])

    def file(self, **item: Any) -> str:
        return str(requests.post(f"{self.url}/file", json=item).json()["MaHoSo"])

    def lose(self, code: str, **more: Any) -> None:
        assert requests.post(f"{self.url}/lose", json={"MaHoSo": code, **more}).status_code == 200


@contextmanager
def served(application: "WSGIApplication") -> Iterator[str]:
    """An application that answers real HTTP."""
    server = make_server("127.0.0.1", 0, application, threaded=True)
    server.daemon_threads = True  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def portal_running() -> Iterator[Portal]:
    """The portal, with the settings pointing to it."""
    with served(portal.application()) as url, override_settings(PORTAL_URL=url):
        yield Portal(url)


def connector_to(url: str) -> PortalConnector:
    from django.conf import settings

    return PortalConnector(Client(url, settings.PORTAL_ACCOUNT, settings.PORTAL_SECRET, "H26"))


def take(code: str, step: str, *, hours: float, reason: str = "", by: identity.Scope | None = None) -> None:
    """One step with a dossier, so many hours after it was filed."""
    given = dossiers.Given(NOW + timedelta(hours=hours), reason=reason)
    request = dossiers.StepRequest(code, step, f"{step}:{code}:{hours}", b"d", by or support.office(), given)
    [answer] = dossiers.take_steps([request])
    if isinstance(answer, Failure):
        raise answer


WHOLE_LIFE = (
    ("hand_over", 1, ""),
    ("ask_for_completion", 2, "thiếu bản vẽ"),
    ("complete", 3, ""),
    ("require_duty", 4, "nộp thuế trước bạ"),
    ("perform_duty", 5, ""),
    ("propose", 6, ""),
    ("approve", 7, ""),
    ("sign", 8, ""),
    ("finish", 9, ""),
    ("return_result", 10, ""),
)
STATUSES = ["2", "4", "5", "4", "6", "4", "4", "4", "4", "9", "10"]


def lived(until: int = len(WHOLE_LIFE)) -> str:
    """A dossier that has gone through the first so many steps of a whole life."""
    [receipt] = support.filed()
    for step, hours, reason in WHOLE_LIFE[:until]:
        take(receipt.code, step, hours=hours, reason=reason)
    return receipt.code


def sealed(now: datetime = LATER) -> None:
    """Seal all that was done, as the worker does every few seconds."""
    while journal.seal(now=now):
        pass


def follow(now: datetime = LATER) -> int:
    """Seal what was done and follow all of it; how many entries."""
    sealed(now)
    total = 0
    while count := actions.follow_log(now=now):
        total += count
    return total


def until_quiet(now: datetime = LATER, *, between: Callable[[int], object] = lambda turn: None) -> datetime:
    """Deliver until nothing moves by itself any more, letting time pass where nothing is due; the moment then."""
    for turn in range(200):
        between(turn)
        if exchange.open_subjects(PARTNER) <= {row.subject for row in exchange.dead_letters(PARTNER)}:
            return now
        if not exchange.dispatch(connector=queries.connector(), policy=FAST, now=now, chance=lambda: 0.5):
            now += timedelta(minutes=10)
    raise AssertionError("the line does not come to rest")


FAST = exchange.Policy(pace=10_000.0)
