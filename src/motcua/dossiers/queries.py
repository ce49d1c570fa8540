"""Questions about dossiers: where is it, what is there to do, what happened. Each gives frozen rows."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings

from motcua.dossiers import rows
from motcua.dossiers.rules import codes
from motcua.dossiers.rules.steps import OPEN_STATES, STATE, STATE_BY_NUMBER, STEP, STEPS, Actor, State
from motcua.identity import api as identity
from motcua.kernel import term_text
from motcua.kernel.arrays import text_array
from motcua.kernel.calendar import WorkingCalendar, national
from motcua.kernel.clock import day_of, local
from motcua.kernel.errors import Failure, NotAllowed, NotFound, Permanent
from motcua.kernel.terms import walk, working_time
from motcua.procedures import api as procedures
from motcua.units import api as units


class Office(msgspec.Struct, frozen=True):
    """An agency by its identifier and its name of the day."""

    org: str
    name: str


class Where(msgspec.Struct, frozen=True):
    """Hồ sơ đang ở đâu: the whole answer in one look-up. Moments in UTC; time left in working minutes."""

    code: str
    procedure: str
    procedure_name: str
    state: str
    state_name: str
    national_status: int
    holder: Office | None
    since: datetime
    filed_at: datetime
    accepted_at: datetime | None
    due_at: datetime | None
    act_by: datetime | None
    overdue: bool
    waiting_on: str | None
    waiting_since: datetime | None
    working_minutes_left: int | None
    next_step: str
    next_actor: str | None
    must_act: bool
    reception: Office
    resolving: Office
    support: Office | None
    applicant: str


@dataclass(frozen=True, slots=True)
class WhereQuestion:
    """Who asks for which dossier: an office by its scope, anybody by the secret on the slip."""

    code: str
    now: datetime
    scope: identity.Scope | None = None
    secret: str | None = None


def where(questions: Sequence[WhereQuestion]) -> list[Where | Failure]:
    """One statement for all; a dossier that the asker may not know of is answered as one that does not exist."""
    cursor = rows.cursor()
    cursor.execute(rows.BY_CODE, [text_array({q.code for q in questions})], binary=True)
    found = {row.code: row for row in (rows.Row(*values) for values in cursor)}
    return [_answer(question, found.get(question.code)) for question in questions]


def _answer(question: WhereQuestion, row: rows.Row | None) -> Where | Failure:
    if row is None:
        return _unknown(question.code)
    if question.scope is not None:
        mine = (row.reception, row.resolving, row.support, row.consulted)
        if not any(agency is not None and question.scope.reaches(agency) for agency in mine) and (
            question.scope.party != row.party
        ):
            return _unknown(question.code)
        return describe(row, now=question.now, masked=False)
    if question.secret is None or not codes.secret_fits(settings.SECRET_KEY.encode(), row.code, question.secret):
        return _unknown(question.code)
    return describe(row, now=question.now, masked=True)


def _unknown(code: str) -> NotFound:
    return NotFound(
        "dossier-unknown",
        f"Không tìm thấy hồ sơ {code}.",
        mend="Kiểm tra mã hồ sơ và mã tra cứu ghi trên giấy tiếp nhận.",
    )


@lru_cache(maxsize=20_000)  # a generation is immutable and part of the key
def _office(directory: units.Directory, agency_id: int, on: date) -> Office:
    agency = directory.agency(agency_id)
    return Office(agency.org(on), agency.name_at(on))


def _calendar(directory: units.Directory, agency_id: int) -> WorkingCalendar:
    return national(directory.agency(agency_id).sessions)


NEXT_STEP = {
    state: next((s.vi for s in STEPS if state in s.from_ and s.to is not None and STATE[state].next in s.by), "")
    for state in State
}


def describe(row: rows.Row, *, now: datetime, masked: bool) -> Where:
    """The answer for one dossier, with the names of the day it was filed."""
    directory = units.directory()
    state = STATE_BY_NUMBER[row.state]
    on = day_of(row.filed_at)
    version = procedures.catalogue().by_id(row.version)
    left = None
    if row.due_at is not None and row.finished_at is None:
        left = int(working_time(now, row.due_at, _calendar(directory, row.resolving)).total_seconds() // 60)
    return Where(
        code=row.code,
        procedure=row.procedure,
        procedure_name=version.name,
        state=state.state.value,
        state_name=state.vi,
        national_status=state.national,
        holder=_office(directory, row.holder, on) if row.holder else None,
        since=row.since,
        filed_at=row.filed_at,
        accepted_at=row.accepted_at,
        due_at=row.due_at,
        act_by=row.act_by,
        overdue=row.due_at is not None and (row.finished_at or now) > row.due_at,
        waiting_on=row.waiting_on,
        waiting_since=row.since if row.waiting_on else None,
        working_minutes_left=left,
        next_step=NEXT_STEP[state.state],
        next_actor=state.next.value if state.next else None,
        must_act=state.next is Actor.APPLICANT,
        reception=_office(directory, row.reception, on),
        resolving=_office(directory, row.resolving, on),
        support=_office(directory, row.support, on) if row.support else None,
        applicant=codes.masked(row.applicant) if masked else row.applicant,
    )


# --- work lists ---------------------------------------------------------------------------------------------------

# Danh sách việc: which states each list shows; `late` narrows to what is past due.
LISTS: dict[str, tuple[tuple[State, ...], bool]] = {
    "new": ((State.SUBMITTED,), False),
    "to_hand_over": ((State.ACCEPTED,), False),
    "in_hand": ((State.IN_PROCESS, State.SIGNED), False),
    "waiting": ((State.AWAITING_PAPERS, State.AWAITING_COMPLETION, State.AWAITING_DUTY), False),
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


# --- the log ------------------------------------------------------------------------------------------------------


class LogRow(msgspec.Struct, frozen=True):
    """One row of a dossier's log."""

    n: int
    step: str
    at: datetime
    agency: int | None
    state: str
    due_at: datetime | None
    waiting_on: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class ClockRow:
    """One day of the clock: what of it counted, why, and the law in one line."""

    day: date
    counted: timedelta
    sentence: str
    source: str


def log_of(code: str) -> tuple[LogRow, ...]:
    """Everything that happened to a dossier, in order. The caller has asked `where` first, which checks the scope."""
    cursor = rows.cursor()
    cursor.execute(
        "SELECT s.n, s.name, s.at, s.agency, s.state, s.due_at, s.waiting_on, s.reason FROM dossiers_steprow AS s "
        "JOIN dossiers_dossier AS d ON d.id = s.dossier WHERE d.code = %s ORDER BY s.n",
        [code],
        binary=True,
    )
    return tuple(
        LogRow(
            n=n,
            step=name,
            at=at,
            agency=agency,
            state=STATE_BY_NUMBER[state].state.value,
            due_at=due_at,
            waiting_on=waiting_on,
            reason=reason,
        )
        for n, name, at, agency, state, due_at, waiting_on, reason in cursor
    )


def clock_of(code: str, *, now: datetime) -> tuple[ClockRow, ...]:
    """The dossier's clock explained day by day, up to now or to the due moment. Asked after `where`, like the log."""
    cursor = rows.cursor()
    cursor.execute(rows.BY_CODE, [text_array([code])], binary=True)
    found = cursor.fetchone()
    if found is None:
        return ()
    row = rows.Row(*found)
    clock = row.life().clock
    if clock.start is None:
        return ()
    until = clock.ended or (now if clock.stopped else None)
    explained = [
        ClockRow(day.day.date, day.counted, day.sentence, day.source)
        for day in term_text.days(
            walk(clock.start, clock.term, _calendar(units.directory(), row.resolving), clock.pauses, until)
        )
    ]
    if clock.extended:
        new = local(clock.extended)
        source = str(STEP["extend"].source)
        explained.append(ClockRow(new.date(), timedelta(), f"hẹn lại đến {new:%H:%M %d/%m/%Y}", source))
    return tuple(explained)
