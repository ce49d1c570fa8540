"""What the worker does for the exchange: each partner is served by a thread of its own.

A partner that is slow, away or in a storm of failures costs the others nothing, and the worker's other jobs nothing.
"""

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from motcua.exchange import actions, alarms, calls, nodes
from motcua.exchange.alarm_line import AlarmLine
from motcua.exchange.carriers import Here, Https
from motcua.exchange.connector import Connector
from motcua.exchange.node_line import NodeLine
from motcua.exchange.receiving import Handlers
from motcua.exchange.rules.delivery import Policy
from motcua.exchange.rules.seats import Transport
from motcua.exchange.trunk_line import TrunkLine, joined, read_on, take_envelopes, take_receipts
from motcua.kernel import clock
from motcua.kernel.errors import Failure
from motcua.kernel.job import Job

log = logging.getLogger(__name__)
AT_HOME = Policy(pace=1e6)
BETWEEN_NODES = Policy(pace=5000)
CALLED = (Transport.PUSH, Transport.NATS)  # over HTTPS, by whoever isn't on the trunk
TURN = 5.0  # seconds after which a thread returns, so that a worker that is asked to end does so soon


@dataclass(frozen=True, slots=True)
class Way:
    """A partner that is delivered to: how, and how gently."""

    connector: Connector
    policy: Policy = Policy()  # noqa: RUF009 - frozen


def delivery(ways: Callable[[], Sequence[Way]]) -> Job:
    """The job that delivers along these ways; `ways` is asked at each turn, because it may follow a table."""
    threads: dict[str, ThreadPoolExecutor] = {}
    running: dict[str, Future[None]] = {}

    def run(now: datetime) -> int:
        for way in ways():
            partner = way.connector.partner
            last = running.get(partner)
            if last is None or last.done():
                thread = threads.setdefault(partner, ThreadPoolExecutor(1, f"exchange-{partner}"))
                running[partner] = thread.submit(serve, way)
        return 0

    return Job("exchange", 1, run)


def serve(way: Way) -> None:
    """Deliver to one partner until nothing is due, or this turn is over."""
    from django.db import close_old_connections

    until = time.monotonic() + TURN
    try:
        close_old_connections()
        while time.monotonic() < until and actions.dispatch(
            connector=way.connector, policy=way.policy, now=clock.now()
        ):
            pass
    except Exception:
        log.exception("exchange: the line to %s stopped and is taken up again", way.connector.partner)


def node_ways(handlers: Handlers) -> tuple[Way, ...]:
    """The ways to the nodes of the directory that this node delivers to."""
    here = nodes.here()
    if not here:
        return ()
    found = []
    known = nodes.read_map().nodes
    me = known.get(here)
    for node in known.values():
        if node.name == here:
            found.append(Way(NodeLine(node, Here(handlers)), AT_HOME))
        elif node.transport is Transport.NATS and me and me.transport is Transport.NATS:
            found.append(Way(TrunkLine(node, joined(here, me.trunk)), BETWEEN_NODES))
        elif node.transport in CALLED and node.site:
            found.append(Way(NodeLine(node, Https(node)), BETWEEN_NODES))
    return tuple(found)


def alarm_ways() -> tuple[Way, ...]:
    """The way to whoever listens to alarms, if anybody does."""
    return (Way(AlarmLine(settings.ALARMS_URL)),) if settings.ALARMS_URL else ()


def _watch(now: datetime) -> int:
    changed = alarms.watch(now=now)
    for row in changed:
        log.warning("exchange: %s: %s %s", row.partner, row.alarm, "is over" if row.until else "since now")
    return len(changed)


def on_trunk(handlers: Handlers) -> Job:
    """The job of a node on the trunk: one thread reads receipts, one envelopes, so that no receipt waits."""
    threads = ThreadPoolExecutor(2, "exchange-trunk")
    running: dict[str, Future[None]] = {}

    def run(now: datetime) -> int:
        here = nodes.here()
        me = nodes.read_map().nodes.get(here) if here else None
        if me is None or me.transport is not Transport.NATS:
            return 0
        trunk = joined(here, me.trunk)
        reading: dict[str, Callable[[float], int]] = {
            "receipts": lambda wait: take_receipts(trunk, now=clock.now, wait=wait),
            "envelopes": lambda wait: take_envelopes(trunk, handlers=handlers, now=clock.now, wait=wait),
        }
        for name, act in reading.items():
            if name not in running or running[name].done():
                running[name] = threads.submit(read_on, act, TURN)
        return 0

    return Job("exchange: trunk", 1, run)


def fetching(handlers: Handlers) -> Job:
    """The job of a node that can't be reached from outside: ask those that keep something for it."""

    def run(now: datetime) -> int:
        here = nodes.here()
        known = nodes.read_map() if here else None
        me = known.nodes.get(here) if known else None
        if known is None or me is None or me.transport is not Transport.PULL:
            return 0
        count = 0
        for node in known.nodes.values():
            if node.name != here and node.transport in CALLED and node.site:
                try:
                    count += calls.fetch(node=node, handlers=handlers, now=now)
                except Failure as failure:
                    log.warning("exchange: could not fetch from %s: %s", node.name, failure.problem)
        return count

    return Job("exchange: fetch", 5, run)


JOBS = (Job("exchange: watch", 60, _watch),)
