"""The pages. The API has its own front (`config/front.py`)."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, path

from motcua.portal.views import design, dossiers, home, problems, procedures, units

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("thu-tuc", procedures.find_procedures, name="procedures"),
    path("thu-tuc/<str:code>", procedures.procedure, name="procedure"),
    path("don-vi", units.find_units, name="units"),
    path("don-vi/<str:code>", units.unit, name="unit"),
    path("ho-so", dossiers.where, name="where"),
    path("ho-so/<str:code>", dossiers.dossier, name="dossier"),
    path("thiet-ke", design.design, name="design"),
    path("ngon-ngu/<str:code>", home.language, name="language"),
    path("quan-tri/", admin.site.urls),
]

handler400 = problems.bad_request
handler403 = problems.not_allowed
handler404 = problems.not_found
handler500 = problems.broken
