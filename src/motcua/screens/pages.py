"""The Jinja2 environment of all pages: words, addresses and files, everything escaped."""

import hashlib
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.contrib.staticfiles import finders
from django.db import DatabaseError
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, select_autoescape

from motcua.kernel import clock
from motcua.screens import words

FILTERS = (
    words.capital,
    words.vietnamese,
    words.named,
    words.day,
    words.weekday,
    words.moment,
    words.short_moment,
    words.number,
    words.money,
    words.working_time,
    words.counted,
    words.term,
)


@cache
def file(name: str) -> str:
    """The address of a file of ours; it changes with the content, so that browsers may keep it for a year."""
    found = finders.find(name)
    if not found:
        raise LookupError(f"no such static file: {name}")
    with open(found, "rb") as content:
        return f"{static(name)}?{hashlib.file_digest(content, 'sha256').hexdigest()[:12]}"


def address(page: str, *parts: Any, **question: Any) -> str:
    """The address of a page, with a query for every keyword that isn't empty."""
    asked = urlencode({key: value for key, value in question.items() if value not in (None, "")})
    return _path(page, *parts) + (f"?{asked}" if asked else "")


@lru_cache(maxsize=20_000)  # a list of fifty rows asks for a hundred
def _path(page: str, *parts: Any) -> str:
    return reverse(page, args=parts)


def spoken(sentence: str) -> str:
    """A sentence of a template in the language of the page."""
    return _said(translation.get_language(), sentence)


@lru_cache(maxsize=20_000)  # Django looks the catalogue up anew for each of a page's hundred sentences
def _said(language: str, sentence: str) -> str:
    with translation.override(language):
        return translation.gettext(sentence)


def visitor(request: HttpRequest) -> str:
    """The name of the citizen who signed in; "" for anybody else, and while the database is away."""
    try:
        return str(request.session.get("citizen", {}).get("name", "")) if hasattr(request, "session") else ""
    except DatabaseError:
        return ""


def _with_templates() -> list[str]:
    ours = [app for app in apps.get_app_configs() if app.name.startswith("motcua.")]
    return [app.name for app in ours if (Path(app.path) / "templates").is_dir()]


def environment(**options: Any) -> Environment:
    """Templates come from the modules that own them. A name that the view forgot is an error, not a blank."""
    options.pop("loader", None)
    options |= {"autoescape": select_autoescape(default=True), "undefined": StrictUndefined}
    made = Environment(  # noqa: S701 - autoescape is in the options
        loader=ChoiceLoader([PackageLoader(module) for module in _with_templates()]),
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        **options,
    )
    made.install_gettext_callables(spoken, translation.ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.policies["ext.i18n.trimmed"] = True
    made.filters |= {word.__name__: word for word in FILTERS}
    made.globals |= {"file": file, "address": address, "language": translation.get_language, "today": clock.today}
    made.globals["visitor"] = visitor
    return made
