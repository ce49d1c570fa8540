"""Which statutory forms there are, which of them a dossier's log calls for, and how their words are put. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

from motcua.kernel import clock
from motcua.kernel.law import Citation, Confidence, cite


class Issuer(StrEnum):
    """Which of the dossier's agencies puts its head and number on a form."""

    RECEPTION = "reception"  # cơ quan tiếp nhận
    RESOLVING = "resolving"  # cơ quan giải quyết


@dataclass(frozen=True, slots=True)
class Form:
    """One row of annex I: its title, the letters after its number, and which steps call for it, each with its issuer.

    `centre`: the letters of the centre (TTPVHCC) or of the one-stop unit (BPTNTKQ) follow. A form about the `whole`
    dossier is always there. `applicants`: the applicant gets it.
    """

    number: str
    title: str
    notation: str
    centre: bool
    steps: Mapping[str, Issuer]
    source: Citation
    whole: bool = False
    applicants: bool = True


def _form(number: str, confidence: Confidence = Confidence.TEXT) -> Citation:
    return cite("Thông tư 03/2025/TT-VPCP", f"Mẫu số {number}", confidence)


_RECEPTION, _RESOLVING = Issuer.RECEPTION, Issuer.RESOLVING

FORMS: tuple[Form, ...] = (
    # A completed dossier's term begins anew, and with it comes a new appointment.
    Form("01", "Giấy tiếp nhận hồ sơ và hẹn trả kết quả", "TNHS", True,
         {"file_counter": _RECEPTION, "accept": _RECEPTION, "complete": _RECEPTION}, _form("01")),
    Form("02", "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ", "PBS", True,
         {"ask_for_papers": _RECEPTION, "ask_for_completion": _RECEPTION}, _form("02")),
    Form("03", "Phiếu từ chối tiếp nhận giải quyết hồ sơ", "PTC", True, {"refuse": _RECEPTION}, _form("03")),
    Form("04", "Phiếu xin lỗi và đề nghị gia hạn thời gian giải quyết", "PXL", False, {"extend": _RESOLVING},
         _form("04")),
    # Its layout was not found: head and letters are those of a notice (thông báo) in Nghị định 30/2020/NĐ-CP.
    Form("05", "Thông báo dừng giải quyết hồ sơ", "TB", True, {"withdraw": _RECEPTION, "stop": _RESOLVING},
         _form("05", Confidence.ASSUMED)),
    Form("06", "Phiếu kiểm soát quá trình giải quyết hồ sơ", "PKS", True, {}, _form("06"), whole=True,
         applicants=False),
)  # fmt: skip
BOOK = Form("07", "Sổ theo dõi hồ sơ", "STD", True, {}, _form("07"), applicants=False)

FORM: Mapping[str, Form] = {form.number: form for form in FORMS}
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
    issuer: Issuer = Issuer.RECEPTION
    provisional: bool = False


def forms_of(log: Sequence[Row], *, own: bool) -> list[Due]:
    """All forms of a dossier by number, and of one form the oldest first; the applicant gets those meant for them."""
    found = []
    for form in FORMS:
        if own and not form.applicants:
            continue
        made = [Due(form.number, row.n, row.at, form.steps[row.step]) for row in log if row.step in form.steps]
        if form.number == "01" and not made:
            made = [Due("01", log[0].n, log[0].at, provisional=True)]
        if form.whole:
            made = [Due(form.number, WHOLE, log[0].at)]
        found += made
    return found


class Passed(Row, Protocol):
    """What the control slip reads of a row of the log."""

    @property
    def state(self) -> str: ...
    @property
    def holder(self) -> int | None: ...
    @property
    def position(self) -> int | None: ...
    @property
    def act_by(self) -> datetime | None: ...


class Kept(StrEnum):
    """Kết quả: how the giver kept its time. The words are those of form 06."""

    EARLY = "Trước hạn"
    IN_TIME = "Đúng hạn"
    LATE = "Quá hạn"
    NOT_COUNTED = "–"


@dataclass(frozen=True, slots=True)
class Hop:
    """Một lần giao nhận: from whose hands into whose, when, and whether in time. No agency: the applicant."""

    step: str
    at: datetime
    giver: int | None
    giver_position: int | None
    receiver: int | None
    receiver_position: int | None
    kept: Kept


def hops(log: Sequence[Passed], *, passing: Collection[str], awaiting: Collection[str]) -> list[Hop]:
    """Each time that the dossier went from one desk to another.

    `passing` are the steps that do so, `awaiting` the states in which the applicant is to act. Who received is whoever
    acts next where the dossier then lies. What an applicant hands in has no limit.
    """
    made = []
    for i, row in enumerate(log):
        if row.step not in passing:
            continue
        before = log[i - 1] if i else None
        from_applicant = before is None or before.state in awaiting
        to_applicant = row.holder is None or row.state in awaiting
        receiver_position = next((r.position for r in log[i + 1 :] if r.step in passing), None)
        made.append(
            Hop(
                step=row.step,
                at=row.at,
                giver=None if from_applicant or before is None else before.holder,
                giver_position=None if from_applicant else row.position,
                receiver=None if to_applicant else row.holder,
                receiver_position=None if to_applicant else receiver_position if i else row.position,
                kept=Kept.NOT_COUNTED if from_applicant or before is None else kept(row.at, before.act_by),
            )
        )
    return made


def kept(at: datetime, limit: datetime | None) -> Kept:
    """Late after the limit; in time on its day; early before that day."""
    if limit is None:
        return Kept.NOT_COUNTED
    if at > limit:
        return Kept.LATE
    return Kept.IN_TIME if clock.day_of(at) == clock.day_of(limit) else Kept.EARLY


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


def short_moment(at: datetime | None) -> str:
    """ "08:05 07/02/2026"; "" for none."""
    return f"{clock.local(at):%H:%M %d/%m/%Y}" if at else ""


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


def known(data: Mapping[str, Any], *names: str) -> str:
    """The first of these that the dossier says something about, on one line."""
    return next((" ".join(str(data[name]).split()) for name in names if data.get(name)), "")


DELIVERIES = {"counter": "tại nơi tiếp nhận", "post": "qua bưu chính", "online": "trực tuyến"}
"""Phương thức nhận kết quả, as the book says it."""


def proxy_line(applicant: Mapping[str, Any]) -> str:
    """Who handed it in for the applicant, with number, address, phone and document; "" for who came in person."""
    proxy = applicant.get("proxy") or {}
    said = (
        ("", "name"), ("số định danh ", "number"), ("địa chỉ ", "address"), ("điện thoại ", "phone"),
        ("văn bản ủy quyền: ", "document"),
    )  # fmt: skip
    return "; ".join(before + known(proxy, name) for before, name in said if known(proxy, name))


def delivery_line(applicant: Mapping[str, Any], reception: str) -> str:
    """Where, and how, the applicant asked for the result: what follows on "Đăng ký nhận kết quả tại"."""
    how = known(applicant, "delivery")
    if how == "post":
        place = known(applicant, "delivery_place", "address")
        return f"{place} (qua bưu chính)" if place else "địa chỉ của người nộp (qua bưu chính)"
    if how == "online":
        return "tài khoản của người nộp (trực tuyến)"
    return reception
