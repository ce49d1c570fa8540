"""The bulk path: a thousand dossiers at once, with all that has happened to them.

For conversion and for measuring. It uses the statements of filing, so that what it writes can't be told from what was
filed one by one: codes continue the counters, keys stay unique, parties are kept once, the journal is chained. (COPY
would cost PostgreSQL as much: the rows and their indexes are the work. See docs/decisions/bulk-path.md.) It does not
ask the law again: who calls it answers for the lives that it brings.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from motcua.dossiers import rows, traces
from motcua.dossiers.actions import INTEGRITY_ERRORS, write_births
from motcua.dossiers.intake import Filing
from motcua.dossiers.rules import codes
from motcua.dossiers.rules.life import Life
from motcua.identity import api as identity
from motcua.kernel.errors import Conflict, Permanent
from motcua.kernel.journal import api as journal

CHUNK = 1_000  # dossiers in one transaction: more gains nothing


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was taken, and the dossier after it."""

    step: str
    at: datetime
    life: Life
    scope: identity.Scope
    key: str
    digest: bytes
    agency: int | None = None
    position: int | None = None
    reason: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Past:
    """A dossier as it was filed, and the steps since, in order."""

    filing: Filing
    taken: tuple[Taken, ...] = ()


def write(pasts: Sequence[Past]) -> list[str]:
    """Write them all or none; gives their codes in order. Conflict if one of the keys was used before."""
    if not pasts:
        return []
    for past in pasts:
        if [taken.life.n for taken in past.taken] != list(range(2, len(past.taken) + 2)):
            raise Permanent("log-broken", "Nhật ký của một hồ sơ không liền mạch.", mend=past.filing.key)
    try:
        with transaction.atomic():
            return _write(pasts)
    except INTEGRITY_ERRORS as error:
        raise Conflict(
            "bulk-refused",
            f"Cơ sở dữ liệu không nhận lô này: {error}",
            mend="Bỏ những hồ sơ đã ghi (cùng khóa) rồi ghi lại.",
        ) from error


def _write(pasts: Sequence[Past]) -> list[str]:
    cursor = rows.cursor()
    filings = [past.filing for past in pasts]
    numbers = rows.take_numbers(cursor, Counter((f.org, f.day) for f in filings))
    parties, known = identity.party_insertion([f.party for f in filings], now=filings[0].life.since)
    written: list[str] = []
    births: list[dict[str, Any]] = []
    papers: list[dict[str, Any]] = []
    steps: list[dict[str, Any]] = []
    entries: list[journal.Entry] = []
    for past, party in zip(pasts, parties, strict=True):
        filing = past.filing
        numbers[filing.org, filing.day] += 1
        code = codes.code(filing.org, filing.day, numbers[filing.org, filing.day])
        written.append(code)
        birth = rows.birth_row(filing, code, party)
        steps.append(traces.filing_row(filing))
        entries.append(traces.filing_entry(filing, code))
        for taken in past.taken:
            steps.append(
                traces.step_row(
                    filing.id, taken.life, taken.step, taken.at, taken.agency, taken.scope, taken.position,
                    taken.key, taken.digest, taken.reason, dict(taken.detail),
                )
            )  # fmt: skip
            entries.append(
                traces.step_entry(filing.id, code, taken.life, taken.step, taken.at, taken.scope, taken.digest)
            )
        if past.taken:
            birth |= rows.life_row(past.taken[-1].life, reception=filing.reception, resolving=filing.resolving)
        births.append(birth)
        papers.extend(rows.paper_rows(filing.id, filing.application.components, step=filing.life.n))
    write_births(cursor=cursor, parties=known, papers=papers, steps=steps, births=births, entries=entries)
    return written


def in_chunks(pasts: Iterable[Past], written: Callable[[int], Any] = lambda count: None) -> int:
    """Write any number, a transaction for each CHUNK; how many. After a break, begin after the last one written."""
    total, chunk = 0, []
    for past in pasts:
        chunk.append(past)
        if len(chunk) == CHUNK:
            total += len(write(chunk))
            written(total)
            chunk = []
    total += len(write(chunk))
    written(total)
    return total
