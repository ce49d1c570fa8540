"""What the worker does for the portal and the ministries' systems; nothing where none is configured.

Delivering is the exchange's: `ways` names the portal to it.
"""

from collections.abc import Callable
from datetime import datetime

from motcua.exchange import api as exchange
from motcua.kernel.job import Job
from motcua.nationalportal import actions, queries


def ways() -> tuple[exchange.Way, ...]:
    """The way to the national portal, if there is one."""
    return (exchange.Way(queries.connector(), actions.POLICY),) if queries.configured() else ()


def _follow(now: datetime) -> int:
    return actions.follow_log(now=now)


def _arrivals(now: datetime) -> int:
    return actions.take_arrivals(now=now)


def _reconcile(now: datetime) -> int:
    return actions.reconcile_daily(now=now)


def _where_there_is_a_portal(act: Callable[[datetime], int]) -> Callable[[datetime], int]:
    return lambda now: act(now) if queries.configured() else 0


JOBS = (
    Job("portal-follow", 5, _where_there_is_a_portal(_follow)),
    Job("portal-arrivals", 60, _where_there_is_a_portal(_arrivals)),
    Job("ministries", 300, lambda now: actions.read_ministries(now=now)),
    Job("portal-reconcile", 1800, _where_there_is_a_portal(_reconcile)),
)
