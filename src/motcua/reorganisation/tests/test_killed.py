"""Applying is killed at random points, in a process of its own each time, and taken up again: the same to the row."""

import os
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any
from unittest import mock

import psycopg
import pytest
from django.db import connection, connections
from tests import cluster

from motcua.kernel.journal import api as journal
from motcua.reorganisation import following, queries
from motcua.reorganisation.rules.states import PlanState
from motcua.reorganisation.tests import support
from motcua.reorganisation.tests.support import LATER, NAME, WHOLE, XUAN_TAM
from motcua.units import api as units

KILLS = 20
EACH = int(os.environ.get("MOTCUA_TEST_DOSSIERS", "8"))  # dossiers in each of the communes


def content() -> dict[str, Any]:
    """What applying makes of the database, without numbers that a broken-off transaction uses up."""
    published = units.generation()
    return {
        "directory": published and published.digest,
        "dossiers": support.rows("dossiers_dossier"),
        "log": support.rows("dossiers_steprow", order="dossier, n"),
        "positions": support.rows("identity_position", ["id"], "official_id, agency_id, valid_from"),
        "handed over": support.rows("reorganisation_handover", order="dossier"),
        "queue": support.rows("reorganisation_question", ["id"], "subject, key"),
        "plan": support.rows("reorganisation_plan", ["change"]),
    }


@contextmanager
def counting(limit: int | None) -> Iterator[list[int]]:
    """Count the statements; at the last one allowed the process kills itself, before or after it was carried out."""
    execute, count = psycopg.Cursor.execute, [0]

    def counted(cursor: Any, *given: Any, **options: Any) -> Any:
        count[0] += 1
        if count[0] == limit and limit % 2:
            os.kill(os.getpid(), signal.SIGKILL)
        done = execute(cursor, *given, **options)
        if count[0] == limit:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    with mock.patch.object(psycopg.Cursor, "execute", counted):
        yield count


def killed_after(statements: int) -> bool:
    """Apply in a process of its own that is killed after so many statements; was it?"""
    connection.close()  # what is forked has no part in our connection
    process = os.fork()
    if process == 0:
        try:
            connections.close_all()  # beside a browser's loop the parent keeps another one than we see
            with counting(statements):
                support.applied()
        except BaseException:
            traceback.print_exc(file=sys.__stderr__)
        finally:
            os._exit(1)
    _, status = os.waitpid(process, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def test_killed_at_twenty_points_and_taken_up_again_it_comes_to_the_same(
    little: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "BATCH", 5)
    monkeypatch.setattr(following, "POSTS", 300)
    codes = support.filed([*WHOLE, XUAN_TAM], EACH)
    support.approved(little, ("01", "75"))
    support.leaders(*WHOLE, XUAN_TAM)
    source, other = str(connection.settings_dict["NAME"]), cluster.new_name()
    connection.close()
    with support.working_on(cluster.copy(source, other)), counting(None) as count:
        support.applied()
        total = count[0]
        expected = content()
    cluster.drop(other)
    units.refresh()

    points = sorted(Random(20250701).sample(range(1, total), KILLS))
    kills = 0
    for earlier, point in zip([0, *points], points, strict=False):
        kills += killed_after(point - earlier)
        units.refresh()
    assert kills == KILLS
    while queries.progress(NAME).state != PlanState.APPLIED:  # a killed one's transaction may still be being ended
        support.applied()
    assert content() == expected
    progress = queries.progress(NAME)
    assert progress.done + progress.waiting["dossier"] == len(codes)
    assert list(journal.verify()) == []
    assert queries.plan(NAME).row.finished_at == LATER
