"""The officer's page of the national portal: what it shows to whom, and what can be done from it."""

from collections.abc import Iterator

import pytest

from motcua.desk.tests.support import seated
from motcua.dossiers.tests import support
from motcua.identity.api import Role
from motcua.kernel import clock
from motcua.nationalportal import actions, models, queries
from motcua.screens.pages import address
from motcua.standins.tests.national import Portal, follow, lived, portal_running, until_quiet

pytestmark = pytest.mark.usefixtures("country")


@pytest.fixture
def portal() -> Iterator[Portal]:
    with portal_running() as running:
        yield running


def test_a_refusal_is_shown_to_its_office_alone_and_sent_again_from_there(portal: Portal) -> None:
    code = lived(1)
    follow()
    portal.mode("refuse")
    until_quiet()
    for client, sees in ((seated(Role.RECEPTION), True), (seated(Role.RECEPTION, support.NEIGHBOUR), False)):
        page = client.get(address("in-step")).content.decode()
        assert (code in page) is sees
        assert ("cổng từ chối hồ sơ này" in page) is sees
    portal.mode("well")
    [refusal] = queries.refusals(scope=support.office())
    at = address("in-step-mend", refusal.id)
    assert seated(Role.RECEPTION, support.NEIGHBOUR).post(at).status_code == 404
    assert seated(Role.LEADER).post(at).status_code == 403
    assert seated(Role.RECEPTION).post(at, {"truong": "TrichYeuHoSo", "noi-dung": "Đăng ký"}).status_code == 302
    until_quiet(clock.now())
    assert portal.book()["dossiers"][code]["fields"]["TrangThaiHoSo"] == "4"


def test_an_arrival_that_could_not_be_taken_is_taken_from_the_page(portal: Portal) -> None:
    there = portal.file(
        MaTTHC=support.PROCEDURE, MaXa="99999", MaDonViTiepNhan=support.place().org, ChuHoSo="Nguyễn Thị Mai",
        SoGiayToChuHoSo="001190000017", LoaiDoiTuong="1", NoiDungToKhai=support.CONTENT,
    )  # fmt: skip
    actions.take_arrivals(now=clock.now())
    office = seated(Role.RECEPTION)
    assert there in office.get(address("in-step")).content.decode()
    row = models.Arrival.objects.get(portal_code=there)
    row.item["MaXa"] = support.COMMUNE
    row.save()
    assert office.post(address("in-step-take"), {"ma": there}).status_code == 302
    assert models.Arrival.objects.get(portal_code=there).code
    assert there not in office.get(address("in-step")).content.decode()


def test_the_page_speaks_both_languages_and_says_when_no_portal_is_connected(portal: Portal) -> None:
    lived(1)
    follow()
    until_quiet()
    office = seated(Role.ADMINISTRATOR)
    assert "Đang chờ gửi" in office.get(address("in-step")).content.decode()
    office.cookies["django_language"] = "en"
    assert "Waiting to be sent" in office.get(address("in-step")).content.decode()
