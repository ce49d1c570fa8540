"""Reads borders in TopoJSON and draws them on a grid: pure, no Django, no files.

Borders are kept as arcs that neighbours share. They are put on the grid before areas are made of them, so that what is
left out to save weight is left out on both sides, and no gap opens between two neighbours.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import cos, radians
from typing import Any

MIDDLE = cos(radians(16.0))
"""How much shorter a degree of longitude is than one of latitude, in the middle of the country."""

Place = tuple[float, float]  # east and south, in degrees of latitude
Ring = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Area:
    """One geometry: its properties, and its rings as numbers of arcs (~n is arc n backwards)."""

    properties: Mapping[str, Any]
    rings: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Borders:
    """A whole file, decoded."""

    arcs: Sequence[Sequence[Place]]
    areas: tuple[Area, ...]


def decode(topology: Mapping[str, Any]) -> Borders:
    """The arcs as places and the areas of the only layer. Raises ValueError for what isn't such a file."""
    if topology.get("type") != "Topology" or len(topology["objects"]) != 1:
        raise ValueError("not a topology of one layer")
    (east, north), (west, south) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        places = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            places.append(((west + x * east) * MIDDLE, -(south + y * north)))
        arcs.append(places)
    (layer,) = topology["objects"].values()
    return Borders(arcs, tuple(Area(shape.get("properties", {}), _rings(shape)) for shape in layer["geometries"]))


def _rings(shape: Mapping[str, Any]) -> tuple[tuple[int, ...], ...]:
    kinds = {"Polygon": [shape.get("arcs", [])], "MultiPolygon": shape.get("arcs", [])}
    if shape["type"] not in kinds:
        raise ValueError(f"not an area: {shape['type']}")
    return tuple(tuple(ring) for polygon in kinds[shape["type"]] for ring in polygon)


Box = tuple[float, float, float, float]  # west, north, east, south


def box_of(borders: Borders, rings: Iterable[Sequence[int]]) -> Box:
    """The least box around these rings."""
    places = [place for ring in rings for arc in ring for place in borders.arcs[arc if arc >= 0 else ~arc]]
    return (
        min(x for x, _ in places),
        min(y for _, y in places),
        max(x for x, _ in places),
        max(y for _, y in places),
    )


class Grid:
    """Whole numbers for places: `box` fills `wide` by `high` at (left, top), in proportion and in the middle."""

    def __init__(
        self, borders: Borders, box: Box, *, wide: float, high: float, left: float = 0, top: float = 0
    ) -> None:
        self._borders = borders
        self._known: dict[int, Ring] = {}
        self._west, self._north = box[0], box[1]
        across, down = max(box[2] - box[0], 1e-9), max(box[3] - box[1], 1e-9)
        self.scale = min(wide / across, high / down)
        self.wide, self.high = across * self.scale, down * self.scale
        self._left, self._top = left + (wide - self.wide) / 2, top + (high - self.high) / 2

    def at(self, place: Place) -> tuple[int, int]:
        return (
            round((place[0] - self._west) * self.scale + self._left),
            round((place[1] - self._north) * self.scale + self._top),
        )

    def _arc(self, number: int) -> Ring:
        known = self._known.get(number)
        if known is None:
            known = self._known[number] = thinned([self.at(place) for place in self._borders.arcs[number]])
        return known

    def ring(self, arcs: Sequence[int]) -> Ring:
        """The corners of a ring, the first not repeated."""
        corners: Ring = []
        for number in arcs:
            arc = self._arc(number) if number >= 0 else self._arc(~number)[::-1]
            corners += arc if not corners or arc[0] != corners[-1] else arc[1:]
        return corners[:-1] if len(corners) > 1 and corners[0] == corners[-1] else corners

    def path(self, rings: Iterable[Sequence[int]]) -> str:
        """The rings as an SVG path. An island too small for the grid stays as a speck."""
        return "".join(drawn(self.ring(ring)) for ring in rings)


def thinned(points: Iterable[tuple[int, int]]) -> Ring:
    """Without points that fell together and without those in the middle of a straight line; the ends stay."""
    kept: Ring = []
    for point in points:
        if kept and kept[-1] == point:
            continue
        if len(kept) > 1:
            (ax, ay), (bx, by) = kept[-2], kept[-1]
            ahead = (bx - ax) * (point[0] - bx) + (by - ay) * (point[1] - by) > 0
            if ahead and (bx - ax) * (point[1] - by) == (by - ay) * (point[0] - bx):
                kept.pop()
        kept.append(point)
    return kept


def drawn(corners: Ring) -> str:
    """M and then the way from corner to corner, closed."""
    if len(corners) < 3:
        x, y = corners[0]
        return f"M{x} {y}h1v1z"
    (x, y), *others = corners
    steps = []
    for other in others:
        dx, dy = other[0] - x, other[1] - y
        steps.append(f"{dx}{'' if dy < 0 else ' '}{dy}")
        x, y = other
    joined = steps[0] + "".join(step if step[0] == "-" else f" {step}" for step in steps[1:])
    return f"M{corners[0][0]} {corners[0][1]}l{joined}z"
