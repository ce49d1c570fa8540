"""What doctor is told."""

import shutil
from collections import namedtuple
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.db import transaction
from pytest_django import Settings

from motcua.kernel import checks
from motcua.kernel.journal import api as journal
from motcua.kernel.journal import key as keys
from motcua.kernel.journal.actions import plain_cursor

NOW = datetime(2026, 8, 21, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def installation(settings: Settings, tmp_path: Path) -> None:
    settings.JOURNAL_KEY = tmp_path / "secrets" / "journal.ed25519"
    settings.STORAGE = tmp_path / "files"


def test_everything_is_well_in_a_fresh_installation(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "today", lambda: date(2026, 11, 22))
    keys.private()
    outcomes = {check.name: check.run() for check in checks.CHECKS}
    assert set(outcomes) == {"calendar", "journal", "storage", "clock", "secrets", "disk"}
    assert not [name for name, outcome in outcomes.items() if not outcome.ok]
    assert all(outcome.text for outcome in outcomes.values())


@pytest.mark.parametrize(
    ("today", "ok"), [(date(2025, 11, 1), True), (date(2026, 12, 17), True), (date(2026, 12, 18), False)]
)
def test_a_year_end_without_the_next_plan_says_what_to_add(
    monkeypatch: pytest.MonkeyPatch, today: date, ok: bool
) -> None:
    monkeypatch.setattr(checks, "today", lambda: today)
    outcome = checks.calendar()
    assert outcome.ok == ok
    assert ok or "2027" in outcome.remedy


def test_entries_that_wait_for_their_seal_are_told(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction.atomic():
        journal.record([journal.Entry(UUID(int=1), "file", NOW, "worker", {})])
    monkeypatch.setattr(checks, "now", lambda: NOW + timedelta(minutes=9))
    assert checks.journal().ok
    monkeypatch.setattr(checks, "now", lambda: NOW + timedelta(minutes=11))
    outcome = checks.journal()
    assert not outcome.ok
    assert "motcua worker" in outcome.remedy
    journal.seal(now=NOW)
    assert checks.journal().ok


def test_a_tampered_last_seal_is_told(db: None) -> None:
    with transaction.atomic():
        journal.record([journal.Entry(UUID(int=1), "file", NOW, "worker", {})])
    journal.seal(now=NOW)
    cursor = plain_cursor()
    cursor.execute("SET session_replication_role = replica")
    cursor.execute("DELETE FROM kernel_journalentry WHERE subject = %s", [UUID(int=1)])
    cursor.execute("SET session_replication_role = origin")
    assert not checks.journal().ok


def test_a_folder_that_can_not_be_written_is_told(settings: Settings, tmp_path: Path) -> None:
    settings.STORAGE = tmp_path / "file"
    settings.STORAGE.write_text("in the way")
    outcome = checks.storage()
    assert not outcome.ok
    assert "writable" in outcome.remedy


def test_the_probe_of_the_storage_leaves_nothing(settings: Settings) -> None:
    assert checks.storage().ok
    assert [path for path in settings.STORAGE.rglob("*") if path.is_file()] == []


def test_a_secret_that_others_can_read_is_named(settings: Settings) -> None:
    keys.private()
    assert checks.secrets().ok
    settings.JOURNAL_KEY.chmod(0o644)
    outcome = checks.secrets()
    assert not outcome.ok
    assert "journal.ed25519" in outcome.text


def test_a_clock_that_is_off_is_told(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "now", lambda: NOW)
    assert not checks.clock().ok


def test_a_disk_that_is_nearly_full_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(checks.FREE - 1))
    assert not checks.disk().ok
