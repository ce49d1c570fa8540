"""Work lists: what an agency has to do, most pressing first."""

from motcua.screens.routes import Page

PAGES: tuple[Page, ...] = ()
