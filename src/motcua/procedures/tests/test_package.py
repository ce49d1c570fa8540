"""The packaged catalogue: what is in it, and what a broken one says."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from motcua.kernel.errors import Permanent
from motcua.kernel.terms import Term, TermUnit
from motcua.procedures import packaged
from motcua.procedures.rules.fallback import DEFAULT_TERM, fallback_term
from motcua.procedures.rules.process import budget, made_steps, shares
from motcua.procedures.rules.reading import version_from
from motcua.procedures.rules.versions import Version

CURATED = sorted(packaged.CURATED.glob("*.json"))
HEADER = ",".join(packaged.COLUMNS)
ROW = "1.000001,Cấp giấy,Hộ tịch,Bộ Tư pháp,commune,Công dân Việt Nam,,1/QĐ-BTP,online|direct,3,Ngày làm việc,3.0,1,https://x"


def version(draft: packaged.Draft) -> Version:
    return version_from(
        1, draft.code, draft.name, draft.field, draft.ministry, draft.decision, draft.valid_from, None, draft.body
    )


@pytest.fixture(scope="module")
def versions() -> dict[str, Version]:
    return {draft.code: version(draft) for draft in packaged.drafts()}


def test_the_package_has_all_2642_procedures_of_which_588_at_communes_and_1251_at_provinces(
    versions: dict[str, Version],
) -> None:
    assert len(versions) == 2642
    assert sum("commune" in v.levels for v in versions.values()) == 588
    assert sum("province" in v.levels for v in versions.values()) == 1251
    assert sum(v.curated for v in versions.values()) == len(CURATED) == 12


def test_a_stated_term_is_read_in_its_unit_and_an_unreadable_one_is_said_to_be(versions: dict[str, Version]) -> None:
    assert versions["1.000005"].term is None  # "120.000" with no unit: a fee or minutes, never 120 days
    assert "120.000" in versions["1.000005"].terms_note
    assert versions["1.000010"].term == Term(1, TermUnit.WORKING_DAYS)
    units = {str(v.term.unit) for v in versions.values() if v.term}
    assert units == {"working_days", "days", "hours", "months"}
    assert all(v.term or v.terms_note for v in versions.values())


def test_the_process_of_every_procedure_adds_up_to_its_term(versions: dict[str, Version]) -> None:
    for v in versions.values():
        assert sum(step.minutes for step in v.steps) == budget(v.term or DEFAULT_TERM.term), v.code
        assert [step.n for step in v.steps] == list(range(1, len(v.steps) + 1))
        assert v.steps[0].role == v.steps[-1].role == "reception"
        assert v.steps[-1].minutes == 0  # returning the result: không tính thời gian
        assert {"handler", "approver", "signatory"} <= {str(step.role) for step in v.steps}


@pytest.mark.parametrize("path", CURATED, ids=lambda path: path.stem)
def test_a_curated_procedure_is_whole_and_its_form_takes_its_own_example(path: Any) -> None:
    draft = packaged.read_curated(path.read_text(encoding="utf-8"), path.name)
    v = version(draft)
    assert v.code == path.stem
    assert v.curated
    assert v.term is not None
    assert v.components
    assert any(component.required for component in v.components)
    assert v.results
    assert all(result.code.startswith("KQ.G") for result in v.results)
    assert v.legal_bases
    assert len({basis.number for basis in v.legal_bases}) == len(v.legal_bases)
    assert v.fees
    assert v.receiver
    assert all(fee.amount is None or fee.amount >= 0 for fee in v.fees)
    Draft202012Validator.check_schema(v.schema)
    form = Draft202012Validator(v.schema)
    assert list(form.iter_errors(v.schema["examples"][0])) == []
    assert set(v.schema["required"]) <= set(v.schema["properties"])
    orders = [field["x-order"] for field in v.schema["properties"].values()]
    assert orders == sorted(set(orders))
    assert all(field["title"] and field["x-group"] for field in v.schema["properties"].values())


def test_curated_facts_are_those_of_the_portals_text(versions: dict[str, Version]) -> None:
    birth, stay, shop = versions["1.001193"], versions["1.004194"], versions["1.001612"]
    assert birth.term is not None
    assert (birth.term.value, str(birth.term.unit), f"{birth.term.cut_off:%H:%M}") == (0, "days", "15:00")
    assert [(fee.channel, fee.amount) for fee in stay.fees] == [("online", 7000), ("direct", 10000)]
    assert shop.term == Term(3, TermUnit.WORKING_DAYS)
    assert versions["1.004222"].term == Term(7, TermUnit.WORKING_DAYS)
    assert [fee.amount for fee in versions["2.000815"].fees] == [2000, None]
    linked = versions["2.000986"]
    assert linked.term_for() == Term(20, TermUnit.WORKING_DAYS)
    assert linked.term_for("remote") == Term(25, TermUnit.WORKING_DAYS)
    assert linked.term_for("abandoned") == Term(20, TermUnit.WORKING_DAYS)


def read(*rows: str, header: str = HEADER) -> list[packaged.Draft]:
    return list(packaged.read_rows([f"{line}\n" for line in (header, *rows)], "procedures.csv"))


def test_a_good_row_is_read() -> None:
    (draft,) = read(ROW)
    assert (draft.code, draft.body["term"]) == ("1.000001", {"value": 3, "unit": "working_days"})


@pytest.mark.parametrize(
    ("rows", "line", "says"),
    [
        ((ROW.replace("commune", "village"),), 2, "village"),
        ((ROW, ROW), 3, "there already in line 2"),
        ((ROW, ROW.replace("1.000001", "1.000002").replace(",3,Ngày làm việc", ",ba,Ngày làm việc")), 3, "ba"),
        ((ROW.replace(",3,Ngày làm việc", ",3,Tuần"),), 2, "Tuần"),
        ((ROW.replace(",3,Ngày làm việc", ",1.5,Ngày"),), 2, "whole"),
        ((ROW.replace("Cấp giấy", " "),), 2, "name"),
        ((ROW.replace("commune", ""),), 2, "levels"),
        (("1.000001,Cấp giấy",), 2, "cells"),
        ((ROW + ",more",), 2, "cells"),
    ],
)
def test_a_broken_row_is_named_by_its_line(rows: tuple[str, ...], line: int, says: str) -> None:
    with pytest.raises(Permanent) as caught:
        read(*rows)
    assert caught.value.problem == "import-broken"
    assert caught.value.members["line"] == line
    assert says in caught.value.detail


def test_a_file_without_its_columns_is_refused() -> None:
    with pytest.raises(Permanent, match="columns are missing: authority"):
        read(ROW, header=HEADER.replace("authority", "author"))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"online": "partial", "partial_reason": ""}, "degree"),
        ({"steps": [{"role": "handler", "title": "x", "minutes": 1}]}, "add up"),
        ({"components": [{"key": "a", "name": "x", "case": "nowhere"}]}, "nowhere"),
        ({"components": [{"key": "a", "name": "x"}, {"key": "a", "name": "y"}]}, "same key"),
        ({"term": {"value": 3, "unit": "weeks"}}, "weeks"),
        ({"term": {"value": -3, "unit": "days"}}, "can't be"),
        ({"colour": "red"}, "colour"),
        ({"levels": ["village"]}, "village"),
    ],
)
def test_a_curated_file_that_makes_no_sense_is_refused(change: dict[str, Any], says: str) -> None:
    body = json.loads(CURATED[0].read_text(encoding="utf-8")) | change
    with pytest.raises(Permanent, match="import-broken") as caught:
        packaged.read_curated(json.dumps(body), "x.json")
    assert says in caught.value.detail


def test_a_curated_file_that_is_not_json_is_named_by_its_line() -> None:
    with pytest.raises(Permanent) as caught:
        packaged.read_curated('{\n "code": }', "x.json")
    assert caught.value.members["line"] == 2


def test_the_fallback_term_is_dated_and_marked_as_assumed() -> None:
    assert fallback_term(date(2026, 8, 21)) is DEFAULT_TERM
    assert DEFAULT_TERM.source.confidence == "assumed"


terms = st.one_of(
    st.builds(Term, st.integers(0, 400).map(lambda halves: halves / 2), st.just(TermUnit.WORKING_DAYS)),
    st.builds(Term, st.integers(0, 400), st.sampled_from(list(TermUnit))),
)


@given(terms)
def test_a_made_process_adds_up_and_gives_nobody_less_than_nothing(term: Term) -> None:
    minutes = [step.minutes for step in made_steps(term)]
    assert sum(minutes) == budget(term)
    assert min(minutes) == 0 == minutes[-1]
    assert minutes[1] == max(minutes)


@given(terms, terms)
def test_a_process_stretched_to_another_term_adds_up_to_it(old: Term, new: Term) -> None:
    assert sum(step.minutes for step in shares(made_steps(old), new)) == budget(new)


def test_a_day_counts_eight_working_hours() -> None:
    assert budget(Term(21, TermUnit.WORKING_DAYS)) == 168 * 60
    assert budget(Term(4, TermUnit.HOURS)) == 240
    assert budget(Term(7, TermUnit.DAYS)) == 5 * 480
