"""The counter: taking in a dossier while the applicant stands there."""

from motcua.screens.routes import Page

PAGES: tuple[Page, ...] = ()
