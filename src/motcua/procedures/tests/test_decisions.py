"""What a province's decisions leave of a procedure: pure cases."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motcua.kernel.law import cite
from motcua.kernel.terms import Term, TermUnit
from motcua.procedures import packaged
from motcua.procedures.rules.decisions import Decision, DecisionKind, Offer, apply, shortened, steps_of
from motcua.procedures.rules.process import budget, check_process
from motcua.procedures.rules.reading import version_from
from motcua.procedures.rules.versions import Version, spell, term_from, term_to

SOURCE = cite("Quyết định 1/QĐ-UBND")
ON = date(2026, 8, 21)


def version(**change: Any) -> Version:
    body = {"levels": ["commune"], "channels": ["direct"], "term": {"value": 10, "unit": "working_days"}} | change
    return version_from(1, "1.000001", "Cấp giấy", "Hộ tịch", "Bộ Tư pháp", "1/QĐ-BTP", date(2025, 7, 1), None, body)


def decision(kind: DecisionKind, value: dict[str, Any], **change: Any) -> Decision:
    told: dict[str, Any] = {
        "id": 1,
        "kind": kind,
        "province_id": 79,
        "unit_id": None,
        "code": "1.000001",
        "value": value,
        "valid_from": date(2026, 1, 1),
        "valid_to": None,
        "source": SOURCE,
    }
    return Decision(**(told | change))


def offer(*decisions: Decision, on: date = ON, commune: int | None = 5, **change: Any) -> Offer:
    return apply(version(**change), decisions, commune, on)


def test_without_decisions_the_national_term_holds_and_the_procedure_is_public() -> None:
    found = offer()
    assert (found.term, found.published, found.boundary_free) == (Term(10, TermUnit.WORKING_DAYS), True, True)
    assert str(found.source) == "Quyết định 1/QĐ-BTP"


def test_a_cut_of_thirty_percent_holds_from_its_first_to_its_last_day_and_shortens_the_process() -> None:
    cut = decision(DecisionKind.shorten_term, {"percent": 30}, valid_to=date(2026, 12, 31))
    assert offer(cut).term == Term(7, TermUnit.WORKING_DAYS)
    assert offer(cut).source == SOURCE
    assert sum(step.minutes for step in offer(cut).steps) == budget(Term(7, TermUnit.WORKING_DAYS))
    for outside in (date(2025, 12, 31), date(2027, 1, 1)):
        assert offer(cut, on=outside).term == Term(10, TermUnit.WORKING_DAYS)


@pytest.mark.parametrize(
    ("term", "percent", "left"),
    [
        (Term(3, TermUnit.WORKING_DAYS), 30, Term(2.5, TermUnit.WORKING_DAYS)),
        (Term(5, TermUnit.WORKING_DAYS), 20, Term(4, TermUnit.WORKING_DAYS)),
        (Term(15, TermUnit.DAYS), 30, Term(11, TermUnit.DAYS)),
        (Term(8, TermUnit.HOURS), 50, Term(4, TermUnit.HOURS)),
        (Term(2, TermUnit.MONTHS), 50, Term(30, TermUnit.DAYS)),
        (Term(0, TermUnit.DAYS), 30, Term(0, TermUnit.DAYS)),
    ],
)
def test_a_percentage_leaves_half_working_days_whole_days_and_whole_hours(term: Term, percent: int, left: Term) -> None:
    assert shortened(term, {"percent": percent}) == left


@given(st.integers(0, 500), st.sampled_from(list(TermUnit)), st.integers(1, 99))
def test_a_cut_never_makes_a_term_longer_nor_takes_more_than_it_says(value: int, unit: TermUnit, percent: int) -> None:
    cut = shortened(Term(value, unit), {"percent": percent})
    whole = value * (30 if unit is TermUnit.MONTHS else 1)
    assert cut.value <= whole
    assert cut.value >= whole * (100 - percent) / 100 - 1e-6


def test_a_cut_to_a_term_keeps_the_cut_off() -> None:
    cut = decision(DecisionKind.shorten_term, {"value": 4, "unit": "hours"})
    found = offer(cut, term={"value": 1, "unit": "working_days", "cut_off": "15:00"})
    assert term_to(found.term) == {"value": 4, "unit": "hours", "cut_off": "15:00"}


def test_a_procedure_without_a_stated_term_gets_the_fallback_and_says_so() -> None:
    found = offer(term=None)
    assert found.term_assumed
    assert found.source.confidence == "assumed"
    cut = decision(DecisionKind.shorten_term, {"value": 2, "unit": "working_days"})
    assert not offer(cut, term=None).term_assumed


def test_an_exception_takes_the_procedure_from_one_commune_only() -> None:
    exception = decision(DecisionKind.except_unit, {"why": "không có đối tượng"}, unit_id=5)
    assert not offer(exception, commune=5).published
    assert offer(exception, commune=6).published


def test_publication_can_be_taken_back_and_boundaries_closed() -> None:
    assert not offer(decision(DecisionKind.publish, {"published": False})).published
    assert offer(decision(DecisionKind.publish, {"published": True})).published
    assert not offer(decision(DecisionKind.boundary, {"free": False})).boundary_free


def test_what_is_made_up_for_a_demonstration_is_marked() -> None:
    cut = decision(DecisionKind.shorten_term, {"percent": 30}, demonstration=True)
    assert offer(cut).demonstration
    assert not offer().demonstration


def test_a_case_with_a_term_of_its_own_keeps_it() -> None:
    (linked,) = (draft for draft in packaged.drafts() if draft.code == "2.000986")
    v = version_from(1, linked.code, linked.name, "", "", "1/QĐ", None, None, linked.body)
    assert apply(v, (), None, ON, case="remote").term.value == 25
    assert apply(v, (), None, ON).term.value == 20


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        ({"value": 3, "unit": "working_days"}, "3 ngày làm việc"),
        ({"value": 2.5, "unit": "working_days"}, "2,5 ngày làm việc"),
        ({"value": 8, "unit": "hours"}, "8 giờ làm việc"),
        (
            {"value": 0, "unit": "days", "cut_off": "15:00"},
            "trong ngày (nhận sau 15:00 thì trong ngày làm việc tiếp theo)",
        ),
        ({"value": 30, "unit": "days"}, "30 ngày"),
        ({"value": 2, "unit": "months"}, "2 tháng"),
    ],
)
def test_a_term_is_spelled_in_vietnamese_and_written_as_it_was_read(written: dict[str, Any], spelled: str) -> None:
    term = term_from(written)
    assert term is not None
    assert spell(term) == spelled
    assert term_to(term) == written


def process_of(*minutes: int) -> dict[str, Any]:
    roles = ["reception", *["handler"] * (len(minutes) - 2), "reception"]
    return {
        "steps": [
            {"role": role, "title": f"Việc {n}", "minutes": spent}
            for n, (role, spent) in enumerate(zip(roles, minutes, strict=True), 1)
        ]
    }


def decided(*decisions: Decision, commune: int | None = 5) -> Offer:
    return apply(version(), decisions, commune, ON)


def test_a_decided_process_takes_the_place_of_the_made_one_and_a_units_own_that_of_the_provinces() -> None:
    above = decision(DecisionKind.process, process_of(800, 4000, 0))
    own = decision(DecisionKind.process, process_of(400, 4400, 0), unit_id=5)
    foreign = decision(DecisionKind.process, process_of(4800, 0), unit_id=6)
    assert [step.minutes for step in decided(above, foreign).steps] == [800, 4000, 0]
    assert [step.minutes for step in decided(own, above).steps] == [400, 4400, 0]
    assert [step.minutes for step in decided(above, own).steps] == [400, 4400, 0]
    assert decided(above).process_source == SOURCE
    assert not any(step.made for step in decided(above).steps)
    assert decided(foreign).process_source is None
    assert decided(foreign).steps == version().steps


def test_a_unit_that_gives_up_its_process_has_the_provinces_again() -> None:
    above = decision(DecisionKind.process, process_of(800, 4000, 0))
    given_up = decision(DecisionKind.process, {"steps": []}, unit_id=5)
    assert [step.minutes for step in decided(given_up, above).steps] == [800, 4000, 0]


def test_a_cut_term_shrinks_a_decided_process_with_it() -> None:
    own = decision(DecisionKind.process, process_of(800, 4000, 0))
    cut = decision(DecisionKind.shorten_term, {"percent": 50})
    assert sum(step.minutes for step in decided(own, cut).steps) == budget(Term(5, TermUnit.WORKING_DAYS))


def test_a_unit_publishes_for_itself_and_never_against_the_province() -> None:
    own = decision(DecisionKind.publish, {"published": False}, unit_id=5)
    assert not decided(own).published
    assert decided(own, commune=6).published
    above = decision(DecisionKind.publish, {"published": False})
    assert not decided(above, decision(DecisionKind.publish, {"published": True}, unit_id=5)).published


TERM = Term(10, TermUnit.WORKING_DAYS)


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        ((800, 4000, 0), []),
        ((800, 4030, 0), [(2, "process-too-much", "30")]),
        ((5000, 100, 0), [(1, "process-too-much", "300")]),
        ((800, 3955, 0), [(2, "process-too-little", "45")]),
        ((0, 4800, 0), [(1, "step-without-time", "")]),
        ((700, 4000, 100), [(3, "return-takes-time", "")]),
        ((4800,), [(0, "process-too-short", "")]),
    ],
)
def test_a_process_has_to_add_up_to_its_term(steps: tuple[int, ...], found: list[tuple[int, str, str]]) -> None:
    made = steps_of(process_of(*steps)) if len(steps) > 1 else steps_of(process_of(4800, 0))[:1]
    assert [(fault.n, fault.kind, fault.given) for fault in check_process(made, TERM)] == found


def test_a_process_begins_and_ends_at_reception_and_knows_four_roles() -> None:
    value = process_of(800, 4000, 0)
    for at, role, kind in ((0, "handler", "first-step"), (1, "leader", "step-role"), (2, "handler", "last-step")):
        changed = {"steps": [dict(step) for step in value["steps"]]}
        changed["steps"][at]["role"] = role
        assert [fault.kind for fault in check_process(steps_of(changed), TERM)] == [kind]
    value["steps"][1]["title"] = "  "
    assert [fault.kind for fault in check_process(steps_of(value), TERM)] == ["step-title"]


@given(st.integers(1, 60), st.integers(1, 400), st.integers(-400, 400))
def test_the_fault_says_exactly_by_how_much_it_is_off(days: int, first: int, off: int) -> None:
    total = days * 480
    steps = steps_of(process_of(first, max(1, total - first + off), 0))
    missing = total - sum(step.minutes for step in steps)
    faults = check_process(steps, Term(days, TermUnit.WORKING_DAYS))
    assert [int(fault.given) for fault in faults] == ([abs(missing)] if missing else [])
