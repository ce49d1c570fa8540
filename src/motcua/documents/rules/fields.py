"""Fields as senders write them: dates in several forms, document numbers, identifiers of organisations, file names."""

import re
from datetime import UTC, date, datetime, timedelta

from motcua.documents.rules.values import Reference
from motcua.kernel.clock import VIETNAM
from motcua.kernel.text import fold

ORGAN = re.compile(r"[A-Z0-9]+(\.[A-Z0-9]+)*", re.ASCII)
LONGEST_ORGAN = 35  # Quyết định 20/2020/QĐ-TTg, Điều 4
NUMBER = re.compile(r"\d{1,8}[a-zA-Z]?")
NOTATION = re.compile(r"[^\W_][\w.&/-]{0,79}")
YEAR_FIRST = re.compile(r"(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})(?:\D.*)?", re.DOTALL)
DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:\D.*)?", re.DOTALL)
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
MILLISECONDS = re.compile(r"\d{12,13}")
CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
ZONE = re.compile(r"(Z|[+-]\d{2}:?\d{2})$")
FIRST_YEAR, LAST_YEAR = 1945, 2100
MIDNIGHT = datetime(1970, 1, 1, tzinfo=UTC)

FILE_NAME_LENGTH = 50  # Quyết định 161/2025/QĐ-UBND tỉnh Ninh Bình; a rule of one province that is good everywhere
PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._()-]*", re.ASCII)
NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"|?*\u202a-\u202e\u2066-\u2069]')
DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))})


def read_organ(text: str) -> str | None:
    """An identifier in either form, in capitals; None if it can't be one."""
    code = "".join(text.split()).upper()
    return code if len(code) <= LONGEST_ORGAN and ORGAN.fullmatch(code) else None


def read_day(text: str) -> date | None:
    """A day written yyyy/MM/dd, dd/MM/yyyy, ISO with or without a time, yyyyMMdd or in milliseconds; None if none."""
    text = text.strip()
    if MILLISECONDS.fullmatch(text):
        day = (MIDNIGHT + timedelta(milliseconds=int(text))).astimezone(VIETNAM).date()
        return day if FIRST_YEAR <= day.year <= LAST_YEAR else None
    if found := YEAR_FIRST.fullmatch(text) or COMPACT.fullmatch(text):
        year, month, day_ = map(int, found.groups())
    elif found := DAY_FIRST.fullmatch(text):
        day_, month, year = map(int, found.groups())
    else:
        return None
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        return date(year, month, day_)
    except ValueError:
        return None


def read_moment(text: str) -> datetime | None:
    """A moment in one of the forms of a day with a time after it; without an offset a Vietnamese wall clock."""
    text = text.strip()
    if MILLISECONDS.fullmatch(text):
        return MIDNIGHT + timedelta(milliseconds=int(text)) if read_day(text) else None
    day = read_day(text)
    if day is None:
        return None
    found = CLOCK.search(text)
    try:
        hour, minute, second = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
        zone = ZONE.search(text) if found else None
        if zone:
            offset = "+00:00" if zone[1] == "Z" else zone[1]
            aware = datetime.fromisoformat(f"{day}T{hour:02}:{minute:02}:{second:02}{offset}")
        else:
            aware = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=VIETNAM)
    except ValueError:
        return None
    return aware.astimezone(UTC)


def read_reference(text: str) -> Reference | None:
    """A document's identifier: office, day, number; None if it doesn't say which document is meant."""
    parts = [part.strip() for part in text.split(",", 2)]
    if len(parts) != 3:
        return None
    organ = read_organ(parts[0])
    code = "".join(parts[2].split())
    if organ is None or not code or len(code) > 100:
        return None
    day = read_day(parts[1])
    return Reference(organ, day, code) if day else None


def split_code(code: str) -> tuple[str, str]:
    """Số and ký hiệu of "7816/VPCP-TTĐT"; a notation may have strokes of its own."""
    number, _, notation = code.partition("/")
    return number.strip(), notation.strip()


def same_code(one: str, other: str) -> bool:
    """Whether two spellings mean the same number: noughts in front, case and spaces say nothing."""
    (number, notation), (number2, notation2) = split_code(one), split_code(other)
    return number.lstrip("0").casefold() == number2.lstrip("0").casefold() and fold(notation) == fold(notation2)


def name_fault(name: str) -> str:
    """Why a file can't be called so, by the fault's name; "" if it can."""
    if not name or name in (".", "..") or len(name) > 255:
        return "file-name-malformed"
    if "/" in name or "\\" in name or name.startswith("~") or re.match(r"[A-Za-z]:", name):
        return "file-name-path"
    if NOT_IN_NAMES.search(name) or name != name.strip() or name.endswith("."):
        return "file-name-malformed"
    return "file-name-malformed" if name.split(".")[0].casefold() in DEVICES else ""


def is_plain(name: str) -> bool:
    """At most 50 characters, without marks or special characters."""
    return len(name) <= FILE_NAME_LENGTH and PLAIN_NAME.fullmatch(name) is not None


def plain_name(name: str) -> str:
    """The same name as the rule wants it: no marks, no special characters, at most 50 characters."""
    stem, dot, ending = name.rpartition(".")
    if not dot:
        stem, ending = name, ""
    bare = re.sub(r"[^a-z0-9]+", "-", fold(stem)).strip("-") or "tep"
    end = "." + re.sub(r"[^a-z0-9]", "", fold(ending))[:8] if ending else ""
    return bare[: FILE_NAME_LENGTH - len(end)].rstrip("-") + end
