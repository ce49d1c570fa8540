"""The Jinja2 environment of all pages."""

from typing import Any

from jinja2 import Environment, PackageLoader, select_autoescape


def environment(**options: Any) -> Environment:
    """Templates come from the modules that own them; everything is escaped."""
    options.pop("loader", None)
    options["autoescape"] = select_autoescape(default=True)
    return Environment(  # noqa: S701 - autoescape is in the options
        loader=PackageLoader("motcua.portal"), extensions=["jinja2.ext.i18n"], **options
    )
