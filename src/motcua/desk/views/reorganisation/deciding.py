"""What no rule decides: the queue of a province, and deciding one or many alike, with the candidates on a map."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from motcua.desk.frame import show
from motcua.desk.gate import Seat
from motcua.desk.views.reorganisation.said import SUBJECTS
from motcua.kernel import clock
from motcua.kernel.errors import Failure
from motcua.reorganisation import api as reorganisation
from motcua.screens import maps, words
from motcua.screens.pages import address
from motcua.units import api as units

LOOKED_THROUGH = 2_000  # open questions that are put together by what is alike
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Alike:
    """Open questions with the same plan, subject, old unit and candidates: one answer may do for all of them."""

    first: reorganisation.QuestionRow
    count: int
    subject: str
    old: str


@require_safe
def listing(request: HttpRequest, seat: Seat) -> HttpResponse:
    """What waits for this province, alike put together; or what was decided."""
    decided = request.GET.get("xong") == "1"
    name, subject = request.GET.get("ke-hoach", "")[:40], _subject(request.GET.get("loai", ""))
    rows, total = reorganisation.queue(
        scope=seat.scope, name=name, subject=subject, decided=decided, limit=LOOKED_THROUGH
    )
    groups: dict[Any, list[reorganisation.QuestionRow]] = {}
    for row in rows:
        groups.setdefault(row.id if decided else _kind(row), []).append(row)
    context = {
        "groups": [
            Alike(found[0], len(found), _(SUBJECTS[found[0].subject]), _old(found[0])) for found in groups.values()
        ],
        "total": total,
        "decided": decided,
        "name": name,
        "subject": str(subject or ""),
        "subjects": [(str(value), _(said)) for value, said in SUBJECTS.items()],
        "more": max(0, total - len(rows)),
    }
    return show(request, seat, "desk/reorganisation/queue.html", context, here="reorganisations")


@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, seat: Seat, number: int) -> HttpResponse:
    """One question and all like it: addresses, candidates on the map, and the decision for those that are ticked."""
    row = reorganisation.question(number, scope=seat.scope)
    error = ""
    if request.method == "POST":
        ticked = [int(text) for text in request.POST.getlist("viec")[:AT_ONCE] if text.isascii() and text.isdigit()]
        chosen = request.POST.get("phuong-an", "")[:80]
        if not ticked or not chosen:
            error = _("Đánh dấu ít nhất một việc và chọn một phương án.")
        else:
            try:
                reorganisation.decide(
                    [reorganisation.Choice(one, chosen) for one in ticked], now=clock.now(), by=seat.scope
                )
                return HttpResponseRedirect(address("reorganisation-queue", **{"ke-hoach": row.plan}))
            except Failure as failure:
                if failure.status in (403, 404):
                    raise
                error = f"{failure.detail} {failure.mend}".strip()
    alike = _alike(seat, row)
    known = reorganisation.addresses_of([found.id for found in alike], scope=seat.scope)
    drawn, undrawn = _maps(row)
    context = {
        "row": row,
        "subject": _(SUBJECTS[row.subject]),
        "old": _old(row),
        "alike": [(found, known.get(found.id, "")) for found in alike],
        "maps": drawn,
        "undrawn": undrawn,
        "error": error,
    }
    status = 422 if error else 200
    return show(request, seat, "desk/reorganisation/question.html", context, here="reorganisations", status=status)


def _subject(text: str) -> reorganisation.Subject | None:
    return reorganisation.Subject(text) if text in set(reorganisation.Subject) else None


def _kind(row: reorganisation.QuestionRow) -> tuple[Any, ...]:
    alone = row.key if row.subject is not reorganisation.Subject.DOSSIER else ""
    return row.plan, row.subject, row.area, row.agency, tuple(c.id for c in row.candidates), alone


def _alike(seat: Seat, row: reorganisation.QuestionRow) -> list[reorganisation.QuestionRow]:
    if row.decided_at is not None:
        return [row]
    rows, _total = reorganisation.queue(
        scope=seat.scope, name=row.plan, subject=row.subject, after=row.id - 1, limit=LOOKED_THROUGH
    )
    return [found for found in rows if _kind(found) == _kind(row)][:AT_ONCE]


def _old(row: reorganisation.QuestionRow) -> str:
    """The old unit and office that it is about, by the names of their last day."""
    directory = units.directory()
    if row.agency is not None:
        agency = directory.agency(row.agency)
        return agency.name_at(agency.valid_to or clock.today())
    if row.area is not None:
        unit = directory.unit(row.area)
        return unit.at(unit.valid_to or clock.today()).full_name
    return ""


def _maps(row: reorganisation.QuestionRow) -> tuple[list[maps.Map], tuple[str, ...]]:
    """Where the candidates lie: each province in which there is one, with them marked; and who has no borders yet.

    In the place of those the old unit is marked, where its own borders are still drawn.
    """
    directory, today = units.directory(), clock.today()
    placed: dict[units.Unit, set[str]] = {}
    for candidate in row.candidates:
        if candidate.unit is not None:
            unit = directory.unit(candidate.unit)
            placed.setdefault(directory.province_of(unit.id, today), set()).add(unit.code)
    found: list[maps.Map] = []
    undrawn: set[str] = set()
    for province, codes in placed.items():
        drawing = maps.drawing(province.code)
        shapes = {shape.code for shape in drawing.shapes} if drawing else set()
        missing = codes - shapes
        undrawn |= missing
        if missing and row.area is not None:
            codes = codes | {directory.unit(row.area).code}
        title = words.capital(province.at(today).full_name)
        if codes & shapes and (drawn := maps.map_of(directory, drawing, title, today, codes)):
            found.append(drawn)
    names = tuple(candidate.words for candidate in row.candidates if candidate.id in undrawn)
    return found, names
