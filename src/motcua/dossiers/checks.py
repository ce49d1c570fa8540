"""What `doctor` asks of dossiers: that the cached state is what the log says, and that nothing points nowhere."""

from motcua.dossiers import rows
from motcua.kernel.check import Check, Outcome

NEWEST = 1_000

# The tables carry no foreign keys (docs/decisions/the-log-carries-the-keys.md): this looks instead.
STRAY = """
SELECT count(*) FROM (SELECT * FROM dossiers_dossier ORDER BY id DESC LIMIT %s) AS dossier
LEFT JOIN dossiers_steprow AS step ON step.dossier = dossier.id AND step.n = dossier.n
LEFT JOIN identity_party AS party ON party.id = dossier.party
LEFT JOIN procedures_version AS version ON version.id = dossier.version
LEFT JOIN units_unit AS area ON area.id = dossier.area
LEFT JOIN units_agency AS reception ON reception.id = dossier.reception
LEFT JOIN units_agency AS resolving ON resolving.id = dossier.resolving
WHERE step.dossier IS NULL OR step.state <> dossier.state OR step.due_at IS DISTINCT FROM dossier.due_at
    OR party.id IS NULL OR version.id IS NULL OR area.id IS NULL OR reception.id IS NULL OR resolving.id IS NULL
"""


def log_and_cache() -> Outcome:
    """Of the newest dossiers: does the last row of the log say what the dossier says, and does what it names exist?"""
    cursor = rows.cursor()
    cursor.execute(STRAY, [NEWEST])
    found = cursor.fetchone()
    stray = int(found[0]) if found else 0
    if stray:
        return Outcome(
            False,
            f"{stray} of the newest {NEWEST:,} differ from their log or point to what isn't there",
            "Compare them with `motcua journal verify` and the last backup: somebody changed the tables by hand.",
        )
    return Outcome(True, f"the newest {NEWEST:,} agree with their log")


CHECKS = (Check("dossiers", log_and_cache),)
