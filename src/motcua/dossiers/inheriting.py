"""What a reorganisation of units does with open dossiers: the offices change, and nothing else does.

Records never move: code, area, papers, log, clock and due moment stay as they are. Each hand-over is a row of the
log with its legal ground and an entry in the journal. Closed dossiers are never looked at: what is looked for lies in
the partial indexes of open ones. All of it is set-based, a thousand dossiers as one.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from motcua.dossiers import rows
from motcua.dossiers.rules.steps import STATE, STATE_BY_NUMBER, Place, State
from motcua.identity import api as identity
from motcua.kernel.arrays import plain_array, text_array
from motcua.kernel.journal import api as journal
from motcua.units import api as units

CONSULTING = STATE[State.CONSULTING].number

# By who holds it; one about which another agency is asked is also found by who resolves it.
_FIND = f"""
SELECT id FROM dossiers_dossier WHERE holder = ANY(%(agencies)s::bigint[]) AND holder IS NOT NULL {{of}}
UNION
SELECT id FROM dossiers_dossier WHERE resolving = ANY(%(agencies)s::bigint[]) AND state = {CONSULTING} {{of}}
"""  # noqa: S608 - a number
_OF = (
    "AND (reception = ANY(%(of)s::bigint[]) OR resolving = ANY(%(of)s::bigint[]) OR consulted = ANY(%(of)s::bigint[]))"
)

_WHAT = "n, state, area, reception, resolving, consulted, holder"
_READ = f"""
WITH held AS (
    SELECT id, {_WHAT} FROM dossiers_dossier
    WHERE id = ANY(%s::uuid[]) AND holder IS NOT NULL ORDER BY id {{lock}}
)
SELECT string_agg(id::text, ',' ORDER BY id), {_WHAT} FROM held GROUP BY {_WHAT} ORDER BY 1
"""  # noqa: S608 - constants

# All of it in the database, a row of `way` for all that go the same way: the dossiers, their log and the journal.
_MOVE = f"""
WITH way AS (
    SELECT * FROM unnest(%(ids)s::text[], %(reception)s::bigint[], %(resolving)s::bigint[], %(consulted)s::bigint[],
        %(holder)s::bigint[], %(elsewhere)s::boolean[], %(state)s::text[], %(digest)s::text[], %(reason)s::text[],
        %(detail)s::text[])
    AS way (ids, reception, resolving, consulted, holder, elsewhere, state_name, digest, reason, detail)
), moved AS (
    UPDATE dossiers_dossier AS dossier
    SET n = dossier.n + 1, reception = move.reception, resolving = move.resolving, consulted = move.consulted,
        holder = move.holder, elsewhere = move.elsewhere
    FROM (SELECT unnest(string_to_array(ids, ','))::uuid AS id, way.* FROM way) AS move
    WHERE dossier.id = move.id
    RETURNING dossier.id, dossier.code, dossier.n, dossier.holder, dossier.state, dossier.due_at, dossier.act_by,
        dossier.waiting_on, move.state_name, move.digest, move.reason, move.detail
), logged AS (
    INSERT INTO dossiers_steprow
        (dossier, n, name, at, agency, "position", caller, key, digest, state, due_at, act_by, waiting_on, reason,
        detail)
    SELECT id, n, %(step)s::text, %(at)s::timestamptz, holder, NULL, 0, concat_ws(':', %(step)s::text, id, n),
        decode(digest, 'hex'), state, due_at, act_by, waiting_on, reason, detail::jsonb
    FROM moved
), told AS (
    SELECT id AS subject, concat('{{"code":', to_json(code), ',"due":', coalesce('"' || regexp_replace(
        to_char(due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '[.]0+$', '') || '+00:00"', 'null'),
        ',"n":', n, ',"request":"', digest, '","state":"', state_name, '"}}') AS body
    FROM moved
)
{journal.LINK}
"""  # noqa: S608 - constants


class Offices(NamedTuple):
    """Who has to do with a dossier: cơ quan tiếp nhận, giải quyết, được lấy ý kiến."""

    reception: int
    resolving: int
    consulted: int | None


class Lot(NamedTuple):
    """Open dossiers that are alike as far as a hand-over goes; their ids as text, which is how they come and go."""

    ids: tuple[str, ...]
    n: int
    state: int
    area: int
    reception: int
    resolving: int
    consulted: int | None
    holder: int

    @property
    def offices(self) -> Offices:
        return Offices(self.reception, self.resolving, self.consulted)


@dataclass(frozen=True, slots=True)
class Move:
    """These dossiers pass to these offices, on this ground."""

    lot: Lot
    to: Offices
    ground: str


@dataclass(frozen=True, slots=True)
class Moved:
    """What was written of a lot: who held it before and holds it now, and the number of the row of the log."""

    ids: tuple[str, ...]
    n: int
    before: Offices
    after: Offices
    holder_before: int
    holder_after: int


@dataclass(frozen=True, slots=True)
class OpenCount:
    """So many open dossiers have these offices, lie with this one and are of people in this area."""

    offices: Offices
    holder: int
    area: int
    count: int


def find_open(agencies: Collection[int], of: Collection[int] = ()) -> list[UUID]:
    """The open dossiers that lie with these agencies, or that these resolve while another one is asked.

    `of`: only those with which one of these agencies has to do.
    """
    cursor = rows.cursor()
    asked = {"agencies": plain_array(agencies), **({"of": plain_array(of)} if of else {})}
    cursor.execute(_FIND.format(of=_OF if of else ""), asked, binary=True)
    return [number for (number,) in cursor]


def lock_open(dossiers: Collection[object]) -> list[Lot]:
    """Those of these dossiers that are still open, held for the caller's transaction."""
    return _read(dossiers, "FOR UPDATE")


def read_open(dossiers: Collection[object]) -> list[Lot]:
    """The same without holding them, for a rehearsal."""
    return _read(dossiers, "")


def _read(dossiers: Collection[object], lock: str) -> list[Lot]:
    cursor = rows.cursor()
    cursor.execute(_READ.format(lock=lock), [plain_array(dossiers)], binary=True)
    return [Lot(tuple(ids.split(",")), *values) for ids, *values in cursor]


def addresses(dossiers: Collection[object]) -> dict[UUID, str]:
    """The applicants' addresses, for a rule that asks in which part of a split unit somebody lives."""
    return _column("coalesce(applicant ->> 'address', '')", dossiers)


def codes_of(dossiers: Collection[object]) -> dict[UUID, str]:
    """Their codes."""
    return _column("code", dossiers)


def _column(what: str, dossiers: Collection[object]) -> dict[UUID, str]:
    if not dossiers:
        return {}
    cursor = rows.cursor()
    statement = f"SELECT id, {what} FROM dossiers_dossier WHERE id = ANY(%s::uuid[])"  # noqa: S608 - constants
    cursor.execute(statement, [plain_array(dossiers)], binary=True)
    return dict(cursor.fetchall())


def holder_at(state: int, offices: Offices) -> int:
    """Which of the offices holds an open dossier in this state."""
    held = {
        Place.RECEPTION: offices.reception,
        Place.RESOLVING: offices.resolving,
        Place.CONSULTED: offices.consulted,
    }[STATE_BY_NUMBER[state].holder]
    return held if held is not None else offices.resolving


def inherit(moves: Sequence[Move], *, plan: str, now: datetime, directory: units.Directory) -> list[Moved]:
    """Pass locked dossiers on to their heirs, in the caller's transaction: one statement for any number.

    `directory` is the one that knows the heirs: for a rehearsal, one that is not published.
    """
    return _move(moves, "inherit", plan, now, directory)


def give_back(moves: Sequence[Move], *, plan: str, now: datetime, directory: units.Directory) -> list[Moved]:
    """The reverse, when the plan is undone."""
    return _move(moves, "give_back", plan, now, directory)


def _move(moves: Sequence[Move], step: str, plan: str, now: datetime, directory: units.Directory) -> list[Moved]:
    if not moves:
        return []
    made, elsewhere, said = [], [], []
    for move in moves:
        lot, holder = move.lot, holder_at(move.lot.state, move.to)
        made.append(Moved(lot.ids, lot.n + 1, lot.offices, move.to, lot.holder, holder))
        reception, resolving = directory.agency(move.to.reception), directory.agency(move.to.resolving)
        elsewhere.append(reception.unit_id != resolving.unit_id)
        said.append(_detail(plan, made[-1]))
    values = {
        "ids": text_array(",".join(moved.ids) for moved in made),
        "reception": plain_array(moved.after.reception for moved in made),
        "resolving": plain_array(moved.after.resolving for moved in made),
        "consulted": plain_array("NULL" if moved.after.consulted is None else moved.after.consulted for moved in made),
        "holder": plain_array(moved.holder_after for moved in made),
        "elsewhere": plain_array(elsewhere),
        "state": plain_array(STATE_BY_NUMBER[move.lot.state].state.value for move in moves),
        "digest": plain_array(hashlib.sha256(detail).hexdigest() for detail in said),
        "reason": text_array(move.ground for move in moves),
        "detail": text_array(detail.decode() for detail in said),
        "step": step,
        "at": now,
    }
    with journal.chained():
        rows.cursor().execute(_MOVE, values | journal.of_one_act(act=step, at=now, actor=identity.SYSTEM.name))
    return made


def _detail(plan: str, moved: Moved) -> bytes:
    """What the row of the log says of a hand-over."""
    return msgspec.json.encode(
        {
            "plan": plan,
            "from": {**moved.before._asdict(), "holder": moved.holder_before},
            "to": {**moved.after._asdict(), "holder": moved.holder_after},
        }
    )


# --- questions ----------------------------------------------------------------------------------------------------


def count_open(agencies: Collection[int]) -> list[OpenCount]:
    """The open dossiers that lie with these agencies, counted by offices and area; from the index of open ones."""
    cursor = rows.cursor()
    cursor.execute(
        "SELECT reception, resolving, consulted, holder, area, count(*) FROM dossiers_dossier "
        "WHERE holder = ANY(%s::bigint[]) AND holder IS NOT NULL GROUP BY 1, 2, 3, 4, 5",
        [plain_array(agencies)],
        binary=True,
    )
    return [OpenCount(Offices(*offices), holder, area, count) for *offices, holder, area, count in cursor]


def worked_on_since(moved: Mapping[UUID, int]) -> list[str]:
    """The codes of those dossiers with which a person or a system did something after this row of the log."""
    cursor = rows.cursor()
    cursor.execute(
        """
        SELECT DISTINCT dossier.code FROM unnest(%s::uuid[], %s::int[]) AS moved (id, n)
        JOIN dossiers_steprow AS step ON step.dossier = moved.id AND step.n > moved.n AND step.caller <> 0
        JOIN dossiers_dossier AS dossier ON dossier.id = moved.id
        """,
        [plain_array(moved), plain_array(moved.values())],
    )
    return sorted(code for (code,) in cursor)


def numbered_since(orgs: Collection[str], first: date) -> dict[str, int]:
    """How many codes of dossiers these identifiers gave out from that day on; those that gave any."""
    cursor = rows.cursor()
    cursor.execute(
        "SELECT org, sum(last) FROM dossiers_counter WHERE org = ANY(%s::text[]) AND day >= %s GROUP BY org",
        [text_array(orgs), first],
    )
    return {org: int(count) for org, count in cursor}
