"""The commune in which the applicant lives, from what is typed or from the address on the card."""

import re
from dataclasses import dataclass
from datetime import date

from motcua.kernel.text import fold
from motcua.units import api as units

CHOICES = 12


@dataclass(frozen=True, slots=True)
class AreaChoice:
    """A commune in force, with its province, and the closed one that it was found by."""

    code: str
    name: str
    formerly: str = ""


def label(unit: units.Unit, on: date) -> str:
    """phường Ba Đình, thành phố Hà Nội."""
    province = units.directory().province_of(unit.id, on)
    return unit.at(on).full_name if province == unit else f"{unit.at(on).full_name}, {province.at(on).full_name}"


def choices(text: str, on: date, *, near: int) -> tuple[AreaChoice, ...]:
    """The communes of today that typed words may mean; old names give what became of them.

    More than one: the address decides, and somebody who reads it chooses. Where a short name is borne in the
    province `near` and elsewhere, the near ones are meant; a name that is borne today means the commune of today,
    because an old address names the district too.
    """
    directory = units.directory()
    found: dict[str, AreaChoice] = {}
    close: set[str] = set()
    for unit in units.units_named(text)[: 4 * CHOICES]:
        if unit.level != units.Level.COMMUNE:
            continue
        formerly = "" if unit.in_force(on) else _old_label(directory, unit)
        for candidate in directory.became(unit.id, on):
            if candidate.unit.level == units.Level.COMMUNE and candidate.unit.code not in found:
                found[candidate.unit.code] = AreaChoice(candidate.unit.code, label(candidate.unit, on), formerly)
                if directory.province_of(candidate.unit.id, on).id == near:
                    close.add(candidate.unit.code)
    chosen = [choice for code, choice in found.items() if not close or code in close]
    meant = _bare(text.split(",")[0])
    today = [choice for choice in chosen if not choice.formerly and _bare(choice.name.split(",")[0]) == meant]
    return tuple((today or chosen)[:CHOICES])


_KIND = re.compile(r"(p|x|tt|phuong|xa|thi tran|dac khu)[. ]+")


def _bare(name: str) -> str:
    """A name without its kind: "Phường Phú Xuân", "P. Phú Xuân" and "phu xuan" are the same."""
    folded = fold(name)
    return folded if re.fullmatch(r"\D+\d+", folded) else _KIND.sub("", folded, count=1)


def of_address(address: str, on: date, *, near: int) -> tuple[AreaChoice, ...]:
    """The same from an address: its last parts name the commune, the district that may be gone, the province."""
    parts = [part.strip() for part in address.split(",") if part.strip()]
    for many in (3, 2):
        if len(parts) >= many and (found := choices(", ".join(parts[-many:]), on, near=near)):
            return found
    return ()


def _old_label(directory: units.Directory, unit: units.Unit) -> str:
    on = unit.valid_to or date.max
    names, parent = [unit.at(on).full_name], unit.at(on).parent_id
    while parent is not None:
        above = directory.unit(parent)
        names.append(above.at(on).full_name)
        parent = above.at(on).parent_id
    return ", ".join(names)
