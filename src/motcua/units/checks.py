"""What `doctor` asks of the directory."""

from collections import Counter

from motcua.kernel.check import Check, Outcome
from motcua.units import queries
from motcua.units.rules.directory import digest

_LOAD = "motcua load"


def _generation() -> Outcome:
    published = queries.generation()
    if published is None:
        return Outcome(False, "no generation of the directory is published", _LOAD)
    return Outcome(True, f"generation {published.number} of {published.published_at:%Y-%m-%d}: {published.note}")


def _contents() -> Outcome:
    """The tables are still what was published."""
    published = queries.generation()
    rows = queries.read_rows()
    if published is None or digest(rows) != published.digest:
        return Outcome(
            False,
            "the tables of the directory differ from the published generation",
            "restore the tables units_* from a backup; if the change is meant, publish it",
        )
    in_force = Counter(row[4] for row in rows.periods if row[2] is None)
    counts = ", ".join(f"{count:,} {kind}" for kind, count in sorted(in_force.items()))
    return Outcome(True, f"{counts}; {len(rows.units):,} units of all times, {len(rows.agencies):,} agencies")


CHECKS: tuple[Check, ...] = (
    Check("units: generation", _generation),
    Check("units: contents", _contents),
)
