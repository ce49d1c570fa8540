"""Publication and coverage: which procedures are public here, by which decision; terms that the province cuts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from motcua.desk.frame import show
from motcua.desk.gate import Seat
from motcua.desk.views.administration.faults import tell
from motcua.desk.views.administration.ground import Ground, changing, ground_of, grounds
from motcua.desk.views.administration.typed import Form, read_act
from motcua.kernel import clock
from motcua.kernel.errors import Permanent
from motcua.kernel.terms import Term, TermUnit
from motcua.kernel.text import fold
from motcua.procedures import api as procedures
from motcua.screens import words
from motcua.screens.asking import question
from motcua.screens.pages import address

PAGE = 50
UNITS = (TermUnit.WORKING_DAYS, TermUnit.DAYS, TermUnit.HOURS)


@dataclass(frozen=True, slots=True)
class Row:
    """A procedure of this level as it stands here today. `source`: the decision by which it is or isn't public."""

    version: procedures.Version
    offer: procedures.Offer
    source: str
    planned: str


def rows_of(ground: Ground, versions: Iterable[procedures.Version]) -> list[Row]:
    catalogue, rows = procedures.catalogue(), []
    for version in versions:
        decided = [
            d
            for unit in {None, ground.unit_id}
            for d in catalogue.decided(procedures.DecisionKind.publish, ground.province_id, unit, version.code)
        ]
        held = [d for d in decided if d.in_force(ground.on)]
        later = [d for d in decided if d.valid_from > ground.on]
        against = next((d for d in held if not d.value["published"]), held[-1] if held else None)
        rows.append(
            Row(
                version,
                catalogue.offered(version, ground.province_id, ground.unit_id, ground.on),
                str(against.source) if against else "",
                f"{min(d.valid_from for d in later):%d/%m/%Y}" if later else "",
            )
        )
    return rows


def listing(request: HttpRequest, seat: Seat) -> HttpResponse:
    """“356 trên 363”, the missing ones, and the decisions that change it."""
    ground, typed = ground_of(request, seat), question(request)
    which, field = request.GET.get("loai", ""), request.GET.get("linh-vuc", "")
    form = Form(values={"tu": words.day(ground.on + timedelta(days=1))})
    chosen: set[str] = set()
    coverage = procedures.coverage(ground.unit.id, ground.on)
    missing = set(coverage.missing)
    wanted = fold(typed)
    given = procedures.given_at(ground.unit.id, ground.on)
    found = [
        version
        for version in given
        if wanted in fold(f"{version.code} {version.name}")
        and field in ("", version.field)
        and (which not in ("thieu", "co") or (version.code in missing) == (which == "thieu"))
    ]
    if request.method == "POST":
        changing(seat)
        form = Form()
        chosen = {version.code for version in found} if "tat-ca" in request.POST else set(request.POST.getlist("ma"))
        added = _decide(request, seat, ground, form, sorted(chosen))
        if added is not None:
            return redirect(f"{_here(request, ground, seat)}&xong={added}#ket-qua")
    number = request.GET.get("trang", "1")
    page = int(number) - 1 if number.isascii() and number.isdecimal() and 0 < len(number) < 6 else 0
    page = max(0, min(page, (len(found) - 1) // PAGE))
    done = request.GET.get("xong", "") if request.method == "GET" else ""
    return show(
        request,
        seat,
        "desk/administration/publication.html",
        {
            "ground": ground,
            "grounds": list(grounds(seat, ground.on)),
            "question": typed,
            "which": which,
            "field": field,
            "fields": sorted({version.field for version in given}),
            "coverage": coverage,
            "rows": rows_of(ground, found[page * PAGE : (page + 1) * PAGE]),
            "chosen": chosen,
            "everything": "tat-ca" in request.POST,
            "found": len(found),
            "page": page,
            "pages": -(-len(found) // PAGE),
            "form": form,
            "units": [(unit.value, _unit_name(unit)) for unit in UNITS],
            "done": done if done.isdecimal() else "",
            "noi": request.GET.get("noi", ""),
        },
        here="administration",
        status=422 if form.errors else 200,
    )


def _here(request: HttpRequest, ground: Ground, seat: Seat) -> str:
    kept = {name: request.GET.get(name, "") for name in ("q", "loai", "trang")}
    noi = "" if ground.unit.id == seat.agency.unit_id else ground.unit.code
    link = address("administration-publication", noi=noi, **kept, **{"linh-vuc": request.GET.get("linh-vuc", "")})
    return link if "?" in link else f"{link}?"


def _unit_name(unit: TermUnit) -> str:
    return {
        TermUnit.WORKING_DAYS: _("ngày làm việc"),
        TermUnit.DAYS: _("ngày"),
        TermUnit.HOURS: _("giờ làm việc"),
    }[unit]


def _decide(request: HttpRequest, seat: Seat, ground: Ground, form: Form, codes: list[str]) -> int | None:
    """How many decisions are new; None when something can't be taken, which the form says."""
    act = read_act(request, form, ground.province_id)
    doing = form.text(request, "viec", 20)
    value = _value(request, form, doing)
    if not codes:
        form.errors["ma"] = _("Đánh dấu ít nhất một thủ tục trong bảng.")
    if doing in ("phan-tram", "den-con") and not ground.is_province:
        form.errors["viec"] = _("Thời hạn do tỉnh rút ngắn, cho mọi xã, phường trong tỉnh.")
    if form.errors or act is None or value is None:
        return None
    kind = procedures.DecisionKind.publish if "published" in value else procedures.DecisionKind.shorten_term
    if kind is procedures.DecisionKind.shorten_term:
        _only_shorter(codes, value, act, form)
        if form.errors:
            return None
    decisions = [procedures.NewDecision(kind, code, value, act, ground.unit_id) for code in codes]
    try:
        return procedures.decide_here(decisions, now=clock.now(), by=seat.scope).added
    except Permanent as failure:
        if failure.problem != "decision-rows":
            raise
        for fault in failure.members["faults"]:
            place = {"valid_from": "tu", "valid_to": "den"}.get(fault.field, "ma")
            form.errors.setdefault(place, f"{codes[fault.index]}: {' '.join(tell(fault.kind, fault.given))}")
        return None


def _value(request: HttpRequest, form: Form, doing: str) -> dict[str, Any] | None:
    """What is decided; None where it can't be read, which the form says."""
    percent, amount = form.text(request, "phan-tram", 5), form.text(request, "con", 6).replace(",", ".")
    unit = form.text(request, "don-vi", 20)
    if doing in ("cong-bo", "go"):
        return {"published": doing == "cong-bo"}
    if doing == "phan-tram":
        if percent.isascii() and percent.isdecimal() and 0 < int(percent) < 100:
            return {"percent": int(percent)}
        form.errors["phan-tram"] = _("Ghi một số từ 1 đến 99.")
    elif doing == "den-con":
        try:
            value = float(amount)
        except ValueError:
            value = -1
        if unit in set(UNITS) and 0 < value < 1000 and (value * 2).is_integer():
            return {"value": int(value) if value.is_integer() else value, "unit": unit}
        form.errors["con"] = _("Ghi thời hạn mới lớn hơn 0, tròn hoặc nửa ngày, như 2 hoặc 2,5.")
    else:
        form.errors["viec"] = _("Chọn việc cần làm.")
    return None


def _only_shorter(codes: list[str], value: dict[str, Any], act: procedures.ProvinceAct, form: Form) -> None:
    """A province cuts a term and never lengthens it."""
    if "percent" in value:
        return
    for code in codes:
        version = procedures.catalogue().version(code, act.valid_from)
        if version is None or version.term is None:
            continue
        new = Term(value["value"], TermUnit(value["unit"]))
        if procedures.budget(new) >= procedures.budget(version.term):
            form.errors["con"] = " ".join(tell("shorten-not-shorter", code))
