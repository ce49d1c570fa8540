"""Books and slips: form 07 of an agency, control slips, batches to print."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from motcua.desk.frame import show
from motcua.desk.gate import Seat, officials
from motcua.desk.views.lists import fields_here
from motcua.desk.words import state_words
from motcua.dossiers import api as dossiers
from motcua.identity.api import Role
from motcua.kernel import clock, workbooks
from motcua.kernel.errors import NotFound, Permanent
from motcua.screens.pages import address
from motcua.screens.routes import Page
from motcua.slips import api as slips
from motcua.units import api as units

PAGE = 50
CENTRES = 400  # more are not offered in one list


@require_safe
def slip(request: HttpRequest, seat: Seat, code: str, form: str) -> HttpResponse:
    """One slip of a dossier as PDF; `?kho=A5` on half the paper, `?dong=` the row of the log it is about."""
    row = request.GET.get("dong", "")
    if row and not (row.isascii() and row.isdigit() and len(row) < 6):
        raise NotFound("form-unknown", "Hồ sơ không có phiếu này.")
    wanted = slips.SlipRequest(code, form, seat.scope, request.GET.get("kho", "A4"), int(row) if row else None)
    return pdf(slips.make([wanted], now=clock.now()), f"mau-{form}-{code}")


@require_POST
def many(request: HttpRequest, seat: Seat) -> HttpResponse:
    """The same form of the ticked dossiers in one PDF, in the order of the list."""
    form, paper = request.POST.get("mau", "01"), request.POST.get("kho", "A4")
    codes = list(dict.fromkeys(request.POST.getlist("ma")))
    if not codes:
        raise Permanent("nothing-chosen", "Chưa đánh dấu hồ sơ nào.", mend="Quay lại và đánh dấu hồ sơ cần in.")
    wanted = [slips.SlipRequest(code[:100], form, seat.scope, paper) for code in codes]
    return pdf(slips.make(wanted, now=clock.now()), f"mau-{form}")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which book somebody wants to see: what was typed, and what it means if it can be read."""

    agency: int
    field: str
    first: str
    last: str
    question: dossiers.BookQuestion | None
    errors: Mapping[str, str]

    @property
    def kept(self) -> dict[str, Any]:
        return {"co-quan": self.agency, "linh-vuc": self.field, "tu": self.first, "den": self.last}


@require_safe
def books(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Form 07 on the screen: what an agency received from day to day, page by page."""
    asked = _asked(request, seat)
    lines: tuple[slips.BookLine, ...] = ()
    following, errors = "", {"tu": "", "den": "", **asked.errors}
    if asked.question:
        try:
            lines, following = slips.book(asked.question)
        except Permanent as failure:
            if failure.problem != "period-unreadable":
                raise
            errors["tu"] = f"{failure.detail} {failure.mend}"
    before = int(request.GET.get("da", "0")[:6]) if request.GET.get("da", "0").isdecimal() else 0
    context = {
        "asked": asked,
        "agencies": _agencies(seat),
        "fields": sorted(fields_here(seat, clock.today())),
        "lines": [(n, line, state_words(line.state.value)) for n, line in enumerate(lines, before + 1)],
        "more": address("books", **asked.kept, sau=following, da=before + len(lines)) if following else "",
        "first_page": not request.GET.get("sau"),
        "errors": errors,
        "exports": {kind: address("books-file", kind, **asked.kept) for kind in ("pdf", "xlsx")},
    }
    return show(request, seat, "desk/books.html", context, here="books", status=422 if any(errors.values()) else 200)


@require_safe
def book_file(request: HttpRequest, seat: Seat, kind: str) -> HttpResponse:
    """The same book as PDF (to print or sign) or XLSX."""
    if kind not in ("pdf", "xlsx"):
        raise NotFound("page-unknown", "Không có trang này.")
    asked = _asked(request, seat)
    if asked.question is None:
        raise Permanent("period-unreadable", " ".join(asked.errors.values()), mend="Chọn lại khoảng ngày.")
    made = slips.make_book(question=asked.question, field=asked.field, kind=kind, now=clock.now())
    name = f"so-theo-doi-{asked.first}-{asked.last}"
    return pdf(made, name) if kind == "pdf" else file(made, f"{name}.xlsx", workbooks.KIND, inline=False)


def _asked(request: HttpRequest, seat: Seat) -> Asked:
    today = clock.today()
    first = request.GET.get("tu", f"{today.replace(day=1):%Y-%m-%d}")[:10]
    last = request.GET.get("den", f"{today:%Y-%m-%d}")[:10]
    typed = request.GET.get("co-quan", "")[:12]
    agency = int(typed) if typed.isascii() and typed.isdigit() else _own_book(seat)
    fields = fields_here(seat, today)
    field = request.GET.get("linh-vuc", "")[:200]
    field = field if field in fields else ""
    days: dict[str, date] = {}
    errors: dict[str, str] = {}
    for name, text in (("tu", first), ("den", last)):
        try:
            days[name] = date.fromisoformat(text)
        except ValueError:
            errors[name] = _("Ngày này không đọc được; ghi theo dạng năm-tháng-ngày, ví dụ 2026-08-17.")
    question = None
    if not errors:
        question = dossiers.BookQuestion(
            scope=seat.scope,
            agency=agency,
            first=days["tu"],
            last=days["den"],
            procedures=tuple(sorted(fields[field])) if field else None,
            after=request.GET.get("sau", "")[:100],
            limit=PAGE,
        )
    return Asked(agency, field, first, last, question, errors)


def _own_book(seat: Seat) -> int:
    """Whose book is opened first: the agency's own, or that of the one centre below it."""
    if seat.agency.kind is units.AgencyKind.SERVICE_CENTRE:
        return seat.agency.id
    centres = [agency for agency in _agencies(seat) if agency.unit_id == seat.agency.unit_id]
    return next((a.id for a in centres if a.kind is units.AgencyKind.SERVICE_CENTRE), seat.agency.id)


def _agencies(seat: Seat) -> list[units.Agency]:
    """Whose books this seat may open: its own agency's, for leaders those of the centres below, and what was inherited.

    An agency that is no more goes by its last name, after those of today.
    """
    directory, today = units.directory(), clock.today()
    reached = sorted(seat.scope.agencies or ())[:CENTRES]
    found = [directory.agency(number) for number in reached]
    mine = {units.AgencyKind.SERVICE_CENTRE, units.AgencyKind.DEPARTMENT}
    ours = sorted((a for a in found if a.kind in mine or a.id == seat.agency.id), key=lambda a: a.name_at(today))
    before = directory.forebears(seat.agency.id, today)[:CENTRES]
    return [*ours, *sorted(before, key=lambda a: a.name_at(a.valid_to or today))]


def pdf(made: bytes, name: str) -> HttpResponse:
    return file(made, f"{name}.pdf", "application/pdf", inline=True)


def file(made: bytes, name: str, kind: str, *, inline: bool) -> HttpResponse:
    """A file that was made for this reader and is kept nowhere."""
    response = HttpResponse(made, content_type=kind)
    safe = "".join(sign if sign.isascii() and (sign.isalnum() or sign in ".-_") else "-" for sign in name)
    response["Content-Disposition"] = f'{"inline" if inline else "attachment"}; filename="{safe}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


READERS = officials(*(role for role in Role if role is not Role.ADMINISTRATOR))
PAGES: tuple[Page, ...] = (
    Page("can-bo/ho-so/<str:code>/phieu/<str:form>", slip, "desk-slip", officials()),
    Page("can-bo/phieu", many, "desk-slips", officials()),
    Page("can-bo/so", books, "books", READERS),
    Page("can-bo/so/tep/<str:kind>", book_file, "books-file", READERS),
)
