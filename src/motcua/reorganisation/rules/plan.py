"""The values of a plan (phương án sắp xếp): what a jurist wrote, each with its line in the file."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from motcua.kernel.clock import day_of
from motcua.units.rules.values import AgencyKind, Extent, Level


class Alter(StrEnum):
    """What of a unit that stays itself is altered."""

    NAME = "name"  # đổi tên
    TYPE = "type"  # đổi loại hình
    PARENT = "parent"  # chuyển về đơn vị cấp trên khác


class Decider(StrEnum):
    """By what it is decided into which part of a split unit somebody belongs."""

    HAMLET = "hamlet"  # thôn, ấp, tổ dân phố
    ADDRESS = "address"  # a street with numbers
    POINT = "point"  # inside these coordinates
    FORMER = "former"  # in the area of a unit that had gone into the split one before


class Inherited(StrEnum):
    """What of an agency that ends passes to another."""

    POWERS = "powers"  # thẩm quyền, and with it open dossiers that it resolves
    RECEPTION = "reception"  # hồ sơ đã tiếp nhận
    POSITIONS = "positions"  # vị trí công tác, tài khoản
    RECORDS = "records"  # giấy tờ, sổ
    PROCEDURES = "procedures"  # quyết định riêng của tỉnh về thủ tục


class Way(StrEnum):
    """How the heir is found."""

    RESIDENCE = "residence"  # where the citizen lives or the organisation sits: Nghị định 140/2025/NĐ-CP điều 32
    SAME_OFFICE = "same_office"  # the agency of the same kind (and ministry) of what the unit became
    NAMED = "named"  # the agency that the line names
    PERSON = "person"  # a person decides each one


@dataclass(frozen=True, slots=True)
class PartRule:
    """Who belongs to a part of a split unit: a hamlet's name, a street with numbers, a ring of coordinates, or the
    code of a unit that had gone into the split one before."""

    line: int = field(compare=False)
    by: Decider
    words: str = ""  # the hamlet, the street or the code
    first: int | None = None  # house numbers, both ends included
    last: int | None = None
    parity: int | None = None  # 0 even, 1 odd
    ring: tuple[tuple[float, float], ...] = ()  # longitude, latitude


@dataclass(frozen=True, slots=True)
class Origin:
    """From which old unit a new one is made, whole or in part; `note` keeps the official wording."""

    line: int = field(compare=False)
    level: Level
    code: str
    extent: Extent
    note: str = ""
    rules: tuple[PartRule, ...] = ()
    name: str = ""  # how the unit is called, for people; where it is written it must be right


@dataclass(frozen=True, slots=True)
class Formation:
    """A unit that begins: made by merging or splitting, or founded. `parent` is a code; "" for a province."""

    line: int = field(compare=False)
    level: Level
    code: str
    name: str
    type: str
    name_en: str
    parent: str
    source: str
    code_source: str
    origins: tuple[Origin, ...] = ()


@dataclass(frozen=True, slots=True)
class Alteration:
    """A unit that stays itself gets another name, type or parent."""

    line: int = field(compare=False)
    what: Alter
    level: Level
    code: str
    value: str
    source: str
    name_en: str = ""
    name: str = ""  # how the unit was called, for people; where it is written it must be right


@dataclass(frozen=True, slots=True)
class Abolition:
    """A whole tier that ends (kết thúc hoạt động một cấp); its units have no heir of their own."""

    line: int = field(compare=False)
    level: Level
    source: str


@dataclass(frozen=True, slots=True)
class Office:
    """An agency that begins, with the identifiers that it is issued. `slot` is its place in its unit."""

    line: int = field(compare=False)
    org: str
    org102: str
    kind: AgencyKind
    title: str
    ministry: str
    level: Level
    code: str  # of its unit
    slot: int
    parent: str  # identifier of the agency above; "" for none
    made: bool
    source: str


@dataclass(frozen=True, slots=True)
class Closure:
    """An agency that ends although its unit goes on; those of a unit that ends, end with it."""

    line: int = field(compare=False)
    org: str
    source: str


@dataclass(frozen=True, slots=True)
class Takeover:
    """Who inherits: of all agencies of a kind at a level, or of the one that `org` names."""

    line: int = field(compare=False)
    what: Inherited
    way: Way
    source: str
    kind: AgencyKind | None = None
    level: Level | None = None
    org: str = ""
    to: str = ""  # identifier of the heir, for `NAMED`


@dataclass(frozen=True, slots=True)
class Task:
    """What people must do besides: certificates, notices, meeting accounts, routes."""

    line: int = field(compare=False)
    kind: str  # certificate, identifier_notice, route, meeting_account, citizen_notice, book
    words: str
    due_days: int | None
    source: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A reorganisation as it was resolved. `name` is the day on which it takes effect, as 2025-07-01."""

    name: str
    title: str
    resolution: str
    resolved_on: date
    effective_at: datetime  # aware, UTC
    undo_until: datetime
    formations: tuple[Formation, ...] = ()
    alterations: tuple[Alteration, ...] = ()
    abolitions: tuple[Abolition, ...] = ()
    offices: tuple[Office, ...] = ()
    takeovers: tuple[Takeover, ...] = ()
    closures: tuple[Closure, ...] = ()
    tasks: tuple[Task, ...] = ()
    notes: tuple[str, ...] = ()  # remarks at the top of the file
    lines: dict[str, int] = field(default_factory=dict, compare=False)  # of the head's fields

    @property
    def on(self) -> date:
        """The first day of what begins."""
        return day_of(self.effective_at)


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a plan, and where: line 0 is the whole file."""

    line: int
    kind: str
    words: str
    mend: str = ""
