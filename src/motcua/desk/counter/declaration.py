"""Tờ khai: a procedure's form as fields of a page, and what was typed into them as the form's content. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from motcua.kernel.text import fold

PREFIX = "c."
ROWS = 50  # of a table within a form


Posted = Mapping[str, str]
"""What a browser sent, by the names of the fields."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field: `kind` is text, long, date, number, choice, tick, lines or table."""

    name: str
    label: str
    kind: str
    required: bool
    value: str = ""
    group: str = ""
    options: tuple[tuple[str, str], ...] = ()
    longest: int = 300
    known: bool = False  # comes from the applicant when left empty
    rows: tuple[tuple["Field", ...], ...] = ()

    @property
    def needed(self) -> bool:
        """Must somebody fill it in here?"""
        return self.required and not self.known


def _kind(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return "choice"
    if schema.get("type") == "boolean" or "const" in schema:
        return "tick"
    if schema.get("type") in ("integer", "number"):
        return "number"
    if schema.get("type") == "array":
        return "table" if schema["items"].get("type") == "object" else "lines"
    if schema.get("format") == "date":
        return "date"
    return "long" if schema.get("x-long") else "text"


def fields(schema: Mapping[str, Any], posted: Posted, known: Mapping[str, str]) -> tuple[Field, ...]:
    """The form's fields in its order, with what was typed; `known` is what the applicant's own data would give."""
    required = set(schema.get("required", ()))
    ordered = sorted(schema["properties"].items(), key=lambda item: item[1].get("x-order", 0))
    return tuple(_field(PREFIX + name, own, name in required, posted, known) for name, own in ordered)


def _field(name: str, schema: Mapping[str, Any], required: bool, posted: Posted, known: Mapping[str, str]) -> Field:
    kind = _kind(schema)
    titles = schema.get("x-enum", {})
    rows: tuple[tuple[Field, ...], ...] = ()
    if kind == "table":
        items = schema["items"]
        columns = sorted(items["properties"].items(), key=lambda item: item[1].get("x-order", 0))
        last = min(_filled(name, items, posted) + 1, ROWS)
        rows = tuple(
            tuple(_field(f"{name}.{i}.{own}", column, False, posted, {}) for own, column in columns)
            for i in range(last)
        )
    return Field(
        name=name,
        label=str(schema.get("title", name.removeprefix(PREFIX))),
        kind=kind,
        required=required,
        value=str(posted.get(name, "")),
        group=str(schema.get("x-group", "")),
        options=tuple((str(value), str(titles.get(str(value), value))) for value in schema.get("enum", ())),
        longest=int(schema.get("maxLength", 300)),
        known=bool(schema.get("x-prefill") and known.get(schema["x-prefill"])),
        rows=rows,
    )


def _filled(name: str, items: Mapping[str, Any], posted: Posted) -> int:
    """How many rows of a table were typed into."""
    rows = [i for i in range(ROWS) if any(posted.get(f"{name}.{i}.{own}", "") for own in items["properties"])]
    return rows[-1] + 1 if rows else 0


def grouped(shown: tuple[Field, ...]) -> list[tuple[str, list[Field]]]:
    """Fields under their headings."""
    return [(group, list(same)) for group, same in groupby(shown, key=lambda field: field.group)]


def content(schema: Mapping[str, Any], posted: Posted, known: Mapping[str, str]) -> tuple[dict[str, Any], set[str]]:
    """What was filled in, and the names of what the applicant's own data gave.

    What can't be read goes in as it was typed, so that the form itself says what is wrong with it.
    """
    made: dict[str, Any] = {}
    taken: set[str] = set()
    for name, own in schema["properties"].items():
        value = _value(PREFIX + name, own, posted)
        if value is None and (given := known.get(own.get("x-prefill", ""))):
            value = given
            taken.add(name)
        if value is None and own.get("type") == "boolean" and name in schema.get("required", ()):
            value = False
        if value is not None:
            made[name] = value
    return made, taken


def _value(name: str, schema: Mapping[str, Any], posted: Posted) -> Any:
    kind, typed = _kind(schema), str(posted.get(name, "")).replace("\r\n", "\n").strip()
    if kind == "tick":
        return True if name in posted else None
    if kind == "table":
        items = schema["items"]
        rows = []
        for i in range(_filled(name, items, posted)):
            row = {own: _value(f"{name}.{i}.{own}", column, posted) for own, column in items["properties"].items()}
            if row := {own: value for own, value in row.items() if value is not None}:
                rows.append(row)
        return rows or None
    if not typed:
        return None
    if kind == "lines":
        return [line.strip() for line in typed.split("\n") if line.strip()]
    if kind == "number":
        return int(typed) if re.fullmatch(r"-?[0-9]{1,15}", typed) else typed
    return day(typed) if kind == "date" else typed


_DAY = re.compile(r"([0-9]{1,2})[/.\- ]?([0-9]{1,2})[/.\- ]?([0-9]{4})")
_COMPACT = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{4})")


def day(typed: str) -> str:
    """17/5/1990 or 17051990 as 1990-05-17; anything else as it is."""
    found = _COMPACT.fullmatch(typed) if typed.isdigit() else _DAY.fullmatch(typed)
    return f"{found[3]}-{int(found[2]):02d}-{int(found[1]):02d}" if found else typed


def of_gender(woman: bool | None) -> str:
    """The forms' word for it."""
    return "" if woman is None else ("female" if woman else "male")


def summed_up(name: str) -> str:
    """What the general form asks to be settled, when it is the procedure itself."""
    return name if fold(name).startswith("de nghi") else f"Đề nghị giải quyết: {name}"
