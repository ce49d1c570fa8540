"""What a caller gets back: made from the log alone, so that the answer to a repeated key is the same to the byte."""

from datetime import datetime

import msgspec

from motcua.dossiers.rules import codes
from motcua.dossiers.rules.steps import STATE, State
from motcua.kernel.clock import day_of
from motcua.units import api as units


class Receipt(msgspec.Struct, frozen=True):
    """Biên nhận: the core of form 01. Moments in UTC; `due_at` is empty until the dossier is accepted."""

    code: str
    secret: str
    procedure: str
    state: str
    national_status: int
    filed_at: datetime
    due_at: datetime | None
    act_by: datetime | None
    reception: str
    resolving: str


class StepReceipt(msgspec.Struct, frozen=True):
    """What a step left behind: the row number in the log, the state, when it is due, and for whom it waits."""

    code: str
    n: int
    step: str
    at: datetime
    state: str
    national_status: int
    due_at: datetime | None
    act_by: datetime | None
    waiting_on: str | None


def receipt(
    *,
    key: bytes,
    code: str,
    procedure: str,
    state: State,
    filed_at: datetime,
    due_at: datetime | None,
    act_by: datetime | None,
    reception: int,
    resolving: int,
) -> Receipt:
    directory, on = units.directory(), day_of(filed_at)
    return Receipt(
        code=code,
        secret=codes.secret(key, code),
        procedure=procedure,
        state=state.value,
        national_status=STATE[state].national,
        filed_at=filed_at,
        due_at=due_at,
        act_by=act_by,
        reception=directory.agency(reception).org(on),
        resolving=directory.agency(resolving).org(on),
    )
