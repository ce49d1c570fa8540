"""The command and the endpoint: the same answer to a person and to a machine."""

import json
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime

import msgspec
import pytest

from motcua.kernel.endpoints import Call
from motcua.kernel.errors import Permanent
from motcua.units import queries
from motcua.units.commands import COMMANDS
from motcua.units.endpoints import ENDPOINTS, AsOf
from motcua.units.rules.directory import Directory

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
KEYS = {"code", "name", "type", "province", "valid_from", "valid_to", "predecessors", "successors"}

Run = Callable[..., int]


@pytest.fixture(autouse=True)
def _in_memory(country: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "directory", lambda: country)


@pytest.fixture
def run() -> Run:
    (command,) = COMMANDS
    parser = ArgumentParser()
    command.arguments(parser)
    return lambda *words: command.run(parser.parse_args(words))


def test_the_command_prints_json_with_the_promised_keys(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("00007", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told.keys() >= KEYS
    assert (told["valid_from"], told["valid_to"], told["in_force"]) == (None, "2025-06-30", False)
    assert told["successors"][0].keys() >= {"code", "name", "type", "extent", "note", "on"}


def test_the_command_speaks_vietnamese(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("25270", "--on", "2026-04-29") == 0
    assert capsys.readouterr().out.startswith(
        "Xã Lộc Ninh – mã 25270, Đồng Nai (75)\nNgày 29/04/2026: đang có hiệu lực"
    )


@pytest.mark.parametrize(
    "words", [("99999",), ("x",), ("25270", "--on", "30/6/2025"), ("25270", "--on", ""), ("25270", "--scheme", "qr")]
)
def test_the_command_refuses_bad_words_with_a_sentence(run: Run, words: tuple[str, ...]) -> None:
    with pytest.raises(Permanent) as refused:
        run(*words)
    assert refused.value.detail.endswith(".")


def asked(code: str, query: Mapping[str, str]) -> Call:
    return Call(None, {"code": code}, msgspec.convert(query, AsOf, strict=False), None, b"", "", NOW)


def test_the_endpoint_answers_for_the_day_asked_and_else_for_today_in_viet_nam() -> None:
    (endpoint,) = ENDPOINTS
    assert endpoint.public
    assert endpoint.prepare(asked("25270", {})).on == date(2026, 11, 22)
    assert endpoint.prepare(asked("25270", {"on": "2025-06-30"})).type == "thị trấn"
    assert endpoint.prepare(asked("H29", {"scheme": "org"})).unit.code == "79"
    with pytest.raises(Permanent, match="code-unknown"):
        endpoint.prepare(asked("99999", {}))
