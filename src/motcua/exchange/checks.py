"""What `doctor` asks of the exchange: that no line calls for a person, and that this node stands in the directory."""

from motcua.exchange import alarms, nodes
from motcua.exchange.rules.seats import Transport
from motcua.kernel.check import Check, Outcome
from motcua.kernel.clock import local

SHOWN = 5


def lines() -> Outcome:
    """No line to a partner has an alarm that is on."""
    on = [row for row in alarms.alarms() if row.until is None]
    if not on:
        return Outcome(True, "no line to a partner has an alarm")
    told = [f"{row.partner} {row.alarm} since {local(row.since):%Y-%m-%d %H:%M}" for row in on[:SHOWN]]
    more = f" and {len(on) - SHOWN} more" if len(on) > SHOWN else ""
    return Outcome(False, f"{', '.join(told)}{more}", "See `motcua exchange lines` and `motcua exchange dead`.")


def node() -> Outcome:
    """This node stands in the directory of nodes, and says how it is reached."""
    here = nodes.here()
    if not here:
        return Outcome(True, "this installation is no node (MOTCUA_NODE)")
    me = nodes.read_map().nodes.get(here)
    if me is None:
        mend = "Put it there: `motcua exchange nodes` shows the directory, `motcua exchange set-nodes FILE` reads it."
        return Outcome(False, f"the directory of nodes doesn't name {here}", mend)
    by = f"the trunk at {', '.join(me.trunk)}" if me.transport is Transport.NATS else me.transport.value
    return Outcome(True, f"{here}, reached by {by}")


CHECKS: tuple[Check, ...] = (Check("lines", lines), Check("node", node))
