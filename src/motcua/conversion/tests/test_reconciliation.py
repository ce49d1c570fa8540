"""Source, staging and target side by side: equal to the đồng, or the very row named; and the record that two sign."""

import base64
import importlib.util
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test import override_settings
from pypdf import PdfReader
from tests import cluster

from motcua.config import database
from motcua.config.places import ROOT
from motcua.conversion import actions as convert
from motcua.conversion import api as conversion
from motcua.conversion import staging
from motcua.conversion.made_up.systems import BA_RIA_VUNG_TAU
from motcua.conversion.models import HandOver, Person, Reject, Run, Suggestion
from motcua.conversion.reconciliation import actions, queries
from motcua.conversion.reconciliation.rules import What
from motcua.conversion.tests.support_made_up import made
from motcua.dossiers.tests.support import COMMUNE, NOW, ON, place
from motcua.identity import api as identity
from motcua.kernel import clock
from motcua.kernel.errors import Conflict, NotAllowed, NotFound
from motcua.kernel.journal import key as keys
from motcua.procedures import api as procedures
from motcua.units import api as units


@pytest.fixture(scope="module")
def loaded(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path]]:
    """Bà Rịa – Vũng Tàu's dossiers, loaded once into a database of its own; the run, and the folder with everything."""
    room, name, before = tmp_path_factory.mktemp("room"), cluster.new_name(), connection.settings_dict["NAME"]
    places = override_settings(CONVERSION=room / "runs", JOURNAL_KEY=room / "secrets" / "journal.ed25519")
    with django_db_blocker.unblock(), places:
        connection.close()
        database.use(cluster.copy(cluster.template(), name))
        try:
            units.refresh()
            procedures.refresh()
            folder = made(room / "old", rows=2_400)
            yield convert.run(path=folder / "bariavungtau.toml", now=NOW), room
        finally:
            connection.close()
            database.use(cluster.url(before))
    cluster.drop(name)


@pytest.fixture
def run(loaded: tuple[str, Path], tmp_path: Path) -> Iterator[str]:
    """The run as it was loaded, whatever the test before did to files and rows."""
    name, room = loaded
    kept = shutil.copytree(room, tmp_path / "kept")
    with transaction.atomic():
        yield name
        transaction.set_rollback(True)
    shutil.rmtree(room)
    shutil.copytree(kept, room)


@pytest.fixture
def folder(loaded: tuple[str, Path]) -> Path:
    return loaded[1] / "old"


def official(role: identity.Role, agency: units.Agency, name: str = "Trần Thị Bình") -> Any:
    """An account whose official holds this role in this agency since the reform."""
    [number] = identity.enrol(names=[name])
    post = identity.Appointment(number, agency.id, role, "Cán bộ", units.REFORM_DAY)
    identity.appoint(appointments=[post], now=clock.now())
    return get_user_model().objects.create_user(f"{role}-{number}", official_id=number)


def province(role: identity.Role, name: str) -> identity.Scope:
    """Somebody at the city's own agency, which has the province's data now."""
    directory = units.directory()
    city = directory.find_unit("79", ON, units.Level.PROVINCE)
    assert city is not None
    agency = directory.agency_of(city.id, units.AgencyKind.PEOPLES_COMMITTEE, ON)
    assert agency is not None
    account = official(role, agency, name=name)
    return identity.scope_of_account(account.pk, clock.today())


@pytest.fixture
def leader(run: str) -> identity.Scope:
    return province(identity.Role.LEADER, "Phạm Minh Trung")


@pytest.fixture
def administrator(run: str) -> identity.Scope:
    return province(identity.Role.ADMINISTRATOR, "Đinh Thu Hạnh")


def test_a_run_that_nobody_touched_is_the_same_on_the_three_sides_in_every_group(run: str) -> None:
    found = actions.reconcile(run=run, now=NOW)
    assert (found.differences, found.rows) == (0, ())
    content = queries.content(run)
    for group in content["groups"]:
        assert group["source"] == group["staging"] == group["target"], group
    [whole] = [group for group in content["groups"] if group["by"] == "all"]
    assert whole["target"]["rows"] + content["run"]["rejected"] == content["run"]["read"]
    assert sum(one["rows"] for one in content["rejects"]) == content["run"]["rejected"] > 0
    for by in ("unit", "procedure", "state", "year"):
        parts = [group for group in content["groups"] if group["by"] == by]
        assert sum(group["target"]["rows"] for group in parts) == whole["target"]["rows"]
        assert sum(group["target"]["fee"] for group in parts) == whole["target"]["fee"]
    assert all(group["heirs"] for group in content["groups"] if group["by"] == "unit")


def truth(folder: Path) -> list[tuple[int, str, bool, int]]:
    """Row, planted fault, whether it is a repeated one, and the true person of each line of the dump."""
    with duckdb.connect() as read:
        return read.execute(
            f"SELECT row, fault, repeated, person FROM '{folder / 'su-that' / 'dong.parquet'}'"
            " WHERE system = 'BARIAVUNGTAU'"
        ).fetchall()


def test_what_was_planted_is_refused_and_nothing_else(run: str, folder: Path) -> None:
    planted = {row for row, fault, repeated, _person in truth(folder) if fault or repeated}
    assert set(Reject.objects.filter(run=run).values_list("row", flat=True)) == planted
    assert planted


def test_people_who_were_loaded_are_suggested_as_the_truth_has_them(run: str, folder: Path) -> None:
    person_of = {row: person for row, _fault, _repeated, person in truth(folder)}
    who = {party: person_of[row] for party, row in Person.objects.filter(run=run).values_list("party", "row")}
    assert conversion.suggest(now=NOW) > 10
    pairs = [(who[one.party], who[one.survivor]) for one in Suggestion.objects.all()]
    assert sum(one == other for one, other in pairs) >= 0.9 * len(pairs)


def first_good(run: str) -> tuple[str, int, str]:
    """The number, the row and the code of a good row of the run."""
    with duckdb.connect(str(staging.room_of(run) / staging.FILE)) as duck:
        number, row, code = duck.execute(
            "SELECT number, row, code FROM checked WHERE mask = 0 ORDER BY row LIMIT 1 OFFSET 20"
        ).fetchall()[0]
    return number, row, code


def only(run: str) -> dict[str, Any]:
    found = actions.reconcile(run=run, now=NOW)
    assert found.differences == 1
    return found.rows[0]


def test_a_changed_line_of_the_file_is_named(run: str, folder: Path) -> None:
    number, row, _code = first_good(run)
    dump = folder / "bariavungtau.sql"
    lines = dump.read_text(encoding="utf-8").splitlines(keepends=True)
    [at] = [n for n, line in enumerate(lines) if f"\t{number}\t" in line]
    cells = lines[at].split("\t")
    cells[list(BA_RIA_VUNG_TAU.columns).index("full_name")] += " X"
    lines[at] = "\t".join(cells)
    dump.write_text("".join(lines), encoding="utf-8")
    one = only(run)
    assert (one["what"], one["file"], one["row"]) == (What.SOURCE_CHANGED, "bariavungtau.sql", row)
    assert one["fields"] == ["applicant_name"]


def test_a_changed_row_of_the_staging_is_named(run: str) -> None:
    number, row, _code = first_good(run)
    with duckdb.connect(str(staging.room_of(run) / staging.FILE)) as duck:
        duck.execute("UPDATE checked SET fee = fee + 1000 WHERE number = ?", [number])
    one = only(run)
    assert (one["what"], one["row"], one["fields"]) == (What.STAGING_CHANGED, row, ["fee"])


CHANGES: tuple[tuple[str, What, list[str]], ...] = (
    ("UPDATE dossiers_dossier SET procedure = '1.000001' WHERE id = %s", What.TARGET_CHANGED, ["procedure"]),
    ("UPDATE dossiers_steprow SET detail = jsonb_set(detail, '{fee}', '1') WHERE dossier = %s", What.TARGET_CHANGED,
     ["fee"]),
    ("DELETE FROM conversion_record WHERE dossier = %s", What.NOT_IN_TARGET, []),
)  # fmt: skip


def test_changed_rows_of_the_target_are_named_whether_in_dossier_log_or_origin(run: str) -> None:
    expected = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT dossier, row FROM conversion_record WHERE run = %s ORDER BY row LIMIT 3", [run])
        for (dossier, row), (change, what, fields) in zip(cursor.fetchall(), CHANGES, strict=True):
            cursor.execute(change, [dossier])
            assert cursor.rowcount == 1
            expected.append((what, row, fields))
    found = actions.reconcile(run=run, now=NOW)
    assert [(one["what"], one["row"], one["fields"]) for one in found.rows] == expected


def test_nobody_signs_while_a_difference_stands_unexplained(
    run: str, leader: identity.Scope, administrator: identity.Scope
) -> None:
    _number, _row, code = first_good(run)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE dossiers_dossier SET channel = 'post' WHERE code = %s", [code])
    one = only(run)
    with pytest.raises(Conflict, match="chưa giải trình"):
        actions.sign(run=run, scope=leader, now=NOW)
    why = actions.Reason(run, one["key"], "Người nộp đã báo lại là gửi qua bưu chính, có biên nhận.")
    actions.explain([why], scope=administrator, now=NOW)
    assert queries.hand_over(run).unexplained == 0
    actions.sign(run=run, scope=leader, now=NOW)
    assert actions.sign(run=run, scope=administrator, now=NOW).sealed
    assert verifier().check(json.loads(queries.as_json(run)), public())


def test_one_person_signs_once_and_another_commune_never(run: str, leader: identity.Scope) -> None:
    actions.reconcile(run=run, now=NOW)
    foreign = official(identity.Role.LEADER, place(COMMUNE).committee)
    stranger = identity.scope_of_account(foreign.pk, clock.today())
    with pytest.raises(NotFound):
        actions.sign(run=run, scope=stranger, now=NOW)
    assert not actions.sign(run=run, scope=leader, now=NOW).sealed
    with pytest.raises(NotAllowed, match="đã ký"):
        actions.sign(run=run, scope=leader, now=NOW)


def test_a_signature_is_void_when_another_reconciliation_finds_something_else(run: str, leader: identity.Scope) -> None:
    actions.reconcile(run=run, now=NOW)
    assert len(actions.sign(run=run, scope=leader, now=NOW).signatures) == 1
    assert actions.reconcile(run=run, now=NOW + timedelta(minutes=1)).signatures == ()


def public() -> str:
    return base64.b64encode(keys.public_bytes(keys.private())).decode()


def verifier() -> ModuleType:
    specification = importlib.util.spec_from_file_location("verify_hand_over", ROOT / "docs" / "verify_hand_over.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture
def sealed(run: str, leader: identity.Scope, administrator: identity.Scope) -> str:
    actions.reconcile(run=run, now=NOW)
    actions.sign(run=run, scope=leader, now=NOW)
    actions.sign(run=run, scope=administrator, now=NOW)
    return run


def test_the_record_is_proved_without_motcua_and_a_changed_byte_is_not(sealed: str, tmp_path: Path) -> None:
    file = tmp_path / "record.json"
    command = [sys.executable, "-I", str(ROOT / "docs" / "verify_hand_over.py"), str(file), public()]
    file.write_text(queries.as_json(sealed), encoding="utf-8")
    proved = subprocess.run(command, capture_output=True, text=True)
    assert proved.returncode == 0, proved.stderr
    assert "Phạm Minh Trung" in proved.stdout
    text = queries.as_json(sealed)
    found = re.search(r'"rows": (\d)', text)
    assert found is not None
    at = found.start(1)
    file.write_text(text[:at] + str((int(text[at]) + 1) % 10) + text[at + 1 :], encoding="utf-8")
    refused = subprocess.run(command, capture_output=True, text=True)
    assert refused.returncode == 1
    assert "NOT PROVED: this key didn't sign" in refused.stderr

    pdf = actions.as_pdf(run=sealed, now=NOW)
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())
    rows = queries.hand_over(sealed).figures[2][1]
    assert f"{rows:,}".replace(",", ".") in text
    for said in ("Phạm Minh Trung", "Đinh Thu Hạnh", "xã Hòa Hưng", "nay là", public()[:20]):
        assert said in text


def test_a_signed_run_is_neither_reconciled_nor_signed_again_and_may_be_cleared(
    sealed: str, leader: identity.Scope
) -> None:
    assert Run.objects.get(id=sealed).phase == "signed"
    for again in (actions.reconcile, lambda run, now: actions.sign(run=run, scope=leader, now=now)):
        with pytest.raises(Conflict, match="đã ký"):
            again(run=sealed, now=NOW)
    convert.clear(run=sealed, now=NOW)
    assert HandOver.objects.get(run=sealed).signed
