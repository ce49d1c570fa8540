"""Administration of a province or a commune: agencies, officials, processes, publication, calendar, files."""

from motcua.desk.gate import officials
from motcua.desk.views.administration import (
    accounts,
    agencies,
    calendar,
    exchange,
    home,
    processes,
    publication,
)
from motcua.identity.api import Role
from motcua.screens.routes import Page

GATE = officials(Role.ADMINISTRATOR, Role.LEADER)
"""A leader may read; what changes anything asks for the administrator once more (`ground.changing`)."""

PAGES: tuple[Page, ...] = (
    Page("can-bo/quan-ly", home.home, "administration", GATE),
    Page("can-bo/quan-ly/co-quan", agencies.listing, "administration-agencies", GATE),
    Page("can-bo/quan-ly/co-quan/<int:agency_id>", agencies.one, "administration-agency", GATE),
    Page("can-bo/quan-ly/can-bo", accounts.listing, "administration-officials", GATE),
    Page("can-bo/quan-ly/can-bo/moi", accounts.enrol, "administration-official-new", GATE),
    Page("can-bo/quan-ly/can-bo/<int:official_id>", accounts.one, "administration-official", GATE),
    Page("can-bo/quan-ly/quy-trinh", processes.listing, "administration-processes", GATE),
    Page("can-bo/quan-ly/quy-trinh/<str:code>", processes.one, "administration-process", GATE),
    Page("can-bo/quan-ly/cong-bo", publication.listing, "administration-publication", GATE),
    Page("can-bo/quan-ly/lich", calendar.year, "administration-calendar", GATE),
    Page("can-bo/quan-ly/tep", exchange.overview, "administration-files", GATE),
    Page("can-bo/quan-ly/tep/<str:kind>", exchange.take_in, "administration-file", GATE),
    Page("can-bo/quan-ly/tep/<str:kind>/<str:what>.xlsx", exchange.give_out, "administration-sheet", GATE),
    Page("can-bo/mat-khau", accounts.password, "desk-password", officials()),
)
