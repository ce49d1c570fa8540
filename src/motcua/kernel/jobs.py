"""What the worker does for the kernel: seal what was recorded since, and sweep up after killed uploads."""

from datetime import datetime

from motcua.kernel.job import Job
from motcua.kernel.journal import actions as journal
from motcua.kernel.storage import files


def _seal(now: datetime) -> int:
    made = journal.seal(now=now)
    return made.count if made else 0


def _sweep(now: datetime) -> int:
    return files().sweep(now=now)


JOBS = (Job("seal", 5, _seal), Job("sweep", 3600, _sweep))
