"""The front door of dossiers."""

from motcua.dossiers.actions import NewNote, StepRequest, close_overdue, file, take_steps, warn_before_due, write_notes
from motcua.dossiers.intake import Applicant, Application, Filing, Paper, digest_of, law_here, prepare
from motcua.dossiers.queries import (
    COUNTED_TO,
    LISTS,
    AllowedStep,
    BookQuestion,
    BookRow,
    ClockRow,
    DeskPage,
    DeskQuestion,
    DeskRow,
    Folder,
    LogRow,
    NoteRow,
    Office,
    PaperRow,
    ProcessRow,
    Record,
    RecordRow,
    Where,
    WhereQuestion,
    WorkItem,
    WorkList,
    WorkListQuestion,
    book,
    clock_of,
    count_work,
    desk_page,
    file_of,
    find_dossiers,
    log_of,
    most_filed,
    of_party,
    open_folder,
    records,
    secret_of,
    where,
    work_lists,
)
from motcua.dossiers.receipts import Receipt, StepReceipt
from motcua.dossiers.rules.codes import looks_like_code, masked
from motcua.dossiers.rules.life import Given
from motcua.dossiers.rules.limits import LIMITS
from motcua.dossiers.rules.steps import FILINGS, NEXT, STATE, STATES, STEP, STEPS, Actor, Brings, State, Step

__all__ = [
    "COUNTED_TO", "FILINGS", "LIMITS", "LISTS", "NEXT", "STATE", "STATES", "STEP", "STEPS", "Actor", "AllowedStep",
    "Applicant", "Application", "BookQuestion", "BookRow", "Brings", "ClockRow", "DeskPage", "DeskQuestion",
    "DeskRow", "Filing", "Folder", "Given", "LogRow", "NewNote", "NoteRow", "Office", "Paper", "PaperRow",
    "ProcessRow", "Receipt", "Record", "RecordRow", "State", "Step", "StepReceipt", "StepRequest", "Where",
    "WhereQuestion", "WorkItem", "WorkList", "WorkListQuestion", "book", "clock_of", "close_overdue", "count_work",
    "desk_page", "digest_of", "file", "file_of", "find_dossiers", "law_here", "log_of", "looks_like_code", "masked",
    "most_filed", "of_party", "open_folder", "prepare", "records", "secret_of", "take_steps", "warn_before_due",
    "where", "work_lists", "write_notes",
]  # fmt: skip
