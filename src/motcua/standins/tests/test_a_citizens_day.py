"""With real processes: a citizen's day in a browser, and a server that dies between payment and notice."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from tests import cluster
from tests.phones import narrow
from tests.processes import Process, Server, free_port, wait_until
from tests.test_api import APPLICATION, CENTRE, COMMITTEE, Client, issue

from motcua.portal.tests.support import KNOWN
from motcua.standins.tests.support import CONTENT, SHOP, Running

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.xdist_group("citizens-day")

WHO = {"kind": "citizen", "name": KNOWN["name"], "number": KNOWN["number"]}
OFFICE = ("reception", "handler", "approver", "signatory")
MISMATCHES = "SELECT count(*) FROM payments_attempt WHERE state = 'mismatch'"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SESSION = """
import json, sys
from django.contrib.sessions.backends.db import SessionStore
from motcua.portal.gate import CITIZEN
session = SessionStore()
session[CITIZEN] = json.loads({known!r})
session.save()
print(session.session_key)
"""


class Place:
    """A server with its payment gateway and its worker, a citizen who has signed in, and the office's token."""

    def __init__(self, database: str, var: Path) -> None:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        self.server = Server(database, var, MOTCUA_PAYMENTS_URL=url)
        self.gateway = Process("stand-in", "payments", "--port", str(port), database=database, var=var)
        self.bank = Running(url)
        wait_until(self._paying, self.gateway.process)
        self.worker = Process("worker", database=database, var=var, MOTCUA_PAYMENTS_URL=url)
        self.office = Client(self.server.url, issue(self.server, CENTRE, COMMITTEE, roles=OFFICE))
        shell = ["manage", "shell", "--verbosity", "0", "-c", SESSION.format(known=json.dumps(KNOWN))]
        made = subprocess.run(
            [sys.executable, "-m", "motcua", *shell],
            env=self.server.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        self.session = made.stdout.strip().splitlines()[-1]

    def _paying(self) -> bool:
        try:
            return requests.get(self.bank.url, timeout=5).ok
        except requests.RequestException:
            return False

    def stop(self) -> None:
        self.office.http.close()
        for process in (self.worker, self.gateway, self.server):
            process.stop()

    def file(self, **change: Any) -> str:
        answer = self.office.post("/dossiers", {**APPLICATION, "applicant": WHO, "channel": "online", **change})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["code"])

    def shop(self) -> str:
        return self.file(procedure=SHOP, content=CONTENT)

    def step(self, code: str, step: str, reason: str = "", **more: Any) -> None:
        answer = self.office.post(f"/dossiers/{code}/steps", {"step": step, "reason": reason, **more})
        assert answer.status_code == 201, answer.text

    def state(self, code: str) -> str:
        return str(self.office.get(f"/dossiers/{code}").json()["state"])

    def paper(self, content: bytes) -> str:
        answer = self.office.post("/files", content, **{"content-type": "application/octet-stream"})
        return str(answer.json()["sha256"])

    def citizen(self) -> httpx.Client:
        return httpx.Client(base_url=self.server.url, cookies={"sessionid": self.session}, timeout=30)

    def payments(self, code: str) -> int:
        """How often the dossier's time line says that the fee was paid."""
        with self.citizen() as client:
            return client.get(f"/cua-toi/ho-so/{code}").text.count('<span class="title">Nộp phí, lệ phí</span>')

    def pay(self, code: str) -> str:
        """Press the button of the page "pay"; gives the gateway's page."""
        with self.citizen() as client:
            client.get(f"/cua-toi/ho-so/{code}/phi")
            form = {"csrfmiddlewaretoken": client.cookies["csrftoken"]}
            answer = client.post(f"/cua-toi/ho-so/{code}/phi", data=form)
            assert answer.status_code == 302, answer.text
            return answer.headers["location"]


@pytest.fixture(scope="module")
def town(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    name = cluster.new_name()
    made = Place(cluster.copy(template, name), tmp_path_factory.mktemp("town"))
    yield made
    made.stop()
    cluster.drop(name)


@pytest.fixture
def place(town: Place) -> Place:
    """The same processes for all of these tests, each with dossiers of its own and a gateway in a good mood."""
    town.bank.mode("pay")
    return town


@pytest.mark.parametrize("mode", ["pay", "silent"])
def test_what_was_paid_while_the_server_was_dead_is_applied_once(place: Place, mode: str) -> None:
    code = place.shop()
    address = place.pay(code)
    place.bank.mode(mode)
    place.server.kill()
    assert place.bank.choose(address).status_code == 303
    place.server.start()
    wait_until(lambda: place.state(code) == "submitted", place.worker.process)
    with place.citizen() as client:
        assert "Ông/bà đã nộp đủ phí" in client.get(f"/cua-toi/ho-so/{code}/phi").text
    assert place.payments(code) == 1


@pytest.mark.parametrize("mode", ["twice", "bad-signature", "late", "closed"])
def test_however_the_gateway_tells_it_the_fee_is_paid_once(place: Place, mode: str) -> None:
    code = place.shop()
    place.bank.mode(mode, 0.5)
    place.bank.choose(place.pay(code))
    wait_until(lambda: place.state(code) == "submitted", place.worker.process)
    assert place.payments(code) == 1


def test_a_wrong_amount_leaves_the_dossier_waiting_and_doctor_says_so(place: Place) -> None:
    code = place.shop()
    place.bank.mode("wrong-amount")
    place.bank.choose(place.pay(code))
    with psycopg.connect(place.server.environment["MOTCUA_DATABASE_URL"], autocommit=True) as connection:
        wait_until(lambda: connection.execute(MISMATCHES).fetchone() == (1,), place.worker.process)
    words = [sys.executable, "-m", "motcua", "doctor"]
    asked = subprocess.run(words, env=place.server.environment, capture_output=True, text=True)
    assert "1 payments that need a person" in asked.stdout
    assert place.state(code) == "awaiting_fee"


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False], ids=["with scripts", "without scripts"])
def test_a_citizen_pays_in_the_browser_and_comes_back(place: Place, page: "Page", script: bool) -> None:
    code = place.shop()
    context = page.context.browser.new_context(  # type: ignore[union-attr]
        java_script_enabled=script, viewport={"width": 360, "height": 740}
    )
    context.add_cookies([{"name": "sessionid", "value": place.session, "url": place.server.url}])
    tab = context.new_page()
    place.bank.mode("silent")
    tab.goto(f"{place.server.url}/cua-toi/ho-so/{code}/phi")
    tab.get_by_role("button", name="Thanh toán 150.000 đồng").click()
    assert tab.url.startswith(place.bank.url), "the policy lets the form lead to the gateway"
    tab.get_by_role("button", name="Trả tiền").click()
    assert tab.get_by_role("heading", level=1).inner_text() == "Đã nhận 150.000 đồng"
    tab.get_by_role("link", name="Về hồ sơ này").click()
    assert tab.locator(".line .now .title").inner_text() == "Tiếp nhận"
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1366])
def test_a_citizens_day_without_any_script(place: Place, page: "Page", tmp_path: Path, width: int) -> None:
    code = place.file()
    place.step(code, "ask_for_papers", "Thiếu đơn đề nghị có chữ ký.")
    context = page.context.browser.new_context(  # type: ignore[union-attr]
        java_script_enabled=False, viewport={"width": width, "height": 740}, accept_downloads=True
    )
    context.add_cookies([{"name": "sessionid", "value": place.session, "url": place.server.url}])
    tab = context.new_page()

    # Asked for a paper: a wrong file first, then the right one.
    tab.goto(f"{place.server.url}/cua-toi")
    tab.get_by_role("link", name="Bổ sung giấy tờ").click()
    assert "Thiếu đơn đề nghị có chữ ký." in tab.locator("main").inner_text()
    program = tmp_path / "chuong-trinh.exe"
    program.write_bytes(b"MZ\x90\x00\x03\x00\xff")
    paper = tmp_path / "don.pdf"
    paper.write_bytes(b"%PDF-1.7\n% signed\n%%EOF\n")
    tab.get_by_label("Giấy tờ khác: tên giấy tờ").fill("Đơn đề nghị có chữ ký")
    tab.get_by_label("Giấy tờ khác: tệp").set_input_files([paper, program])
    tab.get_by_role("button", name="Gửi giấy tờ bổ sung").click()
    assert "chuong-trinh.exe" in tab.get_by_role("alert").inner_text()
    assert tab.get_by_label("Đã gửi lên: don.pdf").is_checked()
    tab.get_by_role("button", name="Gửi giấy tờ bổ sung").click()
    assert place.state(code) == "submitted"
    assert "Đơn đề nghị có chữ ký" in tab.locator("main").inner_text()

    # It goes its way, and the result is there to keep.
    for step in ("accept", "hand_over", "propose", "approve"):
        place.step(code, step)
    result = place.paper(b"%PDF-1.7\n% the decision\n%%EOF\n")
    place.step(code, "sign", papers=[{"name": "Giấy xác nhận", "files": [result]}])
    place.step(code, "finish")
    tab.get_by_role("link", name="Của tôi").first.click()
    tab.get_by_role("link", name="Tin nhắn về hồ sơ").click()
    assert "Đã có kết quả." in tab.locator(".messages li").first.inner_text()
    tab.get_by_role("link", name=code).first.click()
    with tab.expect_download() as told:
        tab.get_by_role("link", name="Tải tệp – Giấy xác nhận").click()
    assert told.value.suggested_filename.endswith(".pdf")
    assert Path(told.value.path()).read_bytes() == b"%PDF-1.7\n% the decision\n%%EOF\n"

    # And the service is rated.
    place.step(code, "return_result")
    tab.reload()
    tab.get_by_role("link", name="Đánh giá việc phục vụ").click()
    tab.get_by_role("button", name="Gửi đánh giá").click()
    assert "Chọn một trong năm mức." in tab.get_by_role("alert").inner_text()
    tab.get_by_label("Rất hài lòng", exact=True).check()
    tab.get_by_label("Điều gì tốt").fill("Nhanh, dễ hiểu.")
    tab.get_by_role("button", name="Gửi đánh giá").click()
    assert tab.get_by_role("heading", level=1).inner_text() == "Cảm ơn ông/bà đã đánh giá"
    context.close()


@pytest.mark.browser
def test_what_is_mine_has_nothing_for_axe_in_both_languages_and_fits_small_screens(place: Place, page: "Page") -> None:
    fee, asked = place.shop(), place.file()
    place.step(asked, "ask_for_papers", "Thiếu đơn.")
    page.context.add_cookies([{"name": "sessionid", "value": place.session, "url": place.server.url}])
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if ".woff2" not in said.location["url"] else None)
    addresses = [
        "/cua-toi",
        "/cua-toi/tin-nhan",
        f"/cua-toi/ho-so/{fee}/phi",
        f"/cua-toi/ho-so/{asked}",
        f"/cua-toi/ho-so/{asked}/bo-sung",
        f"/cua-toi/ho-so/{asked}/rut",
        f"/danh-gia/{asked}",
        "/danh-gia/H26.101.01-261122-9999",
    ]
    narrow(page)
    for language in ("vi", "en"):
        page.context.add_cookies([{"name": "django_language", "value": language, "url": place.server.url}])
        for address in addresses:
            page.goto(place.server.url + address)
            assert page.locator("html").get_attribute("lang") == language
            for summary in page.query_selector_all("summary"):
                summary.click()
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, address
            found = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]}).response["violations"]
            assert [(v["id"], [node["target"] for node in v["nodes"]]) for v in found] == [], address
    assert complaints == []
