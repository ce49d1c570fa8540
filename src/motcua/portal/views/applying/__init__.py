"""Applying: where, the case, the form, the papers, review, filing. One question group on each screen."""

from collections.abc import Callable, Mapping
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from motcua.kernel import clock
from motcua.kernel.errors import Conflict, NotFound
from motcua.portal import actions, queries
from motcua.portal.gate import Citizen, signed_in
from motcua.portal.views import receipts, uploading
from motcua.portal.views.applying.answers import case_step, form_step
from motcua.portal.views.applying.filing import review_step
from motcua.portal.views.applying.papers import papers_step
from motcua.portal.views.applying.way import AREA, CASE, FORM, PAPERS, PLACE, REVIEW, Way
from motcua.portal.views.applying.where import area_step, chosen, place_step
from motcua.procedures import api as procedures
from motcua.screens import forms
from motcua.screens.pages import address
from motcua.screens.problems import problem
from motcua.screens.routes import Page


@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest, citizen: Citizen, code: str) -> HttpResponse:
    """The first screen: which commune. A draft that lies open is offered before a new one is begun."""
    now = clock.now()
    version = procedures.catalogue().version(code, clock.day_of(now))
    if version is None:
        raise NotFound("procedure-unknown", f"Không có thủ tục {code}.")
    if "online" not in version.channels or version.online == "none":
        return problem(
            request,
            409,
            _("Thủ tục này chưa nộp trực tuyến được"),
            _("Ông/bà nộp tại trung tâm phục vụ hành chính công; trang thủ tục ghi nơi nộp và giấy tờ cần mang."),
            [(_("Xem trang thủ tục"), address("procedure", code))],
        )
    asked = chosen(request, version, citizen, now)
    if request.method == "POST" and asked.area and asked.offices and not asked.error:
        draft = actions.begin_draft(
            scope=citizen.scope, procedure=version.code, area=asked.area, reception=asked.offices[0][0], now=now
        )
        return HttpResponseRedirect(address("apply-step", version.code, draft.id, PLACE))
    drafts = [draft for draft in queries.drafts_of(citizen.scope) if draft.procedure == version.code]
    return render(
        request,
        "apply_begin.html",
        {
            "version": version,
            "asked": asked,
            "drafts": drafts,
            "errors": {"noi": asked.error},
        },
        status=422 if asked.error and request.method == "POST" else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, citizen: Citizen, code: str, draft: UUID, slug: str) -> HttpResponse:
    """One screen of an application: shown, or what was typed on it kept."""
    now = clock.now()
    row = queries.draft_of(draft, scope=citizen.scope)
    version = procedures.catalogue().version(code, clock.day_of(now))
    if row.procedure != code or version is None:
        raise queries.unknown()
    if row.code:
        return HttpResponseRedirect(address("receipt", row.code))
    way = Way(request, citizen, row, version, forms.groups(version.schema), now, slug)
    if slug not in {stage.slug for stage in way.stages}:
        raise queries.unknown()
    screen = SCREENS[FORM if slug.startswith(FORM) else slug]
    try:
        return screen(way)
    except Conflict as conflict:  # filed meanwhile, in another tab
        if conflict.problem == "draft-filed":
            return HttpResponseRedirect(address("receipt", str(conflict.members["code"])))
        raise


@require_POST
def drop(request: HttpRequest, citizen: Citizen, draft: UUID) -> HttpResponse:
    """Bỏ bản nháp."""
    row = queries.draft_of(draft, scope=citizen.scope)
    actions.drop_draft(draft=draft, scope=citizen.scope)
    return HttpResponseRedirect(address("apply", row.procedure))


SCREENS: Mapping[str, Callable[[Way], HttpResponse]] = {
    AREA: area_step,
    PLACE: place_step,
    CASE: case_step,
    FORM: form_step,
    PAPERS: papers_step,
    REVIEW: review_step,
}


PAGES: tuple[Page, ...] = (
    Page("nop/<str:code>", begin, "apply", signed_in),
    *uploading.PAGES,
    Page("nop/<str:code>/<uuid:draft>/<str:slug>", step, "apply-step", signed_in),
    Page("ban-nhap/<uuid:draft>/bo", drop, "drop-draft", signed_in),
    *receipts.PAGES,
)
