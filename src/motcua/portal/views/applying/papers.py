"""The papers of an application: what each wants, what came for it."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from motcua.portal import actions, queries, rules
from motcua.portal.views import uploading
from motcua.portal.views.applying.way import PAPERS, Way, onward, show
from motcua.procedures import api as procedures
from motcua.screens.pages import address


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
