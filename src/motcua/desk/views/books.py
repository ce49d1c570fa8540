"""Books and slips: form 07 of an agency, control slips, batches to print."""

from motcua.screens.routes import Page

PAGES: tuple[Page, ...] = ()
