"""The officer's page of the national portal: what it shows to whom, and what can be done from it."""

from collections.abc import Iterator

import pytest

from motcua.desk.tests.support import seated
from motcua.dossiers.tests import support
from motcua.exchange import api as exchange
from motcua.identity import api as identity
from motcua.identity.api import Role
from motcua.kernel import clock
from motcua.kernel.command import Arguments
from motcua.kernel.errors import Permanent
from motcua.nationalportal import actions, checks, commands, models, queries
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


def test_the_dossiers_page_says_how_it_stands_with_the_portal(portal: Portal) -> None:
    code = lived(1)
    office = seated(Role.RECEPTION)

    def said() -> str:
        return office.get(address("desk-dossier", code)).content.decode().split("Cổng quốc gia:")[1].split("</p>")[0]

    assert "chưa gửi" in said()
    follow()
    assert "đang chờ gửi" in said()
    portal.mode("refuse")
    until_quiet()
    assert "cổng từ chối hồ sơ này" in said()


def test_the_counter_is_told_when_the_portal_is_silent(portal: Portal) -> None:
    code = lived(0)
    follow()
    office = seated(Role.RECEPTION)
    notice = "Cổng quốc gia đang không trả lời."
    assert notice not in office.get(address("counter-done", code)).content.decode()
    portal.mode("away")
    exchange.dispatch(connector=queries.connector(), now=clock.now())
    assert notice in office.get(address("counter-done", code)).content.decode()
    assert not checks.portal().ok


def test_the_command_line_names_what_needs_a_person_and_compares(
    portal: Portal, capsys: pytest.CaptureFixture[str]
) -> None:
    code = lived(1)
    follow()
    portal.mode("refuse")
    until_quiet()
    assert run("status") == 1
    assert run("refused") == 0
    said = capsys.readouterr().out
    assert code in said
    portal.mode("well")
    assert run("send", str(queries.refusals(scope=identity.SYSTEM)[0].id)) == 0
    until_quiet(clock.now())
    assert run("status") == 0
    portal.lose(code)
    assert run("reconcile") == 0
    assert f"{code}  missing_there" in capsys.readouterr().out
    with pytest.raises(Permanent):
        run("send", "x")


def run(*words: str) -> int:
    return commands.COMMANDS[0].run(Arguments(act=words[0], what=list(words[1:])))
