"""Loading and publishing on a real database with the country in it."""

import shutil
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction

from motcua.kernel.errors import NotFound, Permanent, Transient
from motcua.units import checks, queries
from motcua.units.actions import DIRECTORY, NamedAgency, import_identifiers, load, publish
from motcua.units.models import Generation, Identifier, Unit, UnitPeriod
from motcua.units.packaged import DATA
from motcua.units.rules.directory import digest
from motcua.units.rules.package import Package
from motcua.units.rules.values import AgencyKind

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
TODAY = date(2026, 11, 22)

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the package that a test may spoil."""
    shutil.copytree(DATA, tmp_path / "data")
    return tmp_path / "data"


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_the_database_holds_exactly_the_package(package: Package) -> None:
    assert digest(queries.read_rows()) == digest(package.rows)


def test_loading_again_changes_nothing() -> None:
    before = queries.generation()
    assert load(now=NOW) == before
    assert queries.generation() == before


def test_a_broken_row_leaves_the_generation_in_force(folder: Path) -> None:
    before, rows = queries.generation(), digest(queries.read_rows())
    replace(folder / "communes.csv", "00004,Ba Đình,phường,01", "00004,Ba Đình,phường,99")
    with pytest.raises(Permanent, match=r"communes\.csv, line 2: the province '99' does not exist"):
        load(now=NOW, folder=folder)
    assert queries.generation() == before
    assert digest(queries.read_rows()) == rows


@pytest.mark.usefixtures("publishing")
def test_a_newer_package_becomes_the_next_generation_without_moving_identities(folder: Path) -> None:
    before = queries.directory()
    replace(folder / "communes.csv", "25270,Lộc Ninh,", "25270,Lộc Ninh Mới,")
    published = load(now=NOW, folder=folder, actor="account:1")
    after = queries.refresh()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT act, actor, body FROM kernel_journalentry WHERE subject = %s ORDER BY n DESC LIMIT 1", [DIRECTORY]
        )
        act, actor, body = cursor.fetchone()
    assert (act, actor) == ("directory.published", "account:1")
    assert published.digest in body
    assert published.number == before.number + 1 == after.number
    old, new = before.find_unit("25270", TODAY), after.find_unit("25270", TODAY)
    assert old is not None
    assert new is not None
    assert (old.at(TODAY).name, new.at(TODAY).name, old.id) == ("Lộc Ninh", "Lộc Ninh Mới", new.id)
    assert old.at(TODAY).name == "Lộc Ninh"  # who holds the old generation goes on reading it
    assert load(now=NOW, folder=folder) == published


@pytest.mark.usefixtures("publishing")
def test_progress_is_reported_to_its_end(folder: Path) -> None:
    replace(folder / "communes.csv", "25270,Lộc Ninh,", "25270,Lộc Ninh Mới,")
    steps: list[tuple[str, int, int]] = []
    load(now=NOW, folder=folder, report=lambda *step: steps.append(step))
    done = [step[1] for step in steps]
    assert done == sorted(done)
    assert steps[-1][1] == steps[-1][2]


def test_publishing_unchanged_tables_makes_no_generation() -> None:
    before = queries.generation()
    assert publish(now=NOW, note="nothing") == before


@pytest.mark.usefixtures("publishing")
def test_a_change_is_seen_only_when_it_is_published() -> None:
    before = queries.directory()
    UnitPeriod.objects.filter(unit_id=before.provinces(TODAY)[0].id).update(name="Thăng Long")
    assert queries.refresh() is before
    publish(now=NOW, note="Đổi tên")
    after = queries.refresh()
    assert after.number == before.number + 1
    assert after.provinces(TODAY)[0].at(TODAY).name == "Thăng Long"


@pytest.mark.usefixtures("publishing")
def test_an_empty_database_says_what_to_do() -> None:
    queries.forget()
    Generation.objects.all().delete()
    with pytest.raises(Transient, match="directory-empty") as refused:
        queries.directory()
    assert "motcua load" in refused.value.mend


def test_the_last_published_figures_of_a_unit_are_those_on_or_before_the_day() -> None:
    ba_dinh = queries.directory().find_unit("00004", TODAY)
    assert ba_dinh is not None
    figures = queries.figures(ba_dinh.id, TODAY)
    assert figures is not None
    assert (figures.population, float(figures.area_km2 or 0)) == (65023, 2.97)
    assert queries.figures(ba_dinh.id, date(2025, 6, 30)) is None


def test_a_unit_has_one_name_at_a_time() -> None:
    period = UnitPeriod.objects.filter(valid_to=None)[0]
    with pytest.raises(IntegrityError, match="units_period_one_at_a_time"), transaction.atomic():
        UnitPeriod.objects.create(unit_id=period.unit_id, valid_from=date(2030, 1, 1), name="x", type="xã")


def test_a_code_has_one_holder_at_a_time() -> None:
    unit = Unit.objects.create(level="commune")
    with pytest.raises(IntegrityError, match="units_identifier_one_holder"), transaction.atomic():
        Identifier.objects.create(scheme="area", code="00004", valid_from=date(2030, 1, 1), unit=unit)
    Identifier.objects.create(scheme="org", code="00004", valid_from=date(2030, 1, 1), unit=unit)  # another list


def test_a_period_that_is_made_longer_may_not_meet_the_next_one() -> None:
    before = Identifier.objects.filter(scheme="area", code="00004", valid_to=date(2025, 6, 30))
    with pytest.raises(IntegrityError, match="units_identifier_one_holder: area 00004"), transaction.atomic():
        before.update(valid_to=None)
    assert before.update(valid_to=date(2025, 6, 29)) == 1, "a shorter one meets nothing"


@pytest.mark.parametrize("fields", [{}, {"unit_id": 2_200_001, "agency_id": 220_000_101}])
def test_a_code_belongs_to_a_unit_or_to_an_agency(fields: Mapping[str, int]) -> None:
    with pytest.raises(IntegrityError, match="units_identifier_one_owner"), transaction.atomic():
        Identifier.objects.create(scheme="area", code="00000", **fields)


def test_a_period_does_not_end_before_it_begins() -> None:
    unit = Unit.objects.create(level="commune")
    with pytest.raises(IntegrityError, match="units_identifier_ordered"), transaction.atomic():
        Identifier.objects.create(
            scheme="area", code="00000", unit=unit, valid_from=date(2026, 1, 2), valid_to=date(2026, 1, 1)
        )


def committee(code: str) -> int:
    known = queries.directory()
    unit = known.find_unit(code, TODAY)
    assert unit is not None
    agency = known.agency_of(unit.id, AgencyKind.PEOPLES_COMMITTEE, TODAY)
    assert agency is not None
    return agency.id


@pytest.mark.usefixtures("publishing")
def test_an_imported_identifier_replaces_the_made_one_whose_past_stays_known() -> None:
    agency_id = committee("00004")
    made = queries.directory().agency(agency_id).org(TODAY)
    import_identifiers(
        rows=[NamedAgency(agency_id, "H26.777", date(2025, 7, 1), "QĐ 1/QĐ-UBND", "000.00.77.H26")], now=NOW
    )
    known = queries.directory()
    agency = known.agency(agency_id)
    assert agency.org(TODAY) == agency.org(date(2025, 7, 1)) == "H26.777"
    assert not any(i.made for i in agency.identifiers if i.code == "H26.777")
    assert known.find_agency("000.00.77.H26", TODAY) is agency
    assert known.find_agency(made, date(2026, 11, 21)) is agency  # dossiers were written with it until yesterday
    assert known.find_agency(made, TODAY) is None


@pytest.mark.usefixtures("publishing")
def test_importing_the_same_list_twice_changes_nothing() -> None:
    rows = [NamedAgency(committee("00004"), "H26.777", date(2025, 7, 1), "QĐ 1/QĐ-UBND")]
    first = import_identifiers(rows=rows, now=NOW)
    assert import_identifiers(rows=rows, now=NOW) == first


@pytest.mark.usefixtures("publishing")
def test_a_newer_package_leaves_imported_identifiers_alone(folder: Path) -> None:
    agency_id = committee("00004")
    import_identifiers(rows=[NamedAgency(agency_id, "H26.777", date(2025, 7, 1), "QĐ 1/QĐ-UBND")], now=NOW)
    replace(folder / "communes.csv", "25270,Lộc Ninh,", "25270,Lộc Ninh Mới,")
    load(now=NOW, folder=folder)
    assert queries.refresh().agency(agency_id).org(TODAY) == "H26.777"


@pytest.mark.usefixtures("publishing")
def test_a_real_code_takes_a_made_one_from_another_agency_that_gets_a_real_one_too() -> None:
    one, two = committee("00004"), committee("00008")
    known = queries.directory()
    made_of_two = known.agency(two).org(TODAY)
    start = date(2026, 12, 1)
    import_identifiers(
        rows=[
            NamedAgency(one, made_of_two, start, "QĐ 1/QĐ-UBND"),
            NamedAgency(two, "H26.888", start, "QĐ 1/QĐ-UBND"),
        ],
        now=NOW,
    )
    known = queries.directory()
    holders = {on: known.find_agency(made_of_two, on) for on in (TODAY, start)}
    assert [a and a.id for a in holders.values()] == [two, one]
    assert known.agency(two).org(start) == "H26.888"


def test_a_list_that_would_leave_an_agency_without_identifier_is_refused_whole() -> None:
    one, two = committee("00004"), committee("00008")
    before = queries.generation()
    taken = queries.directory().agency(two).org(TODAY)
    with pytest.raises(Permanent, match="left without an identifier"):
        import_identifiers(rows=[NamedAgency(one, taken, date(2025, 7, 1), "x")], now=NOW)
    assert queries.generation() == before


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (NamedAgency(1, "H26.777", TODAY, "x"), "row 1"),
        (NamedAgency(220_000_101, "h26", TODAY, "x"), "row 1: 'h26'"),
        (NamedAgency(220_000_101, "H26.777", TODAY, "x", "H26"), "row 1: 'H26'"),
    ],
)
def test_a_wrong_row_of_a_list_is_named(row: NamedAgency, words: str) -> None:
    with pytest.raises(Permanent) as refused:
        import_identifiers(rows=[row], now=NOW)
    assert words in refused.value.detail


def test_one_code_for_two_agencies_is_refused() -> None:
    rows = [NamedAgency(committee(code), "H26.777", TODAY, "x") for code in ("00004", "00008")]
    with pytest.raises(Permanent, match="import-row"):
        import_identifiers(rows=rows, now=NOW)


def test_doctor_finds_the_directory_well_and_sees_a_touched_table() -> None:
    assert all(check.run().ok for check in checks.CHECKS)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE units_unitperiod SET name = name || ' ' WHERE unit_id = %s", [2_200_001])
    found = {check.name: check.run() for check in checks.CHECKS}
    assert not found["units: contents"].ok
    assert found["units: contents"].remedy


def test_an_unknown_unit_has_no_figures_and_no_number() -> None:
    assert queries.figures(5, TODAY) is None
    with pytest.raises(NotFound):
        queries.directory().unit(5)
