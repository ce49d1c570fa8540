"""The worker: runs each job of `wiring.JOBS` at its interval until it is asked to stop.

Any number of workers may run, on any number of machines: each job claims what it does. A failed job is tried
again at its next turn, and the others go on.
"""

import logging
import signal
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from types import FrameType

from motcua.kernel import clock
from motcua.kernel.job import Job

log = logging.getLogger(__name__)


def work(jobs: Sequence[Job], *, stop: threading.Event, now: Callable[[], datetime] = clock.now) -> None:
    """Run the jobs until `stop` is set; the job that is running then ends first."""
    due = dict.fromkeys(jobs, time.monotonic())
    while not stop.is_set():
        job = min(due, key=due.__getitem__)
        if stop.wait(max(0.0, due[job] - time.monotonic())):
            break
        due[job] = time.monotonic() + (0 if _did_something(job, now()) else job.every)


def _did_something(job: Job, now: datetime) -> bool:
    from django.db import close_old_connections

    close_old_connections()  # a connection that PostgreSQL has dropped is opened anew
    try:
        return job.run(now) > 0
    except Exception:
        log.exception("job %s failed and is tried again in %d s", job.name, job.every)
        return False


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
    return stop
