"""The number of the catalogue's generation: who changes the catalogue holds the lock and counts it up."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from motcua.kernel.journal import api as journal

CATALOGUE = UUID("5b0c2f0e-6c1b-5d0a-9d57-6d6f74637561")
"""The catalogue as a subject of the journal."""


def lock(cursor: Any) -> None:
    """One change of the catalogue at a time; readers are not held up."""
    cursor.execute("LOCK TABLE procedures_generation IN SHARE ROW EXCLUSIVE MODE")


def count_up(cursor: Any, now: datetime, actor: str, act: str, codes: Sequence[str], changed: int) -> int:
    """Number the change and record it: which act, how many rows, and the digest of the procedures it named."""
    cursor.execute(
        """
        INSERT INTO procedures_generation AS g (id, number, published_at) VALUES (1, 1, %s)
        ON CONFLICT (id) DO UPDATE SET number = g.number + 1, published_at = EXCLUDED.published_at RETURNING number
        """,
        [now],
    )
    number = int(cursor.fetchone()[0])
    named = hashlib.sha256("\n".join(codes).encode()).hexdigest()
    body = {"generation": number, "changed": changed, "procedures": len(codes), "named": named}
    journal.record([journal.Entry(CATALOGUE, act, now, actor, body)])
    return number
