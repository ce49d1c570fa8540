"""The acts on dossiers: file them, take steps with them, and what the timers do. Each takes a list."""

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import msgspec
import psycopg
from django import db
from django.conf import settings
from django.db import connection, transaction

from motcua.dossiers import rows, traces
from motcua.dossiers.intake import Filing, Paper, acts_as, check_papers, law_kept
from motcua.dossiers.receipts import Receipt, StepReceipt, receipt
from motcua.dossiers.rules import codes
from motcua.dossiers.rules.life import Given, Life, follow, refuse_actor
from motcua.dossiers.rules.limits import LIMITS
from motcua.dossiers.rules.steps import RUNNING, STATE, STATE_BY_NUMBER, STEP, Actor, Brings, Place, State
from motcua.identity import api as identity
from motcua.kernel.arrays import text_array
from motcua.kernel.calendar import national
from motcua.kernel.clock import day_of
from motcua.kernel.errors import Conflict, Failure, NotAllowed, NotFound, Permanent, Transient
from motcua.kernel.inserts import Insert, write
from motcua.kernel.journal import api as journal
from motcua.kernel.terms import add_working
from motcua.procedures import api as procedures

# Plain cursors raise psycopg's errors, Django's own cursor and its commit raise Django's.
DATA_ERRORS = (psycopg.DataError, db.DataError)
INTEGRITY_ERRORS = (psycopg.IntegrityError, db.IntegrityError)
OPERATIONAL_ERRORS = (psycopg.OperationalError, db.OperationalError)
SECRET_KEY = settings.SECRET_KEY.encode()
log = logging.getLogger(__name__)
NOTE_LENGTH = 2000  # characters
T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class StepRequest:
    """Somebody wants to take one step with one dossier."""

    code: str
    step: str
    key: str
    digest: bytes
    scope: identity.Scope
    given: Given
    position: int | None = None
    papers: tuple[Paper, ...] = ()


@dataclass(frozen=True, slots=True)
class NewNote:
    """Somebody at the desk writes something down about a dossier."""

    code: str
    text: str
    scope: identity.Scope


def file(filings: Sequence[Filing]) -> list[Receipt | Failure]:
    """Write new dossiers in one transaction; one receipt or one Failure for each, in order.

    A key that was used before by the same caller gives the first receipt again if the request is the same, and a
    Conflict if it is not. One bad row never costs its neighbours: a refused batch is halved until it stands alone.
    """
    return _folding(filings, lambda fresh: _steadily(lambda: _file(fresh)))


def take_steps(requests: Sequence[StepRequest]) -> list[StepReceipt | Failure]:
    """Take steps with dossiers in one transaction; steps of one dossier are taken in the order given."""
    return _folding(requests, lambda fresh: _steadily(lambda: _take_steps(fresh)))


def close_overdue(*, now: datetime, limit: int = 500) -> int:
    """Close what the applicant has not completed within the law's term; how many. Two workers never meet on one."""
    return _timed(
        "close",
        f"{_states(STEP['close'].from_)} AND act_by <= %s",
        [now],
        now=now,
        limit=limit,
    )


def warn_before_due(*, now: datetime, limit: int = 500) -> int:
    """Write a warning into the log of each running dossier that is due within a working day; how many."""
    horizon = add_working(now, float(LIMITS["warn_before_due"].term.value) * 8, national())
    return _timed(
        "warn",
        f"{_states(RUNNING)} AND due_at <= %s AND waiting_on IS DISTINCT FROM 'outage' AND NOT taken @> '{{warn}}'",
        [horizon],
        now=now,
        limit=limit,
    )


def _states(states: Iterable[State]) -> str:
    """The condition that the timers' partial indexes are made with."""
    return f"state IN ({', '.join(str(STATE[state].number) for state in sorted(states))})"


# --- filing -------------------------------------------------------------------------------------------------------


def _file(filings: Sequence[Filing]) -> list[Receipt | Failure]:
    try:
        with transaction.atomic():
            return _write_filings(filings)
    except INTEGRITY_ERRORS as error:
        if _constraint(error) == "step_once_per_key":
            return _file_around_known(filings)
        return _halved(filings, _file, error)
    except DATA_ERRORS as error:
        return _halved(filings, _file, error)


def _file_around_known(filings: Sequence[Filing]) -> list[Receipt | Failure]:
    """Some keys are in the log already: answer those from it and write the others."""
    known = _known(filings)
    rest = [f for i, f in enumerate(filings) if i not in known]
    written = iter(_file(rest) if rest else [])
    return [_replayed(known[i], f.digest, _as_receipt) if i in known else next(written) for i, f in enumerate(filings)]


def _write_filings(filings: Sequence[Filing]) -> list[Receipt | Failure]:
    cursor = rows.cursor()
    numbers = rows.take_numbers(cursor, Counter((f.org, f.day) for f in filings))
    parties, known = identity.party_insertion([f.party for f in filings], now=filings[0].life.since)
    births: list[dict[str, Any]] = []
    papers: list[dict[str, Any]] = []
    steps: list[dict[str, Any]] = []
    entries: list[journal.Entry] = []
    receipts: list[Receipt | Failure] = []
    for filing, party in zip(filings, parties, strict=True):
        application, life = filing.application, filing.life
        numbers[filing.org, filing.day] += 1
        code = codes.code(filing.org, filing.day, numbers[filing.org, filing.day])
        births.append(rows.birth_row(filing, code, party))
        papers.extend(rows.paper_rows(filing.id, application.components, step=life.n))
        steps.append(traces.filing_row(filing))
        entries.append(traces.filing_entry(filing, code))
        receipts.append(
            receipt(
                key=SECRET_KEY,
                code=code,
                procedure=application.procedure,
                state=life.state,
                filed_at=life.since,
                due_at=life.due_at,
                act_by=life.act_by,
                reception=filing.reception,
                resolving=filing.resolving,
            )
        )
    write_births(cursor=cursor, parties=known, papers=papers, steps=steps, births=births, entries=entries)
    return receipts


def write_births(
    *,
    cursor: psycopg.Cursor[Any],
    parties: Insert,
    papers: list[dict[str, Any]],
    steps: list[dict[str, Any]],
    births: list[dict[str, Any]],
    entries: Sequence[journal.Entry],
) -> None:
    """Everything that new dossiers are made of, in one statement."""
    write(
        cursor,
        [
            parties,
            rows.from_json(rows.PAPERS, papers),
            rows.from_json(rows.LOG, steps),
            journal.insertion(entries, fresh=True),
            rows.from_json(rows.BIRTHS, births),
        ],
    )


# --- steps --------------------------------------------------------------------------------------------------------


def _take_steps(requests: Sequence[StepRequest]) -> list[StepReceipt | Failure]:
    try:
        with transaction.atomic():
            return _write_steps(requests)
    except INTEGRITY_ERRORS as error:
        if _constraint(error) == "step_once_per_key":  # another process used the key meanwhile: now it is known
            with transaction.atomic():
                return _write_steps(requests)
        return _halved(requests, _take_steps, error)
    except DATA_ERRORS as error:
        return _halved(requests, _take_steps, error)


def _write_steps(requests: Sequence[StepRequest]) -> list[StepReceipt | Failure]:
    cursor = rows.cursor()
    cursor.execute(rows.LOCK, [sorted({request.code for request in requests})], binary=True)
    found = {row.code: row for row in (rows.Row(*values) for values in cursor)}
    known = _known(requests)
    named = {r.position for r in requests if r.position is not None}
    positions = identity.positions(named, day_of(requests[0].given.now)) if named else {}
    lives = {code: row.life() for code, row in found.items()}
    changed: set[str] = set()
    steps: list[dict[str, Any]] = []
    papers: dict[str, list[dict[str, Any]]] = defaultdict(list)
    entries: list[journal.Entry] = []
    answers: list[StepReceipt | Failure] = []
    for i, request in enumerate(requests):
        if i in known:
            answers.append(_replayed(known[i], request.digest, _as_step_receipt))
            continue
        try:
            row = found.get(request.code)
            if row is None:
                raise NotFound("dossier-unknown", f"Không có hồ sơ mang mã {request.code}.")
            before = lives[request.code]
            life = _decide(row, before, request, positions)
        except Failure as failure:
            answers.append(failure)
            continue
        lives[request.code] = life
        changed.add(request.code)
        brought = papers[request.code]
        brought += rows.paper_rows(
            row.id, request.papers, step=life.n, kind=STEP[request.step].brings, after=len(brought)
        )
        detail = {"new_due": request.given.new_due, "agency": request.given.agency}
        steps.append(
            traces.step_row(
                row.id, life, request.step, request.given.now, _place(row, before, request.step), request.scope,
                request.position, request.key, request.digest, request.given.reason,
                {name: value for name, value in detail.items() if value is not None},
            )
        )  # fmt: skip
        entries.append(
            traces.step_entry(row.id, row.code, life, request.step, request.given.now, request.scope, request.digest)
        )
        answers.append(_step_receipt(row.code, life, request.step, request.given.now))
    if steps:
        updates = [
            {
                "id": found[code].id,
                **rows.life_row(lives[code], reception=found[code].reception, resolving=found[code].resolving),
            }
            for code in sorted(changed)
        ]
        more = [paper for brought in papers.values() for paper in brought]
        with journal.chained():
            write(
                cursor,
                [
                    rows.from_json(rows.LOG, steps),
                    *([rows.from_json(rows.MORE_PAPERS, more)] if more else []),
                    journal.insertion(entries),
                    rows.from_json(rows.LIVES, updates),
                ],
            )
    return answers


def _decide(row: rows.Row, life: Life, request: StepRequest, positions: Mapping[int, identity.Holding]) -> Life:
    """Who may, and what follows; Failures change nothing."""
    step = STEP.get(request.step)
    if step is None:
        raise Permanent("step-unknown", f"Không có bước “{request.step}”.", steps=sorted(STEP))
    scope = request.scope
    mine = [row.reception, row.resolving, life.consulted]
    if not scope.is_party(row.party) and not any(a and scope.reaches(a) for a in mine):
        raise NotFound("dossier-unknown", f"Không có hồ sơ mang mã {request.code}.")
    place = {Place.RECEPTION: row.reception, Place.RESOLVING: row.resolving, Place.CONSULTED: life.consulted}.get(
        step.at
    )
    if not any(acts_as(actor, scope) for actor in step.by):
        raise refuse_actor(step, step.at)
    if not scope.is_party(row.party) and place is not None and not scope.reaches(place):
        raise NotAllowed(
            "foreign-agency",
            f"Bước “{step.vi}” thuộc về cơ quan khác.",
            mend="Bước này do cơ quan đó thực hiện.",
        )
    if request.position is not None:
        held = positions.get(request.position)
        if held is None or held.agency_id != place or not scope.reaches(place) or Actor(held.role.value) not in step.by:
            raise NotAllowed(
                "position-not-entitled",
                f"Vị trí {request.position} không thực hiện được bước “{step.vi}” tại cơ quan này.",
                mend="Nêu một vị trí đang có người giữ, đúng vai trò, tại cơ quan thực hiện bước này.",
            )
    if request.papers and not step.brings:
        raise Permanent("papers-not-taken", f"Bước “{step.vi}” không nhận giấy tờ.", mend="Bỏ “papers”.")
    listed = step.brings is Brings.PAPERS
    check_papers(request.papers, procedures.catalogue().by_id(row.version) if listed else None)
    here = law_kept(row.version, row.area, row.resolving, day_of(row.filed_at), row.case, row.channel)
    return follow(life, step, request.given, process=here.process, calendar=here.calendar)


def _place(row: rows.Row, before: Life, step: str) -> int | None:
    """The agency where the step is taken; who answers is no longer consulted afterwards."""
    return {Place.RECEPTION: row.reception, Place.RESOLVING: row.resolving}.get(STEP[step].at, before.consulted)


def _timed(step: str, condition: str, values: list[Any], *, now: datetime, limit: int) -> int:
    """Take a timer's step with all dossiers that meet the condition and that no other worker is holding."""
    with transaction.atomic():
        cursor = rows.cursor()
        cursor.execute(
            f"SELECT code, n FROM dossiers_dossier WHERE {condition} ORDER BY id LIMIT {int(limit)} "  # noqa: S608
            "FOR UPDATE SKIP LOCKED",
            values,
        )
        requests = [
            StepRequest(
                code=code,
                step=step,
                key=f"{step}:{code}:{n}",
                digest=f"{step}:{code}:{n}".encode(),
                scope=identity.SYSTEM,
                given=Given(now),
            )
            for code, n in cursor
        ]
        answers = _write_steps(requests) if requests else []
    return sum(not isinstance(answer, Failure) for answer in answers)


# --- notes --------------------------------------------------------------------------------------------------------


def write_notes(notes: Sequence[NewNote], *, now: datetime) -> int:
    """Keep what officials tell each other about dossiers that their scopes reach; NotFound for any other one."""
    cursor = rows.cursor()
    with transaction.atomic():
        cursor.execute(rows.BY_CODE, [text_array({note.code for note in notes})], binary=True)
        found = {row.code: row for row in (rows.Row(*values) for values in cursor)}
        made = []
        for note in notes:
            row = found.get(note.code)
            mine = [row.reception, row.resolving, row.consulted] if row else []
            here = next((agency for agency in mine if agency and note.scope.reaches(agency)), None)
            if row is None or here is None:
                raise NotFound("dossier-unknown", f"Không có hồ sơ mang mã {note.code}.")
            if not note.text.strip() or len(note.text) > NOTE_LENGTH:
                raise Permanent("note-length", f"Ghi chú dài từ 1 đến {NOTE_LENGTH} ký tự.")
            made.append(
                {
                    "dossier": row.id,
                    "at": now,
                    "agency": here,
                    "position": note.scope.position,
                    "caller": note.scope.caller,
                    "text": note.text.strip(),
                }
            )
        write(cursor, [rows.from_json(rows.NOTE, made)])
    return len(made)


# --- what both share ----------------------------------------------------------------------------------------------


def _step_receipt(code: str, life: Life, step: str, at: datetime) -> StepReceipt:
    return StepReceipt(
        code=code,
        n=life.n,
        step=step,
        at=at,
        state=life.state.value,
        national_status=STATE[life.state].national,
        due_at=life.due_at,
        act_by=life.act_by,
        waiting_on=life.waiting_on.value if life.waiting_on else None,
    )


class _Known(msgspec.Struct, frozen=True):
    """A row of the log that a key points to."""

    i: int
    digest: bytes
    dossier: Any
    n: int
    step: str
    at: datetime
    state: int
    due_at: datetime | None
    act_by: datetime | None
    waiting_on: str | None
    code: str
    procedure: str
    reception: int
    resolving: int
    filed_at: datetime


def _known(requests: Sequence[Filing] | Sequence[StepRequest]) -> dict[int, _Known]:
    cursor = rows.cursor()
    cursor.execute(
        rows.KNOWN,
        [list(range(len(requests))), [r.scope.caller for r in requests], [r.key for r in requests]],
        binary=True,
    )
    return {known.i: known for known in (_Known(*values) for values in cursor)}


def _replayed(known: _Known, digest: bytes, answer: Callable[[_Known], R]) -> R | Failure:
    return answer(known) if known.digest == digest else _reused()


def _reused() -> Failure:
    return Conflict(
        "key-reused",
        "Khóa chống lặp này đã dùng cho một yêu cầu có nội dung khác.",
        mend="Dùng một khóa mới cho mỗi yêu cầu mới.",
    )


def _as_receipt(known: _Known) -> Receipt:
    return receipt(
        key=SECRET_KEY,
        code=known.code,
        procedure=known.procedure,
        state=STATE_BY_NUMBER[known.state].state,
        filed_at=known.filed_at,
        due_at=known.due_at,
        act_by=known.act_by,
        reception=known.reception,
        resolving=known.resolving,
    )


def _as_step_receipt(known: _Known) -> StepReceipt:
    state = STATE_BY_NUMBER[known.state]
    return StepReceipt(
        code=known.code,
        n=known.n,
        step=known.step,
        at=known.at,
        state=state.state.value,
        national_status=state.national,
        due_at=known.due_at,
        act_by=known.act_by,
        waiting_on=known.waiting_on,
    )


def _folding(items: Sequence[T], act: Callable[[Sequence[T]], list[R | Failure]]) -> list[R | Failure]:
    """Within one batch, let the first request with a key act and its repetitions share the answer."""
    if not items:
        return []
    first: dict[tuple[int, str], int] = {}
    place: list[int] = []
    fresh: list[T] = []
    for item in items:
        key = (item.scope.caller, item.key)  # type: ignore[attr-defined]
        if key not in first:
            first[key] = len(fresh)
            fresh.append(item)
        place.append(first[key])
    answers = act(fresh)
    return [
        answers[at] if item.digest == fresh[at].digest else _reused()  # type: ignore[attr-defined]
        for item, at in zip(items, place, strict=True)
    ]


def _steadily(act: Callable[[], R]) -> R:
    """A lost connection is opened anew and the act tried once more, which the keys make safe; then Transient."""
    for attempt in (1, 2):
        try:
            return act()
        except OPERATIONAL_ERRORS as error:
            lost = connection.connection is None or connection.connection.closed
            if lost:
                connection.close()
            if attempt == 2:
                raise Transient(
                    "database-away",
                    "Cơ sở dữ liệu tạm thời không trả lời.",
                    mend="Gửi lại yêu cầu này với cùng khóa sau vài giây.",
                ) from error
    raise AssertionError


def _halved(items: Sequence[T], act: Callable[[Sequence[T]], list[R | Failure]], error: Exception) -> list[R | Failure]:
    """The batch was refused by the database: find the bad one by halving, so that the others stand."""
    if len(items) == 1:
        cause = error if isinstance(error, psycopg.Error) else error.__cause__
        state = cause.sqlstate if isinstance(cause, psycopg.Error) else None
        log.warning("the database refused a row: %s %s", state, _constraint(error))  # its words may quote a person
        return [
            Permanent(
                "data-refused",
                "Cơ sở dữ liệu không nhận nội dung này.",
                mend="Kiểm tra các giá trị quá dài hoặc có ký tự lạ.",
            )
        ]
    middle = len(items) // 2
    return act(items[:middle]) + act(items[middle:])


def _constraint(error: Exception) -> str:
    cause = error if isinstance(error, psycopg.Error) else error.__cause__
    return (cause.diag.constraint_name if isinstance(cause, psycopg.Error) else None) or ""
