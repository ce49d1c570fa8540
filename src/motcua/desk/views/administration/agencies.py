"""Agencies: identifiers, sessions of the day, counters."""

from dataclasses import dataclass
from datetime import time, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from motcua.desk.frame import show
from motcua.desk.gate import Seat
from motcua.desk.views.administration.ground import administers, agencies_of, agency_of, changing
from motcua.desk.views.administration.typed import Form
from motcua.identity import api as identity
from motcua.kernel import clock
from motcua.kernel.calendar import Sessions
from motcua.kernel.text import fold
from motcua.procedures import api as procedures
from motcua.screens import words
from motcua.screens.asking import question
from motcua.screens.pages import address
from motcua.units import api as units

PAGE = 50
MOST_COUNTERS = 40
MOST_SESSIONS = 3


@dataclass(frozen=True, slots=True)
class CounterRow:
    """A counter as typed, with what is wrong with it."""

    n: int
    number: str = ""
    name: str = ""
    fields: tuple[str, ...] = ()
    number_error: str = ""
    name_error: str = ""


def listing(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Every agency that the position reaches, with its identifier and sessions."""
    on, typed = clock.today(), question(request)
    wanted = fold(typed)
    found = [a for a in agencies_of(seat, on) if wanted in fold(f"{a.name_at(on)} {a.org(on)}")]
    page = _page(request, len(found))
    return show(
        request,
        seat,
        "desk/administration/agencies.html",
        {
            "question": typed,
            "rows": [(a, a.identifier(units.Scheme.ORG, on)) for a in found[page * PAGE : (page + 1) * PAGE]],
            "found": len(found),
            "page": page,
            "pages": -(-len(found) // PAGE),
            "on": on,
        },
        here="administration",
    )


def _page(request: HttpRequest, found: int) -> int:
    typed = request.GET.get("trang", "")
    number = int(typed) - 1 if typed.isascii() and typed.isdecimal() and len(typed) < 6 else 0
    return max(0, min(number, (found - 1) // PAGE))


def one(request: HttpRequest, seat: Seat, agency_id: int) -> HttpResponse:
    """One agency: who is there, when it works, at which counters; an administrator changes the last two."""
    agency = agency_of(seat, agency_id)
    on = clock.today()
    sessions, counters = _sessions_form(agency), Form()
    rows = [CounterRow(n, str(c.number), c.name, c.fields) for n, c in enumerate(units.counters(agency.id), 1)]
    status = 200
    if request.method == "POST":
        changing(seat)
        identity.require(seat.scope, agency.id, identity.Role.ADMINISTRATOR)
        if request.POST.get("viec") == "ca":
            sessions = Form()
            if _set_sessions(request, seat, agency, sessions):
                return redirect(address("administration-agency", agency.id, xong="ca") + "#ca")
        else:
            rows = _typed_counters(request, counters)
            if "them" in request.POST:
                pass
            elif not counters.errors:
                units.set_counters(
                    agency_id=agency.id,
                    counters=[units.Counter(int(row.number), row.name, row.fields) for row in rows],
                    now=clock.now(),
                    actor=seat.scope.name,
                )
                return redirect(address("administration-agency", agency.id, xong="quay") + "#quay")
        status = 422 if sessions.errors or counters.errors else 200
    held, total = identity.staff(scope=seat.scope, on=on, agency_id=agency.id, limit=200)
    return show(
        request,
        seat,
        "desk/administration/agency.html",
        {
            "agency": agency,
            "on": on,
            "identifiers": agency.identifiers,
            "held": held,
            "total": total,
            "sessions": sessions,
            "planned": [shift for shift in agency.shifts if shift[0] > on],
            "now": agency.sessions_at(on),
            "counters": counters,
            "rows": [*rows, *(CounterRow(len(rows) + n) for n in range(1, 2 if rows else 4))][:MOST_COUNTERS],
            "fields": _fields(agency),
            "changes": administers(seat),
            "done": request.GET.get("xong", "") if request.method == "GET" else "",
            "errors": {**sessions.errors, **counters.errors},
        },
        here="administration",
        status=status,
    )


def _fields(agency: units.Agency) -> list[str]:
    """The fields of the procedures that are given at the level of the agency's unit."""
    return sorted({version.field for version in procedures.given_at(agency.unit_id, clock.today())})


def _sessions_form(agency: units.Agency) -> Form:
    form = Form()
    tomorrow = clock.today() + timedelta(days=1)
    for n, (start, end) in enumerate(agency.sessions_at(tomorrow), 1):
        form.values |= {f"ca{n}-tu": f"{start:%H:%M}", f"ca{n}-den": f"{end:%H:%M}"}
    form.values["tu-ngay"] = words.day(tomorrow)
    return form


def _set_sessions(request: HttpRequest, seat: Seat, agency: units.Agency, form: Form) -> bool:
    """Take the sessions up if they can be; else the form says why not."""
    since = form.day(request, "tu-ngay", _("Ghi ngày bắt đầu áp dụng."))
    source = form.needed(request, "can-cu", _("Ghi văn bản quy định ca làm việc."), 200)
    if since is not None and since <= clock.today():
        form.errors["tu-ngay"] = _("Chọn ngày mai hoặc một ngày sau: hẹn trả đã ghi với người dân giữ nguyên.")
    spans: list[tuple[time, time]] = []
    for n in range(1, MOST_SESSIONS + 1):
        start, end = (_clock(form.text(request, f"ca{n}-{side}", 5)) for side in ("tu", "den"))
        if start is None and end is None and not (form.values[f"ca{n}-tu"] or form.values[f"ca{n}-den"]):
            continue
        if start is None or end is None:
            side = "tu" if start is None else "den"
            form.errors[f"ca{n}-{side}"] = _("Viết giờ như 07:30.")
        elif start >= end:
            form.errors[f"ca{n}-den"] = _("Ca phải kết thúc sau khi bắt đầu.")
        elif spans and start < spans[-1][1]:
            form.errors[f"ca{n}-tu"] = _("Ca này phải bắt đầu sau khi ca trước kết thúc.")
        else:
            spans.append((start, end))
    if not spans and not form.errors:
        form.errors["ca1-tu"] = _("Ghi ít nhất một ca.")
    if form.errors or since is None:
        return False
    sessions: Sessions = tuple(spans)
    units.set_sessions(
        agency_id=agency.id,
        valid_from=since,
        sessions=sessions,
        source=source,
        now=clock.now(),
        actor=seat.scope.name,
    )
    return True


def _clock(typed: str) -> time | None:
    try:
        return time.fromisoformat(typed).replace(tzinfo=None) if typed else None
    except ValueError:
        return None


def _typed_counters(request: HttpRequest, form: Form) -> list[CounterRow]:
    """The counters as typed; rows without number and name are left out."""
    known = set(_all_fields())
    rows: list[CounterRow] = []
    numbers: set[str] = set()
    for n in range(1, MOST_COUNTERS + 1):
        number, name = form.text(request, f"so-{n}", 4), form.text(request, f"ten-{n}")
        fields = tuple(field for field in request.POST.getlist(f"linh-vuc-{n}") if field in known)
        if not (number or name):
            continue
        if not (number.isascii() and number.isdecimal() and 0 < int(number) < 1000):
            form.errors[f"so-{n}"] = _("Số quầy là một số từ 1 đến 999.")
        elif number in numbers:
            form.errors[f"so-{n}"] = _("Quầy %(n)s đã có ở dòng trên.") % {"n": number}
        if not name:
            form.errors[f"ten-{n}"] = _("Ghi tên quầy.")
        numbers.add(number)
        place = len(rows) + 1
        rows.append(
            CounterRow(n, number, name, fields, form.errors.get(f"so-{n}", ""), form.errors.get(f"ten-{n}", ""))
            if form.errors
            else CounterRow(place, number, name, fields)
        )
    return rows


def _all_fields() -> set[str]:
    return {version.field for version in procedures.catalogue().all(clock.today())}
