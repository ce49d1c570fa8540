"""Into which part of a split unit an address belongs: by hamlet, street and number, coordinates or former unit.

Where nothing decides, or where two answers contradict each other, there is no answer: a person decides then.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from motcua.kernel.text import fold
from motcua.reorganisation.rules.plan import Decider, Origin, PartRule

Point = tuple[float, float]  # longitude, latitude
Part = tuple[str, Origin]  # code of the new unit, and what of the old one goes there

# Not "12/5 ...": an alley may lead anywhere, whatever the number at its mouth.
_NUMBER = re.compile(r"(?:so(?: nha)? )?(\d+)[a-z]?(?: (.+))?")
_POSITION = re.compile(r"(?<![\d.])(\d{1,3}\.\d{2,})[,; ]+(\d{1,3}\.\d{2,})(?![\d.])")
_WAYS = ("duong ", "pho ")
_HAMLETS = {"tdp": "to dan pho", "kp": "khu pho"}


@dataclass(frozen=True, slots=True)
class Place:
    """What an address says: hamlets or other parts by name, and numbers in streets."""

    names: frozenset[str]
    doors: frozenset[tuple[str, int]]
    streets: frozenset[str]


def parse(address: str) -> Place:
    """What of an address can decide: its parts between commas, without marks, and "12 Lê Lợi" as street and number."""
    parts = [_whole(part) for part in re.split(r"[,;\n]| - ", fold(address)) if part.strip()]
    names, doors, streets = set(parts), set(), set()
    waiting: int | None = None
    for part in parts:
        found = _NUMBER.fullmatch(part)
        if found and found[2]:
            doors.add((_street(found[2]), int(found[1])))
            streets.add(_street(found[2]))
            waiting = None
        elif found:
            waiting = int(found[1])
        else:
            streets.add(_street(part))
            if waiting is not None:
                doors.add((_street(part), waiting))
                waiting = None
    return Place(frozenset(names), frozenset(doors), frozenset(streets))


def point_of(address: str) -> Point | None:
    """The position written in an address, as "10.05, 106.05" or "106.05 10.05"; the larger is the longitude here."""
    found = {(float(a), float(b)) for a, b in _POSITION.findall(address)}
    found = {(max(pair), min(pair)) for pair in found if 102 <= max(pair) <= 118 and 6 <= min(pair) <= 24}
    return found.pop() if len(found) == 1 else None


def _whole(part: str) -> str:
    head, _, rest = part.strip(" .").partition(" ")
    return f"{_HAMLETS[head.strip('.')]} {rest}" if head.strip(".") in _HAMLETS else part.strip(" .")


def _street(words: str) -> str:
    return next((words.removeprefix(way) for way in _WAYS if words.startswith(way)), words)


def parts_of(
    parts: Iterable[Part], address: str = "", point: Point | None = None, former: Collection[str] = ()
) -> dict[str, PartRule]:
    """Every new unit to which some rule points, by its code, with that rule."""
    place = parse(address)
    return {code: rule for code, origin in parts for rule in origin.rules if _fits(rule, place, point, former)}


def _fits(rule: PartRule, place: Place, point: Point | None, former: Collection[str]) -> bool:
    if rule.by == Decider.HAMLET:
        return _whole(fold(rule.words)) in place.names
    if rule.by == Decider.FORMER:
        return rule.words in former
    if rule.by == Decider.POINT:
        return point is not None and inside(rule.ring, point)
    street = _street(fold(rule.words))
    if rule.first is None and rule.last is None and rule.parity is None:
        return street in place.streets
    return any(street == name and holds(rule, number) for name, number in place.doors)


def holds(rule: PartRule, number: int) -> bool:
    """Is the house number in the rule's range, and on its side of the street?"""
    return (
        (rule.first is None or rule.first <= number)
        and (rule.last is None or number <= rule.last)
        and (rule.parity is None or number % 2 == rule.parity)
    )


def inside(ring: tuple[Point, ...], point: Point) -> bool:
    """Is the point within the ring? Not when it lies on the border itself: that is for a person."""
    x, y = point
    within = False
    for (x1, y1), (x2, y2) in edges(ring):
        if (
            _turn((x1, y1), (x2, y2), point) == 0
            and min(x1, x2) <= x <= max(x1, x2)
            and min(y1, y2) <= y <= max(y1, y2)
        ):
            return False
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            within = not within
    return within


def edges(ring: tuple[Point, ...]) -> Iterator[tuple[Point, Point]]:
    """The sides of a ring; the last corner is joined to the first."""
    yield from zip(ring, (*ring[1:], ring[0]), strict=True) if ring else ()


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def clash(one: PartRule, other: PartRule) -> bool:
    """Can somebody fit both rules, of two different parts?"""
    if one.by != other.by:
        return False  # a hamlet and a street may cross; whoever fits both is left to a person
    if one.by == Decider.POINT:
        return _overlap(one.ring, other.ring)
    if one.by == Decider.HAMLET:
        return _whole(fold(one.words)) == _whole(fold(other.words))
    if one.by == Decider.FORMER:
        return one.words == other.words
    if _street(fold(one.words)) != _street(fold(other.words)):
        return False
    low = max(one.first or 0, other.first or 0)
    ends = [last for last in (one.last, other.last) if last is not None]
    high = min(ends) if ends else low + 1
    # Two numbers in a row have both parities.
    return any(holds(one, number) and holds(other, number) for number in (low, low + 1) if number <= high)


def _overlap(one: tuple[Point, ...], other: tuple[Point, ...]) -> bool:
    if any(_cross(a, b, c, d) for a, b in edges(one) for c, d in edges(other)):
        return True
    return any(inside(ring, point) for ring, points in ((one, other), (other, one)) for point in _within(points))


def _within(ring: tuple[Point, ...]) -> Iterator[Point]:
    """Its corners, the middles of its sides, and the middle of all: one of them is inside wherever two overlap."""
    yield from ring
    yield from (((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in edges(ring))
    if ring:
        yield sum(x for x, _ in ring) / len(ring), sum(y for _, y in ring) / len(ring)


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    return _turn(a, b, c) * _turn(a, b, d) < 0 and _turn(c, d, a) * _turn(c, d, b) < 0
