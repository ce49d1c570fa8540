"""A dossier's life as a jurist tells it, on the real calendar and without a database."""

from dataclasses import replace
from datetime import datetime

import pytest

from motcua.dossiers.rules.life import Given, Handling, Life, begin, follow
from motcua.dossiers.rules.steps import FILING, STEP, Actor, State
from motcua.kernel.calendar import national
from motcua.kernel.clock import from_local, local
from motcua.kernel.errors import Conflict, Permanent
from motcua.kernel.terms import Term, TermUnit, WaitingOn

CALENDAR = national()
PROCESS = (
    Handling(Actor.RECEPTION, 120),
    Handling(Actor.HANDLER, 480),
    Handling(Actor.HANDLER, 480),
    Handling(Actor.APPROVER, 180),
    Handling(Actor.SIGNATORY, 180),
    Handling(Actor.RECEPTION, 0),
)
THREE_DAYS = Term(3, TermUnit.WORKING_DAYS)


def at(text: str) -> datetime:
    return from_local(text)


def shown(moment: datetime | None) -> str | None:
    return local(moment).strftime("%Y-%m-%d %H:%M") if moment else None


def filed(moment: str, channel: str = "counter", term: Term = THREE_DAYS) -> Life:
    return begin(FILING[channel], term, now=at(moment), process=PROCESS, calendar=CALENDAR)


def after(life: Life, *steps: tuple[str, str] | tuple[str, str, Given]) -> Life:
    for name, moment, *more in steps:
        given = replace(more[0], now=at(moment)) if more else Given(at(moment), reason="vì hồ sơ cần")
        life = follow(life, STEP[name], given, process=PROCESS, calendar=CALENDAR)
    return life


IN_HAND = (("hand_over", "2026-08-21 16:30"),)


def test_a_counter_filing_is_due_three_working_days_later_across_the_worked_saturday() -> None:
    life = filed("2026-08-21 16:00")
    assert life.state is State.ACCEPTED
    assert shown(life.due_at) == "2026-08-25 16:00"
    assert shown(life.act_by) == "2026-08-22 07:30"  # handed over at the start of the next working day


def test_what_is_received_before_three_is_handed_over_the_same_day() -> None:
    assert shown(filed("2026-08-20 09:00").act_by) == "2026-08-20 17:30"


def test_an_online_filing_has_no_due_moment_until_it_is_accepted() -> None:
    life = filed("2026-08-20 09:00", "online")
    assert (life.state, life.due_at) == (State.SUBMITTED, None)
    assert shown(life.act_by) == "2026-08-21 09:00"  # eight working hours
    life = after(life, ("accept", "2026-08-20 10:00"))
    assert shown(life.due_at) == "2026-08-24 10:00"


def test_the_whole_way_to_the_returned_result() -> None:
    life = after(
        filed("2026-08-21 16:00"),
        *IN_HAND,
        ("process", "2026-08-22 09:00"),
        ("propose", "2026-08-22 10:00"),
        ("approve", "2026-08-22 14:00"),
        ("sign", "2026-08-24 08:00"),
        ("finish", "2026-08-24 08:30"),
        ("return_result", "2026-08-24 15:00"),
    )
    assert (life.state, life.outcome, life.n) == (State.RETURNED, "granted", 8)
    assert shown(life.finished_at) == "2026-08-24 08:30"
    assert shown(life.due_at) == "2026-08-25 16:00"
    assert life.act_by is None


def test_completion_restarts_the_clock_from_zero_and_is_asked_for_once() -> None:
    asked = after(filed("2026-08-21 16:00"), *IN_HAND, ("ask_for_completion", "2026-08-22 09:00"))
    assert (asked.due_at, asked.waiting_on) == (None, WaitingOn.CITIZEN)
    back = after(asked, ("complete", "2026-08-27 10:00"))
    assert shown(back.due_at) == "2026-09-04 10:00"  # 29 August to 2 September are off
    with pytest.raises(Conflict, match="already-done-once"):
        after(back, ("ask_for_completion", "2026-08-27 11:00"))


def test_completion_can_not_be_asked_for_after_three_working_days() -> None:
    late = after(filed("2026-08-17 08:00", term=Term(10, TermUnit.WORKING_DAYS)), ("hand_over", "2026-08-17 09:00"))
    with pytest.raises(Conflict, match="too-late-to-ask"):
        after(late, ("ask_for_completion", "2026-08-20 08:01"))


def test_a_financial_duty_stops_the_clock_and_gives_its_time_back() -> None:
    waiting = after(filed("2026-08-17 08:00"), ("hand_over", "2026-08-17 09:00"), ("require_duty", "2026-08-17 10:00"))
    assert (waiting.due_at, waiting.waiting_on) == (None, WaitingOn.DUTY)
    back = after(waiting, ("perform_duty", "2026-08-19 10:00"))
    assert shown(back.due_at) == "2026-08-22 08:00"  # two working days later than Thursday the 20th, 08:00
    assert back.waiting_on is None


def test_consulting_another_agency_is_attributed_to_it_but_counts() -> None:
    life = after(filed("2026-08-17 08:00"), ("hand_over", "2026-08-17 09:00"))
    due = life.due_at
    asked = after(life, ("consult", "2026-08-17 10:00", Given(at("2026-08-17 10:00"), reason="hỏi", agency=7)))
    assert (asked.state, asked.waiting_on, asked.consulted, asked.due_at) == (
        State.CONSULTING,
        WaitingOn.OTHER_AGENCY,
        7,
        due,
    )
    assert after(asked, ("answer", "2026-08-18 10:00")).consulted is None


def test_an_extension_needs_a_later_date_a_reason_and_a_day_before_due_and_happens_once() -> None:
    life = after(filed("2026-08-17 08:00"), ("hand_over", "2026-08-17 09:00"))
    new = at("2026-08-25 08:00")
    extended = after(life, ("extend", "2026-08-18 08:00", Given(new, reason="chờ xác minh", new_due=new)))
    assert shown(extended.due_at) == "2026-08-25 08:00"
    for moment, given, problem in (
        ("2026-08-20 07:59", Given(new, reason="chờ", new_due=new), "too-late-to-extend"),
        ("2026-08-18 08:00", Given(new, reason="chờ", new_due=life.due_at), "new-due-missing"),
        ("2026-08-18 08:00", Given(new, reason=" ", new_due=new), "reason-missing"),
    ):
        with pytest.raises((Conflict, Permanent), match=problem):
            after(life, ("extend", moment, given))
    with pytest.raises(Conflict, match="already-done-once"):
        after(extended, ("extend", "2026-08-18 09:00", Given(new, reason="chờ", new_due=at("2026-08-27 08:00"))))


def test_a_duty_after_an_extension_moves_the_new_date() -> None:
    life = after(filed("2026-08-17 08:00"), ("hand_over", "2026-08-17 09:00"))
    new = at("2026-08-25 08:00")
    extended = after(life, ("extend", "2026-08-18 08:00", Given(new, reason="chờ xác minh", new_due=new)))
    back = after(extended, ("require_duty", "2026-08-18 08:00"), ("perform_duty", "2026-08-19 08:00"))
    assert shown(back.due_at) == "2026-08-26 08:00"


def test_an_outage_stops_the_clock_in_place_and_holds_every_other_step() -> None:
    life = after(filed("2026-08-17 08:00"), ("hand_over", "2026-08-17 09:00"), ("report_outage", "2026-08-17 10:00"))
    assert (life.state, life.waiting_on, life.due_at) == (State.IN_PROCESS, WaitingOn.OUTAGE, None)
    with pytest.raises(Conflict, match="outage-open"):
        after(life, ("process", "2026-08-17 11:00"))
    over = after(life, ("end_outage", "2026-08-17 14:00"))
    assert shown(over.due_at) == "2026-08-20 10:00"  # 10:00 to 14:00 were two working hours


def test_nothing_is_proposed_before_the_internal_process_is_done() -> None:
    life = after(filed("2026-08-17 08:00"), ("hand_over", "2026-08-17 09:00"))
    with pytest.raises(Conflict, match="handling-left"):
        after(life, ("propose", "2026-08-17 10:00"))
    done = after(life, ("process", "2026-08-17 10:00"))
    with pytest.raises(Conflict, match="no-further-handling"):
        after(done, ("process", "2026-08-17 11:00"))


def test_a_dossier_is_closed_only_after_fifteen_working_days() -> None:
    asked = after(
        filed("2026-08-03 08:00"), ("hand_over", "2026-08-03 09:00"), ("ask_for_completion", "2026-08-03 10:00")
    )
    assert shown(asked.act_by) == "2026-08-22 10:00"
    with pytest.raises(Conflict, match="not-yet-closable"):
        after(asked, ("close", "2026-08-22 09:59"))
    assert after(asked, ("close", "2026-08-22 10:00")).state is State.CLOSED


def test_a_withdrawn_dossier_admits_nothing_more() -> None:
    life = after(filed("2026-08-17 08:00"), ("withdraw", "2026-08-17 09:00"))
    for step in STEP.values():
        with pytest.raises(Conflict, match="step-not-allowed"):
            follow(life, step, Given(at("2026-08-17 10:00"), "vì"), process=PROCESS, calendar=CALENDAR)


def test_a_signed_dossier_can_no_longer_be_withdrawn() -> None:
    life = after(
        filed("2026-08-17 08:00"),
        ("hand_over", "2026-08-17 09:00"),
        ("process", "2026-08-17 10:00"),
        ("propose", "2026-08-17 10:30"),
        ("approve", "2026-08-17 11:00"),
        ("sign_refusal", "2026-08-17 14:00"),
    )
    assert life.outcome == "rejected"
    with pytest.raises(Conflict, match="step-not-allowed"):
        after(life, ("withdraw", "2026-08-17 15:00"))
