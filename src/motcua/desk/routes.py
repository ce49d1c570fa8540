"""The addresses of the officer's face, all under /can-bo."""

from motcua.desk.views import administration, books, counter, dossier, entrance, in_step, lists, money
from motcua.screens.routes import Page

PAGES: tuple[Page, ...] = (
    *entrance.PAGES,
    *lists.PAGES,
    *counter.PAGES,
    *dossier.PAGES,
    *money.PAGES,
    *books.PAGES,
    *in_step.PAGES,
    *administration.PAGES,
)
