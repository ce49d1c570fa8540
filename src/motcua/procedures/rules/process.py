"""The internal process (quy trình nội bộ) that is made where no province's own is on record.

A day counts 8 working hours ("tính mỗi ngày 08 giờ làm việc"), and the time of the steps adds up exactly to the
term; returning the result takes none of it ("không tính thời gian").
"""

from datetime import time
from functools import cache

from motcua.identity.rules import Role
from motcua.kernel.law import Citation, Confidence, cite
from motcua.kernel.terms import Term, TermUnit
from motcua.procedures.rules.versions import ProcessStep

DAY = 8 * 60  # working minutes

EIGHT_HOURS = cite("Quyết định 3857/QĐ-UBND Nghệ An", confidence=Confidence.PRACTICE)
MADE = Citation("motcua: quy trình mẫu, tỉnh thay bằng quy trình nội bộ của mình", "", Confidence.ASSUMED)

END_OF_DAY = time(17, 30)

TITLES: tuple[tuple[Role, str], ...] = (
    (Role.RECEPTION, "Tiếp nhận, kiểm tra, số hóa và chuyển hồ sơ"),
    (Role.HANDLER, "Thẩm định hồ sơ, dự thảo kết quả"),
    (Role.APPROVER, "Kiểm tra, duyệt dự thảo kết quả"),
    (Role.SIGNATORY, "Ký kết quả"),
    (Role.RECEPTION, "Trả kết quả (không tính thời gian)"),
)


def budget(term: Term) -> int:
    """Working minutes in a term.

    A term in calendar days is given the working days that it has at the least on average, five in seven, so that
    the steps never promise the office more time than the law does; a month counts 30 days. A term within the
    day has what is left of the day after its cut-off, the whole day without one.
    """
    if term.value == 0:
        if term.cut_off is None:
            return DAY
        return (END_OF_DAY.hour - term.cut_off.hour) * 60 + END_OF_DAY.minute - term.cut_off.minute
    if term.unit == TermUnit.WORKING_DAYS:
        return round(term.value * DAY)
    if term.unit == TermUnit.HOURS:
        return round(term.value * 60)
    days = term.value * (30 if term.unit == TermUnit.MONTHS else 1)
    return max(DAY, int(days * DAY * 5 / 7) // 60 * 60)


@cache
def made_steps(term: Term) -> tuple[ProcessStep, ...]:
    """The process for a term: an eighth each for reception (at most 4 hours), approval and signature (at most
    two days and one), the rest to the handler."""
    total = budget(term)
    eighth = total // 8
    reception, approval, signature = min(eighth, DAY // 2), min(eighth, 2 * DAY), min(eighth, DAY)
    minutes = (reception, total - reception - approval - signature, approval, signature, 0)
    return tuple(
        ProcessStep(n, role, title, spent)
        for n, ((role, title), spent) in enumerate(zip(TITLES, minutes, strict=True), 1)
    )


def shares(steps: tuple[ProcessStep, ...], term: Term) -> tuple[ProcessStep, ...]:
    """The same steps for another term (a province has shortened it), in the same proportions, adding up to it."""
    total, new = sum(step.minutes for step in steps), budget(term)
    if total == new or not steps:
        return steps
    if not total:
        return made_steps(term)
    minutes = [step.minutes * new // total for step in steps]
    longest = max(range(len(steps)), key=lambda i: steps[i].minutes)
    minutes[longest] += new - sum(minutes)
    return tuple(
        ProcessStep(step.n, step.role, step.title, spent, step.made) for step, spent in zip(steps, minutes, strict=True)
    )
