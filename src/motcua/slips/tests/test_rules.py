"""Which forms a log calls for, who gave what to whom, and the words of the forms. No database."""

from dataclasses import dataclass
from datetime import date, datetime

import pytest

from motcua.kernel.clock import from_local
from motcua.slips import rules
from motcua.slips.rules import Due, Issuer, Kept

CENTRE, COMMITTEE, DEPARTMENT = 1, 2, 3


@dataclass(frozen=True)
class Row:
    n: int
    step: str
    at: datetime
    state: str = "in_process"
    holder: int | None = CENTRE
    position: int | None = None
    act_by: datetime | None = None


def at(text: str) -> datetime:
    return from_local(f"2026-08-{text}")


def log(*steps: str) -> list[Row]:
    return [Row(n, step, at(f"{16 + n} 08:00")) for n, step in enumerate(steps, 1)]


def called_for(*steps: str, own: bool = False) -> list[tuple[str, int]]:
    return [(due.form, due.n) for due in rules.forms_of(log(*steps), own=own)]


@pytest.mark.parametrize(
    ("steps", "forms"),
    [
        (("file_counter",), [("01", 1), ("06", 0)]),
        (("file_online", "accept"), [("01", 2), ("06", 0)]),
        (("file_online", "refuse"), [("01", 1), ("03", 2), ("06", 0)]),
        (("file_online", "ask_for_papers", "send_papers", "accept"), [("01", 4), ("02", 2), ("06", 0)]),
        (("file_counter", "hand_over", "extend"), [("01", 1), ("04", 3), ("06", 0)]),
        (("file_counter", "withdraw"), [("01", 1), ("05", 2), ("06", 0)]),
        (("file_counter", "hand_over", "stop"), [("01", 1), ("05", 3), ("06", 0)]),
        # after completion the term begins anew, and the applicant gets a new appointment
        (("file_counter", "hand_over", "ask_for_completion", "complete"), [("01", 1), ("01", 4), ("02", 3), ("06", 0)]),
    ],
)
def test_the_log_says_which_forms_there_are(steps: tuple[str, ...], forms: list[tuple[str, int]]) -> None:
    assert called_for(*steps) == forms
    assert called_for(*steps, own=True) == forms[:-1]


def test_before_acceptance_the_receipt_is_provisional() -> None:
    [first, _] = rules.forms_of(log("file_online"), own=False)
    assert first == Due("01", 1, at("17 08:00"), provisional=True)


def test_a_stop_is_announced_by_the_agency_that_stops_and_an_apology_by_the_one_that_is_late() -> None:
    found = rules.forms_of(log("file_counter", "extend", "stop", "withdraw"), own=False)
    assert {(due.form, due.n): due.issuer for due in found if due.form in ("04", "05")} == {
        ("04", 2): Issuer.RESOLVING,
        ("05", 3): Issuer.RESOLVING,
        ("05", 4): Issuer.RECEPTION,
    }


PASSING = frozenset(
    {"file_counter", "hand_over", "ask_for_completion", "complete", "consult", "answer", "finish", "return_result"}
)
AWAITING = frozenset({"awaiting_completion"})


def test_the_control_slip_names_giver_and_receiver_of_each_hop_and_whether_it_was_in_time() -> None:
    rows = [
        Row(1, "file_counter", at("17 08:00"), "accepted", CENTRE, 11, at("17 17:30")),
        Row(2, "hand_over", at("17 09:00"), "in_process", COMMITTEE, 11, at("18 08:00")),
        Row(3, "warn", at("17 12:00"), "in_process", COMMITTEE, None, at("18 08:00")),
        Row(4, "consult", at("17 15:00"), "consulting", DEPARTMENT, 22, at("20 15:00")),
        Row(5, "answer", at("21 15:00"), "in_process", COMMITTEE, 33, at("22 08:00")),
        Row(6, "finish", at("22 08:00"), "finished", CENTRE, 22, at("22 17:00")),
        Row(7, "return_result", at("22 10:00"), "returned", None, 12, None),
    ]
    found = rules.hops(rows, passing=PASSING, awaiting=AWAITING)
    assert [(h.step, h.giver, h.giver_position, h.receiver, h.receiver_position, h.kept) for h in found] == [
        ("file_counter", None, None, CENTRE, 11, Kept.NOT_COUNTED),
        ("hand_over", CENTRE, 11, COMMITTEE, 22, Kept.IN_TIME),
        ("consult", COMMITTEE, 22, DEPARTMENT, 33, Kept.EARLY),
        ("answer", DEPARTMENT, 33, COMMITTEE, 22, Kept.LATE),
        ("finish", COMMITTEE, 22, CENTRE, 12, Kept.IN_TIME),
        ("return_result", CENTRE, 12, None, None, Kept.IN_TIME),
    ]


def test_what_waits_for_the_applicant_is_given_to_them_and_their_time_is_not_judged() -> None:
    rows = [
        Row(1, "file_counter", at("17 08:00"), "accepted", CENTRE, 11, at("17 17:30")),
        Row(2, "hand_over", at("17 09:00"), "in_process", COMMITTEE, 11, at("18 08:00")),
        Row(3, "ask_for_completion", at("17 10:00"), "awaiting_completion", COMMITTEE, 22, at("20 10:00")),
        Row(4, "complete", at("25 10:00"), "in_process", COMMITTEE, 11, at("26 10:00")),
    ]
    asked, completed = rules.hops(rows, passing=PASSING, awaiting=AWAITING)[2:]
    assert (asked.giver, asked.receiver) == (COMMITTEE, None)
    assert (completed.giver, completed.giver_position, completed.receiver) == (None, None, COMMITTEE)
    assert completed.kept is Kept.NOT_COUNTED


@pytest.mark.parametrize(
    ("moment", "kept"),
    [("19 17:30", Kept.EARLY), ("20 07:00", Kept.IN_TIME), ("20 10:00", Kept.IN_TIME), ("20 10:01", Kept.LATE)],
)
def test_early_is_a_day_before_and_late_a_minute_after(moment: str, kept: Kept) -> None:
    assert rules.kept(at(moment), at("20 10:00")) is kept


def test_days_are_written_as_the_decree_on_clerical_work_wants() -> None:
    assert rules.long_day(date(2026, 2, 7)) == "ngày 07 tháng 02 năm 2026"
    assert rules.long_day(date(2026, 11, 22)) == "ngày 22 tháng 11 năm 2026"
    assert rules.long_day(date(2026, 3, 1)) == "ngày 01 tháng 3 năm 2026"
    assert rules.long_moment(from_local("2026-12-31T23:59")) == "23 giờ 59 phút, ngày 31 tháng 12 năm 2026"


def test_numbers_carry_the_letters_of_their_form_and_of_centre_or_one_stop_unit() -> None:
    assert rules.number_line(rules.FORM["01"], 12, centre=True) == "12/TNHS-TTPVHCC"
    assert rules.number_line(rules.FORM["01"], 12, centre=False) == "12/TNHS-BPTNTKQ"
    assert rules.number_line(rules.FORM["04"], 3, centre=False) == "3/PXL"


def test_lines_of_a_request_become_its_points_and_what_follows_a_gap_its_reason() -> None:
    assert rules.points("- Tờ khai\n  • Ảnh 4x6\n\nBị mờ,\nkhông đọc được.") == (
        ["Tờ khai", "Ảnh 4x6"],
        "Bị mờ, không đọc được.",
    )
    assert rules.points("  Thiếu chữ ký ") == (["Thiếu chữ ký"], "")


def test_a_proxy_stands_on_the_receipt_with_all_that_was_said_of_them() -> None:
    proxy = {
        "name": "Lê Văn Út",
        "number": "001090000018",
        "phone": "",
        "address": "",
        "document": "số 5 ngày 1/8/2026",
    }
    assert rules.proxy_line({"proxy": proxy}) == (
        "Lê Văn Út; số định danh 001090000018; văn bản ủy quyền: số 5 ngày 1/8/2026"
    )
    assert rules.proxy_line({"proxy": None}) == rules.proxy_line({}) == ""


def test_the_receipt_says_where_and_how_the_result_comes() -> None:
    at = "Trung tâm"
    assert rules.delivery_line({}, at) == rules.delivery_line({"delivery": "counter"}, at) == "Trung tâm"
    assert rules.delivery_line({"delivery": "online"}, at) == "tài khoản của người nộp (trực tuyến)"
    home = {"delivery": "post", "address": "12 phố Huế"}
    assert rules.delivery_line(home, at) == "12 phố Huế (qua bưu chính)"
    assert rules.delivery_line(home | {"delivery_place": "8 phố Vọng"}, at) == "8 phố Vọng (qua bưu chính)"
    assert rules.delivery_line({"delivery": "post"}, at) == "địa chỉ của người nộp (qua bưu chính)"
