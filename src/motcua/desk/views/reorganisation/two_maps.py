"""Before and after: what the communes of a province are made of, on the map and as a list with the same figures."""

from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from motcua.desk.frame import show
from motcua.desk.gate import Seat
from motcua.desk.views.reorganisation.said import LEVELS
from motcua.reorganisation import api as reorganisation
from motcua.screens import maps, words
from motcua.screens.pages import address
from motcua.units import api as units


@dataclass(frozen=True, slots=True)
class Old:
    """An old unit that goes into a new one: its name and where it belonged, whole or in part, and into how many."""

    code: str
    name: str
    within: str
    whole: bool
    into: int
    note: str


@dataclass(frozen=True, slots=True)
class New:
    """A commune of the day, and what it is made of."""

    code: str
    name: str
    link: str
    olds: tuple[Old, ...]

    @property
    def parts(self) -> int:
        return sum(1 for old in self.olds if not old.whole)


@require_safe
def before_and_after(request: HttpRequest, seat: Seat, name: str) -> HttpResponse:
    """The communes of one province, shaded by how many old ones went into each; `?xa=` marks one."""
    plan = reorganisation.plan(name).row
    found = reorganisation.outline(name)
    province = _province(request, seat, found)
    marked = request.GET.get("xa", "")[:5]
    news = [_new(found, name, province, made) for made in found.made_in(province.id)] if province else []
    counted = {new.code: len(new.olds) for new in news}
    steps = tuple(sorted(maps.steps_of(list(counted.values()))))
    shades = {
        new.code: maps.Shade(
            maps.shade_of(len(new.olds), steps), _("gồm %(n)s đơn vị cũ") % {"n": len(new.olds)}, new.link
        )
        for new in news
    }
    drawn = maps.drawing(province.code) if province else None
    title = words.capital(province.at(found.on).full_name) if province else ""
    ends = [*(step - 1 for step in steps[1:]), max(counted.values(), default=0)][: len(steps)]
    context = {
        "plan": plan,
        "past": found.past,
        "levels": [(_(LEVELS[level]), found.units_before[level], found.units_after[level]) for level in LEVELS],
        "ending": found.ending,
        "beginning": found.beginning,
        "provinces": [(unit.code, words.capital(unit.at(found.on).full_name)) for unit in found.provinces],
        "province": province,
        "title": title,
        "from": _from(found, province) if province else [],
        "news": news,
        "split": sum(new.parts for new in news),
        "marked": next((new for new in news if new.code == marked), None),
        "map": maps.map_of(found.after, drawn, title, found.on, {marked}, shades),
        "undrawn": sum(1 for new in news if drawn and new.code not in {shape.code for shape in drawn.shapes}),
        "legend": [
            (maps.shade_of(step, steps), str(step) if step == end else f"{step}–{end}")
            for step, end in zip(steps, ends, strict=True)
        ],
    }
    return show(request, seat, "desk/reorganisation/two_maps.html", context, here="reorganisations")


def _province(request: HttpRequest, seat: Seat, found: reorganisation.Outline) -> units.Unit | None:
    """The province that is asked for; else that in which the seat lies on the day; else the first concerned."""
    asked = request.GET.get("tinh", "")[:2]
    chosen = next((unit for unit in found.provinces if unit.code == asked), None)
    if chosen is None:
        own = found.became(seat.agency.unit_id) if seat.agency.unit_id in _numbers(found) else ()
        mine = {found.after.province_of(candidate.unit.id, found.on).id for candidate in own}
        chosen = next((unit for unit in found.provinces if unit.id in mine), None)
    return chosen or next(iter(found.provinces), None)


def _numbers(found: reorganisation.Outline) -> frozenset[int]:
    return frozenset(unit.id for unit in found.after.units())


def _from(found: reorganisation.Outline, province: units.Unit) -> list[str]:
    """The old provinces from which the province is made."""
    hops = [hop for hop in found.after.predecessors(province.id) if hop.on == found.on]
    return [found.after.unit(hop.old_id).at(found.eve).full_name for hop in hops]


def _new(found: reorganisation.Outline, name: str, province: units.Unit, made: reorganisation.Made) -> New:
    eve, directory = found.on - timedelta(days=1), found.after
    olds = []
    for hop in made.origins:
        old = directory.unit(hop.old_id)
        above = old.at(eve).parent_id
        olds.append(
            Old(
                old.code,
                old.at(eve).full_name,
                directory.unit(above).at(eve).full_name if above is not None else "",
                hop.extent is units.Extent.WHOLE,
                len(found.became(old.id)),
                hop.note,
            )
        )
    link = address("reorganisation-map", name, tinh=province.code, xa=made.unit.code) + "#chon"
    return New(made.unit.code, made.unit.at(found.on).full_name, link, tuple(olds))
