"""What the worker does for the kernel: seal what was recorded since."""

from datetime import datetime

from motcua.kernel.job import Job
from motcua.kernel.journal import actions as journal


def _seal(now: datetime) -> int:
    made = journal.seal(now=now)
    return made.count if made else 0


JOBS = (Job("seal", 5, _seal),)
