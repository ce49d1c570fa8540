"""Suggests pairs of people, and does what a clerk decides of one."""

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
from django.conf import settings
from django.db import connection, transaction

from motcua.conversion.persons import queries
from motcua.conversion.persons.rules import COLUMNS, LEAST, Decision
from motcua.identity import api as identity
from motcua.kernel.clock import day_of
from motcua.kernel.errors import Conflict, NotAllowed

MAY_DECIDE = frozenset({identity.Role.RECEPTION, identity.Role.ADMINISTRATOR, identity.Role.LEADER})

_NAMES = [column.split()[0] for column in COLUMNS.split(", ")]
WRITTEN_OUT = f"""
COPY (
    SELECT {", ".join(_NAMES)} FROM conversion_person WHERE kind = 'citizen' ORDER BY system, party
) TO STDOUT (FORMAT csv, HEADER)
"""
KEEP = """
INSERT INTO conversion_suggestion (party, survivor, probability, reasons, areas, suggested_at, decision)
SELECT new.party, new.survivor, new.probability, new.reasons,
    (SELECT array_agg(DISTINCT p.area ORDER BY p.area) FROM conversion_person p
     WHERE p.party IN (new.party, new.survivor)), %s, 'open'
FROM json_to_recordset(%s::json) AS new (party uuid, survivor uuid, probability float8, reasons jsonb)
WHERE NOT EXISTS (SELECT FROM conversion_suggestion old WHERE old.party = new.survivor AND old.survivor = new.party)
ON CONFLICT (party, survivor) DO UPDATE
SET probability = EXCLUDED.probability, reasons = EXCLUDED.reasons, areas = EXCLUDED.areas
WHERE conversion_suggestion.decision IN ('open', 'later')
"""
BATCH = 20_000


@dataclass(frozen=True, slots=True)
class Decided:
    """What a clerk says of a suggestion."""

    suggestion: int
    decision: Decision


def suggest(*, now: datetime, least: float = LEAST) -> int:
    """Compare everybody whom the old systems wrote down, and keep the pairs that may be one person; how many.

    What was decided stays decided. The people leave the database only into a file that its owner alone reads, and
    that is gone afterwards.
    """
    from motcua.conversion.persons.matching import likenesses  # a process that never compares does without DuckDB

    room = Path(settings.CONVERSION)
    room.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix="people-", suffix=".csv", dir=room)  # made with mode 0600
    people = Path(name)
    try:
        with os.fdopen(handle, "wb") as file, connection.cursor() as cursor, cursor.copy(WRITTEN_OUT) as rows:
            for block in rows:
                file.write(block)
        found = likenesses(people, least=least)
    finally:
        people.unlink()
    with transaction.atomic(), connection.cursor() as cursor:
        for start in range(0, len(found), BATCH):
            batch = [
                {"party": one.party, "survivor": one.survivor, "probability": one.probability, "reasons": one.reasons}
                for one in found[start : start + BATCH]
            ]
            cursor.execute(KEEP, [now, msgspec.json.encode(batch).decode()])
    return len(found)


LOCK = "SELECT id, party, survivor, decision FROM conversion_suggestion WHERE id = ANY(%s) ORDER BY id FOR UPDATE"
NOTE = """
UPDATE conversion_suggestion AS s SET decision = new.decision, decided_at = %s, decided_by = %s, position = %s
FROM unnest(%s::bigint[], %s::text[]) AS new (id, decision) WHERE s.id = new.id
"""


def decide(decisions: Sequence[Decided], *, scope: identity.Scope, now: datetime) -> int:
    """Same, not the same, later, or open again: how many decisions changed something.

    "Same" lets one party point to the other; anything else after it takes that back, and both are as they were to
    the letter, because nothing of either was touched. NotFound for a pair outside the caller's area.
    """
    if scope.roles.isdisjoint(MAY_DECIDE):
        raise NotAllowed("role-missing", f"Việc này cần vai trò {' hoặc '.join(sorted(MAY_DECIDE))}.")
    wanted = {decided.suggestion: decided.decision for decided in decisions}
    if len(wanted) < len(decisions):
        raise Conflict("suggestion-twice", "Một gợi ý được quyết định hai lần trong một lần gửi.")
    for number in wanted:
        queries.pair(number, scope=scope, on=day_of(now))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOCK, [sorted(wanted)])
        standing = {number: (party, survivor, Decision(was)) for number, party, survivor, was in cursor.fetchall()}
        changed = {number: to for number, to in wanted.items() if standing[number][2] != to}
        joined = [standing[number][:2] for number, to in changed.items() if to is Decision.SAME]
        parted = [standing[number][:2] for number in changed if standing[number][2] is Decision.SAME]
        if joined:
            identity.merge_parties(joined, now=now, by=scope)
        if parted:
            identity.part_parties(parted, now=now, by=scope)
        if changed:
            cursor.execute(
                NOTE, [now, scope.caller, scope.position, list(changed), [str(to) for to in changed.values()]]
            )
    return len(changed)
