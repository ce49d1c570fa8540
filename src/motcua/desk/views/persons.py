"""The same person in several old systems: a clerk sees both records side by side and says whether they are one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from motcua.conversion import api as conversion
from motcua.desk.frame import show
from motcua.desk.gate import Seat, officials
from motcua.kernel import clock
from motcua.kernel.errors import Permanent
from motcua.screens import words
from motcua.screens.pages import address
from motcua.screens.routes import Page
from motcua.units import api as units

PAGE = 50
LISTS = {
    "cho": (conversion.Decision.OPEN, gettext_noop("Chờ quyết định")),
    "de-sau": (conversion.Decision.LATER, gettext_noop("Để sau")),
    "cung-nguoi": (conversion.Decision.SAME, gettext_noop("Cùng một người")),
    "khac-nguoi": (conversion.Decision.DIFFERENT, gettext_noop("Khác người")),
}
SAID = {
    ("name", "exact"): gettext_noop("cùng họ tên"),
    ("name", "without_middle"): gettext_noop("cùng họ và tên, một bên thiếu chữ đệm"),
    ("name", "letter"): gettext_noop("họ tên lệch một chữ cái"),
    ("name", "near"): gettext_noop("họ tên gần giống"),
    ("name", "else"): gettext_noop("họ tên khác nhau"),
    ("birth_date", "exact"): gettext_noop("cùng ngày sinh"),
    ("birth_date", "swapped"): gettext_noop("ngày và tháng sinh đổi chỗ cho nhau"),
    ("birth_date", "near"): gettext_noop("ngày sinh lệch một phần"),
    ("birth_date", "else"): gettext_noop("ngày sinh khác nhau"),
    ("old_number", "exact"): gettext_noop("cùng số chứng minh nhân dân"),
    ("old_number", "digit"): gettext_noop("số chứng minh nhân dân lệch một chữ số"),
    ("old_number", "else"): gettext_noop("số chứng minh nhân dân khác nhau"),
    ("phone", "exact"): gettext_noop("cùng số điện thoại"),
    ("phone", "else"): gettext_noop("số điện thoại khác nhau"),
    ("area", "exact"): gettext_noop("cùng đơn vị hành chính"),
    ("area", "else"): gettext_noop("khác đơn vị hành chính"),
}
DONE = {
    "same": gettext_noop("Đã ghi: cùng một người. Hồ sơ của cả hai bên nay cùng thuộc người này."),
    "different": gettext_noop("Đã ghi: không phải một người. Hai bên giữ nguyên như trước."),
    "later": gettext_noop("Đã để sau."),
    "open": gettext_noop("Đã mở lại để quyết định. Hai bên như trước khi gộp."),
}
FIELDS: tuple[tuple[str, str, Callable[[conversion.Origin], str]], ...] = (
    ("name", gettext_noop("Họ và tên"), lambda one: one.name),
    ("birth_date", gettext_noop("Ngày sinh"), lambda one: words.day(one.birth_date) if one.birth_date else ""),
    ("number", gettext_noop("Số định danh cá nhân"), lambda one: one.number),
    ("old_number", gettext_noop("Số chứng minh nhân dân"), lambda one: one.old_number),
    ("phone", gettext_noop("Điện thoại"), lambda one: one.phone),
    ("email", gettext_noop("Thư điện tử"), lambda one: one.email),
    ("address", gettext_noop("Địa chỉ"), lambda one: one.address),
    ("area", gettext_noop("Đơn vị nơi nộp"), lambda one: _area(one.area)),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One field of both: its values, each with every place that wrote it, and what the comparison says of it."""

    name: str
    left: tuple[tuple[str, str], ...]  # value, where from
    right: tuple[tuple[str, str], ...]
    said: str
    speaks_for: bool


def listing(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Suggestions about people of this area, the likeliest first."""
    kind = request.GET.get("loai", "cho")
    kind = kind if kind in LISTS else "cho"
    number = request.GET.get("trang", "1")
    page = max(0, int(number) - 1) if number.isascii() and number.isdecimal() and len(number) < 6 else 0
    decision = LISTS[kind][0]
    rows, found = conversion.suggestions(
        scope=seat.scope, on=clock.today(), decision=decision, limit=PAGE, offset=page * PAGE
    )
    context = {
        "rows": [(row, percent(row.probability), reasons(row)) for row in rows],
        "kind": kind,
        "lists": [(key, _(name)) for key, (_decision, name) in LISTS.items()],
        "found": found,
        "page": page,
        "pages": -(-found // PAGE),
    }
    return show(request, seat, "desk/persons.html", context, here="persons")


def one(request: HttpRequest, seat: Seat, suggestion: int) -> HttpResponse:
    """Both records side by side, where each field comes from, how likely and why; then the decision."""
    now = clock.now()
    if request.method == "POST":
        typed = request.POST.get("quyet-dinh", "")
        if typed not in set(conversion.Decision):
            raise Permanent("decision-unknown", "Chưa chọn quyết định.", mend="Chọn một trong các nút của trang.")
        decision = conversion.Decision(typed)
        conversion.decide([conversion.Decided(suggestion, decision)], scope=seat.scope, now=now)
        return HttpResponseRedirect(address("person-pair", suggestion, xong=decision.value))
    pair = conversion.pair(suggestion, scope=seat.scope, on=clock.today())
    context = {
        "pair": pair,
        "percent": percent(pair.row.probability),
        "lines": list(lines(pair)),
        "decision": pair.row.decision.value,
        "done": _(DONE[request.GET["xong"]]) if request.GET.get("xong") in DONE else "",
    }
    return show(request, seat, "desk/person_pair.html", context, here="persons")


def percent(probability: float) -> str:
    """ "99,9": never 100, because it is a suggestion."""
    return f"{min(99.9, int(probability * 1000) / 10):.1f}".replace(".", ",")


def reasons(row: conversion.SuggestionRow) -> list[tuple[str, bool]]:
    """Why, in words, what speaks for it first; with whether it speaks for it."""
    weighed = sorted(row.reasons, key=lambda said: -said[2])
    return [(_(SAID[field, level]), weight > 0) for field, level, weight in weighed]


def lines(pair: conversion.Pair) -> Iterable[Line]:
    """Each field that either side has, with its origins."""
    said = {field: (_(SAID[field, level]), weight > 0) for field, level, weight in pair.row.reasons}
    for field, name, value in FIELDS:
        left, right = _values(pair.left, value), _values(pair.right, value)
        if left or right:
            text, speaks_for = said.get(field, ("", False))
            yield Line(_(name), left, right, text, speaks_for)


def _values(
    origins: Iterable[conversion.Origin], value: Callable[[conversion.Origin], str]
) -> tuple[tuple[str, str], ...]:
    found: dict[str, list[str]] = {}
    for origin in origins:
        if value(origin):
            place = _("%(system)s, tệp %(file)s, dòng %(row)s") % {
                "system": origin.system, "file": origin.file or "–", "row": origin.row,
            }  # fmt: skip
            found.setdefault(value(origin), []).append(place)
    return tuple((text, "; ".join(places)) for text, places in found.items())


def _area(unit_id: int) -> str:
    if not unit_id:
        return ""
    unit = units.directory().unit(unit_id)
    return unit.at(clock.today()).full_name


GATE = officials(*sorted(conversion.MAY_DECIDE))
PAGES: tuple[Page, ...] = (
    Page("can-bo/chuyen-doi/nguoi", listing, "persons", GATE),
    Page("can-bo/chuyen-doi/nguoi/<int:suggestion>", one, "person-pair", GATE),
)
