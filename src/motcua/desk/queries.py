"""What an official keeps at the desk."""

from dataclasses import dataclass

from motcua.desk.models import SavedView


@dataclass(frozen=True, slots=True)
class View:
    """A saved view: its name, its list, its filters as they stand in an address."""

    id: int
    name: str
    slug: str
    query: str


def views_of(account: int) -> tuple[View, ...]:
    """The views that an account has saved, by name."""
    return tuple(
        View(*row)
        for row in SavedView.objects.filter(account_id=account)
        .order_by("name")
        .values_list("id", "name", "slug", "query")
    )
