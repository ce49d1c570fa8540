"""Maps of the country by provinces and of a province by communes, drawn here as SVG: names, links, no script needed."""

import json
from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path

from motcua.screens import topology
from motcua.screens.pages import address
from motcua.units import api as units

DATA = Path(__file__).parent / "data"
COUNTRY = "vn"
WIDE, HIGH, CORNER = 600, 640, 170
"""The paper in units of its own: a map at most so wide and high, and the square of what lies far out at sea."""
LINE = 34
"""The line below the map where the name of the area under the pointer or in focus stands."""
FAR_OUT = 0.25
"""An area goes into a square of its own if the map without it is smaller by this share."""
AROUND = 1.6
"""How far the map of a commune's neighbours reaches beyond it, in its own sizes."""

FAR_EAST = 110.2 * topology.MIDDLE
"""East of here there is no mainland: a province's rings there belong to one of the two archipelagos."""
ARCHIPELAGOS = {"48": "Hoàng Sa", "56": "Trường Sa"}
"""By code of the province that they belong to: their names always stand on the map of the country."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One area: its code, its borders as an SVG path, its middle, and how far it reaches."""

    code: str
    path: str
    x: int
    y: int
    size: int


@dataclass(frozen=True, slots=True)
class Name:
    """A name that always stands on the map, in the middle of (x, y); without a text, that of the unit `code`."""

    x: int
    y: int
    text: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A map without names of the day: those come from the directory. Corners are (x, y) of squares."""

    code: str
    wide: int
    high: int
    shapes: tuple[Shape, ...]
    names: tuple[Name, ...] = ()
    corners: tuple[tuple[int, int], ...] = ()

    @property
    def foot(self) -> int:
        """The height with the line for the name of the area under the pointer."""
        return self.high + LINE

    @property
    def line(self) -> int:
        """Where that name stands."""
        return self.foot - 8


SHADES = 5
"""How many shades a map of figures has, light to dark."""


@dataclass(frozen=True, slots=True)
class Shade:
    """What a map tells of one area: its figure in words, how dark it is, and where its name leads."""

    shade: int
    says: str
    link: str = ""


def steps_of(values: Collection[int]) -> tuple[int, ...]:
    """From which value on each shade begins: as many areas in each as can be, and the same value never in two."""
    ordered = sorted(value for value in values if value > 0)
    cuts = {ordered[len(ordered) * n // SHADES] for n in range(SHADES)} if ordered else set()
    return tuple(sorted(cuts))


def shade_of(value: int, steps: Sequence[int]) -> int:
    """The shade of a value; 0 for nothing. With fewer steps than shades, the darkest ones are used."""
    reached = sum(1 for step in steps if step <= value)
    return reached and reached + SHADES - len(steps)


SMALL = 28
"""An area smaller than this, when marked, gets a ring around it."""


@dataclass(frozen=True, slots=True)
class Spot:
    """An area as the page shows it."""

    shape: Shape
    name: str
    link: str
    here: bool
    shade: int = 0  # 1 to SHADES: how much of what the map tells; 0 where it tells nothing
    says: str = ""  # the figure, beside the name

    @property
    def ringed(self) -> bool:
        return self.here and self.shape.size < SMALL


@dataclass(frozen=True, slots=True)
class Map:
    """A drawing with the names and links of a day."""

    drawing: Drawing
    title: str
    spots: tuple[Spot, ...]
    names: tuple[Name, ...]

    @property
    def named(self) -> bool:
        """Whether the title is the name of a unit, which is Vietnamese on every page."""
        return self.drawing.code.isdecimal() and len(self.drawing.code) == 2  # a province's


@lru_cache(maxsize=2)
def borders(name: str) -> topology.Borders:
    return topology.decode(json.loads((DATA / f"{name}.topojson").read_bytes()))


@lru_cache(maxsize=40)  # the country and its provinces
def drawing(code: str) -> Drawing | None:
    """The country, or the province with this code; None if nobody drew it."""
    if code == COUNTRY:
        return country()
    areas = [area for area in borders("communes").areas if area.properties["p"] == code]
    return province(code, areas) if areas else None


def shape_of(grid: topology.Grid, known: topology.Borders, area: topology.Area) -> Shape:
    west, north, east, south = topology.box_of(known, area.rings)
    (left, top), (right, bottom) = grid.at((west, north)), grid.at((east, south))
    size = max(right - left, bottom - top)
    return Shape(area.properties["code"], grid.path(area.rings), (left + right) // 2, (top + bottom) // 2, size)


def country() -> Drawing:
    known = borders("provinces")
    grid = topology.Grid(known, topology.box_of(known, (r for a in known.areas for r in a.rings)), wide=760, high=860)
    names = []
    for area in known.areas:
        if text := ARCHIPELAGOS.get(area.properties["code"]):
            rings = [ring for ring in area.rings if topology.box_of(known, [ring])[0] > FAR_EAST]
            west, north, east, _south = topology.box_of(known, rings)
            x, y = grid.at(((west + east) / 2, north))
            names.append(Name(x, y - 12, text))
    shapes = tuple(shape_of(grid, known, area) for area in known.areas)
    return Drawing(COUNTRY, round(grid.wide), round(grid.high), shapes, tuple(names))


def far_out(known: topology.Borders, areas: list[topology.Area]) -> list[topology.Area]:
    """The islands that would make everything else small, farthest first."""
    near, far = list(areas), []
    boxes = {id(area): topology.box_of(known, area.rings) for area in areas}
    while len(near) > 2:
        whole = size_of([boxes[id(area)] for area in near])
        shares = [
            (1 - size_of([boxes[id(a)] for a in near if a is not area]) / whole, n) for n, area in enumerate(near)
        ]
        share, n = max(shares)
        if share < FAR_OUT:
            break
        far.append(near.pop(n))
    return far


def size_of(boxes: list[topology.Box]) -> float:
    west, north = min(box[0] for box in boxes), min(box[1] for box in boxes)
    return (max(box[2] for box in boxes) - west) * (max(box[3] for box in boxes) - north)


def province(code: str, areas: list[topology.Area]) -> Drawing:
    known = borders("communes")
    far = far_out(known, areas)
    near = [area for area in areas if area not in far]
    box = topology.box_of(known, (ring for area in near for ring in area.rings))
    grid = topology.Grid(known, box, wide=WIDE, high=HIGH)
    wide, high = round(grid.wide), round(grid.high)
    grid = topology.Grid(known, box, wide=wide, high=high)
    shapes = [shape_of(grid, known, area) for area in near]
    names, corners = [], []
    for n, area in enumerate(far):
        left, top = wide + 16, n * (CORNER + 12) + max(0, high - len(far) * (CORNER + 12)) // 2
        own = topology.Grid(
            known,
            topology.box_of(known, area.rings),
            wide=CORNER - 24,
            high=CORNER - 46,
            left=left + 12,
            top=top + 36,
        )
        shapes.append(shape_of(own, known, area))
        names.append(Name(left + CORNER // 2, top + 26, code=area.properties["code"]))
        corners.append((left, top))
    if far:
        wide, high = wide + CORNER + 18, max(high, len(far) * (CORNER + 12))
    return Drawing(code, wide, high, tuple(shapes), tuple(names), tuple(corners))


@lru_cache(maxsize=200)
def neighbours(code: str) -> Drawing | None:
    """A commune with what lies around it, also across the border of the province; None if nobody drew it."""
    known = borders("communes")
    own = next((area for area in known.areas if area.properties["code"] == code), None)
    if own is None:
        return None
    west, north, east, south = topology.box_of(known, own.rings)
    reach = AROUND * max(east - west, south - north)
    x, y = (west + east) / 2, (north + south) / 2
    window = (x - reach, y - reach, x + reach, y + reach)
    grid = topology.Grid(known, window, wide=WIDE, high=WIDE)
    shapes = [
        shape_of(grid, known, area)
        for area, box in boxed()
        if box[0] < window[2] and box[2] > window[0] and box[1] < window[3] and box[3] > window[1]
    ]
    return Drawing(code, WIDE, WIDE, tuple(shapes))


@lru_cache(maxsize=1)
def boxed() -> tuple[tuple[topology.Area, topology.Box], ...]:
    known = borders("communes")
    return tuple((area, topology.box_of(known, area.rings)) for area in known.areas)


def map_of(
    directory: units.Directory,
    drawn: Drawing | None,
    title: str,
    on: date,
    here: Container[str] = frozenset(),
    shades: Mapping[str, Shade] | None = None,
) -> Map | None:
    """The map with the names of that day; `here` holds the codes of the areas to mark, `shades` a figure by code."""
    if drawn is None:
        return None
    found = {shape.code: directory.find_unit(shape.code, on) for shape in drawn.shapes}
    spots = []
    for shape in drawn.shapes:
        unit, told = found[shape.code], (shades or {}).get(shape.code)
        name = unit.at(on).full_name if unit else shape.code
        link = address("unit", unit.code) if unit else ""
        spots.append(
            Spot(shape, name, told.link or link, shape.code in here, told.shade, told.says)
            if told
            else Spot(shape, name, link if shades is None else "", shape.code in here)
        )
    spots.sort(key=lambda spot: spot.here)  # last, so that its border lies above those of its neighbours
    names = [replace(name, text=unit.at(on).name) if (unit := found.get(name.code)) else name for name in drawn.names]
    return Map(drawn, title, tuple(spots), tuple(names))
