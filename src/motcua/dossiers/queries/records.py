"""Many dossiers at once with all that stands in them, for whoever puts them on paper."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.conf import settings

from motcua.dossiers import rows
from motcua.dossiers.queries.folder import PaperRow
from motcua.dossiers.queries.where import concerns, unknown
from motcua.dossiers.rules import codes
from motcua.dossiers.rules.steps import MOVES, STATE_BY_NUMBER, Place, State
from motcua.identity import api as identity
from motcua.kernel.arrays import text_array
from motcua.kernel.clock import today

MOVED = frozenset(step.name for step in MOVES)


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One row of the log: who took which step when, who held the dossier then, by when the next one was to act."""

    n: int
    step: str
    at: datetime
    state: State
    holder: int | None
    position: int | None
    caller: int
    due_at: datetime | None
    act_by: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class Record:
    """Hồ sơ trên giấy: one dossier with its applicant, content, papers and log. `own`: the caller is the applicant."""

    code: str
    secret: str
    version: int
    case: str
    area: int
    channel: str
    support: int | None
    reception: int
    resolving: int
    filed_at: datetime
    accepted_at: datetime | None
    finished_at: datetime | None
    due_at: datetime | None
    state: State
    own: bool
    applicant: dict[str, Any]
    content: dict[str, Any]
    papers: tuple[PaperRow, ...]
    log: tuple[RecordRow, ...]


def records(wanted: Sequence[str], *, scope: identity.Scope) -> dict[str, Record]:
    """The dossiers with these codes, in four statements; NotFound if one of them does not concern the caller."""
    cursor = rows.cursor()
    cursor.execute(rows.BY_CODE, [text_array(set(wanted))], binary=True)
    found = {row.code: row for row in (rows.Row(*values) for values in cursor)}
    for code in wanted:
        if code not in found or not concerns(found[code], scope, today()):
            raise unknown(code)
    ids = [row.id for row in found.values()]
    cursor.execute("SELECT id, applicant::text, content::text FROM dossiers_dossier WHERE id = ANY(%s)", [ids])
    written = {number: (msgspec.json.decode(who), msgspec.json.decode(what)) for number, who, what in cursor}
    cursor.execute(
        "SELECT dossier, n, kind, key, name, form, quantity, files, step FROM dossiers_component "
        "WHERE dossier = ANY(%s) ORDER BY dossier, n",
        [ids],
    )
    papers: dict[Any, list[PaperRow]] = defaultdict(list)
    for number, *values in cursor:
        papers[number].append(PaperRow(*values))
    cursor.execute(
        "SELECT dossier, n, name, at, state, \"position\", caller, due_at, act_by, reason, detail ->> 'agency', "
        "detail ->> 'from' "
        "FROM dossiers_steprow WHERE dossier = ANY(%s) ORDER BY dossier, n",
        [ids],
    )
    logs: dict[Any, list[tuple[Any, ...]]] = defaultdict(list)
    for number, *values in cursor:
        logs[number].append(tuple(values))
    key = settings.SECRET_KEY.encode()
    return {
        code: Record(
            code=code,
            secret=codes.secret(key, code),
            version=row.version,
            case=row.case,
            area=row.area,
            channel=row.channel,
            support=row.support,
            reception=row.reception,
            resolving=row.resolving,
            filed_at=row.filed_at,
            accepted_at=row.accepted_at,
            finished_at=row.finished_at,
            due_at=row.due_at,
            state=STATE_BY_NUMBER[row.state].state,
            own=scope.is_party(row.party),
            applicant=written[row.id][0],
            content=written[row.id][1],
            papers=tuple(papers[row.id]),
            log=tuple(_log(row, logs[row.id])),
        )
        for code, row in found.items()
    }


def _log(row: rows.Row, log: list[tuple[Any, ...]]) -> list[RecordRow]:
    made = []
    reception, resolving = row.reception, row.resolving
    for n, step, at, number, position, caller, due_at, act_by, reason, consulted, before in reversed(log):
        state = STATE_BY_NUMBER[number]
        holder = {
            Place.RECEPTION: reception,
            Place.RESOLVING: resolving,
            Place.CONSULTED: row.consulted if step in MOVED else int(consulted) if consulted else None,
            Place.NOBODY: None,
        }[state.holder]
        made.append(RecordRow(n, step, at, state.state, holder, position, caller, due_at, act_by, reason))
        if before is not None:  # a reorganisation: what came earlier was with these offices
            then = msgspec.json.decode(before)
            reception, resolving = then["reception"], then["resolving"]
    return made[::-1]
