"""Finding a procedure, and its page: what, where, how long, how much, what to bring, which law."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from django.views.decorators.http import require_safe

from motcua.kernel import clock
from motcua.kernel.errors import Failure
from motcua.portal.views.home import life_events
from motcua.portal.views.units import chosen_area
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


@require_safe
def find_procedures(request: HttpRequest) -> HttpResponse:
    asked, on = question(request), clock.today()
    hits = procedures.search(asked, on, HITS) if asked else ()
    typed = question(request, "xa")
    area, _choices = chosen_area(units.directory(), typed, on) if typed else (None, [])
    return render(
        request,
        "procedures.html",
        {
            "q": asked,
            "area": area.code if area else "",
            "area_name": area.at(on).full_name if area else "",
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
            trouble = words.say(
                _("Thủ tục này không giải quyết ở %(unit)s. Nơi giải quyết ghi ở trên."), unit=area.at(on).full_name
            )
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
            "about": about,
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
        unit_name=area.at(on).full_name,
        province_name=province.at(on).full_name,
        resolver=competence.agency.name_at(on) if competence.agency else competence.external,
        basis=competence.basis,
        centre=centre.name_at(on) if centre and competence.agency else "",
        boundary_free=offer.boundary_free,
        published=offer.published,
    )
