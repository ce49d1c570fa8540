"""The whole dossier: its papers, its log, its clock, and what its reader may do with it now."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from motcua.dossiers import rows
from motcua.dossiers.intake import acts_as, law_kept
from motcua.dossiers.queries.where import Where, calendar_of, concerns, describe, unknown
from motcua.dossiers.rules.life import Given, Handling, Life, may_follow
from motcua.dossiers.rules.steps import STATE_BY_NUMBER, STEP, STEPS, Actor, Place
from motcua.identity import api as identity
from motcua.kernel import term_text
from motcua.kernel.arrays import text_array
from motcua.kernel.calendar import WorkingCalendar
from motcua.kernel.clock import day_of, local, today
from motcua.kernel.errors import NotFound
from motcua.kernel.terms import walk, working_time
from motcua.procedures import api as procedures
from motcua.units import api as units


class PaperRow(msgspec.Struct, frozen=True):
    """A paper of the dossier or a result: `files` are SHA-256 digests, `step` the row of the log that brought it."""

    n: int
    kind: str
    key: str
    name: str
    form: str
    quantity: int
    files: list[str]
    step: int


class NoteRow(msgspec.Struct, frozen=True):
    """What an official wrote down about the dossier."""

    at: datetime
    agency: int
    position: int | None
    caller: int
    text: str


@dataclass(frozen=True, slots=True)
class AllowedStep:
    """A step that the table allows from this state for the reader's position; `refused` says why not just now."""

    name: str
    vi: str
    source: str
    needs_reason: bool
    brings: str
    refused: str


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """One step of the internal process (quy trình nội bộ): whose it is, its minutes, and whether it is done or now."""

    title: str
    role: str
    minutes: int
    state: str  # done, now, next


@dataclass(frozen=True, slots=True)
class Folder:
    """Hồ sơ, opened: what the page of a dossier shows. `notes` and `process` are empty for the applicant."""

    where: Where
    reception: int
    resolving: int
    consulted: int | None
    holder: int | None
    act_left: timedelta | None  # working time until `act_by`
    applicant: dict[str, Any]
    content: dict[str, Any]
    version: int
    area: int
    case: str
    channel: str
    papers: tuple[PaperRow, ...]
    log: tuple["LogRow", ...]
    notes: tuple[NoteRow, ...]
    process: tuple[ProcessRow, ...]
    allowed: tuple[AllowedStep, ...]


def open_folder(code: str, *, scope: identity.Scope, now: datetime) -> Folder:
    """The whole dossier for somebody whom it concerns; NotFound for anybody else."""
    cursor = rows.cursor()
    row = _row(cursor, code)
    if row is None or not concerns(row, scope, day_of(now)):
        raise unknown(code)
    cursor.execute("SELECT applicant::text, content::text FROM dossiers_dossier WHERE id = %s", [row.id])
    applicant, content = (msgspec.json.decode(text) for text in cursor.fetchone() or ("{}", "{}"))
    cursor.execute(
        "SELECT n, kind, key, name, form, quantity, files, step FROM dossiers_component WHERE dossier = %s ORDER BY n",
        [row.id],
    )
    papers = tuple(PaperRow(*values) for values in cursor)
    mine = scope.is_party(row.party)
    cursor.execute(
        'SELECT at, agency, "position", caller, text FROM dossiers_note WHERE dossier = %s ORDER BY id', [row.id]
    )
    notes = () if mine else tuple(NoteRow(*values) for values in cursor)
    life = row.life()
    here = law_kept(row.version, row.area, row.resolving, day_of(row.filed_at), row.case, row.channel)
    return Folder(
        where=describe(row, now=now, masked=False),
        reception=row.reception,
        resolving=row.resolving,
        consulted=row.consulted,
        holder=row.holder,
        act_left=working_time(now, row.act_by, here.calendar) if row.act_by and row.finished_at is None else None,
        applicant=applicant,
        content=content,
        version=row.version,
        area=row.area,
        case=row.case,
        channel=row.channel,
        papers=papers,
        log=log_of(code),
        notes=notes,
        process=() if mine else tuple(_process(here.offer.steps, row, life)),
        allowed=tuple(_allowed(row, life, scope, here.process, here.calendar, now)),
    )


def _allowed(
    row: rows.Row,
    life: Life,
    scope: identity.Scope,
    process: tuple[Handling, ...],
    calendar: WorkingCalendar,
    now: datetime,
) -> list[AllowedStep]:
    places = {Place.RECEPTION: row.reception, Place.RESOLVING: row.resolving, Place.CONSULTED: life.consulted}
    found = []
    for step in STEPS:
        place = places[step.at]
        own = scope.is_party(row.party) and Actor.APPLICANT in step.by
        sits = scope.party is None and place is not None and scope.reaches(place)
        if life.state not in step.from_ or not (own or (sits and any(acts_as(actor, scope) for actor in step.by))):
            continue
        refused = may_follow(life, step, Given(now), process=process, calendar=calendar)
        found.append(AllowedStep(step.name, step.vi, str(step.source), step.needs_reason, step.brings.value, refused))
    return found


def _process(steps: tuple[procedures.ProcessStep, ...], row: rows.Row, life: Life) -> list[ProcessRow]:
    """Where the internal process stands: before hand-over nothing of it is done, after signing all of it."""
    if row.finished_at is not None or life.state.value in ("signed", "finished", "returned"):
        at = len(steps)
    elif life.state.value in ("submitted", "awaiting_papers", "awaiting_fee", "accepted"):
        at = 0
    else:
        at = life.handling
    states = ("done", "now", "next")
    return [
        ProcessRow(step.title, step.role.value, step.minutes, states[(i >= at) + (i > at)])
        for i, step in enumerate(steps)
    ]


def file_of(code: str, sha256: str, *, scope: identity.Scope) -> PaperRow:
    """The paper of this dossier that the file belongs to; NotFound unless the dossier concerns the caller."""
    cursor = rows.cursor()
    row = _row(cursor, code)
    if row is not None and concerns(row, scope, today()):
        cursor.execute(
            "SELECT n, kind, key, name, form, quantity, files, step FROM dossiers_component "
            "WHERE dossier = %s AND files @> ARRAY[%s] ORDER BY n LIMIT 1",
            [row.id, sha256],
        )
        found = cursor.fetchone()
        if found is not None:
            return PaperRow(*found)
    raise NotFound("file-unknown", "Hồ sơ không có tệp này.")


def _row(cursor: Any, code: str) -> rows.Row | None:
    cursor.execute(rows.BY_CODE, [text_array([code])], binary=True)
    found = cursor.fetchone()
    return rows.Row(*found) if found else None


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
    position: int | None
    caller: int
    detail: dict[str, Any]


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
        "SELECT s.n, s.name, s.at, s.agency, s.state, s.due_at, s.waiting_on, s.reason, "
        's."position", s.caller, s.detail::text FROM dossiers_steprow AS s '
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
            position=position,
            caller=caller,
            detail=msgspec.json.decode(detail),
        )
        for n, name, at, agency, state, due_at, waiting_on, reason, position, caller, detail in cursor
    )


APPOINTED = {"vi": "hẹn lại đến", "en": "appointed anew for"}


def clock_of(code: str, *, now: datetime, language: str = "vi") -> tuple[ClockRow, ...]:
    """The dossier's clock explained day by day, up to now or to the due moment, in Vietnamese or English ("en").

    Asked after `where`, like the log.
    """
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
            walk(
                clock.start,
                clock.term,
                calendar_of(units.directory(), row.resolving, day_of(row.filed_at)),
                clock.pauses,
                until,
            ),
            language,
        )
    ]
    if clock.extended:
        new = local(clock.extended)
        source = str(STEP["extend"].source)
        explained.append(ClockRow(new.date(), timedelta(), f"{APPOINTED[language]} {new:%H:%M %d/%m/%Y}", source))
    return tuple(explained)
