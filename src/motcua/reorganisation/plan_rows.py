"""The row of a plan: found, locked, set against the directory, told to the journal."""

from datetime import datetime
from typing import Any

from motcua.kernel.journal import api as journal
from motcua.reorganisation import drawing, queries
from motcua.reorganisation.drawing import Drawn
from motcua.reorganisation.models import Plan


def plan_row(name: str) -> Plan:
    """The plan of this name; NotFound where there is none."""
    row = Plan.objects.filter(name=name).first()
    if row is None:
        raise queries.unknown(name)
    return row


def locked(name: str) -> Plan:
    """The same, held until the transaction ends."""
    row = Plan.objects.select_for_update().filter(name=name).first()
    if row is None:
        raise queries.unknown(name)
    return row


def drawn_of(row: Plan) -> Drawn:
    """The plan set against the directory, from memory if it was."""
    return drawing.draw_known(row.digest, lambda: row.text)


def note(row: Plan, act: str, now: datetime, actor: str, body: dict[str, Any]) -> None:
    """What was done to the plan, told to the journal in the same transaction."""
    entry = journal.Entry(queries.subject(row.name), act, now, actor, {"plan": row.name, **body})
    journal.record([entry])
