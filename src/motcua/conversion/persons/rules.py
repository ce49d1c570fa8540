"""How alike two records of a person are: what is compared, in which steps, and how much each step says. Pure.

The steps are those of Fellegi and Sunter: `m` is how often a step is seen of two records of one person, and what it
says of strangers (`u`) is counted in the data itself, where there is enough of it. The values here are assumed until
a province's clerks have decided enough pairs to count them; no law gives them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Decision(StrEnum):
    """What a clerk said of a suggested pair."""

    OPEN = "open"
    SAME = "same"
    DIFFERENT = "different"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Level:
    """One step of a comparison: its SQL condition, and how often it holds of one person (m) and of strangers (u)."""

    name: str
    sql: str
    m: float
    u: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is compared, from most to least alike; where `missing` holds, the comparison says nothing."""

    field: str
    missing: str
    levels: tuple[Level, ...]
    rare: bool = False  # so rare of strangers that no sample counts it: the values here stand
    frequent: str = ""  # the column whose rare values say more than its frequent ones, in the first level


def _either_null(column: str) -> str:
    return f"{column}_l IS NULL OR {column}_r IS NULL"


COMPARISONS: tuple[Comparison, ...] = (
    Comparison(
        "name", _either_null("folded"),
        (
            Level("exact", "folded_l = folded_r", 0.86, 0.0008),
            Level("without_middle", "family_l = family_r AND given_l = given_r AND least(words_l, words_r) = 2",
                  0.035, 0.002),
            Level("letter", "damerau_levenshtein(folded_l, folded_r) <= 1", 0.07, 0.004),
            Level("near", "jaro_winkler_similarity(folded_l, folded_r) >= 0.93", 0.025, 0.005),
        ),
        frequent="folded",
    ),
    Comparison(
        "birth_date", _either_null("birth_date"),
        (
            Level("exact", "birth_date_l = birth_date_r", 0.94, 0.00005),
            Level("swapped", "year(birth_date_l) = year(birth_date_r) AND month(birth_date_l) = day(birth_date_r)"
                  " AND day(birth_date_l) = month(birth_date_r)", 0.03, 0.00002),
            Level("near", "(year(birth_date_l) = year(birth_date_r))::INT"
                  " + (month(birth_date_l) = month(birth_date_r))::INT"
                  " + (day(birth_date_l) = day(birth_date_r))::INT = 2", 0.02, 0.003),
        ),
    ),
    Comparison(
        "old_number", _either_null("old_number"),
        (
            Level("exact", "old_number_l = old_number_r", 0.97, 0.000001),
            Level("digit", "damerau_levenshtein(old_number_l, old_number_r) <= 1", 0.02, 0.0001),
        ),
        rare=True,
    ),
    Comparison("phone", _either_null("phone"), (Level("exact", "phone_l = phone_r", 0.5, 0.00001),)),
    Comparison("area", _either_null("area"), (Level("exact", "area_l = area_r", 0.6, 0.005),)),
)  # fmt: skip

COLUMNS = "system VARCHAR, party VARCHAR, number VARCHAR, old_number VARCHAR, name VARCHAR, birth_date DATE, \
phone VARCHAR, area BIGINT"
"""What is known of a person when two are compared, one record a line."""

# Which pairs are looked at: each rule finds its pairs by equality, so that nobody compares everybody with everybody.
BLOCKS: tuple[tuple[str, ...], ...] = (
    ("birth_date", "given"),
    ("birth_date", "family"),
    ("folded", "birth_year"),
    ("old_number",),
    ("phone", "given"),
)

# Two different personal numbers are two people (Luật Căn cước 26/2023/QH15: a number is one person's, for ever).
APART = "coalesce(l.number, '') <> '' AND coalesce(r.number, '') <> ''"

COUNTED_FROM = 2_000  # records: below that a sample of strangers says nothing, and the values above stand
RECALL = 0.8  # of all pairs of one person so many have the same name and birth date; assumed
LEAST = 0.5  # a pair below this is not shown to anybody


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two parties that may be one person: how likely, and which step of each comparison holds, with its weight."""

    party: UUID
    survivor: UUID
    probability: float
    reasons: tuple[tuple[str, str, float], ...]  # field, level or "else", weight in bits


def survivor_of(numbers: Mapping[UUID, str], pair: Sequence[UUID]) -> tuple[UUID, UUID]:
    """Which of two is kept as the party to point to: the one with a personal number, else the smaller id.

    Gives (party, survivor). Nothing is taken from either: the order only says which one points to the other.
    """
    first, second = sorted(pair, key=lambda party: (not numbers.get(party), party.int))
    return second, first
