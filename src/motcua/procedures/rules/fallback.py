"""The term of a procedure whose source states none that can be read: data with dates, marked as assumed."""

from dataclasses import dataclass
from datetime import date

from motcua.kernel.law import Citation, Confidence
from motcua.kernel.terms import Term, TermUnit


@dataclass(frozen=True, slots=True)
class FallbackTerm:
    """A term that stands in for one that is not stated."""

    term: Term
    valid_from: date
    valid_to: date | None
    source: Citation


# 6 working days is the median of the 1,473 terms that the catalogue states in working days. It is what the
# receipt promises until the real term is entered; a province or a later import replaces it.
DEFAULT_TERM = FallbackTerm(
    Term(6, TermUnit.WORKING_DAYS),
    date(2025, 7, 1),
    None,
    Citation("motcua: thời hạn tạm tính khi nguồn không nêu", "", Confidence.ASSUMED),
)
TERMS = (DEFAULT_TERM,)


def fallback_term(on: date) -> FallbackTerm:
    """The stand-in on the day; the earliest one for days before all of them."""
    return next((f for f in TERMS if f.valid_from <= on and (f.valid_to is None or on <= f.valid_to)), TERMS[0])
