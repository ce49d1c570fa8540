"""Fees and duties at the desk: what a dossier owes, what the counter takes in, and what a handler asks for."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from motcua.desk.gate import Seat, officials
from motcua.identity.api import Role
from motcua.kernel import clock
from motcua.kernel.errors import Failure, Permanent
from motcua.payments import api as payments
from motcua.screens import words
from motcua.screens.pages import address
from motcua.screens.routes import Page

HOW = {
    payments.How.ONLINE: gettext_noop("trực tuyến"),
    payments.How.TRANSFER: gettext_noop("chuyển khoản"),
    payments.How.CASH: gettext_noop("tại quầy"),
}


@dataclass(frozen=True, slots=True)
class Owed:
    """Phí, lệ phí, nghĩa vụ của một hồ sơ: each charge with how it stands, and what is still to be paid."""

    lines: tuple[tuple[str, int, str, bool], ...]  # name, đồng, how it stands, still open
    open: int
    may_receive: bool


def owed(code: str, seat: Seat) -> Owed:
    """What stands open and what was paid for a dossier that concerns this desk."""
    charges = payments.charges_of([code], scope=seat.scope)
    return Owed(
        lines=tuple((c.name, c.amount, _standing(c), c.state is payments.ChargeState.OPEN) for c in charges),
        open=sum(c.amount for c in charges if c.state is payments.ChargeState.OPEN),
        may_receive=Role.RECEPTION in seat.roles,
    )


def _standing(charge: payments.Charge) -> str:
    if charge.state is payments.ChargeState.OPEN:
        return _("chưa nộp")
    if charge.state is payments.ChargeState.VOID:
        return _("không phải nộp nữa")
    how = _(HOW[payments.How(charge.how)]) if charge.how else ""
    moment = words.short_moment(charge.paid_at) if charge.paid_at else ""
    return " · ".join(part for part in (_("đã nộp"), how, moment) if part)


def require_duty(seat: Seat, code: str, *, name: str, amount: str, reason: str, key: str, now: datetime) -> None:
    """Ask the applicant for a financial duty: its amount and the step of the dossier, or neither."""
    digits = amount.replace(".", "").replace(" ", "")
    if not name.strip():
        raise Permanent("duty-nameless", "Chưa ghi tên khoản phải nộp.", mend="Ghi tên khoản phải nộp.")
    if not (digits.isascii() and digits.isdecimal() and 0 < int(digits) < 10**12):
        raise Permanent("duty-amount", "Số tiền chưa đúng.", mend="Ghi số đồng, ví dụ 1.250.000.")
    [answer] = payments.require_duties(
        [payments.Duty(code=code, name=name, amount=int(digits), reason=reason, key=key)], scope=seat.scope, now=now
    )
    if isinstance(answer, Failure):
        raise answer


@require_POST
def received(request: HttpRequest, seat: Seat, code: str) -> HttpResponse:
    """The applicant paid here: everything open of the dossier is noted as paid, and the dossier goes on."""
    payments.receive_at_counter([code], scope=seat.scope, now=clock.now())
    back = "counter-done" if request.POST.get("ve") == "counter-done" else "desk-dossier"
    return HttpResponseRedirect(address(back, code))


PAGES: tuple[Page, ...] = (
    Page("can-bo/ho-so/<str:code>/thu-phi", received, "desk-received", officials(Role.RECEPTION)),
)
