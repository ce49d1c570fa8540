"""Where is it: the one look-up for the office and for whoever holds the slip."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

import msgspec
from django.conf import settings

from motcua.dossiers import rows
from motcua.dossiers.rules import codes
from motcua.dossiers.rules.steps import NEXT, STATE_BY_NUMBER, Actor
from motcua.identity import api as identity
from motcua.kernel.arrays import text_array
from motcua.kernel.calendar import WorkingCalendar, national
from motcua.kernel.clock import day_of
from motcua.kernel.errors import Failure, NotFound
from motcua.kernel.terms import working_time
from motcua.procedures import api as procedures
from motcua.units import api as units


class Office(msgspec.Struct, frozen=True):
    """An agency by its identifier and its name of the day."""

    org: str
    name: str


class Where(msgspec.Struct, frozen=True):
    """Hồ sơ đang ở đâu: the whole answer in one look-up. Moments in UTC; time left in working minutes.

    `received_by` is the office that took it in, where another one has inherited its part since (sắp xếp đơn vị);
    `area` and `area_code` are the applicant's unit as it was called then.
    """

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
    area: str = ""
    area_code: str = ""
    received_by: Office | None = None


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


def concerns(row: rows.Row, scope: identity.Scope, on: date) -> bool:
    """Whether the dossier is the caller's own, or at one of the caller's agencies or at one that they inherited."""
    if scope.is_party(row.party):
        return True
    offices = (row.reception, row.resolving, row.support, row.consulted)
    return any(office is not None and identity.reads(scope, office, on) for office in offices)


def of_party(scope: identity.Scope, *, now: datetime) -> tuple[Where, ...]:
    """The dossiers of the person or organisation that the caller is, newest first; none for anybody else."""
    if scope.party is None:
        return ()
    cursor = rows.cursor()
    cursor.execute(rows.BY_PARTY, [list(scope.parties)], binary=True)
    return tuple(describe(rows.Row(*values), now=now, masked=False) for values in cursor)


def _answer(question: WhereQuestion, row: rows.Row | None) -> Where | Failure:
    if row is None:
        return unknown(question.code)
    if question.scope is not None:
        if not concerns(row, question.scope, day_of(question.now)):
            return unknown(question.code)
        return describe(row, now=question.now, masked=False)
    if question.secret is None or not codes.secret_fits(settings.SECRET_KEY.encode(), row.code, question.secret):
        return unknown(question.code)
    return describe(row, now=question.now, masked=True)


def unknown(code: str) -> NotFound:
    """The same answer whether there is no such dossier or it is not the caller's."""
    return NotFound(
        "dossier-unknown",
        f"Không tìm thấy hồ sơ {code}.",
        mend="Kiểm tra mã hồ sơ và mã tra cứu ghi trên giấy tiếp nhận.",
    )


@lru_cache(maxsize=20_000)  # a generation is immutable and part of the key
def _office(directory: units.Directory, agency_id: int, on: date) -> Office:
    agency = directory.agency(agency_id)
    if agency.valid_from is not None and agency.valid_from > on:  # it inherited the dossier
        on = agency.valid_from
    return Office(agency.org(on), agency.name_at(on))


def received_by(directory: units.Directory, code: str, reception: int, on: date) -> Office | None:
    """Who took it in, where that is not the one who answers for it now: the code carries its identifier."""
    agency = directory.agency(reception)
    if agency.in_force(on):
        return None
    then = directory.find_agency(code.rsplit("-", 2)[0], on)
    return Office(then.org(on), then.name_at(on)) if then is not None and then.id != reception else None


def calendar_of(directory: units.Directory, agency_id: int, on: date) -> WorkingCalendar:
    """The working calendar with the sessions that the agency had on the day."""
    return national(directory.agency(agency_id).sessions_at(on))


def describe(row: rows.Row, *, now: datetime, masked: bool) -> Where:
    """The answer for one dossier, with the names of the day it was filed."""
    directory = units.directory()
    state = STATE_BY_NUMBER[row.state]
    next_step = NEXT[state.state]
    on = day_of(row.filed_at)
    version = procedures.catalogue().by_id(row.version)
    left = None
    if row.due_at is not None and row.finished_at is None:
        left = int(working_time(now, row.due_at, calendar_of(directory, row.resolving, on)).total_seconds() // 60)
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
        next_step=next_step.vi if next_step else "",
        next_actor=state.next.value if state.next else None,
        must_act=state.next is Actor.APPLICANT,
        reception=_office(directory, row.reception, on),
        resolving=_office(directory, row.resolving, on),
        support=_office(directory, row.support, on) if row.support else None,
        applicant=codes.masked(row.applicant) if masked else row.applicant,
        area=directory.unit(row.area).at(on).full_name,
        area_code=directory.unit(row.area).code,
        received_by=received_by(directory, row.code, row.reception, on),
    )
