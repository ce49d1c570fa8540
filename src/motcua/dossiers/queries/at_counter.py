"""What a counter asks: which procedures are filed most here, and the secret that goes on the slip."""

from datetime import datetime

from django.conf import settings

from motcua.dossiers import rows
from motcua.dossiers.queries.where import WhereQuestion, where
from motcua.dossiers.rules import codes
from motcua.identity import api as identity
from motcua.kernel.clock import day_of
from motcua.kernel.errors import Failure
from motcua.units import api as units

LOOKED_AT = 300  # of the newest dossiers

# The codes of an agency lie together in the unique index, the newest last; starts_with for other collations than C.
MOST_FILED = """
SELECT procedure FROM (
    SELECT procedure FROM dossiers_dossier
    WHERE code > %(org)s || '-' AND code < %(org)s || '.' AND starts_with(code, %(org)s || '-')
    ORDER BY code DESC LIMIT %(looked_at)s
) AS newest GROUP BY procedure ORDER BY count(*) DESC, procedure LIMIT %(limit)s
"""


def most_filed(agency_id: int, *, scope: identity.Scope, now: datetime, limit: int = 8) -> tuple[str, ...]:
    """The procedures that this agency received most often lately, as codes, the commonest first."""
    identity.require(scope, agency_id)
    org = units.directory().agency(agency_id).org(day_of(now))
    cursor = rows.cursor()
    cursor.execute(MOST_FILED, {"org": org, "looked_at": LOOKED_AT, "limit": limit})
    return tuple(code for (code,) in cursor)


def secret_of(code: str, *, scope: identity.Scope, now: datetime) -> str:
    """The secret on the slip, for whoever hands it out; NotFound for an agency that the dossier doesn't concern."""
    [found] = where([WhereQuestion(code, now, scope=scope)])
    if isinstance(found, Failure):
        raise found
    return codes.secret(settings.SECRET_KEY.encode(), code)
