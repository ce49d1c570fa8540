"""An installation, as processes: started, asked, killed, started again."""

import json
import signal
import urllib.request
from pathlib import Path
from typing import Any

import psycopg

from tests.processes import Process, Server, free_port, wait_until

OTHERS = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def ask(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)


def test_a_server_that_was_killed_answers_again_at_the_same_address(server: Server) -> None:
    before = ask(f"{server.url}/api/v1/units/25270")
    server.kill()
    server.start()
    assert ask(f"{server.url}/api/v1/units/25270") == before
    assert server.stop() == 0


def test_two_processes_share_one_address(own_database: str, tmp_path: Path) -> None:
    server = Server(own_database, tmp_path / "var", "--processes", "2")
    try:
        assert ask(f"{server.url}/api/v1/units/79")["code"] == "79"
    finally:
        assert server.stop() == 0


def test_a_worker_ends_in_order_when_it_is_asked_to(own_database: str, tmp_path: Path) -> None:
    worker = Process("worker", database=own_database, var=tmp_path / "var")
    with psycopg.connect(own_database, autocommit=True) as connection:
        wait_until(lambda: connection.execute(OTHERS).fetchone() != (0,), worker.process)
    assert worker.stop() == 0
    assert "Traceback" not in worker.said()


def test_run_brings_everything_up_and_ctrl_c_ends_it_in_order(own_database: str, tmp_path: Path) -> None:
    port = free_port()
    everything = Process("run", "--port", str(port), database=own_database, var=tmp_path / "var")
    try:
        wait_until(lambda: "Ctrl-C stops everything." in everything.said(), everything.process)
        assert "tiepnhan" in everything.said()
        assert ask(f"http://127.0.0.1:{port}/api/v1/units/46")["name"] == "Huế"
    finally:
        everything.process.send_signal(signal.SIGINT)
        assert everything.process.wait(60) == 0
    assert "Traceback" not in everything.said()
