"""A procedure's form as questions on a screen, and what was typed as its values. Pure.

A form is a JSON Schema with our `x-` words. The citizen's application and the officer's counter ask the same
questions; each draws them in its own way.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

_DATES = (
    re.compile(r"(?P<d>\d{1,2})[./ -](?P<m>\d{1,2})[./ -](?P<y>\d{4})"),
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"),
    re.compile(r"(?P<d>\d{2})(?P<m>\d{2})(?P<y>\d{4})"),
)


def read_date(text: str) -> date | None:
    """A day as people write it: 17/05/1990, 17-5-1990, 17051990, 1990-05-17; None when it is none."""
    for written in _DATES:
        found = written.fullmatch(text.strip())
        if found:
            try:
                return date(int(found["y"]), int(found["m"]), int(found["d"]))
            except ValueError:
                return None
    return None


@dataclass(frozen=True, slots=True)
class Question:
    """One field of a form as a question on a screen.

    `kind`: text, long, date, number, email, choice, yes_no, agree, rows (a table of `of`) or lines (a list).
    """

    name: str
    title: str
    kind: str
    required: bool
    choices: tuple[tuple[str, str], ...] = ()
    help: str = ""
    longest: int = 300
    prefill: str = ""
    of: tuple["Question", ...] = ()
    most: int = 20


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that stand on one screen together."""

    title: str
    questions: tuple[Question, ...]

    @property
    def names(self) -> frozenset[str]:
        return frozenset(question.name for question in self.questions)


def groups(schema: Mapping[str, Any]) -> tuple[Group, ...]:
    """The form of a procedure as screens, in its own order (x-order, x-group)."""
    fields = sorted(schema.get("properties", {}).items(), key=lambda item: item[1].get("x-order", 0))
    needed = frozenset(schema.get("required", ()))
    found: dict[str, list[Question]] = {}
    for name, field in fields:
        title = str(field.get("x-group", "")) or str(schema.get("title", ""))
        found.setdefault(title, []).append(question_of(name, field, name in needed))
    return tuple(Group(title, tuple(questions)) for title, questions in found.items())


def question_of(name: str, field: Mapping[str, Any], required: bool) -> Question:
    """One field of the schema as a question."""
    labels = field.get("x-enum", {})
    choices = tuple((str(value), str(labels.get(str(value), value))) for value in field.get("enum", ()))
    items = field.get("items", {})
    needed = frozenset(items.get("required", ()))
    columns = sorted(items.get("properties", {}).items(), key=lambda item: item[1].get("x-order", 0))
    return Question(
        name=name,
        title=str(field.get("title", name)),
        kind=_kind(field),
        required=required,
        choices=choices,
        help=str(field.get("description", "") or field.get("x-pattern", "")),
        longest=int(field.get("maxLength", 300)),
        prefill=str(field.get("x-prefill", "")),
        of=tuple(question_of(key, column, key in needed) for key, column in columns),
        most=int(field.get("maxItems", 20)),
    )


def _kind(field: Mapping[str, Any]) -> str:
    if "enum" in field:
        return "choice"
    if field.get("const") is True:
        return "agree"
    kinds = {"boolean": "yes_no", "integer": "number", "number": "number"}
    if field.get("type") in kinds:
        return kinds[str(field["type"])]
    if field.get("type") == "array":
        return "rows" if field.get("items", {}).get("properties") else "lines"
    if field.get("format") in ("date", "email"):
        return str(field["format"])
    return "long" if field.get("x-long") else "text"


ROW = re.compile(r"[0-9]{1,3}")
ADDED = 200  # rows of a table that are read at most


def read(questions: Sequence[Question], posted: Mapping[str, str], prefix: str = "") -> dict[str, Any]:
    """What was typed, as values of the form; None for a question left blank. Unreadable things stay as typed.

    `prefix`: what the names of the fields begin with on this page.
    """
    return {question.name: _read(question, prefix + question.name, posted) for question in questions}


def _read(question: Question, name: str, posted: Mapping[str, str]) -> Any:
    if question.kind == "rows":
        rows = []
        for n in _rows(name, posted):
            row = {column.name: _read(column, f"{name}.{n}.{column.name}", posted) for column in question.of}
            filled = {key: value for key, value in row.items() if value is not None}
            if filled:
                rows.append(filled)
        return rows or None
    if question.kind == "lines":
        lines = [" ".join(line.split()) for line in posted.get(name, "").splitlines()]
        return [line for line in lines if line] or None
    typed = posted.get(name, "").replace("\0", "")
    typed = typed.replace("\r\n", "\n").strip() if question.kind == "long" else " ".join(typed.split())
    if not typed:
        return None
    if question.kind == "date":
        day = read_date(typed)
        return day.isoformat() if day else typed
    if question.kind == "number" and re.fullmatch(r"-?[0-9]{1,15}", typed):
        return int(typed)
    if question.kind in ("yes_no", "agree"):
        return {"1": True, "0": False}.get(typed, typed)
    return typed


def _rows(name: str, posted: Mapping[str, str]) -> list[int]:
    """The numbers of the rows of a table that came, in order."""
    came = (key.removeprefix(f"{name}.").split(".") for key in posted if key.startswith(f"{name}."))
    return sorted({int(row) for row, *column in came if len(column) == 1 and ROW.fullmatch(row)})[:ADDED]


def typed(question: Question, value: Any) -> str:
    """A value as it stands in its field: days as 17/05/1990."""
    if value is None or isinstance(value, dict):
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, list):
        return "\n".join(str(line) for line in value)
    if question.kind == "date":
        day = read_date(str(value))
        return f"{day:%d/%m/%Y}" if day else str(value)
    return str(value)
