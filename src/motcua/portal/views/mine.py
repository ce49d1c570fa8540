"""What is mine: my dossiers, what I am asked for, messages, results, rating."""

from motcua.screens.routes import Page

PAGES: tuple[Page, ...] = ()
