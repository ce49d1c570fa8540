"""Every step from every state by every actor, allowed or refused as the table says: generated from the table."""

import json
from itertools import product

import pytest
from django.db import connection

from motcua.dossiers import actions
from motcua.dossiers.receipts import StepReceipt
from motcua.dossiers.rules.life import Given
from motcua.dossiers.rules.steps import STATE, STEPS, Actor, Place, State
from motcua.dossiers.tests.support import NOW, filed, filing, office, place, scope
from motcua.identity import api as identity
from motcua.kernel.clock import from_local
from motcua.kernel.errors import Conflict, Failure, NotAllowed

pytestmark = pytest.mark.django_db
LATER = from_local("2026-08-17T09:00")
STOPPED = {
    State.AWAITING_COMPLETION: [["2026-08-17T01:30:00Z", None, "citizen", ""]],
    State.AWAITING_DUTY: [["2026-08-17T01:30:00Z", None, "duty", ""]],
}
CASES = list(product(State, STEPS))


def in_states(states: list[State]) -> list[str]:
    """One dossier in each of these states, past acceptance, held as the table says, at the start of its process."""
    here = place()
    holders = {
        Place.RECEPTION: here.centre.id,
        Place.RESOLVING: here.committee.id,
        Place.CONSULTED: here.committee.id,
        Place.NOBODY: None,
    }
    codes = [receipt.code for receipt in filed(len(states))]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE dossiers_dossier AS dossier
            SET state = wanted.state, holder = wanted.holder, handling = 1, consulted = wanted.consulted,
                clock = clock || wanted.stopped::jsonb
            FROM unnest(%s::text[], %s::smallint[], %s::bigint[], %s::bigint[], %s::text[])
                AS wanted (code, state, holder, consulted, stopped)
            WHERE dossier.code = wanted.code
            """,
            [
                codes,
                [STATE[s].number for s in states],
                [holders[STATE[s].holder] for s in states],
                [here.committee.id if s is State.CONSULTING else None for s in states],
                [json.dumps({"pauses": STOPPED[s]} if s in STOPPED else {}) for s in states],
            ],
        )
    return codes


def scope_of(actor: Actor) -> identity.Scope:
    here = place()
    if actor is Actor.WORKER:
        return identity.SYSTEM
    if actor is Actor.APPLICANT:
        party = identity.party_id("citizen", "001099000001")
        return identity.Scope(caller=5, agencies=frozenset(), roles=frozenset(), party=party, name="account:5")
    return scope(here.committee, here.centre, roles=[identity.Role(actor.value)])


def outcomes(by: identity.Scope) -> list[StepReceipt | Failure]:
    codes = in_states([state for state, _ in CASES])
    given = Given(LATER, "vì hồ sơ cần", from_local("2027-03-01T08:00"), place().committee.id)
    return actions.take_steps(
        [
            actions.StepRequest(code, step.name, f"k{i}", b"d", by, given)
            for i, (code, (_, step)) in enumerate(zip(codes, CASES, strict=True))
        ]
    )


@pytest.mark.parametrize("actor", list(Actor))
def test_the_table_decides_for_each_actor(actor: Actor) -> None:
    taken = 0
    for (state, step), outcome in zip(CASES, outcomes(scope_of(actor)), strict=True):
        problem = outcome.problem if isinstance(outcome, Failure) else "taken"
        if actor not in step.by and not (actor is Actor.WORKER and step.by):
            assert isinstance(outcome, NotAllowed), (state, step.name, problem)
            assert problem == "actor-not-allowed"
        elif state not in step.from_:
            assert isinstance(outcome, Conflict), (state, step.name, problem)
            assert problem == "step-not-allowed"
        else:  # allowed: taken, or held by one of the row's own guards and by nothing else
            assert problem == "taken" or step.guards, (state, step.name, problem)
            assert problem not in ("actor-not-allowed", "step-not-allowed", "foreign-agency"), (state, step.name)
            if isinstance(outcome, StepReceipt):
                taken += 1
                assert outcome.state == (step.to or state).value
    assert taken > 0


def test_nobody_from_a_foreign_agency_takes_any_step_or_learns_that_the_dossier_exists() -> None:
    stranger = office("00008")
    assert {o.problem for o in outcomes(stranger) if isinstance(o, Failure)} == {"dossier-unknown"}


def test_a_refused_step_leaves_no_trace() -> None:
    receipt = filed()[0]
    by = scope(place().centre, roles=[identity.Role.RECEPTION])
    [outcome] = actions.take_steps([actions.StepRequest(receipt.code, "sign", "k", b"d", by, Given(NOW, "x"))])
    assert isinstance(outcome, NotAllowed)
    with connection.cursor() as cursor:
        cursor.execute("SELECT state, n FROM dossiers_dossier WHERE code = %s", [receipt.code])
        assert cursor.fetchone() == (STATE[State.ACCEPTED].number, 1)
        cursor.execute("SELECT count(*) FROM dossiers_steprow WHERE key = 'k'")
        assert cursor.fetchone() == (0,)


def test_a_filing_for_a_foreign_centre_is_refused() -> None:
    with pytest.raises(NotAllowed, match="foreign-agency"):
        filing(by=office("00008"))
