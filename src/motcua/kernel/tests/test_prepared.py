"""Statements straight through libpq behave as those through psycopg: transactions, errors, a lost connection."""

import os

import psycopg
import pytest
from django.db import connection, transaction

from motcua.kernel import prepared

COUNT = "SELECT count(*) FROM kernel_journalseal WHERE no = %s::bigint"
INSERT = """INSERT INTO dossiers_counter (org, day, last)
    SELECT %s, '2026-08-17', last FROM unnest(%s::int[]) AS wanted (last) RETURNING org, last"""
FOUND = "SELECT last FROM dossiers_counter WHERE org = %s"


@pytest.mark.django_db
def test_values_go_in_and_come_out_as_text() -> None:
    assert prepared.run("SELECT %s::text, %s::int + 1, '100%%'", ["Nguyễn Thị “Mai”", "41"]) == [
        ("Nguyễn Thị “Mai”", "42", "100%")
    ]
    assert prepared.run(COUNT, ["-1"]) == [("0",)]
    assert prepared.run("SELECT n FROM unnest(%s::int[]) AS t (n)", ["{3,1,2}"]) == [("3",), ("1",), ("2",)]
    assert prepared.run(FOUND, ["nobody"]) == []


@pytest.mark.django_db
def test_inside_a_transaction_of_djangos_it_is_part_of_it() -> None:
    with pytest.raises(psycopg.errors.UniqueViolation) as refused:
        in_one("x", "x")
    assert refused.value.diag.constraint_name == "dossiers_counter_pkey"
    assert prepared.run(FOUND, ["x"]) == []
    with prepared.atomic():
        assert prepared.run(INSERT, ["x", "{1}"]) == [("x", "1")]
    assert prepared.run(FOUND, ["x"]) == [("1",)]


@pytest.mark.django_db
def test_statements_outlive_a_rollback_by_psycopg_which_deallocates_them() -> None:
    for _ in range(3):
        with pytest.raises(psycopg.errors.InvalidTextRepresentation), transaction.atomic():
            prepared.run("SELECT %s::int", ["no number"])
        for _ in range(4):  # psycopg prepares its own, which makes it deallocate
            psycopg.Cursor(connection.connection).execute("SELECT 1 WHERE %s = 1", [1], prepare=True)
        with transaction.atomic():
            transaction.set_rollback(True)
        assert prepared.run(FOUND, ["nobody"]) == []


@pytest.mark.django_db(transaction=True)
def test_a_transaction_of_its_own_commits_or_leaves_nothing() -> None:
    with psycopg.connect(_address()) as other:
        with prepared.atomic():
            prepared.run(INSERT, ["kept", "{1}"])
            assert other.execute("SELECT 1 FROM dossiers_counter WHERE org = 'kept'").fetchone() is None
        other.rollback()
        assert other.execute("SELECT 1 FROM dossiers_counter WHERE org = 'kept'").fetchone() == (1,)
        other.rollback()
        with pytest.raises(ZeroDivisionError):
            in_one("gone", fault=ZeroDivisionError())
        with pytest.raises(psycopg.errors.UniqueViolation):
            in_one("gone", "kept")
        assert other.execute("SELECT 1 FROM dossiers_counter WHERE org = 'gone'").fetchone() is None
    assert prepared.run(FOUND, ["kept"]) == [("1",)]


@pytest.mark.django_db(transaction=True)
def test_a_lost_connection_is_an_operational_error_and_the_next_one_starts_afresh() -> None:
    assert prepared.run(FOUND, ["nobody"]) == []
    own = connection.connection.info.backend_pid
    with psycopg.connect(_address(), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [own])
    with pytest.raises(psycopg.OperationalError), prepared.atomic():
        prepared.run(FOUND, ["nobody"])
    assert connection.connection.closed
    connection.close()
    with prepared.atomic():
        assert prepared.run(FOUND, ["nobody"]) == []


def in_one(*orgs: str, fault: Exception | None = None) -> None:
    with prepared.atomic():
        for org in orgs:
            prepared.run(INSERT, [org, "{1}"])
        if fault:
            raise fault


def _address() -> str:
    return os.environ["MOTCUA_DATABASE_URL"]
