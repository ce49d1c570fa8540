"""Moments and days. Moments are aware datetimes in UTC; days are days in Viet Nam."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def now() -> datetime:
    """The present moment, in UTC. Actions never call it: their caller passes `now`."""
    return datetime.now(UTC)


def local(moment: datetime) -> datetime:
    """The moment as the clocks in Viet Nam show it."""
    return moment.astimezone(VIETNAM)


def day_of(moment: datetime) -> date:
    """The day in Viet Nam on which the moment falls."""
    return moment.astimezone(VIETNAM).date()


def start_of(day: date) -> datetime:
    """The moment at which the day begins in Viet Nam."""
    return datetime.combine(day, time(), VIETNAM).astimezone(UTC)


def today() -> date:
    return day_of(now())


def from_local(text: str) -> datetime:
    """Read an ISO moment; without an offset it is a Vietnamese wall-clock time. Gives UTC; ValueError if unreadable."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=VIETNAM)).astimezone(UTC)
