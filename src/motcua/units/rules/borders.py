"""Figures counted in the borders of one day, shown in the borders of another. Pure; no sum is lost and none is guessed.

Each figure belongs to the unit that it was counted in. Units that were merged are added up; what no rule divides stays
one sum, with the names of the units that share it. Rates are made again from their parts, never averaged.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from motcua.kernel.errors import Permanent
from motcua.units.rules.directory import Directory
from motcua.units.rules.values import Extent, Level, Unit

HEIGHT = {Level.COMMUNE: 0, Level.DISTRICT: 1, Level.PROVINCE: 2}
_DAY = timedelta(days=1)

Sums = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Counted:
    """Sums of one unit in its borders of the day `on`. `part` names a hamlet (thôn) where it was counted by hamlet."""

    unit_id: int
    on: date
    sums: Sums
    part: str = ""


@dataclass(frozen=True, slots=True)
class Division:
    """A named rule by which the figures of a split unit, or of one hamlet of it, are divided: weights by unit.

    `words` says whose rule it is, as it stands beside every figure that was made with it. One unit alone takes all.
    """

    words: str
    weights: Mapping[int, int]


Divisions = Mapping[tuple[int, str], Division]  # by counted unit and hamlet; "" for the whole unit


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate as its parts: the sums above the line and those below it."""

    name: str
    above: tuple[str, ...]
    below: tuple[str, ...]

    def of(self, sums: Sums) -> Fraction | None:
        """The rate of these sums; None where there is nothing to divide by."""
        whole = sum(sums.get(name, 0) for name in self.below)
        return Fraction(sum(sums.get(name, 0) for name in self.above), whole) if whole else None


@dataclass(frozen=True, slots=True)
class Placed:
    """What belongs to one unit. `divided`: which of it came by a rule, with the words of that rule."""

    unit_id: int
    sums: Sums
    divided: tuple[tuple[str, Sums], ...] = ()


@dataclass(frozen=True, slots=True)
class Undivided:
    """A sum that several units share and no rule divides. Without units, nobody knows where its area went.

    `counted` are the units in which it was counted: a split unit's past, shown whole.
    """

    units: tuple[int, ...]
    counted: tuple[int, ...]
    sums: Sums


@dataclass(frozen=True, slots=True)
class Regrouped:
    """Figures in the borders of one day: by unit, and what can't be divided between units."""

    placed: tuple[Placed, ...]
    undivided: tuple[Undivided, ...]

    @property
    def total(self) -> Sums:
        """All of it: what went in, to the unit."""
        return added([*(row.sums for row in self.placed), *(row.sums for row in self.undivided)])

    def shared_by(self, unit_id: int) -> Sums:
        """What the unit shares with others: at most this much of it may be its own too."""
        return added(row.sums for row in self.undivided if unit_id in row.units)


@dataclass(slots=True)
class _Heap:
    sums: dict[str, int] = field(default_factory=dict)
    counted: set[int] = field(default_factory=set)
    divided: dict[str, dict[str, int]] = field(default_factory=dict)


def added(many: Iterable[Sums]) -> dict[str, int]:
    """One sum of many, name by name."""
    whole: dict[str, int] = {}
    for sums in many:
        for name, number in sums.items():
            whole[name] = whole.get(name, 0) + number
    return whole


def regrouped(
    directory: Directory,
    rows: Iterable[Counted],
    *,
    borders_on: date,
    level: Level = Level.COMMUNE,
    divisions: Divisions | None = None,
) -> Regrouped:
    """The figures in the borders of that day, at that level. Raises Permanent where the level did not exist then."""
    if not any(unit.level == level and unit.in_force(borders_on) for unit in directory.units()):
        raise Permanent(
            "level-not-in-force",
            f"Ngày {borders_on:%d/%m/%Y} không có đơn vị hành chính cấp này.",
            mend="Chọn cấp tỉnh hoặc cấp xã, hoặc một ngày trước 01/7/2025 cho cấp huyện.",
        )
    reach: dict[tuple[int, date], frozenset[int]] = {}
    places: dict[int, _Heap] = defaultdict(_Heap)
    shared: dict[frozenset[int], _Heap] = defaultdict(_Heap)
    for row in rows:
        key = (row.unit_id, row.on)
        if key not in reach:
            reach[key] = units_at(directory, row.unit_id, row.on, borders_on, level)
        found = reach[key]
        if len(found) == 1:
            _pile(places[next(iter(found))].sums, row.sums)
            continue
        rule = _division(divisions, row)
        if rule is None:
            heap = shared[found]
            heap.counted.add(row.unit_id)
            _pile(heap.sums, row.sums)
            continue
        weights = _lifted(directory, rule, found, borders_on, level)
        for unit_id, sums in divided(row.sums, weights).items():
            _pile(places[unit_id].sums, sums)
            _pile(places[unit_id].divided.setdefault(rule.words, {}), sums)

    def code(unit_id: int) -> tuple[str, int]:
        return directory.unit(unit_id).code, unit_id

    return Regrouped(
        placed=tuple(
            Placed(unit_id, places[unit_id].sums, tuple(sorted(places[unit_id].divided.items())))
            for unit_id in sorted(places, key=code)
        ),
        undivided=tuple(
            Undivided(units, tuple(sorted(shared[frozenset(units)].counted, key=code)), shared[frozenset(units)].sums)
            for units in sorted((tuple(sorted(found, key=code)) for found in shared), key=lambda u: [*map(code, u)])
        ),
    )


def units_at(directory: Directory, unit_id: int, on: date, borders_on: date, level: Level) -> frozenset[int]:
    """The units of a day among which the area of a unit, in its borders of the day `on`, lies: all, never a choice."""
    unit = directory.unit(unit_id)
    on = max(min(on, unit.valid_to or on), unit.valid_from or on)
    found = _after(directory, unit, on, borders_on) if on <= borders_on else _before(directory, unit, on, borders_on)
    if HEIGHT[unit.level] > HEIGHT[level]:
        found = frozenset(low for high in found for low in _below(directory, high, borders_on, level))
    return frozenset(_above(directory, one, borders_on, level) for one in found)


def _after(directory: Directory, unit: Unit, on: date, until: date) -> frozenset[int]:
    """Where the area went from one day to a later one. A unit that lost a part and goes on is among the answers."""
    hops = [s for s in directory.successors(unit.id) if on < s.on <= until]
    ended = unit.valid_to is not None and unit.valid_to < until
    first = min((s.on for s in hops), default=None)
    found: set[int] = set()
    if first is not None:
        for hop in hops:
            if hop.on == first:
                found |= _after(directory, directory.unit(hop.new_id), first, until)
        if unit.in_force(first):
            found |= _after(directory, unit, first, until)
    elif not ended:
        found.add(unit.id)
    if ended and unit.valid_to is not None and not any(h.on == first and h.extent == Extent.WHOLE for h in hops):
        # The law names no heir of an abolished district as a whole: its communes say where it went.
        for child in directory.children_of(unit.id, unit.valid_to):
            found |= _after(directory, child, unit.valid_to, until)
    return frozenset(found)


def _before(directory: Directory, unit: Unit, on: date, until: date) -> frozenset[int]:
    """From where the area came, back to an earlier day. A unit that only took in a part is itself among them."""
    hops = [s for s in directory.predecessors(unit.id) if until < s.on <= on]
    if not hops:
        return frozenset({unit.id} if unit.in_force(until) else ())
    last = max(s.on for s in hops)
    found: set[int] = set()
    for hop in hops:
        if hop.on == last:
            found |= _before(directory, directory.unit(hop.old_id), last - _DAY, until)
    if unit.in_force(last - _DAY):
        found |= _before(directory, unit, last - _DAY, until)
    return frozenset(found)


def _below(directory: Directory, unit_id: int, on: date, level: Level) -> frozenset[int]:
    """The units of that level under one, or it itself where it has none (an island district without communes)."""
    if HEIGHT[directory.unit(unit_id).level] <= HEIGHT[level]:
        return frozenset({unit_id})
    found = {low for child in directory.children_of(unit_id, on) for low in _below(directory, child.id, on, level)}
    return frozenset(found or {unit_id})


def _above(directory: Directory, unit_id: int, on: date, level: Level) -> int:
    unit = directory.unit(unit_id)
    while HEIGHT[unit.level] < HEIGHT[level] and (parent := unit.at(on).parent_id) is not None:
        unit = directory.unit(parent)
    return unit.id


def _division(divisions: Divisions | None, row: Counted) -> Division | None:
    if not divisions:
        return None
    return divisions.get((row.unit_id, row.part)) or divisions.get((row.unit_id, ""))


def _lifted(directory: Directory, rule: Division, among: frozenset[int], on: date, level: Level) -> dict[int, int]:
    weights: dict[int, int] = {}
    for unit_id, weight in rule.weights.items():
        at = _above(directory, unit_id, on, level)
        if at not in among or weight < 0:
            raise Permanent(
                "division-elsewhere",
                f"Quy tắc “{rule.words}” chia cho {directory.unit(unit_id).at(on).full_name}, nơi không nhận phần nào.",
                mend="Chỉ chia cho những đơn vị mà đơn vị cũ thật sự được nhập vào, với tỷ lệ không âm.",
            )
        weights[at] = weights.get(at, 0) + weight
    if not any(weights.values()):
        raise Permanent("division-empty", f"Quy tắc “{rule.words}” không chia cho đơn vị nào.", mend="Ghi tỷ lệ chia.")
    return weights


def divided(sums: Sums, weights: Mapping[int, int]) -> dict[int, dict[str, int]]:
    """Each sum in whole numbers by the weights, largest remainder first: together exactly what it was."""
    parts: dict[int, dict[str, int]] = {unit_id: {} for unit_id in sorted(weights)}
    whole = sum(weights.values())
    for name, number in sums.items():
        sign, amount = (-1 if number < 0 else 1), abs(number)
        given = {unit_id: divmod(amount * weight, whole) for unit_id, weight in sorted(weights.items())}
        missing = amount - sum(base for base, _ in given.values())
        more = set(sorted(given, key=lambda unit_id: (-given[unit_id][1], unit_id))[:missing])
        for unit_id, (base, _) in given.items():
            parts[unit_id][name] = sign * (base + (unit_id in more))
    return parts


def _pile(heap: dict[str, int], sums: Sums) -> None:
    for name, number in sums.items():
        heap[name] = heap.get(name, 0) + number


def inside(directory: Directory, figures: Regrouped, unit_id: int, on: date) -> Regrouped:
    """Only what lies in one unit of that day: its rows, and each undivided sum of which it has a share."""

    def within(other: int) -> bool:
        unit = directory.unit(other)
        while unit.id != unit_id and (parent := unit.at(on).parent_id) is not None:
            unit = directory.unit(parent)
        return unit.id == unit_id

    return Regrouped(
        tuple(row for row in figures.placed if within(row.unit_id)),
        tuple(row for row in figures.undivided if any(map(within, row.units))),
    )


def change_days(directory: Directory, first: date, last: date) -> Sequence[date]:
    """The days after `first`, up to `last`, on which areas passed from unit to unit; one counts between them."""
    days = {hop.on for unit in directory.units() for hop in directory.successors(unit.id) if first < hop.on <= last}
    return sorted(days)


def with_those_before(directory: Directory, agencies: frozenset[int], on: date) -> frozenset[int]:
    """These agencies and the ended ones that they stand in for on that day, each alone or with others."""
    waiting = {directory.agency(number).unit_id for number in agencies}
    units: set[int] = set()
    while waiting:
        unit = directory.unit(waiting.pop())
        units.add(unit.id)
        origins = {hop.old_id for hop in directory.predecessors(unit.id)}
        above = {period.parent_id for period in unit.periods if not unit.in_force(on)} - {None}
        waiting |= (origins | {number for number in above if number is not None}) - units
    ended = {
        agency.id
        for unit_id in units
        if (last := directory.unit(unit_id).valid_to) is not None and last < on
        for agency in directory.agencies_of(unit_id, last)
    }
    return agencies | {
        number for number in ended if not agencies.isdisjoint(heir.id for heir in directory.heirs(number, on))
    }
