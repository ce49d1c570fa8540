"""Who holds a code on a day, what it was and what it became: one answer for the command, the API and the pages."""

from collections.abc import Sequence
from datetime import date
from typing import TypeVar

import msgspec

from motcua.kernel.errors import NotFound, Permanent
from motcua.units.rules import codes
from motcua.units.rules.directory import Directory
from motcua.units.rules.values import Agency, Extent, Level, Scheme, Succession, Unit

T = TypeVar("T")

DERIVED = "Luật không nêu đơn vị kế thừa cấp huyện; suy ra từ các xã, phường, thị trấn trực thuộc."


class Related(msgspec.Struct, frozen=True):
    """A unit before or after this one. `extent`: whole, or part of the older of the two. `org`: its committee."""

    code: str
    name: str
    type: str
    extent: Extent
    note: str
    on: date
    org: str


class DatedName(msgspec.Struct, frozen=True):
    """Name and type from day to day, with the act."""

    name: str
    type: str
    name_en: str
    valid_from: date | None
    valid_to: date | None
    source: str


class DatedCode(msgspec.Struct, frozen=True):
    """A code from day to day. `made`: a rule made it, because no open list gives it."""

    scheme: Scheme
    code: str
    valid_from: date | None
    valid_to: date | None
    made: bool
    source: str


class AgencyOf(msgspec.Struct, frozen=True):
    """An agency with the identifiers that it ever had."""

    code: str
    name: str
    type: str
    valid_from: date | None
    valid_to: date | None
    identifiers: tuple[DatedCode, ...]


class AreaOf(msgspec.Struct, frozen=True):
    """The unit of an agency."""

    code: str
    name: str
    type: str


class Answer(msgspec.Struct, frozen=True):
    """What a code stands for on the day `on`; `valid_to` is the last day in force, null while it is open.

    For an area code a unit; for an organisation identifier an agency, with its unit's past and future.
    `certain` is false where a unit went into several: then an address decides, and `successors` are candidates.
    `today` are the units in which its area lies on the day of asking.
    """

    code: str
    scheme: Scheme
    name: str
    type: str
    full_name: str
    level: Level
    province: str
    province_name: str
    valid_from: date | None
    valid_to: date | None
    on: date
    in_force: bool
    made: bool
    unit: AreaOf
    periods: tuple[DatedName, ...]
    predecessors: tuple[Related, ...]
    successors: tuple[Related, ...]
    certain: bool
    today: tuple[Related, ...]
    agencies: tuple[AgencyOf, ...]
    identifiers: tuple[DatedCode, ...]


def scheme_of(code: str, scheme: str | None) -> Scheme:
    """The list in which to look: the one asked for, or the one that the code's form points to."""
    if scheme is not None:
        try:
            return Scheme(scheme)
        except ValueError:
            raise Permanent("scheme-unknown", f"Không có danh mục mã {scheme!r}: chọn area, org hoặc org102.") from None
    found = codes.scheme_of(code)
    if found is None:
        raise Permanent(
            "code-malformed",
            f"{code!r} không có dạng của mã đơn vị hay mã định danh nào.",
            mend="Viết như 25270 (xã), 001 (huyện), 79 (tỉnh), H29.101 hoặc 000.00.00.H29.",
        )
    return found


def answer(directory: Directory, code: str, *, on: date, today: date, scheme: str | None = None) -> Answer:
    """Who holds the code on that day; if nobody does, its last holder before it, with `in_force` false.

    Raises NotFound for a code that nobody ever held.
    """
    wanted = scheme_of(code, scheme)
    if wanted == Scheme.AREA:
        unit = _holder(directory.unit_holders(code), on)
        agency = None
    else:
        agency = _holder(directory.agency_holders(code), on)
        unit = directory.unit(agency.unit_id) if agency else None
    if unit is None:
        raise NotFound(
            "code-unknown",
            f"Không đơn vị hay cơ quan nào từng mang mã {code} trong danh mục {wanted}.",
            mend="Xem lại mã; danh mục gồm tỉnh, huyện, xã từ trước 01/7/2025 và cơ quan của tỉnh, xã (không gồm bộ).",
        )
    return _answer(directory, code, wanted, unit, agency, on, today)


def _holder(holders: Sequence[tuple[date, date, T]], on: date) -> T | None:
    """Who holds it on that day; else who held it last before; else who got it first."""
    begun = [holder for first, _, holder in holders if first <= on]
    if begun:
        return begun[-1]
    return holders[0][2] if holders else None


def _answer(
    directory: Directory, code: str, scheme: Scheme, unit: Unit, agency: Agency | None, on: date, today: date
) -> Answer:
    period = unit.at(on)
    province = directory.province_of(unit.id, on)
    whose = agency or unit
    successors = tuple(_related(directory, s, s.new_id) for s in directory.successors(unit.id))
    if unit.level == Level.DISTRICT and not any(s.extent == Extent.WHOLE for s in successors):
        successors = _through_children(directory, unit)
    shown = directory.agencies_of(unit.id, min(on, unit.valid_to or on)) if agency is None else ()
    return Answer(
        code=code,
        scheme=scheme,
        name=agency.name_at(on) if agency else period.name,
        type=str(agency.kind) if agency else period.type,
        full_name=agency.name_at(on) if agency else period.full_name,
        level=unit.level,
        province=province.code,
        province_name=province.at(on).name,
        valid_from=whose.valid_from,
        valid_to=whose.valid_to,
        on=on,
        in_force=whose.in_force(on),
        made=agency is not None and any(i.made for i in agency.identifiers if i.code == code),
        unit=AreaOf(unit.code, period.name, period.type),
        periods=tuple(DatedName(p.name, p.type, p.name_en, p.valid_from, p.valid_to, p.source) for p in unit.periods),
        predecessors=tuple(_related(directory, s, s.old_id) for s in directory.predecessors(unit.id)),
        successors=successors,
        certain=len(successors) <= 1 and all(s.extent == Extent.WHOLE for s in successors),
        today=()
        if unit.in_force(today)
        else tuple(
            Related(
                c.unit.code,
                c.unit.at(today).name,
                c.unit.at(today).type,
                c.extent,
                "; ".join(c.notes),
                today,
                _org(directory, c.unit, today),
            )
            for c in directory.became(unit.id, today)
        ),
        agencies=tuple(
            AgencyOf(a.org(on), a.name_at(on), str(a.kind), a.valid_from, a.valid_to, _codes(a)) for a in shown
        ),
        identifiers=_codes(agency) if agency else (),
    )


def _related(directory: Directory, succession: Succession, other_id: int) -> Related:
    other = directory.unit(other_id)
    at = succession.on if other_id == succession.new_id else other.valid_to or succession.on
    period = other.at(at)
    return Related(
        other.code,
        period.name,
        period.type,
        succession.extent,
        succession.note,
        succession.on,
        _org(directory, other, at),
    )


def _through_children(directory: Directory, unit: Unit) -> tuple[Related, ...]:
    """The successors of an abolished district, through the communes that it had on its last day."""
    if unit.valid_to is None:
        return ()
    after = date.fromordinal(unit.valid_to.toordinal() + 1)
    return tuple(
        Related(
            c.unit.code,
            c.unit.at(after).name,
            c.unit.at(after).type,
            c.extent,
            "; ".join((*c.notes, DERIVED)),
            after,
            _org(directory, c.unit, after),
        )
        for c in directory.became(unit.id, after)
    )


def _org(directory: Directory, unit: Unit, on: date) -> str:
    agencies = directory.agencies_of(unit.id, on)
    return agencies[0].org(on) if agencies else ""


def _codes(agency: Agency) -> tuple[DatedCode, ...]:
    return tuple(DatedCode(i.scheme, i.code, i.valid_from, i.valid_to, i.made, i.source) for i in agency.identifiers)
