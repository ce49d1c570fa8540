"""What the portal reckons with no database: what the identity app says, and of it what a form asks. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from motcua.kernel.law import Citation, Confidence, cite
from motcua.kernel.terms import Term, TermUnit
from motcua.screens.forms import Question, read_date


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


def known_values(questions: Sequence[Question], known: Mapping[str, str]) -> dict[str, str]:
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
