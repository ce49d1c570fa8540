"""The embedded PostgreSQL, started and stopped for real."""

import os
import stat
from pathlib import Path

import psycopg
import pytest

from motcua.config import postgres
from motcua.kernel.errors import Transient


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cluster"


def test_it_is_made_started_used_stopped_and_started_again(folder: Path) -> None:
    try:
        url = postgres.start(folder)
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 'Đặng Thị Ắ' AS name")
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert postgres.running(folder)
        assert postgres.start(folder) == url
    finally:
        assert postgres.stop(folder)
    assert not postgres.running(folder)
    assert not postgres.stop(folder)
    try:
        with psycopg.connect(postgres.start(folder)) as connection:
            assert connection.execute("SELECT name FROM kept").fetchone() == ("Đặng Thị Ắ",)
    finally:
        postgres.stop(folder)


def test_nobody_else_may_enter_its_folder(folder: Path) -> None:
    try:
        url = postgres.start(folder)
        sockets = Path(str(psycopg.conninfo.conninfo_to_dict(url)["host"]))
        for private in (folder, sockets):
            assert stat.S_IMODE(private.stat().st_mode) == 0o700
    finally:
        postgres.stop(folder)


def test_a_path_too_long_for_a_socket_is_no_obstacle(tmp_path: Path) -> None:
    folder = tmp_path / ("very-long-" * 10) / "cluster"
    folder.parent.mkdir()
    try:
        with psycopg.connect(postgres.start(folder)) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        postgres.stop(folder)


def test_a_pid_file_whose_number_now_belongs_to_another_program_is_no_obstacle(folder: Path) -> None:
    try:
        postgres.start(folder)
        postgres.stop(folder)
        (folder / "postmaster.pid").write_text(f"{os.getppid()}\n{folder}\n0\n5432\n{folder}\n\n 0 0\nready\n")
        postgres.start(folder)
        assert postgres.running(folder)
    finally:
        postgres.stop(folder)


def test_a_start_that_fails_says_what_postgresql_said(folder: Path) -> None:
    try:
        postgres.start(folder)
    finally:
        postgres.stop(folder)
    with (folder / "postgresql.auto.conf").open("a") as configuration:
        configuration.write("shared_buffers = 'much'\n")
    with pytest.raises(Transient, match="shared_buffers"):
        postgres.start(folder)
