"""The working calendar (lịch làm việc): which days and hours count in Viet Nam, and who said so.

Years for which the State has announced its plan come from `data/calendar.csv` alone. Every other year is
worked out from Labour Code 2019 art. 111 and 112 by the `holidays` package and marked as not announced;
`data/computed.csv` keeps the nearest of those, so that no process waits for the package.
"""

import csv
from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files
from io import StringIO

from motcua.kernel.errors import Permanent

FIRST_YEAR, LAST_YEAR = 2000, 2099  # Saturdays are off for the public sector since October 1999

Sessions = tuple[tuple[time, time], ...]
OFFICE_HOURS: Sessions = ((time(7, 30), time(11, 30)), (time(13, 30), time(17, 30)))

REST_DAYS = "Bộ luật Lao động 2019, Điều 111"
COMPUTED = "Bộ luật Lao động 2019, Điều 111 và 112 (tính theo luật, chưa có thông báo)"


class DayKind(StrEnum):
    """Loại ngày."""

    WORKING = "working"  # ngày làm việc
    WEEKEND = "weekend"  # ngày nghỉ hằng tuần
    HOLIDAY = "holiday"  # ngày nghỉ lễ, tết
    COMPENSATORY_OFF = "compensatory_off"  # ngày nghỉ bù, ngày nghỉ hoán đổi
    MAKE_UP = "make_up"  # ngày làm bù


@dataclass(frozen=True, slots=True)
class Day:
    """One day in Viet Nam: what it is and by which act. `announced` is False where we worked it out ourselves."""

    date: date
    kind: DayKind
    name_vi: str
    name_en: str
    source: str
    announced: bool

    @property
    def works(self) -> bool:
        return self.kind is DayKind.WORKING or self.kind is DayKind.MAKE_UP


@dataclass(frozen=True, slots=True)
class Year:
    """The days of a year, from 1 January on, and the proleptic ordinals of those that are worked."""

    first: int
    days: tuple[Day, ...]
    working: tuple[int, ...]


def year_of(number: int, special: tuple[Day, ...], *, announced: bool) -> Year:
    """A year in which every day is what its weekday says, but for the special ones."""
    first = date(number, 1, 1).toordinal()
    days = [_plain(date.fromordinal(first + n), announced) for n in range(date(number, 12, 31).toordinal() - first + 1)]
    for day in special:
        days[day.date.toordinal() - first] = day
    return Year(first, tuple(days), tuple(day.date.toordinal() for day in days if day.works))


def _plain(on: date, announced: bool) -> Day:
    if on.weekday() < 5:
        return Day(on, DayKind.WORKING, "Ngày làm việc", "Working day", REST_DAYS, announced)
    name_vi, name_en = ("Thứ Bảy", "Saturday") if on.weekday() == 5 else ("Chủ Nhật", "Sunday")
    return Day(on, DayKind.WEEKEND, name_vi, name_en, REST_DAYS, announced)


def _read(file: str, *, announced: bool) -> Mapping[int, tuple[Day, ...]]:
    years: dict[int, list[Day]] = {}
    text = files("motcua.kernel").joinpath(f"data/{file}").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        on = date.fromisoformat(row["date"])
        day = Day(on, DayKind(row["kind"]), row["name_vi"], row["name_en"], row["source"], announced)
        years.setdefault(on.year, []).append(day)
    return {year: tuple(days) for year, days in years.items()}


@cache
def announced_days() -> Mapping[int, tuple[Day, ...]]:
    """The special days of each announced year, from `data/calendar.csv`."""
    return _read("calendar.csv", announced=True)


@cache
def computed_days() -> Mapping[int, tuple[Day, ...]]:
    """The special days of the years in `data/computed.csv`, worked out beforehand by `work_out`."""
    return _read("computed.csv", announced=False)


def announced_until() -> date:
    """The last day up to which every year's plan has been announced."""
    year = max(announced_days())
    return date(year, 12, 31)


def work_out(year: int) -> tuple[Day, ...]:
    """The special days of a year that nobody has announced: statutory holidays, with art. 111(3) compensation."""
    import holidays  # slow to import, and not needed in the years around today

    vietnamese = holidays.country_holidays("VN", years=year, language="vi")
    english = holidays.country_holidays("VN", years=year, language="en_US")
    days = [
        Day(
            on,
            DayKind.COMPENSATORY_OFF if "nghỉ bù" in name or "thay cho ngày" in name else DayKind.HOLIDAY,
            name,
            english[on],
            COMPUTED,
            announced=False,
        )
        for on, name in sorted(vietnamese.items())
    ]
    worked = sorted(on for on in vietnamese.weekend_workdays if on.year == year)
    made_up = [Day(on, DayKind.MAKE_UP, "Làm bù", "Compensatory working day", COMPUTED, False) for on in worked]
    return (*days, *made_up)


KEPT_YEARS = range(2023, 2032)


def computed_file() -> str:
    """What `data/computed.csv` has to say: the kept years that nobody has announced, in its order."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["date", "kind", "name_vi", "name_en", "source"])
    for year in KEPT_YEARS:
        if year not in announced_days():
            writer.writerows([day.date, day.kind, day.name_vi, day.name_en, day.source] for day in work_out(year))
    return text.getvalue()


@cache
def national_year(number: int) -> Year:
    """A year of the whole country; Permanent outside 2000 to 2099."""
    if not FIRST_YEAR <= number <= LAST_YEAR:
        raise Permanent(
            "outside-calendar",
            f"The working calendar doesn't reach the year {number}.",
            mend=f"Give a date and a term that stay between {FIRST_YEAR} and {LAST_YEAR}.",
        )
    announced = announced_days().get(number)
    if announced is not None:
        return year_of(number, announced, announced=True)
    return year_of(number, computed_days().get(number) or work_out(number), announced=False)


def microseconds(clock: time) -> int:
    """How long after midnight a time of day is."""
    return ((clock.hour * 60 + clock.minute) * 60 + clock.second) * 1_000_000 + clock.microsecond


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """The days of the country with the sessions (ca làm việc) of one agency.

    `spans` are the sessions in microseconds since midnight, `length` is what a full day is worth in them.
    """

    sessions: Sessions = OFFICE_HOURS
    year: Callable[[int], Year] = national_year
    spans: tuple[tuple[int, int], ...] = field(init=False)
    length: int = field(init=False)

    def __post_init__(self) -> None:
        spans = tuple((microseconds(start), microseconds(end)) for start, end in self.sessions)
        bounds = [bound for span in spans for bound in span]
        if not spans or any(a >= b for a, b in spans) or bounds != sorted(bounds):
            raise Permanent(
                "sessions-invalid",
                "The sessions of a working day must follow each other.",
                mend="Give at least one session; each ends after it starts and before the next one starts.",
            )
        object.__setattr__(self, "spans", spans)
        object.__setattr__(self, "length", sum(b - a for a, b in spans))

    def day(self, on: date) -> Day:
        """What kind of day this is, and why."""
        year = self.year(on.year)
        return year.days[on.toordinal() - year.first]

    def is_working(self, on: date) -> bool:
        return self.day(on).works

    def next_working_day(self, on: date) -> date:
        """The first working day strictly after this one."""
        return date.fromordinal(self.working_ordinal(on.toordinal() + 1, 0))

    def working_ordinal(self, ordinal: int, after: int) -> int:
        """The first working day at or after a proleptic ordinal, and then `after` working days on."""
        year = date.fromordinal(ordinal).year
        while True:
            working = self.year(year).working
            index = bisect_left(working, ordinal) + after
            if index < len(working):
                return working[index]
            after = index - len(working)
            year += 1
            ordinal = 0

    def working_ordinal_before(self, ordinal: int, back: int) -> int:
        """The `back`-th working day (1 or more) strictly before a proleptic ordinal."""
        year = date.fromordinal(ordinal).year
        while True:
            working = self.year(year).working
            index = bisect_left(working, ordinal) - back
            if index >= 0:
                return working[index]
            back = -index
            year -= 1
            ordinal = date(year, 12, 31).toordinal() + 1

    def working_days_between(self, first: int, last: int) -> int:
        """How many working days there are from ordinal `first` up to but without `last`, which is not before it."""
        count = 0
        for number in range(date.fromordinal(first).year, date.fromordinal(last).year + 1):
            working = self.year(number).working
            count += bisect_left(working, last) - bisect_left(working, first)
        return count


def national(sessions: Sessions = OFFICE_HOURS) -> WorkingCalendar:
    """The country's calendar with an agency's sessions."""
    return _calendar(sessions)


_calendar = lru_cache(maxsize=64)(WorkingCalendar)
