"""The values of the directory: units, agencies, codes and successions, each with its period.

A period is closed at both ends: `valid_to` is the last day in force. None is open: not known when it began, or
still in force.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from motcua.kernel.calendar import OFFICE_HOURS, Sessions


class Scheme(StrEnum):
    """In which list a code stands."""

    AREA = "area"  # mã đơn vị hành chính: Quyết định 19/2025/QĐ-TTg, before it 124/2004/QĐ-TTg
    ORG = "org"  # mã định danh điện tử: Quyết định 20/2020/QĐ-TTg, left to right
    ORG102 = "org102"  # the same in the older form of QCVN 102:2016/BTTTT, right to left


class Level(StrEnum):
    """Cấp hành chính. Districts were abolished on 2025-07-01."""

    PROVINCE = "province"
    DISTRICT = "district"
    COMMUNE = "commune"


class AgencyKind(StrEnum):
    PEOPLES_COMMITTEE = "peoples_committee"  # Ủy ban nhân dân
    PEOPLES_COUNCIL = "peoples_council"  # Hội đồng nhân dân
    SERVICE_CENTRE = "service_centre"  # Trung tâm Phục vụ hành chính công
    DEPARTMENT = "department"  # sở, and the province's office of a vertical ministry


class Extent(StrEnum):
    """How much of the old unit went into the new one."""

    WHOLE = "whole"
    PART = "part"


def covers(valid_from: date | None, valid_to: date | None, on: date) -> bool:
    """Is the day in the period? Both ends belong to it."""
    return (valid_from is None or valid_from <= on) and (valid_to is None or on <= valid_to)


@dataclass(frozen=True, slots=True)
class UnitPeriod:
    """How a unit was called and to whom it belonged, from day to day."""

    valid_from: date | None
    valid_to: date | None
    name: str
    type: str  # tỉnh, thành phố, quận, huyện, thị xã, phường, xã, thị trấn, đặc khu
    name_en: str
    parent_id: int | None
    source: str

    @property
    def full_name(self) -> str:
        """ "phường Lộc Ninh"."""
        return f"{self.type} {self.name}"


@dataclass(frozen=True, slots=True)
class Unit:
    """Đơn vị hành chính: a permanent identity. What changes over time is in its periods, oldest first."""

    id: int
    level: Level
    code: str
    valid_from: date | None
    valid_to: date | None
    periods: tuple[UnitPeriod, ...]

    def in_force(self, on: date) -> bool:
        return covers(self.valid_from, self.valid_to, on)

    def at(self, on: date) -> UnitPeriod:
        """The period in force on that day; after the unit was closed its last one, before it began its first."""
        periods = self.periods
        if len(periods) > 1:
            for period in reversed(periods):
                if period.valid_from is None or period.valid_from <= on:
                    return period
        return periods[0]


@dataclass(frozen=True, slots=True)
class Identifier:
    """Mã định danh of an agency. `made` says that a rule of ours made it, because no list gives it."""

    scheme: Scheme
    code: str
    valid_from: date | None
    valid_to: date | None
    made: bool
    source: str


@dataclass(frozen=True, slots=True)
class Agency:
    """Cơ quan: a permanent identity. `name` is its present name, `name_at` the one on a day."""

    id: int
    kind: AgencyKind
    unit_id: int
    name: str
    ministry: str
    parent_id: int | None
    valid_from: date | None
    valid_to: date | None
    identifiers: tuple[Identifier, ...]  # those of a list before those made by rule, youngest first
    names: tuple[tuple[date | None, str], ...]  # since when, oldest first
    sessions: Sessions = OFFICE_HOURS  # before the first of `shifts`
    shifts: tuple[tuple[date, Sessions], ...] = ()  # since when it works in which sessions, oldest first

    def sessions_at(self, on: date) -> Sessions:
        """Ca làm việc of that day."""
        return next((sessions for since, sessions in reversed(self.shifts) if since <= on), self.sessions)

    def in_force(self, on: date) -> bool:
        return covers(self.valid_from, self.valid_to, on)

    def name_at(self, on: date) -> str:
        for since, name in reversed(self.names):
            if since is None or since <= on:
                return name
        return self.names[0][1]

    def identifier(self, scheme: Scheme, on: date) -> Identifier | None:
        for found in self.identifiers:
            if found.scheme == scheme and covers(found.valid_from, found.valid_to, on):
                return found
        return None

    def org(self, on: date) -> str:
        """The identifier of Quyết định 20/2020/QĐ-TTg on that day; "" when the agency has none then."""
        found = self.identifier(Scheme.ORG, on)
        return found.code if found else ""


@dataclass(frozen=True, slots=True)
class Succession:
    """One old unit went into one new unit on a day, whole or in part; `note` keeps the official wording."""

    old_id: int
    new_id: int
    extent: Extent
    note: str
    on: date


@dataclass(frozen=True, slots=True)
class Candidate:
    """Where an old unit may be found today. `whole`: all of it is there. `notes`: the official words of each hop."""

    unit: Unit
    extent: Extent
    notes: tuple[str, ...]
