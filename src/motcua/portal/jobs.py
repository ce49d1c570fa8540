"""What the worker does for the portal: forget the drafts that nobody has come back to."""

from datetime import datetime

from motcua.kernel.job import Job
from motcua.portal import actions


def _forget(now: datetime) -> int:
    return actions.forget_expired(now=now)


JOBS = (Job("forget-drafts", 3600, _forget),)
