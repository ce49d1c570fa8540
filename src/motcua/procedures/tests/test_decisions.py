"""What a province's decisions leave of a procedure: pure cases."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motcua.kernel.law import cite
from motcua.kernel.terms import Term, TermUnit
from motcua.procedures import packaged
from motcua.procedures.rules.decisions import Decision, DecisionKind, Offer, apply, shortened
from motcua.procedures.rules.process import budget
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
