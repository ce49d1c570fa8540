"""What `doctor` asks of the catalogue."""

from motcua.kernel.check import Check, Outcome
from motcua.kernel.clock import today
from motcua.procedures import packaged, queries


def _loaded() -> Outcome:
    """There is a generation, and the package has nothing that isn't in it."""
    number = queries.generation()
    if not number:
        return Outcome(False, "no catalogue of procedures is loaded", "motcua load")
    catalogue = queries.refresh()
    missing = [draft.code for draft in packaged.drafts() if not catalogue.known(draft.code)]
    if missing:
        return Outcome(
            False, f"{len(missing):,} packaged procedures are not loaded, such as {missing[0]}", "motcua load"
        )
    return Outcome(True, f"generation {number}")


def _in_force() -> Outcome:
    """Something is in force today, and how much of it has a term and curated detail."""
    versions = tuple(queries.refresh().all(today()))
    if not versions:
        return Outcome(False, "no procedure is in force today", "motcua load")
    stated = sum(version.term is not None for version in versions)
    curated = sum(version.curated for version in versions)
    return Outcome(True, f"{len(versions):,} in force, {stated:,} with a stated term, {curated:,} curated")


CHECKS: tuple[Check, ...] = (
    Check("procedures: catalogue", _loaded),
    Check("procedures: in force", _in_force),
)
