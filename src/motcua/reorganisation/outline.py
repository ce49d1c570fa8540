"""A plan as a reader looks at it: the country before and after it, and what of a province becomes what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from motcua.reorganisation import drawing, queries
from motcua.units import api as units


@dataclass(frozen=True, slots=True)
class Made:
    """A unit that begins, and of what: whole old units and parts of split ones."""

    unit: units.Unit
    origins: tuple[units.Succession, ...]

    @property
    def merged(self) -> int:
        """How many old units went in."""
        return len(self.origins)


@dataclass(frozen=True, slots=True)
class Outline:
    """The directory on the eve and on the day, with how many units and offices end and begin.

    `past`: the directory in force has gone through it already, so that this only tells what was.
    """

    on: date
    past: bool
    before: units.Directory
    after: units.Directory
    units_before: Mapping[units.Level, int]
    units_after: Mapping[units.Level, int]
    ending: int
    beginning: int
    provinces: tuple[units.Unit, ...]
    committees: frozenset[int]  # of the provinces concerned, as they were and as they will be

    @property
    def eve(self) -> date:
        return self.on - timedelta(days=1)

    def made_in(self, province: int) -> tuple[Made, ...]:
        """The communes of a province on the day that are made of others, by code."""
        return tuple(
            Made(unit, found)
            for unit in self.after.communes_of(province, self.on)
            if (found := tuple(hop for hop in self.after.predecessors(unit.id) if hop.on == self.on))
        )

    def became(self, unit_id: int) -> tuple[units.Candidate, ...]:
        """Where the area of an old unit is on the day: all candidates."""
        return self.after.became(unit_id, self.on)


def outline(name: str) -> Outline:
    """What a registered plan changes. The first look at a plan of the whole country takes some seconds."""
    drawn = drawing.draw(queries.plan(name).text)

    def counted(directory: units.Directory, on: date) -> Mapping[units.Level, int]:
        found = dict.fromkeys(units.Level, 0)
        for unit in directory.units():
            found[unit.level] += unit.in_force(on)
        return found

    return Outline(
        on=drawn.on,
        past=drawn.past,
        before=drawn.before,
        after=drawn.after,
        units_before=counted(drawn.before, drawn.eve),
        units_after=counted(drawn.after, drawn.on),
        ending=len(drawn.ending),
        beginning=len(drawn.change.agencies),
        provinces=tuple(unit for unit in drawn.after.provinces(drawn.on) if unit.id in drawn.made),
        committees=drawn.committees,
    )
