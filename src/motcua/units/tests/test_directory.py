"""The directory on a made-up country, for stories that the real one does not tell yet."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motcua.kernel.calendar import OFFICE_HOURS
from motcua.kernel.errors import NotFound
from motcua.units.rules.directory import Directory, Rows, build, digest
from motcua.units.rules.values import AgencyKind, Extent

A, B, C, D = 1, 2, 3, 4
FIRST, SECOND = date(2025, 7, 1), date(2030, 1, 1)
BEFORE, BETWEEN = date(2025, 6, 30), date(2029, 12, 31)

PERIODS = [
    (A, None, BEFORE, "A", "xã", "A", None, ""),
    (B, FIRST, BETWEEN, "B", "xã", "B", None, ""),
    (C, SECOND, None, "C", "xã", "C", None, ""),
    (D, SECOND, None, "D", "xã", "D", None, ""),
]
AREAS = [
    ("area", "00001", None, BEFORE, A, None, False, ""),
    ("area", "00001", FIRST, BETWEEN, B, None, False, ""),
    ("area", "00003", SECOND, None, C, None, False, ""),
    ("area", "00004", SECOND, None, D, None, False, ""),
]


def made_up(*successions: tuple[int, int, str]) -> Directory:
    ons = {B: FIRST, C: SECOND, D: SECOND}
    return build(
        7,
        Rows(
            [(u, "commune") for u in (A, B, C, D)],
            PERIODS,
            [],
            AREAS,
            [(old, new, extent, f"{old}-{new}", ons[new]) for old, new, extent in successions],
        ),
    )


def test_a_unit_is_followed_through_two_reforms() -> None:
    country = made_up((A, B, "whole"), (B, C, "whole"))
    (later,) = country.became(A, SECOND)
    assert (later.unit.id, later.extent, later.notes) == (C, Extent.WHOLE, ("1-2", "2-3"))
    (earlier,) = country.became(A, BETWEEN)
    assert earlier.unit.id == B


def test_a_part_stays_a_part_however_it_goes_on() -> None:
    (candidate,) = made_up((A, B, "part"), (B, C, "whole")).became(A, SECOND)
    assert candidate.extent == Extent.PART


def test_a_unit_that_was_split_later_gets_all_candidates() -> None:
    candidates = made_up((A, B, "whole"), (B, C, "part"), (B, D, "part")).became(A, SECOND)
    assert [(c.unit.id, c.extent) for c in candidates] == [(C, Extent.PART), (D, Extent.PART)]


def test_two_ways_to_the_same_unit_are_one_candidate_with_both_notes() -> None:
    candidates = made_up((A, B, "part"), (A, C, "part"), (B, C, "whole")).became(A, SECOND)
    assert [(c.unit.id, c.extent) for c in candidates] == [(C, Extent.PART)]
    assert set(candidates[0].notes) == {"1-2", "2-3", "1-3"}


def test_a_unit_in_force_is_its_own_answer() -> None:
    (itself,) = made_up((A, B, "whole")).became(B, FIRST)
    assert (itself.unit.id, itself.extent) == (B, Extent.WHOLE)


def test_a_code_given_again_belongs_to_each_holder_on_its_days() -> None:
    country = made_up()
    holders = {on: country.find_unit("00001", on) for on in (date(1990, 1, 1), BEFORE, FIRST, BETWEEN, SECOND)}
    assert [u and u.id for u in holders.values()] == [A, A, B, B, None]
    assert [h[2].id for h in country.unit_holders("00001")] == [A, B]


def test_an_agency_has_the_office_hours_of_the_country_unless_it_has_its_own() -> None:
    morning = ((time(8), time(12)),)
    agencies = [
        (10, "peoples_committee", B, "", "Ủy ban nhân dân", None, FIRST, None, None),
        (11, "service_centre", B, "", "Trung tâm", 10, FIRST, None, morning),
    ]
    country = build(1, Rows([(B, "commune")], PERIODS[1:2], agencies, AREAS[1:2], []))
    assert country.agency(10).sessions == OFFICE_HOURS
    assert country.agency(11).sessions == morning
    assert country.agencies_under(10, FIRST) == {11}
    assert country.agencies_under(10, BEFORE) == frozenset()


@given(st.dates())
def test_on_every_day_a_code_has_at_most_one_holder_and_it_is_in_force(on: date) -> None:
    country = made_up()
    for code in ("00001", "00003", "00004"):
        found = country.find_unit(code, on)
        assert found is None or found.in_force(on)
        assert sum(first <= on <= last for first, last, _ in country.unit_holders(code)) == (found is not None)


def test_an_unknown_number_is_refused_in_words() -> None:
    with pytest.raises(NotFound, match="unit-unknown"):
        made_up().unit(99)
    with pytest.raises(NotFound, match="agency-unknown"):
        made_up().agency(99)
    assert made_up().agency_of(A, AgencyKind.DEPARTMENT, FIRST) is None
    assert made_up().find_agency("H01", FIRST) is None


def test_the_digest_does_not_depend_on_the_order_of_rows_but_on_every_value() -> None:
    rows = Rows([(1, "commune"), (2, "commune")], PERIODS, [], AREAS, [])
    turned = Rows([(2, "commune"), (1, "commune")], PERIODS[::-1], [], AREAS[::-1], [])
    other = Rows([(1, "commune"), (2, "district")], PERIODS, [], AREAS, [])
    assert digest(rows) == digest(turned) != digest(other)
