"""The national catalogue as the package carries it: 2,642 rows, of which 12 have curated detail."""

import csv
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from motcua.kernel.errors import Permanent
from motcua.procedures.rules.files import DATA
from motcua.procedures.rules.reading import version_from
from motcua.procedures.rules.versions import ASSUMED_FROM, CHANNELS, LEVELS

CATALOGUE = DATA / "procedures.csv"
CURATED = DATA / "curated"

# The portal's kinds of applicant, of which two contain commas.
APPLICANTS = (
    "Tổ chức (không bao gồm doanh nghiệp, HTX)",
    "Cán bộ, công chức, viên chức",
)
UNITS = {"Ngày làm việc": "working_days", "Ngày": "days", "Giờ": "hours", "Tháng": "months"}

UNSTATED_DEGREE = "Nguồn dữ liệu chưa nêu mức độ trực tuyến."


@dataclass(frozen=True, slots=True)
class Draft:
    """A version as it comes in, before it has an id."""

    code: str
    name: str
    field: str
    ministry: str
    decision: str
    valid_from: date
    valid_to: date | None
    body: dict[str, Any]

    @property
    def digest(self) -> str:
        told = [self.code, self.name, self.field, self.ministry, self.decision, str(self.valid_to), self.body]
        return hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def applicants(text: str) -> list[str]:
    """Split the portal's list of applicants."""
    kept = [name for name in APPLICANTS if name in text]
    for name in kept:
        text = text.replace(name, "")
    return sorted([*kept, *(part.strip() for part in text.split(",") if part.strip())])


def term_of(value: str, unit: str) -> tuple[dict[str, Any] | None, str]:
    """The term that the portal states and what is to be said about it.

    A number without a unit is no term: the same column then holds days, a fee ("1100" is "1" and "100 đồng")
    or the customs office's minutes.
    """
    if not value:
        return None, "Nguồn không nêu thời hạn giải quyết."
    if not unit:
        return None, f"Nguồn ghi “{value}” mà không có đơn vị thời gian."
    number = float(value)
    if unit in ("Ngày", "Tháng") and not number.is_integer():
        raise ValueError(f"{number:g} {unit} is not a whole number")
    return {"value": int(number) if number.is_integer() else number, "unit": UNITS[unit]}, ""


def _row(row: dict[str, str]) -> Draft:
    levels = [level for level in row["levels"].split("|") if level]
    channels = [channel for channel in row["channels"].split("|") if channel]
    if strange := [x for x in levels if x not in LEVELS] + [x for x in channels if x not in CHANNELS]:
        raise ValueError(f"unknown level or channel {strange}")
    for column in ("code", "name", "field", "ministry", "decision"):
        if not row[column].strip():
            raise ValueError(f"{column} is empty")
    if not levels:
        raise ValueError("levels is empty")
    term, note = term_of(row["time_value"], row["time_unit_vi"])
    body: dict[str, Any] = {
        "levels": levels,
        "channels": channels,
        "online": "partial" if "online" in channels else "none",
        "partial_reason": UNSTATED_DEGREE if "online" in channels else "",
        "term": term,
        "terms_note": note,
        "fees": [{"name": "Phí, lệ phí", "amount": 0, "note": "Miễn phí"}] if row["free"] == "1" else [],
        "fees_note": "" if row["free"] == "1" else "Nguồn chưa nêu mức phí, lệ phí ở dạng đọc được.",
        "applicants": applicants(row["applicants"]),
        "authority": row["authority"].strip(),
        "source_url": row["source_url"],
        "dates_assumed": True,
    }
    return Draft(
        row["code"],
        " ".join(row["name"].split()),
        row["field"].strip(),
        row["ministry"].strip(),
        row["decision"].strip(),
        ASSUMED_FROM,
        None,
        {key: value for key, value in body.items() if value not in (None, "", [])},
    )


COLUMNS = [
    "code",
    "name",
    "field",
    "ministry",
    "levels",
    "applicants",
    "authority",
    "decision",
    "channels",
    "time_value",
    "time_unit_vi",
    "time_days",
    "free",
    "source_url",
]


def read_rows(lines: Iterable[str], name: str) -> Iterator[Draft]:
    """Drafts of a CSV with COLUMNS; raises Permanent("import-broken") naming the first line that can't be read."""
    table = csv.DictReader(lines, strict=True)
    seen: dict[str, int] = {}
    if table.fieldnames is None or set(COLUMNS) - set(table.fieldnames):
        missing = sorted(set(COLUMNS) - set(table.fieldnames or ()))
        raise _broken(name, 1, f"columns are missing: {', '.join(missing)}")
    try:
        for row in table:
            if None in row or None in row.values():
                raise ValueError("it has more or fewer cells than the header")
            draft = _row(row)
            if draft.code in seen:
                raise ValueError(f"{draft.code} is there already in line {seen[draft.code]}")
            seen[draft.code] = table.line_num
            yield draft
    except (ValueError, KeyError, csv.Error) as fault:
        raise _broken(name, table.line_num, str(fault)) from fault


HEAD = ("code", "name", "field", "ministry", "decision")


def read_curated(text: str, file: str) -> Draft:
    """The draft in a curated file; raises Permanent("import-broken") saying what can't be read."""
    try:
        body = json.loads(text)
        code, name, field, ministry, decision = (body.pop(key) for key in HEAD)
        valid_from = date.fromisoformat(body.pop("valid_from", str(ASSUMED_FROM)))
        ends = body.pop("valid_to", None)
        draft = Draft(
            code,
            name,
            field,
            ministry,
            decision,
            valid_from,
            date.fromisoformat(ends) if ends else None,
            {**body, "curated": True},
        )
    except json.JSONDecodeError as fault:
        raise _broken(file, fault.lineno, fault.msg) from fault
    except (ValueError, KeyError, TypeError) as fault:
        raise _broken(file, 0, f"{type(fault).__name__}: {fault}") from fault
    check(draft, file)
    return draft


def check(draft: Draft, file: str = "") -> None:
    """Read the draft as it will be read from the database; raises Permanent("import-broken") where that fails."""
    try:
        version_from(0, draft.code, draft.name, draft.field, draft.ministry, draft.decision, None, None, draft.body)
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise _broken(file or draft.code, 0, f"{type(fault).__name__}: {fault}") from fault


def _broken(name: str, line: int, what: str) -> Permanent:
    where = f"{name} line {line}" if line else name
    return Permanent(
        "import-broken",
        f"{where}: {what}.",
        mend="Correct it and import again; the catalogue in force is unchanged.",
        file=name,
        line=line,
    )


@cache
def drafts() -> tuple[Draft, ...]:
    """Everything in the package; a curated file takes the place of its row."""
    curated = [read_curated(path.read_text(encoding="utf-8"), path.name) for path in sorted(CURATED.glob("*.json"))]
    detailed = {draft.code for draft in curated}
    with CATALOGUE.open(encoding="utf-8", newline="") as lines:
        rows = [draft for draft in read_rows(lines, CATALOGUE.name) if draft.code not in detailed]
    return tuple(sorted([*rows, *curated], key=lambda draft: draft.code))
