"""The operators' admin (/quan-tri/): tables to look things up in. What changes them are actions, never this."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

if TYPE_CHECKING:
    _Table = admin.ModelAdmin[Any]
else:
    _Table = admin.ModelAdmin  # takes no type at run time


class ReadOnly(_Table):
    """A table that shows rows and changes none."""

    list_per_page = 50
    show_full_result_count = False
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def show(
    model: type[Model],
    columns: Sequence[str],
    *,
    search: Sequence[str] = (),
    filters: Sequence[str] = (),
    fields: Sequence[str] | None = None,
) -> None:
    """Register a table; `fields` are what the page of one row shows, all of them where none are named."""
    options: dict[str, Any] = {
        "list_display": tuple(columns),
        "search_fields": tuple(search),
        "list_filter": tuple(filters),
    }
    if fields is not None:
        options["fields"] = tuple(fields)
    admin.site.register(model, type(f"{model.__name__}Table", (ReadOnly,), options))
