"""Tokens, positions and parties on a real database."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.contrib.auth import authenticate
from django.db import DataError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from motcua.identity import api as identity
from motcua.identity import queries
from motcua.identity.models import Account, Official, Position, Token
from motcua.identity.rules import Party, Role, subject_of
from motcua.kernel.errors import Conflict, NotAllowed, NotFound, Permanent
from motcua.units import api as units

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
TODAY = date(2026, 11, 22)
LATER = NOW + timedelta(days=30)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_tokens_in_memory() -> Iterator[None]:
    queries._tokens = queries._Tokens(float("-inf"), {})
    yield
    queries._tokens = queries._Tokens(float("-inf"), {})


def agency(org: str) -> int:
    found = units.directory().find_agency(org, TODAY)
    assert found is not None
    return found.id


def token(roles: tuple[Role, ...] = (Role.RECEPTION,), **changes: Any) -> str:
    given = {"name": "Cổng thử", "agencies": [agency("H29.101")], "expires_at": LATER, "now": NOW, **changes}
    return identity.issue_token(roles=roles, **given)


# --- tokens -------------------------------------------------------------------------------------------------------


def test_a_token_reaches_its_agencies_with_its_roles_and_no_others() -> None:
    scope = identity.scope_of_token(token(), now=NOW)
    assert scope.agencies == frozenset({agency("H29.101")})
    assert scope.roles == {Role.RECEPTION}
    assert scope.caller < 0
    assert scope.name == f"token:{-scope.caller}"


def test_a_token_for_all_agencies_says_so_with_none() -> None:
    assert identity.scope_of_token(token(agencies=None), now=NOW).agencies is None


def test_the_secret_is_not_kept() -> None:
    secret = token()
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM identity_token t")
        assert not any(secret in row for (row,) in cursor.fetchall())
    assert all(not hasattr(row, "secret") for row in identity.tokens())


def test_a_known_token_costs_no_question_to_the_database() -> None:
    secret = token()
    identity.scope_of_token(secret, now=NOW)
    with CaptureQueriesContext(connection) as asked:
        for _ in range(100):
            identity.scope_of_token(secret, now=NOW)
    assert len(asked) == 0


def test_many_wrong_secrets_cost_at_most_one_question() -> None:
    with CaptureQueriesContext(connection) as asked:
        for number in range(100):
            with pytest.raises(NotAllowed):
                identity.scope_of_token(f"mc_{number:043}", now=NOW)
    assert len(asked) <= 1


@pytest.mark.parametrize("secret", ["", "Bearer", "mc_" + "x" * 43, "mc_\x00" + "x" * 42, "đ" * 46])
def test_an_unknown_token_is_refused_with_401(secret: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        identity.scope_of_token(secret, now=NOW)
    assert (refused.value.problem, refused.value.status) == ("token-unknown", 401)


def test_a_token_ends_at_its_moment() -> None:
    secret = token()
    assert identity.scope_of_token(secret, now=LATER - timedelta(microseconds=1))
    with pytest.raises(NotAllowed, match="token-expired"):
        identity.scope_of_token(secret, now=LATER)


def test_a_revoked_token_is_refused_here_at_once() -> None:
    secret = token()
    number = -identity.scope_of_token(secret, now=NOW).caller
    identity.revoke_token(token_id=number, now=NOW)
    with pytest.raises(NotAllowed, match="token-unknown"):
        identity.scope_of_token(secret, now=NOW)
    with pytest.raises(NotFound):
        identity.revoke_token(token_id=number, now=NOW)


def test_a_token_that_another_process_revoked_is_refused_within_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = token()
    identity.scope_of_token(secret, now=NOW)
    Token.objects.update(revoked_at=NOW)
    started = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: started + 59)
    assert identity.scope_of_token(secret, now=NOW)
    monkeypatch.setattr(time, "monotonic", lambda: started + 61)
    with pytest.raises(NotAllowed, match="token-unknown"):
        identity.scope_of_token(secret, now=NOW, ask=False)
    with pytest.raises(NotAllowed, match="token-unknown"):
        identity.scope_of_token(secret, now=NOW)


def test_the_loop_never_asks_the_database() -> None:
    secret = token()
    with CaptureQueriesContext(connection) as asked, pytest.raises(NotAllowed):
        identity.scope_of_token(secret, now=NOW, ask=False)
    assert len(asked) == 0
    identity.refresh_tokens()
    assert identity.scope_of_token(secret, now=NOW, ask=False)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": "  "}, "token-nameless"),
        ({"roles": ()}, "token-powerless"),
        ({"agencies": []}, "token-powerless"),
        ({"agencies": [5]}, "agency-unknown"),
        ({"expires_at": NOW}, "token-expired"),
    ],
)
def test_a_token_that_makes_no_sense_is_not_issued(changes: dict[str, Any], problem: str) -> None:
    before = Token.objects.count()
    with pytest.raises(Permanent) as refused:
        token(**changes)
    assert refused.value.problem == problem
    assert Token.objects.count() == before


# --- positions ----------------------------------------------------------------------------------------------------


def appointed(org: str, role: Role, first: date = TODAY, last: date | None = None) -> tuple[Account, int]:
    (official,) = identity.enrol(names=["Trần Thị B"])
    (position,) = identity.appoint(
        appointments=[identity.Appointment(official, agency(org), role, "Công chức", first, last)], now=NOW
    )
    account = Account.objects.create(username=f"thu-{official}", official_id=official)
    return account, position


def test_an_account_reaches_what_its_position_gives_on_the_days_of_the_position() -> None:
    account, position = appointed("H29.101", Role.HANDLER, TODAY, TODAY + timedelta(days=1))
    for on, holds in ((-1, False), (0, True), (1, True), (2, False)):
        scope = identity.scope_of_account(account.pk, TODAY + timedelta(days=on))
        assert scope.reaches(agency("H29.101")) is holds
        assert scope.holds(Role.HANDLER) is holds
        assert (identity.position_of(position, TODAY + timedelta(days=on)) is not None) is holds


def test_a_closed_account_reaches_nothing() -> None:
    account, _ = appointed("H29.101", Role.HANDLER)
    Account.objects.filter(pk=account.pk).update(is_active=False)
    assert identity.scope_of_account(account.pk, TODAY).agencies == frozenset()


def test_a_superuser_without_a_position_reaches_no_dossier() -> None:
    account = Account.objects.create(username="goc", is_superuser=True)
    assert identity.scope_of_account(account.pk, TODAY).agencies == frozenset()


def test_the_leader_of_a_province_reaches_its_departments_and_communes_but_no_other_province() -> None:
    account, _ = appointed("H29", Role.LEADER)
    scope = identity.scope_of_account(account.pk, TODAY)
    assert all(scope.reaches(agency(org)) for org in ("H29", "H29.099", "H29.001", "H29.101", "H29.101.01"))
    assert not scope.reaches(agency("H26.101"))


def test_an_officer_of_a_ward_reaches_neither_its_province_nor_its_neighbour() -> None:
    account, _ = appointed("H29.101", Role.LEADER)
    scope = identity.scope_of_account(account.pk, TODAY)
    assert scope.reaches(agency("H29.101.01"))
    assert not any(scope.reaches(agency(org)) for org in ("H29", "H29.102", "H29.102.01"))


def test_a_position_ends_with_its_last_day() -> None:
    account, position = appointed("H29.101", Role.HANDLER)
    identity.end_positions(position_ids=[position], last_day=TODAY, now=NOW)
    assert identity.scope_of_account(account.pk, TODAY).roles
    assert not identity.scope_of_account(account.pk, TODAY + timedelta(days=1)).roles


def test_ending_positions_is_all_or_none() -> None:
    _, position = appointed("H29.101", Role.HANDLER)
    with pytest.raises(NotFound):
        identity.end_positions(position_ids=[position, 0], last_day=TODAY, now=NOW)
    assert Position.objects.get(pk=position).valid_to is None


def test_nobody_is_appointed_in_an_agency_that_is_not_there() -> None:
    (official,) = identity.enrol(names=["Trần Thị B"])
    closed = units.directory().find_agency("H02", date(2025, 6, 30))
    assert closed is not None
    before = Position.objects.count()
    for bad, error in (
        (identity.Appointment(official, closed.id, Role.HANDLER, "", TODAY), Conflict),
        (identity.Appointment(official, 5, Role.HANDLER, "", TODAY), NotFound),
        (identity.Appointment(0, agency("H29"), Role.HANDLER, "", TODAY), NotFound),
        (identity.Appointment(official, agency("H29"), Role.HANDLER, "", TODAY, date(2026, 1, 1)), Permanent),
    ):
        good = identity.Appointment(official, agency("H29"), Role.HANDLER, "", TODAY)
        with pytest.raises(error):
            identity.appoint(appointments=[good, bad], now=NOW)
    assert Position.objects.count() == before


def test_what_gives_and_takes_power_stands_in_the_journal_without_names() -> None:
    _, position = appointed("H29.101", Role.HANDLER)
    identity.end_positions(position_ids=[position], last_day=TODAY, now=NOW)
    number = -identity.scope_of_token(token(), now=NOW).caller
    identity.revoke_token(token_id=number, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT act, body FROM kernel_journalentry WHERE subject IN (%s, %s) ORDER BY subject, n",
            [subject_of("position", position), subject_of("token", number)],
        )
        told = cursor.fetchall()
    assert sorted(act for act, _ in told) == ["position.ended", "position.given", "token.issued", "token.revoked"]
    assert not any("Trần Thị B" in body for _, body in told)


# --- parties ------------------------------------------------------------------------------------------------------


def test_the_same_person_is_recorded_once_and_what_is_known_stays() -> None:
    known = Party("citizen", "001099000001", "Lê Văn C", date(1999, 1, 2), "0900000001", "c@example.org", "Số 1")
    changed = Party("citizen", "001099000001", "Tên khác")
    (first,) = identity.record_parties([known], now=NOW)
    assert identity.record_parties([changed, known], now=NOW) == [first, first]
    assert identity.parties([first]) == {first: known}


def test_two_without_a_number_are_two() -> None:
    ids = identity.record_parties([Party("citizen", "", "Trẻ chưa có số")] * 2, now=NOW)
    assert len(set(ids)) == 2
    assert len(identity.parties(ids)) == 2


def test_ids_come_in_the_order_of_the_parties() -> None:
    batch = [Party("citizen", f"{n:012}", f"Người {n}") for n in range(50)]
    found = identity.parties(ids := identity.record_parties(batch, now=NOW))
    assert [found[i].name for i in ids] == [p.name for p in batch]


@pytest.mark.parametrize("size", [1, 100])
def test_however_many_parties_are_one_statement(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    execute = psycopg.Cursor.execute

    def listen(self: Any, statement: Any, *rest: Any, **more: Any) -> Any:
        said.append(statement)
        return execute(self, statement, *rest, **more)

    connection.ensure_connection()
    monkeypatch.setattr(psycopg.Cursor, "execute", listen)
    identity.record_parties([Party("citizen", f"{n:012}", "x") for n in range(size)], now=NOW)
    assert len(said) == 1


def test_a_party_that_the_table_refuses_keeps_nothing() -> None:
    batch = [Party("citizen", "1", "x"), Party("citizen", "2", "x" * 201)]
    with pytest.raises(DataError), transaction.atomic():
        identity.record_parties(batch, now=NOW)
    assert not identity.parties([identity.party_id("citizen", "1")])


# --- the demonstration --------------------------------------------------------------------------------------------

PASSWORDS = dict.fromkeys(Role, "một cửa thử nghiệm 2026")


def demonstrate() -> tuple[identity.DemonstrationAccount, ...]:
    province = units.directory().find_unit("46", TODAY)
    assert province is not None
    return identity.appoint_demonstration(provinces=[province.id], passwords=PASSWORDS, now=NOW)


def test_the_demonstration_fills_every_agency_with_made_up_officials_of_each_role_once() -> None:
    accounts = demonstrate()
    positions = Position.objects.count()
    assert demonstrate() == accounts
    assert Position.objects.count() == positions
    known = units.directory()
    province = known.find_unit("46", TODAY)
    assert province is not None
    for unit in (province, *known.communes_of(province.id, TODAY)):
        for place in known.agencies_of(unit.id, TODAY):
            roles = [h.role for h in identity.positions_in(place.id, TODAY)]
            expected = [] if place.kind == units.AgencyKind.PEOPLES_COUNCIL else list(Role)
            assert sorted(roles) == sorted(expected), place.name
    assert not Official.objects.filter(demonstration=False).exists()


def test_each_role_gets_an_account_that_signs_in_and_acts_for_one_ward() -> None:
    accounts = demonstrate()
    assert {a.role for a in accounts} == set(Role)
    for shown in accounts:
        account = authenticate(username=shown.username, password=PASSWORDS[shown.role])
        assert isinstance(account, Account)
        scope = identity.scope_of_account(account.pk, TODAY)
        assert scope.roles == {shown.role}
        assert shown.agency in {units.directory().agency(a).name for a in scope.agencies or ()}


def test_a_weak_password_is_refused() -> None:
    province = units.directory().find_unit("46", TODAY)
    assert province is not None
    with pytest.raises(Permanent, match="password-weak"):
        identity.appoint_demonstration(provinces=[province.id], passwords={Role.LEADER: "123"}, now=NOW)
    assert not Account.objects.filter(username="lanhdao").exists()


# --- the tables ---------------------------------------------------------------------------------------------------


def test_the_tables_refuse_reversed_periods() -> None:
    (official,) = identity.enrol(names=["x"])
    with pytest.raises(IntegrityError, match="identity_position_ordered"), transaction.atomic():
        Position.objects.create(
            official_id=official,
            agency_id=agency("H29"),
            role=Role.HANDLER,
            valid_from=TODAY,
            valid_to=TODAY - timedelta(days=1),
        )
    with pytest.raises(IntegrityError, match="identity_token_expires_later"), transaction.atomic():
        Token.objects.create(name="x", secret_sha256="x", roles=[], issued_at=NOW, expires_at=NOW)
