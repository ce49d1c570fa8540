"""The addresses of the officer's face, all under /can-bo."""

from motcua.desk.views import (
    across_nodes,
    administration,
    books,
    conversion,
    counter,
    documents,
    dossier,
    entrance,
    figures,
    hand_over,
    in_step,
    lists,
    money,
    partner_lines,
    persons,
    reorganisation,
)
from motcua.screens.routes import Page

PAGES: tuple[Page, ...] = (
    *entrance.PAGES,
    *lists.PAGES,
    *counter.PAGES,
    *dossier.PAGES,
    *money.PAGES,
    *books.PAGES,
    *documents.PAGES,
    *figures.PAGES,
    *reorganisation.PAGES,
    *conversion.PAGES,
    *persons.PAGES,
    *hand_over.PAGES,
    *in_step.PAGES,
    *across_nodes.PAGES,
    *partner_lines.PAGES,
    *administration.PAGES,
)
