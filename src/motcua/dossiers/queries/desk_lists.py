"""The lists of the officer's desk: whole rows with what may be done, counts at a glance, and finding a dossier.

Every statement reads a bounded number of rows through an index, however many dossiers there are.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from motcua.dossiers import rows
from motcua.dossiers.intake import acts_as, law_kept
from motcua.dossiers.queries.where import calendar_of, concerns
from motcua.dossiers.queries.work_lists import LISTS, read_cursor
from motcua.dossiers.rules import codes
from motcua.dossiers.rules.life import Given, Handling, Life, Running, may_follow
from motcua.dossiers.rules.steps import OPEN_STATES, STATE, STEP, Place, State, Step
from motcua.identity import api as identity
from motcua.kernel.arrays import text_array
from motcua.kernel.calendar import WorkingCalendar
from motcua.kernel.clock import VIETNAM, day_of, local
from motcua.kernel.errors import NotAllowed, NotFound
from motcua.kernel.terms import Term, TermUnit, working_time
from motcua.kernel.text import fold
from motcua.procedures import api as procedures
from motcua.units import api as units

COUNTED_TO = 1000  # more is shown as 999+
SCAN = 2000  # rows of a state that a filter looks through, most pressing first
FOUND = 50  # answers of a search
DAYS_BACK = 60  # on which a code is looked for by its number alone
ALWAYS = datetime(9999, 1, 1, tzinfo=UTC)
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
NOT_HELD = ("asked", "elsewhere")  # lists of those who do not hold the dossier
UNFINISHED = tuple(sorted(OPEN_STATES - {State.FINISHED}))
DESK_LISTS = frozenset({*LISTS, "due_today", *NOT_HELD})


@dataclass(frozen=True, slots=True)
class DeskQuestion:
    """Which list of which agency, from where on, narrowed to what."""

    scope: identity.Scope
    agency: int
    list: str
    now: datetime
    after: str = ""
    limit: int = 50
    procedures: frozenset[str] | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class DeskRow:
    """A dossier in a list: enough to decide what to do next. Working time left in minutes; None while it stands."""

    code: str
    procedure: str
    procedure_name: str
    applicant: str
    state: State
    step: str  # of the internal process, or "" outside of it
    filed_at: datetime
    since: datetime
    due_at: datetime | None
    left: timedelta | None
    act_left: timedelta | None
    waiting_on: str | None
    holder: int | None
    reception: int
    resolving: int
    steps: tuple[str, ...]  # of PLAIN, that this agency may take now


@dataclass(frozen=True, slots=True)
class DeskPage:
    """A page of a list, most pressing first; `next` continues after it, empty on the last page."""

    rows: tuple[DeskRow, ...]
    next: str


def desk_page(question: DeskQuestion) -> DeskPage:
    """One page; the cost does not grow with the number of dossiers."""
    if question.list not in DESK_LISTS:
        raise NotFound("list-unknown", "Không có danh sách này.")
    if not question.scope.reaches(question.agency):
        raise NotAllowed("foreign-agency", "Danh sách này thuộc về cơ quan khác.")
    after_by, after_id = read_cursor(question.after)
    place, states, due = _place_of(question.list, question.now)
    values: dict[str, Any] = {
        "agencies": [question.agency] * len(states),
        "states": [STATE[state].number for state in states],
        "after_by": after_by,
        "after_id": after_id,
        "until": due[1] if due else ALWAYS,
        "page": question.limit + 1,
    }
    conditions = []
    if due:
        conditions.append("due")
        values |= {"due_from": due[0], "due_until": due[1]}
    if question.procedures is not None:
        conditions.append("procedures")
        values["procedures"] = sorted(question.procedures)
    if words := fold(question.words):
        conditions.append("words")
        values |= {"words": words, "name": rows.name_pattern(words)}
    found = _read(place, conditions, values)
    more = len(found) > question.limit
    found = found[: question.limit]
    reading = _Reading(question.scope, question.agency, question.now)
    return DeskPage(
        tuple(map(reading.row, found)),
        next=f"{found[-1].act_by.isoformat()}_{found[-1].id}" if more and found[-1].act_by else "",
    )


def _place_of(name: str, now: datetime) -> tuple[str, Sequence[State], tuple[datetime, datetime] | None]:
    """Where a list's rows lie, in which states, and between which due moments."""
    if name in NOT_HELD:
        return name, (State.CONSULTING,), None
    if name == "due_today":
        return "held", UNFINISHED, (now, _tomorrow(now))
    states, late = LISTS[name]
    return "held", states, (NEVER, now) if late else None


def _read(place: str, conditions: Sequence[str], values: dict[str, Any]) -> list[rows.Row]:
    cursor = rows.cursor()
    values["scan"] = SCAN if conditions else values["page"]
    cursor.execute(rows.desk_list(place, conditions), values, binary=True)
    return [rows.Row(*found) for found in cursor]


def count_work(scope: identity.Scope, agency: int, names: Iterable[str], *, now: datetime) -> Mapping[str, int]:
    """How many dossiers lie in each of these lists of an agency, counted to COUNTED_TO. One statement."""
    if not scope.reaches(agency):
        raise NotAllowed("foreign-agency", "Danh sách này thuộc về cơ quan khác.")
    asked = {name: _place_of(name, now) for name in names}
    states = {state for place, of, due in asked.values() if place == "held" and due is None for state in of}
    late = UNFINISHED if any(due for _, _, due in asked.values()) else ()
    cursor = rows.cursor()
    cursor.execute(
        rows.COUNTS,
        {
            "agencies": [agency] * len(states),
            "states": [STATE[state].number for state in sorted(states)],
            "late_agencies": [agency] * len(late),
            "late_states": [STATE[state].number for state in late],
            "asked": [agency] if "asked" in asked else [],
            "elsewhere": [agency] if "elsewhere" in asked else [],
            "now": now,
            "tomorrow": _tomorrow(now),
            "most": COUNTED_TO,
        },
        binary=True,
    )
    counts = dict(cursor.fetchall())
    return {
        name: counts.get(rows.COUNTED[name], 0)
        if name in rows.COUNTED
        else sum(counts.get(STATE[state].number, 0) for state in of)
        for name, (_, of, _) in asked.items()
    }


def _tomorrow(now: datetime) -> datetime:
    return datetime.combine(local(now).date() + timedelta(days=1), time(), VIETNAM).astimezone(UTC)


# --- a row ----------------------------------------------------------------------------------------------------------

# Steps that need nothing said with them: these a list offers, for several dossiers at once.
PLAIN = ("accept", "hand_over", "process", "propose", "approve", "sign", "finish", "return_result")
STEPS_FROM: Mapping[State, tuple[Step, ...]] = {
    state: tuple(STEP[name] for name in PLAIN if state in STEP[name].from_) for state in State
}
IN_PROCESS = frozenset({State.IN_PROCESS, State.TO_APPROVE, State.TO_SIGN})
UNREAD = Running(Term(0, TermUnit.HOURS))  # none of PLAIN asks for the clock, and reading it costs a tenth of a row


class _Reading:
    """What the rows of one page share: who reads them where, and moments already measured."""

    def __init__(self, scope: identity.Scope, agency: int, now: datetime) -> None:
        self.agency, self.now = agency, now
        self.steps = {
            state: tuple(step for step in steps if any(acts_as(actor, scope) for actor in step.by))
            for state, steps in STEPS_FROM.items()
        }
        self.directory, self.catalogue = units.directory(), procedures.catalogue()
        self.measured: dict[tuple[int, date, datetime], timedelta] = {}

    def left(self, resolving: int, filed_on: date, moment: datetime) -> timedelta:
        found = self.measured.get((resolving, filed_on, moment))
        if found is None:
            found = working_time(self.now, moment, calendar_of(self.directory, resolving, filed_on))
            self.measured[resolving, filed_on, moment] = found
        return found

    def row(self, row: rows.Row) -> DeskRow:
        life = row.life(UNREAD)
        filed_on = day_of(row.filed_at)
        here = law_kept(row.version, row.area, row.resolving, filed_on, row.case, row.channel)
        running = row.finished_at is None
        step = ""
        if life.state in IN_PROCESS and life.handling < len(here.offer.steps):
            step = here.offer.steps[life.handling].title
        return DeskRow(
            code=row.code,
            procedure=row.procedure,
            procedure_name=self.catalogue.by_id(row.version).name,
            applicant=row.applicant,
            state=life.state,
            step=step,
            filed_at=row.filed_at,
            since=row.since,
            due_at=row.due_at,
            left=self.left(row.resolving, filed_on, row.due_at) if row.due_at and running else None,
            act_left=self.left(row.resolving, filed_on, row.act_by) if row.act_by and running else None,
            waiting_on=row.waiting_on,
            holder=row.holder,
            reception=row.reception,
            resolving=row.resolving,
            steps=tuple(self._plain(row, life, here.process, here.calendar)),
        )

    def _plain(
        self, row: rows.Row, life: Life, process: tuple[Handling, ...], calendar: WorkingCalendar
    ) -> Iterable[str]:
        given = Given(self.now)
        for step in self.steps[life.state]:
            place = row.reception if step.at is Place.RECEPTION else row.resolving
            if place == self.agency and not may_follow(life, step, given, process=process, calendar=calendar):
                yield step.name


# --- finding --------------------------------------------------------------------------------------------------------

DASHES = str.maketrans("‐‑‒–—−", "------")
_NUMBERED = re.compile(r"(?:(\d{6})-)?(\d{1,7})")
_PERSONAL = re.compile(r"[0-9][0-9A-Za-z-]{8,19}")


def find_dossiers(text: str, *, scope: identity.Scope, agency: int, now: datetime) -> tuple[DeskRow, ...]:
    """Dossiers that concern this agency, by code or its last part, identity number, or name; the newest first.

    By name only open ones are looked through, held at this agency or at another of its unit.
    """
    if not scope.reaches(agency):
        raise NotAllowed("foreign-agency", "Danh sách này thuộc về cơ quan khác.")
    asked = " ".join(text.split())
    if not asked:
        return ()
    found: dict[Any, rows.Row] = {}
    wanted = _codes(asked, agency, now)
    if wanted:
        cursor = rows.cursor()
        cursor.execute(rows.BY_CODE, [text_array(wanted)], binary=True)
        found |= {row.id: row for row in (rows.Row(*values) for values in cursor)}
    if _PERSONAL.fullmatch(asked):
        cursor = rows.cursor()
        for kind in identity.PartyKind:
            cursor.execute(rows.BY_PARTY, [[identity.party_id(kind, asked)]], binary=True)
            found |= {row.id: row for row in (rows.Row(*values) for values in cursor)}
    if not found and len(fold(asked)) > 1:
        found = {row.id: row for row in _named(asked, agency, now)}
    mine = [row for row in found.values() if concerns(row, scope, day_of(now))]
    mine.sort(key=lambda row: row.filed_at, reverse=True)
    return tuple(map(_Reading(scope, agency, now).row, mine[:FOUND]))


def _codes(asked: str, agency: int, now: datetime) -> list[str]:
    """The codes that may be meant: a whole one, a day with a number, or a number of the last weeks."""
    typed = asked.upper().translate(DASHES).replace(" ", "")
    if codes.looks_like_code(typed):
        return [typed]
    match = _NUMBERED.fullmatch(typed)
    if match is None:
        return []
    directory, today = units.directory(), day_of(now)
    orgs = {a.org(today) for a in directory.agencies_of(directory.agency(agency).unit_id, today)} - {""}
    days = [match[1]] if match[1] else [f"{today - timedelta(days=n):%y%m%d}" for n in range(DAYS_BACK)]
    return [f"{org}-{day}-{int(match[2]):04d}" for org in sorted(orgs) for day in days]


def _named(words: str, agency: int, now: datetime) -> list[rows.Row]:
    directory = units.directory()
    holders = [a.id for a in directory.agencies_of(directory.agency(agency).unit_id, day_of(now))]
    states = [STATE[state].number for state in OPEN_STATES]
    return _read(
        "held",
        ["words", "concerned"],
        {
            "agencies": [holder for holder in holders for _ in states],
            "states": states * len(holders),
            "after_by": read_cursor("")[0],
            "after_id": read_cursor("")[1],
            "until": ALWAYS,
            "page": FOUND,
            "words": fold(words),
            "name": rows.name_pattern(words),
            "concerned": agency,
        },
    )
