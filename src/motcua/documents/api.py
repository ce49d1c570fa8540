"""The front door of documents."""

from motcua.documents.actions import Draft, StepRequest, draft, keep, link, settle, take_steps
from motcua.documents.arrivals import Arriving, Became, take_in
from motcua.documents.demonstration import send_demonstration
from motcua.documents.jobs import ORGANISATIONS, axis
from motcua.documents.organisations import PAGE, changes, misfits
from motcua.documents.post import Kept
from motcua.documents.queries import (
    FileRow,
    Opened,
    Problems,
    Question,
    Row,
    contacts,
    count_waiting,
    file_of,
    open_document,
    packet_bytes,
    problems,
    register,
)
from motcua.documents.rules.statuses import PRIORITIES, STATUS
from motcua.documents.rules.steps import MARKS, STATES, STEP, STEPS, Direction, State, Step
from motcua.documents.rules.types import TYPES

__all__ = [
    "MARKS",
    "ORGANISATIONS",
    "PAGE",
    "PRIORITIES",
    "STATES",
    "STATUS",
    "STEP",
    "STEPS",
    "TYPES",
    "Arriving",
    "Became",
    "Direction",
    "Draft",
    "FileRow",
    "Kept",
    "Opened",
    "Problems",
    "Question",
    "Row",
    "State",
    "Step",
    "StepRequest",
    "axis",
    "changes",
    "contacts",
    "count_waiting",
    "draft",
    "file_of",
    "keep",
    "link",
    "misfits",
    "open_document",
    "packet_bytes",
    "problems",
    "register",
    "send_demonstration",
    "settle",
    "take_in",
    "take_steps",
]
