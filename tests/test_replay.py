"""`motcua replay` as a person runs it: the books balance, a second run adds nothing, a real server is left alone."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

from motcua.config import commandline
from tests import processes


def replay(database: str, var: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "MOTCUA_DATABASE_URL": database, "MOTCUA_VAR": str(var)}
    return subprocess.run(
        [sys.executable, "-m", "motcua", "replay", *words], env=environment, capture_output=True, text=True, timeout=120
    )


def count(database: str, table: str) -> int:
    with psycopg.connect(database) as connection:
        row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert row is not None
    return int(row[0])


def test_a_week_is_replayed_with_its_clock_and_a_second_run_adds_nothing(own_database: str, tmp_path: Path) -> None:
    words = ("--scenario", "week", "--dossiers", "150", "--start", "2026-08-17", "--seed", "7", "--json")
    reports: list[dict[str, Any]] = []
    for _ in range(2):
        done = replay(own_database, tmp_path, *words)
        assert done.returncode == 0, done.stdout + done.stderr
        reports.append(json.loads(done.stdout))
        assert count(own_database, "dossiers_dossier") == 150
    first, second = reports
    assert (first["there"], first["there_before"]) == (150, 0)
    assert (second["there"], second["there_before"]) == (150, 150)
    assert first["acknowledged"] == second["acknowledged"]
    assert first["acknowledged"]["steps"] == first["sent"]["steps"] > 400
    with psycopg.connect(own_database) as connection:
        days = connection.execute(
            "SELECT DISTINCT split_part(code, '-', 2) FROM dossiers_dossier ORDER BY 1"
        ).fetchall()
        left = connection.execute("SELECT count(DISTINCT state) FROM dossiers_dossier").fetchone()
    assert sorted(day for (day,) in days) == ["260817", "260818", "260819", "260820", "260821"]
    assert left is not None
    assert left[0] >= 5


def test_a_server_with_the_real_clock_is_refused_before_anything_is_written(
    server: processes.Server, own_database: str, tmp_path: Path
) -> None:
    issued = subprocess.run(
        [sys.executable, "-m", "motcua", "token", "issue", "x", "--all-agencies", "--role", "reception"],
        env=server.environment, capture_output=True, text=True,
    )  # fmt: skip
    secret = tmp_path / "token"
    secret.write_text(issued.stdout)
    done = replay(own_database, tmp_path, "--server", server.url, "--token", str(secret))
    assert done.returncode == 2
    assert "đồng hồ thật" in done.stderr
    assert count(own_database, "dossiers_dossier") == 0


@pytest.mark.parametrize(
    "words",
    [("--share", "0", "--scenario", "hcmc-45-days"), ("--connections", "0"), ("--dossiers", "0"),
     ("--server", "http://127.0.0.1:1"), ("--server", "ftp://127.0.0.1")],
)  # fmt: skip
def test_a_wrong_option_is_told(db: None, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    assert commandline.main(["replay", *words]) == 2
    assert "--" in capsys.readouterr().err


def test_a_token_that_is_not_known_is_told_before_anything_is_sent(own_database: str, tmp_path: Path) -> None:
    server = processes.Server(own_database, tmp_path / "var", MOTCUA_REPLAY="1")
    try:
        secret = tmp_path / "token"
        secret.write_text("nobody's")
        done = replay(own_database, tmp_path, "--server", server.url, "--token", str(secret), "--dossiers", "5")
        assert done.returncode == 2
        assert "--token" in done.stderr
    finally:
        server.stop()
