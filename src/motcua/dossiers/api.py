"""The front door of dossiers."""

from motcua.dossiers.actions import (
    NewNote,
    StepRequest,
    close_overdue,
    file,
    take_steps,
    warn_before_due,
    write_notes,
)
from motcua.dossiers.intake import Applicant, Application, Filing, Paper, digest_of, law_here, prepare
from motcua.dossiers.queries import (
    LISTS,
    AllowedStep,
    ClockRow,
    Folder,
    LogRow,
    NoteRow,
    Office,
    PaperRow,
    ProcessRow,
    Where,
    WhereQuestion,
    WorkItem,
    WorkList,
    WorkListQuestion,
    clock_of,
    file_of,
    log_of,
    most_filed,
    of_party,
    open_folder,
    secret_of,
    where,
    work_lists,
)
from motcua.dossiers.receipts import Receipt, StepReceipt
from motcua.dossiers.rules.codes import looks_like_code, masked
from motcua.dossiers.rules.life import Given
from motcua.dossiers.rules.steps import FILINGS, STATE, STATES, STEP, STEPS, Actor, Brings, State, Step

__all__ = [
    "FILINGS", "LISTS", "STATE", "STATES", "STEP", "STEPS", "Actor", "AllowedStep", "Applicant", "Application",
    "Brings", "ClockRow", "Filing", "Folder", "Given", "LogRow", "NewNote", "NoteRow", "Office", "Paper", "PaperRow",
    "ProcessRow", "Receipt", "State", "Step", "StepReceipt", "StepRequest", "Where", "WhereQuestion", "WorkItem",
    "WorkList", "WorkListQuestion", "clock_of", "close_overdue", "digest_of", "file", "file_of", "law_here", "log_of",
    "looks_like_code", "masked", "most_filed", "of_party", "open_folder", "prepare", "secret_of", "take_steps",
    "warn_before_due", "where", "work_lists", "write_notes",
]  # fmt: skip
