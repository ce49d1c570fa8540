"""What a plan does to the directory: the rows that begin on its day and those that end on the day before.

An old unit that a formation names ends, in whole or in part: what goes on under the same code is a new unit, because
its borders are. A unit that is only renamed, retyped or moved stays itself.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from motcua.kernel.errors import Permanent
from motcua.reorganisation.rules.plan import Alter, Alteration, Inherited, Plan, Way
from motcua.units.rules.change import Change, known_on
from motcua.units.rules.directory import Rows
from motcua.units.rules.package import unit_id_since
from motcua.units.rules.values import Level, Scheme


@dataclass(frozen=True, slots=True)
class Standing:
    """What is in force the day before a plan: units by level and code, their periods, agencies and identifiers."""

    units: dict[tuple[str, str], int]  # level and code to the unit
    levels: dict[int, str]
    codes: dict[int, str]  # of units
    periods: dict[int, tuple[Any, ...]]  # the open one of each unit
    agencies: dict[int, tuple[Any, ...]]
    orgs: dict[str, int]  # either identifier to the agency
    identifiers: dict[int, list[tuple[str, str]]]  # of an agency


def standing(rows: Rows) -> Standing:
    """What has no end yet in these rows."""
    levels = dict(rows.units)
    periods = {row[0]: row for row in rows.periods if row[2] is None}
    agencies = {row[0]: row for row in rows.agencies if row[7] is None}
    units: dict[tuple[str, str], int] = {}
    codes: dict[int, str] = {}
    orgs: dict[str, int] = {}
    identifiers: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for scheme, code, _first, last, unit, agency, _made, _source in rows.identifiers:
        if last is not None:
            continue
        if unit is not None and unit in periods:
            units[levels[unit], code] = unit
            codes[unit] = code
        elif agency in agencies:
            orgs[code] = agency
            identifiers[agency].append((scheme, code))
    return Standing(units, levels, codes, periods, agencies, orgs, identifiers)


def compiled(plan: Plan, rows: Rows) -> Change:
    """The change of the directory that a checked plan stands for; Permanent where it names what isn't there."""
    there, on = standing(rows), plan.on
    ending = ending_units(plan, there)
    begun = {(str(f.level), f.code): unit_id_since(f.level, f.code, on) for f in plan.formations}

    def unit(level: Level, code: str, line: int, *, after: bool) -> int:
        """The unit that holds the code, before the plan or `after` it."""
        found = begun.get((str(level), code)) if after else None
        if found is None:
            found = there.units.get((str(level), code))
            if found is None or (after and found in ending):
                raise _unknown(f"đơn vị cấp {level} mang mã {code}", line)
        return found

    def above(level: Level, code: str, line: int) -> int | None:
        """The parent with this code: a commune's is a province or, where there are any, a district."""
        if not code:
            return None
        for parent in (Level.PROVINCE, Level.DISTRICT):
            if level != parent and ((str(parent), code) in begun or (str(parent), code) in there.units):
                return unit(parent, code, line, after=True)
        raise _unknown(f"đơn vị cấp trên mang mã {code}", line)

    periods: list[tuple[Any, ...]] = [
        (
            begun[str(f.level), f.code],
            on,
            None,
            f.name,
            f.type,
            f.name_en,
            above(f.level, f.code and f.parent, f.line),
            f.source,
        )
        for f in plan.formations
    ]
    altered: dict[int, list[Alteration]] = defaultdict(list)
    for alteration in plan.alterations:
        altered[unit(alteration.level, alteration.code, alteration.line, after=False)].append(alteration)
    for unit_id, changes in altered.items():
        name, kind, name_en, parent = there.periods[unit_id][3:7]
        for change in changes:
            if change.what == Alter.NAME:
                name, name_en = change.value, change.name_en
            elif change.what == Alter.TYPE:
                kind = change.value
            else:
                parent = above(change.level, change.value, change.line)
        periods.append((unit_id, on, None, name, kind, name_en, parent, changes[0].source))
    ending_agencies = {row[0] for row in there.agencies.values() if row[2] in ending}
    for closure in plan.closures:
        if closure.org not in there.orgs:
            raise _unknown(f"cơ quan mang mã {closure.org}", closure.line)
        ending_agencies.add(there.orgs[closure.org])
    established = {
        place: unit(place.level, place.code, place.line, after=True) * 100 + place.slot for place in plan.offices
    }
    named = {org: agency for place, agency in established.items() for org in (place.org, place.org102) if org}

    def agency(org: str, line: int) -> int:
        """The agency that holds the identifier once the plan is carried out."""
        found = named.get(org, there.orgs.get(org))
        if found is None or found in ending_agencies:
            raise _unknown(f"cơ quan mang mã {org}", line)
        return found

    identifiers: list[tuple[Any, ...]] = [
        (str(Scheme.AREA), f.code, on, None, begun[str(f.level), f.code], None, False, f.code_source)
        for f in plan.formations
    ]
    agencies: list[tuple[Any, ...]] = []
    for place, number in established.items():
        parent = agency(place.parent, place.line) if place.parent else None
        agencies.append((number, str(place.kind), number // 100, place.ministry, place.title, parent, on, None, None))
        identifiers += [
            (str(scheme), code, on, None, None, number, place.made, place.source)
            for scheme, code in ((Scheme.ORG, place.org), (Scheme.ORG102, place.org102))
            if code
        ]
    return Change(
        on,
        units=[(number, level) for (level, _), number in begun.items()],
        periods=periods,
        agencies=agencies,
        identifiers=identifiers,
        successions=[
            (unit(o.level, o.code, o.line, after=False), begun[str(f.level), f.code], str(o.extent), o.note, on)
            for f in plan.formations
            for o in f.origins
        ],
        heirs=sorted(
            {
                (there.orgs[t.org], agency(t.to, t.line), t.source, on)
                for t in plan.takeovers
                if t.way == Way.NAMED and t.what == Inherited.POWERS and t.org in there.orgs
            }
        ),
        ending_periods=sorted(ending | altered.keys()),
        ending_agencies=sorted(ending_agencies),
        ending_identifiers=sorted(
            {(str(Scheme.AREA), there.codes[number]) for number in ending if number in there.codes}.union(
                *(there.identifiers.get(number, ()) for number in ending_agencies)
            )
        ),
    )


def ending_units(plan: Plan, there: Standing) -> frozenset[int]:
    """The units that end: whatever a new one is made from, and every unit of a tier that is dissolved."""
    tiers = {str(abolition.level) for abolition in plan.abolitions}
    named = {(str(origin.level), origin.code) for formation in plan.formations for origin in formation.origins}
    return frozenset(
        [number for key in named if (number := there.units.get(key)) is not None]
        + [number for number in there.periods if there.levels[number] in tiers]
    )


def figures_of(plan: Plan, rows: Rows) -> dict[str, tuple[int, int]]:
    """By level, how many units are in force before and after: 63, 696 and 10,035 into 34, 0 and 3,321."""
    there = standing(rows)
    before = _counted(there.levels[number] for number in there.periods)
    ends = _counted(there.levels[number] for number in ending_units(plan, there))
    begins = _counted(str(formation.level) for formation in plan.formations)
    return {
        str(level): (before.get(level, 0), before.get(level, 0) - ends.get(level, 0) + begins.get(level, 0))
        for level in Level
    }


def _counted(levels: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for level in levels:
        found[level] += 1
    return found


def known_before(rows: Rows, on: date) -> tuple[Rows, bool]:
    """The directory on which a plan of that day is judged, and whether it is one of the past.

    Where the day's changes are in the directory already, it is the directory as it was known the day before.
    """
    past = any(row[1] is not None and row[1] >= on for row in rows.periods)
    return (known_on(rows, on - timedelta(days=1)), True) if past else (rows, False)


def _unknown(what: str, line: int) -> Permanent:
    return Permanent(
        "plan-unknown",
        f"Dòng {line}: không có {what}.",
        mend="Chạy motcua reorganise check, rồi sửa kế hoạch.",
        line=line,
    )
