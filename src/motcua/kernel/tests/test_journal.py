"""The journal: recorded in chains, sealed in batches, verified, and proved to a third party."""

import base64
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from pytest_django import Settings

from motcua.kernel.errors import NotFound, Transient
from motcua.kernel.journal import api as journal
from motcua.kernel.journal import key as keys
from motcua.kernel.journal.actions import plain_cursor

ROOT = Path(__file__).parents[4]
NOW = datetime(2026, 8, 21, 9, tzinfo=UTC)
A, B, C = (UUID(int=n) for n in (1, 2, 3))


@pytest.fixture(autouse=True)
def key(settings: Settings, tmp_path: Path) -> None:
    settings.JOURNAL_KEY = tmp_path / "secrets" / "journal.ed25519"


@pytest.fixture
def alone(db: None) -> None:
    """A journal without what was recorded when the country was loaded."""
    with tampering() as cursor:
        cursor.execute("TRUNCATE kernel_journalentry, kernel_journalseal")


def entry(subject: UUID, act: str = "step", **body: Any) -> journal.Entry:
    return journal.Entry(subject, act, NOW, "token:1", body)


def record(*entries: journal.Entry, fresh: bool = False) -> None:
    with transaction.atomic():
        journal.record(entries, fresh=fresh)


def seal_all(limit: int = 50_000) -> list[journal.Seal]:
    return list(iter(lambda: journal.seal(now=NOW, limit=limit), None))


def found() -> list[tuple[str, int | None, int | None]]:
    return [(finding.problem, finding.seq, finding.seal) for finding in journal.verify()]


def seqs(subject: UUID) -> list[int]:
    rows = plain_cursor().execute("SELECT seq FROM kernel_journalentry WHERE subject = %s ORDER BY n", [subject])
    return [seq for (seq,) in rows]


@contextmanager
def tampering() -> Iterator[psycopg.Cursor[Any]]:
    """What only a superuser who turns the triggers off can do."""
    cursor = plain_cursor()
    cursor.execute("SET session_replication_role = replica")
    yield cursor
    cursor.execute("SET session_replication_role = origin")


def test_entries_of_a_subject_chain_in_order_within_and_across_calls(alone: None) -> None:
    record(entry(A, "file", code="x"), entry(B, "file"), entry(A, "accept"), fresh=True)
    record(entry(A, "finish"), entry(B, "refuse"))
    chain = journal.chain(A)
    assert [(link.n, link.act) for link in chain] == [(1, "file"), (2, "accept"), (3, "finish")]
    assert chain[0].prev == b""
    assert [link.prev for link in chain[1:]] == [link.digest for link in chain[:-1]]
    assert json.loads(chain[0].body) == {"code": "x"}
    assert [link.n for link in journal.chain(B)] == [1, 2]
    assert found() == []


def test_recording_takes_two_statements_however_many_and_one_when_fresh(
    alone: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements: list[str] = []
    execute = psycopg.Cursor.execute

    def count(self: Any, query: Any, *rest: Any, **options: Any) -> Any:
        statements.append(str(query))
        return execute(self, query, *rest, **options)

    monkeypatch.setattr(psycopg.Cursor, "execute", count)
    journal.record([entry(uuid4()) for _ in range(500)], fresh=True)
    assert len(statements) == 1
    journal.record([entry(A) for _ in range(500)])
    assert len(statements) == 3
    journal.record([])
    assert len(statements) == 3


def test_any_text_in_a_body_comes_back_and_verifies(alone: None) -> None:
    strange = {"quote": 'a"b\\c', "nul": "\0", "line": "\n", "brace": "{},NULL", "vi": "Nguyễn Thị Ước 🧾", "n": 1.5}
    record(entry(A, "file", **strange))
    assert json.loads(journal.chain(A)[0].body) == strange
    assert found() == []


@pytest.mark.django_db(transaction=True)
def test_an_entry_outside_a_transaction_is_refused(alone: None) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        journal.record([entry(A)])
    assert journal.chain(A) == []


def test_a_second_writer_of_the_same_subject_is_told_to_repeat(alone: None) -> None:
    record(entry(A))
    with pytest.raises(Transient, match="journal-busy"):
        record(entry(A), fresh=True)


@pytest.mark.parametrize("table", ["kernel_journalentry", "kernel_journalseal"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET at = now()", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_database_refuses_to_change_or_remove(alone: None, table: str, statement: str) -> None:
    record(entry(A))
    seal_all()
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))
    assert found() == []


def test_seals_follow_each_other_in_batches_and_cover_each_entry_once(alone: None) -> None:
    record(*(entry(uuid4()) for _ in range(25)), fresh=True)
    seals = seal_all(limit=10)
    assert [seal.count for seal in seals] == [10, 10, 5]
    assert [seal.no for seal in seals] == [1, 2, 3]
    assert seals[0].prev == b""
    assert [seal.prev for seal in seals[1:]] == [seal.digest for seal in seals[:-1]]
    assert found() == []


def test_nothing_new_makes_no_seal(alone: None) -> None:
    assert journal.seal(now=NOW) is None
    record(entry(A))
    assert len(seal_all()) == 1
    assert journal.seal(now=NOW) is None


def test_an_altered_entry_is_named(alone: None) -> None:
    record(entry(A), entry(B), entry(A))
    seal_all()
    for column, value in (("body", '{"x":1}'), ("act", "refuse"), ("actor", "account:9"), ("at", "2026-01-01T00:00Z")):
        with transaction.atomic():
            with tampering() as cursor:
                cursor.execute(f"UPDATE kernel_journalentry SET {column} = %s WHERE seq = %s", [value, seqs(A)[0]])
            assert found() == [("altered", seqs(A)[0], None)]
            transaction.set_rollback(True)


def test_an_altered_entry_whose_whole_chain_was_reckoned_anew_is_named_by_its_seal(alone: None) -> None:
    record(entry(A, amount=1), entry(A))
    seal_all()
    old = journal.chain(A)
    from motcua.kernel.journal.rules import entry_digest, entry_text, stamp

    prev = b""
    with tampering() as cursor:
        for link, body in zip(old, ('{"amount":9}', "{}"), strict=True):
            digest = entry_digest(prev, entry_text(str(A), link.n, stamp(link.at), link.act, link.actor, body))
            cursor.execute(
                "UPDATE kernel_journalentry SET body = %s, prev = %s, digest = %s WHERE subject = %s AND n = %s",
                [body, prev, digest, A, link.n],
            )
            prev = digest
    assert found() == [("altered", seq, 1) for seq in seqs(A)]


def test_a_missing_entry_is_named_in_the_middle_and_at_the_end(alone: None) -> None:
    record(entry(A), entry(A), entry(A))
    seal_all()
    first, middle, last = seqs(A)
    with transaction.atomic():
        with tampering() as cursor:
            cursor.execute("DELETE FROM kernel_journalentry WHERE seq = %s", [middle])
        assert found() == [("missing", last, None), ("missing", middle, 1)]
        transaction.set_rollback(True)
    with tampering() as cursor:
        cursor.execute("DELETE FROM kernel_journalentry WHERE seq = ANY(%s)", [[first, middle, last]])
    assert found() == [("missing", seq, 1) for seq in (first, middle, last)]


def test_reordered_entries_are_named(alone: None) -> None:
    record(entry(A, "one"), entry(A, "two"), entry(A, "three"))
    seal_all()
    with tampering() as cursor:
        for n, m in ((2, 99), (3, 2), (99, 3)):
            cursor.execute("UPDATE kernel_journalentry SET n = %s WHERE subject = %s AND n = %s", [m, A, n])
    assert {problem for problem, _, _ in found()} == {"altered"}
    assert {seq for _, seq, _ in found()} == set(seqs(A)[1:])


def test_renumbered_entries_do_not_give_the_root(alone: None) -> None:
    record(entry(A), entry(B))
    seal_all()
    (a,), (b,) = seqs(A), seqs(B)
    with tampering() as cursor:
        for old, new in ((a, 999), (b, a), (999, b)):
            cursor.execute("UPDATE kernel_journalentry SET seq = %s WHERE seq = %s", [new, old])
    assert found() == [("altered", a, 1), ("altered", b, 1)]


def test_an_entry_slipped_in_below_the_seals_is_named(alone: None) -> None:
    record(entry(A), entry(B))
    seal_all()
    with tampering() as cursor:
        cursor.execute(
            "INSERT INTO kernel_journalentry (seq, subject, n, act, at, actor, body, prev, digest)"
            " OVERRIDING SYSTEM VALUE SELECT 0, %s, 1, act, at, actor, body, prev, digest"
            " FROM kernel_journalentry WHERE subject = %s",
            [C, A],
        )
    assert ("unsealed", 0, None) in found()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("signature = '\\x00'", "seal-signature"),
        ("at = at + interval '1 second'", "seal-signature"),
        ("root = sha256('x')", "seal-signature"),
        ("key = sha256('x')", "seal-key"),
        ("prev = sha256('x')", "seal-chain"),
        ("digests = sha256('x') || sha256('y')", "seal-leaves"),
        ("seqs = seqs[:1]", "seal-leaves"),
        ("no = 7", "seal-missing"),
    ],
)
def test_a_broken_seal_is_named(alone: None, change: str, problem: str) -> None:
    for _ in range(3):
        record(entry(A), entry(B))
        seal_all()
    with tampering() as cursor:
        cursor.execute(f"UPDATE kernel_journalseal SET {change} WHERE no = 2")
    problems = {finding.problem: finding for finding in journal.verify()}
    assert problem in problems
    assert problems[problem].seal in (2, 3, 7)


def test_a_missing_seal_is_named_and_its_entries_have_none(alone: None) -> None:
    for _ in range(3):
        record(entry(A))
        seal_all()
    with tampering() as cursor:
        cursor.execute("DELETE FROM kernel_journalseal WHERE no = 2")
    assert found() == [("seal-missing", None, 3), ("unsealed", seqs(A)[1], None)]


def test_a_seal_by_a_key_that_nobody_trusts_is_named_and_a_changed_key_stays_trusted(
    alone: None, settings: Settings, tmp_path: Path
) -> None:
    record(entry(A))
    seal_all()
    settings.JOURNAL_KEY.rename(tmp_path / "away")
    record(entry(A))
    seal_all()
    assert found() == []
    settings.JOURNAL_KEY = tmp_path / "elsewhere" / "journal.ed25519"
    keys.private()
    assert found() == [("seal-key", None, 1), ("seal-key", None, 2)]


def test_the_private_key_is_for_its_owner_only_and_made_once(settings: Settings) -> None:
    first = keys.public_bytes(keys.private())
    assert settings.JOURNAL_KEY.stat().st_mode & 0o777 == 0o600
    assert keys.public_bytes(keys.private()) == first
    assert keys.trusted() == {first}


def other_connection() -> psycopg.Connection[Any]:
    return psycopg.connect(os.environ["MOTCUA_DATABASE_URL"])


def write(on: psycopg.Connection[Any], subject: UUID) -> None:
    """An entry from another process: what `record` does, on its own connection."""
    from motcua.kernel.journal import actions

    real = actions.plain_cursor
    actions.plain_cursor = lambda: psycopg.Cursor(on)
    try:
        on.execute("SELECT 1")  # its transaction begins
        journal.record([entry(subject)])
    finally:
        actions.plain_cursor = real


@pytest.mark.django_db(transaction=True)
def test_an_entry_that_commits_late_is_sealed_late_and_never_lost(alone: None) -> None:
    with other_connection() as slow, other_connection() as abandoned:
        write(slow, A)
        write(abandoned, B)
        for _ in range(3):
            record(entry(C))
            assert [seal.count for seal in seal_all()] == [1]
        abandoned.rollback()
        slow.commit()
        assert [seal.count for seal in seal_all()] == [1]
    assert found() == []
    # Once nobody can write there any more, the sealer looks there no longer. Transactions of other databases in the
    # cluster, such as another test's, hold that back until they end.
    until = time.monotonic() + 60
    gaps = None
    while gaps != ([],) and time.monotonic() < until:
        record(entry(C))
        seal_all()
        gaps = plain_cursor().execute("SELECT gaps FROM kernel_journalseal ORDER BY no DESC LIMIT 1").fetchone()
    assert gaps == ([],)


@pytest.mark.django_db(transaction=True)
def test_a_second_sealer_at_the_same_time_leaves_it_to_the_first(alone: None) -> None:
    from motcua.kernel.journal.actions import SEALING

    record(entry(A))
    with other_connection() as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [SEALING])
        assert journal.seal(now=NOW) is None
    assert journal.seal(now=NOW) is not None


@pytest.mark.django_db(transaction=True)
def test_after_a_restore_into_a_younger_cluster_old_marks_are_believed(alone: None) -> None:
    record(entry(A))
    seal_all()
    with tampering() as cursor:
        cursor.execute(
            "UPDATE kernel_journalseal SET mark_xid = mark_xid + 1000000000000, top = top + 5, gaps = %s", [[1, 9]]
        )
    for _ in range(7):
        record(entry(B))
    seal_all()
    gaps = plain_cursor().execute("SELECT gaps FROM kernel_journalseal ORDER BY no DESC LIMIT 1").fetchone()
    assert gaps is not None
    assert all(first > seqs(A)[0] for first in gaps[0][::2])


@pytest.mark.django_db(transaction=True)
def test_verifying_while_others_write_finds_nothing_wrong(alone: None) -> None:
    record(entry(A), entry(B))
    seal_all()
    findings = journal.verify(lambda seen: record_elsewhere())
    assert list(findings) == []


def record_elsewhere() -> None:
    with other_connection() as other:
        write(other, C)


def verifier() -> Any:
    specification = importlib.util.spec_from_file_location("verify_inclusion", ROOT / "docs" / "verify_inclusion.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def public_key() -> str:
    return base64.b64encode(keys.public_bytes(keys.private())).decode()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 13])
def test_a_third_party_can_check_each_entry_of_a_seal(alone: None, size: int) -> None:
    subjects = [uuid4() for _ in range(size)]
    record(*(entry(subject, "file") for subject in subjects), fresh=True)
    seal_all()
    check = verifier().check
    for subject in subjects:
        proof = json.loads(json.dumps(journal.proof(seqs(subject)[0])))
        assert f"\n{subject}\n1\n" in check(proof, public_key())


def test_a_proof_can_lead_to_a_later_seal_that_the_other_side_holds(alone: None) -> None:
    record(entry(A))
    seal_all()
    for _ in range(3):
        record(entry(B))
        last = seal_all()[-1]
    check = verifier().check
    proof = journal.proof(seqs(A)[0], upto=last.no)
    assert check(proof, public_key(), last.digest.hex())
    with pytest.raises(ValueError, match="lead to the one that you hold"):
        check(journal.proof(seqs(A)[0], upto=last.no - 1), public_key(), last.digest.hex())
    proof["later_seals"].pop(0)
    with pytest.raises(ValueError, match="doesn't follow"):
        check(proof, public_key(), last.digest.hex())


TAMPERINGS = {
    "text": lambda proof: proof["entry"].update(text=proof["entry"]["text"].replace("file", "fine")),
    "prev": lambda proof: proof["entry"].update(prev="00"),
    "digest": lambda proof: proof["entry"].update(digest="00" * 32),
    "seq": lambda proof: proof["entry"].update(seq=proof["entry"]["seq"] + 1),
    "negative seq": lambda proof: proof["entry"].update(seq=-1),
    "index": lambda proof: proof["inclusion"].update(index=proof["inclusion"]["index"] + 1),
    "far index": lambda proof: proof["inclusion"].update(index=99),
    "size": lambda proof: proof["inclusion"].update(size=6),
    "short path": lambda proof: proof["inclusion"]["path"].pop(),
    "long path": lambda proof: proof["inclusion"]["path"].append("00" * 32),
    "other path": lambda proof: proof["inclusion"]["path"].reverse(),
    "seal": lambda proof: proof["seal"].update(text=proof["seal"]["text"].replace("2026", "2025")),
    "signature": lambda proof: proof["seal"].update(signature="00" * 64),
    "no seal": lambda proof: proof.pop("seal"),
    "not text": lambda proof: proof["entry"].update(text=7),
}


@pytest.mark.parametrize("how", TAMPERINGS)
def test_a_tampered_proof_is_not_believed(alone: None, how: str, tmp_path: Path) -> None:
    record(*(entry(UUID(int=n), "file") for n in range(1, 6)))
    seal_all()
    proof = journal.proof(seqs(UUID(int=3))[0])
    TAMPERINGS[how](proof)
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError, OverflowError)):
        verifier().check(proof, public_key())


def test_the_script_answers_with_its_exit_status(alone: None, tmp_path: Path) -> None:
    record(entry(A, "file"))
    seal_all()
    file = tmp_path / "proof.json"
    for proof, key, status in (
        (journal.proof(seqs(A)[0]), public_key(), 0),
        (journal.proof(seqs(A)[0]), base64.b64encode(bytes(32)).decode(), 1),
        ({}, public_key(), 1),
    ):
        file.write_text(json.dumps(proof))
        command = [sys.executable, "-I", str(ROOT / "docs" / "verify_inclusion.py"), str(file), key]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == status, done.stderr
        assert ("NOT PROVED" in done.stderr) == bool(status)


def test_a_proof_needs_an_entry_that_is_there_and_sealed(alone: None) -> None:
    with pytest.raises(NotFound, match="entry-unknown"):
        journal.proof(10**9)
    record(entry(A))
    with pytest.raises(NotFound, match="entry-unsealed"):
        journal.proof(seqs(A)[0])


def test_the_last_seal_is_verified_by_itself(alone: None) -> None:
    assert journal.verify_last_seal() == []
    record(entry(A))
    seal_all()
    assert journal.verify_last_seal() == []
    with tampering() as cursor:
        cursor.execute("DELETE FROM kernel_journalentry WHERE subject = %s", [A])
    assert [finding.problem for finding in journal.verify_last_seal()] == ["missing"]
