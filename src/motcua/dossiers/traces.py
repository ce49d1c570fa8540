"""What an act leaves behind beside the dossier's own row: its row of the log, and its entry in the journal."""

from datetime import datetime
from typing import Any
from uuid import UUID

from motcua.dossiers.intake import Filing
from motcua.dossiers.rules.life import Life
from motcua.dossiers.rules.steps import FILING, STATE
from motcua.identity import api as identity
from motcua.kernel.journal import api as journal


def filing_row(filing: Filing) -> dict[str, Any]:
    """The first row of a dossier's log."""
    step = FILING[filing.application.channel]
    return step_row(
        filing.id, filing.life, step.name, filing.life.since, filing.reception, filing.scope, None, filing.key,
        filing.digest,
    )  # fmt: skip


def step_row(
    dossier: UUID,
    life: Life,
    name: str,
    at: datetime,
    agency: int | None,
    scope: identity.Scope,
    position: int | None,
    key: str,
    digest: bytes,
    reason: str = "",
    detail: dict[str, Any] | None = None,
) -> dict[str, Any]:
    return {
        "dossier": dossier,
        "n": life.n,
        "name": name,
        "at": at,
        "agency": agency,
        "position": position if position is not None else scope.position,
        "caller": scope.caller,
        "key": key,
        "digest": "\\x" + digest.hex(),
        "state": STATE[life.state].number,
        "due_at": life.due_at,
        "act_by": life.act_by,
        "waiting_on": life.waiting_on,
        "reason": reason,
        "detail": detail or {},
    }


def filing_entry(filing: Filing, code: str) -> journal.Entry:
    """The first entry of the journal about a dossier."""
    life = filing.life
    return journal.Entry(
        subject=filing.id,
        act=FILING[filing.application.channel].name,
        at=life.since,
        actor=filing.scope.name,
        body={
            "code": code,
            "procedure": filing.application.procedure,
            "reception": filing.reception,
            "resolving": filing.resolving,
            "due": life.due_at.isoformat() if life.due_at else None,
            "request": filing.digest.hex(),
        },
    )


def step_entry(
    dossier: UUID, code: str, life: Life, step: str, at: datetime, scope: identity.Scope, digest: bytes
) -> journal.Entry:
    """The journal's entry about a step; `life` is the dossier after it."""
    return journal.Entry(
        subject=dossier,
        act=step,
        at=at,
        actor=scope.name,
        body={
            "code": code,
            "n": life.n,
            "state": life.state.value,
            "due": life.due_at.isoformat() if life.due_at else None,
            "request": digest.hex(),
        },
    )
