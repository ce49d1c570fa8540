"""What nodes tell each other about a dossier, who may say what, and when a line counts as silent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from motcua.dossiers.rules.steps import STEP, Actor, Place
from motcua.kernel.calendar import WorkingCalendar
from motcua.kernel.law import Citation, Confidence, decree118
from motcua.kernel.terms import working_time

TRANSFERRED, STEPPED = "dossier.transferred", "dossier.step"
CONSULTED, OPINION, OVER = "dossier.consulted", "dossier.opinion", "dossier.consultation-over"
QUIET = frozenset({"warn"})
"""Steps that each node's own timers take: nobody tells them to the other."""

Text = Annotated[str, Meta(max_length=20_000, pattern=r"^[^\x00]*$")]
Short = Annotated[str, Meta(max_length=300, pattern=r"^[^\x00]*$")]
Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]


class Lived(msgspec.Struct, frozen=True):
    """A life on the wire: agencies by their identifiers."""

    state: Short
    since: datetime
    clock: dict[str, Any]
    due_at: datetime | None
    act_by: datetime | None
    accepted_at: datetime | None
    finished_at: datetime | None
    waiting_on: Short | None
    consulted: Short
    handling: int
    taken: list[Short]
    outcome: Short


class Said(msgspec.Struct, frozen=True):
    """One row of the log on the wire. `org`: where it was taken; `holder`: who holds the dossier after it."""

    n: int
    step: Short
    at: datetime
    org: Short
    state: Short
    holder: Short
    due_at: datetime | None
    act_by: datetime | None
    waiting_on: Short | None
    reason: Text


class Sheet(msgspec.Struct, frozen=True):
    """A paper or a result on the wire; its files come as attachments."""

    kind: Annotated[str, Meta(pattern="^(paper|result)$")]
    step: int
    key: Short
    name: Short
    form: Short
    quantity: int
    files: Annotated[list[Sha256], Meta(max_length=50)]


class Transferred(msgspec.Struct, frozen=True):
    """A dossier as it is when it is handed over to an agency at another node.

    The version of its procedure is named by code and first day: numbers of versions are each node's own.
    """

    id: UUID
    code: Annotated[str, Meta(min_length=5, max_length=100, pattern=r"^[A-Z0-9.-]+$")]
    procedure: Short
    version_from: date | None
    case: Short
    area: Short
    reception: Short
    resolving: Short
    channel: Short
    applicant: dict[str, Any]
    content: dict[str, Any]
    filed_at: datetime
    life: Lived
    steps: list[Said]
    papers: list[Sheet]


class Stepped(msgspec.Struct, frozen=True):
    """What one node did with a dossier that both hold, since it spoke last."""

    code: Short
    steps: Annotated[list[Said], Meta(min_length=1)]
    life: Lived
    papers: list[Sheet]


class Enclosed(msgspec.Struct, frozen=True):
    """A paper that goes with a question."""

    name: Short
    files: Annotated[list[Sha256], Meta(max_length=50)]


class Asked(msgspec.Struct, frozen=True):
    """Lấy ý kiến: what an agency at another node is asked about a dossier, of which it gets nothing more."""

    code: Annotated[str, Meta(min_length=5, max_length=100, pattern=r"^[A-Z0-9.-]+$")]
    step: int
    asking: Short
    procedure: Short
    question: Text
    asked_at: datetime
    answer_by: datetime | None
    papers: list[Enclosed]


class Opinion(msgspec.Struct, frozen=True):
    """Ý kiến: the answer to the question that came in the envelope `asked`."""

    code: Short
    asked: UUID
    opinion: Annotated[str, Meta(min_length=1, max_length=20_000, pattern=r"^[^\x00]*$")]


class Over(msgspec.Struct, frozen=True):
    """The question of the envelope `asked` needs no answer any more."""

    code: Short
    asked: UUID


def may_say(step: str, *, resolves: bool) -> bool:
    """Whether the node that resolves (or the one that took in) may say that this step was taken there.

    The applicant and the reception act where it was taken in, the resolving and the consulted agency at the other; the
    timers run at both.
    """
    found = STEP.get(step)
    if found is None:
        return False
    if Actor.WORKER in found.by:
        return True
    if found.at is Place.CONSULTED:  # it may sit at either
        return True
    at_reception = found.at is Place.RECEPTION
    return not at_reception if resolves else at_reception or Actor.APPLICANT in found.by


@dataclass(frozen=True, slots=True)
class Silence:
    """Từ bao lâu thì coi là mất liên lạc: working hours without a sign of life, since when, and on what ground."""

    hours: float
    valid_from: date
    source: Citation


# No text says it. Two working hours is how soon an official must be alerted of a new online dossier.
SILENT_AFTER: tuple[Silence, ...] = (Silence(2, date(2025, 7, 1), decree118("Điều 14", Confidence.ASSUMED)),)
ASK_AFTER = 0.5
"""Of the silence: when so much has passed, a node that shares open dossiers is greeted, so that it can answer."""


def silence_on(on: date) -> Silence:
    """The limit that is in force on a day; the first known one before that."""
    return next((row for row in reversed(SILENT_AFTER) if row.valid_from <= on), SILENT_AFTER[0])


def silent(heard_at: datetime | None, *, on: date, now: datetime, calendar: WorkingCalendar, part: float = 1) -> bool:
    """Whether nothing was heard of a node for longer than the limit, or for so large a part of it."""
    if heard_at is None:
        return True
    return working_time(heard_at, now, calendar).total_seconds() > silence_on(on).hours * 3600 * part


SIDES: Mapping[bool, str] = {True: "giải quyết", False: "tiếp nhận"}
