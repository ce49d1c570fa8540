"""When the line to a partner is worth calling somebody, and when that is over. No text says it; these are ours."""

from datetime import datetime, timedelta
from enum import StrEnum

LATE = timedelta(hours=1)  # what waits so long will miss a working day's term for its next step
SILENT = timedelta(minutes=10)  # a partner that restarts, or a server that changes over, takes less


class Alarm(StrEnum):
    """Báo động: what is wrong with a line."""

    DEAD = "dead-letters"  # something was refused and needs a person
    LATE = "late"  # something has waited for too long, whatever the reason
    SHUT = "shut"  # the partner has not answered for a while, and deliveries are held back


def due(
    *, dead: int, oldest_at: datetime | None, shut_until: datetime | None, ok_at: datetime | None, now: datetime
) -> frozenset[Alarm]:
    """The alarms that a line with these figures calls for at this moment."""
    since = ok_at or oldest_at
    found = {
        Alarm.DEAD: dead > 0,
        Alarm.LATE: oldest_at is not None and now - oldest_at > LATE,
        Alarm.SHUT: shut_until is not None and since is not None and now - since > SILENT,
    }
    return frozenset(alarm for alarm, holds in found.items() if holds)
