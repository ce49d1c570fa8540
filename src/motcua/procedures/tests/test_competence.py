"""Who resolves what, where, on which day."""

from datetime import date

import pytest

from motcua.kernel.clock import from_local
from motcua.kernel.errors import Permanent
from motcua.kernel.law import cite
from motcua.procedures import actions, queries
from motcua.procedures.actions import ProvinceAct
from motcua.procedures.rules.competence import Competence, named, readings
from motcua.units import api as units

pytestmark = pytest.mark.usefixtures("catalogue")

NOW = from_local("2026-08-21T08:00")
ON = date(2026, 8, 21)
COMMITTEE = "Ủy ban nhân dân phường Ba Đình"
CITY = "Ủy ban nhân dân thành phố Hà Nội"


def competent(procedure: str, area: units.Unit, on: date = ON) -> Competence:
    return queries.competent(procedure, area, on)


@pytest.mark.parametrize(
    ("procedure", "agency", "external"),
    [
        ("1.001193", COMMITTEE, ""),  # birth: commune
        ("1.000656", COMMITTEE, ""),  # death: authority "Ủy ban Nhân dân xã, phường, thị trấn."
        ("2.000815", COMMITTEE, ""),  # commune or a notary: the nearest
        ("1.001612", COMMITTEE, ""),  # authority "Cơ quan đăng ký kinh doanh cấp xã"
        ("1.003930", COMMITTEE, ""),  # province and commune levels: the commune (assumed)
        ("1.009454", COMMITTEE, ""),  # commune level, no authority named
        ("1.004222", "Công an thành phố Hà Nội", "Công an cấp xã"),
        ("1.000016", "Sở Tài chính thành phố Hà Nội", ""),  # province level, no authority named
        ("1.000005", None, "Chi cục Hải quan khu vực"),  # customs, which the portal calls "commune"
        ("1.000010", None, "Chi cục Đăng kiểm"),
        ("1.000017", None, "Cục Đăng kiểm Việt Nam"),
    ],
)
def test_the_resolving_agency_follows_level_and_authority(
    ba_dinh: units.Unit, procedure: str, agency: str | None, external: str
) -> None:
    found = competent(procedure, ba_dinh)
    assert (found.agency.name if found.agency else None, found.external) == (agency, external)
    assert found.basis


def test_every_procedure_in_force_has_somebody_for_every_commune(ba_dinh: units.Unit) -> None:
    for version in queries.catalogue().all(ON):
        found = competent(version.code, ba_dinh)
        assert found.agency or found.external, version.code
        assert found.agency is None or found.agency.in_force(ON)


def test_the_chairman_of_the_province_is_the_provinces_committee(hanoi: units.Unit, ba_dinh: units.Unit) -> None:
    version = next(v for v in queries.catalogue().all(ON) if v.authority == "Chủ tịch ủy ban nhân dân cấp tỉnh")
    for area in (hanoi, ba_dinh):
        agency = competent(version.code, area).agency
        assert agency is not None
        assert agency.name == CITY


def test_a_choice_that_the_catalogue_leaves_open_is_called_an_assumption(ba_dinh: units.Unit) -> None:
    assert "giả định" in competent("1.003930", ba_dinh).basis
    assert "giả định" not in competent("1.001193", ba_dinh).basis


def test_a_delegation_decides_first_from_its_first_day(hanoi: units.Unit, ba_dinh: units.Unit) -> None:
    act = ProvinceAct(hanoi.id, cite("Quyết định 5/QĐ-UBND"), date(2026, 9, 1))
    actions.delegate(["1.000016"], act=act, level="commune", now=NOW)
    before, after = competent("1.000016", ba_dinh), competent("1.000016", ba_dinh, date(2026, 9, 1))
    assert before.agency is not None
    assert after.agency is not None
    assert (before.agency.name, after.agency.name) == ("Sở Tài chính thành phố Hà Nội", COMMITTEE)
    assert "Quyết định 5/QĐ-UBND" in after.basis


def test_a_delegation_to_a_department_names_its_ministry(hanoi: units.Unit, ba_dinh: units.Unit) -> None:
    act = ProvinceAct(hanoi.id, cite("Quyết định 6/QĐ-UBND"), date(2026, 1, 1))
    actions.delegate(["1.001193"], act=act, level="province", agency="department", ministry="Bộ Tư pháp", now=NOW)
    agency = competent("1.001193", ba_dinh).agency
    assert agency is not None
    assert agency.name == "Sở Tư pháp thành phố Hà Nội"
    actions.delegate(["1.000894"], act=act, level="province", agency="department", ministry="Bộ Không", now=NOW)
    with pytest.raises(Permanent, match="delegated-to-nobody"):
        competent("1.000894", ba_dinh)


def refused(procedure: str, area: units.Unit, on: date = ON) -> Permanent:
    with pytest.raises(Permanent) as caught:
        competent(procedure, area, on)
    return caught.value


def test_an_unknown_procedure_and_one_not_in_force_are_told_apart(ba_dinh: units.Unit) -> None:
    assert refused("9.999999", ba_dinh).problem == "procedure-unknown"
    actions.retire(["1.001193"], last_day=date(2026, 8, 20), now=NOW)
    assert refused("1.001193", ba_dinh).problem == "procedure-not-in-force"


def test_a_commune_procedure_asked_of_a_province_is_not_given_there(hanoi: units.Unit) -> None:
    for procedure in ("1.001193", "1.000656"):
        fault = refused(procedure, hanoi)
        assert fault.problem == "not-given-here"
        assert "xã, phường" in fault.mend


def test_a_unit_that_gave_a_procedure_up_names_the_reason(hanoi: units.Unit, ba_dinh: units.Unit) -> None:
    act = ProvinceAct(hanoi.id, cite("Quyết định 7/QĐ-UBND"), date(2026, 1, 1))
    actions.except_unit(["1.001193"], act=act, unit_id=ba_dinh.id, why="Nộp tại phường Ngọc Hà.", now=NOW)
    fault = refused("1.001193", ba_dinh)
    assert (fault.problem, fault.mend) == ("not-given-here", "Nộp tại phường Ngọc Hà.")


def test_a_dissolved_unit_names_what_it_became(db: None) -> None:
    old = units.directory().find_unit("00001", date(2025, 6, 30))
    assert old is not None
    fault = refused("1.001193", old)
    assert fault.problem == "unit-dissolved"
    assert "Hồng Hà (00097)" in fault.mend
    assert "00097" in fault.members["successors"]
    district = units.directory().find_unit("001", date(2025, 6, 30), units.Level.DISTRICT)
    assert district is not None
    assert refused("1.001193", district).problem == "unit-dissolved"


def test_a_unit_of_today_did_not_resolve_before_it_began(ba_dinh: units.Unit) -> None:
    queries.forget()
    fault = refused("1.001193", ba_dinh, date(2025, 6, 30))
    assert fault.problem in ("procedure-not-in-force", "unit-not-yet")


def test_every_row_of_the_table_of_authorities_speaks_for_some_procedure(db: None) -> None:
    spoken = {row for version in queries.catalogue().all(ON) for row in named(version.authority, version.field)}
    assert [row.contains for row in readings() if row not in spoken] == []
