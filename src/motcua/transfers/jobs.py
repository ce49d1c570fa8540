"""What the worker does for dossiers that two nodes hold; nothing where this installation is no node."""

from collections.abc import Callable
from datetime import datetime

from motcua.kernel.job import Job
from motcua.transfers import actions, queries


def _at_a_node(act: Callable[[datetime], int]) -> Callable[[datetime], int]:
    return lambda now: act(now) if queries.here() else 0


JOBS = (
    Job("transfers: follow", 5, _at_a_node(lambda now: actions.follow_log(now=now))),
    Job("transfers: again", 60, _at_a_node(lambda now: actions.tell_again(now=now))),
    Job("transfers: seats", 600, _at_a_node(lambda now: actions.follow_seats(now=now))),
    Job("transfers: greet", 300, _at_a_node(lambda now: actions.greet_quiet(now=now))),
)
