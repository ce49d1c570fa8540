"""The pages of what goes out and comes in, in a real browser: nothing for axe to find, room on small screens."""

from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from tests.phones import narrow

from motcua.desk.tests.support import seated
from motcua.desk.tests.test_administration_in_a_browser import RULES, enter
from motcua.identity import api as identity

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("country")]

ADDRESSES = {
    identity.Role.ADMINISTRATOR: ("duong-day", "cong-quoc-gia", "he-thong-bo"),
    identity.Role.RECEPTION: ("van-ban", "van-ban/su-co", "van-ban/soan", "lien-nut"),
}


def test_axe_finds_nothing_and_every_page_fits_320_pixels(live_server: Any, page: "Page") -> None:
    url = str(live_server)
    wrong = []
    for role, addresses in ADDRESSES.items():
        enter(page, url, seated(role))
        for address in addresses:
            page.set_viewport_size({"width": 1366, "height": 740})
            answer = page.goto(f"{url}/can-bo/{address}")
            assert answer is not None
            assert answer.status == 200, address
            for width in (1366, 360):
                page.set_viewport_size({"width": width, "height": 740})
                found = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]}).response
                wrong += [(address, width, v["id"], [n["target"] for n in v["nodes"]]) for v in found["violations"]]
            narrow(page)
            if page.evaluate("document.documentElement.scrollWidth") > 320:
                wrong.append((address, 320, "too wide", []))
    assert wrong == []
