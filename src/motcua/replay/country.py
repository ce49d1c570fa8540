"""Reads from the directory and the catalogue what a scenario needs to know of the country on its first day."""

from collections.abc import Mapping, Sequence
from datetime import date

from motcua.identity import api as identity
from motcua.kernel.errors import Failure, NotFound
from motcua.procedures import api as procedures
from motcua.replay.scenarios.ground import Ground, Offered, Place, Province
from motcua.units import api as units

PROVINCIAL = 120  # so many procedures of departments are asked for; the rest is rare
COMMUNAL = 80
CONSULTED = 6
UNKNOWN_POPULATION = 15_000  # where no figure is published, or one that can't be right

CHANNELS = {"direct": ("counter",), "online": ("online", "assisted"), "post": ("post",)}


def ground(provinces: Sequence[str], on: date) -> Ground:
    """What is offered where in these provinces (area codes) on that day."""
    return {code: _province(code, on) for code in provinces}


def positions(ground: Ground, on: date) -> Mapping[tuple[str, str], int]:
    """Who holds which role on that day in these provinces' agencies: the first in each, by identifier and role."""
    directory = units.directory()
    found: dict[tuple[str, str], int] = {}
    for code in ground:
        province = directory.find_unit(code, on, units.Level.PROVINCE)
        assert province is not None
        for unit in (province, *directory.communes_of(province.id, on)):
            for agency in directory.agencies_of(unit.id, on):
                for held in identity.positions_in(agency.id, on):
                    found.setdefault((agency.org(on), held.role), held.id)
    return found


def _province(code: str, on: date) -> Province:
    directory = units.directory()
    province = directory.find_unit(code, on, units.Level.PROVINCE)
    if province is None:
        raise NotFound("unit-unknown", f"There is no province {code} on {on}.", mend="Run `motcua load`.")
    communes = directory.communes_of(province.id, on)
    centre = directory.agency_of(province.id, units.AgencyKind.SERVICE_CENTRE, on)
    departments = [
        agency.org(on)
        for agency in directory.agencies_of(province.id, on)
        if agency.kind == units.AgencyKind.DEPARTMENT
    ]
    communal, provincial = _offered(province, communes[0], on)
    return Province(
        code=code,
        centre=centre.org(on) if centre else "",
        places=tuple(_place(commune, on) for commune in communes),
        communal=communal[:COMMUNAL],
        provincial=provincial[:PROVINCIAL],
        consulted=tuple(sorted(departments)[:CONSULTED]),
    )


def _place(commune: units.Unit, on: date) -> Place:
    centre = units.directory().agency_of(commune.id, units.AgencyKind.SERVICE_CENTRE, on)
    if centre is None:
        raise NotFound("agency-unknown", f"{commune.at(on).full_name} has no service centre on {on}.")
    figures = units.figures(commune.id, on)
    people = figures.population if figures and not figures.population_flag else None
    return Place(commune.code, commune.at(on).full_name, centre.org(on), people or UNKNOWN_POPULATION)


def _offered(province: units.Unit, commune: units.Unit, on: date) -> tuple[tuple[Offered, ...], tuple[Offered, ...]]:
    """What the commune's committee settles, and what the province's departments and committee do; curated first."""
    communal: list[Offered] = []
    provincial: list[Offered] = []
    directory = units.directory()
    for version in sorted(procedures.catalogue().all(on), key=lambda v: (not v.curated, v.code)):
        try:
            agency = procedures.competent(version.code, commune, on).agency
        except Failure:
            continue
        offer = procedures.offered(version, province.id, commune.id, on)
        if agency is None or not offer.published:
            continue
        own = directory.agency(agency.id).unit_id
        (communal if own == commune.id else provincial).append(_of(version, offer))
    return tuple(communal), tuple(provincial)


def _of(version: procedures.Version, offer: procedures.Offer) -> Offered:
    channels = {name for channel in version.channels for name in CHANNELS[channel]} or {"counter"}
    return Offered(
        code=version.code,
        channels=frozenset(channels),
        term=offer.term,
        handlers=sum(step.role == identity.Role.HANDLER for step in version.steps),
        boundary_free=offer.boundary_free,
        schema=version.schema,
        components=tuple(c.key for c in version.components if not c.shown),
        cases=tuple(version.cases),
    )
