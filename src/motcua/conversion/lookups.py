"""What old codes stand for on which day: rows for DuckDB from the mapping, the directory and the catalogue."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

import msgspec

from motcua.conversion.rules.mapping import APPLICANTS, CHANNELS, Mapped
from motcua.dossiers import api as dossiers
from motcua.procedures import api as procedures
from motcua.units import api as units

Office = tuple[str, date, date, int, int | None]  # code, first and last day, unit, agency
FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)


def states(mapped: Mapped) -> Iterator[tuple[str, int, str]]:
    """Theirs, the number of our state, the outcome."""
    for theirs, (state, outcome) in mapped.states.items():
        yield theirs, dossiers.STATE[state].number, outcome
    if "state" in mapped.fixed:
        name, _, outcome = mapped.fixed["state"].partition(" ")
        yield mapped.fixed["state"], dossiers.STATE[dossiers.State(name)].number, outcome


def words(given: dict[str, str], ours: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Theirs and ours; our own words stand for themselves."""
    yield from {**dict(zip(ours, ours, strict=True)), **given}.items()


def channels(mapped: Mapped) -> Iterator[tuple[str, str]]:
    yield from words(dict(mapped.channels), CHANNELS)


def kinds(mapped: Mapped) -> Iterator[tuple[str, str]]:
    yield from words(dict(mapped.kinds), APPLICANTS)


def versions(catalogue: procedures.Catalogue) -> Iterator[tuple[str, date, date, int, str]]:
    """Each procedure's versions, without a gap: code, first and last day, number, term as JSON.

    What was filed before the oldest version that we know of stands under that one: the catalogue is known from the
    reform on, and no older text is at hand (docs/decisions/conversion.md).
    """
    for code in catalogue.codes():
        theirs = list(reversed(catalogue.history(code)))
        for i, version in enumerate(theirs):
            first = FIRST if i == 0 else (version.valid_from or FIRST)
            following = theirs[i + 1].valid_from if i + 1 < len(theirs) else None
            last = following - timedelta(days=1) if following else LAST
            term = version.term or procedures.fallback_term(first).term
            yield code, first, last, version.id, msgspec.json.encode([term.value, term.unit, term.cut_off]).decode()


def explicit(mapped: Mapped) -> Iterator[tuple[str, str]]:
    """Procedures that the mapping names itself."""
    yield from mapped.procedures.items()


def offices(directory: units.Directory, named: Mapping[str, str]) -> Iterator[Office]:
    """Code, first and last day, unit and agency: an area code stands for the people's committee of its unit.

    Area codes of any time and identifiers of agencies; those that the mapping renames hold for every day on which
    what they stand for did.
    """
    by_code = _by_code(directory)
    renamed = {theirs: [(theirs, *row[1:]) for row in by_code.get(ours, ())] for theirs, ours in named.items()}
    for rows in {**by_code, **renamed}.values():
        rows.sort(key=lambda row: row[1])
        # A code that two units held on one day stands for neither: a person says which, under [units].
        if all(before[2] < after[1] for before, after in pairwise(rows)):
            yield from rows


@lru_cache(maxsize=2)  # a generation is immutable
def _by_code(directory: units.Directory) -> dict[str, list[Office]]:
    by_code: dict[str, list[Office]] = defaultdict(list)
    for row in (*_areas(directory), *_agencies(directory)):
        by_code[row[0]].append(row)
    return by_code


def _areas(directory: units.Directory) -> Iterator[Office]:
    committees = defaultdict(list)
    for agency in directory.agencies():
        if agency.kind == units.AgencyKind.PEOPLES_COMMITTEE:
            committees[agency.unit_id].append(agency)
    for code in directory.area_codes():
        for held_from, held_to, unit in directory.unit_holders(code):
            first, last = max(held_from, FIRST), min(held_to, LAST)
            theirs = [
                (max(first, agency.valid_from or FIRST), min(last, agency.valid_to or LAST), agency.id)
                for agency in committees[unit.id]
            ]
            theirs = [row for row in theirs if row[0] <= row[1]]
            for begin, end, agency_id in theirs:
                yield code, begin, end, unit.id, agency_id
            if not theirs:
                yield code, first, last, unit.id, None


def _agencies(directory: units.Directory) -> Iterator[Office]:
    for agency in directory.agencies():
        for identifier in agency.identifiers:
            first = max(identifier.valid_from or FIRST, agency.valid_from or FIRST, FIRST)
            last = min(identifier.valid_to or LAST, agency.valid_to or LAST, LAST)
            if first <= last:
                yield identifier.code, first, last, agency.unit_id, agency.id
