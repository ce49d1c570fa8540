"""The counter in a real browser: by keyboard alone with a scanner, on a phone, without script, in English."""

import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from tests import cluster
from tests.phones import narrow
from tests.processes import Server

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("counter")]

COUNTER = "/can-bo/tiep-nhan"
CARD = "{number}|012345678|Nguyễn Thị Mai|17051990|Nữ|12 Quan Thánh, Ba Đình, Hà Nội|02012021"
NUMBERS = count(100)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# Signs an official in, without the pages of the entrance, which have tests of their own.
SESSION = """
from motcua.config.commandline import set_up
set_up()
from django.contrib.sessions.backends.db import SessionStore
from motcua.desk.tests.support import official, place, ON
from motcua.identity import api as identity
account = official(identity.Role.RECEPTION, place("00004", ON).centre)
session = SessionStore()
session["_auth_user_id"] = str(account.pk)
session["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
session["_auth_user_hash"] = account.get_session_auth_hash()
session.set_expiry(3600)
session.save()
print(session.session_key)
"""


@pytest.fixture(scope="module")
def office(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str]]:
    """A server that these tests write to, and the session of an official at its counter."""
    name = cluster.new_name()
    server = Server(cluster.copy(template, name), tmp_path_factory.mktemp("counter"))
    made = subprocess.run(
        [sys.executable, "-c", SESSION],
        env=server.environment | {"PYTHONPATH": str(Path(cluster.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    yield server, made.stdout.strip().splitlines()[-1]
    server.stop()
    cluster.drop(name)


def seat(context: "BrowserContext", office: tuple[Server, str]) -> str:
    """The address of the counter, with the official signed in."""
    server, session = office
    context.add_cookies([{"name": "sessionid", "value": session, "url": server.url}])
    return server.url + COUNTER


def focused(page: "Page") -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.name"))


def on(page: "Page", field: str) -> None:
    """Wait until the keyboard is in a field."""
    page.wait_for_selector(f'[id="{field}"]:focus')


def faults(page: "Page") -> list[tuple[str, list[str]]]:
    found = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]}).response["violations"]
    return [(v["id"], [node["target"] for node in v["nodes"]]) for v in found]


def unknown() -> str:
    """The card of somebody who was never here."""
    return CARD.format(number=f"001190{next(NUMBERS):06d}")


def scan(page: "Page", card: str = "") -> None:
    """A scanner types like a keyboard, very fast, and ends with Enter."""
    page.keyboard.type(card or unknown())
    page.keyboard.press("Enter")


def test_a_whole_intake_by_keyboard_alone(office: tuple[Server, str], page: "Page") -> None:
    page.goto(seat(page.context, office))
    assert focused(page) == "procedure"
    page.keyboard.type("gxntthn")  # initials of "cấp Giấy xác nhận tình trạng hôn nhân"
    page.keyboard.press("Enter")
    on(page, "case")
    page.keyboard.press("Enter")
    on(page, "number")
    scan(page)
    on(page, "phone")
    assert page.input_value("#name") == "Nguyễn Thị Mai"
    assert page.input_value("#area") == "phường Ba Đình, thành phố Hà Nội"
    assert page.locator("#viec .due").inner_text()
    assert "Ủy ban nhân dân phường Ba Đình" in page.locator("#viec").inner_text()
    page.keyboard.type("0900000017")
    page.keyboard.press("Control+Enter")  # too early: the paper is not ticked, the declaration is empty
    on(page, "p.declaration")
    assert "Thiếu giấy tờ bắt buộc" in page.locator("#loi").inner_text()
    assert page.input_value("#phone") == "0900000017"
    page.keyboard.press("Space")
    for typed in ("Bản thân", "Nguyễn Thị Mai", "17051990"):
        while not focused(page).startswith("c."):
            page.keyboard.press("Enter")
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    for typed in ("Kinh", "Việt Nam", "Phường Ba Đình"):
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
    for _ in ("status", "purpose"):
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
    page.keyboard.type("Kết hôn với ông Trần Văn Nam")
    page.keyboard.press("Tab")
    page.keyboard.type("2")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/can-bo/tiep-nhan/xong/**")
    assert page.locator("h1").inner_text() == "Đã tiếp nhận hồ sơ"
    assert "button" in str(page.evaluate("document.activeElement.className")), "Enter prints, or takes the next person"
    assert faults(page) == []


def test_the_general_form_needs_a_few_keys_only(office: tuple[Server, str], page: "Page") -> None:
    page.goto(seat(page.context, office))
    page.keyboard.type("khai tu luu dong")
    page.keyboard.press("Enter")
    on(page, "number")
    scan(page)
    page.wait_for_selector("#viec .due")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/can-bo/tiep-nhan/xong/**")


def test_the_list_is_chosen_from_with_arrows_and_closed_with_escape(office: tuple[Server, str], page: "Page") -> None:
    page.goto(seat(page.context, office))
    page.keyboard.type("khai sinh")
    page.wait_for_selector("#offers li")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    field = page.locator("#procedure")
    assert field.get_attribute("aria-expanded") == "true"
    assert field.get_attribute("aria-activedescendant") == "offer-1"
    assert faults(page) == []
    wanted = page.locator("#offer-1 span").first.inner_text()
    page.keyboard.press("Escape")
    assert field.get_attribute("aria-expanded") == "false"
    assert focused(page) == "procedure"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector("#viec[data-chosen]:not([data-chosen=''])")
    assert wanted in field.input_value()


def test_papers_answer_to_arrows_and_figures(office: tuple[Server, str], page: "Page") -> None:
    page.goto(seat(page.context, office) + "?thu-tuc=1.001193")
    first = page.locator("[data-paper] input[type=checkbox]").first
    first.focus()
    page.keyboard.press("2")
    assert first.is_checked()
    assert page.locator("[data-form]").first.input_value() == "copy"
    page.keyboard.press("ArrowDown")
    assert page.locator("[data-paper] input[type=checkbox]").nth(1).evaluate("e => e === document.activeElement")
    page.keyboard.press("n")
    assert page.url.endswith("?thu-tuc=1.001193"), "no key of the desk throws a sheet away"


def test_files_and_words_stay_when_the_person_is_looked_up(office: tuple[Server, str], page: "Page") -> None:
    page.goto(seat(page.context, office) + "?thu-tuc=1.001193")
    page.set_input_files(
        "[id='p.declaration.files']", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n"}
    )
    page.fill("[id='c.child_name']", "Trần Minh An")
    page.focus("#number")
    scan(page)
    on(page, "phone")
    page.select_option("#case", index=1)
    page.wait_for_selector("#giay:not([data-of$='|'])")
    assert page.locator("[id='p.declaration.files']").evaluate("e => e.files.length") == 1
    assert page.input_value("[id='c.child_name']") == "Trần Minh An"


def test_an_address_that_leaves_a_choice_asks_for_it(office: tuple[Server, str], page: "Page") -> None:
    page.goto(seat(page.context, office) + "?thu-tuc=1.000419")
    page.focus("#number")
    scan(page, unknown().replace("12 Quan Thánh, Ba Đình, Hà Nội", "Cống Vị, Ba Đình, Hà Nội"))
    page.wait_for_selector("[name=area_pick]:focus")
    page.keyboard.press("Enter")
    page.wait_for_selector("#viec .due, #viec .notice")
    assert page.input_value("#area")


def test_a_server_that_is_away_loses_nothing(office: tuple[Server, str], page: "Page") -> None:
    page.goto(seat(page.context, office) + "?thu-tuc=1.000419")
    page.route("**/can-bo/tiep-nhan", lambda route: route.abort())
    page.focus("#number")
    scan(page)
    assert "vẫn còn trên màn hình" in page.get_by_role("alert").inner_text()
    page.unroute("**/can-bo/tiep-nhan")
    page.focus("#number")
    page.keyboard.press("Enter")
    on(page, "phone")
    assert page.input_value("#name") == "Nguyễn Thị Mai"


def test_without_script_the_sheet_does_everything(office: tuple[Server, str], page: "Page") -> None:
    context = page.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]
    tab = context.new_page()
    tab.goto(seat(context, office))
    tab.fill("#procedure", "khai tu luu dong")
    tab.keyboard.press("Enter")
    tab.check("[name=pick][value='1.000419']")
    tab.get_by_role("button", name="Tìm", exact=True).click()
    tab.fill("#number", unknown())
    with tab.expect_navigation():  # without it the old page may be read
        tab.keyboard.press("Enter")
    assert tab.input_value("#name") == "Nguyễn Thị Mai"
    tab.click("#file")
    assert tab.locator("h1").inner_text() == "Đã tiếp nhận hồ sơ"
    context.close()


@pytest.mark.parametrize("width", [1366, 360])
def test_axe_finds_nothing_and_a_phone_has_room(office: tuple[Server, str], page: "Page", width: int) -> None:
    page.set_viewport_size({"width": width, "height": 768})
    page.goto(seat(page.context, office) + "?thu-tuc=1.001193")
    assert faults(page) == []
    page.focus("#number")
    scan(page)
    on(page, "phone")
    for summary in page.query_selector_all("main summary"):
        summary.click()
    assert faults(page) == []
    page.click("#file")
    page.wait_for_selector("#loi")
    assert faults(page) == []
    narrow(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_counter_speaks_english(office: tuple[Server, str], page: "Page") -> None:
    address = seat(page.context, office)
    page.context.add_cookies([{"name": "django_language", "value": "en", "url": office[0].url}])
    page.goto(address + "?thu-tuc=1.000419")
    assert page.locator("h1").inner_text() == "Counter intake"
    page.focus("#number")
    scan(page)
    page.wait_for_selector("#viec .due")
    page.get_by_role("button", name="Take in the dossier").click()
    assert page.locator("h1").inner_text() == "Dossier taken in"
