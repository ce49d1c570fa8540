"""The pages in a real browser: nothing for axe to find, room on small screens, the whole way without a mouse."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from tests.phones import narrow
from tests.processes import Server
from tests.test_api import APPLICATION, CENTRE, COMMITTEE, Client, issue

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("site")]

PAGES = [
    "/",
    "/su-kien/sinh-con",
    "/thu-tuc?q=khai+sinh",
    "/thu-tuc?q=ban+co",
    "/thu-tuc?q=zzzz",
    "/thu-tuc/1.001193",
    "/thu-tuc/1.001193?xa=27154",
    "/thu-tuc/1.001193?xa=phuong+3+quan+3",
    "/don-vi",
    "/don-vi?q=phuong+3",
    "/don-vi/00004",
    "/don-vi/00004?ngay=2025-06-30",
    "/don-vi/25270",
    "/don-vi/27154?ngay=2025-06-30",
    "/don-vi/20333",
    "/don-vi/79",
    "/ho-so",
    "/thiet-ke",
    "/thiet-ke/ban-lam-viec",
    "/khong-co",
]
WIDE = ("/", "/thu-tuc/1.001193?xa=27154", "/thiet-ke")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


SMALL = """[...document.querySelectorAll('a[href], button, input:not([type=hidden]), summary')]
    .filter(e => !e.closest('p, .skip, .papers, .notice, .card li, dd, .map, .desk-parts'))
    .filter(e => e.getClientRects().length)
    .filter(e => e.getBoundingClientRect().height < 43.5).map(e => e.outerHTML.slice(0, 120))"""


class Reader:
    """One tab that goes from page to page, as a reader does; a tab for each page takes four times as long."""

    def __init__(self, browser: "Browser") -> None:
        self.page = browser.new_context(locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh").new_page()
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda said: self.complaints.append(f"{said.location['url']}: {said.text}"))


@pytest.fixture(scope="module")
def reader(browser: "Browser") -> Iterator[Reader]:
    made = Reader(browser)
    yield made
    made.page.context.close()


@pytest.fixture(scope="module")
def small(browser: "Browser") -> "Iterator[Page]":
    made = Reader(browser).page
    narrow(made)
    yield made
    made.context.close()


@pytest.mark.parametrize("address", PAGES)
def test_a_page_fits_320_pixels_and_lets_fingers_hit(site: Server, small: "Page", address: str) -> None:
    small.goto(site.url + address)
    assert small.evaluate("document.documentElement.scrollWidth") <= 320
    assert small.evaluate(SMALL) == [], (
        "links in sentences, and areas that a list names too, are free; all else is 44 pixels high"
    )


@pytest.mark.parametrize("address", PAGES)
def test_axe_finds_nothing(site: Server, reader: Reader, address: str) -> None:
    page = reader.page
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(site.url + address)
    for summary in page.query_selector_all("summary"):
        summary.click()
    for width in (360, 1366) if address in WIDE else (360,):
        page.set_viewport_size({"width": width, "height": 740})
        found = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]}).response["violations"]
        assert [(v["id"], [node["target"] for node in v["nodes"]]) for v in found] == [], width


def test_nothing_is_asked_of_other_hosts_and_nothing_offends_the_policy(site: Server, reader: Reader) -> None:
    for address in PAGES:
        reader.page.goto(site.url + address)
    assert len(reader.asked) > len(PAGES)
    assert [url for url in reader.asked if not url.startswith(site.url)] == []
    assert [said for said in reader.complaints if not said.startswith(f"{site.url}/khong-co: ")] == []


def test_the_vietnamese_page_needs_two_font_files_only(site: Server, page: "Page") -> None:
    fonts = []
    page.on("request", lambda request: fonts.append(request.url) if request.resource_type == "font" else None)
    page.goto(site.url + "/")
    page.evaluate("document.fonts.ready.then(() => true)")
    assert len(set(fonts)) == 2
    assert not any("latin-ext" in url for url in fonts)


def test_a_keyboard_gets_past_the_head_of_the_page_and_sees_where_it_is(site: Server, page: "Page") -> None:
    page.goto(site.url + "/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "q"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.type("khaisinh")
    page.keyboard.press("Enter")
    page.wait_for_url("**/thu-tuc?q=khaisinh")
    assert page.locator(".rows .lead").first.inner_text() == "Thủ tục đăng ký khai sinh"


def test_a_citizen_finds_who_resolves_without_any_script(site: Server, page: "Page") -> None:
    context = page.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]
    tab = context.new_page()
    tab.goto(site.url + "/thu-tuc/1.001193")
    tab.fill("#noi", "phường 3, quận 3")
    tab.click("text=Xem nơi giải quyết")
    tab.click("text=Phường Bàn Cờ")
    assert tab.locator(".answer").inner_text() == "Ủy ban nhân dân phường Bàn Cờ"
    tab.click("text=English")
    assert tab.locator("html").get_attribute("lang") == "en"
    assert tab.locator(".answer").inner_text() == "Ủy ban nhân dân phường Bàn Cờ"
    context.close()


def test_a_citizen_sees_where_the_dossier_is_and_that_papers_are_missing(site: Server, page: "Page") -> None:
    with Client(site.url, issue(site, CENTRE, COMMITTEE)) as office:
        receipt = office.post("/dossiers", APPLICATION).json()
        for step, reason in (("hand_over", ""), ("ask_for_completion", "Thiếu giấy chứng sinh.")):
            answer = office.post(f"/dossiers/{receipt['code']}/steps", {"step": step, "reason": reason})
            assert answer.status_code == 201, answer.text
    page.goto(site.url)
    page.fill("#ma", receipt["code"].lower())
    page.keyboard.press("Enter")
    page.get_by_label("Mã tra cứu").fill("SAI-SAI")
    page.get_by_role("button", name="Xem hồ sơ").click()
    page.get_by_role("alert").get_by_role("link").first.click()
    assert page.evaluate("document.activeElement.id") == "ma"
    page.get_by_label("Mã tra cứu").fill(receipt["secret"].lower())
    page.get_by_role("button", name="Xem hồ sơ").click()
    page.wait_for_url(f"**/ho-so/{receipt['code']}")
    assert page.locator(".answer").inner_text() == "Đang ở Ủy ban nhân dân phường Ba Đình"
    assert page.locator(".line .now .title").inner_text() == "Hoàn thiện hồ sơ"
    assert "Thiếu giấy chứng sinh." in page.locator(".line").inner_text()
    found = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]}).response["violations"]
    assert [v["id"] for v in found] == []
    page.get_by_role("link", name="English").click()
    page.wait_for_url(f"**/ho-so/{receipt['code']}")
    assert "It is at" in page.locator(".answer").inner_text()
