"""`motcua reorganise draft|check`, on the country of today and on one that still stands on the eve."""

import json
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from motcua.kernel.errors import NotFound, Permanent
from motcua.procedures import api as procedures
from motcua.reorganisation.commands import COMMANDS, VERBS
from motcua.reorganisation.plans import shipped
from motcua.reorganisation.rules import reach
from motcua.units import api as units
from motcua.units.rules.directory import build

Run = Callable[..., int]


@pytest.fixture
def run() -> Run:
    (command,) = COMMANDS
    parser = ArgumentParser()
    command.arguments(parser)
    return lambda *words: command.run(parser.parse_args([str(word) for word in words]))


def test_a_plan_of_the_past_is_drafted_from_the_country_of_today_as_it_was_known_then(
    country: None, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("draft", "2026-09-20", "--out", tmp_path / "x.plan") == 0
    assert (tmp_path / "x.plan").read_text("utf-8") == shipped("2026-09-20")
    assert "như đã biết ngày 19/09/2026" in capsys.readouterr().err


def test_a_plan_that_is_right_is_said_to_be_right_with_its_figures(
    country: None, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("check", "2026-04-30", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["findings"] == []
    assert (told["plan"], told["judged_as_known_on"]) == ("2026-04-30", "2026-04-29")
    assert told["units"]["commune"] == {"before": 3321, "after": 3321}
    assert run("check", "2026-09-01") == 0
    assert "cấp xã: 3.321 → 3.321" in capsys.readouterr().out


def test_what_is_wrong_is_printed_by_line_and_the_answer_is_no(
    country: None, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.plan"
    text = shipped("2026-09-01").replace("thành thành phố", "thành phường")
    broken.write_text(text, "utf-8")
    assert run("check", broken) == 1
    line = 1 + next(n for n, words in enumerate(text.split("\n")) if "thành phường" in words)
    assert f"Dòng {line}: “phường” không phải là loại hình của cấp tỉnh." in capsys.readouterr().out
    broken.write_text(text.replace("tên:", "tựa:"), "utf-8")
    assert run("check", broken, "--json") == 1
    assert {found["kind"] for found in json.loads(capsys.readouterr().out)["findings"]} == {
        "words-unknown",
        "head-missing",
    }


def test_a_day_without_changes_a_day_that_is_none_and_an_unknown_plan_are_refused_with_a_sentence(
    country: None, run: Run
) -> None:
    for words in (("draft", "2026-05-05"), ("draft", "1/7/2025")):
        with pytest.raises(Permanent) as refused:
            run(*words)
        assert refused.value.detail.endswith(".")
        assert refused.value.mend
    with pytest.raises(NotFound, match="2025-07-02"):
        run("check", "2025-07-02")


def test_on_the_eve_the_national_plan_is_drafted_from_the_package_and_every_procedure_has_somebody(
    eve: str, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("draft", "2025-07-01", "--out", tmp_path / "x.plan") == 0
    assert (tmp_path / "x.plan").read_text("utf-8") == shipped("2025-07-01")
    assert capsys.readouterr().err == ""
    assert run("check", tmp_path / "x.plan", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["judged_as_known_on"] is None
    assert told["units"] == {
        "province": {"before": 63, "after": 34},
        "district": {"before": 696, "after": 0},
        "commune": {"before": 10035, "after": 3321},
    }


def test_a_ward_without_a_committee_has_procedures_that_nobody_resolves(country: None) -> None:
    rows = units.read_rows()
    on = date(2026, 1, 5)
    ward = units.directory().find_unit("00004", on)
    assert ward is not None
    without = build(1, replace(rows, agencies=[row for row in rows.agencies if row[0] != ward.id * 100 + 1]))
    [(found, why)] = reach.unresolved(procedures.catalogue(), without, [ward], on)
    assert found.code == "00004"
    assert why.startswith("không cơ quan nào giải quyết được thủ tục 1.")


def test_each_verb_explains_itself(run: Run) -> None:
    assert {"draft", "check"} <= set(VERBS)
    assert all(len(verb.help.split()) > 3 for verb in VERBS.values())
