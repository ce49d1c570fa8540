"""What several modules write for one act, as one statement: one round trip to PostgreSQL instead of one for each.

A thread that comes back from PostgreSQL waits for the interpreter's lock, so each round trip saved is worth more than
the statement costs (docs/decisions, group commit).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import psycopg


@dataclass(frozen=True, slots=True)
class Insert:
    """A statement that changes rows, with its values. `sql` is a constant of its module, so that its plan is kept."""

    sql: str
    values: Sequence[Any]


def write(cursor: psycopg.Cursor[Any], inserts: Sequence[Insert]) -> None:
    """Carry out all of them at once. None sees what another one writes."""
    cursor.execute(_together(tuple(insert.sql for insert in inserts)), [v for i in inserts for v in i.values])


@lru_cache(maxsize=256)
def _together(statements: tuple[str, ...]) -> str:
    if len(statements) == 1:
        return statements[0]
    parts = ", ".join(f"part{n} AS ({statement})" for n, statement in enumerate(statements[:-1], 1))
    return f"WITH {parts} {statements[-1]}"
