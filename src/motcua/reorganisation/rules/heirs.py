"""Who inherits what of an agency that ends: one agency with its legal ground, or all candidates and why none of them.

The plan's lines on inheritance decide, the nearest first: for the agency by its identifier, for its kind at its level,
for its kind, for the level, for all. A split unit is decided by the plan's rules on the address. Where nothing
decides, a person does.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from motcua.reorganisation.rules.plan import Formation, Inherited, Origin, Plan, Takeover, Way
from motcua.reorganisation.rules.residence import Part, Point, parts_of, point_of
from motcua.units.rules.directory import Directory
from motcua.units.rules.values import Agency, AgencyKind, Level, Unit


@dataclass(frozen=True, slots=True)
class Decided:
    """The heir, and the words of law for it."""

    agency_id: int
    ground: str


@dataclass(frozen=True, slots=True)
class Undecided:
    """No rule decides: every agency that it could be, and why none was chosen."""

    candidates: tuple[int, ...]
    why: str


Heir = Decided | Undecided

_Key = tuple[str, AgencyKind | None, Level | None]


@dataclass(frozen=True, slots=True)
class Estate:
    """What ends with a plan and who takes it. Made by `estate`; asks are answered from memory."""

    on: date
    before: Directory
    after: Directory
    ending: frozenset[int]  # agencies
    _lines: dict[tuple[Inherited, _Key], Takeover]
    _parts: dict[int, tuple[Part, ...]]  # of each split unit
    _new: dict[str, int]  # new units by level and code
    _went: dict[int, tuple[Unit, ...]] = field(default_factory=dict)
    _known: dict[tuple[int, int | None, Inherited], tuple[tuple[Unit, ...], int]] = field(default_factory=dict)

    @property
    def eve(self) -> date:
        """The last day of the agencies that end."""
        return self.on - timedelta(days=1)

    def heir(
        self,
        agency_id: int,
        area_id: int | None = None,
        address: str = "",
        point: Point | None = None,
        what: Inherited = Inherited.POWERS,
    ) -> Heir:
        """Who takes this of the agency over, for somebody of that area, address or position."""
        if agency_id not in self.ending:
            return Decided(agency_id, "Cơ quan tiếp tục hoạt động")
        agency = self.before.agency(agency_id)
        line = self.line(agency, what)
        if line is None:
            return Undecided(self.candidates(agency_id, what), "Kế hoạch không có dòng kế thừa cho cơ quan này")
        if line.way == Way.PERSON:
            return Undecided(self.candidates(agency_id, what), f"Kế hoạch để người quyết định ({line.source})")
        if line.way == Way.NAMED:
            named = self.after.find_agency(line.to, self.on)
            if named is None:
                return Undecided(self.candidates(agency_id, what), f"Không có cơ quan mang mã {line.to}")
            return Decided(named.id, line.source)
        units, split = self._units(agency, area_id, what, line.way)
        ground = line.source
        if len(units) > 1 and split:
            former = tuple(unit.code for unit in self._chain(area_id, split))
            found = parts_of(self._parts.get(split, ()), address, point or point_of(address), former)
            if len(found) == 1:
                [(code, rule)] = found.items()
                units = (self.after.unit(self._new[code]),)
                ground = f"{ground}; kế hoạch {self.on.isoformat()}, dòng {rule.line}"
            else:
                why = "Hai quy tắc chia cùng khớp" if found else "Không quy tắc chia nào quyết định địa chỉ này"
                return Undecided(self._offices(units, agency, what), why)
        if len(units) != 1:
            why = "Địa bàn của hồ sơ không xác định được nơi kế thừa" if units else "Không đơn vị nào kế thừa"
            return Undecided(self._offices(units, agency, what) or self.candidates(agency_id, what), why)
        office = self.office(units[0], agency, what)
        if office is None:
            return Undecided((), f"{units[0].at(self.on).full_name} không có cơ quan nhận")
        return Decided(office.id, ground)

    def by_address(self, agency_id: int, area_id: int | None, what: Inherited = Inherited.POWERS) -> bool:
        """Does the answer hang on the address? If not, one answer holds for all of this agency and area."""
        if agency_id not in self.ending:
            return False
        agency = self.before.agency(agency_id)
        line = self.line(agency, what)
        if line is None or line.way not in (Way.RESIDENCE, Way.SAME_OFFICE):
            return False
        units, split = self._units(agency, area_id, what, line.way)
        return len(units) > 1 and any(origin.rules for _, origin in self._parts.get(split, ()))

    def line(self, agency: Agency, what: Inherited) -> Takeover | None:
        """The line of the plan that decides for this agency."""
        level = self.before.unit(agency.unit_id).level
        return next((found for key in _keys(agency, level) if (found := self._lines.get((what, key)))), None)

    def candidates(self, agency_id: int, what: Inherited = Inherited.POWERS) -> tuple[int, ...]:
        """Every agency that could take this over, whatever a line says."""
        agency = self.before.agency(agency_id)
        if line := self.line(agency, what):
            named = self.after.find_agency(line.to, self.on) if line.way == Way.NAMED else None
            if named:
                return (named.id,)
        return self._offices(self._became(agency.unit_id), agency, what)

    def office(self, unit: Unit, agency: Agency, what: Inherited) -> Agency | None:
        """Which agency of the new unit takes it: what was received goes to the centre, where there is one; the rest
        to the same kind (and ministry), and to the committee where that kind no longer exists."""
        after, on = self.after, self.on
        if what == Inherited.RECEPTION and agency.kind in (AgencyKind.PEOPLES_COMMITTEE, AgencyKind.SERVICE_CENTRE):
            centre = after.agency_of(unit.id, AgencyKind.SERVICE_CENTRE, on)
            return centre or after.agency_of(unit.id, AgencyKind.PEOPLES_COMMITTEE, on)
        same = after.agency_of(unit.id, agency.kind, on, agency.ministry)
        return same or after.agency_of(unit.id, AgencyKind.PEOPLES_COMMITTEE, on)

    def _offices(self, units: tuple[Unit, ...], agency: Agency, what: Inherited) -> tuple[int, ...]:
        return tuple(office.id for unit in units if (office := self.office(unit, agency, what)))

    def _units(self, agency: Agency, area_id: int | None, what: Inherited, way: Way) -> tuple[tuple[Unit, ...], int]:
        """The new units that it may be, and the split unit whose parts they are (0 if the address can't decide)."""
        key = (agency.id, area_id, what)
        if key not in self._known:
            self._known[key] = self._find_units(agency, area_id, way)
        return self._known[key]

    def _find_units(self, agency: Agency, area_id: int | None, way: Way) -> tuple[tuple[Unit, ...], int]:
        own = agency.unit_id
        if way == Way.RESIDENCE:
            if area_id is None or self.before.unit(area_id).level != Level.COMMUNE:
                return self._became(own), 0
            place = area_id
        else:
            place = own
        before = self.before.became(place, self.eve)
        found = self._became(place)
        if len(before) != 1:
            return found, 0
        now = before[0].unit.id
        if way == Way.SAME_OFFICE and area_id is not None and area_id != own:
            # The address decides only for those who live in the split unit itself.
            lives = self.before.became(area_id, self.eve)
            if len(lives) != 1 or lives[0].unit.id != now:
                return found, 0
        return found, now

    def _became(self, unit_id: int) -> tuple[Unit, ...]:
        if unit_id not in self._went:
            self._went[unit_id] = tuple(c.unit for c in self.after.became(unit_id, self.on))
        return self._went[unit_id]

    def _chain(self, area_id: int | None, split: int) -> Iterator[Unit]:
        """The closed unit in which somebody was registered, and those that it became before the split one."""
        waiting = [area_id] if area_id is not None and area_id != split else []
        while waiting:
            unit_id = waiting.pop()
            yield self.before.unit(unit_id)
            waiting += [s.new_id for s in self.before.successors(unit_id) if s.on <= self.eve and s.new_id != split]


def estate(plan: Plan, before: Directory, after: Directory) -> Estate:
    """What the plan does to agencies: `before` as known on the eve, `after` as known once it is carried out."""
    on = plan.on
    eve = on - timedelta(days=1)
    goes_on = {agency.id for agency in after.agencies() if agency.in_force(on)}
    ending = frozenset(a.id for a in before.agencies() if a.in_force(eve) and a.id not in goes_on)
    new = {f.code: unit.id for f in plan.formations if (unit := after.find_unit(f.code, on, f.level))}
    return Estate(
        on,
        before,
        after,
        ending,
        {(t.what, _key(t)): t for t in reversed(plan.takeovers)},
        _parts(plan.formations, before, eve),
        new,
    )


def _parts(formations: tuple[Formation, ...], before: Directory, eve: date) -> dict[int, tuple[Part, ...]]:
    found: dict[int, list[tuple[str, Origin]]] = defaultdict(list)
    for formation in formations:
        for origin in formation.origins:
            if unit := before.find_unit(origin.code, eve, origin.level):
                found[unit.id].append((formation.code, origin))
    return {key: tuple(parts) for key, parts in found.items() if len(parts) > 1}


def _key(line: Takeover) -> _Key:
    return line.org, line.kind, line.level


def _keys(agency: Agency, level: Level) -> Iterator[_Key]:
    """By what a line may name an agency, the nearest first."""
    yield from ((found.code, None, None) for found in agency.identifiers if found.code)
    yield "", agency.kind, level
    yield "", agency.kind, None
    yield "", None, level
    yield "", None, None
