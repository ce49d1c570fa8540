"""Is there, for each new unit, somebody who resolves each procedure that is given there?"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from motcua.kernel.errors import Permanent
from motcua.procedures.rules.catalogue import Catalogue
from motcua.procedures.rules.competence import decide, given
from motcua.units.rules.directory import Directory
from motcua.units.rules.values import Level, Unit

SHOWN = 3


def unresolved(
    catalogue: Catalogue, directory: Directory, units: Sequence[Unit], on: date
) -> Iterator[tuple[Unit, str]]:
    """The units of which some procedure has nobody to resolve it, with the first of these procedures.

    Units with the same offices, in provinces with the same offices and without decisions of their own, have the same
    answer: it is worked out once for all of them.
    """
    provinces = {unit.id: directory.province_of(unit.id, on) for unit in units}
    deciding = {
        province.id
        for province in {province.id: province for province in provinces.values()}.values()
        if any(catalogue.decisions(province.id, version.code, on) for version in catalogue.all(on))
    }
    alike: dict[tuple[object, ...], list[Unit]] = defaultdict(list)
    for unit in units:
        province = provinces[unit.id]
        own = unit.id if province.id in deciding else 0
        alike[unit.level, own, _offices(directory, unit, on), _offices(directory, province, on)].append(unit)
    for same in alike.values():
        broken = [
            code
            for code in _codes(catalogue, directory, same[0], on)
            if _nobody(catalogue, directory, code, same[0], on)
        ]
        if broken:
            rest = f" và {len(broken) - SHOWN} thủ tục khác" if len(broken) > SHOWN else ""
            for unit in same:
                yield unit, f"không cơ quan nào giải quyết được thủ tục {', '.join(broken[:SHOWN])}{rest}."


def _offices(directory: Directory, unit: Unit, on: date) -> frozenset[tuple[str, str]]:
    return frozenset((str(agency.kind), agency.ministry) for agency in directory.agencies_of(unit.id, on))


def _codes(catalogue: Catalogue, directory: Directory, unit: Unit, on: date) -> Iterator[str]:
    if unit.level != Level.DISTRICT:
        yield from (version.code for version in given(catalogue, directory, unit.id, on))


def _nobody(catalogue: Catalogue, directory: Directory, code: str, unit: Unit, on: date) -> bool:
    try:
        found = decide(catalogue, directory, code, unit, on)
    except Permanent as refused:
        return refused.problem == "delegated-to-nobody"
    return found.agency is None and not found.external
