"""What is there to do: the work lists of an agency, most pressing first."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from motcua.dossiers import rows
from motcua.dossiers.rules.steps import OPEN_STATES, STATE, STATE_BY_NUMBER, State
from motcua.identity import api as identity
from motcua.kernel.errors import Failure, NotAllowed, Permanent
from motcua.procedures import api as procedures

# Danh sách việc: which states each list shows; `late` narrows to what is past due.
LISTS: dict[str, tuple[tuple[State, ...], bool]] = {
    "new": ((State.SUBMITTED,), False),
    "to_hand_over": ((State.ACCEPTED,), False),
    "in_hand": ((State.IN_PROCESS, State.SIGNED), False),
    "waiting": ((State.AWAITING_PAPERS, State.AWAITING_FEE, State.AWAITING_COMPLETION, State.AWAITING_DUTY), False),
    "consulted": ((State.CONSULTING,), False),
    "to_approve": ((State.TO_APPROVE,), False),
    "to_sign": ((State.TO_SIGN,), False),
    "to_return": ((State.FINISHED,), False),
    "overdue": (tuple(sorted(OPEN_STATES - {State.FINISHED})), True),
    "all": (tuple(sorted(OPEN_STATES)), False),
}


class WorkItem(msgspec.Struct, frozen=True):
    """One row of a work list."""

    code: str
    procedure: str
    procedure_name: str
    applicant: str
    state: str
    since: datetime
    filed_at: datetime
    due_at: datetime | None
    act_by: datetime
    waiting_on: str | None


class WorkList(msgspec.Struct, frozen=True):
    """A page of a work list, most pressing first; `next` continues after it, empty on the last page."""

    items: list[WorkItem]
    next: str


@dataclass(frozen=True, slots=True)
class WorkListQuestion:
    scope: identity.Scope
    agency: int
    list: str
    now: datetime
    after: str = ""
    limit: int = 50


FIRST = (datetime(1970, 1, 1, tzinfo=UTC), UUID(int=0))


def work_lists(questions: Sequence[WorkListQuestion]) -> list[WorkList | Failure]:
    """Pages of work lists, all in one statement; the cost of a page does not grow with the number of dossiers."""
    answers: dict[int, WorkList | Failure] = {}
    asked: list[tuple[Any, ...]] = []
    for i, question in enumerate(questions):
        try:
            if not question.scope.reaches(question.agency):
                raise NotAllowed("foreign-agency", "Danh sách này thuộc về cơ quan khác.")
            states, late = LISTS[question.list]
            after_by, after_id = read_cursor(question.after)
        except Failure as failure:
            answers[i] = failure
            continue
        late_at = question.now if late else None
        asked.extend(
            (i, question.agency, STATE[state].number, after_by, after_id, question.limit + 1, late_at)
            for state in states
        )
    cursor = rows.cursor()
    columns = [list(column) for column in zip(*asked, strict=True)] if asked else [[]] * 7
    cursor.execute(rows.WORK_LIST, columns, binary=True)
    pages: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for i, *values in cursor:
        pages[i].append(tuple(values))
    catalogue = procedures.catalogue()
    for i, question in enumerate(questions):
        if i in answers:
            continue
        page = pages[i]
        more = len(page) > question.limit
        page = page[: question.limit]
        answers[i] = WorkList(
            items=[
                WorkItem(
                    code=code,
                    procedure=procedure,
                    procedure_name=catalogue.history(procedure)[0].name,
                    applicant=applicant,
                    state=STATE_BY_NUMBER[state].state.value,
                    since=since,
                    filed_at=filed_at,
                    due_at=due_at,
                    act_by=act_by,
                    waiting_on=waiting_on,
                )
                for code, procedure, applicant, state, _, since, due_at, act_by, waiting_on, filed_at, _ in page
            ],
            next=f"{page[-1][7].isoformat()}_{page[-1][10]}" if more else "",
        )
    return [answers[i] for i in range(len(questions))]


def read_cursor(text: str) -> tuple[datetime, UUID]:
    """The place after which a page begins; Permanent if it is not one that we gave out."""
    if not text:
        return FIRST
    try:
        moment, row = text.split("_")
        at = datetime.fromisoformat(moment)
        if at.tzinfo is None:
            raise ValueError
        return at, UUID(row)
    except ValueError:
        raise Permanent(
            "cursor-unreadable", "Không đọc được vị trí trang.", mend="Dùng đúng giá trị “next” của trang trước."
        ) from None
