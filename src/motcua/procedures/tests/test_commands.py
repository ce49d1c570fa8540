"""`motcua procedure` and `motcua due`."""

import argparse
import io
import json
import sys
from collections.abc import Callable
from typing import Any

import pytest

from motcua.kernel.command import Command
from motcua.kernel.errors import Permanent
from motcua.procedures.commands import COMMANDS

pytestmark = pytest.mark.usefixtures("catalogue")

Run = Callable[..., tuple[int, str]]


def parse(command: Command, *words: str) -> Any:
    parser = argparse.ArgumentParser()
    command.arguments(parser)
    return parser.parse_args(words)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(name: str, *words: str) -> tuple[int, str]:
        (command,) = (c for c in COMMANDS if c.name == name)
        status = command.run(parse(command, *words))
        return status, capsys.readouterr().out

    return run


def test_words_find_procedures(run: Run) -> None:
    status, out = run("procedure", "khai", "sinh", "cho", "con")
    assert status == 0
    assert out.splitlines()[0].startswith("1.001193  Thủ tục đăng ký khai sinh")


def test_words_that_find_nothing_exit_with_1(run: Run) -> None:
    assert run("procedure", "zzzzqq") == (1, "")


def test_a_code_shows_everything(run: Run) -> None:
    status, out = run("procedure", "1.004222", "--on", "2026-08-21", "--area", "00004")
    assert status == 0
    for word in (
        "Đăng ký thường trú",
        "7 ngày làm việc",
        "10.000 đồng/lần đăng ký",
        "CT01",
        "Công an thành phố Hà Nội",
    ):
        assert word in out


def test_a_procedure_is_told_as_json(run: Run) -> None:
    told = json.loads(run("procedure", "1.001193", "--json", "--on", "2026-08-21", "--area", "00004")[1])
    assert told["term"] == {"value": 0, "unit": "days", "cut_off": "15:00"}
    assert told["form"]["title"] == "Tờ khai đăng ký khai sinh"
    assert told["here"]["resolving"]["name"] == "Ủy ban nhân dân phường Ba Đình"
    found = json.loads(run("procedure", "tam tru", "--json", "--limit", "2")[1])
    assert [hit["code"] for hit in found] == ["1.004194", "1.002755"]


@pytest.mark.parametrize(
    ("procedure", "received", "due"),
    [
        ("1.004194", "2026-08-21T16:00", "2026-08-25T16:00"),  # 3 working days over a Saturday worked in exchange
        ("1.001193", "2026-08-21T10:00", "2026-08-21T17:30"),  # within the day
        ("1.001193", "2026-08-21T16:00", "2026-08-22T17:30"),  # after 15:00: within the next working day
        ("1.000005", "2026-08-17T07:30", "2026-08-22T17:30"),  # no stated term: the fallback of 6 working days
    ],
)
def test_due_prints_the_moment(run: Run, procedure: str, received: str, due: str) -> None:
    assert run("due", procedure, "--received", received) == (0, f"{due}\n")


def test_due_explains_itself_and_says_what_is_assumed(run: Run) -> None:
    _, out = run("due", "1.000005", "--received", "2026-08-21T16:00", "--explain")
    assert "tạm tính vì nguồn không nêu" in out
    assert "Thứ Bảy 22/08/2026 (Làm bù): tính 8 giờ" in out
    told = json.loads(run("due", "1.004194", "--received", "2026-08-21T16:00", "--explain", "--json")[1])
    assert (told["due"], told["assumed"]) == ("2026-08-25T16:00", False)
    assert len(told["explanation"]) == 5


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("9.999999", "--received", "2026-08-21T16:00"), "procedure-unknown"),
        (("1.001193",), "received-missing"),
        (("1.001193", "--received", "yesterday"), "moment-invalid"),
        (("1.001193", "--received", "2026-08-21T16:00", "--province", "zz"), "area-unknown"),
        (("1.001193", "--received", "2020-08-21T16:00"), "procedure-unknown"),
    ],
)
def test_due_says_what_to_mend(run: Run, words: tuple[str, ...], problem: str) -> None:
    with pytest.raises(Permanent) as caught:
        run("due", *words)
    assert caught.value.problem == problem
    assert caught.value.mend


def test_a_day_that_is_none_is_refused(run: Run) -> None:
    with pytest.raises(Permanent, match="date-invalid"):
        run("procedure", "1.001193", "--on", "2026-02-30")


def test_due_reads_cases_without_the_database(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    case = b'{"received": "2026-08-21T16:00", "term": 3, "unit": "working_days"}\n'
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(case)))
    assert run("due", "-") == (0, '{"due": "2026-08-25T16:00"}\n')
    (command,) = (c for c in COMMANDS if c.name == "due")
    assert callable(command.database)
    assert not command.database(parse(command, "-"))
    assert command.database(parse(command, "1.001193"))
