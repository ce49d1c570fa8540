"""What the worker does for payments: it asks about every attempt that nobody told us the end of."""

from motcua.kernel.job import Job
from motcua.payments import actions

JOBS = (Job("payments", 5, lambda now: actions.ask_unanswered(now=now)),)
