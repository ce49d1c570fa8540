"""An application under way: its screens in their order, and how each is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from motcua.kernel import clock
from motcua.portal import queries
from motcua.portal.gate import Citizen
from motcua.procedures import api as procedures
from motcua.screens import forms
from motcua.screens.pages import address

AREA, PLACE, CASE, FORM, PAPERS, REVIEW = "noi-o", "noi-nop", "truong-hop", "to-khai-", "giay-to", "xem-lai"


@dataclass(frozen=True, slots=True)
class Stage:
    """One screen of the way, in the list beside it."""

    slug: str
    title: str
    vietnamese: bool
    done: bool
    link: str


@dataclass(frozen=True, slots=True)
class Way:
    """An application under way, as each of its screens needs it."""

    request: HttpRequest
    citizen: Citizen
    draft: queries.DraftRow
    version: procedures.Version
    groups: tuple[forms.Group, ...]
    now: datetime
    slug: str

    @property
    def on(self) -> date:
        return clock.day_of(self.now)

    @property
    def stages(self) -> tuple[Stage, ...]:
        titles: list[tuple[str, str, bool]] = [(AREA, _("Nơi ông/bà ở"), False), (PLACE, _("Nơi nhận hồ sơ"), False)]
        if self.version.cases:
            titles.append((CASE, _("Trường hợp"), False))
        titles += [(f"{FORM}{n}", group.title, True) for n, group in enumerate(self.groups, 1)]
        titles += [(PAPERS, _("Giấy tờ kèm theo"), False), (REVIEW, _("Xem lại và nộp"), False)]
        done = set(self.draft.done)
        return tuple(
            Stage(slug, title, vietnamese, slug in done, self.link(slug)) for slug, title, vietnamese in titles
        )

    def link(self, slug: str) -> str:
        return address("apply-step", self.draft.procedure, self.draft.id, slug)

    def after(self, slug: str) -> str:
        slugs = [stage.slug for stage in self.stages]
        return self.link(slugs[min(slugs.index(slug) + 1, len(slugs) - 1)])

    def before(self, slug: str) -> str:
        slugs = [stage.slug for stage in self.stages]
        return self.link(slugs[slugs.index(slug) - 1]) if slugs.index(slug) else ""


def show(way: Way, template: str, errors: Mapping[str, str] | None = None, **more: Any) -> HttpResponse:
    stages = way.stages
    number = next(n for n, stage in enumerate(stages, 1) if stage.slug == way.slug)
    return render(
        way.request,
        template,
        {
            "version": way.version,
            "draft": way.draft,
            "stages": stages,
            "stage": stages[number - 1],
            "number": number,
            "previous": way.before(way.slug),
            "errors": dict(errors or {}),
            **more,
        },
        status=422 if errors and any(errors.values()) else 200,
    )


def onward(way: Way) -> HttpResponse:
    """To the next screen; away, when the citizen wants to go on another day."""
    if "de-sau" in way.request.POST:
        return HttpResponseRedirect(address("mine"))
    return HttpResponseRedirect(way.link(REVIEW) if "xem" in way.request.GET else way.after(way.slug))
