"""What the portal reckons with no database: what the identity app says, and forms as questions. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from motcua.kernel.law import Citation, Confidence, cite
from motcua.kernel.terms import Term, TermUnit


@dataclass(frozen=True, slots=True)
class Kept:
    """Thời gian lưu: how long something of a person is kept, since when, and on what that rests."""

    term: Term
    valid_from: date
    source: Citation


# Personal data is kept no longer than its purpose needs; a month is enough to come back with a missing paper.
KEEP_DRAFT = Kept(Term(30, TermUnit.DAYS), date(2026, 1, 1), cite("Luật 91/2025/QH15", "", Confidence.ASSUMED))
DRAFTS = 20  # open drafts of one person
FILES = 60  # of one draft
TOTAL = 200 * 1024 * 1024  # bytes of one draft

CITIZEN_NUMBER = re.compile(r"[0-9]{12}")
ORGANISATION_NUMBER = re.compile(r"[0-9]{10}(-[0-9]{3})?")
LONGEST = 300  # characters of anything that the app says


def known_of(told: Mapping[str, object]) -> dict[str, str] | None:
    """What the identity app vouches for, by the names of our fields; None when it names nobody.

    The app's own names are those of the national portal's sign-in. An organisation's account (LoaiTaiKhoan 2) names
    the enterprise; it signs in under the enterprise's number.
    """
    said = {
        name: " ".join(str(value).split())[:LONGEST] for name, value in told.items() if isinstance(value, str | int)
    }
    if said.get("LoaiTaiKhoan") == "2":
        kind, number, name = "organisation", said.get("MaSoDoanhNghiep") or said.get("MaSoThue", ""), "TenDoanhNghiep"
        fits = ORGANISATION_NUMBER.fullmatch(number)
    else:
        kind, number, name = "citizen", said.get("SoDinhDanh", ""), "HoVaTen"
        fits = CITIZEN_NUMBER.fullmatch(number)
    if not fits or not said.get(name):
        return None
    born = read_date(said.get("NgaySinh", "")) if kind == "citizen" else None
    return {
        "kind": kind,
        "number": number,
        "name": said[name],
        "birth_date": born.isoformat() if born else "",
        "sex": said.get("GioiTinh", ""),
        "address": said.get("DiaChi", ""),
        "phone": said.get("SoDienThoai", "")[:20],
        "email": said.get("ThuDienTu", ""),
    }


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


def read(questions: Sequence[Question], posted: Mapping[str, str]) -> dict[str, Any]:
    """What was typed, as values of the form; None for a question left blank. Unreadable things stay as typed."""
    return {question.name: _read(question, question.name, posted) for question in questions}


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
    found = {
        int(key.split(".")[1])
        for key in posted
        if key.startswith(f"{name}.") and key.count(".") == 2 and ROW.fullmatch(key.split(".")[1])
    }
    return sorted(found)[:ADDED]


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


def known_values(questions: Sequence[Question], known: Mapping[str, str]) -> dict[str, Any]:
    """What the identity app vouches for, as values of these questions (x-prefill)."""
    return {question.name: value for question in questions if (value := _known(question, known)) is not None}


def _known(question: Question, known: Mapping[str, str]) -> str | None:
    source = question.prefill.partition(".")[2]
    said = known.get({"gender": "sex"}.get(source, source), "") if source else ""
    if not said:
        return None
    if question.kind == "choice":
        return next((value for value, label in question.choices if said.casefold() in (value, label.casefold())), None)
    return said


def named_errors(names: frozenset[str], paths: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Of (path, sentence) those within these questions, each under the name of its field on the screen."""
    for path, sentence in paths:
        first, *rest = path.split("/")
        if first in names:
            yield ".".join([first, *rest]), sentence


def by_the_form(form_name: str, own_form: bool) -> bool:
    """Whether a paper is the declaration that was filled in on the screen, so that none has to be brought."""
    return own_form and bool(form_name)


def clean_name(name: str) -> str:
    """The name of a file as shown and kept: its last part, without signs that can't be seen."""
    last = re.split(r"[/\\]", name)[-1]
    return "".join(sign for sign in last if sign.isprintable()).strip()[-120:] or "tep"


def lead(name: str) -> str:
    """What a paper is called, without the conditions that its name in the catalogue goes on with."""
    first = re.split(r"[.;](?=\s)|(?<=\w)\s*\((?=[^)]{25})", name, maxsplit=1)[0]
    return first.rstrip(" .;,") if len(first) > 5 and ":" not in first else name
