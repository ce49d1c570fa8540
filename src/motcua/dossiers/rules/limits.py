"""The time limits that bind each actor, as dated rows with their source."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time

from motcua.kernel.law import Citation, Confidence, cite, decree61, decree297
from motcua.kernel.terms import Term, TermUnit


@dataclass(frozen=True, slots=True)
class Limit:
    """Thời hạn: how long somebody has for one act, since when this rule holds, and where it is written."""

    name: str
    term: Term
    valid_from: date
    source: Citation


LIMITS: Mapping[str, Limit] = {
    limit.name: limit
    for limit in (
        # An online dossier is acknowledged, or its mending asked for, within eight working hours.
        Limit("answer_filing", Term(8, TermUnit.HOURS), date(2025, 7, 1), cite("Nghị định 105/2025/NĐ-CP", "Điều 10")),
        # The official is alerted of a new online dossier within two working hours.
        Limit("look_at_filing", Term(2, TermUnit.HOURS), date(2025, 11, 17), decree297("Điều 6 khoản 4")),
        # The applicant has fifteen working days to complete; then the dossier is closed.
        Limit("complete", Term(15, TermUnit.WORKING_DAYS), date(2025, 11, 17), decree297("Điều 6 khoản 4 điểm a")),
        # Completion may be asked for within three working days of receipt.
        Limit("ask_for_completion", Term(3, TermUnit.WORKING_DAYS), date(2018, 6, 21), decree61("Điều 19 khoản 4")),
        # A consulted agency's own deadline, where the question names none.
        Limit("answer_consultation", Term(3, TermUnit.WORKING_DAYS), date(2018, 6, 21),
              decree61("Điều 19 khoản 5", Confidence.ASSUMED)),
        # Apology and new date: at the latest one day before due.
        Limit("extend_before_due", Term(1, TermUnit.WORKING_DAYS), date(2018, 6, 21), decree61("Điều 19 khoản 9")),
        # A fee that must be paid first is waited for as long as papers are.
        Limit("pay_fee", Term(15, TermUnit.WORKING_DAYS), date(2025, 11, 17),
              decree297("Điều 6 khoản 4 điểm a", Confidence.ASSUMED)),
        # The office looks again at a financial duty that nobody has reported done.
        Limit("look_at_duty", Term(30, TermUnit.DAYS), date(2018, 6, 21),
              decree61("Điều 19", Confidence.ASSUMED)),
        # A handler is reminded this long before the result is due.
        Limit("warn_before_due", Term(1, TermUnit.WORKING_DAYS), date(2018, 6, 21),
              decree61("Điều 19 khoản 9", Confidence.ASSUMED)),
    )
}  # fmt: skip

# Received by this hour, a dossier is handed over the same day; later, at the start of the next working day.
HAND_OVER_SAME_DAY_UNTIL = time(15, 0)
HAND_OVER_SOURCE = decree61("Điều 18")
