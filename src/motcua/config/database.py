"""Which PostgreSQL Django talks to."""

import os
from typing import Any

from psycopg.conninfo import conninfo_to_dict


def settings_of(url: str) -> dict[str, Any]:
    """Django's settings for the database at this address."""
    parts = conninfo_to_dict(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": str(parts.pop("dbname", "motcua")),
        "USER": str(parts.pop("user", "")),
        "PASSWORD": str(parts.pop("password", "") or ""),
        "HOST": str(parts.pop("host", "")),
        "PORT": str(parts.pop("port", "")),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        # Hot statements are prepared by the server after their second use.
        "OPTIONS": {**parts, "prepare_threshold": 2},
    }


def use(url: str) -> None:
    """Point this process, after Django is ready, and every process that it starts at this database."""
    from django.db import connection

    connection.close()
    connection.settings_dict.update(settings_of(url))
    os.environ["MOTCUA_DATABASE_URL"] = url
