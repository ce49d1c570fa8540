"""The pages: each turns an address into one question and its answer into one template."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext
from django.views.decorators.http import require_safe

from motcua.kernel import clock
from motcua.kernel.errors import Failure
from motcua.portal import rules, words
from motcua.portal.pages import address
from motcua.procedures import api as procedures
from motcua.units import api as units

LIFE_EVENTS = (
    (gettext_noop("Sinh con"), gettext_noop("khai sinh, nhận cha mẹ con"), "khai sinh"),
    (gettext_noop("Kết hôn"), gettext_noop("đăng ký, xác nhận độc thân"), "kết hôn"),
    (gettext_noop("Chuyển chỗ ở"), gettext_noop("thường trú, tạm trú"), "đăng ký thường trú"),
    (gettext_noop("Mở hộ kinh doanh"), gettext_noop("đăng ký, thay đổi"), "hộ kinh doanh"),
    (gettext_noop("Chứng thực"), gettext_noop("bản sao, chữ ký"), "chứng thực"),
    (gettext_noop("Nhà và đất"), gettext_noop("cấp sổ, đăng ký biến động"), "đăng ký đất đai"),
    (gettext_noop("Người thân qua đời"), gettext_noop("khai tử, xóa thường trú"), "khai tử"),
    (gettext_noop("Căn cước"), gettext_noop("cấp mới, cấp đổi"), "căn cước"),
)
"""Sự kiện trong đời: title, what it may bring, and the search that it opens."""

HITS = 30
CHOICES = 12
LONGEST = 200  # characters of a question

LEVELS = {
    "commune": gettext_noop("cấp xã"),
    "province": gettext_noop("cấp tỉnh"),
    "central": gettext_noop("cấp trung ương"),
    "other": gettext_noop("cơ quan khác"),
}
CHANNELS = {
    "direct": gettext_noop("trực tiếp"),
    "online": gettext_noop("trực tuyến"),
    "post": gettext_noop("qua bưu chính công ích"),
}
ONLINE = {
    "full": gettext_noop("Toàn trình: không phải đến nơi"),
    "partial": gettext_noop("Một phần: còn bước phải đến nơi"),
    "none": gettext_noop("Chưa có"),
}


def level_words(version: procedures.Version) -> list[str]:
    return [_(said) for level, said in LEVELS.items() if level in version.levels]


def channel_words(version: procedures.Version) -> list[str]:
    return [_(said) for channel, said in CHANNELS.items() if channel in version.channels]


def online_words(version: procedures.Version) -> str:
    return _(ONLINE[version.online])


def question(request: HttpRequest, name: str = "q") -> str:
    """What was typed, at most LONGEST characters, without signs that can't be seen."""
    typed = request.GET.get(name, "")[:LONGEST]
    return " ".join("".join(sign for sign in typed if sign.isprintable()).split())


def life_events() -> list[tuple[str, str, str]]:
    return [(_(title), _(about), address("procedures", q=asked)) for title, about, asked in LIFE_EVENTS]


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "home.html", {"life_events": life_events()})


@require_safe
def language(request: HttpRequest, code: str) -> HttpResponse:
    """Keep the chosen language for a year and go back to where the reader was."""
    back = request.GET.get("ve", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None) or not back.startswith("/"):
        back = address("home")
    if code not in dict(settings.LANGUAGES):
        return problem(request, 404, _("Chưa có ngôn ngữ này"), _("Trang có tiếng Việt và tiếng Anh."))
    response = HttpResponseRedirect(back)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=365 * 24 * 3600,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
    return response


# Procedures


@require_safe
def find_procedures(request: HttpRequest) -> HttpResponse:
    asked = question(request)
    hits = procedures.search(asked, clock.today(), HITS) if asked else ()
    return render(
        request,
        "procedures.html",
        {
            "q": asked,
            "area": question(request, "xa"),
            "hits": [hit.version for hit in hits],
            "life_events": life_events(),
            "level_words": level_words,
        },
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a procedure is done for one commune or province."""

    unit_name: str
    province_name: str
    resolver: str
    basis: str
    centre: str
    boundary_free: bool
    published: bool


@require_safe
def procedure(request: HttpRequest, code: str) -> HttpResponse:
    on = clock.today()
    version = procedures.catalogue().version(code, on)
    if version is None:
        return problem(
            request,
            404,
            _("Chưa có thủ tục mang mã này"),
            _("Mã “%(code)s” không có trong danh mục thủ tục đang có hiệu lực hôm nay.") % {"code": code},
            [(_("Tìm thủ tục theo tên"), address("procedures"))],
        )
    asked = question(request, "xa")
    directory = units.directory()
    area, choices = chosen_area(directory, asked, on) if asked else (None, [])
    place, offer, trouble = None, None, ""
    if area is not None:
        province = directory.province_of(area.id, on)
        commune_id = area.id if area.level == units.Level.COMMUNE else None
        offer = procedures.offered(version, province.id, commune_id, on)
        try:
            place = where_done(directory, version, area, province, offer, on)
        except Failure:
            trouble = _("Thủ tục này không giải quyết ở %(unit)s. Nơi giải quyết ghi ở trên.") % {
                "unit": area.at(on).full_name
            }
    general = offer or procedures.catalogue().offered(version, 0, None, on)
    return render(
        request,
        "procedure.html",
        {
            "version": version,
            "place": place,
            "problem": trouble,
            "choices": choices,
            "asked": "" if area else asked,
            "papers": papers(version),
            "term": words.term(general.term),
            "term_assumed": general.term_assumed,
            "term_source": str(general.source) if place else "",
            "level_words": level_words,
            "channel_words": channel_words,
            "online_words": online_words,
        },
    )


def papers(version: procedures.Version) -> list[tuple[str, list[procedures.Component]]]:
    """Thành phần hồ sơ by case, what every case needs first."""
    by_case = sorted(version.components, key=lambda paper: paper.case != "")
    return [
        (version.cases.get(case, case), list(same)) for case, same in groupby(by_case, key=lambda paper: paper.case)
    ]


def where_done(
    directory: units.Directory,
    version: procedures.Version,
    area: units.Unit,
    province: units.Unit,
    offer: procedures.Offer,
    on: date,
) -> Place:
    competence = procedures.competent(version.code, area, on)
    centre = directory.agency_of(area.id, units.AgencyKind.SERVICE_CENTRE, on)
    return Place(
        unit_name=area.at(on).full_name,
        province_name=province.at(on).full_name,
        resolver=competence.agency.name_at(on) if competence.agency else competence.external,
        basis=competence.basis,
        centre=centre.name_at(on) if centre and competence.agency else "",
        boundary_free=offer.boundary_free,
        published=offer.published,
    )


def chosen_area(
    directory: units.Directory, asked: str, on: date
) -> tuple[units.Unit | None, list[tuple[str, str]]]:
    """The one commune or province of today that is meant, or the code and name of each that may be."""
    if asked.isdecimal():
        now = directory.find_unit(asked, on)
        if now is not None:
            return now, []
    meant: dict[units.Unit, bool] = {}
    for unit in found_units(directory, asked):
        if unit.level != units.Level.DISTRICT:
            for candidate in directory.became(unit.id, on):
                meant[candidate.unit] = candidate.extent == units.Extent.WHOLE
    if len(meant) == 1 and all(meant.values()) and asked.isdecimal():
        return next(iter(meant)), []
    named = [(unit.code, words.capital(with_province(directory, unit, on))) for unit in meant]
    return None, named[:CHOICES]


# Units


@lru_cache(maxsize=1)
def gazetteer(directory: units.Directory) -> tuple[rules.Named, ...]:
    """The names of one generation; made at its first search."""
    return rules.gazetteer(directory)


def found_units(directory: units.Directory, asked: str) -> tuple[units.Unit, ...]:
    if asked.isdecimal() and directory.unit_holders(asked):
        return tuple(unit for _first, _last, unit in reversed(directory.unit_holders(asked)))
    return rules.find_units(gazetteer(directory), asked)


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
    now: str


@require_safe
def find_units(request: HttpRequest) -> HttpResponse:
    asked, today = question(request), clock.today()
    directory = units.directory()
    found = found_units(directory, asked) if asked else ()
    rows = []
    for unit in found[:HITS]:
        closed = None if unit.in_force(today) else unit.valid_to
        became = directory.became(unit.id, today) if closed else ()
        rows.append(
            UnitRow(
                name=unit.at(closed or today).full_name,
                within=within(directory, unit, today),
                code=unit.code,
                link=unit_link(unit, today),
                closed_on=closed,
                now="; ".join(with_province(directory, new.unit, today) for new in became) if len(became) <= 3 else "",
            )
        )
    provinces = [(words.capital(unit.at(today).full_name), unit_link(unit, today)) for unit in directory.provinces(today)]
    return render(
        request, "units.html", {"q": asked, "rows": rows, "total": len(found), "provinces": provinces}
    )


@dataclass(frozen=True, slots=True)
class Link:
    """Another unit on a unit's page."""

    name: str
    within: str
    link: str
    whole: bool = True
    notes: tuple[str, ...] = ()
    note: str = ""


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
    return {
        "name": period.full_name,
        "code": code,
        "on": on,
        "is_today": on == today or not shown.in_force(on),
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
            (child.at(then).full_name, unit_link(child, today)) for child in directory.children_of(shown.id, then)
        ],
        "agencies": [agency_row(agency, then) for agency in directory.agencies_of(shown.id, then)],
        "figures": units.figures(shown.id, then),
    }


def before_link(directory: units.Directory, succession: units.Succession, today: date) -> Link:
    old = directory.unit(succession.old_id)
    return Link(
        old.at(succession.on - timedelta(days=1)).full_name,
        within(directory, old, today),
        unit_link(old, today),
        whole=succession.extent == units.Extent.WHOLE,
        note=succession.note,
    )


def same_code(other: units.Unit, first: date, last: date, code: str, today: date) -> dict[str, str]:
    """A word about another holder of the code, so that an old code on an old paper isn't taken for the new unit."""
    if last < today:
        name = other.at(last).full_name
        said = _("Đến hết %(day)s, mã %(code)s là của %(unit)s.") % {
            "day": words.day(last),
            "code": code,
            "unit": name,
        }
    else:
        name = other.at(today).full_name
        said = _("Từ %(day)s, mã %(code)s là của %(unit)s.") % {"day": words.day(first), "code": code, "unit": name}
    return {"words": said, "link": unit_link(other, today)}


def agency_row(agency: units.Agency, on: date) -> dict[str, Any]:
    identifier = agency.identifier(units.Scheme.ORG, on)
    return {
        "name": agency.name_at(on),
        "org": identifier.code if identifier else "",
        "made": identifier.made if identifier else False,
    }


# What went wrong


def problem(
    request: HttpRequest, status: int, heading: str, what: str, steps: Sequence[tuple[str, str]] = ()
) -> HttpResponse:
    """A page that says what happened and what to do next."""
    return render(
        request,
        "problem.html",
        {"heading": heading, "what": what, "next": [*steps, (_("Về trang đầu"), address("home"))]},
        status=status,
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem(
        request,
        404,
        _("Chưa có trang này"),
        _("Địa chỉ có thể đã gõ thiếu, hoặc trang đã đổi chỗ. Không có gì của ông/bà bị mất."),
        [(_("Tìm thủ tục"), address("procedures")), (_("Tra cứu hồ sơ"), address("where"))],
    )


def not_allowed(request: HttpRequest, exception: Exception | None = None, reason: str = "") -> HttpResponse:
    return problem(
        request,
        403,
        _("Trang này chưa mở được cho ông/bà"),
        _("Có thể trang đã mở quá lâu nên hết hạn. Ông/bà quay lại, tải lại trang rồi làm lại; chưa có gì được gửi đi."),
    )


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return problem(
        request,
        400,
        _("Yêu cầu chưa đúng"),
        _("Máy chủ không hiểu địa chỉ hoặc dữ liệu gửi đến. Ông/bà mở lại từ trang đầu."),
    )


def broken(request: HttpRequest) -> HttpResponse:
    return problem(
        request,
        500,
        _("Hệ thống gặp lỗi"),
        _("Lỗi đã được ghi lại. Những gì đã nộp vẫn còn nguyên. Ông/bà thử lại sau ít phút."),
    )
