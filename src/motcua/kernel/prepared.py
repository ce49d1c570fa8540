"""Prepared statements straight through libpq, for the few that run thousands of times a second.

A statement through a psycopg cursor costs 200 us of this process, this way 35: nothing is adapted, guessed or waited
for in Python. In a front whose loop and lanes share one interpreter the lane waits less for its turn, too. It runs on
Django's connection and in its transaction, and raises psycopg's errors. Values go in as text and come out as text.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import count
from typing import Any

import psycopg
from django.db import connection, transaction
from psycopg import pq
from psycopg._preparing import PrepareManager
from psycopg.errors import error_from_result

Link = psycopg.Connection[Any]
_GOOD = (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK)


class _Names(PrepareManager):
    """The names of a connection's statements. psycopg drops them all after a rollback, and tells by `clear`."""

    def __init__(self, threshold: int | None) -> None:
        super().__init__()
        self.prepare_threshold = threshold
        self.own: dict[str, bytes] = {}
        self.numbers = count()

    def clear(self) -> bool:
        self.own.clear()
        return super().clear()


def run(statement: str, parameters: Sequence[str], *, on: Link | None = None) -> list[tuple[str, ...]]:
    """Run a statement whose parameters are written %s; gives its rows. Prepared once for each connection.

    `on` is the connection; without it Django's.
    """
    link = on or _link()
    if not link.autocommit and link.pgconn.transaction_status == pq.TransactionStatus.IDLE:
        _checked(link, link.pgconn.exec_(b"BEGIN"))  # as psycopg does before the first statement
    names = link._prepared
    if not isinstance(names, _Names):
        names = link._prepared = _Names(link.prepare_threshold)
    name = names.own.get(statement)
    if name is None:
        name = b"motcua_%d" % next(names.numbers)
        _checked(link, link.pgconn.prepare(name, _numbered(statement)))
        names.own[statement] = name
    result = _checked(link, link.pgconn.exec_prepared(name, [value.encode() for value in parameters]))
    columns = range(result.nfields)
    return [
        tuple((result.get_value(row, column) or b"").decode() for column in columns) for row in range(result.ntuples)
    ]


@contextmanager
def atomic() -> Iterator[None]:
    """A transaction of which each statement is run by `run`; inside one of Django's, a savepoint of it."""
    connection.ensure_connection()
    if connection.in_atomic_block or not connection.connection.autocommit:
        with transaction.atomic():
            yield
        return
    link = _link()
    _checked(link, link.pgconn.exec_(b"BEGIN"))
    try:
        yield
    except BaseException:
        if link.pgconn.transaction_status != pq.TransactionStatus.UNKNOWN:
            link.pgconn.exec_(b"ROLLBACK")
        raise
    _checked(link, link.pgconn.exec_(b"COMMIT"))


def _link() -> Link:
    connection.ensure_connection()
    link: Link = connection.connection
    return link


def _checked(link: Link, result: "pq.abc.PGresult") -> "pq.abc.PGresult":
    if result.status in _GOOD:
        return result
    if link.pgconn.status != pq.ConnStatus.OK:
        raise psycopg.OperationalError(result.get_error_message())
    raise error_from_result(result)


@cache
def _numbered(statement: str) -> bytes:
    """The same with $1, $2 instead of %s, as PostgreSQL wants it."""
    first, *rest = statement.replace("%%", "%").split("%s")
    return "".join([first, *(f"${n}{part}" for n, part in enumerate(rest, 1))]).encode()
