"""The front door of conversion."""

from motcua.conversion.actions import Checked, check, clear, resume, run
from motcua.conversion.corrections.actions import MAY_SETTLE, Settled, settle
from motcua.conversion.corrections.queries import Correction, correction
from motcua.conversion.corrections.rules import Verdict
from motcua.conversion.persons.actions import MAY_DECIDE, Decided, decide, suggest
from motcua.conversion.persons.queries import Origin, Pair, SuggestionRow, pair, suggestions
from motcua.conversion.persons.rules import COMPARISONS, Decision
from motcua.conversion.queries import (
    HeldRow,
    RejectFigure,
    RejectRow,
    RunRow,
    held,
    held_figures,
    may_read_rows,
    one,
    reject_figures,
    rejects,
    rejects_file,
    runs,
    sides,
    write_rejects,
)
from motcua.conversion.reconciliation.actions import MAY_SIGN, Reason, as_pdf, explain, reconcile, sign
from motcua.conversion.reconciliation.queries import HandOverRow, as_json, hand_over, hand_overs

__all__ = [
    "COMPARISONS",
    "MAY_DECIDE",
    "MAY_SETTLE",
    "MAY_SIGN",
    "Checked",
    "Correction",
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
    "Settled",
    "SuggestionRow",
    "Verdict",
    "as_json",
    "as_pdf",
    "check",
    "clear",
    "correction",
    "decide",
    "explain",
    "hand_over",
    "hand_overs",
    "held",
    "held_figures",
    "may_read_rows",
    "one",
    "pair",
    "reconcile",
    "reject_figures",
    "rejects",
    "rejects_file",
    "resume",
    "run",
    "runs",
    "settle",
    "sides",
    "sign",
    "suggest",
    "suggestions",
    "write_rejects",
]
