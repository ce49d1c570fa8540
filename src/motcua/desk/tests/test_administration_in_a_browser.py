"""Administration in a real browser: nothing for axe to find, room on small screens, sums that follow the typing."""

from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from tests.phones import narrow

from motcua.desk.tests.support import official, seated
from motcua.dossiers.tests.support import place
from motcua.identity import api as identity

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("country")]

HOME = "/can-bo/quan-ly"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def enter(page: "Page", url: str, client: Client) -> None:
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}])


def test_axe_finds_nothing_and_every_page_fits_320_pixels(live_server: Any, page: "Page") -> None:
    url = str(live_server)
    stranger = official(identity.Role.RECEPTION, place().centre)
    enter(page, url, seated(identity.Role.ADMINISTRATOR))
    wrong = []
    addresses = ["", "/co-quan", f"/co-quan/{place().centre.id}", "/can-bo", "/can-bo/moi"]
    addresses += [f"/can-bo/{stranger.official_id}", "/quy-trinh?q=khai", "/quy-trinh/1.001193", "/cong-bo?q=khai"]
    addresses += ["/lich", "/tep", "/tep/can-bo"]
    for address in addresses:
        page.set_viewport_size({"width": 1366, "height": 740})
        answer = page.goto(url + HOME + address)
        assert answer is not None
        assert answer.status == 200, address
        for summary in page.query_selector_all("main summary"):
            summary.click()
        for width in (1366, 360):
            page.set_viewport_size({"width": width, "height": 740})
            found = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]}).response["violations"]
            wrong += [(address, width, v["id"], [node["target"] for node in v["nodes"]]) for v in found]
        narrow(page)
        if page.evaluate("document.documentElement.scrollWidth") > 320:
            wrong.append((address, 320, "too wide", []))
    assert wrong == []


def test_the_sum_of_a_process_follows_the_typing(live_server: Any, page: "Page") -> None:
    url = str(live_server)
    enter(page, url, seated(identity.Role.ADMINISTRATOR))
    page.goto(f"{url}{HOME}/quy-trinh/1.001193")
    balance = page.locator(".balance")
    assert balance.inner_text() == "Các bước cộng lại đúng thời hạn."
    minutes = page.locator("#phut-2")
    before = int(minutes.input_value())
    minutes.fill(str(before + 15))
    assert balance.inner_text() == "Thừa 15 phút so với thời hạn."
    minutes.fill(str(before - 5))
    assert balance.inner_text() == "Còn thiếu 5 phút so với thời hạn."
    page.fill("#so", "12/QĐ-UBND")
    page.fill("#ngay", "01/11/2026")
    page.click("button[name=ghi]")
    assert "thiếu 5 phút" in page.inner_text("#loi")
    page.click("#loi a")
    assert page.evaluate("document.activeElement.id").startswith("phut-")


def test_the_operators_admin_asks_for_nothing_that_the_policy_forbids(live_server: Any, page: "Page") -> None:
    url = str(live_server)
    operator = official(identity.Role.ADMINISTRATOR, place().committee)
    operator.is_staff = operator.is_superuser = True
    operator.save()
    client = Client()
    client.force_login(operator)
    enter(page, url, client)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("response", lambda answer: said.append(f"Missing {answer.url}") if answer.status >= 400 else None)
    for address in ("/quan-tri/", "/quan-tri/units/agency/", "/quan-tri/dossiers/dossier/", "/quan-tri/login/"):
        page.goto(url + address)
    page.goto(f"{url}/quan-tri/units/agency/{place().centre.id}/change/")
    assert "Trung tâm" in page.inner_text("#content")
    wrong = [text for text in said if "Content Security Policy" in text or "Missing" in text]
    assert [text for text in wrong if not text.endswith("/favicon.ico")] == []  # the admin has no icon of its own
