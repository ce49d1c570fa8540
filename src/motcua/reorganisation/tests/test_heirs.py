"""Who inherits: one office with its legal ground, or every candidate and the reason why a person decides."""

from dataclasses import replace
from datetime import date

import pytest

from motcua.reorganisation.plans import shipped
from motcua.reorganisation.rules.compiled import compiled
from motcua.reorganisation.rules.heirs import Decided, Estate, Undecided, estate
from motcua.reorganisation.rules.plan import Decider, Inherited, Origin, PartRule, Plan
from motcua.reorganisation.rules.residence import clash, parts_of
from motcua.reorganisation.rules.text import read
from motcua.reorganisation.tests.conftest import PLAN
from motcua.units.rules.change import carried_out, known_on
from motcua.units.rules.directory import Rows, build
from motcua.units.rules.values import Extent, Level

DISTRICT, ONE, TWO, SPLIT, FOUR, FORMER = 1101, 10101, 10201, 10301, 10401, 10901


def inherited(plan: Plan, rows: Rows) -> Estate:
    return estate(plan, build(1, rows), build(2, carried_out(rows, compiled(plan, rows))))


@pytest.fixture
def left(plan: Plan, small: Rows) -> Estate:
    return inherited(plan, small)


def org(left: Estate, agency_id: int) -> str:
    return left.after.agency(agency_id).org(left.on)


def test_a_merged_commune_hands_powers_to_the_committee_and_what_it_received_to_the_centre(left: Estate) -> None:
    powers, reception = left.heir(TWO, 102), left.heir(TWO, 102, what=Inherited.RECEPTION)
    assert isinstance(powers, Decided)
    assert isinstance(reception, Decided)
    assert (org(left, powers.agency_id), org(left, reception.agency_id)) == ("H01.101", "H01.101.01")
    assert powers.ground == "Nghị quyết 190/2025/QH15"
    assert not left.by_address(TWO, 102)


def test_a_district_hands_each_dossier_to_the_commune_of_residence(left: Estate) -> None:
    found = left.heir(DISTRICT, 102)
    assert isinstance(found, Decided)
    assert org(left, found.agency_id) == "H01.101"
    assert "Điều 32 Nghị định 140/2025/NĐ-CP" in found.ground
    nowhere = left.heir(DISTRICT, 11)
    assert isinstance(nowhere, Undecided)
    assert {org(left, agency) for agency in nowhere.candidates} == {"H01.101", "H01.102", "H01.103"}


@pytest.mark.parametrize(
    ("address", "point", "heir"),
    [
        ("Số 7, đường Lê Lợi, xã Ba", None, "H01.102"),
        ("8A Lê Lợi, xã Ba", None, "H01.103"),
        ("số nhà 12, đường LE LOI", None, "H01.103"),
        ("12/5 đường Lê Lợi", None, None),
        ("số 12 ngõ 3 Lê Lợi", None, None),
        ("thôn Đông", None, None),
        ("Đông, xã Ba", None, "H01.102"),
        ("Đông Hải, xã Ba", None, None),
        ("100 Lê Lợi", None, None),
        ("Lê Lợi", None, None),
        ("", (106.05, 10.05), "H01.102"),
        ("", (106.15, 10.05), "H01.103"),
        ("", (106.1, 10.05), None),
        ("Xã Ba (10.0500, 106.1500)", None, "H01.103"),
        ("tọa độ 106.05 10.05, xã Ba", None, "H01.102"),
        ("106.05 10.05; 106.15 10.05", None, None),
        ("7 Lê Lợi", (106.15, 10.05), None),
        ("Tây, xã Ba", (106.15, 10.05), "H01.103"),
        ("", None, None),
    ],
)
def test_a_split_commune_goes_by_rule_and_to_a_person_where_no_rule_or_two_decide(
    left: Estate, address: str, point: tuple[float, float] | None, heir: str | None
) -> None:
    assert left.by_address(SPLIT, 103)
    for agency in (SPLIT, DISTRICT):
        found = left.heir(agency, 103, address, point)
        if heir is None:
            assert isinstance(found, Undecided)
            assert [org(left, candidate) for candidate in found.candidates] == ["H01.102", "H01.103"]
            assert found.why
        else:
            assert isinstance(found, Decided)
            assert org(left, found.agency_id) == heir
            assert f"kế hoạch {left.on.isoformat()}, dòng " in found.ground


def test_an_address_elsewhere_does_not_decide_what_was_received_in_a_split_commune(left: Estate) -> None:
    found = left.heir(SPLIT, 104, "7 Lê Lợi", what=Inherited.RECEPTION)
    assert isinstance(found, Undecided)
    assert len(found.candidates) == 2


def test_named_heirs_and_lines_for_people_come_before_lines_for_all(left: Estate) -> None:
    named = left.heir(DISTRICT, what=Inherited.POSITIONS)
    assert isinstance(named, Decided)
    assert (org(left, named.agency_id), named.ground) == ("H01.101", "Quyết định 5/QĐ-UBND")
    person = left.heir(FOUR, what=Inherited.POSITIONS)
    assert isinstance(person, Undecided)
    assert [org(left, agency) for agency in person.candidates] == ["H01.103"]


def test_an_office_that_goes_on_inherits_from_itself_and_one_without_a_line_is_left_to_people(
    plan: Plan, small: Rows, left: Estate
) -> None:
    assert left.heir(101) == Decided(101, "Cơ quan tiếp tục hoạt động")
    without = replace(plan, takeovers=())
    found = inherited(without, small).heir(TWO, 102)
    assert isinstance(found, Undecided)
    assert len(found.candidates) == 1


def test_a_part_may_be_named_by_the_unit_that_it_once_was(small: Rows) -> None:
    text = PLAN.replace("thôn: Tây", "đơn vị cũ: 00009")
    plan, findings = read(text)
    assert findings == ()
    assert plan is not None
    left = inherited(plan, small)
    was = left.heir(DISTRICT, 109)
    assert isinstance(was, Decided)
    assert org(left, was.agency_id) == "H01.103"
    assert isinstance(left.heir(DISTRICT, 103), Undecided)


def test_in_the_real_reform_every_agency_has_an_heir_or_candidates(whole: Rows) -> None:
    plan, _ = read(shipped("2025-07-01"))
    assert plan is not None
    before, after = build(1, known_on(whole, date(2025, 6, 30))), build(2, known_on(whole, plan.on))
    left = estate(plan, before, after)
    assert len(left.ending) == 63 * 9 + 696 + 10035
    decided = {Level.PROVINCE: 0, Level.DISTRICT: 0, Level.COMMUNE: 0}
    for agency_id in left.ending:
        agency = before.agency(agency_id)
        found = left.heir(agency_id, agency.unit_id)
        if isinstance(found, Decided):
            decided[before.unit(agency.unit_id).level] += 1
        else:
            assert found.candidates, agency.name
    # Nine offices of each of 63 provinces; 14 districts lie whole in one unit; 440 communes were split.
    assert decided == {Level.PROVINCE: 63 * 9, Level.DISTRICT: 14, Level.COMMUNE: 10035 - 440}
    ward = before.find_unit("00007", date(2025, 6, 30))
    assert ward is not None
    split = left.heir(ward.id * 100 + 1, ward.id, "12 Đội Cấn")
    assert isinstance(split, Undecided)
    assert len(split.candidates) == len(after.became(ward.id, plan.on)) > 1


def address(words: str, first: int | None = None, last: int | None = None, parity: int | None = None) -> PartRule:
    return PartRule(0, Decider.ADDRESS, words, first, last, parity)


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (address("đường Lê Lợi", 1, 99, 1), address("Lê Lợi", 2, 98, 0), False),
        (address("đường Lê Lợi", 1, 99), address("Lê Lợi", 99), True),
        (address("đường Lê Lợi", 1, 99, 1), address("Lê Lợi", 100, 200, 1), False),
        (address("Lê Lợi"), address("phố Lê Lợi", parity=0), True),
        (address("Lê Lợi"), address("Lê Lai"), False),
        (address("Lê Lợi", None, 50), address("Lê Lợi", 40, 41, 0), True),
        (address("Lê Lợi", 7, 7), address("Lê Lợi", 7, 7, 0), False),
        (PartRule(0, Decider.HAMLET, "Ấp 3"), PartRule(0, Decider.HAMLET, "ấp  3"), True),
        (PartRule(0, Decider.HAMLET, "Ấp 3"), PartRule(0, Decider.HAMLET, "Ấp 30"), False),
        (PartRule(0, Decider.HAMLET, "Ấp 3"), address("Ấp 3"), False),
        (
            PartRule(0, Decider.POINT, ring=((0, 0), (2, 0), (2, 2), (0, 2))),
            PartRule(0, Decider.POINT, ring=((0, 0), (2, 0), (2, 2), (0, 2))),
            True,
        ),
        (
            PartRule(0, Decider.POINT, ring=((0, 0), (2, 0), (2, 2), (0, 2))),
            PartRule(0, Decider.POINT, ring=((2, 0), (4, 0), (4, 2), (2, 2))),
            False,
        ),
        (
            PartRule(0, Decider.POINT, ring=((0, 0), (9, 0), (9, 9), (0, 9))),
            PartRule(0, Decider.POINT, ring=((2, 2), (4, 2), (4, 4))),
            True,
        ),
    ],
)
def test_two_rules_clash_where_somebody_could_fit_both(one: PartRule, other: PartRule, both: bool) -> None:
    assert clash(one, other) is both
    assert clash(other, one) is both


def test_a_whole_street_is_named_without_numbers_and_numbers_need_a_street() -> None:
    parts = [
        ("1", Origin(0, Level.COMMUNE, "9", Extent.PART, rules=(address("đường số 5"),))),
        ("2", Origin(0, Level.COMMUNE, "9", Extent.PART, rules=(address("đường số 7", 1, 50),))),
    ]
    assert set(parts_of(parts, "12 đường số 5")) == {"1"}
    assert set(parts_of(parts, "Đường số 5, khu A")) == {"1"}
    assert set(parts_of(parts, "12 đường số 7")) == {"2"}
    assert parts_of(parts, "đường số 7") == {}
