"""What the worker does with dossiers, each claimed by row locks: two workers never do one thing twice."""

from motcua.dossiers import actions
from motcua.kernel.job import Job

JOBS = (
    Job("close", 60, lambda now: actions.close_overdue(now=now)),
    Job("warn", 60, lambda now: actions.warn_before_due(now=now)),
)
