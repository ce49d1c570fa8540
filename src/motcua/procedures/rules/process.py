"""The internal process (quy trình nội bộ) that is made where no province's own is on record.

A day counts 8 working hours ("tính mỗi ngày 08 giờ làm việc"), and the time of the steps adds up exactly to the
term; returning the result takes none of it ("không tính thời gian").
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import time
from functools import cache

from motcua.identity.rules import Role
from motcua.kernel.law import Citation, Confidence
from motcua.kernel.terms import Term, TermUnit
from motcua.procedures.rules.versions import ProcessStep

DAY = 8 * 60  # working minutes

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


LONGEST_PROCESS = 20
STEP_ROLES = (Role.RECEPTION, Role.HANDLER, Role.APPROVER, Role.SIGNATORY)


@dataclass(frozen=True, slots=True)
class ProcessFault:
    """What is wrong with a process: at which step (from 1; 0 for the whole), in which field, and what it is about."""

    n: int
    field: str
    kind: str
    given: str = ""


def check_process(steps: Sequence[ProcessStep], term: Term) -> tuple[ProcessFault, ...]:
    """Why these steps can't be the process of a procedure with this term; () when they can.

    It begins with reception and ends with reception giving the result back, which takes no time; between them every
    step takes some, and all together take exactly the term in working minutes.
    """
    if len(steps) < 2:
        return (ProcessFault(0, "", "process-too-short"),)
    if len(steps) > LONGEST_PROCESS:
        return (ProcessFault(0, "", "process-too-long", str(LONGEST_PROCESS)),)
    faults = []
    for step in steps:
        if step.role not in STEP_ROLES:
            faults.append(ProcessFault(step.n, "role", "step-role"))
        if not 1 <= len(step.title.strip()) <= 200:
            faults.append(ProcessFault(step.n, "title", "step-title"))
        if step.n < len(steps) and step.minutes <= 0:
            faults.append(ProcessFault(step.n, "minutes", "step-without-time"))
    last = steps[-1]
    if steps[0].role is not Role.RECEPTION:
        faults.append(ProcessFault(steps[0].n, "role", "first-step"))
    if last.role is not Role.RECEPTION:
        faults.append(ProcessFault(last.n, "role", "last-step"))
    if last.minutes != 0:
        faults.append(ProcessFault(last.n, "minutes", "return-takes-time"))
    return (*faults, *_off(steps, budget(term)))


def _off(steps: Sequence[ProcessStep], allowed: int) -> Iterator[ProcessFault]:
    """By how much the steps miss the term: at the step that goes past it, or at the last one that takes time."""
    total = sum(step.minutes for step in steps)
    if total > allowed:
        spent = 0
        for step in steps:
            spent += step.minutes
            if spent > allowed:
                yield ProcessFault(step.n, "minutes", "process-too-much", str(total - allowed))
                return
    elif total < allowed:
        timed = [step for step in steps[:-1] if step.minutes > 0] or steps[:1]
        yield ProcessFault(timed[-1].n, "minutes", "process-too-little", str(allowed - total))


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
