"""Two books side by side: what we told the portal to hold, and what it holds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How the two books differ about a dossier."""

    MISSING_THERE = "missing_there"  # the portal doesn't have it
    STEPS_MISSING = "steps_missing"  # it lacks steps
    STATUS = "status"  # all steps are there, and the state is another
    DUE = "due"  # the due moment is another
    BEYOND = "beyond"  # it has more steps than we ever sent
    UNKNOWN_HERE = "unknown_here"  # it has a dossier in our name that we don't know


REPAIRED = frozenset({Kind.MISSING_THERE, Kind.STEPS_MISSING, Kind.STATUS, Kind.DUE})
"""What we mend by sending again; the others are for people."""


@dataclass(frozen=True, slots=True)
class Ours:
    """A dossier as the portal should hold it. `open`: something of it is still on its way or refused."""

    code: str
    steps: int
    status: str
    due: str
    open: bool = False


@dataclass(frozen=True, slots=True)
class Theirs:
    """A dossier as the portal says that it holds it."""

    code: str
    steps: int
    status: str
    due: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One dossier about which the books differ; `again_from` is the row of the log to send again from, 0 for none."""

    code: str
    kind: Kind
    ours: str
    theirs: str
    again_from: int = 0


def differences(ours: Iterable[Ours], theirs: Mapping[str, Theirs]) -> list[Difference]:
    """Each dossier about which the books differ, but for those that are still on their way."""
    found = []
    for mine in ours:
        if mine.open:
            continue
        there = theirs.get(mine.code)
        if there is None:
            found.append(Difference(mine.code, Kind.MISSING_THERE, f"{mine.steps}", "", again_from=1))
        elif there.steps < mine.steps:
            found.append(
                Difference(mine.code, Kind.STEPS_MISSING, f"{mine.steps}", f"{there.steps}", again_from=there.steps + 1)
            )
        elif there.steps > mine.steps:
            found.append(Difference(mine.code, Kind.BEYOND, f"{mine.steps}", f"{there.steps}"))
        elif there.status != mine.status:
            found.append(Difference(mine.code, Kind.STATUS, mine.status, there.status, again_from=mine.steps))
        elif there.due != mine.due:
            found.append(Difference(mine.code, Kind.DUE, mine.due, there.due, again_from=mine.steps))
    return found


def strangers(known: Iterable[str], theirs: Mapping[str, Theirs]) -> list[Difference]:
    """What the portal holds in our name and we have never told it of."""
    mine = set(known)
    return [Difference(code, Kind.UNKNOWN_HERE, "", there.status) for code, there in theirs.items() if code not in mine]
