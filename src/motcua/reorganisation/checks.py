"""What `doctor` asks of reorganisations: that nothing lies with an office that is gone unless a person is asked."""

from motcua.dossiers import api as dossiers
from motcua.kernel import clock
from motcua.kernel.check import Check, Outcome
from motcua.reorganisation import queries
from motcua.units import api as units


def left_behind() -> Outcome:
    """Open dossiers of offices that ended: each is on its way, or waits for a decision."""
    today = clock.today()
    ended = [a.id for a in units.directory().agencies() if a.valid_to is not None and a.valid_to < today]
    count = sum(found.count for found in dossiers.count_open(ended))
    under_way = [plan.name for plan in queries.plans() if plan.state in queries.UNDER_WAY]
    if under_way:
        return Outcome(True, f"plans under way: {', '.join(under_way)}; {count} dossiers still lie with old offices")
    waiting = queries.asked_about()
    if count > waiting:
        return Outcome(
            False,
            f"{count - waiting} open dossiers lie with offices that have ended, and nobody is asked about them",
            "Run `motcua worker`, which gathers them for a day after a plan; later by a plan of their own.",
        )
    return Outcome(True, f"{waiting} open dossiers of old offices wait for a person's decision")


CHECKS = (Check("reorganisation", left_behind),)
