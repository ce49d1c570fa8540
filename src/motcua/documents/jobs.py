"""What the worker does for documents: it fetches what waits at the axis, and keeps the list of organisations."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from django.conf import settings

from motcua.documents import arrivals, organisations
from motcua.documents.arrivals import Arriving, Became
from motcua.documents.axis import Axis
from motcua.documents.envelope import CHUNK
from motcua.kernel import clock
from motcua.kernel.errors import Failure, NotFound, Permanent
from motcua.kernel.job import Job

log = logging.getLogger(__name__)
AT_ONCE = 50  # messages in one transaction, and written through to the disk together
MESSAGES, REGISTERS, ORGANISATIONS = "axis: messages", "registers: messages", "axis: organisations"


def axis() -> Axis | None:
    """The way to the axis; None where none is configured."""
    return Axis(settings.AXIS_URL, settings.AXIS_SYSTEM, settings.AXIS_SECRET) if settings.AXIS_URL else None


def collect(now: datetime, *, way: Axis | None = None) -> int:
    """Fetch what waits at the axis and take it in; the axis is told after it stands. Gives how many were new."""
    way = way or axis()
    if way is None:
        return 0
    try:
        waiting = way.received(now=now)
    except Failure as failure:
        log.warning("documents: the axis can't be asked: %s", failure.problem)
        arrivals.note_contact(MESSAGES, said=failure.detail, now=now)
        return 0
    arrivals.note_contact(MESSAGES, now=now)
    new = failed = 0
    for start in range(0, len(waiting), AT_ONCE):
        with ExitStack() as open_:
            arriving = []
            for item in waiting[start : start + AT_ONCE]:
                try:
                    path = open_.enter_context(way.fetched(item, now=now))
                except (NotFound, Permanent) as failure:
                    log.warning("documents: message %s can't be fetched: %s", item.id, failure.problem)
                    continue
                except Failure:
                    continue  # it still waits there
                arriving.append((item, Arriving(item.id, lambda path=path: _pieces(path), item.to, item.sender)))  # type: ignore[misc]
            became = arrivals.take_in([one for _, one in arriving], now=now)
        failed += len(arriving) - len(became)
        for item, one in arriving:
            if one.remote not in became:
                continue
            new += became[one.remote] is not Became.DUPLICATE
            try:
                way.settle(item, done=became[one.remote] is not Became.REFUSED, now=now)
            except Failure:
                continue  # the axis shows it again, and it is known here
    said = f"{failed} gói tin đọc được nhưng không ghi được; xem nhật ký của worker." if failed else ""
    arrivals.note_contact(REGISTERS, said=said, now=now)
    return new


def _pieces(path: Path) -> Iterable[bytes]:
    def read() -> Iterator[bytes]:
        with path.open("rb") as file:
            while piece := file.read(CHUNK):
                yield piece

    return read()


def synchronise(now: datetime, *, way: Axis | None = None) -> int:
    """Take over the axis's list of organisations, and announce ours that changed."""
    way = way or axis()
    if way is None:
        return 0
    on = clock.day_of(now)
    organisations.announce(organisations.to_announce(on, settings.AXIS_ORGANS), now=now)
    try:
        listed = way.agencies(now=now)
    except Failure as failure:
        log.warning("documents: the list of organisations did not come: %s", failure.problem)
        arrivals.note_contact(ORGANISATIONS, said=failure.detail, now=now)
        return 0
    arrivals.note_contact(ORGANISATIONS, now=now)
    if not listed:
        return 0  # an empty list closes nobody
    differences = organisations.compare(
        ((one.code, one.code102, one.name, one.pcode) for one in listed),
        organisations.known(),
        organisations.our_names(on),
    )
    organisations.take_over(differences=differences, on=on, now=now)
    return 0


JOBS = (Job("documents", 15, collect), Job("organisations", 6 * 60 * 60, synchronise))
