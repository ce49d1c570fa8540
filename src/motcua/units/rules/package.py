"""The national package: the CSV files of the country, read and checked line by line into rows.

Every unit of 2025-07-01 is an identity of its own, linked by successions to what it came from, also where the
official table says "Giữ nguyên": its committee, its identifiers and its borders of competence are new.

Numbers of units and agencies are made from the first code, so that two installations which load the same package
agree on them without asking each other. Nothing reads a meaning out of a number.
"""

import csv
import hashlib
import io
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from motcua.kernel.errors import Permanent
from motcua.units.rules import codes
from motcua.units.rules.change import known_on
from motcua.units.rules.directory import Rows, digest
from motcua.units.rules.values import AgencyKind, Extent, Level, Scheme

REFORM_DAY = date(2025, 7, 1)  # Nghị quyết 202/2025/QH15; Luật Tổ chức chính quyền địa phương 72/2025/QH15
DAY_BEFORE = date(2025, 6, 30)  # the last day of the old units
FIGURES_ON = date(2025, 7, 1)

REFORM_ACT = "Nghị quyết 202/2025/QH15"
AREA_CODES = "Quyết định 19/2025/QĐ-TTg"
OLD_AREA_CODES = "Quyết định 124/2004/QĐ-TTg"
ORG_CODES = "Quyết định 20/2020/QĐ-TTg; 09/2025/QĐ-TTg"

TYPES = {
    Level.PROVINCE: frozenset({"tỉnh", "thành phố"}),
    Level.DISTRICT: frozenset({"quận", "huyện", "thị xã", "thành phố"}),
    Level.COMMUNE: frozenset({"phường", "xã", "thị trấn", "đặc khu"}),
}

FILES: Mapping[str, tuple[str, ...]] = {
    "provinces.csv": ("code", "name", "name_en", "type", "type_20250701"),
    "communes.csv": ("code", "name", "type", "province_code", "type_20250701", "name_en"),
    "unit_changes.csv": ("effective_date", "level", "code", "name", "field", "old_value", "new_value", "decree"),
    "legacy_provinces.csv": ("code", "name", "type", "new_province_code"),
    "legacy_districts.csv": ("code", "name", "type", "province_code"),
    "legacy_communes.csv": ("code", "name", "type", "district_code", "province_code"),
    "succession.csv": ("old_code", "new_code", "relation", "is_default", "old_level", "note_vi", "default_basis"),
    "province_stats.csv": (
        "code",
        "area_km2",
        "population",
        "wards_20250701",
        "communes_20250701",
        "special_zones",
        "units_total",
        "legacy_province_codes",
        "commune_resolution_2025",
    ),
    "commune_stats.csv": ("code", "area_km2", "population", "lon", "lat", "population_flag", "seat_vi"),
    "org_codes_level1.csv": (
        "ubnd_code",
        "hdnd_code",
        "legacy_province_name",
        "legacy_province_code",
        "new_province_code",
        "status",
        "verification",
        "evidence",
    ),
    "departments.csv": ("ministry", "number", "title", "vertical", "source"),
}

COMMITTEE = "Ủy ban nhân dân"
COUNCIL = "Hội đồng nhân dân"
CENTRE = "Trung tâm Phục vụ hành chính công"

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Figures:
    """What is known of a unit on a day: area in km², residents, position of the centre, seat."""

    unit_id: int
    on: date
    area_km2: Decimal | None
    population: int | None
    population_flag: str  # missing, suspect_low, suspect_high
    longitude: float | None
    latitude: float | None
    seat: str


@dataclass(frozen=True, slots=True)
class Hint:
    """Which new unit a heuristic prefers for a split commune. Shown to nobody as a fact."""

    old_id: int
    new_id: int
    basis: str


@dataclass(frozen=True, slots=True)
class Package:
    """The country as the package has it."""

    rows: Rows
    figures: tuple[Figures, ...]
    hints: tuple[Hint, ...]

    def fingerprint(self) -> str:
        """SHA-256 over all that the package says."""
        whole = hashlib.sha256(digest(self.rows).encode())
        for rest in (self.figures, self.hints):
            whole.update("\n".join(sorted(map(repr, rest))).encode())
        return whole.hexdigest()

    def known_on(self, day: date) -> "Package":
        """What was known on that day; see `change.known_on`."""
        return Package(
            known_on(self.rows, day),
            tuple(figures for figures in self.figures if figures.on <= day),
            self.hints if day >= REFORM_DAY else (),
        )


def unit_id_since(level: Level, code: str, on: date) -> int:
    """The number of the unit that holds this code since that day, made from both; see `unit_id`."""
    if on == REFORM_DAY:
        return unit_id(level, code, old=False)
    return int(f"{on:%Y%m%d}") * 1_000_000 + codes.WIDTHS[level] * 100_000 + int(code)


def unit_id(level: Level, code: str, *, old: bool) -> int:
    """The number of the unit that held this code before (`old`) or since 2025-07-01."""
    return (1_000_000 if old else 2_000_000) + codes.WIDTHS[level] * 100_000 + int(code)


@dataclass(slots=True)
class _Reading:
    """The files, and what is wrong with them."""

    files: Mapping[str, str]
    faults: list[str] = field(default_factory=list)

    def fault(self, file: str, line: int, words: str) -> None:
        self.faults.append(f"{file}, line {line}: {words}")

    def lines(self, file: str) -> Iterator[tuple[int, dict[str, str]]]:
        """The rows of a file with their line numbers; a row of the wrong width is a fault and is left out."""
        header = FILES[file]
        if file not in self.files:
            self.faults.append(f"{file}: the file is missing.")
            return
        reader = csv.reader(io.StringIO(self.files[file]), strict=True)
        try:
            first = next(reader, [])
            if tuple(first) != header:
                self.fault(file, 1, f"the header must be {','.join(header)}.")
                return
            for values in reader:
                if len(values) != len(header):
                    self.fault(file, reader.line_num, f"{len(header)} values were expected, {len(values)} found.")
                    continue
                yield reader.line_num, dict(zip(header, values, strict=True))
        except csv.Error as error:
            self.fault(file, reader.line_num, f"not readable as CSV: {error}.")

    def code(self, file: str, line: int, code: str, level: Level, taken: Mapping[str, Any]) -> bool:
        width = codes.WIDTHS[level]
        if not (len(code) == width and code.isascii() and code.isdigit()):
            self.fault(file, line, f"a {level} has a code of {width} digits, not {code!r}.")
        elif code in taken:
            self.fault(file, line, f"the code {code} stands here for the second time.")
        else:
            return True
        return False

    def name(self, file: str, line: int, name: str) -> None:
        if not name or name != " ".join(unicodedata.normalize("NFC", name).split()):
            self.fault(file, line, f"{name!r} is not a name: empty, with stray spaces, or not in Unicode NFC.")

    def type(self, file: str, line: int, kind: str, level: Level) -> None:
        if kind not in TYPES[level]:
            self.fault(
                file, line, f"{kind!r} is not a type of {level}; it is one of {', '.join(sorted(TYPES[level]))}."
            )

    def known(self, file: str, line: int, code: str, among: Mapping[str, Any], what: str) -> bool:
        if code not in among:
            self.fault(file, line, f"{what} {code!r} does not exist.")
            return False
        return True

    def number(self, file: str, line: int, text: str, what: str) -> Decimal | None:
        """None for an empty field; what is no number is a fault."""
        if not text:
            return None
        try:
            number = Decimal(text)
        except InvalidOperation:
            self.fault(file, line, f"{what} {text!r} is not a number.")
            return None
        if not number.is_finite() or (number < 0 and what not in ("longitude", "latitude")):
            self.fault(file, line, f"{what} {text!r} can't be.")
            return None
        return number


@dataclass(slots=True)
class _Unit:
    line: int
    code: str
    name: str
    name_en: str
    type: str  # on the first day
    type_today: str
    parent: str


def bare(text: str) -> str:
    """The letters without marks: "Đồng Nai" gives "Dong Nai"."""
    letters = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return unicodedata.normalize("NFC", "".join(c for c in letters if not unicodedata.combining(c)))


def read(files: Mapping[str, str]) -> Package:
    """Check the files (name to text) and make rows of them; raises Permanent that names every broken line."""
    reading = _Reading(files)
    provinces, communes = _present(reading)
    old_provinces, old_districts, old_communes = _past(reading, provinces)
    changes = _changes(reading, {Level.PROVINCE: provinces, Level.COMMUNE: communes})
    successions, hints = _successions(reading, provinces, communes, old_provinces, old_districts, old_communes)
    resolutions, figures = _figures(reading, provinces, communes)
    agencies, identifiers = _agencies(reading, provinces, communes, old_provinces, old_districts, old_communes)
    if reading.faults:
        shown = reading.faults[:_SHOWN]
        rest = len(reading.faults) - len(shown)
        raise Permanent(
            "import-row",
            "\n".join(shown) + (f"\n... and {rest} more." if rest else ""),
            mend="Correct the lines and load again. Nothing was changed.",
            faults=reading.faults,
        )
    units: list[tuple[int, str]] = []
    periods: list[Any] = []
    areas: list[Any] = []

    def add(level: Level, unit: _Unit, parent_id: int | None, source: str, *, old: bool) -> None:
        number = unit_id(level, unit.code, old=old)
        units.append((number, str(level)))
        first, last, code_source = (None, DAY_BEFORE, OLD_AREA_CODES) if old else (REFORM_DAY, None, AREA_CODES)
        areas.append((str(Scheme.AREA), unit.code, first, last, number, None, False, code_source))
        steps = [] if old else changes.get((level, unit.code), [])
        kind = unit.type
        for on, new_type, decree in steps:
            before = date.fromordinal(on.toordinal() - 1)
            periods.append((number, first, before, unit.name, kind, unit.name_en, parent_id, source))
            first, kind, source = on, new_type, decree
        periods.append((number, first, last, unit.name, kind, unit.name_en, parent_id, source))

    for unit in provinces.values():
        add(Level.PROVINCE, unit, None, REFORM_ACT, old=False)
    for unit in communes.values():
        parent = unit_id(Level.PROVINCE, unit.parent, old=False)
        add(Level.COMMUNE, unit, parent, resolutions[unit.parent], old=False)
    for unit in old_provinces.values():
        add(Level.PROVINCE, unit, None, OLD_AREA_CODES, old=True)
    for unit in old_districts.values():
        add(Level.DISTRICT, unit, unit_id(Level.PROVINCE, unit.parent, old=True), OLD_AREA_CODES, old=True)
    for unit in old_communes.values():
        add(Level.COMMUNE, unit, unit_id(Level.DISTRICT, unit.parent, old=True), OLD_AREA_CODES, old=True)
    return Package(Rows(units, periods, agencies, areas + identifiers, successions), tuple(figures), tuple(hints))


def _present(reading: _Reading) -> tuple[dict[str, _Unit], dict[str, _Unit]]:
    provinces: dict[str, _Unit] = {}
    communes: dict[str, _Unit] = {}
    for level, file, found in (
        (Level.PROVINCE, "provinces.csv", provinces),
        (Level.COMMUNE, "communes.csv", communes),
    ):
        for line, row in reading.lines(file):
            reading.name(file, line, row["name"])
            reading.name(file, line, row["name_en"])
            reading.type(file, line, row["type"], level)
            reading.type(file, line, row["type_20250701"], level)
            parent = row.get("province_code", "")
            if level == Level.COMMUNE:
                reading.known(file, line, parent, provinces, "the province")
            if reading.code(file, line, row["code"], level, found):
                found[row["code"]] = _Unit(
                    line, row["code"], row["name"], row["name_en"], row["type_20250701"], row["type"], parent
                )
    return provinces, communes


def _past(
    reading: _Reading, provinces: Mapping[str, _Unit]
) -> tuple[dict[str, _Unit], dict[str, _Unit], dict[str, _Unit]]:
    old: dict[Level, dict[str, _Unit]] = {Level.PROVINCE: {}, Level.DISTRICT: {}, Level.COMMUNE: {}}
    for level, file, column in (
        (Level.PROVINCE, "legacy_provinces.csv", ""),
        (Level.DISTRICT, "legacy_districts.csv", "province_code"),
        (Level.COMMUNE, "legacy_communes.csv", "district_code"),
    ):
        for line, row in reading.lines(file):
            reading.name(file, line, row["name"])
            reading.type(file, line, row["type"], level)
            parent = row[column] if column else ""
            if level == Level.PROVINCE:
                reading.known(file, line, row["new_province_code"], provinces, "the new province")
            else:
                above = old[Level.PROVINCE if level == Level.DISTRICT else Level.DISTRICT]
                known = reading.known(file, line, parent, above, "the parent")
                if known and level == Level.COMMUNE and above[parent].parent != row["province_code"]:
                    reading.fault(file, line, f"district {parent} does not belong to province {row['province_code']}.")
            if reading.code(file, line, row["code"], level, old[level]):
                name = row["name"]
                old[level][row["code"]] = _Unit(line, row["code"], name, bare(name), row["type"], row["type"], parent)
    return old[Level.PROVINCE], old[Level.DISTRICT], old[Level.COMMUNE]


def _changes(
    reading: _Reading, units: Mapping[Level, Mapping[str, _Unit]]
) -> dict[tuple[Level, str], list[tuple[date, str, str]]]:
    """Changes of type since the reform: (day, new type, decree), oldest first, ending with the type of today."""
    file = "unit_changes.csv"
    found: dict[tuple[Level, str], list[tuple[date, str, str]]] = defaultdict(list)
    types = {(level, unit.code): unit.type for level, table in units.items() for unit in table.values()}
    for line, row in reading.lines(file):
        try:
            on = date.fromisoformat(row["effective_date"])
        except ValueError:
            reading.fault(file, line, f"{row['effective_date']!r} is not a day such as 2026-04-30.")
            continue
        if row["level"] not in (Level.PROVINCE, Level.COMMUNE) or row["field"] != "type":
            reading.fault(file, line, "only the type of a province or commune can change in this file.")
            continue
        level = Level(row["level"])
        key = (level, row["code"])
        if not reading.known(file, line, row["code"], units[level], f"the {level}"):
            continue
        reading.type(file, line, row["new_value"], level)
        if on <= max([REFORM_DAY, *(day for day, _, _ in found[key])]):
            reading.fault(file, line, f"{on} is not after the day on which the unit began or last changed.")
        if row["old_value"] != types[key]:
            reading.fault(file, line, f"before the change it is {types[key]!r}, not {row['old_value']!r}.")
        if not row["decree"]:
            reading.fault(file, line, "the decree is missing.")
        types[key] = row["new_value"]
        found[key].append((on, row["new_value"], f"Nghị quyết {row['decree']}"))
    for level, table in units.items():
        for unit in table.values():
            if types[level, unit.code] != unit.type_today:
                reading.fault(
                    "provinces.csv" if level == Level.PROVINCE else "communes.csv",
                    unit.line,
                    f"the type is {unit.type_today!r}, but {file} ends with {types[level, unit.code]!r}.",
                )
    return found


def _successions(
    reading: _Reading,
    provinces: Mapping[str, _Unit],
    communes: Mapping[str, _Unit],
    old_provinces: Mapping[str, _Unit],
    old_districts: Mapping[str, _Unit],
    old_communes: Mapping[str, _Unit],
) -> tuple[list[Any], list[Hint]]:
    file = "succession.csv"
    levels = {
        "province": (Level.PROVINCE, old_provinces, Level.PROVINCE, provinces),
        "district": (Level.DISTRICT, old_districts, Level.COMMUNE, communes),
        "district_area": (Level.DISTRICT, old_districts, Level.COMMUNE, communes),
        "commune": (Level.COMMUNE, old_communes, Level.COMMUNE, communes),
    }
    successions: list[Any] = []
    hints: list[Hint] = []
    went: dict[int, list[tuple[int, str]]] = defaultdict(list)
    seen: set[tuple[int, int]] = set()
    for line, row in reading.lines(file):
        if row["old_level"] not in levels:
            reading.fault(file, line, f"{row['old_level']!r} is not one of {', '.join(levels)}.")
            continue
        old_level, olds, new_level, news = levels[row["old_level"]]
        known_old = reading.known(file, line, row["old_code"], olds, f"the old {old_level}")
        known_new = reading.known(file, line, row["new_code"], news, f"the new {new_level}")
        if row["relation"] not in (Extent.WHOLE, Extent.PART):
            reading.fault(file, line, f"the relation is whole or part, not {row['relation']!r}.")
        elif known_old and known_new:
            old = unit_id(old_level, row["old_code"], old=True)
            new = unit_id(new_level, row["new_code"], old=False)
            if (old, new) in seen:
                reading.fault(file, line, f"{row['old_code']} to {row['new_code']} stands here for the second time.")
            seen.add((old, new))
            successions.append((old, new, row["relation"], row["note_vi"], REFORM_DAY))
            went[old].append((line, row["relation"]))
            if row["is_default"] == "1" and row["default_basis"]:
                hints.append(Hint(old, new, row["default_basis"]))
    for ways in went.values():
        if len(ways) > 1 and any(relation == Extent.WHOLE for _, relation in ways):
            reading.fault(file, ways[0][0], "a unit that went whole into one unit can't have gone into others too.")
    reached = {new for _, new in seen}
    for level, table, name in (
        (Level.PROVINCE, old_provinces, "legacy_provinces.csv"),
        (Level.COMMUNE, old_communes, "legacy_communes.csv"),
    ):
        for unit in table.values():
            if unit_id(level, unit.code, old=True) not in went:
                reading.fault(name, unit.line, f"{unit.code} has no successor in {file}.")
    for level, table, name in (
        (Level.PROVINCE, provinces, "provinces.csv"),
        (Level.COMMUNE, communes, "communes.csv"),
    ):
        for unit in table.values():
            if unit_id(level, unit.code, old=False) not in reached:
                reading.fault(name, unit.line, f"{unit.code} has no predecessor in {file}.")
    return successions, hints


def _figures(
    reading: _Reading, provinces: Mapping[str, _Unit], communes: Mapping[str, _Unit]
) -> tuple[dict[str, str], list[Figures]]:
    resolutions: dict[str, str] = {}
    figures: list[Figures] = []
    for level, file, units in (
        (Level.PROVINCE, "province_stats.csv", provinces),
        (Level.COMMUNE, "commune_stats.csv", communes),
    ):
        seen: dict[str, int] = {}
        for line, row in reading.lines(file):
            if not reading.known(file, line, row["code"], units, f"the {level}"):
                continue
            reading.code(file, line, row["code"], level, seen)
            seen[row["code"]] = line
            population = reading.number(file, line, row["population"], "the population")
            longitude = reading.number(file, line, row.get("lon", ""), "longitude")
            latitude = reading.number(file, line, row.get("lat", ""), "latitude")
            figures.append(
                Figures(
                    unit_id(level, row["code"], old=False),
                    FIGURES_ON,
                    reading.number(file, line, row["area_km2"], "the area"),
                    None if population is None else int(population),
                    row.get("population_flag", ""),
                    None if longitude is None else float(longitude),
                    None if latitude is None else float(latitude),
                    row.get("seat_vi", ""),
                )
            )
            if level == Level.PROVINCE:
                resolutions[row["code"]] = f"Nghị quyết {row['commune_resolution_2025']}"
    for unit in provinces.values():
        if unit.code not in resolutions:
            reading.fault("provinces.csv", unit.line, f"{unit.code} is missing in province_stats.csv.")
    return resolutions, figures


def _agencies(
    reading: _Reading,
    provinces: Mapping[str, _Unit],
    communes: Mapping[str, _Unit],
    old_provinces: Mapping[str, _Unit],
    old_districts: Mapping[str, _Unit],
    old_communes: Mapping[str, _Unit],
) -> tuple[list[Any], list[Any]]:
    agencies: list[Any] = []
    identifiers: list[Any] = []
    departments = _departments(reading)
    own: dict[str, str] = {}

    def establish(
        unit: int, slot: int, kind: AgencyKind, title: str, ministry: str, parent: int | None, old: bool
    ) -> int:
        first, last = (None, DAY_BEFORE) if old else (REFORM_DAY, None)
        agencies.append((unit * 100 + slot, str(kind), unit, ministry, title, parent, first, last, None))
        return unit * 100 + slot

    def name(agency: int, org: str, org102: str, source: str, *, made: bool, old: bool) -> None:
        first, last = (None, DAY_BEFORE) if old else (REFORM_DAY, None)
        identifiers.append((str(Scheme.ORG), org, first, last, None, agency, made, source))
        identifiers.append((str(Scheme.ORG102), org102, first, last, None, agency, made, source))

    def top(unit: int, committee_code: str, council_code: str, source: str, *, old: bool) -> int:
        committee = establish(unit, 1, AgencyKind.PEOPLES_COMMITTEE, COMMITTEE, "", None, old)
        name(committee, committee_code, codes.province_102(committee_code), source, made=False, old=old)
        council = establish(unit, 3, AgencyKind.PEOPLES_COUNCIL, COUNCIL, "", None, old)
        name(council, council_code, codes.province_102(council_code), source, made=False, old=old)
        centre = establish(unit, 2, AgencyKind.SERVICE_CENTRE, CENTRE, "", committee, old)
        name(centre, *codes.department(committee_code, codes.PROVINCE_CENTRE), codes.MADE, made=True, old=old)
        for number, ministry, title, vertical in departments:
            above = None if vertical else committee
            made = establish(unit, 10 + int(number), AgencyKind.DEPARTMENT, title, ministry, above, old)
            name(made, *codes.department(committee_code, number), codes.MADE, made=True, old=old)
        return committee

    file = "org_codes_level1.csv"
    in_province = _below(communes)
    districts_in, communes_in = _below(old_districts), _below(old_communes)
    taken: dict[str, int] = {}
    for line, row in reading.lines(file):
        committee_code, council_code = row["ubnd_code"], row["hdnd_code"]
        old_code, new_code = row["legacy_province_code"], row["new_province_code"]
        for code in (committee_code, council_code):
            if codes.scheme_of(code) != Scheme.ORG or "." in code:
                reading.fault(file, line, f"{code!r} is not a letter and two digits.")
            if code in taken:
                reading.fault(file, line, f"the code {code} stands in line {taken[code]} too.")
            taken[code] = line
        if row["status"] not in ("active", "closed_20250701"):
            reading.fault(file, line, f"the status {row['status']!r} is neither active nor closed_20250701.")
        if not reading.known(file, line, old_code, old_provinces, "the old province"):
            continue
        if not reading.known(file, line, new_code, provinces, "the new province"):
            continue
        source = f"{ORG_CODES} [{row['verification']}]"
        above = top(unit_id(Level.PROVINCE, old_code, old=True), committee_code, council_code, source, old=True)
        for place, code in enumerate(districts_in[old_code]):
            # Before the reform the one-stop section of a district or commune was a part of its committee.
            number = unit_id(Level.DISTRICT, code, old=True)
            district = establish(number, 1, AgencyKind.PEOPLES_COMMITTEE, COMMITTEE, "", above, True)
            name(district, *codes.old_district(committee_code, place), codes.MADE, made=True, old=True)
            for at, inner in enumerate(communes_in[code]):
                number = unit_id(Level.COMMUNE, inner, old=True)
                local = establish(number, 1, AgencyKind.PEOPLES_COMMITTEE, COMMITTEE, "", district, True)
                name(local, *codes.old_commune(committee_code, place, at), codes.MADE, made=True, old=True)
        if row["status"] != "active":
            continue
        if new_code in own:
            reading.fault(file, line, f"province {new_code} has the code {own[new_code]} already.")
            continue
        own[new_code] = committee_code
        province = unit_id(Level.PROVINCE, new_code, old=False)
        committee = top(province, committee_code, council_code, source, old=False)
        for place, code in enumerate(in_province[new_code]):
            unit_number = unit_id(Level.COMMUNE, code, old=False)
            local = establish(unit_number, 1, AgencyKind.PEOPLES_COMMITTEE, COMMITTEE, "", committee, False)
            name(local, *codes.commune(committee_code, place), codes.MADE, made=True, old=False)
            counter = establish(unit_number, 2, AgencyKind.SERVICE_CENTRE, CENTRE, "", local, False)
            name(counter, *codes.commune_centre(committee_code, place), codes.MADE, made=True, old=False)
    for unit in provinces.values():
        if unit.code not in own:
            reading.fault("provinces.csv", unit.line, f"{unit.code} has no active code in {file}.")
    return agencies, identifiers


def _below(units: Mapping[str, _Unit]) -> dict[str, list[str]]:
    """The codes of units under each parent's code, in order."""
    found: dict[str, list[str]] = defaultdict(list)
    for unit in sorted(units.values(), key=lambda unit: unit.code):
        found[unit.parent].append(unit.code)
    return found


def _departments(reading: _Reading) -> list[tuple[str, str, str, bool]]:
    file = "departments.csv"
    found: list[tuple[str, str, str, bool]] = []
    for line, row in reading.lines(file):
        number = row["number"]
        reading.name(file, line, row["ministry"])
        reading.name(file, line, row["title"])
        if not (len(number) == 3 and number.isascii() and number.isdigit() and "001" <= number <= "088"):
            reading.fault(file, line, f"the number {number!r} is not between 001 and 088.")
            continue
        if row["vertical"] not in ("yes", "no"):
            reading.fault(file, line, f"vertical is yes or no, not {row['vertical']!r}.")
        found.append((number, row["ministry"], row["title"], row["vertical"] == "yes"))
    for what, place in (("number", 0), ("ministry", 1)):
        for value, times in Counter(row[place] for row in found).items():
            if times > 1:
                reading.faults.append(f"{file}: the {what} {value} stands there {times} times.")
    return found
