"""Applying: the case, the form, the papers, review, filing, the receipt."""

from motcua.screens.routes import Page

PAGES: tuple[Page, ...] = ()
