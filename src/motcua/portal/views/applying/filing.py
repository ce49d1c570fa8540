"""Everything once more, and filing."""

from collections.abc import Callable
from datetime import date

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from motcua.dossiers import api as dossiers
from motcua.kernel.errors import Failure, Permanent, Transient
from motcua.portal import actions, queries
from motcua.portal.gate import Citizen
from motcua.portal.views import receipts
from motcua.portal.views.applying.answers import answer_of, wrong_in
from motcua.portal.views.applying.papers import slots
from motcua.portal.views.applying.way import AREA, CASE, FORM, PAPERS, PLACE, REVIEW, Way, show
from motcua.portal.views.applying.where import site_of
from motcua.procedures import api as procedures
from motcua.screens import words
from motcua.units import api as units

DELIVERIES = {
    "online": gettext_noop("Trực tuyến, trong trang Của tôi"),
    "counter": gettext_noop("Tại nơi nhận hồ sơ"),
    "post": gettext_noop("Qua bưu chính"),
}
"""Phương thức nhận kết quả."""


def review_step(way: Way) -> HttpResponse:
    if way.request.method == "POST":
        return file(way)
    return review(way)


def review(way: Way, trouble: str = "") -> HttpResponse:
    """Everything once more, what is still missing first."""
    content = way.draft.content
    left = {stage.slug for stage in way.stages if not stage.done} - {PAPERS, REVIEW}
    answered = []
    for n, group in enumerate(way.groups, 1):
        slug = f"{FORM}{n}"
        if wrong_in(way, group, content):
            left.add(slug)
        answered.append((slug, group, [(q, answer_of(q, content.get(q.name))) for q in group.questions]))
    site = None
    try:
        site = site_of(way.version, way.draft.area, way.draft.case, way.on)
    except Failure as failure:
        trouble = trouble or failure.detail
    held = slots(way)
    return show(
        way,
        "apply_review.html",
        {"nop": trouble},
        unfinished=[stage for stage in way.stages if stage.slug in left],
        answered=[(way.link(slug) + "?xem=1", group, answers) for slug, group, answers in answered],
        site=site,
        office=office_name(way.draft.reception, way.on),
        case=words.capital(way.version.cases.get(way.draft.case, "")),
        links={slug: way.link(slug) + "?xem=1" for slug in (AREA, PLACE, CASE, PAPERS)},
        slots=[slot for slot in held if slot.files],
        missing=[slot for slot in held if slot.missing],
        coming=[file for slot in held for file in slot.files if not file.sha256],
        applicant=way.citizen.party,
        deliveries=[(value, _(said)) for value, said in DELIVERIES.items()],
        delivery=way.request.POST.get("nhan", "online"),
        delivery_place=way.request.POST.get("nhan-tai", ""),
    )


def office_name(org: str, on: date) -> str:
    agency = units.directory().find_agency(org, on)
    return agency.name_at(on) if agency else ""


def application_of(
    citizen: Citizen, version: procedures.Version, delivery: str, delivery_place: str
) -> Callable[..., dossiers.Application]:
    """What makes the application of a draft, as it stands when it is locked for filing."""

    def made(draft: queries.DraftRow, uploads: tuple[queries.UploadRow, ...]) -> dossiers.Application:
        party = citizen.party
        keys = {component.key for component in version.components if component.case in ("", draft.case)}
        papers: dict[str, list[str]] = {}
        for upload in uploads:
            papers.setdefault(upload.component if upload.component in keys else "", []).append(upload.sha256)
        fields = version.schema.get("properties", {})
        return dossiers.Application(
            procedure=draft.procedure,
            area=draft.area,
            reception=draft.reception,
            channel="online",
            case=draft.case,
            applicant=dossiers.Applicant(
                kind=party.kind,
                name=party.name,
                number=party.number,
                birth_date=party.birth_date,
                phone=party.phone,
                email=party.email,
                address=party.address,
                delivery=delivery,
                delivery_place=delivery_place,
            ),
            content={name: value for name, value in draft.content.items() if name in fields},
            components=tuple(
                dossiers.Paper(component=key, files=tuple(dict.fromkeys(files)), name="" if key else "Giấy tờ khác")
                for key, files in papers.items()
            ),
        )

    return made


def file(way: Way) -> HttpResponse:
    """Nộp hồ sơ: one dossier however often the button is pressed."""
    delivery = way.request.POST.get("nhan", "online")
    place = " ".join(way.request.POST.get("nhan-tai", "").split())[:300]
    if delivery not in DELIVERIES:
        delivery = "online"
    if delivery == "post" and not (place or way.citizen.party.address):
        return review(way, _("Ông/bà ghi địa chỉ để nhận kết quả qua bưu chính."))
    try:
        code = actions.file_draft(
            draft=way.draft.id,
            scope=way.citizen.scope,
            application_of=application_of(way.citizen, way.version, delivery, place if delivery == "post" else ""),
            now=way.now,
        )
    except Transient:
        return review(
            way, _("Hệ thống đang bận, hồ sơ chưa được nộp. Ông/bà bấm nộp lại sau ít phút; không nộp hai lần.")
        )
    except Permanent as failure:
        return review(way, _("Hồ sơ chưa nộp được: %(why)s") % {"why": f"{failure.detail} {failure.mend}".strip()})
    return HttpResponseRedirect(receipts.after_filing(code, way.citizen, way.now))
