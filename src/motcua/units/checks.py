"""What `doctor` asks of the directory."""

from motcua.kernel.check import Check, Outcome
from motcua.units import queries
from motcua.units.rules.directory import digest
from motcua.units.rules.values import Level

_LOAD = "motcua load"


def _generation() -> Outcome:
    published = queries.generation()
    if published is None:
        return Outcome(False, "no generation of the directory is published", _LOAD)
    return Outcome(True, f"generation {published.number} of {published.published_at:%Y-%m-%d}: {published.note}")


def _contents() -> Outcome:
    """The tables are still what was published, and every level has units in force."""
    published = queries.generation()
    rows = queries.read_rows()
    if published is None or digest(rows) != published.digest:
        return Outcome(
            False,
            "the tables of the directory differ from the published generation",
            "restore the tables units_* from a backup; if the change is meant, publish it",
        )
    kept: dict[str, int] = {}
    for _, level in rows.units:
        kept[level] = kept.get(level, 0) + 1
    counts = ", ".join(f"{kept.get(level, 0):,} {level}" for level in map(str, Level))
    return Outcome(True, f"{counts}; {len(rows.successions):,} successions, {len(rows.agencies):,} agencies")


CHECKS: tuple[Check, ...] = (
    Check("units: generation", _generation),
    Check("units: contents", _contents),
)
