"""Which procedure is meant by a few letters: beginnings of words with or without marks, initials, or a code."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from motcua.kernel.text import fold
from motcua.procedures import api as procedures

OFFERED = 10
LONGEST_CODE = 40


@dataclass(frozen=True, slots=True)
class Known:
    """A procedure as it is looked for: its name folded, and its words' first letters ("dkks")."""

    version: procedures.Version
    words: str
    initials: str
    digits: str


@lru_cache(maxsize=2)  # a catalogue is immutable and part of the key
def _known(catalogue: procedures.Catalogue, on: date) -> tuple[Known, ...]:
    found = []
    for version in catalogue.all(on):
        words = fold(version.name).removeprefix("thu tuc ")
        initials = "".join(word[0] for word in words.split() if word[0].isalnum())
        found.append(Known(version, f" {words}", initials, version.code.replace(".", "")))
    return tuple(found)


def of_code(text: str, on: date) -> procedures.Version | None:
    """The procedure whose code stands first in the text: "1.001193", or the whole line of a suggestion."""
    first = text.split(maxsplit=1)[0] if text.split() else ""
    return procedures.catalogue().version(first, on) if len(first) <= LONGEST_CODE else None


def suggest(text: str, on: date, *, often: Sequence[str], level: str) -> tuple[procedures.Version, ...]:
    """The likeliest first: what this agency receives often, what is given at its level, what begins as typed.

    Nothing typed gives what is received often, filled up with the common procedures of the level.
    """
    catalogue = procedures.catalogue()
    rank = {code: place for place, code in enumerate(often)}
    typed = fold(text)
    if not typed:
        usual = [version for code in often if (version := catalogue.version(code, on))]
        common = [k.version for k in _known(catalogue, on) if k.version.curated and level in k.version.levels]
        return _once([*usual, *common])
    found = [
        (rank.get(known.version.code, len(rank)), _distance(known, typed), level not in known.version.levels,
         not known.version.curated, len(known.words), known.version.code, known.version)
        for known in _known(catalogue, on)
        if _fits(known, typed)
    ]  # fmt: skip
    found.sort(key=lambda row: row[:6])
    versions = [row[-1] for row in found[:OFFERED]]
    if len(versions) < OFFERED:  # slips of the pen, words run together, and how citizens say it
        versions += [hit.version for hit in catalogue.search(text, on, OFFERED)]
    return _once(versions)


def _once(versions: Sequence[procedures.Version]) -> tuple[procedures.Version, ...]:
    return tuple({version.code: version for version in versions}.values())[:OFFERED]


def _fits(known: Known, typed: str) -> bool:
    if typed[0].isdigit():
        digits = typed.replace(".", "").replace(" ", "")
        return known.digits.startswith(digits) or (len(digits) > 2 and known.digits.endswith(digits))
    if " " not in typed and len(typed) > 1 and typed in known.initials:
        return True
    return all(f" {word}" in known.words for word in typed.split())


def _distance(known: Known, typed: str) -> int:
    """How far from the beginning of the name the typed letters are, as initials or as words run on."""
    if typed[0].isdigit():
        return 0
    at = known.words.find(f" {typed}")
    if at >= 0:
        return min(at, 99)
    place = known.initials.find(typed.replace(" ", ""))
    return min(place, 99) if place >= 0 else 100
