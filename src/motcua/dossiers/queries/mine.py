"""What stands above the dossiers asks of many at once: how they stand, and what their logs tell the applicant."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from motcua.dossiers import rows
from motcua.dossiers.queries.where import concerns
from motcua.dossiers.rules.steps import STATE_BY_NUMBER, State
from motcua.identity import api as identity
from motcua.kernel.arrays import text_array
from motcua.kernel.clock import today

LATEST = 500  # dossiers of one person whose logs are told


class Standing(msgspec.Struct, frozen=True):
    """How a dossier stands: what is needed to reckon what it costs and whether that is owed now."""

    id: UUID
    code: str
    version: int
    case: str
    channel: str
    party: UUID
    reception: int
    resolving: int
    state: State
    act_by: datetime | None
    n: int
    fee_asked: bool  # the applicant was asked for the fee before acceptance


class Told(msgspec.Struct, frozen=True):
    """One row of a log as it is told to the applicant, with the dossier that it belongs to."""

    code: str
    version: int
    n: int
    step: str
    at: datetime
    agency: int | None
    due_at: datetime | None
    act_by: datetime | None
    reason: str


def standings(codes: Collection[str], *, scope: identity.Scope) -> Mapping[str, Standing]:
    """The dossiers with these codes, those that concern the caller. One statement."""
    cursor = rows.cursor()
    cursor.execute(rows.BY_CODE, [text_array(codes)], binary=True)
    found = [row for row in (rows.Row(*values) for values in cursor) if concerns(row, scope, today())]
    return {
        row.code: Standing(
            id=row.id,
            code=row.code,
            version=row.version,
            case=row.case,
            channel=row.channel,
            party=row.party,
            reception=row.reception,
            resolving=row.resolving,
            state=STATE_BY_NUMBER[row.state].state,
            act_by=row.act_by,
            n=row.n,
            fee_asked="ask_for_fee" in row.taken,
        )
        for row in found
    }


TOLD = f"""
SELECT mine.code, mine.version, step.n, step.name, step.at, step.agency, step.due_at, step.act_by, step.reason
FROM (SELECT id, code, version FROM dossiers_dossier WHERE party = ANY(%s) ORDER BY id DESC LIMIT {LATEST}) AS mine
JOIN dossiers_steprow AS step ON step.dossier = mine.id
WHERE step.name = ANY(%s::text[]) AND step.at < %s
ORDER BY step.at DESC, step.dossier, step.n DESC LIMIT %s
"""  # noqa: S608 - only the constant above


def told(steps: Sequence[str], *, scope: identity.Scope, before: datetime, limit: int = 50) -> tuple[Told, ...]:
    """Rows of these steps in the logs of the caller's own dossiers, newest first; none for anybody else."""
    if scope.party is None:
        return ()
    cursor = rows.cursor()
    cursor.execute(TOLD, [list(scope.parties), text_array(steps), before, limit], binary=True)
    return tuple(Told(*values) for values in cursor)
