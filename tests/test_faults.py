"""Killed, cut off, asked a hundred times: what was acknowledged is there once, and the rest can be sent again."""

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest

from motcua.dossiers.tests.support import application
from motcua.replay.client import API, Away, Caller, Server, request
from tests import processes

pytestmark = pytest.mark.django_db

CONNECTIONS = 16
Answers = dict[str, tuple[int, bytes]]


def motcua(server: processes.Process, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "motcua", *words], env=server.environment, capture_output=True, text=True, timeout=60
    )


def token(server: processes.Process) -> str:
    roles = ("reception", "handler", "approver", "signatory", "leader")
    issued = motcua(server, "token", "issue", "faults", "--all-agencies", *(w for r in roles for w in ("--role", r)))
    assert issued.returncode == 0, issued.stderr
    return issued.stdout.strip()


def reached(server: processes.Server) -> Server:
    to = Server("127.0.0.1", server.port, token(server))
    probe = request(to, "GET", f"{API}/dossiers/x")
    wait_until(lambda: send(to, {"": probe})[0][""][0] != 401)  # a new token is known within a second
    return to


def filings(to: Server, count: int) -> dict[str, bytes]:
    """So many requests to file a dossier, by key."""
    body = msgspec.json.encode(application())
    return {
        f"fault:{n}": request(to, "POST", f"{API}/dossiers", body, {"Idempotency-Key": f"fault:{n}"})
        for n in range(count)
    }


def send(
    to: Server, requests: dict[str, bytes], *, fault: tuple[int, Callable[[], object]] | None = None
) -> tuple[Answers, Answers, list[tuple[int, bytes]]]:
    """Send all with patience. After so many answers the fault happens, beside the load.

    Gives the answers, those of them that came before the fault, and every refusal that was met with patience.
    """
    answers: Answers = {}
    before: Answers = {}
    refusals: list[tuple[int, bytes]] = []
    left = iter(requests.items())

    async def patient(caller: Caller) -> None:
        for key, data in left:
            for attempt in range(200):
                try:
                    status, body = await caller.call(data)
                except Away:
                    status, body = 0, b""
                if status not in (0, 500, 503):
                    answers[key] = (status, body)
                    break
                refusals.append((status, body))
                assert attempt < 199, "no answer after 200 attempts"
                await asyncio.sleep(0.1)

    async def broken() -> None:
        assert fault is not None
        while len(answers) < fault[0]:
            await asyncio.sleep(0.005)
        before.update(answers)
        await asyncio.get_running_loop().run_in_executor(None, fault[1])

    async def everything() -> None:
        callers = [Caller(to) for _ in range(CONNECTIONS)]
        async with asyncio.timeout(120), asyncio.TaskGroup() as group:
            if fault:
                group.create_task(broken())
            for caller in callers:
                group.create_task(patient(caller))
        for caller in callers:
            caller.close()

    with ThreadPoolExecutor(1) as thread:  # in ours a browser's loop may still rest
        thread.submit(lambda: asyncio.run(everything())).result()
    return answers, before, refusals


def one(url: str, question: str) -> Any:
    with psycopg.connect(url) as connection:
        row = connection.execute(question).fetchone()
    assert row is not None
    return row[0]


def assert_all_there_once(url: str, answers: Answers, count: int) -> None:
    assert [key for key, (status, _) in answers.items() if status != 201] == []
    codes = {json.loads(body)["code"] for _, body in answers.values()}
    assert len(codes) == count
    assert one(url, "SELECT count(*) FROM dossiers_dossier") == count
    assert one(url, "SELECT count(DISTINCT code) FROM dossiers_dossier") == count
    assert one(url, "SELECT array_agg(code ORDER BY code) FROM dossiers_dossier") == sorted(codes)
    assert one(url, "SELECT count(*) FROM dossiers_steprow") == count
    numbers = sorted(int(code.rpartition("-")[2]) for code in codes)
    assert numbers == list(range(1, count + 1))


def assert_journal_verifies(server: processes.Process) -> None:
    assert motcua(server, "journal", "seal").returncode == 0
    verified = motcua(server, "journal", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_a_server_killed_under_load_has_lost_and_doubled_nothing(server: processes.Server, own_database: str) -> None:
    to = reached(server)
    requests = filings(to, 600)

    def kill_and_start() -> None:
        server.kill()
        server.start()

    answers, before, _ = send(to, requests, fault=(150, kill_and_start))
    assert 150 <= len(before) < 600
    assert_all_there_once(own_database, answers, 600)
    again, _, _ = send(to, requests)
    assert again == answers
    assert_all_there_once(own_database, again, 600)
    assert_journal_verifies(server)


def test_while_postgresql_is_away_callers_are_told_to_repeat_and_then_nothing_is_lost_or_doubled(
    own_cluster: processes.Cluster, tmp_path: Path
) -> None:
    server = processes.Server(own_cluster.url, tmp_path / "var")
    try:
        to = reached(server)

        def kill_and_start() -> None:
            own_cluster.kill()
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(own_cluster.url)
            own_cluster.start()

        answers, before, refusals = send(to, filings(to, 600), fault=(150, kill_and_start))
        assert 150 <= len(before) < 600
        told = [json.loads(body) for status, body in refusals if status == 503]
        assert told
        assert {(problem["kind"], problem["type"]) for problem in told} == {
            ("transient", "urn:motcua:problem:database-away")
        }
        assert all(problem["mend"] for problem in told)
        assert_all_there_once(own_cluster.url, answers, 600)
        assert_journal_verifies(server)
    finally:
        server.stop()


WAITING = 1_500


@pytest.fixture
def overdue(own_database: str, tmp_path: Path) -> Iterator[processes.Server]:
    """Dossiers that have been waiting for papers since August, in a server with the scenario's clock."""
    server = processes.Server(own_database, tmp_path / "var", MOTCUA_REPLAY="1")
    try:
        to = reached(server)
        online = msgspec.to_builtins(application(channel="online"))
        filed = in_batches(to, [{**online, "key": f"late:{n}"} for n in range(WAITING)], "/dossiers/batch", "dossiers")
        asked = [
            {"dossier": outcome["receipt"]["code"], "step": "ask_for_papers", "reason": "Ảnh mờ", "key": f"ask:{n}"}
            for n, outcome in enumerate(filed)
        ]
        in_batches(to, asked, "/steps/batch", "steps")
        yield server
    finally:
        server.stop()


def in_batches(to: Server, items: Sequence[dict[str, Any]], path: str, name: str) -> list[dict[str, Any]]:
    """Send the items a hundred at a time, all on a Monday in August; gives what became of each."""
    then = {"Motcua-Now": "2026-08-17T08:00:00+07:00"}
    requests = {
        str(n): request(to, "POST", f"{API}{path}", msgspec.json.encode({name: items[n : n + 100]}), then)
        for n in range(0, len(items), 100)
    }
    answers = send(to, requests)[0]
    assert [answer for answer in answers.values() if answer[0] != 200] == []
    outcomes = [outcome for key in requests for outcome in json.loads(answers[key][1])["outcomes"]]
    assert {outcome["status"] for outcome in outcomes} == {201}
    return outcomes


def test_a_worker_killed_at_work_has_done_nothing_twice_and_others_finish_it(
    overdue: processes.Server, own_database: str, tmp_path: Path
) -> None:
    closed = "SELECT count(*) FROM dossiers_steprow WHERE name = 'close'"
    first = processes.Process("worker", database=own_database, var=tmp_path / "var")
    wait_until(lambda: one(own_database, closed) > 0)
    first.kill()
    others = [processes.Process("worker", database=own_database, var=tmp_path / "var") for _ in range(2)]
    try:
        wait_until(lambda: one(own_database, closed) >= WAITING)
    finally:
        for other in others:
            other.stop()
    assert one(own_database, closed) == WAITING
    assert one(own_database, "SELECT count(DISTINCT dossier) FROM dossiers_steprow WHERE name = 'close'") == WAITING
    assert one(own_database, "SELECT count(*) FROM dossiers_dossier WHERE holder IS NOT NULL") == 0
    assert_journal_verifies(overdue)


def wait_until(true: Callable[[], bool]) -> None:
    """At most 40 seconds."""
    pause, until = threading.Event(), time.monotonic() + 40
    while not true():
        assert time.monotonic() < until, "not within 40 seconds"
        pause.wait(0.02)
