"""When dossiers arrive: how many on which day, and at which moment of it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from motcua.kernel.calendar import WorkingCalendar
from motcua.kernel.clock import VIETNAM

MONDAY = 1.35  # what the weekend left undone
OFF_DAY = 0.06  # of a working day, and online only
FIRST_DAYS = (0.55, 0.7, 0.85)  # the new desks find their feet

# Share of a day's arrivals in each hour. At a counter: the hour before noon and the first of the afternoon.
COUNTER_HOURS = {7: 7, 8: 19, 9: 20, 10: 15, 11: 4, 13: 6, 14: 13, 15: 10, 16: 5, 17: 1}
ONLINE_HOURS = {
    6: 1, 7: 4, 8: 10, 9: 12, 10: 11, 11: 6, 12: 3, 13: 5, 14: 9, 15: 9, 16: 7, 17: 4, 18: 3, 19: 5, 20: 6, 21: 4,
    22: 2,
}  # fmt: skip
# A counter opens at half past seven, closes at half past eleven, and so on.
MINUTES = {7: (30, 60), 11: (0, 30), 13: (30, 60), 17: (0, 30)}


def days_from(start: date, count: int) -> tuple[date, ...]:
    return tuple(start + timedelta(days=n) for n in range(count))


def weights(days: Sequence[date], calendar: WorkingCalendar) -> tuple[float, ...]:
    """How busy each day is, beside the others."""
    found: list[float] = []
    working = 0
    for day in days:
        if not calendar.is_working(day):
            found.append(OFF_DAY)
            continue
        ramp = FIRST_DAYS[working] if working < len(FIRST_DAYS) and len(days) > 10 else 1.0
        found.append(ramp * (MONDAY if day.weekday() == 0 else 1.0))
        working += 1
    return tuple(found)


def share_out(total: int, shares: Sequence[float]) -> tuple[int, ...]:
    """Whole numbers in proportion to the shares that add up to the total exactly (largest remainder)."""
    whole = sum(shares)
    exact = [total * share / whole for share in shares]
    given = [int(x) for x in exact]
    by_rest = sorted(range(len(shares)), key=lambda i: (given[i] - exact[i], i))
    for i in by_rest[: total - sum(given)]:
        given[i] += 1
    return tuple(given)


def moment(random: Random, day: date, *, counter: bool) -> datetime:
    """A moment of the day, in UTC to the second; at a counter within its hours."""
    hours = COUNTER_HOURS if counter else ONLINE_HOURS
    hour = random.choices(list(hours), list(hours.values()))[0]
    first, last = MINUTES.get(hour, (0, 60)) if counter else (0, 60)
    at = time(hour, first + random.randrange(last - first), random.randrange(60))
    return datetime.combine(day, at, VIETNAM).astimezone(UTC)
