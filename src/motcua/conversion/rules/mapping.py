"""The mapping: a TOML file in which a person says how an old system's export is to be read. Pure.

system = "HCM-MCDT"                     # the old system; with a dossier's own number, what it is known by here
title = "Một cửa điện tử Thành phố Hồ Chí Minh"

[source]
files = ["ho_so_*.csv"]                 # beside this file
kind = "csv"                            # csv, xlsx, parquet, dump (plain SQL or pg_dump's custom format)
encoding = "windows-1258"               # csv: utf-8 (with or without BOM), utf-16, windows-1258, ...
delimiter = ";"                         # csv
sheet = "HoSo"                          # xlsx: the first sheet without it
table = "public.hoso"                   # dump

[columns]                               # our field = their column (rules/fields.py has all fields)
number = "SoHoSo"
filed_at = "NgayNop"

[fixed]                                 # our field = one value for all rows
channel = "counter"

[dates]                                 # dd/mm/yyyy, yyyy-mm-dd, yyyymmdd, mm/dd/yyyy, dd-mm-yyyy, excel, iso
default = "dd/mm/yyyy"                  # the hour may follow: "dd/mm/yyyy hh:mm:ss"
birth_date = ["yyyymmdd", "excel"]      # several where no text fits two of them

[states]                                # theirs = ours; "returned rejected" where the answer was a refusal
"9" = "returned"

[channels]                              # theirs = counter, online, post, assisted
[kinds]                                 # theirs = citizen, organisation
[procedures]                            # theirs = ours, where theirs is not the national code in some form
[units]                                 # theirs = area code of any time, or identifier of an agency
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from motcua.conversion.rules.fields import FIELD, FIELDS, Kind
from motcua.dossiers.rules.steps import STATE, Place, State

SYSTEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,29}")
KINDS = ("csv", "xlsx", "parquet", "dump")
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "windows-1258", "windows-1252", "latin-1")
CHANNELS = ("counter", "online", "post", "assisted")
APPLICANTS = ("citizen", "organisation")
DATE_FORMS: Mapping[str, str] = {
    "dd/mm/yyyy": "%d/%m/%Y",
    "mm/dd/yyyy": "%m/%d/%Y",
    "dd-mm-yyyy": "%d-%m-%Y",
    "yyyy-mm-dd": "%Y-%m-%d",
    "yyyymmdd": "%Y%m%d",
    "iso": "",
    "excel": "",
}
HOURS: Mapping[str, str] = {"": "", " hh:mm": " %H:%M", " hh:mm:ss": " %H:%M:%S"}
EITHER_WAY = frozenset({"dd/mm/yyyy", "mm/dd/yyyy"})
TABLES = ("source", "columns", "fixed", "dates", "states", "channels", "kinds", "procedures", "units")

# An opinion is asked of an agency that an export doesn't name: such a dossier comes back to its handler first.
STATES: Mapping[str, State] = {
    row.state.value: row.state for row in STATE.values() if row.holder is not Place.CONSULTED
}
OUTCOMES = ("granted", "rejected")


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a mapping or an export: where (file, line, key), which kind, and a sentence."""

    kind: str
    vi: str
    key: str = ""
    line: int = 0
    file: str = ""

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line) if part)
        return " ".join(part for part in (place and f"{place}:", self.key and f"[{self.key}]", self.vi) if part)


@dataclass(frozen=True, slots=True)
class Source:
    kind: str
    files: tuple[str, ...]
    encoding: str = "utf-8"
    delimiter: str = ","
    sheet: str = ""
    table: str = ""


@dataclass(frozen=True, slots=True)
class Mapped:
    """A mapping that can be carried out. `states` gives the state and the outcome of each of theirs."""

    system: str
    title: str
    source: Source
    columns: Mapping[str, tuple[str, ...]]
    fixed: Mapping[str, str] = field(default_factory=dict)
    dates: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    states: Mapping[str, tuple[State, str]] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    procedures: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)

    def forms(self, name: str) -> tuple[str, ...]:
        """In which forms the days of a field are written."""
        return self.dates.get(name) or self.dates.get("default", ())


def read(text: str) -> tuple[Mapped | None, tuple[Finding, ...]]:
    """The mapping, or everything that is wrong with it, each with its line and key."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        line = int(at[1]) if at else 0
        twice = re.search(r"(?i)overwrite a value|declare .* twice", str(error))
        kind = "key-twice" if twice else "not-toml"
        said = "Một khóa được khai hai lần" if twice else "Tệp khai không phải TOML"
        return None, (Finding(kind, f"{said}: {error}", line=line),)
    findings = tuple(Finding(kind, vi, key, _line(text, key)) for kind, vi, key in _findings(data))
    if findings:
        return None, findings
    return _mapped(data), ()


def _mapped(data: Mapping[str, Any]) -> Mapped:
    source = data["source"]
    dates = {name: _several(form) for name, form in data.get("dates", {}).items()}
    return Mapped(
        system=data["system"],
        title=data.get("title", data["system"]),
        source=Source(
            kind=source["kind"],
            files=tuple(source["files"]),
            encoding=source.get("encoding", "utf-8").lower(),
            delimiter=source.get("delimiter", ","),
            sheet=source.get("sheet", ""),
            table=source.get("table", ""),
        ),
        columns={ours: _several(theirs) for ours, theirs in data["columns"].items()},
        fixed=data.get("fixed", {}),
        dates=dates,
        states={theirs: _state(ours) for theirs, ours in data.get("states", {}).items()},
        channels=data.get("channels", {}),
        kinds=data.get("kinds", {}),
        procedures=data.get("procedures", {}),
        units=data.get("units", {}),
    )


def _several(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _state(ours: str) -> tuple[State, str]:
    name, _, outcome = ours.partition(" ")
    done = name in ("signed", "finished", "returned")
    return STATES[name], outcome or ("granted" if done else "")


_Found = Iterator[tuple[str, str, str]]  # kind, sentence, key


def _findings(data: Mapping[str, Any]) -> _Found:
    for name, value in data.items():
        if name not in (*TABLES, "system", "title"):
            yield "table-unknown", f"Không có phần “{name}”; các phần: {', '.join(TABLES)}.", name
        elif name in TABLES and not isinstance(value, dict):
            yield "not-a-table", f"“{name}” phải là một phần [{name}].", name
    if any(not isinstance(data.get(name, {}), dict) for name in TABLES):
        return
    system = data.get("system")
    if not isinstance(system, str) or not SYSTEM.fullmatch(system):
        yield "system-name", "“system” là tên ngắn, tối đa 30 ký tự: chữ không dấu, chữ số, dấu chấm, gạch.", "system"
    yield from _source(data.get("source", {}))
    yield from _columns(data)
    yield from _dates(data)
    yield from _codes(data)


def _source(source: Mapping[str, Any]) -> _Found:
    files = source.get("files")
    if not isinstance(files, list) or not files or not all(isinstance(name, str) and name for name in files):
        yield "files-missing", "“files” là danh sách tên tệp, nằm cạnh tệp khai.", "source.files"
    elif any(name.startswith("/") or ".." in name.split("/") for name in files):
        yield (
            "files-elsewhere",
            "Tệp nguồn phải nằm cạnh tệp khai: không dùng đường dẫn tuyệt đối hay “..”.",
            "source.files",
        )
    if source.get("kind") not in KINDS:
        yield "kind-unknown", f"“kind” là một trong {', '.join(KINDS)}.", "source.kind"
    if str(source.get("encoding", "utf-8")).lower() not in ENCODINGS:
        yield "encoding-unknown", f"“encoding” là một trong {', '.join(ENCODINGS)}.", "source.encoding"
    if not isinstance(source.get("delimiter", ","), str) or len(source.get("delimiter", ",")) != 1:
        yield "delimiter", "“delimiter” là đúng một ký tự.", "source.delimiter"
    if source.get("kind") == "dump" and not re.fullmatch(r"\w+(\.\w+)?", str(source.get("table", ""))):
        yield "table-missing", "Bản kết xuất PostgreSQL cần “table”, như public.hoso.", "source.table"
    for name in source:
        if name not in ("files", "kind", "encoding", "delimiter", "sheet", "table"):
            yield "key-unknown", f"Phần [source] không có khóa “{name}”.", f"source.{name}"


def _columns(data: Mapping[str, Any]) -> _Found:
    columns, fixed = data.get("columns", {}), data.get("fixed", {})
    for part, given in (("columns", columns), ("fixed", fixed)):
        for name, value in given.items():
            if name not in FIELD:
                yield "field-unknown", f"Không có trường “{name}”; các trường: {', '.join(FIELD)}.", f"{part}.{name}"
            elif not _named(value, several=part == "columns"):
                yield "not-text", f"“{name}” phải là tên một cột (chữ).", f"{part}.{name}"
    for name in fixed:
        if name in columns:
            yield "field-twice", f"Trường “{name}” vừa lấy từ cột vừa cố định: chỉ chọn một.", f"fixed.{name}"
        elif name in FIELD and not FIELD[name].fixed:
            yield "not-fixable", f"Trường “{name}” không thể giống nhau ở mọi hồ sơ.", f"fixed.{name}"
    for each in FIELDS:
        if each.required and each.name not in columns and each.name not in fixed:
            yield "field-missing", f"Chưa khai cột cho “{each.name}” ({each.vi}).", "columns"


def _named(value: object, *, several: bool) -> bool:
    names = value if several and isinstance(value, list) else [value]
    return bool(names) and all(isinstance(name, str) and name for name in names)


def _dates(data: Mapping[str, Any]) -> _Found:
    dates, columns = data.get("dates", {}), data.get("columns", {})
    for name, forms in dates.items():
        key = f"dates.{name}"
        if name != "default" and (name not in FIELD or FIELD[name].kind not in (Kind.MOMENT, Kind.DAY)):
            yield "field-unknown", f"“{name}” không phải trường ngày.", key
        given = [forms] if isinstance(forms, str) else forms
        if not isinstance(given, list) or not given or not all(isinstance(form, str) and known(form) for form in given):
            yield (
                "date-form",
                f"Dạng ngày phải là một trong {', '.join(DATE_FORMS)}, có thể kèm “ hh:mm” hay “ hh:mm:ss”.",
                key,
            )
        elif {form.split(" ")[0] for form in given} >= EITHER_WAY:
            yield "dates-ambiguous", "03/04/2024 đọc được cả hai cách: chỉ chọn một dạng.", key
    if "default" not in dates:
        for name in columns:
            if name in FIELD and FIELD[name].kind in (Kind.MOMENT, Kind.DAY) and name not in dates:
                yield "date-form-missing", f"Chưa khai dạng ngày của “{name}”.", f"columns.{name}"


def known(form: str) -> bool:
    """Is this a date form that we read?"""
    day, space, hour = form.partition(" ")
    if day in ("iso", "excel"):
        return form == day
    return day in DATE_FORMS and space + hour in HOURS


def _codes(data: Mapping[str, Any]) -> _Found:
    columns = data.get("columns", {})
    fixed = data.get("fixed", {})
    if "state" in columns and not data.get("states"):
        yield "states-missing", "Có cột trạng thái thì phải có phần [states].", "columns.state"
    for theirs, ours in data.get("states", {}).items():
        name, _, outcome = str(ours).partition(" ")
        if name not in STATES or outcome not in ("", *OUTCOMES):
            yield (
                "state-without-target",
                f"“{ours}” không phải trạng thái; các trạng thái: {', '.join(STATES)}.",
                f"states.{theirs}",
            )
    if "state" in fixed and str(fixed["state"]).partition(" ")[0] not in STATES:
        yield "state-without-target", f"“{fixed['state']}” không phải trạng thái.", "fixed.state"
    for part, allowed, name in (("channels", CHANNELS, "channel"), ("kinds", APPLICANTS, "applicant_kind")):
        for theirs, ours in data.get(part, {}).items():
            if ours not in allowed:
                yield "target-unknown", f"“{ours}” phải là một trong {', '.join(allowed)}.", f"{part}.{theirs}"
        if name in fixed and fixed[name] not in allowed:
            yield "target-unknown", f"“{fixed[name]}” phải là một trong {', '.join(allowed)}.", f"fixed.{name}"
    for part in ("procedures", "units"):
        for theirs, ours in data.get(part, {}).items():
            if not isinstance(ours, str) or not ours:
                yield "not-text", f"Mã đích của “{theirs}” phải là chữ, đặt trong dấu ngoặc kép.", f"{part}.{theirs}"


def _line(text: str, key: str) -> int:
    """The line of a key such as "states.9", or of its table; 0 where it isn't written."""
    table, _, name = key.partition(".")
    here, found = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        head = re.match(r"\s*\[\s*([\w-]+)\s*\]", line)
        if head:
            here = head[1]
            if here == table and not found:
                found = number
        start = re.match(r"""\s*("([^"]*)"|'([^']*)'|[\w.-]+)\s*=""", line)
        if start:
            written = next(part for part in (start[2], start[3], start[1]) if part is not None)
            if (here == table and written == name) or (not here and not name and written == table):
                return number
    return found
