"""The calendar of the country, a year at a time, with the act behind each day that isn't ordinary."""

from django.http import HttpRequest, HttpResponse

from motcua.desk.frame import show
from motcua.desk.gate import Seat
from motcua.kernel import clock
from motcua.kernel.calendar import FIRST_YEAR, LAST_YEAR, DayKind, announced_until, national_year


def year(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Which days of the year count, which don't, and by which act."""
    on, typed = clock.today(), request.GET.get("nam", "")
    number = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) == 4 else on.year
    number = max(FIRST_YEAR, min(number, LAST_YEAR))
    whole = national_year(number)
    months: list[list[list[object]]] = []
    for month in range(1, 13):
        days = [day for day in whole.days if day.date.month == month]
        weeks: list[list[object]] = [[None] * days[0].date.weekday()]
        for day in days:
            if len(weeks[-1]) == 7:
                weeks.append([])
            weeks[-1].append(day)
        weeks[-1] += [None] * (7 - len(weeks[-1]))
        months.append(weeks)
    return show(
        request,
        seat,
        "desk/administration/calendar.html",
        {
            "number": number,
            "months": months,
            "special": [day for day in whole.days if day.kind not in (DayKind.WORKING, DayKind.WEEKEND)],
            "working": len(whole.working),
            "announced": number <= announced_until().year,
            "on": on,
        },
        here="administration",
    )
