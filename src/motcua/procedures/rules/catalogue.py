"""The whole catalogue in memory: immutable and numbered, like the directory of units."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from motcua.kernel.errors import NotFound
from motcua.procedures.rules.decisions import Decision, DecisionKind, Offer, apply
from motcua.procedures.rules.search import Entry, Index
from motcua.procedures.rules.versions import ASSUMED_FROM, COMMUNE, Hit, Version


class Catalogue:
    """Danh mục thủ tục hành chính: every version of every procedure and every province's decisions."""

    __slots__ = ("_by_id", "_codes", "_decisions", "_index", "_latest", "_versions", "number")

    def __init__(self, number: int, versions: Iterable[Version], decisions: Iterable[Decision]) -> None:
        self.number = number
        by_code: dict[str, list[Version]] = defaultdict(list)
        for version in versions:
            by_code[version.code].append(version)
        self._versions = {
            code: tuple(sorted(many, key=lambda v: v.valid_from or date.min, reverse=True))
            for code, many in sorted(by_code.items())
        }
        self._by_id = {version.id: version for many in self._versions.values() for version in many}
        self._codes = tuple(self._versions)
        self._latest = tuple(many[0] for many in self._versions.values())
        by_place: dict[tuple[int, str], list[Decision]] = defaultdict(list)
        for decision in decisions:
            by_place[decision.province_id, decision.code].append(decision)
        self._decisions = {place: tuple(many) for place, many in by_place.items()}
        self._index: Index | None = None

    def __len__(self) -> int:
        return len(self._versions)

    def version(self, code: str, on: date) -> Version | None:
        """The version in force on the day; None when there is none, or no such procedure."""
        for version in self._versions.get(code, ()):
            if version.in_force(on):
                return version
        return None

    def law_of(self, code: str, on: date) -> Version | None:
        """The version that answers for the day: the one in force, and for a day before the catalogue begins the
        first one known, if its own first day is only assumed (nobody kept an open list of what was before)."""
        version = self.version(code, on)
        if version is None and (many := self._versions.get(code)):
            first = many[-1]
            if first.dates_assumed and first.valid_from is not None and on < first.valid_from <= ASSUMED_FROM:
                return first
        return version

    def codes(self) -> tuple[str, ...]:
        """The codes of all procedures that there are or ever were."""
        return self._codes

    def known(self, code: str) -> bool:
        """Is there, or was there ever, a procedure with this code?"""
        return code in self._versions

    def by_id(self, version_id: int) -> Version:
        """The version that a dossier was received under; raises NotFound."""
        found = self._by_id.get(version_id)
        if found is None:
            raise NotFound("version-unknown", f"No version of a procedure has the number {version_id}.")
        return found

    def history(self, code: str) -> tuple[Version, ...]:
        """All versions of a procedure, the newest first."""
        return self._versions.get(code, ())

    def all(self, on: date) -> Iterator[Version]:
        """Every version in force on the day, by code."""
        for code in self._codes:
            version = self.version(code, on)
            if version is not None:
                yield version

    def search(self, text: str, on: date, limit: int = 20) -> tuple[Hit, ...]:
        """Procedures in force on the day that fit the words, best first."""
        hits = []
        if self._index is None:  # made at the first search: most commands and jobs never search
            self._index = Index([Entry(v.code, v.name, v.field, v.curated, COMMUNE in v.levels) for v in self._latest])
        for number, score in self._index.find(text, limit + 20):
            version = self.version(self._codes[number], on)
            if version is not None:
                hits.append(Hit(version, score))
        return tuple(hits[:limit])

    def decisions(self, province_id: int, code: str, on: date) -> tuple[Decision, ...]:
        """The province's decisions on the procedure that are in force on the day."""
        return tuple(d for d in self._decisions.get((province_id, code), ()) if d.in_force(on))

    def all_decisions(self) -> Iterator[Decision]:
        """Every decision of every province and day."""
        for many in self._decisions.values():
            yield from many

    def decided(self, kind: DecisionKind, province_id: int, unit_id: int | None, code: str) -> tuple[Decision, ...]:
        """All decisions of a kind on the procedure, of all days: the province's, or those of one unit."""
        mine = self._decisions.get((province_id, code), ())
        return tuple(d for d in mine if d.kind == kind and d.unit_id == unit_id)

    def offered(
        self,
        version: Version,
        province_id: int,
        commune_id: int | None,
        on: date,
        *,
        case: str = "",
        channel: str = "",
    ) -> Offer:
        """What holds in the province (and commune) on the day."""
        return apply(
            version,
            self._decisions.get((province_id, version.code), ()),
            commune_id,
            on,
            case=case,
            channel=channel,
        )
