"""A scope allows nothing until something says so."""

import uuid
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motcua.identity.rules import (
    PARTIES,
    PUBLIC,
    REACH_BELOW,
    SYSTEM,
    Holding,
    Post,
    Role,
    Scope,
    StaffPlan,
    party_id,
    plan_staff,
    require,
    scope_of_holdings,
    secret_digest,
    well_formed,
)
from motcua.kernel.errors import NotAllowed

ROLES = st.sampled_from(list(Role))
BELOW = {1: frozenset({11, 12}), 2: frozenset({21})}


def holding(number: int, agency: int, role: Role) -> Holding:
    return Holding(number, 1, "Nguyễn Văn A", agency, role, "", date(2025, 7, 1), None)


HOLDINGS = st.lists(st.builds(holding, st.integers(1, 9), st.integers(1, 3), ROLES), unique_by=lambda h: h.id)


@given(st.integers(), ROLES)
def test_the_public_reaches_nothing_and_the_worker_everything(agency: int, role: Role) -> None:
    assert not PUBLIC.reaches(agency)
    assert not PUBLIC.holds(role)
    assert SYSTEM.reaches(agency)
    assert SYSTEM.holds(role)


def test_a_scope_of_which_nothing_is_said_is_that_of_the_public() -> None:
    assert Scope() == PUBLIC


def test_an_account_without_a_position_reaches_nothing() -> None:
    scope = scope_of_holdings(5, [], {})
    assert (scope.caller, scope.agencies, scope.roles, scope.name) == (5, frozenset(), frozenset(), "account:5")


@given(HOLDINGS)
def test_roles_in_one_agency_are_never_taken_into_another(held: list[Holding]) -> None:
    scope = scope_of_holdings(5, held, BELOW)
    assert scope.agencies is not None
    for agency in scope.agencies:
        above = {a for a, under in BELOW.items() if agency in under}
        for role in scope.roles:
            assert any(h.role == role and (h.agency_id == agency or h.agency_id in above) for h in held)


@given(HOLDINGS)
def test_only_leaders_and_administrators_reach_below_their_agency(held: list[Holding]) -> None:
    scope = scope_of_holdings(5, held, BELOW)
    assert scope.agencies is not None
    if len(scope.agencies) > 1:
        assert scope.roles <= REACH_BELOW


@given(HOLDINGS, st.integers(1, 9))
def test_acting_in_one_position_is_that_position_and_no_other(held: list[Holding], chosen: int) -> None:
    scope = scope_of_holdings(5, held, BELOW, chosen)
    mine = [h for h in held if h.id == chosen]
    assert scope.roles == {h.role for h in mine}
    assert scope.position == (chosen if mine else None)


def test_a_leader_reaches_the_agencies_below() -> None:
    assert scope_of_holdings(5, [holding(1, 1, Role.LEADER)], BELOW).agencies == frozenset({1, 11, 12})
    both = [holding(1, 1, Role.LEADER), holding(2, 1, Role.HANDLER)]
    assert scope_of_holdings(5, both, BELOW).agencies == frozenset({1})
    assert scope_of_holdings(5, both, BELOW, chosen=1).agencies == frozenset({1, 11, 12})


def test_what_a_scope_lacks_is_refused_in_words() -> None:
    officer = Scope(7, frozenset({1}), frozenset({Role.RECEPTION}))
    require(officer, 1, Role.RECEPTION, Role.HANDLER)
    require(officer, 1)
    with pytest.raises(NotAllowed, match="foreign-agency"):
        require(officer, 2, Role.RECEPTION)
    with pytest.raises(NotAllowed, match="role-missing"):
        require(officer, 1, Role.SIGNATORY)
    with pytest.raises(NotAllowed, match="foreign-agency"):
        require(PUBLIC, 1)


@given(st.text(), st.text())
def test_the_id_of_a_party_is_a_uuid5_of_its_kind_and_number(kind: str, number: str) -> None:
    try:
        expected = uuid.uuid5(PARTIES, f"{kind}:{number}")
    except UnicodeEncodeError:
        return
    assert party_id(kind, number) == expected


def test_different_people_have_different_ids() -> None:
    assert party_id("citizen", "001099000001") != party_id("citizen", "001099000002")
    assert party_id("citizen", "0101234567") != party_id("organisation", "0101234567")


@pytest.mark.parametrize(
    "text", ["", "mc_", *("mc_" + tail for tail in ("a" * 42, "a" * 44, "à" * 43, "a" * 43 + "\n")), "xx_" + "a" * 43]
)
def test_what_is_no_secret_is_not_looked_up(text: str) -> None:
    assert not well_formed(text)


def test_a_digest_does_not_tell_the_secret() -> None:
    secret = "mc_" + "a" * 43
    assert well_formed(secret)
    assert len(secret_digest(secret)) == 64
    assert secret not in secret_digest(secret)


def post(number: str = "HN-1", name: str = "Lý Văn Ba", role: Role = Role.HANDLER, **changed: Any) -> Post:
    given: dict[str, Any] = {"agency_id": 7, "title": "Công chức", "valid_from": date(2026, 7, 1), "valid_to": None}
    return Post(number, name, role=role, **(given | changed))


def held(first: date = date(2026, 7, 1), last: date | None = None, role: Role = Role.HANDLER) -> Holding:
    return Holding(31, 5, "Lý Văn Ba", 7, role, "Công chức", first, last, "HN-1")


KNOWN = {"HN-1": "Lý Văn Ba"}


def test_a_new_person_is_entered_once_however_many_positions_the_list_gives() -> None:
    plan = plan_staff([post(), post(role=Role.APPROVER), post("HN-2", "Vũ Thị Tư")], {}, [])
    assert (plan.enrol, len(plan.appoint), plan.faults) == ({"HN-1": "Lý Văn Ba", "HN-2": "Vũ Thị Tư"}, 3, ())


def test_a_position_that_is_there_is_left_alone_and_one_with_a_last_day_ends() -> None:
    assert plan_staff([post()], KNOWN, [held()]) == StaffPlan({}, (), (), 1, ())
    last = date(2026, 12, 31)
    assert plan_staff([post(valid_to=last)], KNOWN, [held()]).end == ((31, last),)
    assert plan_staff([post(valid_to=last)], KNOWN, [held(last=last)]).unchanged == 1


def test_a_position_after_the_old_one_ended_is_new() -> None:
    plan = plan_staff([post(valid_from=date(2027, 1, 1))], KNOWN, [held(last=date(2026, 12, 31))])
    assert (len(plan.appoint), plan.enrol, plan.faults) == (1, {}, ())


@pytest.mark.parametrize(
    ("wanted", "holding", "kind"),
    [
        (post(name="Người Khác"), held(), "official-other-name"),
        (post(title="Khác"), held(), "position-other-title"),
        (post(valid_to=date(2026, 9, 1)), held(last=date(2026, 8, 1)), "position-ended-otherwise"),
        (post(valid_from=date(2026, 8, 1)), held(), "position-overlaps"),
        (post(number="a b"), held(), "official-number"),
        (post(number=""), held(), "official-number"),
        (post(name="X", number="HN-3"), held(), "official-name"),
        (post(title=""), held(role=Role.LEADER), "title-length"),
        (post(valid_to=date(2026, 6, 1)), held(role=Role.LEADER), "period-reversed"),
    ],
)
def test_what_cannot_be_is_named_and_nothing_of_it_is_planned(wanted: Post, holding: Holding, kind: str) -> None:
    plan = plan_staff([wanted], KNOWN, [holding])
    assert kind in [fault for _row, _field, fault, _given in plan.faults]
    assert (plan.appoint, plan.end, plan.unchanged) == ((), (), 0)


def test_two_rows_that_contradict_each_other_are_found() -> None:
    twice = plan_staff([post(), post(valid_from=date(2026, 9, 1))], KNOWN, [])
    assert [fault[2] for fault in twice.faults] == ["position-twice"]
    names = plan_staff([post("HN-9", "Một Người"), post("HN-9", "Hai Người", Role.LEADER)], {}, [])
    assert [fault[2] for fault in names.faults] == ["official-other-name"]
