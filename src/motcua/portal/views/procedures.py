"""Finding a procedure, and its page: what, where, how long, how much, what to bring, which law."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from django.views.decorators.http import require_safe

from motcua.dossiers import api as dossiers
from motcua.kernel import clock
from motcua.kernel.errors import Failure, NotFound
from motcua.kernel.text import fold
from motcua.portal.gate import citizen_of
from motcua.portal.views.dossiers import typed_code
from motcua.portal.views.home import LIFE_EVENTS, behind, life_events
from motcua.portal.views.units import chosen_area, unit_row
from motcua.procedures import api as procedures
from motcua.screens import words
from motcua.screens.asking import question
from motcua.screens.pages import address
from motcua.screens.problems import problem
from motcua.units import api as units

HITS = 20

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
    "full": gettext_noop("làm trực tuyến toàn bộ"),
    "partial": gettext_noop("làm trực tuyến một phần"),
    "none": gettext_noop("chưa làm trực tuyến được"),
}


def level_words(version: procedures.Version) -> list[str]:
    return [_(said) for level, said in LEVELS.items() if level in version.levels]


def channel_name(channel: str) -> str:
    return _(CHANNELS[channel]) if channel in CHANNELS else ""


def channel_words(version: procedures.Version) -> list[str]:
    return [_(said) for channel, said in CHANNELS.items() if channel in version.channels]


def online_words(version: procedures.Version) -> str:
    return _(ONLINE[version.online])


WEAK = 0.45
"""Hits that fit less than this share of the best one only distract."""
UNITS_SHOWN = 4
UNIT_WORDS = ("phường ", "xã ", "thị trấn ", "đặc khu ", "quận ", "huyện ", "thị xã ", "tỉnh ", "thành phố ")
UNIT_STARTS = tuple(fold(word) for word in UNIT_WORDS)


@require_safe
def find_procedures(request: HttpRequest) -> HttpResponse:
    """What the words mean: procedures, a commune of today or before, or the code of a dossier."""
    asked, on = question(request), clock.today()
    code = typed_code(asked)
    if dossiers.looks_like_code(code):
        return HttpResponseRedirect(address("where", ma=code))
    meant = [unit_row(unit, on) for unit in units.units_named(asked)[:UNITS_SHOWN]] if asked else []
    hits = () if meant and fold(asked).startswith(UNIT_STARTS) else procedures.search(asked, on, HITS)
    versions = [hit.version for hit in hits if hit.score >= WEAK * hits[0].score]
    typed = question(request, "xa")
    area, _choices = chosen_area(units.directory(), typed, on) if typed else (None, [])
    response = render(
        request,
        "procedures.html",
        {
            "q": asked,
            "area": area.code if area else "",
            "area_name": area.at(on).full_name if area else "",
            "hits": versions,
            "units": meant,
            "named": any(fold(unit.name).endswith(fold(asked)) for unit in meant),
            "life_events": life_events(),
            "level_words": level_words,
        },
    )
    if area is not None:
        keep_area(request, response, area.code)
    return response


@require_safe
def life_event(request: HttpRequest, slug: str) -> HttpResponse:
    """The procedures that a moment of life asks for, in the order in which they are usually done."""
    if slug not in LIFE_EVENTS:
        raise NotFound("life-event-unknown", "Chưa có sự kiện này.")
    on, catalogue = clock.today(), procedures.catalogue()
    title, about = LIFE_EVENTS[slug]
    found = [version for code in behind()[slug] if (version := catalogue.version(code, on))]
    others = [event for event in life_events() if event[2] != address("life-event", slug)]
    return render(
        request,
        "life_event.html",
        {
            "title": _(title),
            "about": _(about),
            "versions": found,
            "others": others,
            "level_words": level_words,
            "online_words": online_words,
        },
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a procedure is done for one commune or province."""

    code: str
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
    directory = units.directory()
    asked = question(request, "xa")
    area, choices, whence = chosen(request, directory, asked, on)
    place, offer, trouble = None, None, ""
    if area is not None:
        province = directory.province_of(area.id, on)
        commune_id = area.id if area.level == units.Level.COMMUNE else None
        offer = procedures.offered(version, province.id, commune_id, on)
        try:
            place = where_done(directory, version, area, province, offer, on)
        except Failure:
            trouble = words.say(
                _("Thủ tục này không giải quyết ở %(unit)s. Nơi giải quyết ghi ở trên."), unit=area.at(on).full_name
            )
    general = offer or procedures.catalogue().offered(version, 0, None, on)
    begin = address("apply", version.code, xa=area.code if area else "") if version.online != "none" else ""
    response = render(
        request,
        "procedure.html",
        {
            "version": version,
            "place": place,
            "problem": trouble,
            "choices": choices,
            "asked": "" if area or asked == OTHER else asked,
            "whence": _(WHENCE[whence]) if place else "",
            "other": OTHER,
            "begin": "" if trouble else begin,
            "papers": papers(version),
            "about": about,
            "term": words.term(general.term),
            "term_assumed": general.term_assumed,
            "term_source": str(general.source) if place else "",
            "level_words": level_words,
            "channel_words": channel_words,
            "channel_name": channel_name,
            "online_answer": _(ONLINE_ANSWER[version.online]),
        },
    )
    if place is not None and whence == ASKED:
        keep_area(request, response, place.code)
    return response


OTHER = "-"
"""Asks for another commune than the one that is remembered."""
AREA = "xa"
AREA_AGE = 180 * 24 * 3600
ASKED, REMEMBERED, ADDRESS = "asked", "remembered", "address"
WHENCE = {
    ASKED: "",
    REMEMBERED: gettext_noop("Xã, phường mà ông/bà đã chọn lần trước."),
    ADDRESS: gettext_noop("Theo địa chỉ trong tài khoản định danh của ông/bà."),
}


def chosen(
    request: HttpRequest, directory: units.Directory, asked: str, on: date
) -> tuple[units.Unit | None, list[tuple[str, str]], str]:
    """For which commune: the one asked for, the one chosen before, or that of a signed-in citizen's address."""
    if asked:
        area, choices = chosen_area(directory, asked, on) if asked != OTHER else (None, [])
        return area, choices, ASKED
    kept = request.COOKIES.get(AREA, "")
    if kept.isdecimal() and (area := directory.find_unit(kept[:5], on)):
        return area, [], REMEMBERED
    citizen = citizen_of(request)
    return (area_of_address(directory, citizen.party.address, on) if citizen else None), [], ADDRESS


def area_of_address(directory: units.Directory, text: str, on: date) -> units.Unit | None:
    """The commune of today in an address such as "12 phố Quan Thánh, phường Ba Đình, Hà Nội"; None if unsure."""
    parts = [part.strip() for part in text[:300].split(",")]
    for n, part in enumerate(parts):
        if fold(part).startswith(UNIT_STARTS[:4]):
            _none, meant = chosen_area(directory, ", ".join(parts[n:]), on)
            return directory.find_unit(meant[0][0], on) if len(meant) == 1 else None
    return None


def keep_area(request: HttpRequest, response: HttpResponse, code: str) -> None:
    """Remember the chosen commune, so that the next procedure says at once who resolves it."""
    response.set_cookie(
        AREA, code, max_age=AREA_AGE, httponly=True, samesite="Lax", secure=request.is_secure(), path="/thu-tuc"
    )


ONLINE_ANSWER = {
    "full": gettext_noop("Được, toàn bộ: không phải đến nơi"),
    "partial": gettext_noop("Được, một phần: còn bước phải đến nơi"),
    "none": gettext_noop("Chưa được: nộp tại nơi tiếp nhận"),
}


def papers(version: procedures.Version) -> list[tuple[str, list[procedures.Component]]]:
    """Thành phần hồ sơ by case, what every case needs first."""
    by_case = sorted(version.components, key=lambda paper: paper.case != "")
    return [
        (version.cases.get(case, case), list(same)) for case, same in groupby(by_case, key=lambda paper: paper.case)
    ]


def about(paper: procedures.Component) -> list[str]:
    """How many of a paper, and whether it is needed."""
    said = [_("chỉ xuất trình")] if paper.shown else []
    if paper.originals:
        said.append(ngettext("%(n)s bản chính", "%(n)s bản chính", paper.originals) % {"n": paper.originals})
    if paper.copies:
        said.append(ngettext("%(n)s bản sao", "%(n)s bản sao", paper.copies) % {"n": paper.copies})
    said.append(_("bắt buộc") if paper.required else _("nếu có"))
    return said


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
        code=area.code,
        unit_name=area.at(on).full_name,
        province_name=province.at(on).full_name,
        resolver=competence.agency.name_at(on) if competence.agency else competence.external,
        basis=competence.basis,
        centre=centre.name_at(on) if centre and competence.agency else "",
        boundary_free=offer.boundary_free,
        published=offer.published,
    )
