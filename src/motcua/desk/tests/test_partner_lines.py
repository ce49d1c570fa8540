"""The operators' page: lines, a refused envelope corrected under its id, and the figures for a collector."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils.html import escape

from motcua.desk.tests.support import seated
from motcua.dossiers.tests.support import COMMUNE, NEIGHBOUR, place
from motcua.exchange import api as exchange
from motcua.exchange.api import Answer, Outcome, Parcel, State
from motcua.identity import api as identity
from motcua.identity.api import Role
from motcua.kernel import clock
from motcua.signing import api as signing
from motcua.units import api as units

pytestmark = pytest.mark.django_db
LINES = "/can-bo/duong-day"


class Refusing:
    """A node that refuses until it is told otherwise."""

    partner, batch, words = "node:there", 10, "Thiếu <số> hiệu"

    def deliver(self, parcels: Sequence[Parcel], *, now: datetime) -> Sequence[Outcome]:
        return [Outcome(Answer.PERMANENT, self.words) if self.words else Outcome(Answer.DONE) for _ in parcels]

    state_of = deliver


@pytest.fixture
def dead(country: None, settings: Any, tmp_path: Any) -> exchange.ParcelRow:
    """An envelope of a commune that the other side refused, with another one behind it."""
    settings.NODE, settings.SIGNING_KEYS = "here", tmp_path / "keys"
    now = clock.now()
    mine, other = place(COMMUNE).committee.id, place(NEIGHBOUR).committee.id
    signing.make_keys([mine], now=now - timedelta(hours=1))
    exchange.set_map(
        [
            exchange.Node("here", mine, exchange.Transport.PUSH),
            exchange.Node("there", other, exchange.Transport.PUSH),
        ],
        [exchange.Seat("here", mine, None, None, None), exchange.Seat("there", other, None, None, None)],
    )
    with transaction.atomic():
        message = [exchange.Message(mine, other, "H-1", "test.said", b'{"name":"Nguyen"}') for _ in range(2)]
        ids = exchange.post(message, now=now)
    exchange.dispatch(connector=Refusing(), now=now)
    return exchange.parcels(ids)[0]


def test_an_operator_sees_lines_and_mends_under_the_same_id(dead: exchange.ParcelRow) -> None:
    boss = seated(Role.ADMINISTRATOR)
    shown = boss.get(LINES).content.decode()
    assert "node:there" in shown
    assert escape(Refusing.words) in shown
    at = f"{LINES}/{dead.id}"
    assert "Nguyen" in boss.get(at).content.decode()
    for body in ({"viec": "gui", "noi-dung": "{", "ly-do": "x"}, {"viec": "gui", "noi-dung": "{}", "ly-do": " "}):
        assert boss.post(at, body).status_code == 422
    sent = boss.post(at, {"viec": "gui", "noi-dung": '{"name": "Nguyễn"}', "ly-do": "dấu"})
    assert sent.status_code == 302
    [row] = exchange.parcels([dead.id])
    assert (row.state, "Nguyễn" in row.body.decode()) == (State.READY, True)
    assert boss.get(at).status_code == 404
    assert [done.reason for done in exchange.corrections(dead.id)] == ["dấu"]


def test_an_operator_may_decide_that_it_is_not_sent(dead: exchange.ParcelRow) -> None:
    boss = seated(Role.ADMINISTRATOR)
    assert boss.post(f"{LINES}/{dead.id}", {"viec": "bo", "ly-do": "đã gửi giấy"}).status_code == 302
    accepting = Refusing()
    accepting.words = ""
    later = clock.now() + timedelta(minutes=1)
    for _ in range(2):
        exchange.dispatch(connector=accepting, now=later)
    assert [row.state for row in exchange.of_subject("node:there", "H-1")] == [State.DONE, State.DONE]


def test_another_office_neither_sees_nor_mends_it(dead: exchange.ParcelRow) -> None:
    stranger = seated(Role.ADMINISTRATOR, NEIGHBOUR)
    assert "H-1" not in stranger.get(LINES).content.decode()
    assert stranger.get(f"{LINES}/{dead.id}").status_code == 404
    assert stranger.post(f"{LINES}/{dead.id}", {"viec": "bo", "ly-do": "x"}).status_code == 404
    assert seated(Role.LEADER).get(LINES).status_code == 403


def test_a_collector_needs_an_administrators_token_for_all_agencies(dead: exchange.ParcelRow) -> None:
    now = clock.now()

    def token(agencies: list[int] | None, role: Role) -> str:
        return identity.issue_token(
            name="collector", agencies=agencies, roles=[role], expires_at=now + timedelta(days=1), now=now
        )

    def read(secret: str) -> Any:
        return Client().get("/so-do", headers={"Authorization": f"Bearer {secret}"})

    assert Client().get("/so-do").status_code == 401
    mine, handler, able = (
        token([place(COMMUNE).committee.id], Role.ADMINISTRATOR),
        token(None, Role.HANDLER),
        token(None, Role.ADMINISTRATOR),
    )
    identity.refresh_tokens()
    assert [read(secret).status_code for secret in (mine, handler, able)] == [403, 403, 200]
    figures = read(able).content.decode()
    assert 'motcua_exchange_dead_letters{partner="node:there"} 1' in figures
    assert 'motcua_exchange_open{partner="node:there"} 2' in figures
    assert "H-1" not in figures
    assert units.directory()
