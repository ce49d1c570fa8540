"""The front door of conversion."""

from motcua.conversion.persons.actions import MAY_DECIDE, Decided, decide, suggest
from motcua.conversion.persons.queries import Origin, Pair, SuggestionRow, pair, suggestions
from motcua.conversion.persons.rules import COMPARISONS, Decision

__all__ = [
    "COMPARISONS",
    "MAY_DECIDE",
    "Decided",
    "Decision",
    "Origin",
    "Pair",
    "SuggestionRow",
    "decide",
    "pair",
    "suggest",
    "suggestions",
]
