"""What the worker does for the exchange: each partner is served by a thread of its own.

A partner that is slow, away or in a storm of failures costs the others nothing, and the worker's other jobs nothing.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.conf import settings

from motcua.exchange import actions, alarms, bell, calls, directory, keeping, nodes
from motcua.exchange.alarm_line import AlarmLine
from motcua.exchange.bell import BELL, LOOK
from motcua.exchange.carriers import Here, Https
from motcua.exchange.connector import Connector
from motcua.exchange.node_line import NodeLine
from motcua.exchange.receiving import Handlers
from motcua.exchange.rules.delivery import Policy
from motcua.exchange.rules.seats import Transport
from motcua.exchange.trunk_line import TrunkLine, joined, take_envelopes, take_receipts
from motcua.kernel import clock
from motcua.kernel.errors import Failure
from motcua.kernel.job import Job

log = logging.getLogger(__name__)
AT_HOME = Policy(pace=1e6)
BETWEEN_NODES = Policy(pace=5000)
CALLED = (Transport.PUSH, Transport.NATS)  # over HTTPS, by whoever isn't on the trunk
LANES = 2  # to a node: while one waits for the other side, the next batch goes
MORE = "more"
TURN = 5.0  # seconds after which a thread makes sure of its connection


@dataclass(frozen=True, slots=True)
class Way:
    """A partner that is delivered to: how, how gently, and by how many at once."""

    connector: Connector
    policy: Policy = Policy()  # noqa: RUF009 - frozen
    lanes: int = 1


class Standing:
    """Threads that go on while the worker does, each doing its act again and again."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._acts: dict[str, Callable[[], object]] = {}
        self._threads: dict[str, threading.Thread] = {}

    def keep(self, acts: Mapping[str, Callable[[], object]]) -> None:
        """From now on these. One whose act broke is taken up again here."""
        self._acts = dict(acts)
        for name in acts:
            if name not in self._threads or not self._threads[name].is_alive():
                self._threads[name] = threading.Thread(target=self._go_on, args=(name,), name=f"{self.name}-{name}")
                self._threads[name].start()

    def _go_on(self, name: str) -> None:
        from django.db import close_old_connections, connection

        looked = 0.0
        try:
            while threading.main_thread().is_alive() and (act := self._acts.get(name)):
                if time.monotonic() - looked > TURN:
                    close_old_connections()  # one that PostgreSQL has dropped is opened anew
                    looked = time.monotonic()
                act()
        except Exception:
            log.exception("%s: %s stopped and is taken up again", self.name, name)
        finally:
            connection.close()


def delivery(ways: Callable[[], Sequence[Way]]) -> Job:
    """The job that delivers along these ways; `ways` is asked at each turn, because it may follow a table."""
    standing = Standing("exchange")

    def run(now: datetime) -> int:
        acts = {
            f"{way.connector.partner}/{lane}": partial(serve, way, lane) for way in ways() for lane in range(way.lanes)
        }
        standing.keep({"bell": bell.listen, **acts} if acts else {})
        return 0

    return Job("exchange", 1, run)


def serve(way: Way, lane: int = 0) -> None:
    """Deliver a batch to a partner; where nothing is due, wait until somebody writes to it, a second at most.

    The lanes after the first wait until a batch was full: small ones, side by side, only cost more.
    """
    partner, now = way.connector.partner, clock.now()
    bell_of_lane = f"{partner} {MORE}" if lane else partner
    BELL.answer(bell_of_lane)
    taken = actions.claim(partner=partner, batch=way.connector.batch, policy=way.policy, now=now)
    if not taken.parcels:
        BELL.wait(bell_of_lane)
        return
    if len(taken.parcels) == way.connector.batch:
        BELL.ring(f"{partner} {MORE}")
    actions.deliver(taken=taken, connector=way.connector, policy=way.policy, now=now)


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
            found.append(Way(NodeLine(node, Here(handlers)), AT_HOME, LANES))
        elif node.transport is Transport.NATS and me and me.transport is Transport.NATS:
            found.append(Way(TrunkLine(node, joined(here, me.trunk)), BETWEEN_NODES, LANES))
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
    """The job of a node on the trunk: it reads receipts beside envelopes, so that no receipt waits."""
    standing = Standing("exchange-trunk")

    def run(now: datetime) -> int:
        here = nodes.here()
        me = nodes.read_map().nodes.get(here) if here else None
        if me is None or me.transport is not Transport.NATS:
            standing.keep({})
            return 0
        trunk = joined(here, me.trunk)
        reading = partial(take_envelopes, trunk, handlers=handlers, now=clock.now, wait=LOOK)
        standing.keep(
            {
                "receipts": partial(take_receipts, trunk, now=clock.now, wait=LOOK),
                **{f"envelopes/{lane}": reading for lane in range(LANES)},
            }
        )
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


JOBS = (
    Job("exchange: watch", 60, _watch),
    Job("exchange: directory", 60, lambda now: directory.publish_changed(now=now)),
    Job("exchange: keeping", 24 * 3600, lambda now: keeping.drop_contents(now=now)),
)
"""What needs nothing from above: raise alarms, publish a directory that changed, drop contents whose time is over."""
