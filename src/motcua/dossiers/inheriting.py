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
from motcua.kernel.inserts import write
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

_COLUMNS = "id, code, n, state, due_at, area, reception, resolving, consulted, holder"
_LOCK = f"""
SELECT {_COLUMNS} FROM dossiers_dossier
WHERE id = ANY(%s::uuid[]) AND holder IS NOT NULL ORDER BY id FOR UPDATE
"""  # noqa: S608 - constants

_MOVE = """
WITH moved AS (
    UPDATE dossiers_dossier AS dossier
    SET n = dossier.n + 1, reception = move.reception, resolving = move.resolving, consulted = move.consulted,
        holder = move.holder, elsewhere = move.elsewhere
    FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::boolean[], %s::text[],
        %s::text[], %s::text[], %s::text[])
        AS move (id, reception, resolving, consulted, holder, elsewhere, key, digest, reason, detail)
    WHERE dossier.id = move.id
    RETURNING dossier.id, dossier.n, dossier.holder, dossier.state, dossier.due_at, dossier.act_by,
        dossier.waiting_on, move.key, move.digest, move.reason, move.detail
)
INSERT INTO dossiers_steprow
    (dossier, n, name, at, agency, "position", caller, key, digest, state, due_at, act_by, waiting_on, reason, detail)
SELECT id, n, %s::text, %s::timestamptz, holder, NULL, 0, key, decode(digest, 'hex'), state, due_at, act_by,
    waiting_on, reason, detail::jsonb
FROM moved
"""


class Offices(NamedTuple):
    """Who has to do with a dossier: cơ quan tiếp nhận, giải quyết, được lấy ý kiến."""

    reception: int
    resolving: int
    consulted: int | None


class Open(NamedTuple):
    """An open dossier as far as a hand-over needs it."""

    id: UUID
    code: str
    n: int
    state: int
    due_at: datetime | None
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
    """This dossier passes to these offices, on this ground."""

    dossier: Open
    to: Offices
    ground: str


@dataclass(frozen=True, slots=True)
class Moved:
    """What was written: who held it before and holds it now, and the number of the row of the log."""

    id: UUID
    code: str
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


def lock_open(dossiers: Sequence[UUID]) -> list[Open]:
    """Those of these dossiers that are still open, held for the caller's transaction."""
    cursor = rows.cursor()
    cursor.execute(_LOCK, [plain_array(dossiers)], binary=True)
    return [Open(*values) for values in cursor]


def read_open(dossiers: Sequence[UUID]) -> list[Open]:
    """The same without holding them, for a rehearsal."""
    cursor = rows.cursor()
    cursor.execute(_LOCK.replace("FOR UPDATE", ""), [plain_array(dossiers)], binary=True)
    return [Open(*values) for values in cursor]


def addresses(dossiers: Collection[UUID]) -> dict[UUID, str]:
    """The applicants' addresses, for a rule that asks in which part of a split unit somebody lives."""
    if not dossiers:
        return {}
    cursor = rows.cursor()
    cursor.execute(
        "SELECT id, coalesce(applicant ->> 'address', '') FROM dossiers_dossier WHERE id = ANY(%s::uuid[])",
        [plain_array(dossiers)],
        binary=True,
    )
    return dict(cursor.fetchall())


def codes_of(dossiers: Collection[UUID]) -> list[str]:
    """Their codes, in order."""
    if not dossiers:
        return []
    cursor = rows.cursor()
    cursor.execute("SELECT code FROM dossiers_dossier WHERE id = ANY(%s::uuid[])", [plain_array(dossiers)])
    return sorted(code for (code,) in cursor)


def holder_at(state: int, offices: Offices) -> int:
    """Which of the offices holds an open dossier in this state."""
    held = {
        Place.RECEPTION: offices.reception,
        Place.RESOLVING: offices.resolving,
        Place.CONSULTED: offices.consulted,
    }[STATE_BY_NUMBER[state].holder]
    return held if held is not None else offices.resolving


def inherit(moves: Sequence[Move], *, plan: str, now: datetime, directory: units.Directory) -> list[Moved]:
    """Pass locked dossiers on to their heirs, in the caller's transaction: three statements for any number.

    `directory` is the one that knows the heirs: for a rehearsal, one that is not published.
    """
    return _move(moves, "inherit", plan, now, directory)


def give_back(moves: Sequence[Move], *, plan: str, now: datetime, directory: units.Directory) -> list[Moved]:
    """The reverse, when the plan is undone."""
    return _move(moves, "give_back", plan, now, directory)


def _move(moves: Sequence[Move], step: str, plan: str, now: datetime, directory: units.Directory) -> list[Moved]:
    if not moves:
        return []
    made, keys, digests, details, entries = [], [], [], [], []
    elsewhere: dict[tuple[int, int], bool] = {}
    for move in moves:
        before, n = move.dossier, move.dossier.n + 1
        holder = holder_at(before.state, move.to)
        made.append(Moved(before.id, before.code, n, before.offices, move.to, before.holder, holder))
        detail = msgspec.json.encode(
            {
                "plan": plan,
                "from": {**before.offices._asdict(), "holder": before.holder},
                "to": {**move.to._asdict(), "holder": holder},
            }
        )
        digest = hashlib.sha256(detail).hexdigest()
        keys.append(f"{step}:{plan}:{before.code}:{n}")
        digests.append(digest)
        details.append(detail.decode())
        entries.append(
            journal.Entry(
                subject=before.id,
                act=step,
                at=now,
                actor=identity.SYSTEM.name,
                body={
                    "code": before.code,
                    "n": n,
                    "state": STATE_BY_NUMBER[before.state].state.value,
                    "due": before.due_at.isoformat() if before.due_at else None,
                    "request": digest,
                },
            )
        )
        pair = (move.to.reception, move.to.resolving)
        if pair not in elsewhere:
            elsewhere[pair] = directory.agency(pair[0]).unit_id != directory.agency(pair[1]).unit_id
    cursor = rows.cursor()
    cursor.execute(
        _MOVE,
        [
            plain_array(moved.id for moved in made),
            plain_array(moved.after.reception for moved in made),
            plain_array(moved.after.resolving for moved in made),
            plain_array("NULL" if moved.after.consulted is None else moved.after.consulted for moved in made),
            plain_array(moved.holder_after for moved in made),
            plain_array(elsewhere[moved.after.reception, moved.after.resolving] for moved in made),
            text_array(keys),
            plain_array(digests),
            text_array(move.ground for move in moves),
            text_array(details),
            step,
            now,
        ],
    )
    with journal.chained():
        write(cursor, [journal.insertion(entries)])
    return made


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
