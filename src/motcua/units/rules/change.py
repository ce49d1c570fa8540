"""A change of the directory on a day: what begins, what ends. Pure, and it can be taken back.

A reorganisation of units, however large, is one such change: rows that begin on the day, and the keys of open rows
that end on the day before. Nothing that was in force before is written over.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from motcua.units.rules.directory import Rows


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to the directory on the day `on`. The rows are those of `Rows`, in its columns.

    `ending_periods`: units of which the open period ends; one that goes on under another name, type or parent has a
    new period in `periods`. `ending_agencies`: agencies that end. `ending_identifiers`: (scheme, code) of open ones.
    """

    on: date
    units: Sequence[tuple[int, str]] = ()
    periods: Sequence[tuple[Any, ...]] = ()
    agencies: Sequence[tuple[Any, ...]] = ()
    identifiers: Sequence[tuple[Any, ...]] = ()
    successions: Sequence[tuple[Any, ...]] = ()
    heirs: Sequence[tuple[int, int, str, date]] = ()
    ending_periods: Collection[int] = ()
    ending_agencies: Collection[int] = ()
    ending_identifiers: Collection[tuple[str, str]] = ()

    @property
    def last_day(self) -> date:
        """The last day of what ends."""
        return self.on - timedelta(days=1)


ADDED = ("units", "periods", "agencies", "identifiers", "successions", "heirs")


def carried_out(rows: Rows, change: Change) -> Rows:
    """The directory after the change."""
    periods, agencies = frozenset(change.ending_periods), frozenset(change.ending_agencies)
    identifiers, last = frozenset(change.ending_identifiers), change.last_day
    ended = replace(
        rows,
        periods=[(*r[:2], last, *r[3:]) if r[2] is None and r[0] in periods else r for r in rows.periods],
        agencies=[(*r[:7], last, *r[8:]) if r[7] is None and r[0] in agencies else r for r in rows.agencies],
        identifiers=[
            (*r[:3], last, *r[4:]) if r[3] is None and (r[0], r[1]) in identifiers else r for r in rows.identifiers
        ],
    )
    return replace(ended, **{name: [*getattr(ended, name), *getattr(change, name)] for name in ADDED})


def taken_back(rows: Rows, change: Change) -> Rows:
    """The directory as it was before the change, if nothing came after it."""
    periods, agencies = frozenset(change.ending_periods), frozenset(change.ending_agencies)
    identifiers, last = frozenset(change.ending_identifiers), change.last_day
    gone = {name: frozenset(getattr(change, name)) for name in ADDED}
    kept = replace(rows, **{name: [r for r in getattr(rows, name) if r not in gone[name]] for name in ADDED})
    return replace(
        kept,
        periods=[(*r[:2], None, *r[3:]) if r[2] == last and r[0] in periods else r for r in kept.periods],
        agencies=[(*r[:7], None, *r[8:]) if r[7] == last and r[0] in agencies else r for r in kept.agencies],
        identifiers=[
            (*r[:3], None, *r[4:]) if r[3] == last and (r[0], r[1]) in identifiers else r for r in kept.identifiers
        ],
    )


def known_on(rows: Rows, day: date) -> Rows:
    """The directory as it was known on that day: what begins later is not there, what ends later has no end yet."""

    def begun(first: date | None) -> bool:
        return first is None or first <= day

    def end(last: date | None) -> date | None:
        return None if last is not None and last >= day else last

    periods = [(*r[:2], end(r[2]), *r[3:]) for r in rows.periods if begun(r[1])]
    agencies = [(*r[:7], end(r[7]), *r[8:]) for r in rows.agencies if begun(r[6])]
    units, established = {r[0] for r in periods}, {r[0] for r in agencies}
    return Rows(
        units=[r for r in rows.units if r[0] in units],
        periods=periods,
        agencies=agencies,
        identifiers=[(*r[:3], end(r[3]), *r[4:]) for r in rows.identifiers if begun(r[2])],
        successions=[r for r in rows.successions if r[4] <= day],
        sessions=[r for r in rows.sessions if r[0] in established],
        heirs=[r for r in rows.heirs if r[3] <= day],
    )
