"""What `doctor` asks of payments: that no money is lost track of."""

from motcua.kernel.check import Check, Outcome
from motcua.kernel.clock import now
from motcua.payments import queries


def payments() -> Outcome:
    """Every attempt has its answer within an hour, and no money waits for a person."""
    unanswered, odd = queries.lost_sight_of(now())
    text = f"{unanswered:,} attempts without an answer for an hour, {odd:,} payments that need a person"
    if unanswered:
        return Outcome(False, text, "See that the gateway at MOTCUA_PAYMENTS_URL answers, and that a worker runs.")
    if odd:
        return Outcome(
            False,
            text,
            "See `motcua payments`; give back or ask the payer, then `motcua payments --settle ID --reason WORDS`.",
        )
    return Outcome(True, text)


CHECKS: tuple[Check, ...] = (Check("payments", payments),)
