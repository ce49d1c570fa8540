"""The hot SQL of dossiers, in one place, and the values that go into it and come out.

Each statement takes one JSON array and does its work for all of its rows, so that one dossier and a thousand are the
same statement. A change of a column is a change of the list here, of the model, and of nothing else.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from django.db import connection

from motcua.dossiers.intake import Filing, Paper
from motcua.dossiers.rules.life import Life, Running
from motcua.dossiers.rules.steps import STATE, STATE_BY_NUMBER, Brings, Place, State
from motcua.kernel.arrays import plain_array, text_array
from motcua.kernel.inserts import Insert
from motcua.kernel.terms import Pause, Term, TermUnit, WaitingOn
from motcua.kernel.text import fold
from motcua.units import api as units

NUMBERS = """
INSERT INTO dossiers_counter AS counter (org, day, last)
SELECT org, day, wanted FROM unnest(%s::text[], %s::date[], %s::int[]) AS asked (org, day, wanted) ORDER BY org, day
ON CONFLICT (org, day) DO UPDATE SET last = counter.last + excluded.last
RETURNING org, day, last
"""

LIFE_COLUMNS = (
    "state smallint, n int, holder bigint, since timestamptz, clock jsonb, due_at timestamptz, act_by timestamptz, "
    "accepted_at timestamptz, finished_at timestamptz, waiting_on text, consulted bigint, handling smallint, "
    "taken text[], outcome text"
)
LIFE_NAMES = ", ".join(column.split()[0] for column in LIFE_COLUMNS.split(", "))
BIRTH_COLUMNS = (
    'id uuid, code text, procedure text, version bigint, "case" text, area bigint, support bigint, reception bigint, '
    "resolving bigint, elsewhere boolean, channel text, party uuid, applicant jsonb, content jsonb, "
    "filed_at timestamptz"
)
BIRTH_NAMES = ", ".join(column.split()[0] for column in BIRTH_COLUMNS.split(", "))
COMPONENT_COLUMNS = (
    "dossier uuid, n smallint, kind text, step int, key text, name text, form text, quantity smallint, files text[]"
)
COMPONENT_NAMES = ", ".join(column.split()[0] for column in COMPONENT_COLUMNS.split(", "))
STEP_COLUMNS = (
    "dossier uuid, n int, name text, at timestamptz, agency bigint, position bigint, caller bigint, key text, "
    "digest bytea, state smallint, due_at timestamptz, act_by timestamptz, waiting_on text, reason text, detail jsonb"
)
STEP_NAMES = ", ".join(column.split()[0] for column in STEP_COLUMNS.split(", ")).replace("position", '"position"')

PAPERS = f"""
INSERT INTO dossiers_component ({COMPONENT_NAMES})
SELECT {COMPONENT_NAMES} FROM json_to_recordset(%s::json) AS paper ({COMPONENT_COLUMNS})
"""  # noqa: S608 - only the constants above

LOG = f"""
INSERT INTO dossiers_steprow ({STEP_NAMES})
SELECT {STEP_NAMES} FROM json_to_recordset(%s::json) AS step ({STEP_COLUMNS.replace("position", '"position"')})
"""  # noqa: S608 - only the constants above

BIRTHS = f"""
INSERT INTO dossiers_dossier ({BIRTH_NAMES}, {LIFE_NAMES})
SELECT {BIRTH_NAMES}, {LIFE_NAMES} FROM json_to_recordset(%s::json) AS dossier ({BIRTH_COLUMNS}, {LIFE_COLUMNS})
"""  # noqa: S608 - only the constants above

# Papers that come later take the numbers after those that are there; the dossier is locked meanwhile.
MORE_PAPERS = f"""
INSERT INTO dossiers_component ({COMPONENT_NAMES})
SELECT dossier, n + (SELECT coalesce(max(known.n), 0) FROM dossiers_component AS known
        WHERE known.dossier = paper.dossier), {COMPONENT_NAMES.removeprefix("dossier, n, ")}
FROM json_to_recordset(%s::json) AS paper ({COMPONENT_COLUMNS})
"""  # noqa: S608 - only the constants above

SETTERS = ", ".join(f"{name} = changed.{name}" for name in LIFE_NAMES.split(", "))
LIVES = f"""
UPDATE dossiers_dossier AS dossier SET {SETTERS}
FROM json_to_recordset(%s::json) AS changed (id uuid, {LIFE_COLUMNS}) WHERE dossier.id = changed.id
"""  # noqa: S608 - only the constants above

# All but the filled-in form, which only the dossier's own page reads. In binary, moments come in UTC and in a sixth
# of the time; JSON is asked for as text.
DOSSIER_NAMES = (
    f"{BIRTH_NAMES}, {LIFE_NAMES}".replace("content, ", "")
    .replace("applicant", "applicant ->> 'name'")
    .replace("clock", "clock::text")
)
LOCK = f"SELECT {DOSSIER_NAMES} FROM dossiers_dossier WHERE code = ANY(%s) ORDER BY id FOR UPDATE"  # noqa: S608
BY_CODE = f"SELECT {DOSSIER_NAMES} FROM dossiers_dossier WHERE code = ANY(%s::text[])"  # noqa: S608
BY_PARTY = f"SELECT {DOSSIER_NAMES} FROM dossiers_dossier WHERE party = ANY(%s) ORDER BY id DESC LIMIT 500"  # noqa: S608

NOTE_COLUMNS = 'dossier uuid, at timestamptz, agency bigint, "position" bigint, caller bigint, text text'
NOTE_NAMES = ", ".join(column.split()[0] for column in NOTE_COLUMNS.split(", "))
NOTE = f"""
INSERT INTO dossiers_note ({NOTE_NAMES}) SELECT {NOTE_NAMES} FROM json_to_recordset(%s::json) AS note ({NOTE_COLUMNS})
"""  # noqa: S608 - only the constants above

KNOWN = """
SELECT asked.i, step.digest, step.dossier, step.n, step.name, step.at, step.state, step.due_at, step.act_by,
    step.waiting_on, dossier.code, dossier.procedure, dossier.reception, dossier.resolving, dossier.filed_at
FROM unnest(%s::int[], %s::bigint[], %s::text[]) AS asked (i, caller, key)
JOIN dossiers_steprow AS step ON step.caller = asked.caller AND step.key = asked.key
JOIN dossiers_dossier AS dossier ON dossier.id = step.dossier
"""

WORK_LIST = """
SELECT i, code, procedure, applicant, state, holder, since, due_at, act_by, waiting_on, filed_at, id
FROM (
    SELECT asked.i, asked.page, found.*,
        row_number() OVER (PARTITION BY asked.i ORDER BY found.act_by, found.id) AS place
    FROM unnest(%s::int[], %s::bigint[], %s::smallint[], %s::timestamptz[], %s::uuid[], %s::int[], %s::timestamptz[])
        AS asked (i, holder, state, after_by, after_id, page, late_at)
    CROSS JOIN LATERAL (
        SELECT id, code, procedure, applicant ->> 'name' AS applicant, state, holder, since, due_at, act_by,
            waiting_on, filed_at
        FROM dossiers_dossier AS dossier
        WHERE dossier.holder = asked.holder AND dossier.state = asked.state
            AND (dossier.act_by, dossier.id) > (asked.after_by, asked.after_id)
            AND (asked.late_at IS NULL OR (dossier.due_at < asked.late_at AND dossier.act_by < asked.late_at))
        ORDER BY dossier.act_by, dossier.id LIMIT asked.page
    ) AS found
) AS merged WHERE place <= page ORDER BY i, place
"""

# The desk's lists: whole rows, narrowed by what was asked. At most `scan` rows of each state are looked through.
# Where a list's rows lie; each place has an index in the order of the list.
DESK_PLACES = {
    "held": "dossier.holder = asked.agency AND dossier.state = asked.state",
    "asked": f"dossier.resolving = asked.agency AND dossier.state = {STATE[State.CONSULTING].number}",
    "elsewhere": "dossier.reception = asked.agency AND dossier.elsewhere AND dossier.holder IS NOT NULL",
}
DESK_CONDITIONS = {
    "due": "due_at >= %(due_from)s AND due_at < %(due_until)s",
    "procedures": "procedure = ANY(%(procedures)s)",
    "words": (
        "(applicant ->> 'name' ~ %(name)s OR strpos(lower(code), %(words)s) > 0"
        " OR starts_with(applicant ->> 'number', %(words)s))"
    ),
    "concerned": "%(concerned)s IN (reception, resolving, support, consulted)",
}


def desk_list(place: str, conditions: Sequence[str]) -> str:
    """The statement of a page of the desk: chosen through the index alone where the conditions allow it, then read."""
    narrowed = " AND ".join(("true", *(DESK_CONDITIONS[name] for name in conditions)))
    return f"""
SELECT {DOSSIER_NAMES} FROM (
    SELECT found.chosen, found.place
    FROM unnest(%(agencies)s::bigint[], %(states)s::smallint[]) AS asked (agency, state)
    CROSS JOIN LATERAL (
        SELECT id AS chosen, act_by AS place FROM (
            SELECT * FROM dossiers_dossier AS dossier
            WHERE {DESK_PLACES[place]} AND (dossier.act_by, dossier.id) > (%(after_by)s, %(after_id)s)
                AND dossier.act_by < %(until)s
            ORDER BY dossier.act_by, dossier.id LIMIT %(scan)s
        ) AS looked WHERE {narrowed} ORDER BY act_by, id LIMIT %(page)s
    ) AS found ORDER BY found.place, found.chosen LIMIT %(page)s
) AS page JOIN dossiers_dossier AS dossier ON dossier.id = page.chosen ORDER BY page.place, page.chosen
"""  # noqa: S608 - only the constants above


_LETTERS: dict[str, str] = defaultdict(str)
for _letter in "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ":
    _LETTERS[fold(_letter)] += _letter + _letter.upper()


def name_pattern(words: str) -> str:
    """A regular expression for names that hold these words, typed with or without marks, in any case."""
    return "".join(
        f"[{c}{c.upper()}{_LETTERS.get(c, '')}]" if c.isascii() and c.isalpha() else " +" if c == " " else re.escape(c)
        for c in fold(words)
    )


# How much lies in each state of an agency, from the index alone, and what of it falls due when.
COUNTS = f"""
SELECT asked.state, count(*) FROM unnest(%(agencies)s::bigint[], %(states)s::smallint[]) AS asked (agency, state)
CROSS JOIN LATERAL (SELECT FROM dossiers_dossier AS dossier WHERE {DESK_PLACES["held"]} LIMIT %(most)s) AS found
GROUP BY asked.state
UNION ALL
SELECT unnest(ARRAY[-1, -2]), unnest(ARRAY[
    count(*) FILTER (WHERE due_at < %(now)s), count(*) FILTER (WHERE due_at >= %(now)s AND due_at < %(tomorrow)s)])
FROM unnest(%(late_agencies)s::bigint[], %(late_states)s::smallint[]) AS asked (agency, state)
CROSS JOIN LATERAL (
    SELECT due_at FROM dossiers_dossier AS dossier WHERE {DESK_PLACES["held"]} AND dossier.act_by < %(tomorrow)s
    ORDER BY dossier.act_by, dossier.id LIMIT %(most)s
) AS found
UNION ALL
SELECT -3, count(*) FROM unnest(%(asked)s::bigint[]) AS asked (agency)
CROSS JOIN LATERAL (SELECT FROM dossiers_dossier AS dossier WHERE {DESK_PLACES["asked"]} LIMIT %(most)s) AS found
UNION ALL
SELECT -4, count(*) FROM unnest(%(elsewhere)s::bigint[]) AS asked (agency)
CROSS JOIN LATERAL (SELECT FROM dossiers_dossier AS dossier WHERE {DESK_PLACES["elsewhere"]} LIMIT %(most)s) AS found
"""  # noqa: S608 - only the constants above
COUNTED = {"overdue": -1, "due_today": -2, "asked": -3, "elsewhere": -4}


def cursor() -> psycopg.Cursor[tuple[Any, ...]]:
    """A plain psycopg cursor on Django's connection, inside its transaction: prepared statements, no per-row cost."""
    connection.ensure_connection()
    return psycopg.Cursor(connection.connection)


def from_json(sql: str, rows: list[dict[str, Any]]) -> Insert:
    """One of the statements above with its rows."""
    return Insert(sql, (msgspec.json.encode(rows).decode(),))


def take_numbers(cursor: psycopg.Cursor[Any], wanted: Counter[tuple[str, date]]) -> dict[tuple[str, date], int]:
    """Take so many numbers of each agency's day; gives the last number that was out before."""
    pairs = sorted(wanted)
    columns = (
        text_array(org for org, _ in pairs),
        plain_array(day for _, day in pairs),
        plain_array(wanted[pair] for pair in pairs),
    )
    cursor.execute(NUMBERS, columns, binary=True)
    return {(org, day): last - wanted[org, day] for org, day, last in cursor}


def birth_row(filing: Filing, code: str, party: UUID) -> dict[str, Any]:
    """A new dossier as the columns of BIRTH_COLUMNS and LIFE_COLUMNS."""
    application, life = filing.application, filing.life
    directory = units.directory()
    return {
        "id": filing.id,
        "code": code,
        "procedure": application.procedure,
        "version": filing.version,
        "case": application.case,
        "area": filing.area,
        "support": filing.support,
        "reception": filing.reception,
        "resolving": filing.resolving,
        "elsewhere": directory.agency(filing.reception).unit_id != directory.agency(filing.resolving).unit_id,
        "channel": application.channel,
        "party": party,
        "applicant": application.applicant,
        "content": application.content,
        "filed_at": life.since,
        **life_row(life, reception=filing.reception, resolving=filing.resolving),
    }


def paper_rows(
    dossier: UUID, papers: Sequence[Paper], *, step: int, kind: Brings = Brings.PAPERS, after: int = 0
) -> list[dict[str, Any]]:
    """The papers that one row of the log brings, as the columns of COMPONENT_COLUMNS, numbered from `after` on."""
    return [
        {
            "dossier": dossier,
            "n": n,
            "kind": kind.value,
            "step": step,
            "key": paper.component,
            "name": paper.name,
            "form": paper.form,
            "quantity": paper.quantity,
            "files": "{" + ",".join(paper.files) + "}",
        }
        for n, paper in enumerate(papers, after + 1)
    ]


def holder_of(life: Life, *, reception: int, resolving: int) -> int | None:
    """The agency that holds the dossier now (nơi đang giữ hồ sơ)."""
    return {
        Place.RECEPTION: reception,
        Place.RESOLVING: resolving,
        Place.CONSULTED: life.consulted,
        Place.NOBODY: None,
    }[STATE[life.state].holder]


def life_row(life: Life, *, reception: int, resolving: int) -> dict[str, Any]:
    """A life as the columns of LIFE_COLUMNS."""
    return {
        "state": STATE[life.state].number,
        "n": life.n,
        "holder": holder_of(life, reception=reception, resolving=resolving),
        "since": life.since,
        "clock": clock_row(life.clock),
        "due_at": life.due_at,
        "act_by": life.act_by,
        "accepted_at": life.accepted_at,
        "finished_at": life.finished_at,
        "waiting_on": life.waiting_on,
        "consulted": life.consulted,
        "handling": life.handling,
        "taken": "{" + ",".join(sorted(life.taken)) + "}",
        "outcome": life.outcome,
    }


def clock_row(clock: Running) -> dict[str, Any]:
    """A clock as it is kept: what the walk needs to explain itself."""
    term = clock.term
    row: dict[str, Any] = {"term": [term.value, term.unit, term.cut_off], "start": clock.start}
    if clock.pauses:
        row["pauses"] = [[p.start, p.end, p.waiting_on, p.why] for p in clock.pauses]
    if clock.extended:
        row["extended"] = clock.extended
    if clock.ended:
        row["ended"] = clock.ended
    return row


class _Clock(msgspec.Struct):
    term: tuple[int | float, TermUnit, time | None]
    start: datetime | None
    pauses: list[tuple[datetime, datetime | None, WaitingOn, str]] = []
    extended: datetime | None = None
    ended: datetime | None = None


_clocks = msgspec.json.Decoder(_Clock)


def read_clock(row: str) -> Running:
    """A clock as `clock_row` wrote it."""
    kept = _clocks.decode(row)
    return Running(
        term=Term(*kept.term),
        start=kept.start,
        pauses=tuple(Pause(*pause) for pause in kept.pauses),
        extended=kept.extended,
        ended=kept.ended,
    )


class Row(msgspec.Struct, frozen=True):
    """A dossier as BY_CODE and LOCK read it."""

    id: Any
    code: str
    procedure: str
    version: int
    case: str
    area: int
    support: int | None
    reception: int
    resolving: int
    elsewhere: bool
    channel: str
    party: Any
    applicant: str
    filed_at: datetime
    state: int
    n: int
    holder: int | None
    since: datetime
    clock: str
    due_at: datetime | None
    act_by: datetime | None
    accepted_at: datetime | None
    finished_at: datetime | None
    waiting_on: str | None
    consulted: int | None
    handling: int
    taken: list[str]
    outcome: str

    def life(self, clock: Running | None = None) -> Life:
        """The life of which the row is the cache; its clock is read unless one is given."""
        return Life(
            state=STATE_BY_NUMBER[self.state].state,
            n=self.n,
            since=self.since,
            clock=clock or read_clock(self.clock),
            due_at=self.due_at,
            act_by=self.act_by,
            accepted_at=self.accepted_at,
            finished_at=self.finished_at,
            waiting_on=WaitingOn(self.waiting_on) if self.waiting_on else None,
            consulted=self.consulted,
            handling=self.handling,
            taken=frozenset(self.taken),
            outcome=self.outcome,
        )
