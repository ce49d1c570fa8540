"""The whole country with all its history as one immutable value.

Look-ups by code are a dict and a scan of the code's few holders: well under 2 µs.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter
from sys import intern
from typing import Any

from motcua.kernel.calendar import OFFICE_HOURS, Sessions
from motcua.kernel.errors import NotFound
from motcua.units.rules.values import (
    Agency,
    AgencyKind,
    Candidate,
    Extent,
    Identifier,
    Level,
    Scheme,
    Succession,
    Unit,
    UnitPeriod,
)

Held = tuple[date, date, Any]  # first day, last day, and what holds the code or the place


@dataclass(frozen=True, slots=True)
class Rows:
    """The directory as plain rows, in the order of these fields. `digest` and `build` read nothing else."""

    units: Sequence[tuple[int, str]]  # id, level
    periods: Sequence[tuple[int, date | None, date | None, str, str, str, int | None, str]]
    # unit_id, valid_from, valid_to, name, type, name_en, parent_id, source
    agencies: Sequence[tuple[int, str, int, str, str, int | None, date | None, date | None, Sessions | None]]
    # id, kind, unit_id, ministry, title, parent_id, valid_from, valid_to, sessions
    identifiers: Sequence[tuple[str, str, date | None, date | None, int | None, int | None, bool, str]]
    # scheme, code, valid_from, valid_to, unit_id, agency_id, made, source
    successions: Sequence[tuple[int, int, str, str, date]]
    # old_id, new_id, extent, note, on
    sessions: Sequence[tuple[int, date, Sessions]] = ()
    # agency_id, valid_from, sessions
    heirs: Sequence[tuple[int, int, str, date]] = ()
    # two agencies, the old one and its heir; source, on

    def tables(self) -> Iterator[tuple[str, Sequence[tuple[Any, ...]]]]:
        yield "units", self.units
        yield "periods", self.periods
        yield "agencies", self.agencies
        yield "identifiers", self.identifiers
        yield "successions", self.successions
        if self.sessions:
            yield "sessions", self.sessions
        if self.heirs:
            yield "heirs", self.heirs


def digest(rows: Rows) -> str:
    """SHA-256 over all rows, whatever their order."""
    whole = hashlib.sha256()
    for name, table in rows.tables():
        whole.update(f"{name} {len(table)}\n".encode())
        whole.update("\n".join(sorted(map(repr, table))).encode())
    return whole.hexdigest()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Directory:
    """One generation of the directory. Immutable: keep it as long as one answer must agree with itself."""

    number: int
    _units: Mapping[int, Unit]
    _agencies: Mapping[int, Agency]
    _areas: Mapping[str, tuple[Held, ...]]
    _orgs: Mapping[str, tuple[Held, ...]]
    _at_unit: Mapping[int, tuple[Agency, ...]]
    _under: Mapping[int, tuple[Agency, ...]]
    _children: Mapping[int, tuple[Held, ...]]
    _successors: Mapping[int, tuple[Succession, ...]]
    _predecessors: Mapping[int, tuple[Succession, ...]]
    _provinces: tuple[Unit, ...]
    _named_heirs: Mapping[int, tuple[tuple[int, date], ...]]

    def unit(self, unit_id: int) -> Unit:
        try:
            return self._units[unit_id]
        except KeyError:
            raise NotFound("unit-unknown", f"Không có đơn vị số {unit_id}.") from None

    def agency(self, agency_id: int) -> Agency:
        try:
            return self._agencies[agency_id]
        except KeyError:
            raise NotFound("agency-unknown", f"Không có cơ quan số {agency_id}.") from None

    def units(self) -> Iterable[Unit]:
        """All units of all times."""
        return self._units.values()

    def agencies(self) -> Iterable[Agency]:
        """All agencies of all times."""
        return self._agencies.values()

    def area_codes(self) -> Iterable[str]:
        """Every area code that was ever held."""
        return self._areas.keys()

    def find_unit(self, code: str, on: date, level: Level | None = None) -> Unit | None:
        """The unit that held this area code (mã đơn vị hành chính) on that day."""
        for first, last, unit in self._areas.get(code, ()):
            if first <= on <= last and (level is None or unit.level == level):
                return unit  # type: ignore[no-any-return]
        return None

    def find_agency(self, code: str, on: date) -> Agency | None:
        """The agency that held this identifier on that day, in the form of QĐ 20/2020 or of QCVN 102."""
        for first, last, agency in self._orgs.get(code, ()):
            if first <= on <= last:
                return agency  # type: ignore[no-any-return]
        return None

    def unit_holders(self, code: str) -> tuple[tuple[date, date, Unit], ...]:
        """Every unit that ever held this area code, oldest first, with first and last day (date.min/max if open)."""
        return self._areas.get(code, ())

    def agency_holders(self, code: str) -> tuple[tuple[date, date, Agency], ...]:
        """Every agency that ever held this identifier, oldest first."""
        return self._orgs.get(code, ())

    def agencies_of(self, unit_id: int, on: date) -> tuple[Agency, ...]:
        """The agencies of a unit on that day: committee, centre, council, departments."""
        return tuple(a for a in self._at_unit.get(unit_id, ()) if a.in_force(on))

    def agency_of(self, unit_id: int, kind: AgencyKind, on: date, ministry: str = "") -> Agency | None:
        """The one agency of this kind (and ministry, for departments) of a unit on that day."""
        for agency in self._at_unit.get(unit_id, ()):
            if agency.kind == kind and agency.ministry == ministry and agency.in_force(on):
                return agency
        return None

    def agencies_under(self, agency_id: int, on: date) -> frozenset[int]:
        """The numbers of all agencies under this one on that day, at any depth."""
        found: set[int] = set()
        waiting = [agency_id]
        while waiting:
            below = [a.id for a in self._under.get(waiting.pop(), ()) if a.in_force(on)]
            found.update(below)
            waiting.extend(below)
        return frozenset(found)

    def province_of(self, unit_id: int, on: date) -> Unit:
        """The province to which a unit belongs on that day (for a closed unit: belonged at its end)."""
        unit = self.unit(unit_id)
        while (parent := unit.at(on).parent_id) is not None:
            unit = self._units[parent]
        return unit

    def children_of(self, unit_id: int, on: date) -> tuple[Unit, ...]:
        """The units right below this one on that day, by code."""
        return tuple(u for first, last, u in self._children.get(unit_id, ()) if first <= on <= last)

    def communes_of(self, province_id: int, on: date) -> tuple[Unit, ...]:
        """All communes, wards and special zones of a province on that day, by code."""
        found = []
        for child in self.children_of(province_id, on):
            if child.level == Level.COMMUNE:
                found.append(child)
            else:
                found.extend(self.children_of(child.id, on))
        return tuple(sorted(found, key=lambda u: u.code))

    def provinces(self, on: date) -> tuple[Unit, ...]:
        """The provinces and centrally-run cities in force on that day, by code."""
        return tuple(u for u in self._provinces if u.in_force(on))

    def predecessors(self, unit_id: int) -> tuple[Succession, ...]:
        """From what this unit was made, by the old unit's code."""
        return self._predecessors.get(unit_id, ())

    def successors(self, unit_id: int) -> tuple[Succession, ...]:
        """Into what this unit went, by the new unit's code."""
        return self._successors.get(unit_id, ())

    def became(self, unit_id: int, on: date) -> tuple[Candidate, ...]:
        """Where the area of a unit is on that day, through all successions: every candidate, never a guess.

        A unit still in force is its own answer. An abolished district, for which the law names no successor of
        the whole, is followed through the communes that it had. More than one candidate: the address decides.
        """
        unit = self.unit(unit_id)
        if unit.in_force(on):
            return (Candidate(unit, Extent.WHOLE, ()),)
        hops: list[tuple[int, Extent, tuple[str, ...]]] = [
            (s.new_id, s.extent, (s.note,) if s.note else ()) for s in self.successors(unit_id) if s.on <= on
        ]
        if (
            unit.valid_to is not None
            and unit.valid_to < on
            and not any(extent == Extent.WHOLE for _, extent, _ in hops)
        ):
            below = self.children_of(unit_id, unit.valid_to)
            hops += [(s.new_id, s.extent, ()) for child in below for s in self.successors(child.id)]
            hops += [(child.id, Extent.WHOLE, ()) for child in below if child.in_force(on)]
        found: dict[int, Candidate] = {}
        for new_id, extent, notes in hops:
            for further in self.became(new_id, on):
                both = Extent.WHOLE if extent == further.extent == Extent.WHOLE else Extent.PART
                known = found.get(further.unit.id)
                if known is None or known.extent == Extent.PART:
                    words = dict.fromkeys((*(known.notes if known else ()), *notes, *further.notes))
                    found[further.unit.id] = Candidate(further.unit, both, tuple(words))
        if len(found) > 1:
            found = {key: Candidate(c.unit, Extent.PART, c.notes) for key, c in found.items()}
        return tuple(sorted(found.values(), key=lambda c: c.unit.code))

    def heirs(self, agency_id: int, on: date) -> tuple[Agency, ...]:
        """Who stands in for an agency on that day: itself while in force, else its heirs, every candidate.

        Those that a plan named for it; else the agency of the same kind (and ministry) of each unit that its own
        unit became, and the committee there where that kind no longer exists.
        """
        agency = self.agency(agency_id)
        if agency.in_force(on) or agency.valid_to is None or on <= agency.valid_to:
            return (agency,)
        named = [self.heirs(new, on) for new, since in self._named_heirs.get(agency_id, ()) if since <= on]
        if named:
            return tuple(dict.fromkeys(heir for further in named for heir in further))
        found: dict[Agency, None] = {}
        for candidate in self.became(agency.unit_id, on):
            heir = self.agency_of(candidate.unit.id, agency.kind, on, agency.ministry)
            heir = heir or self.agency_of(candidate.unit.id, AgencyKind.PEOPLES_COMMITTEE, on)
            if heir is not None:
                found[heir] = None
        return tuple(found)

    def forebears(self, agency_id: int, on: date) -> tuple[Agency, ...]:
        """The agencies no longer in force whose heir it is on that day, as `heirs` says, in the order of their ids."""
        named = {old for old, heirs in self._named_heirs.items() if any(heir == agency_id for heir, _ in heirs)}
        left, before = [self.agency(agency_id).unit_id], set[int]()
        while left:
            came_from = {succession.old_id for succession in self._predecessors.get(left.pop(), ())} - before
            before |= came_from  # and the districts in which they lay, which `became` follows through them
            before |= {p.parent_id for old in came_from for p in self.unit(old).periods if p.parent_id is not None}
            left += came_from
        there = {agency.id for unit in before for agency in self._at_unit.get(unit, ())}
        further = {older.id for old in named for older in self.forebears(old, on)}
        found = (named | there | further) - {agency_id}
        return tuple(self.agency(old) for old in sorted(found) if agency_id in {h.id for h in self.heirs(old, on)})


def _rank(identifier: Identifier) -> tuple[bool, int]:
    return identifier.made, -(identifier.valid_from or date.min).toordinal()


def build(number: int, rows: Rows) -> Directory:
    """Make a generation of the directory from its rows."""
    periods: dict[int, list[UnitPeriod]] = defaultdict(list)
    for unit_id, first, last, name, kind, name_en, parent, source in rows.periods:
        periods[unit_id].append(UnitPeriod(first, last, name, intern(kind), name_en, parent, intern(source)))
    codes: dict[int, str] = {}
    held: dict[str, list[tuple[date, date, int]]] = defaultdict(list)
    identifiers: dict[int, list[Identifier]] = defaultdict(list)
    schemes = {str(scheme): scheme for scheme in Scheme}
    for scheme, code, first, last, unit_of, agency_of, made, source in sorted(
        rows.identifiers, key=lambda r: (r[0], r[1], r[2] or date.min)
    ):
        span = (first or date.min, last or date.max)
        if unit_of is not None:
            held[code].append((*span, unit_of))
            codes[unit_of] = code  # the youngest wins, because they come oldest first
        elif agency_of is not None:
            identifiers[agency_of].append(Identifier(schemes[scheme], code, first, last, made, intern(source)))
    units: dict[int, Unit] = {}
    children: dict[int, list[Held]] = defaultdict(list)
    levels = {str(level): level for level in Level}
    for unit_id, level in rows.units:
        own = tuple(sorted(periods[unit_id], key=lambda p: p.valid_from or date.min))
        unit = Unit(unit_id, levels[level], codes.get(unit_id, ""), own[0].valid_from, own[-1].valid_to, own)
        units[unit_id] = unit
        for parent_id, same in groupby(own, key=lambda p: p.parent_id):
            if parent_id is not None:
                stretch = list(same)
                children[parent_id].append((stretch[0].valid_from or date.min, stretch[-1].valid_to or date.max, unit))
    shifts: dict[int, list[tuple[date, Sessions]]] = defaultdict(list)
    for agency_id, since, spans_of_day in sorted(rows.sessions):
        shifts[agency_id].append((since, spans_of_day))
    agencies: dict[int, Agency] = {}
    at_unit: dict[int, list[Agency]] = defaultdict(list)
    under: dict[int, list[Agency]] = defaultdict(list)
    orgs: dict[str, list[Held]] = defaultdict(list)
    kinds = {str(kind): kind for kind in AgencyKind}
    for agency_id, kind, unit_id, ministry, title, parent, first, last, sessions in rows.agencies:
        names = tuple((p.valid_from, f"{title} {p.full_name}") for p in units[unit_id].periods)
        agency = Agency(
            agency_id,
            kinds[kind],
            unit_id,
            names[-1][1],
            intern(ministry),
            parent,
            first,
            last,
            tuple(sorted(identifiers.get(agency_id, ()), key=_rank)),
            names,
            sessions or OFFICE_HOURS,
            tuple(shifts.get(agency_id, ())),
        )
        agencies[agency_id] = agency
        at_unit[unit_id].append(agency)
        if parent is not None:
            under[parent].append(agency)
        for identifier in agency.identifiers:
            orgs[identifier.code].append((identifier.valid_from or date.min, identifier.valid_to or date.max, agency))
    extents = {str(extent): extent for extent in Extent}
    successors: dict[int, list[Succession]] = defaultdict(list)
    predecessors: dict[int, list[Succession]] = defaultdict(list)
    for old_id, new_id, extent, note, on in rows.successions:
        succession = Succession(old_id, new_id, extents[extent], intern(note), on)
        successors[old_id].append(succession)
        predecessors[new_id].append(succession)
    heirs: dict[int, list[tuple[int, date]]] = defaultdict(list)
    for old_id, new_id, _source, on in sorted(rows.heirs):
        heirs[old_id].append((new_id, on))
    by_code = sorted(units.values(), key=lambda u: u.code)
    return Directory(
        number=number,
        _units=units,
        _agencies=agencies,
        _areas={code: tuple((f, t, units[i]) for f, t, i in spans) for code, spans in held.items()},
        _orgs={code: tuple(sorted(spans, key=itemgetter(0))) for code, spans in orgs.items()},
        _at_unit={key: tuple(sorted(own, key=lambda a: a.id)) for key, own in at_unit.items()},
        _under={key: tuple(own) for key, own in under.items()},
        _children={key: tuple(sorted(own, key=lambda h: h[2].code)) for key, own in children.items()},
        _successors={k: tuple(sorted(v, key=lambda s: units[s.new_id].code)) for k, v in successors.items()},
        _predecessors={k: tuple(sorted(v, key=lambda s: units[s.old_id].code)) for k, v in predecessors.items()},
        _provinces=tuple(u for u in by_code if u.level == Level.PROVINCE),
        _named_heirs={key: tuple(own) for key, own in heirs.items()},
    )
