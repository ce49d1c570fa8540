"""A change of the whole country: carried out, it is the country of today; taken back, that of before."""

from dataclasses import replace
from datetime import UTC, date, datetime
from random import Random

import pytest

from motcua.kernel.errors import Conflict
from motcua.units import actions, queries
from motcua.units.rules.change import ADDED, Change, carried_out, known_on, taken_back
from motcua.units.rules.directory import Directory, Rows, build, digest
from motcua.units.rules.package import REFORM_DAY, Package
from motcua.units.rules.values import AgencyKind, Level

NOW = datetime(2025, 6, 30, 17, 0, tzinfo=UTC)
EVE = date(2025, 6, 30)


def the_reform(whole: Rows) -> Change:
    """What the package says of 2025-07-01, as a change."""
    before, after = known_on(whole, EVE), known_on(whole, REFORM_DAY)
    old = {name: set(getattr(before, name)) for name in ADDED}
    new = {name: [r for r in getattr(after, name) if r not in old[name]] for name in ADDED}
    return Change(
        REFORM_DAY,
        **{name: [r for r in rows if name in ("units", "successions") or _since(name, r) == REFORM_DAY]
           for name, rows in new.items()},
        ending_periods=[r[0] for r in before.periods],
        ending_agencies=[r[0] for r in before.agencies],
        ending_identifiers=[r[:2] for r in before.identifiers],
    )  # fmt: skip


def _since(name: str, row: tuple[object, ...]) -> object:
    return row[{"periods": 1, "agencies": 6, "identifiers": 2, "heirs": 3}[name]]


def test_the_country_before_the_reform_has_three_tiers_and_an_office_in_each(package: Package) -> None:
    before = build(1, known_on(package.rows, EVE))
    levels = [unit.level for unit in before.units()]
    assert [levels.count(level) for level in Level] == [63, 696, 10035]
    assert all(unit.in_force(date(2030, 1, 1)) for unit in before.units()), "nobody knows yet that they end"
    for unit in before.units():
        committee = before.agency_of(unit.id, AgencyKind.PEOPLES_COMMITTEE, EVE)
        assert committee is not None
        assert committee.org(EVE)


def test_carrying_out_what_the_package_says_gives_the_package_and_taking_it_back_the_day_before(
    package: Package,
) -> None:
    before, after = known_on(package.rows, EVE), known_on(package.rows, REFORM_DAY)
    change = the_reform(package.rows)
    assert digest(carried_out(before, change)) == digest(after)
    assert digest(taken_back(after, change)) == digest(before)


def test_an_office_that_ended_has_heirs_and_a_split_one_all_of_them(country: Directory) -> None:
    on = date(2025, 7, 2)
    [ward] = [u for u in country.units() if u.code == "25270" and not u.in_force(on)]
    office = country.agency_of(ward.id, AgencyKind.PEOPLES_COMMITTEE, EVE)
    assert office is not None
    heirs = country.heirs(office.id, on)
    assert {heir.unit_id for heir in heirs} == {c.unit.id for c in country.became(ward.id, on)}
    assert country.heirs(office.id, EVE) == (office,)


def test_what_is_an_heir_of_an_office_has_it_among_its_forebears_and_nothing_else_has(country: Directory) -> None:
    on = date(2026, 11, 22)
    ended = [a for a in country.agencies() if a.valid_to is not None and a.valid_to < on]
    some = Random(7).sample(ended, 60)
    for old in some:
        heirs = {heir.id for heir in country.heirs(old.id, on)}
        assert {h for h in heirs if old in country.forebears(h, on)} == heirs
    [ward] = [agency for agency in country.agencies() if agency.org(on) == "H26.101"]
    left_to_it = [old for old in ended if ward in country.heirs(old.id, on)]
    assert left_to_it
    assert list(country.forebears(ward.id, on)) == sorted(left_to_it, key=lambda agency: agency.id)


def test_the_reform_is_published_taken_back_and_published_again_with_the_same_content(
    eve: str, package: Package
) -> None:
    loaded = queries.generation()
    assert loaded is not None
    change = the_reform(package.rows)
    prepared = actions.prepare(change=change)
    after = actions.carry_out(prepared=prepared, note="Sắp xếp", now=NOW)
    assert after.digest == digest(known_on(package.rows, REFORM_DAY))
    with pytest.raises(Conflict, match="thế hệ khác"):
        actions.carry_out(prepared=prepared, note="Sắp xếp lần nữa", now=NOW)
    with pytest.raises(Conflict, match="không còn hiệu lực"):
        actions.carry_out(prepared=replace(prepared, generation=after.number), note="Sắp xếp lần nữa", now=NOW)
    assert queries.generation() == after
    back = actions.take_back(change=change, note="Hoàn tác", now=NOW)
    assert back.digest == loaded.digest
    actions.carry_out(prepared=replace(prepared, generation=back.number), note="Sắp xếp", now=NOW)
    assert digest(queries.read_rows()) == after.digest
