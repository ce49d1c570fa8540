"""A correction of a dossier that has moved on here waits until a person takes it or keeps what is here."""

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model

from motcua.config import commandline
from motcua.conversion import api as conversion
from motcua.conversion.corrections.rules import STANDING
from motcua.conversion.models import Record
from motcua.conversion.rules.expressions import COMPARED
from motcua.conversion.tests import support_export as made
from motcua.conversion.tests.test_bringing_in import moved_on
from motcua.dossiers import api as dossiers
from motcua.identity import api as identity
from motcua.identity.api import Role
from motcua.kernel.clock import day_of
from motcua.kernel.errors import Conflict, NotAllowed, NotFound, Permanent
from motcua.kernel.journal import api as journal
from motcua.units import api as units

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("country", "staged_here")]

ROWS = made.lines(20)
TODAY = day_of(made.NOW)
WHY = "Người nộp đã xác nhận địa chỉ mới"
TAKEN, KEPT = conversion.Verdict.TAKEN, conversion.Verdict.KEPT


def seat(role: Role, code: str = "79") -> identity.Scope:
    """An official in the committee of a unit of today."""
    directory = units.directory()
    unit = directory.find_unit(code, TODAY)
    assert unit is not None
    agency = directory.agency_of(unit.id, units.AgencyKind.PEOPLES_COMMITTEE, TODAY)
    assert agency is not None
    [number] = identity.enrol(names=["Lê Thị Sửa"])
    post = identity.Appointment(number, agency.id, role, "Chánh Văn phòng", units.REFORM_DAY)
    [position] = identity.appoint(appointments=[post], now=made.NOW)
    below = frozenset({agency.id, *directory.agencies_under(agency.id, TODAY)})
    return identity.Scope(caller=7, agencies=below, roles=frozenset({role}), position=position, name="account:7")


@pytest.fixture
def held(tmp_path: Path) -> str:
    """Two dossiers have moved on: of one the old system has another address now, of the other another state."""
    path = made.exported(tmp_path, ROWS)
    conversion.run(path=path, now=made.NOW)
    for code in ("HS-000005", "HS-000010"):
        moved_on(code)
    late = made.changed(ROWS, [5], {"DiaChi": "Số mới", "LePhi": "9.000"})
    late = made.changed(late, [10], {"TrangThai": made.DONE, "NgayTra": late[11]["NgayTra"], "KetQua": "Giấy số 10"})
    made.write_csv(tmp_path / "ho_so.csv", late)
    return conversion.run(path=path, now=made.NOW)


def folder(code: str) -> dossiers.Folder:
    return dossiers.open_folder(code, scope=identity.SYSTEM, now=made.NOW)


def settle(run: str, number: str, verdict: conversion.Verdict, scope: identity.Scope, reason: str = WHY) -> int:
    return conversion.settle([conversion.Settled(run, number, verdict, reason)], scope=scope, now=made.NOW)


def test_what_the_applicant_told_is_taken_and_the_dossier_goes_on_from_where_it_is(held: str, tmp_path: Path) -> None:
    scope = seat(Role.ADMINISTRATOR)
    asked = conversion.correction(held, "HS-000005", scope=scope, on=TODAY)
    assert {one.field for one in asked.differences} == {"address", "fee"}
    assert not asked.moves
    before = folder("HS-000005")
    assert settle(held, "HS-000005", TAKEN, scope) == 1
    after = folder("HS-000005")
    assert after.applicant["address"] == "Số mới"
    assert (after.where.state, after.where.due_at, after.holder) == (
        before.where.state, before.where.due_at, before.holder,
    )  # fmt: skip
    assert [row.step for row in after.log] == ["convert", "warn", "correct"]
    last = after.log[-1]
    assert (last.caller, last.position, last.reason) == (7, scope.position, WHY)
    assert {"fee": 9_000, "run": held, "row": 7}.items() <= last.detail.items()
    row = conversion.one(held)
    assert (row.corrected, row.unchanged, row.held) == (1, 18, 1)
    settle(held, "HS-000010", KEPT, scope)
    assert list(journal.verify()) == []

    with pytest.raises(Conflict):
        settle(held, "HS-000005", KEPT, scope)
    found = conversion.reconcile(run=held, now=made.NOW)
    assert found.differences == 0
    again = conversion.one(conversion.run(path=tmp_path / "mapping.toml", now=made.NOW))
    assert (again.corrected, again.unchanged, again.held) == (0, 19, 1)
    [kept] = conversion.held(again.id)
    assert (kept.number, kept.decision, kept.reason, kept.named) == (
        "HS-000010", "kept", WHY, "Lê Thị Sửa, Chánh Văn phòng",
    )  # fmt: skip


def test_where_the_old_system_moved_it_taking_it_puts_the_dossier_there(held: str) -> None:
    scope = seat(Role.LEADER)
    assert conversion.correction(held, "HS-000010", scope=scope, on=TODAY).moves
    settle(held, "HS-000010", TAKEN, scope)
    after = folder("HS-000010")
    assert after.where.state == "returned"
    assert [paper.name for paper in after.papers] == ["Giấy số 10"]
    assert conversion.held_figures(held) == (2, 1)
    assert conversion.reconcile(run=held, now=made.NOW).differences == 0


def test_keeping_ours_changes_nothing_and_an_older_value_never_wins_over_a_later_one(held: str, tmp_path: Path) -> None:
    before, record = folder("HS-000005"), Record.objects.get(number="HS-000005")
    settle(held, "HS-000005", KEPT, seat(Role.LEADER))
    assert folder("HS-000005") == before
    assert Record.objects.get(number="HS-000005").digest == record.digest
    assert conversion.one(held).held == 2
    later = conversion.run(path=tmp_path / "mapping.toml", now=made.NOW + timedelta(days=1))
    assert {row.number: row.decision for row in conversion.held(later)} == {"HS-000005": "kept", "HS-000010": "open"}
    with pytest.raises(Conflict, match="correction-superseded"):
        settle(held, "HS-000010", TAKEN, seat(Role.LEADER))
    assert settle(later, "HS-000010", TAKEN, seat(Role.LEADER)) == 1


def test_a_code_on_a_slip_stays_and_is_told_as_a_difference(tmp_path: Path) -> None:
    rows = [{**row, "MaIn": f"IN-{n}"} for n, row in enumerate(made.lines(4))]
    path = made.write_mapping(tmp_path, "x.csv", **{'"SoHoSo"': '"SoHoSo"\ncode = "MaIn"'})
    columns = (*made.COLUMNS, "MaIn")
    made.write_csv(tmp_path / "x.csv", rows, columns=columns)
    conversion.run(path=path, now=made.NOW)
    late = made.changed(rows, [2], {"MaIn": "KHAC-2", "DiaChi": "Số mới"})
    made.write_csv(tmp_path / "x.csv", late, columns=columns)
    run = conversion.run(path=path, now=made.NOW)
    [held] = conversion.held(run)
    assert (held.number, held.code, held.why) == ("HS-000002", "IN-2", "code")
    settle(run, "HS-000002", TAKEN, seat(Role.LEADER))
    assert folder("IN-2").applicant["address"] == "Số mới"
    found = conversion.reconcile(run=run, now=made.NOW)
    assert [row["fields"] for row in found.rows] == [["code"]]


def test_who_may_not_decides_nothing(held: str) -> None:
    for scope, error in (
        (seat(Role.ADMINISTRATOR, "01"), NotFound),  # Hà Nội
        (seat(Role.LEADER, "26740"), NotFound),  # one ward of several
        (seat(Role.HANDLER), NotAllowed),
        (identity.SYSTEM, NotAllowed),
    ):
        with pytest.raises(error):
            settle(held, "HS-000005", TAKEN, scope)
    with pytest.raises(NotFound):
        conversion.correction(held, "HS-000005", scope=seat(Role.LEADER, "01"), on=TODAY)
    with pytest.raises(NotFound):
        settle(held, "HS-000004", TAKEN, seat(Role.LEADER))
    with pytest.raises(Permanent):
        settle(held, "HS-000005", TAKEN, seat(Role.LEADER), "vì thế")
    assert [row.step for row in folder("HS-000005").log] == ["convert", "warn"]
    assert conversion.held_figures(held) == (2, 2)


def test_the_command_line_asks_for_a_password_and_says_what_differs(
    held: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    post = identity.position_of(seat(Role.LEADER).position or 0, TODAY)
    assert post is not None
    get_user_model().objects.create_user("lanhdao", password="mot-mat-khau-du-dai", official_id=post.official_id)
    words = ["convert", "settle", held, "HS-000005", "keep", "--because", WHY, "--account", "lanhdao"]
    monkeypatch.setattr("sys.stdin", StringIO("sai mật khẩu\n"))
    assert commandline.main(words) != 0
    assert conversion.held_figures(held) == (2, 2)
    monkeypatch.setattr("sys.stdin", StringIO("mot-mat-khau-du-dai\n"))
    assert commandline.main(words) == 0
    assert "→ Số mới" in capsys.readouterr().out
    assert commandline.main(["convert", "held", held]) == 0
    told = capsys.readouterr().out
    assert "kept: Lê Thị Sửa, Chánh Văn phòng" in told


def test_runs_are_seen_by_those_whose_area_holds_all_of_them(held: str) -> None:
    assert held in {row.id for row in conversion.runs(scope=seat(Role.LEADER), on=TODAY)}
    assert conversion.runs(scope=seat(Role.LEADER, "01"), on=TODAY) == ()
    assert set(STANDING) < set(COMPARED)
