"""What an official keeps at the desk."""

from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True, slots=True)
class View:
    """A saved view: its name, its list, its filters as they stand in an address."""

    id: int
    name: str
    slug: str
    query: str


def views_of(account: int) -> tuple[View, ...]:
    """The views that an account has saved, by name."""
    with connection.cursor() as cursor:  # every page of the desk asks, and the ORM would take ten times as long
        cursor.execute(
            "SELECT id, name, slug, query FROM desk_savedview WHERE account_id = %s ORDER BY name", [account]
        )
        return tuple(View(*row) for row in cursor.fetchall())
