"""The internal process of a procedure (quy trình nội bộ): a table of steps that adds up to the term."""

from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from motcua.desk.frame import show
from motcua.desk.gate import Seat
from motcua.desk.views.administration import roles
from motcua.desk.views.administration.faults import tell
from motcua.desk.views.administration.ground import Ground, changing, ground_of, grounds
from motcua.desk.views.administration.typed import Form, plain, read_act
from motcua.kernel import clock
from motcua.kernel.errors import NotFound, Permanent
from motcua.kernel.text import fold
from motcua.procedures import api as procedures
from motcua.screens import words
from motcua.screens.asking import question
from motcua.screens.pages import address

PAGE = 50
MOST_STEPS = 20


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step as typed, and the working minutes that it and those before it take together."""

    n: int
    role: str
    title: str
    minutes: str
    total: int | None = None
    errors: dict[str, str] | None = None


def decided_here(ground: Ground) -> dict[str, procedures.Decision]:
    """The processes in force today that the province or this unit decided, by code; the unit's own go first."""
    catalogue, found = procedures.catalogue(), {}
    for version in procedures.given_at(ground.unit.id, ground.on):
        for unit_id in (None, ground.unit_id):
            for decision in catalogue.decided(
                procedures.DecisionKind.process, ground.province_id, unit_id, version.code
            ):
                if decision.in_force(ground.on) and decision.value["steps"]:
                    found[version.code] = decision
    return found


def listing(request: HttpRequest, seat: Seat) -> HttpResponse:
    """The procedures of this level, and whose process each has."""
    ground, typed = ground_of(request, seat), question(request)
    decided, catalogue = decided_here(ground), procedures.catalogue()
    which = request.GET.get("loai", "")
    wanted = fold(typed)
    found = [
        version
        for version in procedures.given_at(ground.unit.id, ground.on)
        if wanted in fold(f"{version.code} {version.name} {version.field}")
        and (which not in ("rieng", "mau") or (version.code in decided) == (which == "rieng"))
    ]
    number = request.GET.get("trang", "1")
    page = int(number) - 1 if number.isascii() and number.isdecimal() and 0 < len(number) < 6 else 0
    page = max(0, min(page, (len(found) - 1) // PAGE))
    rows = []
    for version in found[page * PAGE : (page + 1) * PAGE]:
        offer = catalogue.offered(version, ground.province_id, ground.unit_id, ground.on)
        rows.append((version, offer, decided.get(version.code)))
    return show(
        request,
        seat,
        "desk/administration/processes.html",
        {
            "ground": ground,
            "grounds": list(grounds(seat, ground.on)),
            "question": typed,
            "which": which,
            "rows": rows,
            "found": len(found),
            "decided": len(decided),
            "page": page,
            "pages": -(-len(found) // PAGE),
        },
        here="administration",
    )


def one(request: HttpRequest, seat: Seat, code: str) -> HttpResponse:
    """The steps of one procedure here; an administrator of the committee decides other ones from a day on."""
    ground = ground_of(request, seat)
    catalogue = procedures.catalogue()
    version = next((v for v in procedures.given_at(ground.unit.id, ground.on) if v.code == code), None)
    if version is None:
        raise NotFound("procedure-unknown", f"Đơn vị này không có thủ tục {code}.")
    offer = catalogue.offered(version, ground.province_id, ground.unit_id, ground.on)
    form = Form(values={"tu": words.day(ground.on + timedelta(days=1))})
    rows = [StepRow(s.n, s.role.value, s.title, str(s.minutes)) for s in offer.steps]
    term = offer.term
    if request.method == "POST":
        changing(seat)
        form = Form()
        rows = _typed(request)
        if "them" in request.POST:
            rows.append(StepRow(len(rows) + 1, "", "", ""))
            for name in ("so", "ngay", "tu", "den"):
                form.text(request, name)
        else:
            act = read_act(request, form, ground.province_id)
            steps = [] if "bo" in request.POST else _steps(rows, form)
            if act is not None:
                term = catalogue.offered(version, ground.province_id, ground.unit_id, act.valid_from).term
                if not form.errors and _decide(seat, ground, code, act, steps, form):
                    noi = "" if ground.unit.id == seat.agency.unit_id else ground.unit.code
                    return redirect(address("administration-process", code, noi=noi, xong="ghi"))
    mine = sorted(
        (
            d
            for unit in {None, ground.unit_id}
            for d in catalogue.decided(procedures.DecisionKind.process, ground.province_id, unit, code)
        ),
        key=lambda d: d.valid_from,
        reverse=True,
    )
    return show(
        request,
        seat,
        "desk/administration/process.html",
        {
            "ground": ground,
            "version": version,
            "offer": offer,
            "term": term,
            "budget": procedures.budget(term),
            "rows": _summed(rows, form),
            "step_roles": [(role.value, _(roles.NAMES[role])) for role in procedures.STEP_ROLES],
            "form": form,
            "decisions": mine,
            "done": request.GET.get("xong", "") if request.method == "GET" else "",
            "noi": request.GET.get("noi", "") or request.POST.get("noi", ""),
        },
        here="administration",
        status=422 if form.errors else 200,
    )


def _typed(request: HttpRequest) -> list[StepRow]:
    """The rows in the order of their numbers; empty ones are left out."""
    rows: list[tuple[int, int, StepRow]] = []
    for n in range(1, MOST_STEPS + 4):
        role = request.POST.get(f"vai-tro-{n}", "")[:20]
        title = plain(request.POST.get(f"noi-dung-{n}", ""))[:400]
        minutes = request.POST.get(f"phut-{n}", "").strip()[:12]
        order = request.POST.get(f"buoc-{n}", "").strip()
        if title or minutes or role:
            place = int(order) if order.isascii() and order.isdecimal() and len(order) < 4 else n
            rows.append((place, n, StepRow(n, role, title, minutes)))
    return [StepRow(n, r.role, r.title, r.minutes) for n, (_p, _n, r) in enumerate(sorted(rows, key=_order), 1)]


def _order(row: tuple[int, int, StepRow]) -> tuple[int, int]:
    return row[0], row[1]


def _steps(rows: list[StepRow], form: Form) -> list[dict[str, object]]:
    steps: list[dict[str, object]] = []
    for row in rows:
        plain = row.minutes.replace(".", "").replace(" ", "")
        whole = plain.isascii() and plain.isdecimal() and len(plain) < 8
        role = roles.role_from(row.role)
        if not whole:
            form.errors[f"phut-{row.n}"] = " ".join(tell("number-invalid", row.minutes))
        if role is None:
            form.errors[f"vai-tro-{row.n}"] = _("Chọn vai trò.")
        if whole and role is not None:
            steps.append({"role": role.value, "title": row.title, "minutes": int(plain)})
    if not rows:
        form.errors["noi-dung-1"] = " ".join(tell("process-too-short"))
    return steps


PLACES = {"role": "vai-tro", "title": "noi-dung", "minutes": "phut"}
ACT_PLACES = {"valid_from": "tu", "valid_to": "den", "code": "so"}


def _decide(
    seat: Seat,
    ground: Ground,
    code: str,
    act: procedures.ProvinceAct,
    steps: list[dict[str, object]],
    form: Form,
) -> bool:
    decision = procedures.NewDecision(procedures.DecisionKind.process, code, {"steps": steps}, act, ground.unit_id)
    try:
        procedures.decide_here([decision], now=clock.now(), by=seat.scope)
    except Permanent as failure:
        if failure.problem != "decision-rows":
            raise
        for fault in failure.members["faults"]:
            place = ACT_PLACES.get(fault.field) or f"{PLACES.get(fault.field, 'noi-dung')}-{fault.n or 1}"
            step = _("Bước %(n)s: ") % {"n": fault.n} if fault.n else ""
            form.errors.setdefault(place, step + " ".join(tell(fault.kind, fault.given)))
        return False
    return True


def _summed(rows: list[StepRow], form: Form) -> list[StepRow]:
    total, summed = 0, []
    for row in rows:
        plain = row.minutes.replace(".", "").replace(" ", "")
        total += int(plain) if plain.isascii() and plain.isdecimal() and len(plain) < 8 else 0
        errors = {place: form.errors.get(f"{place}-{row.n}", "") for place in PLACES.values()}
        summed.append(StepRow(row.n, row.role, row.title, row.minutes, total, errors))
    return summed
