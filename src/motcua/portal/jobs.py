"""What the worker does for the portal: forget the drafts and sessions that nobody has come back to."""

from datetime import datetime

from django.contrib.sessions.models import Session

from motcua.kernel.job import Job
from motcua.portal import actions


def _forget(now: datetime) -> int:
    return actions.forget_expired(now=now)


def _end_sessions(now: datetime) -> int:
    deleted, _each = Session.objects.filter(expire_date__lt=now).delete()
    return deleted


JOBS = (Job("forget-drafts", 3600, _forget), Job("end-sessions", 600, _end_sessions))
