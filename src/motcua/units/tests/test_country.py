"""The real country: counts that official acts give, and units whose story is known."""

import unicodedata
from collections import Counter
from datetime import date
from itertools import pairwise

import pytest

from motcua.units.rules.directory import Directory
from motcua.units.rules.package import Package
from motcua.units.rules.values import AgencyKind, Extent, Level, Scheme, Unit

BEFORE = date(2025, 6, 30)
FIRST = date(2025, 7, 1)
TODAY = date(2026, 11, 22)


def on(country: Directory, level: Level, day: date) -> list[Unit]:
    return [u for u in country.units() if u.level == level and u.in_force(day)]


def unit(country: Directory, code: str, day: date = TODAY) -> Unit:
    found = country.find_unit(code, day)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("day", "counts"),
    [
        (BEFORE, (63, 696, 10035)),
        (FIRST, (34, 0, 3321)),
        (TODAY, (34, 0, 3321)),
    ],
)
def test_the_country_has_as_many_units_as_the_acts_say(
    country: Directory, day: date, counts: tuple[int, int, int]
) -> None:
    assert tuple(len(on(country, level, day)) for level in Level) == counts


@pytest.mark.parametrize(
    ("day", "types"),
    [
        (FIRST, {"xã": 2621, "phường": 687, "đặc khu": 13}),
        (date(2026, 4, 29), {"xã": 2621, "phường": 687, "đặc khu": 13}),
        (date(2026, 4, 30), {"xã": 2611, "phường": 697, "đặc khu": 13}),
        (date(2026, 9, 20), {"xã": 2599, "phường": 709, "đặc khu": 13}),
        (TODAY, {"xã": 2599, "phường": 709, "đặc khu": 13}),
    ],
)
def test_types_of_communes_follow_their_decrees(country: Directory, day: date, types: dict[str, int]) -> None:
    assert Counter(u.at(day).type for u in on(country, Level.COMMUNE, day)) == types


def test_three_provinces_became_centrally_run_cities(country: Directory) -> None:
    changed = {
        code: next(p.valid_from for p in unit(country, code).periods if p.type == "thành phố")
        for code in ("75", "22", "24")
    }
    assert changed == {"75": date(2026, 4, 30), "22": date(2026, 9, 1), "24": date(2026, 9, 20)}
    assert Counter(p.at(FIRST).type for p in country.provinces(FIRST)) == {"tỉnh": 28, "thành phố": 6}
    assert Counter(p.at(TODAY).type for p in country.provinces(TODAY)) == {"tỉnh": 25, "thành phố": 9}


def test_a_change_of_type_is_a_new_period_of_the_same_unit_with_its_decree(country: Directory) -> None:
    commune = unit(country, "25270")
    assert [(p.valid_from, p.valid_to, p.type) for p in commune.periods] == [
        (FIRST, date(2026, 4, 29), "xã"),
        (date(2026, 4, 30), None, "phường"),
    ]
    assert commune.at(TODAY).source == "Nghị quyết 237/NQ-UBTVQH16"
    assert unit(country, "25270", date(2026, 4, 29)) is commune


def test_agencies_carry_the_type_that_their_unit_has_on_the_day(country: Directory) -> None:
    committee = country.agency_of(unit(country, "07294").id, AgencyKind.PEOPLES_COMMITTEE, TODAY)
    assert committee is not None
    assert committee.name_at(date(2026, 9, 19)) == "Ủy ban nhân dân xã Bố Hạ"
    assert committee.name_at(date(2026, 9, 20)) == "Ủy ban nhân dân phường Bố Hạ"
    assert committee.name == "Ủy ban nhân dân phường Bố Hạ"


def test_an_unchanged_commune_of_before_and_after_is_two_identities_joined_by_a_succession(country: Directory) -> None:
    """Giữ nguyên: same code and name, yet another committee and other competences."""
    old, new = unit(country, "00859", BEFORE), unit(country, "00859", FIRST)
    assert old.id != new.id
    assert [s.old_id for s in country.predecessors(new.id)] == [old.id]
    long_an_old, long_an_new = unit(country, "80", BEFORE), unit(country, "80", FIRST)
    assert long_an_old.id != long_an_new.id
    assert (long_an_old.at(BEFORE).name, long_an_new.at(FIRST).name) == ("Long An", "Tây Ninh")


def test_every_old_province_and_commune_has_a_successor_and_every_new_unit_a_predecessor(country: Directory) -> None:
    for old in country.units():
        if old.valid_to == BEFORE and old.level != Level.DISTRICT:
            assert country.successors(old.id), old
        if old.valid_from == FIRST:
            assert country.predecessors(old.id), old


def test_the_successions_are_those_of_the_official_table(country: Directory, package: Package) -> None:
    assert len(package.rows.successions) == 10_634
    assert len(package.hints) == 440
    split = [u for u in on(country, Level.COMMUNE, BEFORE) if len(country.successors(u.id)) > 1]
    assert Counter(len(country.successors(u.id)) for u in split) == {2: 368, 3: 55, 4: 16, 5: 1}
    assert all(s.extent == Extent.PART for u in split for s in country.successors(u.id))


def test_a_split_commune_has_all_its_candidates_and_none_is_preferred(country: Directory) -> None:
    ky_loi = unit(country, "18796", BEFORE)
    candidates = country.became(ky_loi.id, TODAY)
    assert [(c.unit.code, c.extent) for c in candidates] == [
        ("18754", Extent.PART),
        ("18823", Extent.PART),
        ("18832", Extent.PART),
    ]
    assert candidates[1].notes == ("Nhập toàn bộ diện tích",)


def test_an_abolished_district_is_followed_through_its_communes(country: Directory) -> None:
    ba_dinh = unit(country, "001", BEFORE)
    assert country.successors(ba_dinh.id) == ()
    reached = {c.unit.code for c in country.became(ba_dinh.id, TODAY)}
    through = {
        country.unit(s.new_id).code
        for commune in country.children_of(ba_dinh.id, BEFORE)
        for s in country.successors(commune.id)
    }
    assert reached == through
    assert len(reached) == 8


def test_a_district_with_a_successor_of_a_part_only_is_followed_through_its_communes_too(country: Directory) -> None:
    assert len(country.became(unit(country, "376", BEFORE).id, TODAY)) > 1


def test_an_island_district_went_whole_into_its_special_zone(country: Directory) -> None:
    (zone,) = country.became(unit(country, "318", BEFORE).id, TODAY)
    assert (zone.unit.code, zone.extent) == ("11948", Extent.WHOLE)


def test_a_province_has_its_communes_on_each_side_of_the_reform(country: Directory) -> None:
    old_total = sum(len(country.communes_of(p.id, BEFORE)) for p in country.provinces(BEFORE))
    assert old_total == 10_035
    assert len(country.communes_of(unit(country, "79").id, TODAY)) == 168
    commune = unit(country, "00001", BEFORE)
    assert country.province_of(commune.id, BEFORE).code == "01"


@pytest.mark.parametrize(
    ("code", "day", "name"),
    [
        ("H02", BEFORE, "Ủy ban nhân dân tỉnh Bắc Giang"),
        ("H05", BEFORE, "Ủy ban nhân dân tỉnh Bắc Ninh"),
        ("H05", FIRST, "Ủy ban nhân dân tỉnh Bắc Ninh"),
        ("H05", TODAY, "Ủy ban nhân dân thành phố Bắc Ninh"),
        ("K63", BEFORE, "Hội đồng nhân dân tỉnh Yên Bái"),
        ("K57", TODAY, "Hội đồng nhân dân thành phố Huế"),
        ("000.00.00.H29", TODAY, "Ủy ban nhân dân thành phố Hồ Chí Minh"),
        ("H53", TODAY, "Ủy ban nhân dân tỉnh Tây Ninh"),
    ],
)
def test_level_one_identifiers_resolve_on_their_days(country: Directory, code: str, day: date, name: str) -> None:
    agency = country.find_agency(code, day)
    assert agency is not None
    assert agency.name_at(day) == name
    assert not any(i.made for i in agency.identifiers)


def test_a_closed_identifier_belongs_to_nobody_after_its_last_day(country: Directory) -> None:
    assert country.find_agency("H02", FIRST) is None
    (held,) = country.agency_holders("H02")
    assert held[:2] == (date.min, BEFORE)


def test_all_sixty_three_codes_resolve_before_and_thirty_four_after(country: Directory) -> None:
    for letter in "HK":
        codes = [f"{letter}{n:02}" for n in range(1, 64)]
        assert sum(country.find_agency(c, BEFORE) is not None for c in codes) == 63
        assert sum(country.find_agency(c, FIRST) is not None for c in codes) == 34


def test_each_commune_has_a_committee_and_a_centre_below_it_with_identifiers_in_both_forms(country: Directory) -> None:
    for commune in on(country, Level.COMMUNE, TODAY):
        committee, centre = country.agencies_of(commune.id, TODAY)
        assert (committee.kind, centre.kind) == (AgencyKind.PEOPLES_COMMITTEE, AgencyKind.SERVICE_CENTRE)
        assert centre.parent_id == committee.id
        for agency in (committee, centre):
            for scheme in (Scheme.ORG, Scheme.ORG102):
                identifier = agency.identifier(scheme, TODAY)
                assert identifier is not None
                assert identifier.made
                assert country.find_agency(identifier.code, TODAY) is agency


def test_each_province_has_a_committee_a_council_a_centre_and_its_departments(country: Directory) -> None:
    for province in country.provinces(TODAY):
        kinds = Counter(a.kind for a in country.agencies_of(province.id, TODAY))
        assert kinds == {
            AgencyKind.PEOPLES_COMMITTEE: 1,
            AgencyKind.PEOPLES_COUNCIL: 1,
            AgencyKind.SERVICE_CENTRE: 1,
            AgencyKind.DEPARTMENT: 6,
        }
        finance = country.agency_of(province.id, AgencyKind.DEPARTMENT, TODAY, "Bộ Tài chính")
        assert finance is not None
        assert finance.name.startswith("Sở Tài chính ")


def test_every_name_is_composed_unicode_and_the_tone_stands_where_the_resolutions_put_it(country: Directory) -> None:
    names = [p.name for u in country.units() for p in u.periods]
    assert all(name == unicodedata.normalize("NFC", name) for name in names)
    assert unit(country, "07840").at(TODAY).name == "Hiệp Hòa"  # the old style of the resolutions, not "Hoà"


def test_no_code_has_two_holders_on_a_day(country: Directory) -> None:
    for found in list(country.units()):
        holders = country.unit_holders(found.code)
        assert all(earlier[1] < later[0] for earlier, later in pairwise(holders))
