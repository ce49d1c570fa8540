"""What `doctor` asks of the portal: that the log is followed, and that nothing waits for a person unseen."""

from datetime import timedelta

from motcua.identity import api as identity
from motcua.kernel.check import Check, Outcome
from motcua.kernel.clock import now
from motcua.nationalportal import queries

BEHIND = timedelta(hours=1)


def portal() -> Outcome:
    """The national portal is told of everything, and says so."""
    if not queries.configured():
        return Outcome(True, "no national portal is configured (MOTCUA_PORTAL_URL)")
    at = now()
    step = queries.in_step(scope=identity.SYSTEM, now=at)
    text = f"{step.told:,} told, {step.waiting:,} on their way, {step.refused:,} refused, {step.not_taken:,} not taken"
    if step.oldest_at is not None and at - step.oldest_at > BEHIND and step.said:
        return Outcome(False, f"{text}; silent: {step.said}", "See that MOTCUA_PORTAL_URL answers and a worker runs.")
    if step.refused or step.not_taken:
        return Outcome(False, text, "See `motcua portal refused` or the desk's page “Cổng quốc gia”.")
    return Outcome(True, text)


CHECKS: tuple[Check, ...] = (Check("portal", portal),)
