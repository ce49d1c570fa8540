"""A dossier that was filed under a unit that is no more: both faces and the API say who had it and who holds it now."""

import re
from datetime import date

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from motcua.desk.tests.support import seated
from motcua.dossiers import api as dossiers
from motcua.dossiers.rules import codes
from motcua.dossiers.tests.support import COMMUNE, NOW, application, filing, office, place
from motcua.identity.api import Role
from motcua.kernel.clock import from_local
from motcua.portal.tests.support import KNOWN, signed_in
from motcua.units import api as units

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("country")]
EVE = date(2025, 6, 30)
FILED_AT = from_local("2025-06-16T08:00")


def old_committee() -> units.Agency:
    """The committee of an old ward that went into the ward of today as a whole."""
    directory = units.directory()
    for hop in directory.predecessors(place().unit.id):
        if hop.extent is units.Extent.WHOLE and len(directory.became(hop.old_id, NOW.date())) == 1:
            found = directory.agency_of(hop.old_id, units.AgencyKind.PEOPLES_COMMITTEE, EVE)
            assert found is not None
            return found
    raise AssertionError("no whole ward went in")


@pytest.fixture
def old() -> units.Agency:
    return old_committee()


@pytest.fixture
def code(old: units.Agency) -> str:
    """As it was filed under the old ward: its code, its day, its offices."""
    made = application(number=KNOWN["number"], name=KNOWN["name"])
    [receipt] = dossiers.file([filing(made)])
    assert isinstance(receipt, dossiers.Receipt)
    before = f"{old.org(EVE)}-250616-0001"
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE dossiers_dossier SET code = %s, area = %s, reception = %s, resolving = %s, holder = %s, "
            "filed_at = %s, elsewhere = false WHERE code = %s RETURNING id",
            [before, old.unit_id, old.id, old.id, old.id, FILED_AT, receipt.code],
        )
        cursor.execute("UPDATE dossiers_steprow SET at = %s WHERE dossier = %s", [FILED_AT, cursor.fetchone()[0]])
    return before


@pytest.fixture
def inherited(code: str) -> str:
    """The same after it was passed on to the ward of today."""
    here = place()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM dossiers_dossier WHERE code = %s", [code])
        [open_] = dossiers.lock_open([cursor.fetchone()[0]])
    to = dossiers.Offices(here.centre.id, here.committee.id, None)
    dossiers.inherit(
        [dossiers.Move(open_, to, "Nghị quyết 190/2025/QH15")], plan="2025-07-01", now=NOW, directory=units.directory()
    )
    return code


def text(client: Client, address: str, **asked: str) -> str:
    response = client.get(address, asked, follow=True)
    assert response.status_code == 200, address
    return re.sub(r"\s+", " ", response.content.decode())


def test_the_slip_still_opens_the_page_which_names_both_offices_and_asks_for_nothing(
    inherited: str, old: units.Agency
) -> None:
    secret = codes.secret(settings.SECRET_KEY.encode(), inherited)
    page = text(Client(), f"/ho-so/{inherited}", bm=secret)
    now = place().centre.name_at(NOW.date())
    assert old.name_at(EVE) in page
    assert now in page
    assert "không phải nộp lại giấy tờ hay làm lại bước nào" in page
    assert "Nơi ở khi nộp" in page
    assert "nay thuộc" in page


def test_the_citizen_is_told_who_holds_it_and_that_nothing_is_to_be_done(inherited: str, old: units.Agency) -> None:
    mine = signed_in()
    messages = text(mine, "/cua-toi/tin-nhan")
    assert "Do sắp xếp đơn vị hành chính, hồ sơ nay do" in messages
    assert place().centre.name_at(NOW.date()) in messages
    page = text(mine, f"/cua-toi/ho-so/{inherited}")
    assert old.name_at(EVE) in page
    assert "không phải nộp lại giấy tờ" in page


def test_the_officer_of_today_sees_where_it_came_from(inherited: str, old: units.Agency) -> None:
    page = text(seated(Role.RECEPTION), f"/can-bo/ho-so/{inherited}")
    assert f'Nhận tại <span lang="vi">{old.name_at(EVE)}</span>' in page
    assert "nay là" in page
    assert "Chuyển giao do sắp xếp đơn vị hành chính" in page


def test_where_is_it_answers_with_both_offices_and_the_old_ward(inherited: str, old: units.Agency) -> None:
    [found] = dossiers.where([dossiers.WhereQuestion(inherited, NOW, scope=office())])
    assert isinstance(found, dossiers.Where)
    assert found.received_by is not None
    assert (found.received_by.org, found.reception.org) == (old.org(EVE), place().org)
    unit = units.directory().unit(old.unit_id)
    assert (found.area_code, found.area) == (unit.code, unit.at(EVE).full_name)


def test_one_that_nobody_passed_on_names_who_stands_in_for_its_office_today(code: str, old: units.Agency) -> None:
    page = text(signed_in(), f"/cua-toi/ho-so/{code}")
    assert old.name_at(EVE) in page
    assert f'nay là <span lang="vi">{place().committee.name_at(NOW.date())}' in page
    assert "hồ sơ này nay do nơi khác giữ" not in page


def test_old_codes_of_units_and_offices_say_what_they_became(old: units.Agency) -> None:
    directory, on = units.directory(), NOW.date()
    unit = directory.unit(old.unit_id)
    by_area = units.answer(directory, unit.code, on=EVE, today=on)
    by_office = units.answer(directory, old.org(EVE), on=on, today=on)
    assert COMMUNE in {new.code for new in by_area.today}
    assert COMMUNE in {new.code for new in by_office.today}
    assert not by_office.in_force
    page = text(Client(), f"/don-vi/{unit.code}", ngay="2025-06-30")
    assert place().unit.at(on).full_name.capitalize()[:4] in page
    assert old.name_at(EVE) in page
