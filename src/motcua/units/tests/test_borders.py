"""Figures in the borders of any day: to the unit, in both directions, and never guessed."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motcua.kernel.errors import Permanent
from motcua.units.rules.borders import (
    Counted,
    Division,
    Placed,
    Rate,
    Regrouped,
    Undivided,
    added,
    change_days,
    divided,
    inside,
    regrouped,
    units_at,
)
from motcua.units.rules.directory import Directory, Rows, build
from motcua.units.rules.values import Level

EVE, REFORM = date(2025, 6, 30), date(2025, 7, 1)
LATER = date(2026, 1, 1)
ON_TIME = Rate("on_time", ("on_time",), ("on_time", "late"))


@dataclass
class Land:
    """A made-up country: each commune is a set of hamlets, and lies in one of two provinces."""

    communes: dict[int, frozenset[int]]
    began: dict[int, date | None] = field(default_factory=dict)
    ended: dict[int, date] = field(default_factory=dict)
    successions: list[tuple[Any, ...]] = field(default_factory=list)
    today: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.today = set(self.communes)
        self.began = dict.fromkeys(self.communes)

    def reform(self, on: date, made: list[frozenset[int]], *, staying: frozenset[int] = frozenset()) -> list[int]:
        """On that day these sets of hamlets become communes; what loses hamlets ends, or stays with what is left."""
        numbers = []
        before = {old: self.had(old, on) for old in sorted(self.today)}
        for hamlets in made:
            number = len(self.communes) + 1
            for old, had in before.items():
                if taken := had & hamlets:
                    whole = "whole" if taken == had else "part"
                    self.successions.append((old, number, whole, "", on))
            self.communes[number], self.began[number] = hamlets, on
            numbers.append(number)
        gone = frozenset().union(*made)
        for old in sorted(self.today):
            left = self.had(old, on - timedelta(days=1)) - gone
            if not left:
                self.ended[old] = on - timedelta(days=1)
            else:
                assert old in staying or left == self.had(old, on - timedelta(days=1)), "it loses a part and ends"
        self.today = (self.today - set(self.ended)) | set(numbers)
        return numbers

    def directory(self) -> Directory:
        provinces = {101: "01", 102: "02"}
        units = [*((n, "commune") for n in self.communes), *((n, "province") for n in provinces)]
        periods: list[Any] = [(n, None, None, code, "tỉnh", code, None, "") for n, code in provinces.items()]
        codes: list[Any] = [("area", code, None, None, n, None, False, "") for n, code in provinces.items()]
        for n, hamlets in self.communes.items():
            span = (self.began[n], self.ended.get(n))
            periods.append((n, *span, f"X{n}", "xã", f"X{n}", 101 + min(hamlets) % 2, ""))
            codes.append(("area", f"{n:05}", *span, n, None, False, ""))
        return build(1, Rows(units, periods, [], codes, self.successions))

    def truth(self, unit_id: int, hamlets: frozenset[int], on: date) -> set[int]:
        """In which communes of that day these hamlets lie."""
        return {n for n in self.communes if self.in_force(n, on) and self.had(n, on) & hamlets}

    def in_force(self, n: int, on: date) -> bool:
        began, ended = self.began[n], self.ended.get(n)
        return (began is None or began <= on) and (ended is None or on <= ended)

    def had(self, n: int, on: date) -> frozenset[int]:
        """The hamlets of a commune on a day, without those that it lost by then."""
        lost = (self.communes[new] for old, new, _, _, since in self.successions if old == n and since <= on)
        return self.communes[n] - frozenset().union(*lost)


def counted(unit_id: int, on: date, n: int, part: str = "", **more: int) -> Counted:
    return Counted(unit_id, on, {"n": n, **more}, part)


def placed(figures: Regrouped) -> dict[int, int]:
    return {row.unit_id: row.sums["n"] for row in figures.placed}


def test_21_and_295_are_316_in_the_new_borders_and_21_and_295_in_the_old() -> None:
    land = Land({1: frozenset({2}), 2: frozenset({4})})
    [new] = land.reform(REFORM, [frozenset({2, 4})])
    country = land.directory()
    rows = [counted(1, EVE, 21), counted(2, EVE, 295)]
    assert regrouped(country, rows, borders_on=REFORM) == Regrouped((Placed(new, {"n": 316}),), ())
    assert placed(regrouped(country, rows, borders_on=EVE)) == {1: 21, 2: 295}
    after = regrouped(country, [*rows, counted(new, REFORM, 7)], borders_on=EVE)
    assert placed(after) == {1: 21, 2: 295}, "what was counted together is not divided in silence"
    assert after.undivided == (Undivided((1, 2), (new,), {"n": 7}),)
    assert after.total == {"n": 323}
    assert after.shared_by(1) == {"n": 7}


def test_one_into_three_is_shown_whole_until_a_named_rule_divides_it() -> None:
    land = Land({1: frozenset({2, 4, 6})})
    three = land.reform(REFORM, [frozenset({2}), frozenset({4}), frozenset({6})])
    country = land.directory()
    past = counted(1, EVE, 100)
    assert regrouped(country, [past], borders_on=REFORM).undivided == (Undivided(tuple(three), (1,), {"n": 100}),)
    rule = Division("Theo dân số, Nghị quyết 1/2025", dict(zip(three, (1, 1, 1), strict=True)))
    split = regrouped(country, [past], borders_on=REFORM, divisions={(1, ""): rule})
    assert split.undivided == ()
    assert sorted(placed(split).values()) == [33, 33, 34]
    assert {words for row in split.placed for words, _ in row.divided} == {rule.words}
    back = regrouped(country, [counted(n, REFORM, 10) for n in three], borders_on=EVE)
    assert back == Regrouped((Placed(1, {"n": 30}),), ())
    assert placed(regrouped(country, [past], borders_on=REFORM, level=Level.PROVINCE)) == {101: 100}


def test_three_units_of_which_one_is_cut_by_hamlet() -> None:
    land = Land({1: frozenset({2}), 2: frozenset({4, 6}), 3: frozenset({8})})
    east, west = land.reform(REFORM, [frozenset({2, 4}), frozenset({6, 8})])
    country = land.directory()
    rows = [counted(1, EVE, 5), counted(2, EVE, 11, "Thôn 4"), counted(2, EVE, 13, "Thôn 6"), counted(3, EVE, 17)]
    whole = regrouped(country, rows, borders_on=REFORM)
    assert placed(whole) == {east: 5, west: 17}
    assert whole.undivided == (Undivided((east, west), (2,), {"n": 24}),)
    act = "Nghị quyết sắp xếp: thôn 4 về xã phía đông"
    by_hamlet = {(2, "Thôn 4"): Division(act, {east: 1}), (2, "Thôn 6"): Division(act, {west: 1})}
    assert placed(regrouped(country, rows, borders_on=REFORM, divisions=by_hamlet)) == {east: 16, west: 30}
    assert placed(regrouped(country, rows, borders_on=EVE)) == {1: 5, 2: 24, 3: 17}


def test_a_unit_that_gave_a_part_away_and_goes_on_shares_its_past_and_keeps_its_present() -> None:
    land = Land({1: frozenset({2, 4})})
    [new] = land.reform(REFORM, [frozenset({4})], staying=frozenset({1}))
    country = land.directory()
    figures = regrouped(country, [counted(1, EVE, 10), counted(1, REFORM, 3)], borders_on=REFORM)
    assert placed(figures) == {1: 3}
    assert figures.undivided == (Undivided((1, new), (1,), {"n": 10}),)
    assert placed(regrouped(country, [counted(1, REFORM, 3), counted(new, REFORM, 4)], borders_on=EVE)) == {1: 7}
    assert change_days(country, EVE, LATER) == [REFORM]


def test_rates_come_from_their_parts_and_are_not_averaged() -> None:
    land = Land({1: frozenset({2}), 2: frozenset({4})})
    [new] = land.reform(REFORM, [frozenset({2, 4})])
    rows = [Counted(1, EVE, {"on_time": 1, "late": 1}), Counted(2, EVE, {"on_time": 98, "late": 0})]
    [row] = regrouped(land.directory(), rows, borders_on=REFORM).placed
    assert row.unit_id == new
    assert ON_TIME.of(row.sums) == Fraction(99, 100)
    assert ON_TIME.of({}) is None


def test_a_rule_that_divides_to_where_nothing_went_is_refused() -> None:
    land = Land({1: frozenset({2, 4}), 2: frozenset({6})})
    land.reform(REFORM, [frozenset({2}), frozenset({4})])
    for weights in ({2: 1}, {3: -1, 4: 2}, {3: 0}):
        with pytest.raises(Permanent, match="Quy tắc"):
            regrouped(
                land.directory(),
                [counted(1, EVE, 1)],
                borders_on=REFORM,
                divisions={(1, ""): Division("Quy tắc thử", weights)},
            )


@st.composite
def lands(draw: st.DrawFn) -> tuple[Land, list[date]]:
    """Up to four reforms: merges, splits, cuts, and parts given away by units that stay."""
    land = Land({n: frozenset(range(n * 4, n * 4 + 4)) for n in range(1, 5)})
    days = [EVE]
    for n in range(draw(st.integers(1, 4))):
        on = date(2026 + n, 1, 1)
        touched = draw(st.sets(st.sampled_from(sorted(land.today)), min_size=1, max_size=3))
        hamlets = sorted(h for old in touched for h in land.had(old, on))
        into = draw(st.lists(st.integers(0, 2), min_size=len(hamlets), max_size=len(hamlets)))
        made = [frozenset(h for h, k in zip(hamlets, into, strict=True) if k == group) for group in range(3)]
        staying = draw(st.booleans()) and sum(map(bool, made)) > 1  # the last hamlets stay with the units they were in
        land.reform(on, [g for g in (made[:-1] if staying else made) if g], staying=frozenset(touched))
        days += [on - timedelta(days=1), on]
    return land, days


@settings(max_examples=60)
@given(lands(), st.data())
def test_no_sum_is_lost_and_no_place_of_a_figure_is_left_out(
    made: tuple[Land, list[date]], data: st.DataObject
) -> None:
    land, days = made
    country = land.directory()
    on, borders_on = data.draw(st.sampled_from(days)), data.draw(st.sampled_from(days))
    level = data.draw(st.sampled_from([Level.COMMUNE, Level.PROVINCE]))
    here = [n for n in land.communes if land.in_force(n, on)]
    rows = [Counted(n, on, {"n": data.draw(st.integers(0, 99)), "late": 1}) for n in here]
    figures = regrouped(country, rows, borders_on=borders_on, level=level)
    assert figures.total == added(row.sums for row in rows)
    for unit_id in [row.unit_id for row in figures.placed] + [u for row in figures.undivided for u in row.units]:
        unit = country.unit(unit_id)
        assert unit.in_force(borders_on)
        assert unit.level == level
    if on == borders_on and level == Level.COMMUNE:
        assert placed(figures) == {row.unit_id: row.sums["n"] for row in rows}
    for n in here:
        found = units_at(country, n, on, borders_on, Level.COMMUNE)
        assert land.truth(n, land.had(n, on), borders_on) <= found, "a unit that has a share is not named"
    parts = [inside(country, figures, province, borders_on) for province in (101, 102)]
    assert sum(sum(row.sums["n"] for row in part.placed) for part in parts) == sum(placed(figures).values())


@given(
    st.dictionaries(st.text(max_size=3), st.integers(-(10**9), 10**9), max_size=4),
    st.dictionaries(st.integers(1, 9), st.integers(0, 50), min_size=1).filter(lambda w: any(w.values())),
)
def test_what_is_divided_is_together_what_it_was(sums: dict[str, int], weights: dict[int, int]) -> None:
    parts = divided(sums, weights)
    assert added(parts.values()) == sums
    for unit_id, weight in weights.items():
        for name, number in parts[unit_id].items():
            assert abs(number - Fraction(sums[name] * weight, sum(weights.values()))) < 1


def test_the_real_country_at_every_level(country: Directory) -> None:
    old = [u for u in country.units() if u.level == Level.COMMUNE and u.in_force(EVE)]
    rows = [counted(u.id, EVE, n) for n, u in enumerate(old)]
    total = sum(range(len(old)))
    now = regrouped(country, rows, borders_on=REFORM)
    assert now.total == {"n": total}
    assert {r.counted for r in now.undivided if len(r.counted) == 1}, "communes that were split"
    provinces = regrouped(country, rows, borders_on=REFORM, level=Level.PROVINCE)
    assert len(provinces.placed) == 34
    assert provinces.undivided == (), "no commune was split between provinces"
    districts = regrouped(country, rows, borders_on=EVE, level=Level.DISTRICT)
    assert len(districts.placed) == 696 - sum(
        1 for u in country.units() if u.level == Level.DISTRICT and not country.children_of(u.id, EVE)
    )
    with pytest.raises(Permanent, match="không có đơn vị hành chính cấp này"):
        regrouped(country, rows, borders_on=REFORM, level=Level.DISTRICT)
    today = [counted(u.id, REFORM, 1) for u in country.units() if u.level == Level.COMMUNE and u.in_force(REFORM)]
    back = regrouped(country, today, borders_on=EVE, level=Level.DISTRICT)
    assert back.total == {"n": 3321}
    assert {country.unit(u).level for row in back.undivided for u in row.units} == {Level.DISTRICT}
