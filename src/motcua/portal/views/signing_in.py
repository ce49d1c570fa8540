"""Signing in with the national identity app, and out again."""

from motcua.screens.routes import Page

PAGES: tuple[Page, ...] = ()
