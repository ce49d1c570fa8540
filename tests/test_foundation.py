"""What the suite itself promises to every test."""

import socket

import pytest
from django.db import connection


def test_a_test_can_use_the_database(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        assert cursor.fetchone()[0].startswith("motcua_test_")


@pytest.mark.django_db(transaction=True)
def test_what_a_test_commits_is_gone_after_it() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE left_behind ()")


@pytest.mark.django_db(transaction=True)
def test_the_next_test_finds_the_country_as_loaded() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('left_behind'), to_regclass('django_migrations') IS NOT NULL")
        assert cursor.fetchone() == (None, True)


def test_no_test_reaches_beyond_this_machine() -> None:
    with pytest.raises(RuntimeError, match="only this machine"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)


@pytest.mark.xdist_group("foundation")
def test_tests_that_share_a_server_are_given_to_one_process(request: pytest.FixtureRequest) -> None:
    assert request.node.nodeid.endswith("@foundation") or not getattr(request.config.option, "loadgroup", False)
