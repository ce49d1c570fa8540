"""The pages. The API has its own front (`config/front.py`)."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, path

from motcua.portal import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("thu-tuc", views.find_procedures, name="procedures"),
    path("thu-tuc/<str:code>", views.procedure, name="procedure"),
    path("don-vi", views.find_units, name="units"),
    path("don-vi/<str:code>", views.unit, name="unit"),
    path("ho-so", views.where, name="where"),
    path("ho-so/<str:code>", views.dossier, name="dossier"),
    path("thiet-ke", views.design, name="design"),
    path("ngon-ngu/<str:code>", views.language, name="language"),
    path("quan-tri/", admin.site.urls),
]

handler400 = views.bad_request
handler403 = views.not_allowed
handler404 = views.not_found
handler500 = views.broken
