"""What wakes a line: letters that were just committed, by this process or by another one on the same database.

Whoever writes letters rings after the commit, with PostgreSQL's NOTIFY; a thread of each worker listens. Ringing
within the transaction would let all that write letters commit one after the other: a NOTIFY holds a lock of the whole
database until its transaction is on the disk. A ring that is lost costs `LOOK`, no letter: lines look by themselves.
"""

import threading
from collections.abc import Iterable

from django.db import connection, transaction

CHANNEL = "motcua_exchange"
LOOK = 1.0  # seconds after which a line that nobody woke looks whether something is due


class Bell:
    """For whom it rang, and nobody has looked since."""

    def __init__(self) -> None:
        self._news = threading.Condition()
        self._rung: set[str] = set()

    def ring(self, name: str) -> None:
        """Wake who waits for this name in this process."""
        with self._news:
            self._rung.add(name)
            self._news.notify_all()

    def answer(self, name: str) -> None:
        """What it rang for until now is looked for now."""
        with self._news:
            self._rung.discard(name)

    def wait(self, name: str) -> None:
        """Until it rings, or it is time to look."""
        with self._news:
            self._news.wait_for(lambda: name in self._rung, LOOK)


BELL = Bell()


def ring_after_commit(partners: Iterable[str]) -> None:
    """Wake the lines to these partners, wherever their worker is, once the caller's transaction stands."""
    words = sorted(set(partners))
    transaction.on_commit(lambda: _notify(words), robust=True)


def _notify(partners: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, partner) FROM unnest(%s::text[]) AS partner", [CHANNEL, partners])


def listen() -> None:
    """Wake this process's lines by what is committed anywhere in the next second."""
    connection.ensure_connection()
    raw = connection.connection
    raw.execute(f"LISTEN {CHANNEL}")  # what it does already if it did
    for word in raw.notifies(timeout=LOOK):
        BELL.ring(word.payload)
