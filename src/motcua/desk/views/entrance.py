"""Signing in and out, and choosing the position to sit in."""

from motcua.screens.routes import Page

PAGES: tuple[Page, ...] = ()
