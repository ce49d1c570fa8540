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
from motcua.conversion.reconciliation.actions import MAY_SIGN, Reason, as_pdf, explain, reconcile, sign
from motcua.conversion.reconciliation.queries import HandOverRow, as_json, hand_over, hand_overs

__all__ = [
    "COMPARISONS",
    "MAY_DECIDE",
    "MAY_SIGN",
    "Checked",
    "Decided",
    "Decision",
    "HandOverRow",
    "HeldRow",
    "Origin",
    "Pair",
    "Reason",
    "RejectFigure",
    "RejectRow",
    "RunRow",
    "SuggestionRow",
    "as_json",
    "as_pdf",
    "check",
    "clear",
    "decide",
    "explain",
    "hand_over",
    "hand_overs",
    "held",
    "one",
    "pair",
    "reconcile",
    "reject_figures",
    "rejects",
    "resume",
    "run",
    "runs",
    "sides",
    "sign",
    "suggest",
    "suggestions",
    "write_rejects",
]
