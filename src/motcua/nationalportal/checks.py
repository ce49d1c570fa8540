"""What `doctor` asks of the portal: that the log is followed, and that nothing waits for a person unseen."""

from motcua.identity import api as identity
from motcua.kernel.check import Check, Outcome
from motcua.kernel.clock import now
from motcua.nationalportal import queries


def portal() -> Outcome:
    """The national portal is told of everything, and says so."""
    if not queries.configured():
        return Outcome(True, "no national portal is configured (MOTCUA_PORTAL_URL)")
    step = queries.in_step(scope=identity.SYSTEM)
    text = f"{step.told:,} told, {step.waiting:,} on their way, {step.refused:,} refused, {step.not_taken:,} not taken"
    if queries.away(now=now()):
        return Outcome(False, f"{text}; silent: {step.said}", "See that MOTCUA_PORTAL_URL answers and a worker runs.")
    if step.refused or step.not_taken:
        return Outcome(False, text, "See `motcua portal refused` or the desk's page “Cổng quốc gia”.")
    return Outcome(True, text)


CHECKS: tuple[Check, ...] = (Check("portal", portal),)
