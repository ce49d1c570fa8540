"""Alarms: raised once, ended by themselves, told as events; and the kit on the line to whoever listens."""

import json
import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from motcua.exchange import api as exchange
from motcua.exchange import checks, jobs
from motcua.exchange.api import Alarm, State
from motcua.exchange.tests import kit
from motcua.exchange.tests.kit import NOW, How, Trial
from motcua.exchange.tests.partner import PARTNER, Memory, letter

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


class Listener:
    """Whoever is told: keeps each event once, by its id, as the standard lets it. It misbehaves on demand."""

    def __init__(self) -> None:
        self.how, self.heard, self.bearers = How.WELL, list[dict[str, Any]](), list[str]()
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                listener.hear(self)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.line = exchange.AlarmLine(f"http://127.0.0.1:{self.port}/bao-dong")

    def hear(self, request: BaseHTTPRequestHandler) -> None:
        event = json.loads(request.rfile.read(int(request.headers["Content-Length"])))
        self.bearers.append(request.headers.get("Authorization", ""))
        if self.how in (How.WELL, How.SILENT) and event["id"] not in [one["id"] for one in self.heard]:
            self.heard.append(event)
        if self.how is How.SILENT:
            request.close_connection = True
            return
        request.send_response({How.FAILS: 503, How.REFUSES: 400}.get(self.how, 204))
        request.end_headers()

    def behave(self, how: How) -> None:
        self.how = how
        # Nobody listens at port 1: what goes there never arrives.
        self.line.url = f"http://127.0.0.1:{1 if how is How.LOST else self.port}/bao-dong"

    def applied(self) -> Sequence[UUID]:
        return [UUID(one["id"]) for one in self.heard]


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.server.shutdown()
    made.server.server_close()


def event(subject: str) -> exchange.Letter:
    made = exchange.Letter("alarms", subject, "motcua.exchange.alarm", b"")
    return exchange.Letter(made.partner, subject, made.kind, json.dumps({"id": str(made.id)}).encode(), made.id)


@pytest.mark.parametrize("case", kit.CASES, ids=kit.named)
def test_the_line_to_a_listener_holds(case: kit.Case, listener: Listener) -> None:
    case(Trial(listener.line, listener, event, cannot={How.WAITS: "a listener hears or does not"}))


def test_an_alarm_is_raised_once_ends_by_itself_and_both_are_told(
    listener: Listener, settings: Any, tmp_path: Path
) -> None:
    settings.ALARMS_URL, settings.ALARMS_SECRET = listener.line.url, tmp_path / "alarms"
    settings.ALARMS_SECRET.write_text("known-to-both\n")
    memory = Memory()
    trial = Trial(memory, memory, letter)
    [one] = trial.send("kit-1")
    assert exchange.watch(now=NOW) == ()
    memory.behave(How.REFUSES)
    trial.dispatch()
    later = NOW + 2 * HOUR
    raised = exchange.watch(now=later)
    assert {(row.partner, row.alarm, row.until) for row in raised} == {
        (PARTNER, Alarm.DEAD, None),
        (PARTNER, Alarm.LATE, None),
    }
    assert exchange.watch(now=later + HOUR) == (), "it is known already"
    assert not (said := checks.lines()).ok
    assert "dead-letters since" in said.text
    memory.behave(How.WELL)
    exchange.replay([one], caller=0, reason="kit", now=later)
    trial.now = later
    trial.until_quiet()
    ended = exchange.watch(now=later + 2 * HOUR)
    assert {(row.alarm, row.until) for row in ended} == {
        (alarm, later + 2 * HOUR) for alarm in (Alarm.DEAD, Alarm.LATE)
    }
    assert exchange.alarms() == ()
    assert checks.lines().ok
    assert {row.alarm for row in exchange.alarms(since=later)} == {Alarm.DEAD, Alarm.LATE}

    [way] = jobs.alarm_ways()
    told = Trial(way.connector, listener, event, now=later + 2 * HOUR)
    told.until_quiet()
    assert [row.open for row in told.lines()] == [0]
    assert sorted((one["type"].rpartition(".")[2], one["data"]["alarm"]) for one in listener.heard) == [
        ("ended", "dead-letters"),
        ("ended", "late"),
        ("raised", "dead-letters"),
        ("raised", "late"),
    ]
    assert listener.heard[0]["subject"] == PARTNER
    assert set(listener.bearers) == {"Bearer known-to-both"}


def test_a_partner_that_is_silent_for_long_is_an_alarm_and_a_listener_that_is_away_is_none(
    listener: Listener, settings: Any
) -> None:
    settings.ALARMS_URL = listener.line.url
    memory = Memory()
    trial = Trial(memory, memory, letter)
    trial.send("kit-1")
    memory.behave(How.FAILS)
    for _ in range(8):
        trial.dispatch(timedelta(minutes=6))
    assert [row.alarm for row in exchange.watch(now=trial.now)] == [Alarm.SHUT]
    listener.behave(How.LOST)
    told = Trial(listener.line, listener, event, now=trial.now)
    for _ in range(12):
        told.dispatch(timedelta(minutes=15))
    [line] = told.lines()
    assert line.open == 1
    assert line.failures > 0
    assert {row.partner for row in exchange.watch(now=told.now)} == {PARTNER}, (
        "late by now; the listener's line is no news"
    )
    listener.behave(How.WELL)
    told.until_quiet()
    assert State.DONE in {row.state for row in exchange.of_subject("alarms", f"{PARTNER}/shut")}


def test_doctor_misses_a_node_that_the_directory_does_not_name(settings: Any) -> None:
    settings.NODE = ""
    assert checks.node().ok
    settings.NODE = "nowhere"
    assert not checks.node().ok
