"""Administration of a province or a commune: agencies, officials, processes, publication, calendar."""

from motcua.screens.routes import Page

PAGES: tuple[Page, ...] = ()
