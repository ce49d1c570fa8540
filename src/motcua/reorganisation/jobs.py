"""What the worker does with plans: publish at its moment, carry on, rehearse what was asked for, gather strays."""

from datetime import datetime

from motcua.kernel.job import Job
from motcua.reorganisation import actions, following


def _rehearse(now: datetime) -> int:
    from motcua.reorganisation import rehearsing  # only a worker that rehearses waits for it

    return rehearsing.rehearse_asked(now=now)


JOBS = (
    Job("reorganise", 2, lambda now: actions.publish_scheduled(now=now) + following.carry_on(now=now)),
    Job("reorganise-rehearse", 2, _rehearse),
    Job("reorganise-strays", 60, lambda now: following.pass_on_strays(now=now)),
)
