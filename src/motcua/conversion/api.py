"""The front door of conversion."""

from motcua.conversion.actions import Checked, check, clear, resume, run
from motcua.conversion.persons.actions import MAY_DECIDE, Decided, decide, suggest
from motcua.conversion.persons.queries import Origin, Pair, SuggestionRow, pair, suggestions
from motcua.conversion.persons.rules import COMPARISONS, Decision
from motcua.conversion.queries import (
    HeldRow,
    RejectFigure,
    RejectRow,
    RunRow,
    held,
    one,
    reject_figures,
    rejects,
    runs,
    sides,
    write_rejects,
)

__all__ = [
    "COMPARISONS",
    "MAY_DECIDE",
    "Checked",
    "Decided",
    "Decision",
    "HeldRow",
    "Origin",
    "Pair",
    "RejectFigure",
    "RejectRow",
    "RunRow",
    "SuggestionRow",
    "check",
    "clear",
    "decide",
    "held",
    "one",
    "pair",
    "reject_figures",
    "rejects",
    "resume",
    "run",
    "runs",
    "sides",
    "suggest",
    "suggestions",
    "write_rejects",
]
