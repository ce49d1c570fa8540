"""The work lists of a position, several dossiers at once, saved views, and finding a dossier."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from motcua.desk import actions, queries, words
from motcua.desk.frame import LIST_NAMES, show
from motcua.desk.gate import Seat, officials
from motcua.desk.rules import BY_SLUG, MOST_AT_ONCE, DeskList
from motcua.dossiers import api as dossiers
from motcua.identity import api as identity
from motcua.kernel import clock
from motcua.kernel.errors import Failure, NotFound, Permanent
from motcua.procedures import api as procedures
from motcua.screens.asking import question
from motcua.screens.pages import address
from motcua.screens.routes import Page
from motcua.units import api as units

REPORT = "report"
"""Where the session keeps what became of the last steps, until it is shown."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a list, in words."""

    row: dossiers.DeskRow
    chip_kind: str
    chip: str
    hint: str
    step: str
    waiting: str
    link: str
    can: str  # the steps that it may take with others, by name


def lines_of(found: Iterable[dossiers.DeskRow], here: int, now: datetime, slug: str = "") -> list[Line]:
    """The rows in words; `slug` is the list that a dossier opened from here leads back to."""
    base, back = address("desk-dossier", "-").removesuffix("-"), f"?tu={slug}" if slug else ""
    return [_line(row, here, now, f"{base}{row.code}{back}") for row in found]


def _line(row: dossiers.DeskRow, here: int, now: datetime, link: str) -> Line:
    kind, said, hint = words.chip(row.state, row.left, row.act_left, row.due_at, now)
    holder = units.directory().agency(row.holder).name_at(clock.day_of(now)) if row.holder else "–"
    return Line(
        row,
        kind,
        said,
        hint,
        row.step or words.state_words(row.state.value),
        words.waiting(row, here, holder),
        link,
        " ".join(row.steps),
    )


@require_safe
def work_list(request: HttpRequest, seat: Seat, slug: str) -> HttpResponse:
    """One list of this position, most pressing first, narrowed by words and field of work."""
    row, now = _list_of(seat, slug), clock.now()
    typed, field = question(request), question(request, "linh-vuc")
    fields = fields_here(seat, clock.day_of(now))
    page = dossiers.desk_page(
        dossiers.DeskQuestion(
            seat.scope,
            seat.agency.id,
            row.name,
            now,
            after=request.GET.get("sau", "")[:100],
            procedures=fields.get(field) if field else None,
            words=typed,
        )
    )
    kept = {"q": typed, "linh-vuc": field if field in fields else ""}
    query = urlencode({name: value for name, value in kept.items() if value})
    lines = lines_of(page.rows, seat.agency.id, now, slug)
    steps = [step for step in dossiers.PLAIN if any(step in one.row.steps for one in lines)]
    context = {
        "slug": slug,
        "name": _(LIST_NAMES[row.name]),
        "list": row,
        "lines": lines,
        "typed": typed,
        "field": field,
        "fields": fields,
        "query": query,
        "more": address("desk-list", slug, **kept, sau=page.next) if page.next else "",
        "first": not request.GET.get("sau"),
        "steps": [(step, words.step_words(step)) for step in steps],
        "key": uuid4().hex,
        "report": report_of(request),
        "slips": address("desk-slips"),
        "slip": "01" if identity.Role.RECEPTION in seat.roles else "06",
        "saved": (saved := queries.views_of(seat.scope.caller)),
        "view": next((view for view in saved if (view.slug, view.query) == (slug, query)), None),
    }
    return show(request, seat, "desk/lists.html", context, here=row.name)


def _list_of(seat: Seat, slug: str) -> DeskList:
    row = BY_SLUG.get(slug)
    if row is None or row.roles.isdisjoint(seat.roles):
        raise NotFound("list-unknown", "Không có danh sách này cho vị trí của ông/bà.")
    return row


def fields_here(seat: Seat, on: date) -> dict[str, frozenset[str]]:
    """The fields of work (lĩnh vực) at the level of this agency's unit, each with its procedures."""
    level = units.directory().unit(seat.agency.unit_id).level.value
    return _fields(procedures.catalogue(), level, on)


@lru_cache(maxsize=8)
def _fields(catalogue: procedures.Catalogue, level: str, on: date) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for version in catalogue.all(on):
        if level in version.levels:
            found.setdefault(version.field, set()).add(version.code)
    return {field: frozenset(codes) for field, codes in sorted(found.items())}


@require_POST
def take(request: HttpRequest, seat: Seat, slug: str) -> HttpResponse:
    """Take one step with several dossiers; what was done and what was not, and why, is told on the list."""
    row = _list_of(seat, slug)
    step, chosen = request.POST.get("buoc", ""), list(dict.fromkeys(request.POST.getlist("ma")))
    back = HttpResponseRedirect(f"{address('desk-list', row.slug)}?{request.GET.urlencode()}".rstrip("?"))
    if step not in dossiers.PLAIN:
        raise Permanent("step-unknown", "Bước này không làm được cho nhiều hồ sơ một lúc.")
    if len(chosen) > MOST_AT_ONCE:
        raise Permanent("too-many", f"Mỗi lần làm được {MOST_AT_ONCE} hồ sơ.", mend="Bỏ bớt hồ sơ đã đánh dấu.")
    key, now = request.POST.get("khoa", "")[:64] or uuid4().hex, clock.now()
    requests = [
        dossiers.StepRequest(
            code=code[:100],
            step=step,
            key=f"desk:{key}:{step}:{code}"[:200],
            digest=dossiers.digest_of(f"{step}:{code}".encode()),
            scope=seat.scope,
            given=dossiers.Given(now),
            position=seat.holding.id,
        )
        for code in chosen
    ]
    answers = dossiers.take_steps(requests)
    done = [r.code for r, answer in zip(requests, answers, strict=True) if not isinstance(answer, Failure)]
    failed = [(r.code, words.refusal(a)) for r, a in zip(requests, answers, strict=True) if isinstance(a, Failure)]
    request.session[REPORT] = {"step": step, "done": done, "failed": failed, "none": not chosen}
    return back


def report_of(request: HttpRequest) -> dict[str, Any] | None:
    """What became of the steps just taken, in words; told once."""
    kept = request.session.pop(REPORT, None)
    if kept is None:
        return None
    step, done, failed = words.step_words(kept["step"]), kept["done"], kept["failed"]
    if kept.get("none"):
        return {"kind": "soon", "said": _("Chưa hồ sơ nào được đánh dấu."), "done": [], "failed": []}
    said = ""
    if done:
        said = ngettext("Đã làm “%(step)s”: %(n)s hồ sơ.", "Đã làm “%(step)s”: %(n)s hồ sơ.", len(done)) % {
            "step": step,
            "n": len(done),
        }
    if failed:
        left = ngettext("%(n)s hồ sơ chưa làm được:", "%(n)s hồ sơ chưa làm được:", len(failed)) % {"n": len(failed)}
        said = f"{said} {left}".strip()
    return {"kind": "late" if failed else "", "said": said, "done": done, "failed": failed}


@require_POST
def keep_view(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Keep the list as it is narrowed now, under a name."""
    row = _list_of(seat, request.POST.get("danh-sach", ""))
    asked = {name: request.POST.get(name, "").strip() for name in ("q", "linh-vuc")}
    query = urlencode({name: value for name, value in asked.items() if value})
    actions.keep_view(account=seat.scope.caller, name=request.POST.get("ten", ""), slug=row.slug, query=query)
    return HttpResponseRedirect(f"{address('desk-list', row.slug)}?{query}".rstrip("?"))


@require_POST
def drop_view(request: HttpRequest, seat: Seat, view: int) -> HttpResponse:
    actions.drop_view(account=seat.scope.caller, view=view)
    return HttpResponseRedirect(address("desk"))


@require_safe
def search(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Find any dossier that concerns this agency; a whole code leads straight to it."""
    typed, now = question(request), clock.now()
    found = dossiers.find_dossiers(typed, scope=seat.scope, agency=seat.agency.id, now=now) if typed else ()
    if len(found) == 1 and found[0].code == typed.upper().replace(" ", ""):
        return HttpResponseRedirect(address("desk-dossier", found[0].code))
    context = {"typed": typed, "lines": lines_of(found, seat.agency.id, now)}
    return show(request, seat, "desk/search.html", context, here="desk-search")


PAGES: tuple[Page, ...] = (
    Page("can-bo/viec/<str:slug>", work_list, "desk-list", officials()),
    Page("can-bo/viec/<str:slug>/lam", take, "desk-steps", officials()),
    Page("can-bo/goc-nhin", keep_view, "desk-view-keep", officials()),
    Page("can-bo/goc-nhin/<int:view>/xoa", drop_view, "desk-view-drop", officials()),
    Page("can-bo/tra-cuu", search, "desk-search", officials()),
)
