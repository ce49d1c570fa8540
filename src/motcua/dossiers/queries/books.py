"""The book of an agency (sổ theo dõi hồ sơ): what it received, day by day."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from motcua.dossiers import rows
from motcua.dossiers.rules.steps import STATE, STATE_BY_NUMBER, State
from motcua.identity import api as identity
from motcua.kernel.arrays import text_array
from motcua.kernel.clock import today
from motcua.kernel.errors import NotAllowed, Permanent
from motcua.units import api as units

LONGEST = 366  # days

# A code begins with the agency and the day, so that its index is the book's: no other one is needed. The operators
# are those of that index, whatever the collation of the database.
BOOK = """
SELECT found.* FROM unnest(%s::text[], %s::text[]) AS range (low, high)
CROSS JOIN LATERAL (
    SELECT code, version, applicant ->> 'name', applicant ->> 'address', applicant ->> 'phone',
        applicant ->> 'delivery', resolving, filed_at, accepted_at, due_at, state, CASE WHEN state = %s THEN since END
    FROM dossiers_dossier AS dossier
    WHERE code ~>=~ range.low AND code ~<~ range.high AND code ~>~ %s AND reception = %s
        AND (%s::text[] IS NULL OR procedure = ANY(%s::text[]))
    ORDER BY code USING ~<~ LIMIT %s
) AS found ORDER BY found.code USING ~<~ LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class BookRow:
    """One line of the book. `returned_at`: when the result was given out."""

    code: str
    version: int
    applicant: str
    address: str
    phone: str
    delivery: str
    resolving: int
    filed_at: datetime
    accepted_at: datetime | None
    due_at: datetime | None
    state: State
    returned_at: datetime | None


@dataclass(frozen=True, slots=True)
class BookQuestion:
    """What the agency received from the first to the last day, both included; `procedures` None for all."""

    scope: identity.Scope
    agency: int
    first: date
    last: date
    procedures: tuple[str, ...] | None = None
    after: str = ""
    limit: int = 50


def book(question: BookQuestion) -> tuple[tuple[BookRow, ...], str]:
    """The lines in the order of their codes, and the code to go on after, "" on the last page. One statement."""
    if not identity.reads(question.scope, question.agency, today()):
        raise NotAllowed("foreign-agency", "Sổ này thuộc về cơ quan khác.")
    if not question.first <= question.last <= question.first + timedelta(days=LONGEST):
        raise Permanent(
            "period-unreadable",
            "Khoảng ngày của sổ không hợp lệ.",
            mend=f"Chọn từ ngày không sau đến ngày, dài nhất {LONGEST} ngày.",
        )
    ranges = _ranges(question)
    wanted = text_array(question.procedures) if question.procedures is not None else None
    values: list[Any] = [
        text_array(low for low, _ in ranges),
        text_array(high for _, high in ranges),
        STATE[State.RETURNED].number,
        question.after,
        question.agency,
        wanted,
        wanted,
        question.limit + 1,
        question.limit + 1,
    ]
    cursor = rows.cursor()
    cursor.execute(BOOK, values, binary=True)
    found = [
        BookRow(
            code,
            version,
            name or "",
            home or "",
            phone or "",
            delivery or "",
            resolving,
            filed,
            accepted,
            due,
            STATE_BY_NUMBER[state].state,
            returned,
        )
        for code, version, name, home, phone, delivery, resolving, filed, accepted, due, state, returned in cursor
    ]
    page = tuple(found[: question.limit])
    return page, page[-1].code if len(found) > question.limit else ""


def _ranges(question: BookQuestion) -> list[tuple[str, str]]:
    """From which code to which the book goes: one range for each identifier that the agency had in the period."""
    agency = units.directory().agency(question.agency)
    found: dict[str, tuple[date, date]] = {}
    for known in agency.identifiers:
        if known.scheme != units.Scheme.ORG:
            continue
        first = max(question.first, known.valid_from or question.first)
        last = min(question.last, known.valid_to or question.last)
        if first <= last:
            low, high = found.get(known.code, (first, last))
            found[known.code] = (min(low, first), max(high, last))
    return [(f"{org}-{first:%y%m%d}-", f"{org}-{last:%y%m%d}.") for org, (first, last) in found.items()]
