"""A dossier made under an old unit: filed by the law of that day, passed on to the heirs, worked on and given back."""

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

import pytest
from django.db import connection, transaction

from motcua.dossiers import actions, inheriting, queries, rows
from motcua.dossiers.intake import Applicant, Application, law_here, prepare
from motcua.dossiers.receipts import Receipt, StepReceipt
from motcua.dossiers.rules.life import Given, follow
from motcua.dossiers.rules.steps import MOVES, STATE_BY_NUMBER
from motcua.dossiers.tests.support import CONTENT, PROCEDURE, scope
from motcua.identity import api as identity
from motcua.kernel.clock import from_local
from motcua.kernel.errors import Failure
from motcua.kernel.journal import api as journal
from motcua.procedures import api as procedures
from motcua.units import api as units

EVE = date(2025, 6, 30)
FILED_AT = from_local("2025-06-27T09:00")
LATER = from_local("2025-07-02T08:00")
PHUC_XA = "00001"  # phường Phúc Xá, quận Ba Đình
HEIR = "00091"  # phường Phú Thượng: not what Phúc Xá became, which the hand-over itself does not ask


def committee(code: str, on: date) -> units.Agency:
    directory = units.directory()
    unit = directory.find_unit(code, on)
    assert unit is not None
    found = directory.agency_of(unit.id, units.AgencyKind.PEOPLES_COMMITTEE, on)
    assert found is not None
    return found


def filed_then(now: datetime = FILED_AT, number: str = "001099000001") -> str:
    """A dossier of the old ward, taken in by its committee, because there were no centres in wards."""
    office = committee(PHUC_XA, EVE)
    application = Application(
        procedure=PROCEDURE,
        area=PHUC_XA,
        reception=office.org(EVE),
        channel="counter",
        applicant=Applicant(kind="citizen", name="Nguyễn Thị Mai", number=number),
        content=dict(CONTENT),
    )
    filing = prepare(application, key=number, digest=b"d" * 32, scope=scope(office), now=now)
    [receipt] = actions.file([filing])
    assert isinstance(receipt, Receipt), receipt
    return receipt.code


@pytest.mark.django_db
def test_the_law_of_a_day_before_the_catalogue_has_one_answer_that_says_what_is_assumed(country: None) -> None:
    area = units.directory().find_unit(PHUC_XA, EVE)
    assert area is not None
    found = procedures.competent(PROCEDURE, area, EVE)
    assert found.agency == committee(PHUC_XA, EVE)
    assert "giả định" in found.basis
    assert procedures.catalogue().version(PROCEDURE, EVE) is None


@pytest.mark.django_db
def test_a_dossier_that_the_old_ward_took_in_is_finished_by_its_heir(country: None) -> None:
    code = filed_then()
    old, new = committee(PHUC_XA, EVE), committee(HEIR, date(2025, 7, 1))
    centre = units.directory().agency_of(new.unit_id, units.AgencyKind.SERVICE_CENTRE, date(2025, 7, 1))
    assert centre is not None
    assert code.startswith(old.org(EVE))
    [before] = queries.where([queries.WhereQuestion(code, LATER, scope=identity.SYSTEM)])
    assert isinstance(before, queries.Where)
    columns = row(code)
    with transaction.atomic():
        [locked] = inheriting.lock_open(inheriting.find_open([old.id]))
        move = inheriting.Move(locked, inheriting.Offices(centre.id, new.id, None), "Nghị quyết 202/2025/QH15")
        [moved] = inheriting.inherit([move], plan="2025-07-01", now=LATER, directory=units.directory())
    assert (moved.holder_before, moved.holder_after, moved.n) == (old.id, centre.id, 2)
    assert inheriting.find_open([old.id]) == []

    changed = {name for name, value in row(code).items() if columns[name] != value}
    assert changed == {"n", "reception", "resolving", "holder"}
    [log] = queries.log_of(code)[1:]
    assert (log.step, log.caller, log.reason) == ("inherit", 0, "Nghị quyết 202/2025/QH15")
    assert log.detail["from"] == {"reception": old.id, "resolving": old.id, "consulted": None, "holder": old.id}

    theirs = scope(new, centre)
    [answer] = queries.where([queries.WhereQuestion(code, LATER, scope=theirs)])
    assert isinstance(answer, queries.Where)
    assert answer.received_by is not None
    assert answer.holder is not None
    assert (answer.received_by.name, answer.area) == ("Ủy ban nhân dân phường Phúc Xá", "phường Phúc Xá")
    assert answer.holder.name == "Trung tâm Phục vụ hành chính công phường Phú Thượng"
    assert (answer.due_at, answer.act_by, answer.state) == (before.due_at, before.act_by, before.state)
    [refused] = queries.where([queries.WhereQuestion(code, LATER, scope=scope(old))])
    assert isinstance(refused, Failure)
    record = queries.records([code], scope=theirs)[code]
    assert [r.holder for r in record.log] == [old.id, centre.id]

    for step in ("hand_over", "propose"):
        [taken] = actions.take_steps([actions.StepRequest(code, step, step, b"d" * 32, theirs, Given(LATER))])
        while isinstance(taken, Failure) and taken.problem == "handling-left":
            request = actions.StepRequest(code, "process", f"p{queries.log_of(code)[-1].n}", b"d", theirs, Given(LATER))
            assert isinstance(actions.take_steps([request])[0], StepReceipt)
            [taken] = actions.take_steps(
                [actions.StepRequest(code, step, f"{step}{queries.log_of(code)[-1].n}", b"d", theirs, Given(LATER))]
            )
        assert isinstance(taken, StepReceipt), taken
    assert inheriting.worked_on_since({UUID(moved.ids[0]): moved.n}) == [code]
    assert list(journal.verify()) == []


@pytest.mark.django_db
def test_what_is_given_back_is_as_it_was_but_for_its_log(country: None) -> None:
    code = filed_then()
    before = row(code)
    old, new = committee(PHUC_XA, EVE), committee(HEIR, date(2025, 7, 1))
    with transaction.atomic():
        [locked] = inheriting.lock_open(inheriting.find_open([old.id]))
        [moved] = inheriting.inherit(
            [inheriting.Move(locked, inheriting.Offices(new.id, new.id, None), "căn cứ")],
            plan="p",
            now=LATER,
            directory=units.directory(),
        )
    with transaction.atomic():
        [locked] = inheriting.lock_open(moved.ids)
        inheriting.give_back(
            [inheriting.Move(locked, moved.before, "hoàn tác")], plan="p", now=LATER, directory=units.directory()
        )
    assert row(code) == before | {"n": 3}
    assert [r.step for r in queries.log_of(code)] == ["file_counter", "inherit", "give_back"]
    assert inheriting.worked_on_since({UUID(moved.ids[0]): moved.n}) == []


@pytest.mark.django_db
def test_a_closed_dossier_is_never_found(country: None) -> None:
    code = filed_then()
    old = committee(PHUC_XA, EVE)
    [taken] = actions.take_steps(
        [actions.StepRequest(code, "withdraw", "w", b"d", scope(old), Given(LATER, "không cần nữa"))]
    )
    assert isinstance(taken, StepReceipt)
    assert inheriting.find_open([old.id]) == []


@pytest.mark.django_db
def test_a_move_leaves_a_life_as_it_is_in_each_state(country: None) -> None:
    code = filed_then()
    dossier = locked(code)
    here = law_here(dossier.version, dossier.area, date(2025, 6, 27), "", "counter")
    for number, state in STATE_BY_NUMBER.items():
        life = replace(dossier.life(), state=state.state, waiting_on=state.waiting_on)
        for move in MOVES:
            if number in {s for s, r in STATE_BY_NUMBER.items() if r.state in move.from_}:
                after = follow(life, move, Given(LATER, "căn cứ"), process=here.process, calendar=here.calendar)
                assert after == replace(life, n=life.n + 1), (move.name, state.state)


def locked(code: str) -> rows.Row:
    cursor = rows.cursor()
    cursor.execute(rows.BY_CODE, [[code]], binary=True)
    return rows.Row(*cursor.fetchall()[0])


def row(code: str) -> dict[str, object]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM dossiers_dossier WHERE code = %s", [code])
        [values] = cursor.fetchall()
        return dict(zip([c.name for c in cursor.description], values, strict=True))
