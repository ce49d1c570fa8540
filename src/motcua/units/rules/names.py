"""Which unit is meant by typed words: "P.3 Q.3", "ban co", an old name or a new one. Pure."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from sys import intern

from motcua.kernel.text import fold
from motcua.units.rules.directory import Directory
from motcua.units.rules.values import Unit

SHORT_FORMS = {
    "p": ("phuong",),
    "x": ("xa",),
    "tt": ("thi", "tran"),
    "q": ("quan",),
    "h": ("huyen",),
    "tx": ("thi", "xa"),
    "tp": ("thanh", "pho"),
    "t": ("tinh",),
    "hcm": ("ho", "chi", "minh"),
    "tphcm": ("thanh", "pho", "ho", "chi", "minh"),
    "hn": ("ha", "noi"),
    "brvt": ("ba", "ria", "vung", "tau"),
    "tth": ("thua", "thien", "hue"),
}
"""How people shorten the words of an address, folded."""

_WORDS = re.compile(r"[a-z]+|[0-9]+")


def spelled(text: str) -> tuple[str, ...]:
    """The words of a typed address, folded and with short forms written out: "P.3, Q3" is phuong 3 quan 3."""
    return tuple(word for found in _WORDS.findall(fold(text)) for word in SHORT_FORMS.get(found, (found,)))


def _split(name: str) -> tuple[str, ...]:
    return tuple(map(intern, _WORDS.findall(fold(name))))


@dataclass(frozen=True, slots=True)
class Named:
    """A unit with the words of its own name, of its type and name, and of everything around it, nearest first."""

    unit: Unit
    name: tuple[str, ...]
    full_name: tuple[str, ...]
    around: tuple[str, ...]
    settled: tuple[int, int, str]  # today's units before closed ones, large before small, then by code


Gazetteer = Mapping[str, Sequence[Named]]


def gazetteer(directory: Directory) -> Gazetteer:
    """Every name that a unit ever had, with what it lay in then, under each of its words."""
    found: dict[str, list[Named]] = defaultdict(list)
    lay_in: dict[tuple[int | None, date], tuple[str, ...]] = {}

    def around(parent: int | None, on: date) -> tuple[str, ...]:
        if parent is None:
            return ()
        if (parent, on) not in lay_in:
            above = directory.unit(parent).at(on)
            lay_in[parent, on] = (*_split(above.full_name), *around(above.parent_id, on))
        return lay_in[parent, on]

    for unit in directory.units():
        for period in unit.periods:
            own = around(period.parent_id, period.valid_to or period.valid_from or date.max)
            settled = (int(unit.valid_to is not None), len(unit.code), unit.code)
            named = Named(unit, _split(period.name), _split(period.full_name), own, settled)
            for word in set(named.full_name):
                found[word].append(named)
    return found


KINDS = frozenset(["phuong", "xa", "thi", "tran", "quan", "huyen", "thanh", "pho", "tinh", "dac", "khu"])
"""The words of types of units, which people mix up: "huyện Kỳ Anh" for "thị xã Kỳ Anh"."""


def find_units(names: Gazetteer, text: str) -> tuple[Unit, ...]:
    """Units of all times meant by "Phường 3 Quận 3", "ban co" or "xã Tân Khai, huyện Hớn Quản"; whole names first.

    The first words must be in the unit's own name, the rest in order in what lay around it; where that finds
    nothing, the types in the rest are left out of account.
    """
    asked = spelled(text)
    for exact in (True, False):
        ranked = [
            (rank, named.settled, named.unit)
            for named in (names.get(asked[0], ()) if asked else ())
            if (rank := _fits(named, asked, exact=exact)) is not None
        ]
        if ranked:
            ranked.sort(key=lambda row: row[:2])
            return tuple(dict.fromkeys(unit for _, _, unit in ranked))
    return ()


def _fits(named: Named, asked: tuple[str, ...], *, exact: bool) -> int | None:
    """0 for the whole name, 1 for its beginning, 2 for words within; None where it doesn't fit."""
    for own in (named.full_name, named.name):
        rest = asked[len(own) :]
        if asked[: len(own)] == own and _in_order(
            rest if exact else tuple(word for word in rest if word not in KINDS), named.around
        ):
            return 0
    for own in (named.full_name, named.name):
        if own[: len(asked)] == asked:
            return 1
    if len(asked) <= len(named.name) and any(
        named.name[at : at + len(asked)] == asked for at in range(len(named.name) - len(asked) + 1)
    ):
        return 2
    return None


def _in_order(wanted: tuple[str, ...], within: tuple[str, ...]) -> bool:
    """Do the wanted words come in this order, others between them or not?"""
    left = iter(within)
    return all(word in left for word in wanted)
