"""Citations of the law as values, so that a table can carry its source and a page can print it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class Confidence(StrEnum):
    """How sure we are of what is cited."""

    TEXT = "text"  # found in the act's own words or an official quotation
    PRACTICE = "practice"  # found in working systems or secondary texts
    ASSUMED = "assumed"  # the most plausible reading where the text was not available


@dataclass(frozen=True, slots=True)
class Citation:
    """Căn cứ pháp lý: an act, the place in it, and how sure we are."""

    act: str
    place: str = ""
    confidence: Confidence = Confidence.TEXT

    def __str__(self) -> str:
        return f"{self.place} {self.act}".strip()


def cite(act: str, place: str = "", confidence: Confidence = Confidence.TEXT) -> Citation:
    return Citation(act, place, confidence)


def decree118(place: str, confidence: Confidence = Confidence.TEXT) -> Citation:
    """Nghị định 118/2025/NĐ-CP: the one-stop shop, since 2025-07-01."""
    return Citation("Nghị định 118/2025/NĐ-CP", place, confidence)


def decree61(place: str, confidence: Confidence = Confidence.TEXT) -> Citation:
    """Nghị định 61/2018/NĐ-CP: replaced by 118/2025, whose articles 17 to 24 keep its order."""
    return Citation("Nghị định 61/2018/NĐ-CP", place, confidence)


def decree297(place: str, confidence: Confidence = Confidence.TEXT) -> Citation:
    """Nghị định 297/2025/NĐ-CP: interlinked procedures of household businesses."""
    return Citation("Nghị định 297/2025/NĐ-CP", place, confidence)


def civil_code(place: str) -> Citation:
    """Bộ luật Dân sự 2015: terms, articles 144 to 148."""
    return Citation("Bộ luật Dân sự 2015", place)


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """The lines of a table on a page of docs/law."""
    columns = list(head)
    yield "| " + " | ".join(columns) + " |"
    yield "|" + "---|" * len(columns)
    for row in rows:
        yield "| " + " | ".join(str(cell) for cell in row) + " |"
    yield ""
