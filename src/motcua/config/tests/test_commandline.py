"""The commands of an installation, as they are typed."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from motcua.config import commandline, commands, pages, serving
from motcua.kernel.check import Check, Outcome
from motcua.kernel.errors import Permanent


def test_a_port_that_is_taken_is_named_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert commandline.main(["run", "--port", str(port)]) == 2
    said = capsys.readouterr().err
    assert f"Port {port}" in said
    assert f"PORT={port + 1}" in said


def test_a_port_is_free_again_after_listening() -> None:
    taken = serving.listen("127.0.0.1", 0)
    port = taken.getsockname()[1]
    with pytest.raises(Permanent, match="port-taken"):
        serving.listen("127.0.0.1", port)
    taken.close()
    serving.listen("127.0.0.1", port).close()


def test_a_database_that_is_away_is_said_in_a_sentence() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "motcua", "migrate"],
        env={**os.environ, "MOTCUA_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "PostgreSQL can't be used" in done.stderr
    assert "Traceback" not in done.stderr


def test_doctor_prints_a_remedy_and_goes_on(
    db: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Checks:
        CHECKS = (
            Check("first", lambda: Outcome(False, "it is so", "Do this.")),
            Check("second", lambda: Outcome(bool(1 // 0), "never")),
            Check("third", lambda: Outcome(True, "fine")),
        )

    monkeypatch.setattr(commands, "parts", lambda file: [Checks])
    assert commandline.main(["doctor"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines[::2]] == [["WRONG", "first"], ["WRONG", "second"], ["OK", "third"]]
    assert "Do this." in lines[1]
    assert "ZeroDivisionError" in lines[2]


def test_doctor_finds_this_database_sound(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    commandline.main(["doctor"])
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("OK    database") for line in lines)
    assert any(line.startswith("OK    migrations") for line in lines)


def test_a_stale_page_is_named(tmp_path: Path) -> None:
    (tmp_path / "docs/decisions").mkdir(parents=True)
    (tmp_path / "docs/decisions/a.md").write_text("# We do it so\n")
    found = dict(pages.stale(tmp_path))
    index = tmp_path / "docs/decisions/README.md"
    assert "- [We do it so](a.md)" in found[index]
    index.write_text(found[index])
    assert index not in dict(pages.stale(tmp_path))


def test_loading_the_country_again_changes_nothing(country: None) -> None:
    from motcua.procedures import api as procedures
    from motcua.units import api as units

    before = (units.generation(), procedures.catalogue().number)
    assert commandline.main(["load"]) == 0
    assert (units.generation(), procedures.refresh().number) == before
