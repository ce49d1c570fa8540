"""Made-up people and organisations. No number of theirs can be anybody's.

A personal number (số định danh cá nhân) begins with the three digits of the province or country of birth, from
001 up; ours begin with 000, which stands for no place. A business number (mã số doanh nghiệp) begins with the tax
province's two digits, from 01 up; ours begin with 00. Phone numbers use 0000, which no network has.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from motcua.kernel.made_up import FAMILY, GIVEN_MEN, GIVEN_WOMEN, MIDDLE_MEN, MIDDLE_WOMEN, TRADES

PEOPLE = 1_000_000  # how many there can be: six digits of a personal number
FIRST_BIRTH = date(1945, 1, 1)
LAST_BIRTH = date(2007, 6, 30)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who files: the same number is always the same person."""

    kind: str  # citizen, organisation
    number: str
    name: str
    woman: bool
    birth_date: date
    phone: str


def name_of(random: Random, *, woman: bool, family: str = "") -> str:
    """Họ, chữ đệm và tên."""
    middle, given = (MIDDLE_WOMEN, GIVEN_WOMEN) if woman else (MIDDLE_MEN, GIVEN_MEN)
    return f"{family or random.choice(FAMILY)} {random.choice(middle)} {random.choice(given)}"


def number_of(place: int, *, woman: bool, born: date) -> str:
    """Twelve digits in the shape of a personal number, of a place of birth that is none."""
    return f"000{(born.year // 100 - 19) * 2 + woman}{born.year % 100:02d}{place:06d}"


def person(seed: str, place: int) -> Person:
    """The citizen with this place, 0 to 999,999."""
    random = Random(f"{seed}/person/{place}")  # noqa: S311 - the same for the same seed is the purpose
    woman = random.random() < 0.5
    born = FIRST_BIRTH + timedelta(days=random.randrange((LAST_BIRTH - FIRST_BIRTH).days))
    return Person(
        "citizen", number_of(place, woman=woman, born=born), name_of(random, woman=woman), woman, born,
        f"0000{place:06d}",
    )  # fmt: skip


def organisation(seed: str, place: int) -> Person:
    """The enterprise with this place, 0 to 99,999."""
    random = Random(f"{seed}/organisation/{place}")  # noqa: S311
    family, given = random.choice(FAMILY), random.choice(GIVEN_MEN)
    name = f"Công ty TNHH {random.choice(TRADES)} {family} {given} {place}"
    return Person("organisation", f"00{place:08d}", name, False, LAST_BIRTH, f"0000{place:06d}")
