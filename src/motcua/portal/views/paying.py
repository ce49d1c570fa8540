"""Paying a fee: online through the gateway, or by a transfer code."""

from motcua.screens.routes import Page

PAGES: tuple[Page, ...] = ()
