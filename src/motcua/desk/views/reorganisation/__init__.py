"""Reorganisations at the desk: plans, who signs, before and after, progress, what a person decides, tasks."""

from motcua.desk.gate import officials
from motcua.desk.views.reorganisation import carrying_out, deciding, plans, tasks, two_maps
from motcua.identity.api import Role
from motcua.screens.routes import Page

GATE = officials(Role.ADMINISTRATOR, Role.LEADER)
"""Plans are public acts: whoever leads or administers an office reads them. What changes anything asks once more."""

PAGES: tuple[Page, ...] = (
    Page("can-bo/sap-xep", plans.listing, "reorganisations", GATE),
    Page("can-bo/sap-xep/moi", plans.register, "reorganisation-new", GATE),
    Page("can-bo/sap-xep/quyet-dinh", deciding.listing, "reorganisation-queue", GATE),
    Page("can-bo/sap-xep/quyet-dinh/<int:number>", deciding.one, "reorganisation-question", GATE),
    Page("can-bo/sap-xep/<str:name>", plans.one, "reorganisation", GATE),
    Page("can-bo/sap-xep/<str:name>/van-ban", plans.text, "reorganisation-text", GATE),
    Page("can-bo/sap-xep/<str:name>/truoc-sau", two_maps.before_and_after, "reorganisation-map", GATE),
    Page("can-bo/sap-xep/<str:name>/dien-tap", plans.rehearsal, "reorganisation-rehearsal", GATE),
    Page("can-bo/sap-xep/<str:name>/tien-do", carrying_out.progress, "reorganisation-progress", GATE),
    Page("can-bo/sap-xep/<str:name>/hoan-tac", carrying_out.taking_back, "reorganisation-undo", GATE),
    Page("can-bo/sap-xep/<str:name>/viec", tasks.listing, "reorganisation-tasks", GATE),
)
