"""What the worker does with plans: publish what is scheduled at its moment, carry on what was begun, gather strays."""

from motcua.kernel.job import Job
from motcua.reorganisation import actions

JOBS = (
    Job("reorganise", 2, lambda now: actions.publish_scheduled(now=now) + actions.carry_on(now=now)),
    Job("reorganise-strays", 60, lambda now: actions.pass_on_strays(now=now)),
)
