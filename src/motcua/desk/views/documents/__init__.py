"""Official documents at the desk: the registers, a document with its steps, drafting, and what went wrong."""

from motcua.desk.views.documents import lines, one, problems
from motcua.screens.routes import Page

PAGES: tuple[Page, ...] = (*lines.PAGES, *problems.PAGES, *one.PAGES)
