"""Official documents at the desk: registers, a document and its steps, drafting, what went wrong, organisations."""

from motcua.desk.views.documents import lines, one, organisations, problems
from motcua.screens.routes import Page

PAGES: tuple[Page, ...] = (*lines.PAGES, *problems.PAGES, *organisations.PAGES, *one.PAGES)
