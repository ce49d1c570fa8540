"""The pages of both faces and the operators' admin. The API has its own front (`config/front.py`)."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, path

from motcua.config.wiring import PAGES
from motcua.screens import problems
from motcua.screens.routes import urls

urlpatterns: list[URLPattern | URLResolver] = [*urls(PAGES), path("quan-tri/", admin.site.urls)]

handler400 = problems.bad_request
handler403 = problems.not_allowed
handler404 = problems.not_found
handler500 = problems.broken
