"""The front door of dossiers."""

from motcua.dossiers.actions import StepRequest, close_overdue, file, take_steps, warn_before_due
from motcua.dossiers.intake import Applicant, Application, Filing, Paper, digest_of, prepare
from motcua.dossiers.queries import (
    LISTS,
    ClockRow,
    LogRow,
    Office,
    Where,
    WhereQuestion,
    WorkList,
    WorkListQuestion,
    clock_of,
    log_of,
    where,
    work_lists,
)
from motcua.dossiers.receipts import Receipt, StepReceipt
from motcua.dossiers.rules.life import Given
from motcua.dossiers.rules.steps import FILINGS, STATE, STATES, STEP, STEPS, Actor, State

__all__ = [
    "FILINGS", "LISTS", "STATE", "STATES", "STEP", "STEPS", "Actor", "Applicant", "Application",
    "ClockRow", "Filing", "Given",
    "LogRow", "Office", "Paper", "Receipt", "State", "StepReceipt", "StepRequest", "Where", "WhereQuestion",
    "WorkList", "WorkListQuestion", "clock_of", "close_overdue", "digest_of", "file", "log_of", "prepare", "take_steps",
    "warn_before_due", "where", "work_lists",
]  # fmt: skip
