"""What was typed into a form of administration, and the act on which a decision rests."""

import re
from dataclasses import dataclass, field
from datetime import date

from django.http import HttpRequest
from django.utils.translation import gettext as _

from motcua.kernel.law import Citation
from motcua.kernel.workbooks import day_from
from motcua.procedures import api as procedures

ISSUED = re.compile(r"(?P<number>.+) ngày (?P<day>\d\d/\d\d/\d{4})")


def plain(typed: str) -> str:
    """The same on one line, without signs that can't be seen."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in typed).split())


@dataclass(slots=True)
class Form:
    """The fields as typed, and an error for each that can't be taken as it is."""

    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def text(self, request: HttpRequest, name: str, longest: int = 100) -> str:
        typed = plain(request.POST.get(name, ""))
        self.values[name] = typed[: longest * 2]
        if len(typed) > longest:
            self.errors[name] = _("Viết ngắn hơn, nhiều nhất %(n)s chữ.") % {"n": longest}
        return typed[:longest]

    def needed(self, request: HttpRequest, name: str, error: str, longest: int = 100) -> str:
        typed = self.text(request, name, longest)
        if not typed:
            self.errors[name] = error
        return typed

    def day(self, request: HttpRequest, name: str, error: str = "") -> date | None:
        """A day; without one an error if there are words for it."""
        typed = self.text(request, name, 20)
        found = day_from(typed)
        if typed and found is None:
            self.errors[name] = _("Viết ngày như 21/08/2026.")
        elif not typed and error:
            self.errors[name] = error
        return found


def act_text(number: str, issued: date) -> str:
    """How a decision is cited: "Quyết định số 12/QĐ-UBND ngày 01/11/2026"."""
    named = f"Quyết định số {number}" if number[:1].isdigit() else number
    return f"{named} ngày {issued:%d/%m/%Y}"


def act_parts(act: str) -> tuple[str, str]:
    """Number and day of an act as `act_text` cites it; the day is "" where it names none."""
    found = ISSUED.fullmatch(act)
    return (found["number"], found["day"]) if found else (act, "")


def read_act(request: HttpRequest, form: Form, province_id: int) -> procedures.ProvinceAct | None:
    """The act that was typed under so, ngay, tu, den; None when something of it is missing, which the form says."""
    number = form.needed(request, "so", _("Ghi số, ký hiệu của quyết định."))
    issued = form.day(request, "ngay", _("Ghi ngày ký quyết định."))
    since = form.day(request, "tu", _("Ghi ngày bắt đầu áp dụng."))
    until = form.day(request, "den")
    if until is not None and since is not None and until < since:
        form.errors["den"] = _("Ngày kết thúc không thể trước ngày bắt đầu.")
    if issued is not None and since is not None and since < issued:
        form.errors["tu"] = _("Ngày áp dụng không thể trước ngày ký.")
    if form.errors.keys() & {"so", "ngay", "tu", "den"} or issued is None or since is None:
        return None
    return procedures.ProvinceAct(province_id, Citation(act_text(number, issued)), since, until)
