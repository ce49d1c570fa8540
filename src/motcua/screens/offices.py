"""How the offices of a dossier were called when it was filed, and who stands in for them now, for both faces."""

from dataclasses import dataclass
from datetime import date

from motcua.dossiers import api as dossiers
from motcua.kernel.clock import day_of
from motcua.units import api as units


@dataclass(frozen=True, slots=True)
class TwoNames:
    """An office by its name of then; `now` names who stands in for it since it ended: nobody, one, or several."""

    then: str
    now: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Offices:
    """Nơi tiếp nhận và nơi giải quyết, then and now. `passed_on`: the dossier itself passed to another office."""

    reception: TwoNames
    resolving: TwoNames
    area: str
    area_now: tuple[str, ...]
    passed_on: bool

    @property
    def holds_now(self) -> str:
        """Who took the dossier over from the office that received it; "" if nobody did."""
        return self.reception.now[0] if self.passed_on and self.reception.now else ""


def offices_of(found: dossiers.Where, today: date) -> Offices:
    """Both names wherever a reorganisation has put one office, or one commune, in the place of another."""
    directory, on = units.directory(), day_of(found.filed_at)
    area, area_now = _area(directory, found, on, today)
    if found.received_by is not None:
        reception = TwoNames(found.received_by.name, (found.reception.name,))
    else:
        reception = _called(directory, found.reception, on, today)
    resolving = _called(directory, found.resolving, on, today)
    return Offices(reception, resolving, area, area_now, found.received_by is not None)


def _called(directory: units.Directory, office: dossiers.Office, on: date, today: date) -> TwoNames:
    """The office of a dossier that nobody passed on: where it has ended since, its heirs."""
    agency = directory.find_agency(office.org, on)
    if agency is None or agency.valid_to is None or agency.valid_to >= today:
        return TwoNames(office.name)
    return TwoNames(office.name, tuple(heir.name_at(today) for heir in directory.heirs(agency.id, today)))


def _area(directory: units.Directory, found: dossiers.Where, on: date, today: date) -> tuple[str, tuple[str, ...]]:
    """Where the applicant lives, as filed, and what that unit is called today where it is no longer."""
    unit = directory.find_unit(found.area_code, on)
    if unit is None or unit.in_force(today):
        return found.area, ()
    return found.area, tuple(candidate.unit.at(today).full_name for candidate in directory.became(unit.id, today))
