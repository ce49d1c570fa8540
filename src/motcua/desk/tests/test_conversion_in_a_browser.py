"""Runs of conversion in a real browser: nothing for axe to find, room on small screens."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.phones import narrow

from motcua.conversion.tests import support_export as made
from motcua.desk.tests.test_administration_in_a_browser import RULES, enter
from motcua.desk.tests.test_conversion import HOME, brought_in, city
from motcua.identity.api import Role
from motcua.reorganisation.models import Plan

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("country")]


def test_axe_finds_nothing_on_the_pages_of_a_run_and_they_fit_320_pixels(
    live_server: Any, page: "Page", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    monkeypatch.setattr("django.conf.settings.CONVERSION", tmp_path / "conversion")
    url, run = str(live_server), brought_in(tmp_path)
    enter(page, url, city(Role.ADMINISTRATOR))
    wrong = []
    places = ("", f"/dot/{run}", f"/dot/{run}/dong-loai", f"/dot/{run}/cho-xem")
    Plan.objects.create(
        name="2027-01-01", title="Kế hoạch thử", text="", digest="0" * 64, state="registered", on=date(2027, 1, 1),
        effective_at=made.NOW, undo_until=made.NOW, registered_at=made.NOW, rehearsal_asked_at=made.NOW,
    )  # fmt: skip
    asked = "/../sap-xep/2027-01-01/dien-tap"
    for place in (*places, f"/dot/{run}/cho-xem/mot?so=HS-000005", asked):
        page.set_viewport_size({"width": 1366, "height": 768})
        answer = page.goto(url + HOME + place)
        assert answer is not None
        assert answer.status == 200, place
        found = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]}).response["violations"]
        wrong += [(place, v["id"], [node["target"] for node in v["nodes"]]) for v in found]
        narrow(page)
        if page.evaluate("document.documentElement.scrollWidth") > 320:
            wrong.append((place, "too wide", []))
    assert wrong == []
