"""Applying in a real browser on a phone: with and without scripts, cut off, pressed twice, gone back."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from tests.processes import Server

from motcua.portal.tests.conftest import App
from motcua.portal.tests.test_applying import CHILD, PDF
from motcua.portal.tests.test_in_a_browser import RULES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("identity")]
PHONE: Any = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
BIG = b"%PDF-1.4\n" + b"paper " * 200_000  # five pieces
SCANNED: Any = {"name": "giấy chứng sinh.pdf", "mimeType": "application/pdf", "buffer": PDF}


@pytest.fixture
def phone(browser: "Browser") -> "Iterator[Page]":
    context = browser.new_context(locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", **PHONE)
    yield context.new_page()
    context.close()


@pytest.fixture
def plain_phone(browser: "Browser") -> "Iterator[Page]":
    context = browser.new_context(locale="vi-VN", java_script_enabled=False, **PHONE)
    yield context.new_page()
    context.close()


def sign_in(tab: "Page", office: Server, person: str = "Hồ Văn Nam", asked: str = "/nop/1.001193") -> None:
    tab.goto(office.url + asked)
    tab.locator("main a.button").click()
    tab.get_by_role("button", name=person).click()
    tab.wait_for_url(office.url + asked)


def to_the_papers(tab: "Page") -> None:
    """From the first screen, whose commune the app knows, to the one for papers."""
    tab.locator("main button.button").first.click()
    tab.wait_for_url("**/noi-nop")
    tab.locator("main .onward button").first.click()
    tab.locator("input[value='-']").check()
    tab.locator("main .onward button").first.click()
    tab.fill("#relation", "cha")
    tab.locator("main .onward button").first.click()
    for name, value in CHILD.items():
        if name == "child_gender":
            tab.locator(f"input[name={name}][value={value}]").check()
        else:
            tab.fill(f"#{name}", value)
    tab.locator("main .onward button").first.click()
    for n in range(3, 7):
        tab.wait_for_url(f"**/to-khai-{n}")
        tab.locator("main .onward button").first.click()
    tab.wait_for_url("**/giay-to")


def sound(tab: "Page") -> None:
    """Nothing for axe to find, and no sideways scrolling."""
    found = Axe().run(tab, options={"runOnly": RULES, "resultTypes": ["violations"]}).response["violations"]
    assert [(v["id"], [node["target"] for node in v["nodes"]]) for v in found] == [], tab.url
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360, tab.url


def code_in(tab: "Page") -> str:
    return tab.url.split("/")[-2]


def test_a_whole_application_on_a_phone(office: Server, phone: "Page") -> None:
    asked, complaints = [], []
    phone.on("request", lambda request: asked.append(request.url))
    phone.goto(office.url + "/nop/1.001193")
    sound(phone)
    sign_in(phone, office)
    phone.on("console", lambda message: complaints.append(message.text))
    sound(phone)
    to_the_papers(phone)
    sound(phone)
    field = phone.locator("input[type=file]").first
    field.set_input_files([SCANNED, SCANNED | {"name": "mặt sau.pdf", "buffer": PDF + b"2"}])
    phone.get_by_role("link", name="mặt sau.pdf").wait_for()
    sound(phone)
    phone.locator("main .onward button").first.click()
    phone.wait_for_url("**/xem-lai")
    assert "giấy chứng sinh.pdf, mặt sau.pdf" in phone.locator("main").inner_text()
    sound(phone)
    phone.get_by_role("button", name="Nộp hồ sơ").dblclick()
    phone.wait_for_url("**/bien-nhan")
    sound(phone)
    assert phone.locator("h1").inner_text() == "Đã nộp hồ sơ"
    assert phone.locator(".receipt img").evaluate("image => image.naturalWidth") > 0
    assert complaints == []
    assert [
        url for url in asked if not url.startswith(office.url) and "oauth2" not in url and "static" not in url
    ] == []


def test_a_whole_application_without_scripts_in_english(office: Server, plain_phone: "Page") -> None:
    tab = plain_phone
    tab.goto(office.url + "/nop/1.001193")
    tab.get_by_role("link", name="English").click()
    sign_in(tab, office, "Nguyễn Thị Mai")
    to_the_papers(tab)
    tab.locator("input[type=file]").first.set_input_files([SCANNED])
    tab.locator("main .onward button").first.click()
    tab.wait_for_url("**/xem-lai")
    assert "giấy chứng sinh.pdf" in tab.locator("main").inner_text()
    tab.get_by_role("button", name="File the application").click()
    tab.wait_for_url("**/bien-nhan")
    assert tab.locator("html").get_attribute("lang") == "en"
    assert tab.locator("h1").inner_text() == "Your application is filed"


def test_an_upload_that_is_cut_off_goes_on_by_itself(office: Server, phone: "Page") -> None:
    sign_in(phone, office)
    to_the_papers(phone)
    offsets: list[str] = []

    def cut(route: "Route") -> None:
        if "?tu=" in route.request.url:
            offsets.append(route.request.url.split("tu=")[1])
            if len(offsets) in (3, 4):
                route.abort("connectionreset")
                return
        route.continue_()

    phone.route("**/tep-nhap/**", cut)
    phone.locator("input[type=file]").first.set_input_files([SCANNED | {"buffer": BIG}])
    phone.get_by_role("link", name="giấy chứng sinh.pdf").wait_for(timeout=60_000)
    piece = 256 * 1024
    assert offsets == [str(n * piece) for n in (0, 1, 2, 2, 2, 3, 4)], "what had come was not sent again"


def test_an_upload_goes_on_after_the_page_was_left(office: Server, phone: "Page") -> None:
    sign_in(phone, office)
    to_the_papers(phone)
    phone.route(
        "**/tep-nhap/**", lambda route: route.continue_() if route.request.url.endswith("=0") else route.abort()
    )
    phone.locator("input[type=file]").first.set_input_files([SCANNED | {"buffer": BIG}])
    phone.get_by_text("Mất kết nối").wait_for()
    phone.on("dialog", lambda dialog: dialog.accept())
    phone.unroute("**/tep-nhap/**")
    phone.goto(phone.url)
    assert "mới nhận 21 %" in phone.locator("main").inner_text()
    sent = []
    phone.on("request", lambda request: sent.append(request.url) if "?tu=" in request.url else None)
    phone.locator("input[type=file]").first.set_input_files([SCANNED | {"buffer": BIG}])
    phone.get_by_role("link", name="giấy chứng sinh.pdf").wait_for()
    assert next(url.split("tu=")[1] for url in sent) == str(256 * 1024)


def test_going_back_and_filing_again_makes_no_second_dossier(office: Server, plain_phone: "Page") -> None:
    tab = plain_phone
    sign_in(tab, office, "Sùng Thị Dở")
    to_the_papers(tab)
    tab.locator("main .onward button").first.click()
    tab.wait_for_url("**/xem-lai")
    cookie = "; ".join(f"{c['name']}={c['value']}" for c in tab.context.cookies())
    token = tab.locator("input[name=csrfmiddlewaretoken]").last.get_attribute("value")
    # Two presses that arrive together, then a third by hand after going back.
    with ThreadPoolExecutor(2) as both:
        answers = list(
            both.map(
                lambda _n: httpx.post(
                    tab.url, data={"csrfmiddlewaretoken": token or ""}, headers={"Cookie": cookie}, timeout=30
                ),
                range(2),
            )
        )
    assert {(a.status_code, a.headers.get("Location")) for a in answers} == {(302, answers[0].headers["Location"])}
    tab.get_by_role("button", name="Nộp hồ sơ").click()
    tab.wait_for_url("**/bien-nhan")
    first = code_in(tab)
    assert answers[0].headers["Location"].endswith(f"/{first}/bien-nhan")
    tab.go_back()
    if tab.url.endswith("/xem-lai"):
        tab.get_by_role("button", name="Nộp hồ sơ").click()
        tab.wait_for_url("**/bien-nhan")
    assert code_in(tab) == first


def test_what_was_typed_is_there_after_the_browser_died(office: Server, phone: "Page") -> None:
    sign_in(phone, office)
    phone.locator("main button.button").first.click()
    phone.wait_for_url("**/noi-nop")
    phone.goto(phone.url.replace("noi-nop", "to-khai-2"))
    with phone.expect_response(lambda answer: answer.status == 204):
        phone.locator("#child_name").press_sequentially("Hồ Minh An")
    place, context = phone.url, phone.context
    phone.close()
    tab = context.new_page()
    tab.goto(place)
    assert tab.locator("#child_name").input_value() == "Hồ Minh An"


@pytest.mark.parametrize(("language", "said"), [("vi", "chưa đồng ý"), ("en", "did not agree")])
def test_a_refused_sign_in_says_what_to_do_and_can_be_tried_again(
    office: Server, phone: "Page", language: str, said: str
) -> None:
    phone.goto(office.url + f"/ngon-ngu/{language}?ve=/nop/1.001193")
    phone.locator("main a.button").click()
    phone.get_by_role("button", name="Từ chối").click()
    assert said in phone.locator("h1").inner_text()
    sound(phone)
    phone.locator("main .names a").first.click()
    phone.locator("main a.button").click()
    phone.get_by_role("button", name="Hồ Văn Nam").click()
    phone.wait_for_url(office.url + "/nop/1.001193")


@pytest.mark.parametrize(("language", "said"), [("vi", "không trả lời"), ("en", "not answering")])
def test_an_app_that_is_away_leaves_other_ways(
    office: Server, identity_app: App, phone: "Page", language: str, said: str
) -> None:
    phone.goto(office.url + f"/ngon-ngu/{language}?ve=/nop/1.001193")
    identity_app.behave("broken")
    phone.locator("main a.button").click()
    phone.get_by_role("button", name="Hồ Văn Nam").click()
    assert said in phone.locator("h1").inner_text()
    sound(phone)
    identity_app.behave()
    sign_in(phone, office)
