"""The bulk path writes what filing would have written."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from motcua.dossiers import actions, bulk, queries
from motcua.dossiers.intake import Filing, Paper, law_here
from motcua.dossiers.receipts import StepReceipt
from motcua.dossiers.rules.life import Given, follow
from motcua.dossiers.rules.steps import STEP
from motcua.dossiers.tests.support import NOW, application, filed, filing, office, place
from motcua.kernel.calendar import national
from motcua.kernel.errors import Conflict, Permanent
from motcua.kernel.ids import uuid7
from motcua.kernel.journal import api as journal

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def copies(count: int) -> list[Filing]:
    one = filing(application(components=(Paper("p1", "copy"), Paper("p2", "original", 2))))
    return [replace(one, id=uuid7(), key=f"bulk:{n}") for n in range(count)]


def handed_over(made: Filing) -> bulk.Past:
    process = law_here(made.version, made.area, made.day, "", "counter").process
    life = follow(made.life, STEP["hand_over"], Given(LATER), process=process, calendar=national())
    taken = bulk.Taken("hand_over", LATER, life, office(), f"{made.key}:1", b"d" * 32, made.reception)
    return bulk.Past(made, (taken,))


OWN = {
    "dossiers_dossier": ("code", {"id", "code"}),
    "dossiers_component": ("dossier", {"dossier"}),
    "dossiers_steprow": ("dossier", {"dossier", "key"}),
    "kernel_journalentry": ("subject", {"seq", "subject", "body", "prev", "digest"}),
}


def written(table: str, value: Any) -> list[dict[str, Any]]:
    """The rows of a dossier, without what is its own."""
    column, own = OWN[table]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} WHERE {column} = %s ORDER BY n", [value])
        names = [found.name for found in cursor.description]
        return [{k: v for k, v in zip(names, row, strict=True) if k not in own} for row in cursor]


def id_of(code: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM dossiers_dossier WHERE code = %s", [code])
        return cursor.fetchone()[0]


def test_a_dossier_written_in_bulk_is_the_same_row_for_row_as_one_that_was_filed() -> None:
    [receipt] = filed(1, made=application(components=(Paper("p1", "copy"), Paper("p2", "original", 2))))
    actions.take_steps([actions.StepRequest(receipt.code, "hand_over", "k", b"d" * 32, office(), Given(LATER))])
    [code] = bulk.write([handed_over(copies(1)[0])])
    assert code == f"{place().org}-260817-0002"
    assert written("dossiers_dossier", code) == written("dossiers_dossier", receipt.code) != []
    for table, count in (("dossiers_component", 2), ("dossiers_steprow", 2), ("kernel_journalentry", 2)):
        assert len(written(table, id_of(code))) == count
        assert written(table, id_of(code)) == written(table, id_of(receipt.code)), table


def test_two_thousand_dossiers_in_bulk_can_be_found_worked_on_and_proven() -> None:
    made = copies(2_000)
    seen: list[int] = []
    assert bulk.in_chunks(map(handed_over, made), seen.append) == 2_000
    assert seen[-1] == 2_000
    codes = [f"{place().org}-260817-{n:04d}" for n in (1, 1_000, 2_000)]
    for answer in queries.where([queries.WhereQuestion(code, LATER, scope=office()) for code in codes]):
        assert isinstance(answer, queries.Where)
        assert answer.state == "in_process"
        assert answer.since == LATER
    [page] = queries.work_lists([queries.WorkListQuestion(office(), made[0].resolving, "in_hand", LATER, limit=200)])
    assert isinstance(page, queries.WorkList)
    assert len(page.items) == 200
    [step] = actions.take_steps([actions.StepRequest(codes[1], "propose", "k", b"d" * 32, office(), Given(LATER))])
    assert isinstance(step, StepReceipt)
    assert step.n == 3
    assert filed(1)[0].code.endswith("-2001")
    while journal.seal(now=LATER):
        pass
    assert list(journal.verify()) == []


def test_a_key_that_was_used_before_stops_the_whole_chunk() -> None:
    made = copies(3)
    bulk.write([bulk.Past(made[0])])
    with pytest.raises(Conflict) as refused:
        bulk.write([bulk.Past(replace(f, id=uuid7())) for f in made])
    assert refused.value.problem == "bulk-refused"
    assert filed(1)[0].code.endswith("-0002")


def test_a_log_with_a_hole_is_refused() -> None:
    past = handed_over(copies(1)[0])
    broken = replace(past, taken=(replace(past.taken[0], life=replace(past.taken[0].life, n=3)),))
    with pytest.raises(Permanent) as refused:
        bulk.write([broken])
    assert refused.value.problem == "log-broken"
