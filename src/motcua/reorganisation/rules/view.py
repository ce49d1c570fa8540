"""A plan beside what is in force the day before: what each look for findings gets."""

from dataclasses import dataclass

from motcua.reorganisation.rules.compiled import Standing
from motcua.reorganisation.rules.plan import Formation, Plan
from motcua.units.rules.directory import Rows
from motcua.units.rules.values import Level

Key = tuple[str, str]  # level and code


@dataclass(frozen=True, slots=True)
class View:
    """The plan beside what is in force the day before."""

    plan: Plan
    rows: Rows
    there: Standing
    ending: frozenset[int]
    new: dict[Key, Formation]
    former: dict[str, list[int]]  # codes that were closed before, to their units
    former_orgs: frozenset[str]
    ending_agencies: frozenset[int]

    def unit(self, level: Level, code: str) -> int | None:
        return self.there.units.get((str(level), code))

    def name(self, number: int) -> str:
        period = self.there.periods[number]
        return f"{period[4]} {period[3]}"

    def goes_on(self, level: Level, code: str) -> bool:
        """Is there a unit with this code once the plan is carried out?"""
        number = self.unit(level, code)
        return (str(level), code) in self.new or (number is not None and number not in self.ending)
