"""What a procedure is on a day: frozen values, read from the catalogue's JSON and never changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from fractions import Fraction
from typing import Any

from motcua.identity.rules import Role
from motcua.kernel.law import Citation, Confidence, cite
from motcua.kernel.terms import Term, TermUnit

COMMUNE, PROVINCE, CENTRAL, OTHER = "commune", "province", "central", "other"
LEVELS = (COMMUNE, PROVINCE, CENTRAL, OTHER)
CHANNELS = ("online", "direct", "post")

ASSUMED_FROM = date(2025, 7, 1)
"""The catalogue names the deciding act of each procedure but not its day: assumed in force since the reform."""


@dataclass(frozen=True, slots=True)
class Fee:
    """Phí, lệ phí: `amount` in whole đồng per `unit`; None where a province's council sets it."""

    name: str
    amount: int | None
    unit: str = ""
    note: str = ""
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Component:
    """Thành phần hồ sơ: a paper of the dossier, in the case that needs it ("" is every case).

    `shown` papers are only looked at and given back (giấy tờ xuất trình): they are never scanned or kept.
    """

    key: str
    name: str
    case: str = ""
    originals: int = 0
    copies: int = 0
    required: bool = False
    form_name: str = ""
    form_url: str = ""
    shown: bool = False


@dataclass(frozen=True, slots=True)
class CaseTerm:
    """A term that holds for one case and one channel ("" is any)."""

    term: Term
    case: str = ""
    channel: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """Kết quả: what the citizen receives, with its national code where there is one."""

    name: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class LegalBasis:
    """Căn cứ pháp lý as the portal lists it."""

    number: str
    title: str
    issued_on: date | None = None


@dataclass(frozen=True, slots=True)
class ProcessStep:
    """Bước của quy trình nội bộ: who does what, in how many working minutes; `made` by a rule of ours."""

    n: int
    role: Role
    title: str
    minutes: int
    made: bool = True

    @property
    def hours(self) -> Fraction:
        """Working hours, exact."""
        return Fraction(self.minutes, 60)


@dataclass(frozen=True, slots=True)
class Version:
    """A procedure (thủ tục hành chính) as it is in force from `valid_from` to `valid_to`, both included.

    `term` is None where the source states none that can be read: see `fallback_term`. `online` is "full",
    "partial" (with `partial_reason`) or "none". `cases` gives the name of each case (trường hợp) with papers or a
    term of its own. `curated` says that a person has read the whole source text.
    """

    id: int
    code: str
    name: str
    field: str
    ministry: str
    levels: frozenset[str]
    channels: tuple[str, ...]
    online: str
    partial_reason: str
    term: Term | None
    terms: tuple[CaseTerm, ...]
    terms_note: str
    fees: tuple[Fee, ...]
    fees_note: str
    components: tuple[Component, ...]
    cases: Mapping[str, str]
    conditions: tuple[str, ...]
    results: tuple[Result, ...]
    legal_bases: tuple[LegalBasis, ...]
    applicants: tuple[str, ...]
    authority: str
    receiver: str
    schema: Mapping[str, Any]
    schema_key: str
    steps: tuple[ProcessStep, ...]
    boundary_free: bool
    curated: bool
    valid_from: date | None
    valid_to: date | None
    dates_assumed: bool
    source: Citation
    source_url: str

    def in_force(self, on: date) -> bool:
        """Is this the version in force on the day?"""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)

    def term_for(self, case: str = "", channel: str = "") -> Term | None:
        """The term of the case and channel; the general one where the case has none of its own."""
        if not self.terms:
            return self.term
        fitting = [t for t in self.terms if t.case in ("", case) and t.channel in ("", channel)]
        if not fitting:
            return self.term
        return max(fitting, key=lambda t: (t.case == case != "", t.channel == channel != "")).term


@dataclass(frozen=True, slots=True)
class Hit:
    """A procedure found from words; the higher the score the better it fits."""

    version: Version
    score: float


def term_from(data: Mapping[str, Any] | None) -> Term | None:
    """Read {"value": 3, "unit": "working_days", "cut_off": "15:00"}; raises ValueError on anything else."""
    if data is None:
        return None
    unknown = set(data) - {"value", "unit", "cut_off", "note", "case", "channel"}
    if unknown:
        raise ValueError(f"a term has no {sorted(unknown)}")
    value, unit, cut_off = data["value"], TermUnit(data["unit"]), data.get("cut_off")
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ValueError(f"a term can't be {value!r}")
    return Term(value, unit, time.fromisoformat(cut_off) if cut_off else None)


def term_to(term: Term | None) -> dict[str, Any] | None:
    """The JSON that `term_from` reads."""
    if term is None:
        return None
    written: dict[str, Any] = {"value": term.value, "unit": str(term.unit)}
    if term.cut_off:
        written["cut_off"] = f"{term.cut_off:%H:%M}"
    return written


_UNITS = {"working_days": "ngày làm việc", "days": "ngày", "hours": "giờ làm việc", "months": "tháng"}


def spell(term: Term) -> str:
    """The term in Vietnamese: "3 ngày làm việc", "trong ngày (nhận sau 15:00 thì trong ngày làm việc tiếp theo)"."""
    after = f" (nhận sau {term.cut_off:%H:%M} thì tính từ ngày làm việc tiếp theo)" if term.cut_off else ""
    if term.value == 0:
        return "trong ngày" + after.replace("tính từ", "trong")
    return f"{term.value:g}".replace(".", ",") + f" {_UNITS[term.unit]}{after}"


def source_of(decision: str) -> Citation:
    """The national decision that published the procedure (quyết định công bố)."""
    return cite(f"Quyết định {decision}", confidence=Confidence.PRACTICE)
