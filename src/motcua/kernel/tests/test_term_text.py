"""Cases as JSON lines, and the walk in words."""

import io
import json
from datetime import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motcua.kernel.calendar import national
from motcua.kernel.clock import from_local
from motcua.kernel.term_text import REASONS, REASONS_EN, WAITING, WAITING_EN, days, due_lines, explain
from motcua.kernel.terms import Pause, Reason, Term, TermUnit, WaitingOn, walk

CASE = {"received": "2026-08-21T16:00", "term": 3, "unit": "working_days"}


def answers(*lines: str | bytes) -> tuple[int, list[dict[str, Any]]]:
    out = io.StringIO()
    status = due_lines(lines, out)
    return status, [json.loads(line) for line in out.getvalue().splitlines()]


def answer(**changes: Any) -> dict[str, Any]:
    return answers(json.dumps({**CASE, **changes}))[1][0]


def test_each_case_gets_its_line_in_order() -> None:
    status, found = answers(json.dumps(CASE) + "\n", "\n", json.dumps({**CASE, "term": 1}).encode())
    assert status == 0
    assert found == [{"due": "2026-08-25T16:00"}, {"due": "2026-08-22T16:00"}]


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ("2026-08-21T16:00", "2026-08-25T16:00"),
        ("2026-08-21 16:00", "2026-08-25T16:00"),
        ("2026-08-21T16:00:00", "2026-08-25T16:00:00"),
        ("2026-08-21T16:00:30", "2026-08-25T16:00:30"),
        ("2026-08-21T16:00+07:00", "2026-08-25T16:00+07:00"),
        ("2026-08-21T09:00Z", "2026-08-25T16:00+07:00"),
        ("2026-08-21T09:00:00Z", "2026-08-25T16:00:00+07:00"),
    ],
)
def test_the_answer_is_local_time_written_as_the_question_was(received: str, expected: str) -> None:
    assert answer(received=received) == {"due": expected}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"cut_off": "15:00"}, "2026-08-25T17:30"),
        ({"cut_off": None}, "2026-08-25T16:00"),
        ({"unit": "hours"}, "2026-08-22T09:00"),
        ({"unit": "hours", "term": 0.01}, "2026-08-21T16:00:36"),
        ({"unit": "days"}, "2026-08-24T17:30"),
        ({"unit": "months"}, "2026-11-23T17:30"),
        (
            {"pauses": [{"start": "2026-08-24T07:30", "end": "2026-08-24T17:30", "waiting_on": "duty"}]},
            "2026-08-26T16:00",
        ),
        ({"pauses": [{"start": "2026-08-24T07:30"}]}, None),
        ({"pauses": []}, "2026-08-25T16:00"),
    ],
)
def test_each_field_has_its_effect(changes: dict[str, Any], expected: str | None) -> None:
    assert answer(**changes) == {"due": expected}


BAD = [
    "not json",
    "[]",
    "7",
    "{}",
    b"\xff\xfe\x00",
    "[" * 100_000,
    json.dumps({**CASE, "term": "3"}),
    json.dumps({**CASE, "term": True}),
    json.dumps({**CASE, "term": -1}),
    json.dumps({**CASE, "term": float("nan")}),
    json.dumps({**CASE, "term": 10**30}),
    json.dumps({**CASE, "term": 1.5, "unit": "days"}),
    json.dumps({**CASE, "unit": "weeks"}),
    json.dumps({**CASE, "unit": ["days"]}),
    json.dumps({**CASE, "received": "2026-08-21"}),
    json.dumps({**CASE, "received": "2026-13-21T16:00"}),
    json.dumps({**CASE, "received": "2026-02-30T16:00"}),
    json.dumps({**CASE, "received": "0001-01-01T00:00"}),
    json.dumps({**CASE, "received": "2099-12-31T16:00"}),
    json.dumps({**CASE, "received": 5}),
    json.dumps({**CASE, "cut_off": "25:00"}),
    json.dumps({**CASE, "cut_off": 15}),
    json.dumps({**CASE, "cut_off": "15:00+07:00"}),
    json.dumps({**CASE, "cutoff": "15:00"}),
    json.dumps({**CASE, "pauses": {}}),
    json.dumps({**CASE, "pauses": [7]}),
    json.dumps({**CASE, "pauses": [{"end": "2026-08-24T07:30"}]}),
    json.dumps({**CASE, "pauses": [{"start": "2026-08-24T07:30", "end": "2026-08-23T07:30"}]}),
    json.dumps({**CASE, "pauses": [{"start": "2026-08-24T07:30", "waiting_on": "god"}]}),
    json.dumps({**CASE, "pauses": [{"start": "2026-08-24T07:30", "until": "x"}]}),
]


@pytest.mark.parametrize("line", BAD, ids=[str(line)[-60:] for line in BAD])
def test_a_bad_line_says_what_to_mend_and_the_rest_goes_on(line: str | bytes) -> None:
    status, found = answers(json.dumps(CASE), line, json.dumps(CASE))
    assert status == 1
    assert [set(each) for each in found] == [{"due"}, {"error"}, {"due"}]
    assert found[1]["error"]["line"] == 2
    assert found[1]["error"]["mend"]


@given(st.text(), st.binary())
def test_no_line_whatever_brings_it_down(text: str, data: bytes) -> None:
    status, found = answers(text, data)
    assert status == bool(found)


def told(term: Term, *pauses: Pause, received: str = "2026-08-21T16:00") -> list[str]:
    return list(explain(walk(from_local(received), term, national(), pauses)))


def test_the_walk_is_told_with_one_row_a_day_and_the_law_on_each() -> None:
    rows = told(Term(3, TermUnit.WORKING_DAYS))
    assert [row.split(":")[0] for row in rows] == [
        "Thứ Sáu 21/08/2026",
        "Thứ Bảy 22/08/2026 (Làm bù)",
        "Chủ Nhật 23/08/2026",
        "Thứ Hai 24/08/2026",
        "Thứ Ba 25/08/2026",
    ]
    assert all("[" in row for row in rows)
    assert "tính 1 giờ 30 phút từ 16:00, cộng dồn 1 giờ 30 phút" in rows[0]
    assert "Thông báo 9441/TB-BNV" in rows[1]
    assert "nghỉ hằng tuần" in rows[2]
    assert "tính 6 giờ 30 phút đến 16:00, cộng dồn 24 giờ" in rows[-1]


def test_a_calendar_term_is_told_in_days() -> None:
    rows = told(Term(9, TermUnit.DAYS), received="2026-08-20T08:00")
    assert "ngày đầu tiên" in rows[0]
    assert "tính 1 ngày, cộng dồn 9 ngày" in rows[9]
    assert len(rows) == 10 + 5
    assert "hạn chuyển sang ngày làm việc tiếp theo đến 17:30" in rows[-1]


def test_a_wait_is_told_with_whom_we_wait_for() -> None:
    pause = Pause(from_local("2026-08-24T09:00"), from_local("2026-08-24T10:00"), WaitingOn.DUTY)
    rows = told(Term(3, TermUnit.WORKING_DAYS), pause)
    assert "tạm dừng, chờ thực hiện nghĩa vụ tài chính từ 09:00 đến 10:00" in rows[3]


def test_a_late_receipt_says_so() -> None:
    rows = told(Term(1, TermUnit.HOURS, time(15)))
    assert "nhận sau giờ chốt" in rows[0]


def test_a_year_that_is_not_announced_says_so() -> None:
    assert "chưa công bố" in told(Term(1, TermUnit.WORKING_DAYS), received="2027-01-04T16:00")[0]


def test_every_reason_has_its_words() -> None:
    assert set(REASONS) == set(Reason)
    assert set(WAITING) == set(WaitingOn)


def test_a_day_off_carries_no_hour_where_the_walk_stops_on_it() -> None:
    friday, sunday = from_local("2026-11-20T16:00"), from_local("2026-11-22T10:15")
    said = list(days(walk(friday, Term(3, TermUnit.WORKING_DAYS), national(), (), sunday)))
    assert said[-1].sentence == "không tính: ngày nghỉ hằng tuần"


def test_the_walk_is_told_in_english_too_without_a_vietnamese_word() -> None:
    assert REASONS_EN.keys() == REASONS.keys()
    assert WAITING_EN.keys() == WAITING.keys()
    pause = Pause(from_local("2026-11-23T09:00"), from_local("2026-11-23T10:00"), WaitingOn.CITIZEN)
    said = list(days(walk(from_local("2026-11-20T16:00"), Term(1, TermUnit.WORKING_DAYS), national(), (pause,)), "en"))
    assert all(row.sentence.isascii() for row in said)
    assert said[0].sentence == "1 h 30 min count from 16:00, 1 h 30 min in all"
    assert "waiting for the applicant" in said[-1].sentence
