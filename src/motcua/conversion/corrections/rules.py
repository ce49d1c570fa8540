"""A correction that was held: what taking it would change, and whether that is where the dossier stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from motcua.conversion.rules.expressions import COMPARED
from motcua.conversion.rules.fields import FIELD

STANDING = frozenset(
    {"procedure", "state", "outcome", "reception", "resolving", "filed_at", "accepted_at", "due_at", "finished_at"}
)
"""Fields that say where a dossier stands. If the old system changed none of them, it goes on from where it is here."""
NEVER = frozenset({"number", "code"})
"""A code is printed on the applicant's slip and resolves for ever."""
OUTCOME = "cách kết thúc"
SHORTEST, LONGEST = 10, 1_000


class Verdict(StrEnum):
    """What a person decides of a held correction."""

    OPEN = "open"
    TAKEN = "taken"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that the old system now writes otherwise than when it was last brought in."""

    field: str
    before: Any
    after: Any

    @property
    def vi(self) -> str:
        """What the field is called."""
        return FIELD[self.field].vi if self.field in FIELD else OUTCOME


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Difference, ...]:
    """All fields that differ, in the order in which records are compared."""
    return tuple(Difference(field, before[field], after[field]) for field in COMPARED if before[field] != after[field])


def moves(found: tuple[Difference, ...]) -> bool:
    """Would taking it put the dossier where the old system says that it stands?"""
    return any(one.field in STANDING for one in found)
