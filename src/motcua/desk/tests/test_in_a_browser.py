"""Lists and dossiers in a real browser: everything by keyboard, nothing for axe to find, room on small screens."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from tests import cluster
from tests.phones import narrow
from tests.processes import Server

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("desk")]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

GROUND = """
import json
from motcua.config.commandline import set_up
set_up()
from motcua.desk.tests.support import official
from motcua.dossiers import actions
from motcua.dossiers.tests.support import ON, application, filing, place
from motcua.identity import api as identity
from motcua.kernel import clock
here = place("00004", ON)
names = {}
for role, agency in (("reception", here.centre), ("handler", here.committee), ("leader", here.committee)):
    account = official(identity.Role(role), agency)
    account.set_password("mot-mat-khau-du-dai")
    account.save()
    names[role] = account.username
codes = [r.code for r in actions.file([
    filing(application(channel=channel, name="Người %d" % n), now=clock.now())
    for n, channel in enumerate(["online"] * 4 + ["counter"] * 4)])]
print(json.dumps({"names": names, "codes": codes}))
"""


@pytest.fixture(scope="module")
def office(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, dict[str, Any]]]:
    """A server that these tests write to, with officials and dossiers."""
    name = cluster.new_name()
    server = Server(cluster.copy(template, name), tmp_path_factory.mktemp("desk"))
    made = subprocess.run(
        [sys.executable, "-c", GROUND],
        env=server.environment | {"PYTHONPATH": str(Path(cluster.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    yield server, json.loads(made.stdout.strip().splitlines()[-1])
    server.stop()
    cluster.drop(name)


def come_in(page: "Page", office: tuple[Server, dict[str, Any]], role: str = "reception") -> None:
    """Through the door, with the keyboard."""
    server, ground = office
    page.goto(f"{server.url}/can-bo/")
    page.focus("#ten")
    page.keyboard.type(ground["names"][role])
    page.keyboard.press("Tab")
    page.keyboard.type("mot-mat-khau-du-dai")
    page.keyboard.press("Enter")
    page.wait_for_selector("body.desk")


def focused(page: "Page") -> str:
    return str(page.evaluate("document.activeElement.textContent.trim()"))


def test_lists_and_dossiers_need_no_mouse(office: tuple[Server, dict[str, Any]], page: "Page") -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    come_in(page, office)
    rows = page.locator("table.work tbody tr")
    assert rows.count() == 4
    codes = page.locator("a.open").all_text_contents()
    # J and K walk, X ticks: only then the bar is there, with what all of them may take and its key
    assert not page.locator(".bar").is_visible()
    for key in "jjxkx":
        page.keyboard.press(key)
    assert focused(page) == codes[0]
    assert page.locator(".bar .chosen").text_content() == "Đã chọn 2"
    assert page.locator(".bar button:visible").first.get_attribute("value") == "accept"
    page.keyboard.press("x")
    assert page.locator(".bar .chosen").text_content() == "Đã chọn 1"
    with page.expect_navigation():
        page.keyboard.press("t")
    assert "Đã làm “Tiếp nhận”: 1 hồ sơ." in page.locator("[role=status]").first.text_content()  # type: ignore[operator]
    assert rows.count() == 3
    # A ticks all; letters typed into a field stay letters
    page.keyboard.press("a")
    assert page.locator("input[name=ma]:checked").count() == 3
    page.keyboard.press("/")
    page.keyboard.type("jkxat")
    assert page.input_value("#q") == "jkxat"
    page.keyboard.press("Escape")
    # ? shows the keys, Escape hides them; they can be switched off
    page.keyboard.press("?")
    assert page.locator("#phim-tat dl").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#phim-tat dl").is_visible()
    # Enter opens, T takes the main step, U leads back
    page.keyboard.press("j")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator(".deeds button[data-key=t]").get_attribute("value") == "accept"
    with page.expect_navigation():
        page.keyboard.press("t")
    assert "Đã làm “Tiếp nhận”" in page.content()
    with page.expect_navigation():
        page.keyboard.press("u")
    assert page.url.endswith("/can-bo/viec/truc-tuyen-moi")
    page.keyboard.press("?")
    page.check("#tat-phim")
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("j")
    assert focused(page) not in codes
    page.uncheck("#tat-phim") if page.locator("#tat-phim").is_visible() else None
    assert complaints == []


def test_a_step_with_a_reason_opens_puts_the_cursor_in_and_is_taken(
    office: tuple[Server, dict[str, Any]], page: "Page"
) -> None:
    come_in(page, office)
    server, ground = office
    page.goto(f"{server.url}/can-bo/ho-so/{ground['codes'][4]}")
    summary = page.locator("details.deed summary", has_text="Rút hồ sơ")
    summary.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#withdraw-ly-do:focus")
    page.keyboard.type("Người nộp xin rút.")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "Người nộp xin rút." in page.content()
    assert "Đã làm “Rút hồ sơ”" in page.content()


def test_axe_finds_nothing_and_small_screens_have_room(office: tuple[Server, dict[str, Any]], page: "Page") -> None:
    come_in(page, office, "handler")
    fits(office[0], page, ("/can-bo/viec/tat-ca", "/can-bo/viec/dang-xu-ly?q=zzz", "/can-bo/vi-tri",
         "/can-bo/tra-cuu?q=Người", f"/can-bo/ho-so/{office[1]['codes'][-1]}", "/can-bo/dang-nhap"))  # fmt: skip


def test_axe_finds_nothing_on_a_leaders_pages(office: tuple[Server, dict[str, Any]], page: "Page") -> None:
    come_in(page, office, "leader")
    fits(office[0], page, ("/can-bo/so-lieu", "/can-bo/so-lieu?dia-gioi=2025-06-30", "/can-bo/sap-xep",
         "/can-bo/sap-xep/quyet-dinh"))  # fmt: skip


def fits(server: Server, page: "Page", paths: tuple[str, ...]) -> None:
    """Nothing for axe to find at both sizes, the frame stands still, and nothing goes sideways at 320 px."""
    for path in paths:
        page.set_viewport_size({"width": 1366, "height": 768})
        page.goto(server.url + path)
        if "dang-nhap" not in path:
            assert page.evaluate("document.documentElement.scrollHeight") <= 768, f"the frame of {path} scrolls"
        for width in (1366, 360):
            page.set_viewport_size({"width": width, "height": 740})
            for summary in page.query_selector_all("summary"):
                if summary.is_visible():
                    summary.click()
            found = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]}).response["violations"]
            assert [(v["id"], [node["target"] for node in v["nodes"]]) for v in found] == [], (path, width)
        narrow(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_without_javascript_a_list_is_worked_off_all_the_same(
    office: tuple[Server, dict[str, Any]], page: "Page"
) -> None:
    browser = page.context.browser
    assert browser is not None
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    come_in(plain, office)
    plain.goto(f"{office[0].url}/can-bo/viec/cho-chuyen")
    code = plain.locator("a.open").first.text_content()
    plain.locator("input[name=ma]").first.check()
    plain.locator("button[value=hand_over]").click()
    assert "Đã làm “Chuyển cơ quan giải quyết”: 1 hồ sơ." in plain.content()
    assert code not in plain.locator("a.open").all_text_contents()
    context.close()
