"""Terms (thời hạn giải quyết): when a term that began at a moment is used up, and the walk that explains it.

`due` answers from tables in microseconds; `walk` goes through the days one by one and says of each stretch
whether it counts, on whom we wait and by which act. The two are written apart and tested to agree.

The rules, with their sources, are in `docs/decisions/terms-and-pauses.md`.
"""

import math
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

from motcua.kernel.calendar import FIRST_YEAR, LAST_YEAR, Day, DayKind, WorkingCalendar, microseconds
from motcua.kernel.errors import Permanent
from motcua.kernel.law import Citation, Confidence, cite, civil_code, decree61

SECOND = 1_000_000  # everything inside is in microseconds: exact, and quick to reckon with
HOUR = 3600 * SECOND
DAY = 24 * HOUR
WORKING_DAY = 8 * HOUR  # "tính mỗi ngày 08 giờ làm việc", whatever an agency's sessions add up to
OFFSET = 7 * HOUR  # Viet Nam has kept UTC+7 without summer time throughout the calendar's years
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_PLACE = date(1970, 1, 1).toordinal() * DAY + OFFSET
FIRST = date(FIRST_YEAR, 1, 1).toordinal() * DAY
LAST = (date(LAST_YEAR, 12, 31).toordinal() + 1) * DAY
NEVER = LAST + DAY
NOTHING = timedelta()


class TermUnit(StrEnum):
    """Đơn vị tính thời hạn."""

    WORKING_DAYS = "working_days"  # ngày làm việc
    HOURS = "hours"  # giờ làm việc
    DAYS = "days"  # ngày
    MONTHS = "months"  # tháng


@dataclass(frozen=True, slots=True)
class Term:
    """Thời hạn: how long, in which unit, and the time of day after which a receipt counts for the next working day."""

    value: int | float
    unit: TermUnit
    cut_off: time | None = None

    def __post_init__(self) -> None:
        whole = self.unit in (TermUnit.DAYS, TermUnit.MONTHS)
        if isinstance(self.value, bool) or not math.isfinite(self.value) or self.value < 0:
            raise Permanent("term-invalid", "A term is a number that isn't negative.", mend="Give 0 or more.")
        if whole and self.value != int(self.value):
            raise Permanent(
                "term-invalid",
                f"A term in {self.unit} is a whole number, not {self.value}.",
                mend="Give whole days or months; only working days and hours may have a fraction.",
            )

    @property
    def worked(self) -> int | None:
        """Microseconds of working time that the term asks for; None when it ends with the end of a day."""
        if self.unit is TermUnit.WORKING_DAYS:
            return round(self.value * WORKING_DAY)
        if self.unit is TermUnit.HOURS:
            return round(self.value * HOUR)
        return None


class WaitingOn(StrEnum):
    """On whom the dossier waits while its clock stands still, or while it runs."""

    CITIZEN = "citizen"  # người nộp hồ sơ bổ sung
    OFFICE = "office"  # cơ quan đang giải quyết
    OTHER_AGENCY = "other_agency"  # cơ quan phối hợp
    DUTY = "duty"  # nghĩa vụ tài chính, thuế
    OUTAGE = "outage"  # sự cố hệ thống


@dataclass(frozen=True, slots=True)
class Pause:
    """A time during which the clock stands still (tạm dừng tính thời hạn); `end` is None while it lasts."""

    start: datetime
    end: datetime | None
    waiting_on: WaitingOn
    why: str = ""

    def __post_init__(self) -> None:
        if self.end is not None and self.end < self.start:
            raise Permanent(
                "pause-invalid", "A pause ends before it starts.", mend="Give its end at or after its start."
            )


class Reason(StrEnum):
    """Why a stretch of time counts or doesn't."""

    COUNTED = "counted"
    FIRST_DAY = "first_day"
    SAME_DAY = "same_day"
    AFTER_CUT_OFF = "after_cut_off"
    OUTSIDE_HOURS = "outside_hours"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    COMPENSATORY_OFF = "compensatory_off"
    PAUSED = "paused"
    MOVED = "moved"


OFF_REASONS = {
    DayKind.WEEKEND: Reason.WEEKEND,
    DayKind.HOLIDAY: Reason.HOLIDAY,
    DayKind.COMPENSATORY_OFF: Reason.COMPENSATORY_OFF,
}
LABOUR_CODE = "Bộ luật Lao động 2019"
SOURCES: dict[Reason, Citation] = {
    Reason.COUNTED: decree61("Điều 19", Confidence.PRACTICE),
    Reason.FIRST_DAY: civil_code("Điều 147 khoản 2"),
    Reason.SAME_DAY: cite("Luật Hộ tịch 60/2014/QH13", "Điều 5", Confidence.PRACTICE),
    Reason.AFTER_CUT_OFF: decree61("Điều 18"),
    Reason.OUTSIDE_HOURS: cite(LABOUR_CODE, "Điều 105"),
    Reason.WEEKEND: cite(LABOUR_CODE, "Điều 111"),
    Reason.HOLIDAY: cite(LABOUR_CODE, "Điều 112"),
    Reason.COMPENSATORY_OFF: cite(LABOUR_CODE, "Điều 111 khoản 3"),
    Reason.PAUSED: cite("Công văn 174/CV-BCĐ", "", Confidence.PRACTICE),
    Reason.MOVED: civil_code("Điều 148 khoản 5"),
}
DATE_COUNT = civil_code("Điều 148")


class Stretch(NamedTuple):
    """A piece of the walk, within one day. Each begins where the one before it ended; moments are in UTC.

    `counted` is what it uses of the term: working time, or one day for each day of a calendar term.
    """

    day: Day
    start: datetime
    end: datetime
    counted: timedelta
    reason: Reason
    waiting_on: WaitingOn | None
    source: Citation


# Inside, a moment is a place: the microseconds since the midnight, in Viet Nam, before the proleptic day 0.


def _place(moment: datetime) -> int:
    apart = moment - EPOCH
    place = (apart.days * 86_400 + apart.seconds) * SECOND + apart.microseconds + EPOCH_PLACE
    if not FIRST <= place < LAST:
        raise _outside()
    return place


def _moment(place: int) -> datetime:
    return EPOCH + timedelta(microseconds=place - EPOCH_PLACE)


def _outside() -> Permanent:
    return Permanent(
        "outside-calendar",
        "The moment or the end of the term lies outside the working calendar.",
        mend=f"Give a date and a term that stay between {FIRST_YEAR} and {LAST_YEAR}.",
    )


def _worked_by(calendar: WorkingCalendar, clock: int) -> int:
    """Working time of a working day up to a time of day."""
    worked = 0
    for start, end in calendar.spans:
        if clock <= start:
            break
        worked += min(clock, end) - start
    return worked


def _works(calendar: WorkingCalendar, ordinal: int) -> bool:
    return calendar.working_ordinal(ordinal, 0) == ordinal


def _opens(calendar: WorkingCalendar, ordinal: int) -> int:
    """The first working moment at or after a day's midnight."""
    return calendar.working_ordinal(ordinal, 0) * DAY + calendar.spans[0][0]


def _add(calendar: WorkingCalendar, place: int, amount: int) -> int:
    """The earliest place by which so much working time has passed; for 0 the first working moment."""
    ordinal, clock = divmod(place, DAY)
    on = calendar.working_ordinal(ordinal, 0)
    if on != ordinal:
        clock = 0
    if amount == 0:
        for start, end in calendar.spans:
            if clock <= end:
                return on * DAY + max(clock, start)
        return _opens(calendar, on + 1)
    if amount > LAST - FIRST:
        raise _outside()
    days, rest = divmod(_worked_by(calendar, clock) + amount - 1, calendar.length)
    on = calendar.working_ordinal(on, days)
    rest += 1
    for start, end in calendar.spans:
        if rest <= end - start:
            return on * DAY + start + rest
        rest -= end - start
    raise AssertionError("a full day holds less than its length")


def _between(calendar: WorkingCalendar, start: int, end: int) -> int:
    """Working time from one place to a later one."""
    (first, opened), (last, closed) = divmod(start, DAY), divmod(end, DAY)
    worked = calendar.working_days_between(first, last) * calendar.length
    if _works(calendar, first):
        worked -= _worked_by(calendar, opened)
    if _works(calendar, last):
        worked += _worked_by(calendar, closed)
    return worked


def _begins(calendar: WorkingCalendar, term: Term, place: int) -> int:
    """Where a receipt counts as made: with a cut-off, one after it or on a day off is the next working day's."""
    if term.cut_off is None:
        return place
    ordinal, clock = divmod(place, DAY)
    if not _works(calendar, ordinal):
        return _opens(calendar, ordinal)
    return _opens(calendar, ordinal + 1) if clock > microseconds(term.cut_off) else place


_Stops = list[tuple[int, int]]


def _stops(pauses: Sequence[Pause]) -> _Stops:
    """Where the clock stands still: the pauses in order, those that overlap or touch made into one."""
    stops: _Stops = []
    for start, end in sorted((_place(p.start), NEVER if p.end is None else _place(p.end)) for p in pauses):
        if start == end:
            continue
        if stops and start <= stops[-1][1]:
            stops[-1] = (stops[-1][0], max(end, stops[-1][1]))
        else:
            stops.append((start, end))
    return stops


def due(received: datetime, term: Term, calendar: WorkingCalendar, pauses: Sequence[Pause] = ()) -> datetime | None:
    """The moment at which the term is used up (hạn trả kết quả), in UTC; None while an open pause keeps it away."""
    place = _begins(calendar, term, _place(received))
    stops = _stops(pauses) if pauses else []
    amount = term.worked
    if amount is None:
        end = _due_by_date(place, term, calendar, stops)
    else:
        end = _due_by_hours(place, amount, calendar, stops)
    return None if end is None else _moment(end)


def _due_by_hours(place: int, amount: int, calendar: WorkingCalendar, stops: _Stops) -> int | None:
    """The due place of a term in working time: what passes while the clock stands still isn't used up."""
    for stands, runs in stops:
        if runs <= place:
            continue
        if (end := _add(calendar, place, amount)) <= stands:
            return end
        if runs == NEVER:
            return None
        if stands > place:
            amount -= _between(calendar, place, stands)
        place = runs
    return _add(calendar, place, amount)


def _last_day(first: int, term: Term) -> int:
    """The last day of a calendar term that nothing stops (Civil Code art. 147 and 148), as an ordinal."""
    value = int(term.value)
    if value > LAST // DAY:
        raise _outside()
    if term.unit is TermUnit.DAYS:
        last = first + value
    else:
        on = date.fromordinal(first)
        years, month = divmod(on.month - 1 + value, 12)
        year = on.year + years
        if year > LAST_YEAR:
            raise _outside()
        last = date(year, month + 1, min(on.day, monthrange(year, month + 1)[1])).toordinal()
    if last * DAY >= LAST:
        raise _outside()
    return last


def _due_by_date(place: int, term: Term, calendar: WorkingCalendar, stops: _Stops) -> int | None:
    """The due place of a calendar term.

    A day after the first counts unless the clock stood still when it began. The term ends with the last working
    moment of its last counted day, or else of the first working day after it at whose end the clock runs. A term
    of no days ends so with the day of receipt (trong ngày), if that moment is still to come.
    """
    first = place // DAY
    last = _last_day(first, term)
    for stands, runs in stops:
        missed = max(stands // DAY, first) + 1  # the first day that begins while the clock stands still
        if missed > last:
            break
        if runs == NEVER:
            return None
        last += max(0, (runs - 1) // DAY - missed + 1)
    closing = calendar.spans[-1][1]
    end = calendar.working_ordinal(last if place <= last * DAY + closing else last + 1, 0) * DAY + closing
    for stands, runs in stops:
        if stands >= end:
            break
        if runs == NEVER:
            return None
        if runs > end:
            ordinal, clock = divmod(runs, DAY)
            end = calendar.working_ordinal(ordinal if clock <= closing else ordinal + 1, 0) * DAY + closing
    return end


def working_time(start: datetime, end: datetime, calendar: WorkingCalendar) -> timedelta:
    """The working time between two moments; negative when `end` is the earlier one."""
    if end < start:
        return -working_time(end, start, calendar)
    return timedelta(microseconds=_between(calendar, _place(start), _place(end)))


def add_working(moment: datetime, hours: float, calendar: WorkingCalendar) -> datetime:
    """The earliest moment by which so many working hours have passed since `moment`, in UTC."""
    if hours < 0:
        return subtract_working(moment, -hours, calendar)
    return _moment(_add(calendar, _place(moment), round(hours * HOUR)))


def subtract_working(moment: datetime, hours: float, calendar: WorkingCalendar) -> datetime:
    """The latest moment from which so many working hours lead to `moment`, in UTC."""
    if hours < 0:
        return add_working(moment, -hours, calendar)
    amount = round(hours * HOUR)
    if amount > LAST - FIRST:
        raise _outside()
    ordinal, clock = divmod(_place(moment), DAY)
    works = _works(calendar, ordinal)
    if amount == 0:
        for start, end in reversed(calendar.spans) if works else ():
            if clock >= start:
                return _moment(ordinal * DAY + min(clock, end))
        return _moment(calendar.working_ordinal_before(ordinal, 1) * DAY + calendar.spans[-1][1])
    rest = (_worked_by(calendar, clock) if works else 0) - amount
    if rest < 0:
        back = -(rest // calendar.length)
        ordinal = calendar.working_ordinal_before(ordinal, back)
        rest += back * calendar.length
    for start, end in calendar.spans:
        if rest < end - start:
            return _moment(ordinal * DAY + start + rest)
        rest -= end - start
    raise AssertionError("a full day holds less than its length")


def walk(
    received: datetime,
    term: Term,
    calendar: WorkingCalendar,
    pauses: Sequence[Pause] = (),
    until: datetime | None = None,
) -> Iterator[Stretch]:
    """Every stretch of time from receipt to due moment, and why it counts or not.

    A day is one stretch, or several where the clock stops or starts within it. The walk ends at `until` if that
    comes first; without `until` it ends where an open pause keeps the term from ending.
    """
    place = _place(received)
    path = _Path(
        calendar,
        begins=_begins(calendar, term, place),
        stops=_stops(pauses),
        pauses=[
            (_place(p.start), NEVER if p.end is None else _place(p.end), p.waiting_on)
            for p in sorted(pauses, key=lambda pause: pause.start)
        ],
        until=NEVER if until is None else _place(until),
    )
    amount = term.worked
    steps = path.by_date(place, term) if amount is None else path.by_hours(place, amount)
    sources = SOURCES if amount is not None else {**SOURCES, Reason.COUNTED: DATE_COUNT}
    start = _moment(place)
    for day, place, counted, reason, waiting_on in steps:
        end = _moment(place)
        used = timedelta(microseconds=counted) if counted else NOTHING
        yield Stretch(day, start, end, used, reason, waiting_on, sources[reason])
        start = end


_Step = tuple[Day, int, int, Reason, WaitingOn | None]  # the day, where the stretch ends, what it counts, why


@dataclass(frozen=True, slots=True)
class _Path:
    """What a walk passes: all in places."""

    calendar: WorkingCalendar
    begins: int
    stops: _Stops
    pauses: list[tuple[int, int, WaitingOn]]
    until: int

    def days(self, place: int) -> Iterator[tuple[int, Day]]:
        """Each day from a place on, with the place of its midnight."""
        midnight = place - place % DAY
        while midnight < LAST:
            year = self.calendar.year(date.fromordinal(midnight // DAY).year)
            for day in year.days[midnight // DAY - year.first :]:
                yield midnight, day
                midnight += DAY
        raise _outside()

    def stop(self, place: int) -> tuple[int, int] | None:
        """The time around a place during which the clock stands still; its two ends don't belong to it."""
        return next(((stands, runs) for stands, runs in self.stops if stands < place < runs), None)

    def waiting_on(self, place: int) -> WaitingOn:
        """On whom we wait at a place within a stop: the pause that began first."""
        return next(who for start, end, who in self.pauses if start <= place < end)

    def by_hours(self, place: int, left: int) -> Iterator[_Step]:
        until = self.until
        if left == 0:  # used up at the first working moment: nothing before that counts
            until = min(until, _due_by_hours(self.begins, 0, self.calendar, self.stops) or until)
            if until == place:
                yield self.calendar.day(date.fromordinal(place // DAY)), place, 0, Reason.COUNTED, None
        bounds = sorted({self.begins, until, *(bound for pause in self.pauses for bound in pause[:2])} - {NEVER})
        start = place
        for midnight, day in self.days(place):
            next_midnight = midnight + DAY
            ends = [bound for bound in bounds if start < bound < next_midnight] if bounds[-1] > start else []
            ends.append(next_midnight)
            works = day.works
            for end in ends:
                if start >= until:
                    return
                if not works:
                    yield day, end, 0, OFF_REASONS[day.kind], None
                elif not (worked := self.worked(midnight, start, end)):
                    yield day, end, 0, Reason.OUTSIDE_HOURS, None
                elif start < self.begins:
                    yield day, end, 0, Reason.AFTER_CUT_OFF, None
                elif self.stops and (stop := self.stop(start + 1)):
                    if stop[1] == NEVER and self.until == NEVER:
                        return
                    yield day, end, 0, Reason.PAUSED, self.waiting_on(start)
                elif worked < left:
                    yield day, end, worked, Reason.COUNTED, None
                    left -= worked
                else:
                    yield day, _add(self.calendar, start, left), left, Reason.COUNTED, None
                    return
                start = end

    def worked(self, midnight: int, start: int, end: int) -> int:
        """Working time between two places of a working day."""
        if end - start == DAY:
            return self.calendar.length
        return _worked_by(self.calendar, end - midnight) - _worked_by(self.calendar, start - midnight)

    def by_date(self, place: int, term: Term) -> Iterator[_Step]:
        first = self.begins // DAY
        left = _last_day(first, term) - first
        closing = self.calendar.spans[-1][1]
        # A term of no days ends with the day on which it begins (trong ngày), if that hasn't closed yet.
        earliest = first + (left > 0 or self.begins % DAY > closing)
        for midnight, day in self.days(place):
            ordinal = midnight // DAY
            stop = self.stop(midnight) if ordinal > first else None
            counts = ordinal > first and stop is None and left > 0
            left -= counts
            late = self.stop(midnight + closing) if ordinal >= earliest and left == 0 and day.works else None
            ends = ordinal >= earliest and left == 0 and day.works and late is None
            end = min(midnight + (closing if ends else DAY), self.until)
            if self.until == NEVER and (stop or late or (0, 0))[1] == NEVER and not counts:
                return
            if ordinal < first:
                yield day, end, 0, OFF_REASONS.get(day.kind, Reason.AFTER_CUT_OFF), None
            elif ordinal == first:
                yield day, end, 0, Reason.SAME_DAY if ends else Reason.FIRST_DAY, None
            elif counts:
                yield day, end, DAY, Reason.COUNTED, None
            elif stop:
                yield day, end, 0, Reason.PAUSED, self.waiting_on(midnight)
            elif late:
                yield day, end, 0, Reason.PAUSED, self.waiting_on(midnight + closing)
            else:
                yield day, end, 0, OFF_REASONS.get(day.kind, Reason.MOVED), None
            if ends or end == self.until:
                return
