"""Where: the commune that the citizen lives in, who resolves there, the centre that receives."""

from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from motcua.dossiers import api as dossiers
from motcua.kernel import clock
from motcua.kernel.errors import Failure, Permanent
from motcua.kernel.text import fold
from motcua.portal import actions
from motcua.portal.gate import Citizen
from motcua.portal.views.applying.way import AREA, PLACE, Way, onward, show
from motcua.portal.views.units import chosen_area, with_province
from motcua.procedures import api as procedures
from motcua.screens import words
from motcua.units import api as units


@dataclass(frozen=True, slots=True)
class Asked:
    """What was answered to "where do you live": a commune, or those that may be meant."""

    typed: str = ""
    area: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    picked: str = ""
    from_app: bool = False
    error: str = ""
    offices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Site:
    """What holds for this draft at its place: who resolves, where it may be handed in."""

    area_name: str
    resolver: str
    basis: str
    term: str
    offices: tuple[tuple[str, str], ...]  # identifier and the unit that the centre serves
    boundary_free: bool
    province_name: str


def chosen(request: HttpRequest, version: procedures.Version, citizen: Citizen, now: datetime) -> Asked:
    """The commune that is meant by a picked code or by typed words; before anything is typed, by the known address.

    `tim` holds the words for which choices were shown: a choice counts as long as the words are still the same.
    """
    directory, on = units.directory(), clock.day_of(now)
    given = request.POST if request.method == "POST" else request.GET
    typed = " ".join(given.get("noi", "").split())[:200]
    unit = directory.find_unit(given["xa"], on, units.Level.COMMUNE) if given.get("xa", "").isdecimal() else None
    if unit is not None and typed == given.get("tim", ""):
        only = ((unit.code, words.capital(with_province(directory, unit, on))),)
        try:
            offices = site_of(version, unit.code, "", on).offices
        except Failure as failure:
            error = refused(failure, unit.at(on).full_name)
            return Asked(choices=only, picked=unit.code, error=error)
        return Asked(area=unit.code, choices=only, picked=unit.code, offices=offices)
    if typed:
        choices = communes_named(directory, typed, on)
        error = "" if choices else _("Chưa tìm thấy xã, phường này. Ông/bà thử tên cũ, hoặc chỉ phần tên riêng.")
        return Asked(typed=typed, choices=choices, picked=likeliest(choices, typed), error=error)
    known = citizen.known.get("address", "")
    choices = communes_of_address(directory, known, on)
    return Asked(
        choices=choices,
        picked=likeliest(choices, known),
        from_app=bool(choices),
        error=_("Chọn hoặc ghi tên xã, phường nơi ông/bà ở.") if request.method == "POST" else "",
    )


def likeliest(choices: tuple[tuple[str, str], ...], said: str) -> str:
    """The only choice, or the one whose name was said to the letter."""
    named = [code for code, name in choices if fold(name) in fold(said)]
    return choices[0][0] if len(choices) == 1 else named[0] if len(named) == 1 else ""


def communes_named(directory: units.Directory, typed: str, on: date) -> tuple[tuple[str, str], ...]:
    unit, choices = chosen_area(directory, typed, on)
    if unit is not None:
        choices = [(unit.code, words.capital(with_province(directory, unit, on)))]
    return tuple((code, name) for code, name in choices if directory.find_unit(code, on, units.Level.COMMUNE))


def communes_of_address(directory: units.Directory, known: str, on: date) -> tuple[tuple[str, str], ...]:
    """The communes that the last parts of an address may mean: "..., phường Ba Đình, thành phố Hà Nội"."""
    parts = [part.strip() for part in known.split(",") if part.strip()]
    return communes_named(directory, ", ".join(parts[-2:]), on)[:5] if len(parts) > 1 else ()


def refused(failure: Failure, unit_name: str) -> str:
    """Why a procedure can't be handed in for a commune, in the language of the page."""
    known = {
        "not-published": _("Nơi này chưa công khai thủ tục này. Ông/bà hỏi trung tâm phục vụ hành chính công."),
        "not-settled-here": _("Thủ tục này do cơ quan không dùng hệ thống này giải quyết; nộp tại cơ quan đó."),
    }
    return known.get(failure.problem) or words.say(
        _("Thủ tục này không giải quyết ở %(unit)s. Trang thủ tục ghi nơi giải quyết."), unit=unit_name
    )


def site_of(version: procedures.Version, area_code: str, case: str, on: date) -> Site:
    """Who resolves for this commune today, and where it may be handed in; Failures say why it can't."""
    directory = units.directory()
    area = directory.find_unit(area_code, on, units.Level.COMMUNE)
    if area is None:
        raise Permanent("area-unknown", "Xã, phường này không còn mang mã cũ.", mend="Chọn lại xã, phường.")
    here = dossiers.law_here(version.id, area.id, on, case, "online")
    agency = here.competence.agency
    if agency is None:
        raise Permanent("not-settled-here", f"Thủ tục này do {here.competence.external} giải quyết.")
    if not here.offer.published:
        raise Permanent("not-published", "Nơi này chưa công khai thủ tục này.")
    near = [area.id, directory.agency(agency.id).unit_id, here.province]
    if here.offer.boundary_free:
        near += [commune.id for commune in directory.communes_of(here.province, on)]
    offices = {}
    for unit in near:
        centre = directory.agency_of(unit, units.AgencyKind.SERVICE_CENTRE, on)
        if centre is not None and centre.org(on):
            served = words.capital(directory.unit(unit).at(on).full_name)
            offices[centre.org(on)] = served if unit != here.province else _("%(unit)s (cấp tỉnh)") % {"unit": served}
    if not offices:
        raise Permanent("no-centre", "Chưa có trung tâm nào nhận hồ sơ này.")
    return Site(
        area_name=area.at(on).full_name,
        resolver=agency.name_at(on),
        basis=here.competence.basis,
        term=words.term(here.offer.term),
        offices=tuple(offices.items()),
        boundary_free=here.offer.boundary_free,
        province_name=directory.unit(here.province).at(on).full_name,
    )


def area_step(way: Way) -> HttpResponse:
    asked = chosen(way.request, way.version, way.citizen, way.now)
    if way.request.method == "POST" and asked.area and asked.offices and not asked.error:
        reception = way.draft.reception if way.draft.reception in dict(asked.offices) else asked.offices[0][0]
        actions.change_draft(
            draft=way.draft.id, scope=way.citizen.scope, now=way.now, area=asked.area, reception=reception, done=AREA
        )
        return onward(way)
    if way.request.method != "POST" and not asked.typed and not asked.area:
        directory = units.directory()
        unit = directory.find_unit(way.draft.area, way.on, units.Level.COMMUNE)
        if unit is not None:
            name = words.capital(with_province(directory, unit, way.on))
            asked = Asked(choices=((unit.code, name),), picked=unit.code)
    return show(way, "apply_area.html", {"noi": asked.error}, asked=asked)


def place_step(way: Way) -> HttpResponse:
    try:
        site = site_of(way.version, way.draft.area, way.draft.case, way.on)
    except Failure as failure:
        return show(way, "apply_area.html", {"noi": failure.detail}, asked=Asked())
    picked = way.request.POST.get("noi-nop", way.draft.reception)
    errors = {}
    if way.request.method == "POST":
        if picked in dict(site.offices):
            actions.change_draft(draft=way.draft.id, scope=way.citizen.scope, now=way.now, reception=picked, done=PLACE)
            return onward(way)
        errors["noi-nop"] = _("Chọn một trung tâm trong danh sách.")
    return show(way, "apply_place.html", errors, site=site, picked=picked)
