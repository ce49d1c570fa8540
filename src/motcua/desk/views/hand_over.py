"""The record of hand-over at the desk: three sides, what differs and why, and the two who sign."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from motcua.conversion import api as conversion
from motcua.desk.frame import show
from motcua.desk.gate import Seat, officials
from motcua.kernel import clock
from motcua.kernel.errors import NotFound
from motcua.screens.pages import address
from motcua.screens.routes import Page

SIDES = {
    "source": gettext_noop("Tệp nguồn"),
    "staging": gettext_noop("Dữ liệu đã kiểm"),
    "target": gettext_noop("Hệ thống mới"),
}
WHATS = {
    "not-staged": gettext_noop("có trong tệp, không có trong dữ liệu đã kiểm"),
    "not-in-source": gettext_noop("đã kiểm, không còn trong tệp"),
    "source-changed": gettext_noop("tệp nguồn khác lúc kiểm"),
    "staging-changed": gettext_noop("dữ liệu đã kiểm bị thay đổi"),
    "not-in-target": gettext_noop("không có hồ sơ ở hệ thống mới"),
    "target-changed": gettext_noop("hồ sơ ở hệ thống mới khác lúc nạp"),
    "not-expected": gettext_noop("hồ sơ ở hệ thống mới không có dòng nguồn"),
}
MOST = 200  # rows that differ on one page; the JSON has them all
FORMS = {"json": "application/json", "pdf": "application/pdf"}


def listing(request: HttpRequest, seat: Seat) -> HttpResponse:
    """The records of this area, newest first."""
    rows = conversion.hand_overs(scope=seat.scope, on=clock.today())
    return show(request, seat, "desk/hand_overs.html", {"rows": rows}, here="administration")


def one(request: HttpRequest, seat: Seat, run: str) -> HttpResponse:
    """A record: figures of the three sides, refused rows, rows that differ; then the signature."""
    found = conversion.hand_over(run, scope=seat.scope, on=clock.today())
    if request.method == "POST":
        if request.POST.get("viec") == "giai-trinh":
            reason = conversion.Reason(run, request.POST.get("dong", ""), request.POST.get("vi-sao", ""))
            conversion.explain([reason], scope=seat.scope, now=clock.now())
        else:
            conversion.sign(run=run, scope=seat.scope, now=clock.now())
        return HttpResponseRedirect(address("hand-over", run))
    context = {
        "one": found,
        "sides": [(_(SIDES[side]), rows, fee, checksum) for side, rows, fee, checksum in found.figures],
        "rows": [(row, _what(row), row["key"] in found.explained) for row in found.rows[:MOST]],
        "mine": any(signed.account == seat.holding.official_id for signed in found.signatures),
    }
    return show(request, seat, "desk/hand_over.html", context, here="administration")


def _what(row: Mapping[str, str]) -> str:
    what = WHATS[row["what"]]
    return _(what)


def give_out(request: HttpRequest, seat: Seat, run: str, form: str) -> HttpResponse:
    """The record as sealed JSON or as PDF."""
    if form not in FORMS:
        raise NotFound("record-form", f"Không có biên bản dạng {form!r}.", mend="Chọn pdf hoặc json.")
    conversion.hand_over(run, scope=seat.scope, on=clock.today())
    content = conversion.as_json(run) if form == "json" else conversion.as_pdf(run=run, now=clock.now())
    response = HttpResponse(content, content_type=FORMS[form])
    response["Content-Disposition"] = f'attachment; filename="ban-giao-{run}.{form}"'
    return response


GATE = officials(*sorted(conversion.MAY_SIGN))
PAGES: tuple[Page, ...] = (
    Page("can-bo/chuyen-doi/ban-giao", listing, "hand-overs", GATE),
    Page("can-bo/chuyen-doi/ban-giao/<str:run>", one, "hand-over", GATE),
    Page("can-bo/chuyen-doi/ban-giao/<str:run>/bien-ban.<str:form>", give_out, "hand-over-file", GATE),
)
