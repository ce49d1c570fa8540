"""Applying: where, the case, the form, the papers, review, filing. One question group on each screen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from motcua.dossiers import api as dossiers
from motcua.kernel import clock
from motcua.kernel.errors import Conflict, Failure, NotFound, Permanent, Transient
from motcua.kernel.text import fold
from motcua.portal import actions, queries, rules
from motcua.portal.gate import Citizen, kept, signed_in
from motcua.portal.views import receipts, uploading
from motcua.portal.views.units import chosen_area, with_province
from motcua.procedures import api as procedures
from motcua.screens import forms, words
from motcua.screens.pages import address
from motcua.screens.problems import problem
from motcua.screens.routes import Page
from motcua.units import api as units

AREA, PLACE, CASE, FORM, PAPERS, REVIEW = "noi-o", "noi-nop", "truong-hop", "to-khai-", "giay-to", "xem-lai"
USUAL = "-"  # the answer "none of these cases"
Posted = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Stage:
    """One screen of the way, in the list beside it."""

    slug: str
    title: str
    vietnamese: bool
    done: bool
    link: str


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


# --- begin --------------------------------------------------------------------------------------------------------


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


# --- the steps ----------------------------------------------------------------------------------------------------


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


def case_step(way: Way) -> HttpResponse:
    choices = [(USUAL, _("Không thuộc trường hợp nào dưới đây"), False)]
    choices += [(key, words.capital(name), True) for key, name in way.version.cases.items()]
    picked = way.draft.case or (USUAL if CASE in way.draft.done else "")
    errors = {}
    if way.request.method == "POST":
        picked = way.request.POST.get("truong-hop", "")
        if picked in {key for key, _name, _vi in choices}:
            actions.change_draft(
                draft=way.draft.id,
                scope=way.citizen.scope,
                now=way.now,
                case="" if picked == USUAL else picked,
                done=CASE,
            )
            return onward(way)
        errors["truong-hop"] = _("Chọn một trường hợp; nếu không có trường hợp nào đúng, chọn dòng đầu.")
    return show(way, "apply_case.html", errors, choices=choices, picked=picked)


@dataclass(frozen=True, slots=True)
class Field:
    """A question as it stands on the screen: its value, where the value came from, what is wrong with it."""

    question: forms.Question
    name: str
    value: str
    source: str = ""
    error: str = ""
    rows: tuple[tuple["Field", ...], ...] = field(default=())


def form_step(way: Way) -> HttpResponse:
    group = way.groups[int(way.slug.removeprefix(FORM)) - 1]
    known = rules.known_values(group.questions, way.citizen.known)
    content: dict[str, Any] = {name: way.draft.content.get(name) for name in group.names}
    if way.slug not in way.draft.done:
        content |= {name: value for name, value in known.items() if content[name] is None}
    errors: dict[str, str] = {}
    typed_before = kept(way.request) if way.request.method == "GET" else None
    if typed_before is not None:
        content = forms.read(group.questions, typed_before)
        actions.change_draft(draft=way.draft.id, scope=way.citizen.scope, now=way.now, fields=content)
    if way.request.method == "POST":
        content = forms.read(group.questions, way.request.POST.dict())
        quietly = "tu-luu" in way.request.POST
        more = way.request.POST.get("them", "")
        errors = {} if more or quietly else wrong_in(way, group, way.draft.content | content)
        finished = not (errors or more or quietly)
        actions.change_draft(
            draft=way.draft.id,
            scope=way.citizen.scope,
            now=way.now,
            fields=content,
            done=way.slug if finished else "",
            undone="" if finished or quietly else way.slug,
        )
        if quietly:
            return HttpResponse(status=204)
        if finished or "de-sau" in way.request.POST:
            return onward(way)
    more = way.request.POST.get("them", "")
    fields = [
        field_of(question, content.get(question.name), known.get(question.name), errors, more)
        for question in group.questions
    ]
    return show(
        way, "apply_form.html", errors, group=group, fields=fields, prefilled=bool(known), kept=typed_before is not None
    )


def field_of(question: forms.Question, value: Any, known: Any, errors: Mapping[str, str], more: str) -> Field:
    """A question with its value; a table has a row for each that was typed, one to begin with, one more if asked."""
    source = ""
    if known is not None:
        source = _("Từ ứng dụng định danh")
        if value != known:
            source = _("Ứng dụng định danh ghi: %(known)s. Cán bộ sẽ đối chiếu.") % {
                "known": forms.typed(question, known)
            }
    rows = []
    if question.kind == "rows":
        held = [row for row in value or [] if isinstance(row, dict)]
        wanted = max(1, len(held) + (more == question.name))
        for n, row in enumerate([*held, *({} for _more in range(wanted - len(held)))]):
            prefix = f"{question.name}.{n}"
            rows.append(
                tuple(
                    Field(
                        column,
                        f"{prefix}.{column.name}",
                        forms.typed(column, row.get(column.name)),
                        error=errors.get(f"{prefix}.{column.name}", ""),
                    )
                    for column in question.of
                )
            )
    return Field(
        question, question.name, forms.typed(question, value), source, errors.get(question.name, ""), tuple(rows)
    )


def wrong_in(way: Way, group: forms.Group, content: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong on this screen, by the name of the field."""
    filled = {name: value for name, value in content.items() if value is not None}
    found = [(error.path, error.message_vi) for error in procedures.validate(way.version, filled)]
    titles = {question.name: question.title for question in group.questions}
    return {
        name: in_words(titles, name, sentence, missing=name in titles and name not in filled)
        for name, sentence in rules.named_errors(group.names, found)
    }


def in_words(titles: Mapping[str, str], name: str, sentence: str, *, missing: bool) -> str:
    """The catalogue says what is wrong in Vietnamese; other languages are told at least which field it is."""
    if get_language() == "vi":
        return sentence
    title = words.vietnamese(titles.get(name.split(".")[0], name))
    if missing:
        return words.say(_("Cần điền “%(field)s”."), field=titles.get(name, name))
    return words.say(
        _("“%(field)s” chưa đúng: %(why)s"), field=str(titles.get(name.split(".")[0], title)), why=sentence
    )


def papers_step(way: Way) -> HttpResponse:
    errors: dict[str, str] = {}
    if way.request.method == "POST":
        if dropped := way.request.POST.get("bo", ""):
            uploading.drop(dropped, scope=way.citizen.scope)
            return HttpResponseRedirect(way.link(PAPERS))
        if again := way.request.POST.get("dung-lai", ""):
            uploading.reuse(again, way.draft, scope=way.citizen.scope, now=way.now)
            return HttpResponseRedirect(way.link(PAPERS))
        errors = uploading.keep_sent(way.request, way.draft, scope=way.citizen.scope, now=way.now)
        if not errors and "gui" not in way.request.POST:
            actions.change_draft(draft=way.draft.id, scope=way.citizen.scope, now=way.now, done=PAPERS)
            return onward(way)
        if not errors:
            return HttpResponseRedirect(way.link(PAPERS))
    return show(
        way,
        "apply_papers.html",
        errors,
        slots=slots(way, uploading.own_papers(way.citizen.scope, way.now)),
        limit=settings.UPLOAD_LIMIT // 1024 // 1024,
        kinds=uploading.KINDS,
        accept=uploading.ACCEPT,
        begin=address("upload-begin", way.draft.procedure, way.draft.id),
    )


@dataclass(frozen=True, slots=True)
class Slot:
    """A paper of the procedure with the files that came for it."""

    key: str
    name: str
    required: bool
    by_the_form: bool
    shown: bool
    files: tuple[queries.UploadRow, ...]
    held: tuple[uploading.OwnPaper, ...] = ()  # the person's own, from earlier dossiers

    @property
    def lead(self) -> str:
        return rules.lead(self.name)

    @property
    def rest(self) -> str:
        return self.name[len(self.lead) :].lstrip(" .;,")

    @property
    def to_send(self) -> bool:
        return not (self.by_the_form or self.shown)

    @property
    def missing(self) -> bool:
        return self.required and self.to_send and not any(file.sha256 for file in self.files)


def slots(way: Way, own: tuple[uploading.OwnPaper, ...] = ()) -> tuple[Slot, ...]:
    """The papers of this case, and a last place for any other."""
    files = queries.uploads_of(way.draft.id, scope=way.citizen.scope)
    own_form = way.version.schema_key != procedures.GENERAL_KEY
    found = [
        Slot(
            paper.key,
            paper.name,
            paper.required,
            rules.by_the_form(paper.form_name, own_form),
            paper.shown,
            tuple(file for file in files if file.component == paper.key),
            uploading.fitting(own, paper.name, {file.sha256 for file in files if file.component == paper.key}),
        )
        for paper in way.version.components
        if paper.case in ("", way.draft.case)
    ]
    known = {slot.key for slot in found}
    others = tuple(file for file in files if file.component not in known)
    return (*found, Slot("", _("Giấy tờ khác, nếu có"), False, False, False, others))


# --- review and filing --------------------------------------------------------------------------------------------


def review_step(way: Way) -> HttpResponse:
    if way.request.method == "POST":
        return file(way)
    return review(way)


DELIVERIES = {
    "online": gettext_noop("Trực tuyến, trong trang Của tôi"),
    "counter": gettext_noop("Tại nơi nhận hồ sơ"),
    "post": gettext_noop("Qua bưu chính"),
}
"""Phương thức nhận kết quả."""


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


def answer_of(question: forms.Question, value: Any) -> list[str]:
    """An answer as lines to read; [] for a blank one."""
    if value is None:
        return []
    if question.kind == "rows":
        columns = question.of
        return [
            "; ".join(f"{c.title}: {forms.typed(c, row[c.name])}" for c in columns if row.get(c.name) is not None)
            for row in value
            if isinstance(row, dict)
        ]
    if question.kind == "choice":
        return [dict(question.choices).get(str(value), str(value))]
    if question.kind in ("yes_no", "agree"):
        return [_("Có") if value is True else _("Không")]
    return forms.typed(question, value).split("\n")


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
