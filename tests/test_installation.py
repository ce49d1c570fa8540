"""An installation, as processes: started, asked, killed, started again."""

import json
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import psycopg

from motcua.config import commandline
from motcua.config.places import ROOT
from tests.processes import Process, Server, free_port, wait_until

OTHERS = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def ask(url: str | urllib.request.Request) -> Any:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)


def test_the_tour_in_the_readme_files_a_dossier_that_can_be_followed_also_after_a_kill(server: Server) -> None:
    issued = subprocess.run(
        [sys.executable, "-m", "motcua", "token", "issue", "tour", "--agency", "H57.101.01", "--role", "reception"],
        env=server.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    request = urllib.request.Request(
        f"{server.url}/api/v1/dossiers",
        data=(ROOT / "docs/example-dossier.json").read_bytes(),
        headers={
            "Authorization": f"Bearer {issued.stdout.strip()}",
            "Idempotency-Key": "the-tour",
            "Content-Type": "application/json",
        },
    )
    receipt = ask(request)
    assert receipt["code"].startswith("H57.101.01-")
    assert receipt["due_at"]
    shown = ask(f"{server.url}/api/v1/where/{receipt['code']}?secret={receipt['secret']}")
    assert shown["code"] == receipt["code"]
    assert ask(request) == receipt  # the same key: the same receipt
    ward = ask(f"{server.url}/api/v1/units/25270")
    server.kill()
    server.start()
    assert ask(f"{server.url}/api/v1/units/25270") == ward
    assert ask(f"{server.url}/api/v1/where/{receipt['code']}?secret={receipt['secret']}") == shown
    assert ask(request) == receipt
    assert server.stop() == 0


def test_the_readme_names_only_commands_that_there_are() -> None:
    typed = re.findall(r"(?:^|\(|\| )motcua ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.M)
    assert len(typed) > 8
    assert set(typed) <= {command.name for command in commandline.commands()}


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
