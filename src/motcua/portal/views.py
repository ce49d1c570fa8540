"""The pages: each turns an address into one question and its answer into one template."""

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
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from motcua.dossiers import api as dossiers
from motcua.kernel import clock
from motcua.kernel.errors import Failure
from motcua.kernel.text import fold
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

HITS = 20
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


def chosen_area(directory: units.Directory, asked: str, on: date) -> tuple[units.Unit | None, list[tuple[str, str]]]:
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
    provinces = [
        (words.capital(unit.at(today).full_name), unit_link(unit, today)) for unit in directory.provinces(today)
    ]
    return render(request, "units.html", {"q": asked, "rows": rows, "total": len(found), "provinces": provinces})


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
    return {
        "name": period.full_name,
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
            (child.at(then).full_name, unit_link(child, today))
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
        name = other.at(last).full_name
        said = _("Đến hết %(day)s, mã %(code)s là của %(unit)s (cũ).") % {
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


# Where is it


COOKIE = "tra-cuu"
COOKIE_AGE = 15 * 60  # seconds; as long as a session


def remembered(code: str) -> str:
    """The path to which the secret of a dossier is sent back, and to no other."""
    return address("dossier", code)


def ask_where(code: str, secret: str, now: datetime) -> dossiers.Where | Failure:
    return dossiers.where([dossiers.WhereQuestion(code=code, now=now, secret=secret)])[0]


def typed_code(text: str) -> str:
    """A code as people type it from paper: any case, spaces, long dashes."""
    return "".join(text.upper().split()).translate(DASHES)[:100]


DASHES = str.maketrans("‐‑‒–—−", "------")


@require_http_methods(["GET", "HEAD", "POST"])
def where(request: HttpRequest) -> HttpResponse:
    """Asks for the code and the secret on the slip. A right pair is remembered for 15 minutes, for this dossier."""
    if request.method != "POST":
        return where_form(request, typed_code(question(request, "ma")))
    code, secret = typed_code(request.POST.get("ma", "")), request.POST.get("bi-mat", "").strip()[:100]
    errors = {}
    if not code:
        errors["ma"] = _("Ghi mã hồ sơ, ví dụ H29.112-261120-0042.")
    if not secret:
        errors["bi-mat"] = _("Ghi mã tra cứu ở ngay dưới mã hồ sơ.")
    if not errors and isinstance(ask_where(code, secret, clock.now()), Failure):
        errors["ma"] = _("Chưa tìm thấy hồ sơ nào có mã và mã tra cứu này. Ông/bà so lại từng chữ với giấy tiếp nhận.")
    if errors:
        return where_form(request, code, errors)
    return opened(request, code, secret)


def where_form(request: HttpRequest, code: str, errors: dict[str, str] | None = None) -> HttpResponse:
    response = render(
        request,
        "where.html",
        {"code": code, "errors": {"ma": "", "bi-mat": ""} | (errors or {})},
        status=422 if errors else 200,
    )
    response["Cache-Control"] = "no-store"
    return response


def opened(request: HttpRequest, code: str, secret: str) -> HttpResponse:
    """Go to the dossier's page with the secret in a cookie that only this page gets, so that no address holds it."""
    response = HttpResponseRedirect(remembered(code))
    response.set_cookie(
        COOKIE,
        secret,
        max_age=COOKIE_AGE,
        path=remembered(code),
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def dossier(request: HttpRequest, code: str) -> HttpResponse:
    """The answer for whoever has shown the secret; `?bm=SECRET` comes from the QR code on the slip."""
    code, now = typed_code(code), clock.now()
    if request.GET.get("bm"):
        return opened(request, code, request.GET["bm"][:100])
    secret = request.COOKIES.get(COOKIE, "")
    found = ask_where(code, secret, now) if secret else None
    if found is None:
        return where_form(request, code)
    if isinstance(found, Failure):
        return where_form(
            request,
            code,
            {"bi-mat": _("Mã tra cứu chưa hợp với hồ sơ này. Ông/bà so lại từng chữ với giấy tiếp nhận.")},
        )
    response = render(
        request,
        "dossier.html",
        {"found": found, "answer": answer(found, clock.day_of(now)), "points": points(found), "clock_rows": ()},
    )
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


@dataclass(frozen=True, slots=True)
class Answer:
    """Hồ sơ đang ở đâu, in sentences: who has it, how long still, and whether the citizen must act."""

    sentence: str
    since: str
    chip_kind: str
    chip: str
    waiting: str
    must_act: str


WAITING = {
    "citizen": gettext_noop("Đang chờ ông/bà."),
    "office": gettext_noop("Đang chờ cơ quan này. Ông/bà không phải làm gì."),
    "other_agency": gettext_noop("Đang chờ cơ quan khác trả lời. Ông/bà không phải làm gì."),
    "duty": gettext_noop("Đang chờ hoàn thành nghĩa vụ tài chính."),
    "outage": gettext_noop("Đang chờ hệ thống hoạt động trở lại. Ông/bà không phải làm gì; thời gian này không tính."),
}
OVER = {
    3: gettext_noop("Hồ sơ không được tiếp nhận"),
    7: gettext_noop("Hồ sơ đã được rút theo yêu cầu của ông/bà"),
    8: gettext_noop("Hồ sơ đã dừng giải quyết"),
    10: gettext_noop("Đã trả kết quả"),
}
"""By national status, what is said of a dossier that nobody holds any more."""
MUST_ACT = {
    5: gettext_noop("Ông/bà cần bổ sung giấy tờ theo phiếu yêu cầu đã gửi."),
    6: gettext_noop("Ông/bà cần hoàn thành nghĩa vụ tài chính theo thông báo đã gửi."),
}


def state_words(found: dossiers.Where) -> str:
    return dossiers.STATE[dossiers.State(found.state)].en if get_language() == "en" else found.state_name


def answer(found: dossiers.Where, today: date) -> Answer:
    left = None if found.working_minutes_left is None else timedelta(minutes=found.working_minutes_left)
    due_on = clock.day_of(found.due_at) if found.due_at else None
    kind = rules.chip(found.national_status, left, due_on, today)
    span = words.working_time(left) if left is not None else ""
    if kind in (rules.Chip.DONE, rules.Chip.WAITING):
        said = state_words(found)
    elif kind is rules.Chip.LATE:
        said = _("Quá hạn %(span)s làm việc") % {"span": span}
    else:
        said = _("Còn %(span)s làm việc") % {"span": span}
    since = _("từ %(moment)s") % {"moment": words.moment(found.since)}
    if found.national_status in OVER:
        sentence = _(OVER[found.national_status])
    elif found.national_status == 9:
        sentence = _("Đã có kết quả, mời ông/bà đến nhận tại %(office)s") % {"office": found.reception.name}
    else:
        sentence = _("Đang ở %(office)s") % {"office": found.holder.name if found.holder else found.resolving.name}
    waiting = WAITING["office" if found.waiting_on is None else found.waiting_on]
    waited_for = _(waiting) if kind is not rules.Chip.DONE else ""
    must_act = ""
    if found.must_act:
        must_act = _(MUST_ACT.get(found.national_status, "")) or waited_for
        if found.act_by:
            must_act += " " + _("Hạn chót: %(moment)s.") % {"moment": words.moment(found.act_by)}
    return Answer(sentence, since, kind.value, said, waited_for, must_act)


STEP_NAMES = {step.name: step.vi for step in (*dossiers.FILINGS, *dossiers.STEPS)}
SILENT = frozenset({"warn"})  # steps that say nothing to a citizen


def points(found: dossiers.Where) -> list[tuple[str, str, str]]:
    """The time line: what was done and where, what is being done, what comes."""
    directory = units.directory()
    told = []
    for row in dossiers.log_of(found.code):
        if row.step in SILENT:
            continue
        place = directory.agency(row.agency).name_at(clock.day_of(row.at)) if row.agency else ""
        note = " · ".join(part for part in (words.short_moment(row.at), words.capital(place)) if part)
        told.append((rules.Point.DONE.value, STEP_NAMES[row.step], note))
    if found.national_status in rules.FINISHED or found.holder is None:
        if found.national_status == 9:
            told.append((rules.Point.NOW.value, _("Nhận kết quả"), found.reception.name))
        return told
    told.append((rules.Point.NOW.value, found.next_step or state_words(found), found.holder.name))
    due = _("hẹn %(moment)s") % {"moment": words.moment(found.due_at)} if found.due_at else ""
    told.append((rules.Point.NEXT.value, _("Trả kết quả"), due))
    return told


# The parts of all pages, on one


TOKENS = (
    ("ink", gettext_noop("chữ")),
    ("mute", gettext_noop("chữ phụ")),
    ("paper", gettext_noop("nền trang")),
    ("act", gettext_noop("liên kết, nút chính")),
    ("seal", gettext_noop("dải đầu trang và dấu, không nơi nào khác")),
    ("in-time", gettext_noop("còn hạn")),
    ("soon", gettext_noop("đến hạn hôm nay")),
    ("late", gettext_noop("quá hạn, lỗi")),
    ("waiting", gettext_noop("đồng hồ dừng")),
    ("done", gettext_noop("đã xong")),
)


@dataclass(frozen=True, slots=True)
class ClockExample:
    day: date
    counted: timedelta
    sentence_vi: str
    source: str


@require_safe
def design(request: HttpRequest) -> HttpResponse:
    """/thiet-ke: every part with an example, for whoever makes the next page."""
    half = timedelta(hours=4)
    return render(
        request,
        "design.html",
        {
            "tokens": [(token, _(use)) for token, use in TOKENS],
            "life_events": life_events(),
            "chips": [
                ("in-time", _("Còn %(span)s làm việc") % {"span": words.working_time(timedelta(hours=19))}),
                ("soon", _("Còn %(span)s làm việc") % {"span": words.working_time(timedelta(hours=2))}),
                ("late", _("Quá hạn %(span)s làm việc") % {"span": words.working_time(timedelta(hours=3))}),
                ("waiting", _("Tạm dừng")),
                ("done", _("Đã trả kết quả")),
            ],
            "points": [
                (
                    "done",
                    "Nộp tại Trung tâm Phục vụ HCC phường An Đông",
                    "13:20, 20/11/2026 · tiếp nhận ngoài địa giới",
                ),
                ("done", "Chuyển đến phường Bàn Cờ giải quyết", "14:05, 20/11/2026"),
                ("now", "Thẩm tra, ghi vào sổ hộ tịch", "đang làm"),
                ("next", "Trả kết quả", "hẹn 11:30 thứ Hai, 23/11/2026"),
            ],
            "clock_rows": [
                ClockExample(date(2026, 11, 20), half, "Tính từ 13:30 đến 17:30.", "Nghị định 61/2018/NĐ-CP"),
                ClockExample(date(2026, 11, 21), timedelta(0), "Thứ Bảy, ngày nghỉ.", "Bộ luật Lao động 2019"),
                ClockExample(date(2026, 11, 23), half, "Tính từ 07:30 đến 11:30, đến hạn.", "Nghị định 61/2018/NĐ-CP"),
            ],
        },
    )


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
        _(
            "Có thể trang đã mở quá lâu nên hết hạn. Ông/bà quay lại, tải lại trang rồi làm lại; chưa có gì được gửi đi."
        ),
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
