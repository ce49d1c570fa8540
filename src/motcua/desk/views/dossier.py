"""The dossier's page: everything about it on one screen, and what this position may do now."""

from motcua.screens.routes import Page

PAGES: tuple[Page, ...] = ()
