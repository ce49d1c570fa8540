"""The front door of units."""

from motcua.units.actions import NamedAgency, import_identifiers, load, publish, set_counters, set_sessions
from motcua.units.queries import (
    Counter,
    Published,
    counters,
    directory,
    figures,
    forget,
    generation,
    refresh,
    units_named,
)
from motcua.units.rules.answer import Answer, answer
from motcua.units.rules.codes import level_of, scheme_of
from motcua.units.rules.directory import Directory
from motcua.units.rules.package import REFORM_DAY, Figures
from motcua.units.rules.values import (
    Agency,
    AgencyKind,
    Candidate,
    Extent,
    Identifier,
    Level,
    Scheme,
    Succession,
    Unit,
    UnitPeriod,
)

__all__ = [
    "REFORM_DAY",
    "Agency",
    "AgencyKind",
    "Answer",
    "Candidate",
    "Counter",
    "Directory",
    "Extent",
    "Figures",
    "Identifier",
    "Level",
    "NamedAgency",
    "Published",
    "Scheme",
    "Succession",
    "Unit",
    "UnitPeriod",
    "answer",
    "counters",
    "directory",
    "figures",
    "forget",
    "generation",
    "import_identifiers",
    "level_of",
    "load",
    "publish",
    "refresh",
    "scheme_of",
    "set_counters",
    "set_sessions",
    "units_named",
]
