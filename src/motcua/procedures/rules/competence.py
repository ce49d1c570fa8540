"""Who resolves a procedure for an area on a day (thẩm quyền giải quyết).

A province's delegation decides first; else the authority that the catalogue names, read through a table of
patterns (data/authorities.csv, where each reading carries its reason); else the level at which it is given.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from motcua.kernel.errors import Permanent
from motcua.kernel.text import fold
from motcua.procedures.rules.catalogue import Catalogue
from motcua.procedures.rules.decisions import Decision, DecisionKind, apply
from motcua.procedures.rules.files import table
from motcua.procedures.rules.versions import ASSUMED_FROM, CENTRAL, COMMUNE, OTHER, PROVINCE, Version
from motcua.units.rules.directory import Directory
from motcua.units.rules.values import Agency, AgencyKind, Level, Unit


@dataclass(frozen=True, slots=True)
class Competence:
    """The agency that resolves; None where it isn't in the directory, then `external` names it.

    `basis` says in Vietnamese why, and what of it is assumed. `external` beside an agency names the part of it
    (or the body under it) that does the work.
    """

    agency: Agency | None
    basis: str
    external: str = ""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many of the procedures given at a unit's level are public there; `missing` are the codes that aren't."""

    covered: int
    total: int
    missing: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.covered} of {self.total}"


@dataclass(frozen=True, slots=True)
class Reading:
    """One row of the table: words in a column, and who is meant by them."""

    column: str
    contains: str
    holder: str
    level: str
    external: str
    comment: str


@cache
def readings() -> tuple[Reading, ...]:
    """The table, in its order, its words folded."""
    return tuple(
        Reading(row["column"], fold(row["contains"]), row["holder"], row["level"], row["external"], row["comment"])
        for row in table("authorities.csv")
    )


@cache
def named(authority: str, field: str) -> tuple[Reading, ...]:
    """Everyone whom the authority names, in the order of the table; the field where it names nobody."""
    text, found = fold(authority), []
    for reading in readings():
        if reading.column == "authority" and reading.contains in text:
            text = text.replace(reading.contains, "|")
            found.append(reading)
    if found:
        return tuple(found)
    if authority:
        # Nobody in the table: a body outside the directory, such as a ministry's department.
        return (Reading("authority", text, "external", CENTRAL, authority, ""),)
    plain = fold(field)
    return tuple(r for r in readings() if r.column == "field" and r.contains in plain)[:1]


def decide(catalogue: Catalogue, directory: Directory, procedure: str, area: Unit, on: date) -> Competence:
    """See `queries.competent`."""
    version = catalogue.law_of(procedure, on)
    if version is None:
        raise _no_version(catalogue, procedure, on)
    if not version.in_force(on):
        found = _decide(catalogue, directory, version, area, on)
        return replace(found, basis=f"{found.basis} {BEFORE_THE_CATALOGUE}")
    return _decide(catalogue, directory, version, area, on)


BEFORE_THE_CATALOGUE = (
    f"Danh mục có từ ngày {ASSUMED_FROM:%d/%m/%Y}; ngày trước đó được trả lời theo phiên bản đầu tiên (giả định), với"
    " cơ quan của ngày đó."
)


def _decide(catalogue: Catalogue, directory: Directory, version: Version, area: Unit, on: date) -> Competence:
    procedure = version.code
    _refuse_dissolved(directory, area, on)
    province = area if area.level == Level.PROVINCE else directory.province_of(area.id, on)
    commune = area if area.level == Level.COMMUNE else None
    delegation: Decision | None = None
    for decision in catalogue.decisions(province.id, procedure, on):
        if decision.kind == DecisionKind.except_unit and commune and decision.unit_id == commune.id:
            raise Permanent(
                "not-given-here",
                f"Thủ tục {procedure} không thực hiện tại {area.at(on).full_name} ({decision.source}).",
                mend=str(decision.value.get("why", "")) or "Nộp tại một trung tâm khác của tỉnh.",
            )
        if decision.kind == DecisionKind.delegate:
            delegation = decision
    if delegation is not None:
        return _delegated(directory, version, province, commune, delegation, on)
    candidates = named(version.authority, version.field)
    if candidates:
        return _of_reading(directory, version, province, commune, candidates, on)
    return _of_level(directory, version, province, commune, on)


def _of_reading(
    directory: Directory,
    version: Version,
    province: Unit,
    commune: Unit | None,
    candidates: Sequence[Reading],
    on: date,
) -> Competence:
    """The nearest of those named: the commune's for a commune, then the province's, then those outside."""
    order = (COMMUNE, PROVINCE, CENTRAL, OTHER) if commune else (PROVINCE, CENTRAL, OTHER)
    fitting = [reading for level in order for reading in candidates if reading.level == level]
    if not fitting:
        raise _not_here(version, province, on)
    reading = fitting[0]
    why = f"Thẩm quyền theo danh mục: {version.authority or version.field}"
    notes = [why, reading.comment]
    if len({r.level for r in fitting}) > 1 and reading.holder != "external":
        notes.append("danh mục nêu nhiều cơ quan, chọn cơ quan gần người dân nhất (giả định)")
    basis = "; ".join(note for note in notes if note) + "."
    return _hold(directory, version, province, commune, reading.holder, reading.external, basis, on)


def _of_level(directory: Directory, version: Version, province: Unit, commune: Unit | None, on: date) -> Competence:
    """By the level alone, where the catalogue names no authority."""
    if commune and COMMUNE in version.levels:
        basis = "Cấp thực hiện theo danh mục: cấp xã"
        if version.levels != {COMMUNE}:
            basis += "; danh mục còn nêu cấp khác, chọn cấp xã (giả định)"
        holder = "commune_police" if version.ministry == POLICE else "commune_committee"
        external = "Công an cấp xã" if holder == "commune_police" else ""
        return _hold(directory, version, province, commune, holder, external, basis + ".", on)
    if PROVINCE in version.levels:
        basis = "Cấp thực hiện theo danh mục: cấp tỉnh; danh mục không nêu cơ quan, chọn sở của ngành (giả định)."
        return _hold(directory, version, province, commune, "department", "", basis, on)
    if CENTRAL in version.levels:
        return Competence(None, "Cấp thực hiện theo danh mục: cấp bộ.", version.ministry)
    if COMMUNE in version.levels:
        raise _not_here(version, province, on)
    return Competence(None, "Cấp thực hiện theo danh mục: cơ quan khác.", "Cơ quan khác")


POLICE = "Bộ Công an"


def _hold(
    directory: Directory,
    version: Version,
    province: Unit,
    commune: Unit | None,
    holder: str,
    external: str,
    basis: str,
    on: date,
) -> Competence:
    """The agency that a holder stands for in this place; the provincial committee where a department is missing."""
    committee = AgencyKind.PEOPLES_COMMITTEE
    if holder == "external":
        return Competence(None, basis, external)
    if holder == "commune_committee":
        if commune is None:
            raise _not_here(version, province, on)
        return Competence(directory.agency_of(commune.id, committee, on), basis, external)
    if holder == "province_committee":
        return Competence(directory.agency_of(province.id, committee, on), basis, external)
    ministry = POLICE if holder == "commune_police" else version.ministry
    department = directory.agency_of(province.id, AgencyKind.DEPARTMENT, on, ministry)
    if department is None:
        basis += f" Tỉnh không có cơ quan của {ministry} trong danh mục, chọn Ủy ban nhân dân tỉnh (giả định)."
        department = directory.agency_of(province.id, committee, on)
    return Competence(department, basis, external)


def _delegated(
    directory: Directory,
    version: Version,
    province: Unit,
    commune: Unit | None,
    decision: Decision,
    on: date,
) -> Competence:
    value, place = decision.value, commune
    if value["level"] == PROVINCE:
        place = province
    if place is None:
        raise _not_here(version, province, on)
    kind = AgencyKind(value.get("agency") or "peoples_committee")
    agency = directory.agency_of(place.id, kind, on, value.get("ministry", ""))
    if agency is None:
        raise Permanent(
            "delegated-to-nobody",
            f"{decision.source} giao thủ tục {version.code} cho cơ quan không có tại {place.at(on).full_name}.",
            mend="Sửa quyết định giao, hoặc bổ sung cơ quan vào danh mục.",
        )
    return Competence(agency, f"Tỉnh phân cấp, ủy quyền: {decision.source}.")


def _refuse_dissolved(directory: Directory, area: Unit, on: date) -> None:
    name = f"{area.at(on).full_name} ({area.code})"
    if area.valid_from is not None and on < area.valid_from:
        old = _names(directory, [s.old_id for s in directory.predecessors(area.id)], on)
        raise Permanent(
            "unit-not-yet",
            f"{name} chưa thành lập ngày {on:%d/%m/%Y}.",
            mend=f"Dùng đơn vị trước đó: {old}." if old else "Dùng đơn vị có hiệu lực trong ngày đó.",
        )
    if area.valid_to is not None and area.valid_to < on:
        became = [candidate.unit for candidate in directory.became(area.id, on)]
        new = ", ".join(f"{unit.at(on).full_name} ({unit.code})" for unit in became)
        raise Permanent(
            "unit-dissolved",
            f"{name} đã kết thúc hoạt động ngày {area.valid_to:%d/%m/%Y}.",
            mend=f"Địa chỉ cụ thể quyết định; dùng một trong: {new}." if len(became) > 1 else f"Dùng {new}.",
            successors=[unit.code for unit in became],
        )


def _names(directory: Directory, ids: Sequence[int], on: date) -> str:
    found = [directory.unit(id) for id in dict.fromkeys(ids)]
    return ", ".join(f"{unit.at(on).full_name} ({unit.code})" for unit in found)


def _no_version(catalogue: Catalogue, procedure: str, on: date) -> Permanent:
    if catalogue.known(procedure):
        return Permanent(
            "procedure-not-in-force",
            f"Thủ tục {procedure} không có hiệu lực ngày {on:%d/%m/%Y}.",
            mend="Chọn thủ tục đang có hiệu lực.",
        )
    return Permanent(
        "procedure-unknown",
        f"Không có thủ tục mang mã {procedure}.",
        mend="Tìm mã thủ tục bằng tên: motcua procedure “khai sinh”.",
    )


def _not_here(version: Version, place: Unit, on: date) -> Permanent:
    return Permanent(
        "not-given-here",
        f"Thủ tục {version.code} thực hiện ở cấp xã, không ở {place.at(on).full_name}.",
        mend="Nêu xã, phường hoặc đặc khu nơi cư trú hoặc có trụ sở.",
    )


def given(catalogue: Catalogue, directory: Directory, unit_id: int, on: date) -> tuple[Version, ...]:
    """The procedures that are given at the unit's level, by code, public there or not."""
    level = COMMUNE if directory.unit(unit_id).level == Level.COMMUNE else PROVINCE
    return tuple(v for v in catalogue.all(on) if level in v.levels and not _outside(v))


def cover(catalogue: Catalogue, directory: Directory, unit_id: int, on: date) -> Coverage:
    """See `queries.coverage`."""
    unit = directory.unit(unit_id)
    province = directory.province_of(unit_id, on)
    commune_id = unit_id if unit.level == Level.COMMUNE else None
    covered, missing = 0, []
    for version in given(catalogue, directory, unit_id, on):
        decisions = catalogue.decisions(province.id, version.code, on)
        if decisions and not apply(version, decisions, commune_id, on).published:
            missing.append(version.code)
        else:
            covered += 1
    return Coverage(covered, covered + len(missing), tuple(missing))


def _outside(version: Version) -> bool:
    """Does a vertical agency resolve it, whatever level the portal prints?"""
    holders = {reading.holder for reading in named(version.authority, version.field)}
    return holders == {"external"}
