"""Which statutory forms there are, which of them a dossier's log calls for, and how their words are put. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

from motcua.kernel import clock
from motcua.kernel.law import Citation, Confidence, cite

LAYOUT_ACT = "Thông tư 03/2025/TT-VPCP"


class Issuer(StrEnum):
    """Which of the dossier's agencies puts its head and number on a form."""

    RECEPTION = "reception"  # cơ quan tiếp nhận
    RESOLVING = "resolving"  # cơ quan giải quyết


@dataclass(frozen=True, slots=True)
class Form:
    """One row of annex I: its title, the letters after its number, who issues it, and which steps call for it.

    `centre` says that the notation goes on with the letters of the centre (TTPVHCC) or one-stop unit (BPTNTKQ).
    `applicants`: the applicant gets it.
    """

    number: str
    title: str
    notation: str
    centre: bool
    issuer: Issuer
    steps: frozenset[str]
    applicants: bool
    source: Citation


def _form(number: str, confidence: Confidence = Confidence.TEXT) -> Citation:
    return cite(LAYOUT_ACT, f"Mẫu số {number}", confidence)


FORMS: tuple[Form, ...] = (
    Form("01", "Giấy tiếp nhận hồ sơ và hẹn trả kết quả", "TNHS", True, Issuer.RECEPTION,
         frozenset({"file_counter", "accept", "complete"}), True, _form("01")),
    Form("02", "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ", "PBS", True, Issuer.RECEPTION,
         frozenset({"ask_for_papers", "ask_for_completion"}), True, _form("02")),
    Form("03", "Phiếu từ chối tiếp nhận giải quyết hồ sơ", "PTC", True, Issuer.RECEPTION,
         frozenset({"refuse"}), True, _form("03")),
    Form("04", "Phiếu xin lỗi và hẹn lại ngày trả kết quả", "PXL", False, Issuer.RESOLVING,
         frozenset({"extend"}), True, _form("04")),
    # Its layout was not found: the head and the letters of a notice (thông báo) after Nghị định 30/2020/NĐ-CP.
    Form("05", "Thông báo dừng giải quyết hồ sơ", "TB", True, Issuer.RECEPTION,
         frozenset({"withdraw", "stop"}), True, _form("05", Confidence.ASSUMED)),
    Form("06", "Phiếu kiểm soát quá trình giải quyết hồ sơ", "PKS", True, Issuer.RECEPTION, frozenset(), False,
         _form("06")),
)  # fmt: skip

FORM: Mapping[str, Form] = {form.number: form for form in FORMS}
BOOK_TITLE, BOOK_NOTATION, BOOK_SOURCE = "Sổ theo dõi hồ sơ", "STD", _form("07")
WHOLE = 0  # the row of the log that a form about the whole dossier stands for


class Row(Protocol):
    """What the rules read of a row of the log."""

    @property
    def n(self) -> int: ...
    @property
    def step(self) -> str: ...
    @property
    def at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Due:
    """A form that a dossier's log calls for: made from row `n`, of the moment `at`.

    `provisional`: the dossier is filed and nobody has accepted it, so that there is no number and no appointment yet.
    """

    form: str
    n: int
    at: datetime
    provisional: bool = False


def forms_of(log: Sequence[Row], *, own: bool) -> list[Due]:
    """All forms of a dossier by number, and of one form the oldest first; the applicant gets those meant for them."""
    found = []
    for form in FORMS:
        if own and not form.applicants:
            continue
        made = [Due(form.number, row.n, row.at) for row in log if row.step in form.steps]
        if form.number == "01" and not made:
            made = [Due("01", log[0].n, log[0].at, provisional=True)]
        found += [Due("06", WHOLE, log[0].at)] if form.number == "06" else made
    return found


def number_line(form: Form, number: int, *, centre: bool) -> str:
    """ "12/TNHS-TTPVHCC"."""
    return f"{number}/{notation(form.notation, form.centre, centre=centre)}"


def notation(letters: str, goes_on: bool, *, centre: bool) -> str:
    return f"{letters}-{'TTPVHCC' if centre else 'BPTNTKQ'}" if goes_on else letters


def long_day(on: date) -> str:
    """ "ngày 07 tháng 02 năm 2026": a nought before days below 10 and months below 3 (Nghị định 30/2020/NĐ-CP)."""
    return f"ngày {on.day:02d} tháng {f'{on.month:02d}' if on.month < 3 else on.month} năm {on.year}"


def long_moment(at: datetime) -> str:
    """ "08 giờ 05 phút, ngày 07 tháng 02 năm 2026", as the clocks in Viet Nam show it."""
    there = clock.local(at)
    return f"{there:%H} giờ {there:%M} phút, {long_day(there.date())}"


PAPER_FORMS = {"original": "bản chính", "copy": "bản sao", "electronic": "bản điện tử"}


def paper_line(name: str, form: str, quantity: int) -> str:
    """A paper as form 01 lists it."""
    return f"{name} ({PAPER_FORMS.get(form, form)}, số lượng: {quantity:02d})"


def points(reason: str) -> tuple[list[str], str]:
    """What is to be completed, point by point, and why: the lines of the reason, and what follows its first gap."""
    first, _, why = reason.strip().partition("\n\n")
    lines = [line.strip().lstrip("-–•*").strip() for line in first.splitlines()]
    return [line for line in lines if line], " ".join(why.split())


def spaced(secret: str) -> str:
    """ "ABCD 2345": the secret in fours, as it is read aloud."""
    return " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))


def years_of(dues: Iterable[Due]) -> Iterator[tuple[Due, int]]:
    """Each form with the year in Viet Nam whose row of numbers it belongs to."""
    for due in dues:
        yield due, clock.day_of(due.at).year


def known(data: Mapping[str, Any], *names: str) -> str:
    """The first of these that the dossier says something about, on one line."""
    return next((" ".join(str(data[name]).split()) for name in names if data.get(name)), "")
