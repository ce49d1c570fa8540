"""The addresses of the citizen's face."""

from motcua.portal.views import applying, design, dossiers, home, mine, paying, procedures, signing_in, units
from motcua.screens.routes import Page

PAGES: tuple[Page, ...] = (
    Page("", home.home, "home"),
    Page("su-kien/<str:slug>", procedures.life_event, "life-event"),
    Page("thu-tuc", procedures.find_procedures, "procedures"),
    Page("thu-tuc/<str:code>", procedures.procedure, "procedure"),
    Page("don-vi", units.find_units, "units"),
    Page("don-vi/<str:code>", units.unit, "unit"),
    Page("ban-do/<str:code>.svg", units.map_file, "map"),
    Page("ho-so", dossiers.where, "where"),
    Page("ho-so/<str:code>", dossiers.dossier, "dossier"),
    Page("thiet-ke", design.design, "design"),
    Page("thiet-ke/ban-lam-viec", design.desk, "design-desk"),
    Page("ngon-ngu/<str:code>", home.language, "language"),
    *signing_in.PAGES,
    *applying.PAGES,
    *mine.PAGES,
    *paying.PAGES,
)
