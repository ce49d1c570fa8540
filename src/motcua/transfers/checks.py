"""What `doctor` asks of transfers: that everything could be told, and that the other nodes can be heard."""

from motcua.exchange import api as exchange
from motcua.kernel.calendar import national
from motcua.kernel.check import Check, Outcome
from motcua.kernel.clock import day_of, now
from motcua.transfers import models, queries
from motcua.transfers.rules import silent


def transfers() -> Outcome:
    """Other nodes are told what happens to the dossiers that they share with us, and answer."""
    if not queries.here():
        return Outcome(True, "this installation is no node (MOTCUA_NODE)")
    shared = models.Transfer.objects.filter(is_open=True)
    untold = models.Transfer.objects.exclude(problem="").count()
    nodes = set(shared.values_list("node", flat=True))
    heard, at = queries.heard(nodes, exchange.read_map()), now()
    quiet = [n for n in sorted(nodes) if silent(heard.get(n), on=day_of(at), now=at, calendar=national())]
    text = f"{shared.count():,} open dossiers shared, {untold:,} not told, silent: {', '.join(quiet) or 'nobody'}"
    if untold or quiet:
        return Outcome(False, text, "See `motcua transfers`, `motcua exchange lines` and `motcua exchange dead`.")
    return Outcome(True, text)


CHECKS: tuple[Check, ...] = (Check("transfers", transfers),)
