"""The smallest screen that the pages are made for."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page


def narrow(page: "Page") -> None:
    """Make the page a phone of 320 pixels (1280 at 400 % zoom are that too), before the pages' own letters have come.

    Until then a page has the letters of the machine, which are wider on some, so that this is the harder case.
    """
    page.set_viewport_size({"width": 320, "height": 640})
    page.route("**/*.woff2", lambda route: route.abort())
