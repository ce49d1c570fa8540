"""A citizen's and four officials' day in a real browser: from the search to the rating, with real processes.

The citizen signs in with the stand-in of the identity app, applies, is asked for a paper, sends it, follows, receives
and rates; the officials sign in with their passwords and press the buttons that the table of steps gives them.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from motcua.portal.tests.conftest import App
from motcua.portal.tests.test_applying import PDF
from motcua.portal.tests.test_applying_in_a_browser import SCANNED, sign_in, to_the_papers
from tests import cluster
from tests.processes import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("a-day")]
PASSWORD = "mot-mat-khau-du-dai"
PEOPLE = """
import json, sys
from motcua.config.commandline import set_up
set_up()
from motcua.desk.tests.support import official
from motcua.identity.api import Role
from motcua.kernel import clock
from motcua.units import api as units
known = units.directory()
commune = known.find_unit("{area}", clock.today())
names = {{}}
for role, kind in (("reception", units.AgencyKind.SERVICE_CENTRE), ("handler", units.AgencyKind.PEOPLES_COMMITTEE),
                   ("approver", units.AgencyKind.PEOPLES_COMMITTEE), ("signatory", units.AgencyKind.PEOPLES_COMMITTEE)):
    account = official(Role(role), known.agency_of(commune.id, kind, clock.today()))
    account.set_password("{password}")
    account.save()
    names[role] = account.username
print(json.dumps(names))
"""
AREA = "19789"  # phường Thuận Hóa, Huế: where the citizen of the stand-in lives
SCREENS: dict[str, Any] = {
    "phone": {"viewport": {"width": 360, "height": 740}, "has_touch": True},
    "desktop": {"viewport": {"width": 1366, "height": 768}},
}


@pytest.fixture(scope="module")
def town(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, dict[str, str]]]:
    """A server with its identity app, and the user names of a commune's officials by role."""
    name = cluster.new_name()
    app = App(tmp_path_factory.mktemp("identity-of-a-day"))
    server = Server(cluster.copy(template, name), tmp_path_factory.mktemp("a-day"), MOTCUA_IDENTITY_URL=app.url)
    made = subprocess.run(
        [sys.executable, "-c", PEOPLE.format(area=AREA, password=PASSWORD)],
        env=server.environment | {"PYTHONPATH": str(Path(cluster.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    yield server, json.loads(made.stdout.strip().splitlines()[-1])
    server.stop()
    app.stop()
    cluster.drop(name)


def desk(browser: "Browser", town: tuple[Server, dict[str, str]], role: str, language: str) -> "Page":
    """A browser on an office computer in which this official has signed in."""
    server, names = town
    page = browser.new_context(locale="vi-VN", **SCREENS["desktop"]).new_page()
    page.goto(f"{server.url}/ngon-ngu/{language}")
    page.goto(f"{server.url}/can-bo/")
    page.fill("#ten", names[role])
    page.fill("input[type=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("body.desk")
    return page


def take(page: "Page", server: Server, code: str, step: str, **typed: str) -> None:
    """Press the button of a step on the dossier's page; what it asks for is filled in by the names of its fields."""
    page.goto(f"{server.url}/can-bo/ho-so/{code}")
    button = page.locator(f"button[name=buoc][value={step}]")
    if not button.is_visible():
        page.locator(f"details.deed:has(button[value={step}]) > summary").click()
    for field, value in typed.items():
        page.fill(f"#{step}-{field}", value)
    if step == "sign":
        page.set_input_files("#sign-tep", {"name": "giay-khai-sinh.pdf", "mimeType": "application/pdf", "buffer": PDF})
    button.click()
    page.wait_for_selector("[role=status]")


def offered(page: "Page", server: Server, code: str) -> list[str]:
    page.goto(f"{server.url}/can-bo/ho-so/{code}")
    return [str(button.get_attribute("value")) for button in page.locator("button[name=buoc]").all()]


@pytest.mark.parametrize(("screen", "language"), [("phone", "vi"), ("desktop", "en")])
def test_a_day_from_the_search_to_the_rating(
    browser: "Browser", town: tuple[Server, dict[str, str]], screen: str, language: str
) -> None:
    server, _ = town
    citizen = browser.new_context(locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", **SCREENS[screen]).new_page()
    citizen.goto(f"{server.url}/ngon-ngu/{language}")

    # search, read, begin
    citizen.goto(f"{server.url}/")
    citizen.locator("input[type=search]").first.fill("khai sinh")
    citizen.keyboard.press("Enter")
    citizen.locator("a[href*='/thu-tuc/1.001193']").first.click()
    citizen.wait_for_url("**/thu-tuc/1.001193*")
    assert citizen.locator("a[href*='/nop/1.001193']").count() > 0

    # apply
    sign_in(citizen, server)
    to_the_papers(citizen)
    citizen.locator("input[type=file]").first.set_input_files(SCANNED)
    citizen.get_by_role("link", name=str(SCANNED["name"])).wait_for()
    citizen.locator("main .onward button").first.click()
    citizen.wait_for_url("**/xem-lai")
    citizen.locator("#nop .onward button").click()
    citizen.wait_for_url("**/bien-nhan")
    code = citizen.url.split("/")[-2]

    # be asked for a paper, send it
    reception, handler = desk(browser, town, "reception", language), desk(browser, town, "handler", language)
    approver, signatory = desk(browser, town, "approver", language), desk(browser, town, "signatory", language)
    take(reception, server, code, "ask_for_papers", **{"ly-do": "Thiếu giấy chứng sinh bản rõ"})
    citizen.goto(f"{server.url}/cua-toi")
    citizen.locator(f"a[href*='{code}/bo-sung']").first.click()
    assert "Thiếu giấy chứng sinh bản rõ" in citizen.content()
    citizen.fill("#ten-khac", "Giấy chứng sinh chụp lại")
    citizen.set_input_files("#tep-khac", SCANNED)
    citizen.locator("main form button").click()
    citizen.wait_for_url(f"**/cua-toi/ho-so/{code}*")

    # the office's way
    take(reception, server, code, "accept")
    take(reception, server, code, "hand_over")
    while "process" in offered(handler, server, code):
        take(handler, server, code, "process")
    take(handler, server, code, "propose")
    take(approver, server, code, "approve")
    take(signatory, server, code, "sign", **{"ten-giay-to": "Giấy khai sinh"})
    take(handler, server, code, "finish")
    assert reception.request.get(f"{server.url}/can-bo/ho-so/{code}/phieu/01").body()[:5] == b"%PDF-"
    take(reception, server, code, "return_result")

    # follow, receive, rate
    citizen.goto(f"{server.url}/cua-toi/ho-so/{code}")
    with citizen.expect_download() as received:
        citizen.locator(f"a[href*='{code}/tep/']", has_text="Giấy khai sinh").click()
    assert Path(received.value.path()).read_bytes() == PDF
    citizen.goto(f"{server.url}/danh-gia/{code}")
    citizen.locator("input[name=diem][value='5']").check()
    citizen.fill("#y-kien", "Nhanh và tận tình")
    citizen.locator("main form button").click()
    citizen.wait_for_load_state()
    assert "Nhanh và tận tình" in citizen.content()
    reception.goto(f"{server.url}/can-bo/ho-so/{code}")
    assert "Nhanh và tận tình" in reception.content()  # as the page of thanks says
    for page in (citizen, reception, handler, approver, signatory):
        page.context.close()
