"""What became of a commune: finding a unit of any time, and its page with its history."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _
from django.views.decorators.http import condition, require_safe

from motcua.kernel import clock
from motcua.kernel.errors import NotFound
from motcua.kernel.text import fold
from motcua.screens import words
from motcua.screens.asking import question
from motcua.screens.maps import COUNTRY, Map, drawing, map_of, neighbours
from motcua.screens.pages import address
from motcua.screens.problems import problem
from motcua.units import api as units

ROWS = 30
CHOICES = 12


def unit_link(unit: units.Unit, today: date) -> str:
    """The page of a unit; a closed one as of its last day, because its code may have gone to another."""
    return address("unit", unit.code, ngay="" if unit.in_force(today) else unit.valid_to or unit.valid_from)


def chain(directory: units.Directory, unit: units.Unit, on: date) -> list[units.Unit]:
    """The units around a unit on that day (for a closed one: at its end), nearest first."""
    on = min(on, unit.valid_to or on)
    found = []
    parent = unit.at(on).parent_id
    while parent is not None:
        found.append(directory.unit(parent))
        parent = found[-1].at(on).parent_id
    return found


def within(directory: units.Directory, unit: units.Unit, on: date) -> str:
    """quận 3, thành phố Hồ Chí Minh."""
    on = min(on, unit.valid_to or on)
    return ", ".join(above.at(on).full_name for above in chain(directory, unit, on))


def with_province(directory: units.Directory, unit: units.Unit, on: date) -> str:
    around = within(directory, unit, on)
    name = unit.at(min(on, unit.valid_to or on)).full_name
    return f"{name}, {around}" if around else name


@dataclass(frozen=True, slots=True)
class UnitRow:
    name: str
    within: str
    code: str
    link: str
    closed_on: date | None
    now: list[str]


def unit_row(unit: units.Unit, today: date) -> UnitRow:
    """A unit as a hit: what it is now, or what became of it."""
    directory = units.directory()
    closed = None if unit.in_force(today) else unit.valid_to
    became = directory.became(unit.id, today) if closed else ()
    return UnitRow(
        name=unit.at(closed or today).full_name,
        within=within(directory, unit, today),
        code=unit.code,
        link=unit_link(unit, today),
        closed_on=closed,
        now=[with_province(directory, new.unit, today) for new in became],
    )


@require_safe
def find_units(request: HttpRequest) -> HttpResponse:
    asked, today = question(request), clock.today()
    directory = units.directory()
    found = units.units_named(asked) if asked else ()
    rows = [unit_row(unit, today) for unit in found[:ROWS]]
    provinces = [
        (words.capital(unit.at(today).full_name), unit_link(unit, today), unit.code)
        for unit in directory.provinces(today)
    ]
    country = None if asked else map_of(directory, drawing(COUNTRY), _("Bản đồ 34 tỉnh, thành phố"), today)
    return render(
        request,
        "units.html",
        {"q": asked, "rows": rows, "total": len(found), "provinces": provinces, "map": country},
    )


def map_tag(request: HttpRequest, code: str) -> str:
    return f'"{units.directory().number}-{code}-{get_language()}-{request.GET.get("o", "")[:10]}"'


@require_safe
@condition(etag_func=map_tag)
def map_file(request: HttpRequest, code: str) -> HttpResponse:
    """The map alone, as large as the window: the country ("vn") or a province; `?o=CODE` marks a commune."""
    directory, today = units.directory(), clock.today()
    unit = directory.find_unit(code, today)
    title = unit.at(today).full_name if unit else _("Việt Nam")
    map = map_of(directory, drawing(code), words.capital(title), today, {request.GET.get("o", "")})
    if map is None:
        raise NotFound("map-unknown", "Chưa có bản đồ này.")
    response = render(request, "map.svg", {"map": map}, content_type="image/svg+xml")
    response["Cache-Control"] = "no-cache"  # kept by the browser, asked each time whether it is still good
    return response


@dataclass(frozen=True, slots=True)
class OnMap:
    """Where a unit lies, or what lies in it."""

    map: Map
    around: Map | None
    alone: str
    says: str


def on_map(directory: units.Directory, shown: units.Unit, today: date) -> OnMap | None:
    """The unit's place in its province; the place of what it became; a province with its communes."""
    now = [shown] if shown.in_force(today) else [new.unit for new in directory.became(shown.id, today)]
    within_one = {directory.province_of(unit.id, today) for unit in now}
    if len(within_one) != 1:
        return None
    province = within_one.pop()
    named = words.capital(province.at(today).full_name)
    marked = frozenset(unit.code for unit in now if unit.level == units.Level.COMMUNE)
    map = map_of(directory, drawing(province.code), named, today, marked)
    if map is None:
        return None
    says = words.say(_("Ranh giới hôm nay ở %(unit)s."), unit=province.at(today).full_name)
    only = next(iter(marked)) if len(marked) == 1 else ""
    title = _("Bản đồ các xã, phường bên cạnh")
    around = map_of(directory, neighbours(only), title, today, marked) if only else None
    return OnMap(map, around, address("map", province.code, o=only), says)


@dataclass(frozen=True, slots=True)
class Link:
    """Another unit on a unit's page."""

    name: str
    within: str
    link: str
    notes: tuple[str, ...] = ()
    extent_words: str = ""


@require_safe
def unit(request: HttpRequest, code: str) -> HttpResponse:
    today = clock.today()
    directory = units.directory()
    holders = directory.unit_holders(code)
    if not holders:
        return problem(
            request,
            404,
            _("Chưa có đơn vị nào mang mã này"),
            _("Mã “%(code)s” không có trong danh mục đơn vị hành chính, cũ hay mới.") % {"code": code},
            [(_("Tìm xã, phường theo tên"), address("units"))],
        )
    try:
        on = date.fromisoformat(request.GET["ngay"]) if request.GET.get("ngay") else today
    except ValueError:
        return problem(
            request,
            400,
            _("Ngày chưa đúng"),
            _("Ngày viết theo năm-tháng-ngày, ví dụ 2025-06-30."),
            [(_("Xem đơn vị hôm nay"), address("unit", code))],
        )
    begun = [held for held in holders if held[0] <= on] or holders[:1]
    shown: units.Unit = begun[-1][2]
    return render(request, "unit.html", {"page": unit_page(directory, shown, code, on, today)})


def unit_page(directory: units.Directory, shown: units.Unit, code: str, on: date, today: date) -> dict[str, Any]:
    """Everything on the page of one unit."""
    then = max(min(on, shown.valid_to or on), shown.valid_from or on)
    period = shown.at(then)
    now = () if shown.in_force(today) else directory.became(shown.id, today)
    before = directory.predecessors(shown.id)
    served = shown.level == units.Level.COMMUNE and shown.in_force(today)
    return {
        "name": period.full_name,
        "map": on_map(directory, shown, today),
        "procedures": address("procedures", xa=shown.code) if served else "",
        "code": code,
        "on": on,
        "is_today": on == today or not shown.in_force(today),
        "valid_from": shown.valid_from,
        "valid_to": shown.valid_to,
        "within": within(directory, shown, then),
        "above": [
            (words.capital(above.at(then).full_name), unit_link(above, today))
            for above in reversed(chain(directory, shown, then))
        ],
        "same_code": [
            same_code(other, first, last, code, today)
            for first, last, other in directory.unit_holders(code)
            if other.id != shown.id
        ],
        "now": [
            Link(
                new.unit.at(today).full_name,
                within(directory, new.unit, today),
                unit_link(new.unit, today),
                notes=new.notes,
            )
            for new in now
        ],
        "before": [before_link(directory, succession, today) for succession in before],
        "made_on": before[0].on if before else None,
        "history": shown.periods,
        "below": [
            (child.at(then).full_name, unit_link(child, today), child.code)
            for child in sorted(directory.children_of(shown.id, then), key=lambda child: fold(child.at(then).name))
        ],
        "agencies": [agency_row(agency, then) for agency in directory.agencies_of(shown.id, then)],
        "figures": units.figures(shown.id, then),
    }


EXTENTS = {units.Extent.WHOLE: gettext_noop("toàn bộ"), units.Extent.PART: gettext_noop("một phần")}


def before_link(directory: units.Directory, succession: units.Succession, today: date) -> Link:
    old = directory.unit(succession.old_id)
    return Link(
        old.at(succession.on - timedelta(days=1)).full_name,
        within(directory, old, today),
        unit_link(old, today),
        extent_words=_(EXTENTS[succession.extent]),
    )


def same_code(other: units.Unit, first: date, last: date, code: str, today: date) -> dict[str, str]:
    """A word about another holder of the code, so that an old code on an old paper isn't taken for the new unit."""
    if last < today:
        said = words.say(
            _("Đến hết %(day)s, mã %(code)s là của %(unit)s (cũ)."),
            day=words.day(last),
            code=code,
            unit=other.at(last).full_name,
        )
    else:
        said = words.say(
            _("Từ %(day)s, mã %(code)s là của %(unit)s."),
            day=words.day(first),
            code=code,
            unit=other.at(today).full_name,
        )
    return {"words": said, "link": unit_link(other, today)}


def agency_row(agency: units.Agency, on: date) -> dict[str, Any]:
    identifier = agency.identifier(units.Scheme.ORG, on)
    return {
        "name": agency.name_at(on),
        "org": identifier.code if identifier else "",
        "made": identifier.made if identifier else False,
    }


def chosen_area(directory: units.Directory, asked: str, on: date) -> tuple[units.Unit | None, list[tuple[str, str]]]:
    """The one commune or province of today that is meant, or the code and name of each that may be."""
    if asked.isdecimal():
        now = directory.find_unit(asked, on)
        if now is not None:
            return now, []
    meant: dict[units.Unit, bool] = {}
    for unit in units.units_named(asked):
        if unit.level != units.Level.DISTRICT:
            for candidate in directory.became(unit.id, on):
                meant[candidate.unit] = candidate.extent == units.Extent.WHOLE
    if len(meant) == 1 and all(meant.values()) and asked.isdecimal():
        return next(iter(meant)), []
    named = [(unit.code, words.capital(with_province(directory, unit, on))) for unit in meant]
    return None, named[:CHOICES]
