"""Whatever units are merged, split, renamed and moved, plan after plan: nobody is lost, nothing is counted twice, and
what was answered for a day stays the answer."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from motcua.reorganisation.rules.compiled import compiled
from motcua.reorganisation.rules.draft import draft
from motcua.reorganisation.rules.findings import check
from motcua.reorganisation.rules.heirs import Decided, estate
from motcua.reorganisation.rules.plan import (
    Alter,
    Alteration,
    Decider,
    Formation,
    Inherited,
    Office,
    Origin,
    PartRule,
    Plan,
    Takeover,
    Way,
)
from motcua.reorganisation.rules.text import read, write
from motcua.units.rules.change import carried_out, known_on, taken_back
from motcua.units.rules.directory import Directory, Rows, build, digest
from motcua.units.rules.package import COMMITTEE
from motcua.units.rules.values import AgencyKind, Extent, Level, Scheme

FIRST = date(2027, 1, 1)
PROVINCES = ("01", "02")
COMMUNES = 6
ACT = "Nghị quyết 1/2026/QH16"


def founded() -> Rows:
    """Two provinces with three communes each."""
    numbers: list[tuple[int, Level, str, int | None]] = [
        (1, Level.PROVINCE, "01", None),
        (2, Level.PROVINCE, "02", None),
    ]
    numbers += [(10 + n, Level.COMMUNE, f"{n:05}", 1 + n % 2) for n in range(COMMUNES)]
    org = {n: f"H0{n}" if level == Level.PROVINCE else f"H0{parent}.{code}" for n, level, code, parent in numbers}
    return Rows(
        units=[(n, str(level)) for n, level, _, _ in numbers],
        periods=[
            (n, None, None, f"Tên {code}", "tỉnh" if parent is None else "xã", "", parent, ACT)
            for n, _, code, parent in numbers
        ],
        agencies=[(n * 100 + 1, "peoples_committee", n, "", COMMITTEE, None, None, None, None) for n, *_ in numbers],
        identifiers=[
            row
            for n, _, code, _ in numbers
            for row in (
                (str(Scheme.AREA), code, None, None, n, None, False, ACT),
                (str(Scheme.ORG), org[n], None, None, None, n * 100 + 1, False, ACT),
            )
        ],
        successions=[],
    )


@st.composite
def made_up(draw: st.DrawFn, rows: Rows, step: int) -> Plan:
    """A plan that is right: of the communes in force some merge, some are split, some only change."""
    on = FIRST + timedelta(days=90 * step)
    known = build(0, rows)
    eve = on - timedelta(days=1)
    standing = [u for u in known.units() if u.level == Level.COMMUNE and u.in_force(eve)]
    waiting = draw(st.permutations(sorted(standing, key=lambda u: u.code)))
    formations: list[Formation] = []
    alterations: list[Alteration] = []
    fresh = iter(range(10_000 * (step + 1), 10_000 * (step + 1) + 100))
    where = {u.code: known.province_of(u.id, eve).code for u in standing}

    def form(code: str, parent: str, *origins: Origin) -> None:
        name = f"Tên {code} {step}"
        formations.append(Formation(0, Level.COMMUNE, code, name, "xã", "", parent, ACT, ACT, origins))

    def of(code: str, extent: Extent, *rules: PartRule) -> Origin:
        return Origin(0, Level.COMMUNE, code, extent, rules=rules)

    while waiting:
        unit = waiting.pop()
        what = draw(st.sampled_from(["stay", "merge", "split", "cut", "rename", "retype", "move"]))
        if what == "merge" and waiting:
            other = waiting.pop()
            keep = draw(st.sampled_from([unit.code, other.code]))
            form(keep, where[unit.code], of(unit.code, Extent.WHOLE), of(other.code, Extent.WHOLE))
        elif what == "split":
            for place in range(draw(st.integers(2, 3))):
                rule = PartRule(0, Decider.HAMLET, f"Thôn {place}")
                code = unit.code if place == 0 else f"{next(fresh):05}"
                form(code, where[unit.code], of(unit.code, Extent.PART, rule))
        elif what == "cut" and len(waiting) > 1:
            one, two = waiting.pop(), waiting.pop()
            for place, other in enumerate((one, two)):
                part = of(unit.code, Extent.PART, PartRule(0, Decider.HAMLET, f"Thôn {place}"))
                form(other.code, where[other.code], of(other.code, Extent.WHOLE), part)
        elif what == "rename":
            alterations.append(Alteration(0, Alter.NAME, Level.COMMUNE, unit.code, f"Mới {unit.code} {step}", ACT))
        elif what == "retype" and unit.at(eve).type == "xã":
            alterations.append(Alteration(0, Alter.TYPE, Level.COMMUNE, unit.code, "phường", ACT))
        elif what == "move":
            there = PROVINCES[1 - PROVINCES.index(where[unit.code])]
            alterations.append(Alteration(0, Alter.PARENT, Level.COMMUNE, unit.code, there, ACT))
    at = datetime(on.year, on.month, on.day, tzinfo=UTC) - timedelta(hours=7)
    offices = [
        Office(
            0,
            f"H{f.parent}.{step}.{f.code}",
            "",
            AgencyKind.PEOPLES_COMMITTEE,
            COMMITTEE,
            "",
            f.level,
            f.code,
            1,
            f"H{f.parent}",
            True,
            ACT,
        )
        for f in formations
    ]
    return Plan(
        on.isoformat(),
        "Thử",
        ACT,
        date(2026, 12, 1),
        at,
        at + timedelta(days=1),
        tuple(formations),
        tuple(alterations),
        (),
        tuple(offices),
        tuple(Takeover(0, what, Way.SAME_OFFICE, ACT) for what in Inherited),
    )


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[Plan, Rows, Rows]]:
    """Up to four plans, one after the other: each with the directory before and after it."""
    rows, found = founded(), []
    for step in range(draw(st.integers(1, 4))):
        plan = draw(made_up(rows, step))
        after = carried_out(rows, compiled(plan, rows))
        found.append((plan, rows, after))
        rows = after
    return found


def answers(directory: Directory, day: date) -> list[object]:
    """All that is asked of a day: who held which code under which name, what became of each unit, who stands in."""
    codes = sorted({unit.code for unit in directory.units() if unit.valid_from is None or unit.valid_from <= day})
    held = [(code, directory.find_unit(code, day)) for code in codes]
    return [
        [(code, u.id, u.at(day).full_name, directory.province_of(u.id, day).id) for code, u in held if u],
        [
            (unit.id, [(c.unit.id, c.extent) for c in directory.became(unit.id, day)])
            for unit in sorted(directory.units(), key=lambda u: u.id)
            if unit.valid_from is None or unit.valid_from <= day
        ],
        [
            (agency.id, [heir.id for heir in directory.heirs(agency.id, day)])
            for agency in sorted(directory.agencies(), key=lambda a: a.id)
            if agency.valid_from is None or agency.valid_from <= day
        ],
    ]


@settings(max_examples=20)
@given(histories())
def test_no_unit_is_without_an_heir_and_no_area_is_counted_twice(history: list[tuple[Plan, Rows, Rows]]) -> None:
    plan, _, last = history[-1]
    known = build(1, last)
    for unit in known.units():
        found = known.became(unit.id, plan.on)
        assert found
        assert all(candidate.unit.in_force(plan.on) for candidate in found)
        assert len(found) == 1 or all(candidate.extent == Extent.PART for candidate in found)
    for agency in known.agencies():
        heirs = known.heirs(agency.id, plan.on)
        assert heirs
        assert all(heir.in_force(plan.on) for heir in heirs)
    went: dict[int, list[str]] = defaultdict(list)
    for old, _new, extent, _note, _on in last.successions:
        went[old].append(extent)
    assert all(ways == ["whole"] or (len(ways) > 1 and set(ways) == {"part"}) for ways in went.values())
    closed = [unit for unit in known.units() if not unit.in_force(plan.on)]
    assert {unit.id for unit in closed} == set(went)


@settings(max_examples=20)
@given(histories())
def test_what_was_answered_for_a_day_is_answered_the_same_after_every_later_plan(
    history: list[tuple[Plan, Rows, Rows]],
) -> None:
    last = build(1, history[-1][2])
    for plan, before, after in history:
        eve = plan.on - timedelta(days=1)
        assert answers(build(0, before), eve) == answers(last, eve)
        assert answers(build(0, after), plan.on) == answers(last, plan.on)
        assert digest(known_on(history[-1][2], plan.on)) == digest(after)


@settings(max_examples=20)
@given(histories())
def test_each_plan_is_right_can_be_drafted_from_its_own_tables_and_is_taken_back(
    history: list[tuple[Plan, Rows, Rows]],
) -> None:
    for plan, before, after in history:
        if not (plan.formations or plan.alterations):
            continue
        assert check(plan, before) == ()
        change = compiled(plan, before)
        assert digest(taken_back(after, change)) == digest(before)
        again = draft(
            before,
            after,
            plan.on,
            title=plan.title,
            resolution=plan.resolution,
            resolved_on=plan.resolved_on,
            effective_at=plan.effective_at,
            undo_until=plan.undo_until,
            takeovers=plan.takeovers,
        )
        assert digest(carried_out(before, compiled(again, before))) == digest(after)
        assert read(write(again))[0] == again


@settings(max_examples=20)
@given(histories())
def test_each_part_of_a_split_commune_has_the_heir_of_its_hamlet_and_the_rest_is_for_a_person(
    history: list[tuple[Plan, Rows, Rows]],
) -> None:
    for plan, before, after in history:
        left = estate(plan, build(0, before), build(1, after))
        for formation in plan.formations:
            for origin in formation.origins:
                old = left.before.find_unit(origin.code, left.eve)
                assert old is not None
                [office] = left.before.agencies_of(old.id, left.eve)
                hamlet = origin.rules[0].words if origin.rules else ""
                found = left.heir(office.id, old.id, f"{hamlet}, xã {old.at(left.eve).name}")
                assert isinstance(found, Decided)
                assert left.after.unit(left.after.agency(found.agency_id).unit_id).code == formation.code
                if origin.extent == Extent.PART:
                    assert not isinstance(left.heir(office.id, old.id, "Thôn 9"), Decided)


def test_a_plan_with_nothing_in_it_is_found_out() -> None:
    rows = founded()
    at = datetime(2026, 12, 31, 17, tzinfo=UTC)
    empty = Plan("2027-01-01", "Thử", ACT, date(2026, 12, 1), at, at + timedelta(days=1))
    assert [finding.kind for finding in check(empty, rows)] == ["plan-empty"]
    assert digest(carried_out(rows, compiled(replace(empty), rows))) == digest(rows)
