"""A plan set against the directory: what it changes, and who inherits what. Reads the directory, changes nothing."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache, partial

from motcua.dossiers import api as dossiers
from motcua.kernel.errors import Permanent
from motcua.procedures import api as procedures
from motcua.reorganisation.rules import reach
from motcua.reorganisation.rules.compiled import compiled, known_before
from motcua.reorganisation.rules.findings import check
from motcua.reorganisation.rules.heirs import Decided, Estate, Heir, estate
from motcua.reorganisation.rules.plan import Finding, Inherited, Plan
from motcua.reorganisation.rules.text import digest, read
from motcua.units import api as units


@dataclass(frozen=True, slots=True)
class Place:
    """A unit to which a dossier may go, and its offices there."""

    unit: int
    offices: dossiers.Offices


@dataclass(frozen=True, slots=True)
class Open:
    """No rule decides: the places that it could be, and why."""

    places: tuple[Place, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Settled:
    """Where a dossier goes, and on what ground."""

    offices: dossiers.Offices
    ground: str


Outcome = Settled | Open


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A plan with the directory before and after it. `past`: the directory in force has it already."""

    plan: Plan
    change: units.Change
    before: units.Directory
    after: units.Directory
    estate: Estate
    past: bool
    provinces: frozenset[int]  # as they were, of which some agency ends
    made: frozenset[int]  # the provinces of the day in which some unit is made of others
    committees: frozenset[int]  # of all these provinces, as they were and as they will be
    looked_through: list[int]  # where dossiers may lie that an ending agency has to do with: those, then neighbours
    _outcomes: dict[tuple[dossiers.Offices, int], Outcome] = field(default_factory=dict)
    _by_address: dict[tuple[dossiers.Offices, int], bool] = field(default_factory=dict)

    @property
    def on(self) -> date:
        return self.change.on

    @property
    def eve(self) -> date:
        return self.change.last_day

    @property
    def ending(self) -> frozenset[int]:
        """The agencies that end."""
        return self.estate.ending

    def concerns(self, offices: dossiers.Offices) -> bool:
        """Does one of these offices end?"""
        return any(office in self.ending for office in offices)

    def by_address(self, offices: dossiers.Offices, area: int) -> bool:
        """Does the applicant's address decide? Otherwise one answer holds for all of these offices and this area."""
        key = (offices, area)
        if (known := self._by_address.get(key)) is None:
            asked = (self.estate.by_address(office, area, what) for office, what in _parts(offices))
            known = self._by_address[key] = any(asked)
        return known

    def outcome(self, offices: dossiers.Offices, area: int, address: str = "") -> Outcome:
        """Who inherits a dossier with these offices, of somebody of this area and address."""
        key = (offices, area)
        if not address and (known := self._outcomes.get(key)) is not None:
            return known
        found = self._outcome(offices, area, address)
        if not address:
            self._outcomes[key] = found
        return found

    def outcomes(self, lot: dossiers.Lot, addresses: Mapping[str, str]) -> Iterator[tuple[dossiers.Lot, Outcome]]:
        """Who inherits a lot: all of it goes the same way, unless addresses (by id) decide for each."""
        if self.by_address(lot.offices, lot.area):
            for number in lot.ids:
                yield lot._replace(ids=(number,)), self.outcome(lot.offices, lot.area, addresses.get(number, ""))
        else:
            yield lot, self.outcome(lot.offices, lot.area)

    def _outcome(self, offices: dossiers.Offices, area: int, address: str) -> Outcome:
        heirs: dict[str, Heir] = {}
        for (office, what), name in zip(_parts(offices), dossiers.Offices._fields, strict=False):
            heirs[name] = self.estate.heir(office, area, address, None, what)
        decided = {name: heir for name, heir in heirs.items() if isinstance(heir, Decided)}
        to: dict[str, int | None] = {"consulted": None, **{name: heir.agency_id for name, heir in decided.items()}}
        if len(decided) == len(heirs):
            grounds = dict.fromkeys(
                heir.ground for name, heir in decided.items() if heir.agency_id != getattr(offices, name)
            )
            return Settled(dossiers.Offices(**to), "; ".join(grounds))  # type: ignore[arg-type]
        open_ = {name: heir for name, heir in heirs.items() if not isinstance(heir, Decided)}
        at: dict[str, dict[int, int]] = {
            name: {self.after.agency(agency).unit_id: agency for agency in heir.candidates}
            for name, heir in open_.items()
        }
        common = set.intersection(*(set(by_unit) for by_unit in at.values()))
        places = tuple(
            Place(unit, dossiers.Offices(**{**to, **{name: by_unit[unit] for name, by_unit in at.items()}}))  # type: ignore[arg-type]
            for unit in sorted(common, key=lambda unit: self.after.unit(unit).code)
        )
        return Open(places, "; ".join(dict.fromkeys(heir.why for heir in open_.values())))


def _parts(offices: dossiers.Offices) -> Iterator[tuple[int, Inherited]]:
    yield offices.reception, Inherited.RECEPTION
    yield offices.resolving, Inherited.POWERS
    if offices.consulted is not None:
        yield offices.consulted, Inherited.POWERS


def checked(text: str) -> Plan:
    """The plan of a text in which nothing is to be mended; else Permanent with the `findings`."""
    plan = plan_of(text)
    eve, _past = known_before(units.read_rows(), plan.on)
    findings = check(plan, eve, unresolved=partial(reach.unresolved, procedures.catalogue()))
    if findings:
        raise unreadable(findings)
    return plan


@lru_cache(maxsize=2)  # the plan of the whole country has 20,000 lines
def plan_of(text: str) -> Plan:
    """The plan that a text stands for; Permanent with the `findings` where it can't be read."""
    plan, findings = read(text)
    if plan is None or findings:
        raise unreadable(findings)
    return plan


def unreadable(findings: tuple[Finding, ...]) -> Permanent:
    """What is wrong with the text, the first places in words and all of them in `findings`."""
    shown = "; ".join(f"dòng {found.line}: {found.words}" for found in findings[:5])
    return Permanent(
        "plan-faulty",
        f"Kế hoạch có {len(findings)} chỗ phải sửa: {shown}.",
        mend="Chạy: motcua reorganise check, rồi sửa từng dòng.",
        findings=findings,
    )


def draw(text: str) -> Drawn:
    """The plan against the directory in force, or against that of its eve where the country has gone through it."""
    return draw_known(digest(text), lambda: text)


def draw_known(digest_of_text: str, text: Callable[[], str]) -> Drawn:
    """The same for a plan whose digest is known: its text is asked for only if it isn't drawn in memory yet."""
    key = (digest_of_text, units.directory().number)
    found = _in_memory.get(key)
    if found is None:
        found = _drawn(text(), key[1])
        for oldest in list(_in_memory)[: len(_in_memory) + 1 - KEPT] if len(_in_memory) >= KEPT else ():
            _in_memory.pop(oldest, None)
        _in_memory[key] = found
    return found


def keep_published(digest_of_text: str, drawn: Drawn) -> None:
    """What was drawn against the eve holds for the generation that it has become: nothing is drawn again for it."""
    _in_memory[digest_of_text, units.directory().number] = replace(drawn, past=True)


KEPT = 4  # plans in memory
_in_memory: dict[tuple[str, int], Drawn] = {}


def _drawn(text: str, generation: int) -> Drawn:
    plan, rows = plan_of(text), units.read_rows()
    eve, past = known_before(rows, plan.on)
    change = compiled(plan, eve)
    latest = past and not any(row[1] is not None and row[1] > plan.on for row in rows.periods)
    before = units.built(generation, eve) if past else units.directory()
    if latest:
        after = units.directory()
    else:
        after = units.built(generation + 1, units.known_on(rows, plan.on) if past else units.carried_out(eve, change))
    found = estate(plan, before, after)
    eve_of = change.last_day
    provinces = frozenset(before.province_of(before.agency(a).unit_id, eve_of).id for a in found.ending)
    neighbours = sorted(
        agency.id
        for agency in before.agencies()
        if agency.in_force(eve_of)
        and agency.id not in found.ending
        and before.province_of(agency.unit_id, eve_of).id in provinces
    )
    made = frozenset(after.province_of(new, plan.on).id for _old, new, _extent, _note, on in change.successions)
    committees = frozenset(
        agency.id
        for directory, on, numbers in ((before, eve_of, provinces), (after, plan.on, made))
        for number in numbers
        if (agency := directory.agency_of(number, units.AgencyKind.PEOPLES_COMMITTEE, on))
    )
    looked_through = [*sorted(found.ending), *neighbours]
    return Drawn(plan, change, before, after, found, past, provinces, made, committees, looked_through)


def forget() -> None:
    """Drop what was drawn, so that the next question reads the directory again."""
    _in_memory.clear()


Report = Callable[[str, int, int], None]
