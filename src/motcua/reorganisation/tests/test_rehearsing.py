"""Rehearsing tells what applying will do, and changes nothing; and the command line tells it to people."""

import json
from pathlib import Path

import pytest

from motcua.config import commandline
from motcua.reorganisation import actions, plans, queries, rehearsing
from motcua.reorganisation.jobs import JOBS
from motcua.reorganisation.models import Plan
from motcua.reorganisation.tests import support
from motcua.reorganisation.tests.support import LATER, NAME, SIGNED_AT, WHOLE, XUAN_TAM
from motcua.units import api as units

TABLES = ("dossiers_dossier", "dossiers_steprow", "identity_position", "kernel_journalentry", "units_generation")


def test_a_rehearsal_tells_what_applying_will_do_by_unit_and_changes_nothing(little: str) -> None:
    support.filed([*WHOLE, XUAN_TAM], 2)
    support.approved(little, ("01", "75"))
    before = {table: support.rows(table, order="1") for table in TABLES}
    told = rehearsing.rehearse(text=little, now=SIGNED_AT)
    assert {table: support.rows(table, order="1") for table in TABLES} == before
    assert told.balanced
    assert not told.past
    kinds = {kind.kind: (kind.before, kind.passed, kind.undecided) for kind in told.kinds}
    assert kinds["dossier"] == (14, 12, 2)
    assert kinds["position"] == (2, 2, 0)
    assert told.units["province"] == (3, 2)
    assert {w.old for w in told.waiting if w.kind == "dossier"} == {XUAN_TAM}
    assert told.seconds_to_publish is not None
    assert told.seconds_to_hand_over is not None

    support.applied()
    directory = units.directory()
    went: dict[tuple[int, int], int] = {}
    for old, new, count in queries.handed_over(NAME):
        pair = (directory.agency(old).unit_id, directory.agency(new).unit_id)
        went[pair] = went.get(pair, 0) + count
    said = {(p.old, p.new): p.count for p in told.passing if p.kind == "dossier"}
    assert said == {(directory.unit(old).code, directory.unit(new).code): n for (old, new), n in went.items()}
    again = rehearsing.rehearse(text=little, now=LATER)
    assert again.past
    assert "đã chứa thay đổi" in again.note


def test_a_rehearsal_that_was_asked_for_is_carried_out_once_and_says_why_if_it_cannot_be(little: str) -> None:
    support.filed(WHOLE[:2])
    with support.unchecked():
        actions.register(text=little, now=SIGNED_AT)
    (job,) = (job for job in JOBS if job.name == "reorganise-rehearse")
    assert job.run(SIGNED_AT) == 0
    actions.ask_rehearsal(name=NAME, now=SIGNED_AT)
    actions.ask_rehearsal(name=NAME, now=LATER)
    asked = queries.plan(NAME).row
    assert (asked.rehearsal_asked_at, asked.rehearsed_at) == (SIGNED_AT, None)
    assert [job.run(SIGNED_AT), job.run(SIGNED_AT)] == [1, 0]
    done = queries.plan(NAME).row
    assert (done.rehearsal_asked_at, done.rehearsed_at, done.rehearsal_failed) == (None, SIGNED_AT, "")
    told = queries.rehearsal(NAME)
    assert told is not None
    assert told["balanced"] is True
    assert {kind["kind"]: kind["before"] for kind in told["kinds"]}["dossier"] == 2

    Plan.objects.filter(name=NAME).update(text="kế hoạch: không đọc được")
    actions.ask_rehearsal(name=NAME, now=LATER)
    assert [job.run(LATER), job.run(LATER)] == [1, 0]
    failed = queries.plan(NAME).row
    assert (failed.rehearsal_asked_at, failed.rehearsed_at) == (None, SIGNED_AT)
    assert failed.rehearsal_failed


@pytest.mark.django_db
def test_a_plan_of_the_past_is_rehearsed_on_the_country_of_its_eve(country: None) -> None:
    told = rehearsing.rehearse(text=plans.shipped("2026-09-20"), now=LATER)
    assert told.past
    assert told.balanced
    assert told.units["province"] == (34, 34)


def test_the_life_of_a_plan_on_the_command_line(
    little: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "ke-hoach.plan"
    file.write_text(little, "utf-8")
    support.filed([*WHOLE[:2], XUAN_TAM])
    positions = support.leaders("01", "75")

    def said(*words: str, status: int = 0) -> str:
        assert commandline.main(["reorganise", *words]) == status
        return capsys.readouterr().out

    with support.unchecked():
        assert "Chờ phê duyệt" in said("register", str(file))
    assert "Tổng trước và sau bằng nhau" in said("rehearse", NAME)
    told = json.loads(said("rehearse", NAME, "--json"))
    assert told["balanced"] is True
    kept = queries.rehearsal(NAME)
    assert kept is not None
    assert kept["kinds"] == told["kinds"]
    said("apply", NAME, status=2)
    assert "1 trên 2 chữ ký" in said("approve", NAME, "--position", str(positions[0]))
    assert "2 trên 2 chữ ký; đã phê duyệt" in said("approve", NAME, "--position", str(positions[1]))
    assert "đã áp dụng" in said("apply", NAME)
    assert json.loads(said("status", NAME, "--json"))[0]["done"] == 2
    waiting = json.loads(said("queue", NAME, "--json"))
    assert waiting["total"] == 1
    [question] = waiting["questions"]
    [leader] = support.holding(positions[1])
    candidate = question["candidates"][0]["id"]
    assert "1 việc" in said("decide", f"{question['id']}={candidate}", "--position", str(leader))
    assert said("queue", NAME).startswith("0 việc")
    said("decide", "12", "--position", str(leader), status=2)
    assert commandline.main(["reorganise", "undo", NAME]) == 2
    assert "quá hạn hoàn tác" in capsys.readouterr().err
