"""The receipt of an online filing: code, secret and QR, and what happens next."""

import io
import logging
from datetime import datetime

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from motcua.dossiers import api as dossiers
from motcua.kernel import clock
from motcua.kernel.errors import Failure
from motcua.payments import api as payments
from motcua.portal.gate import Citizen, signed_in
from motcua.screens.pages import address
from motcua.screens.routes import Page

log = logging.getLogger(__name__)


def after_filing(code: str, citizen: Citizen, now: datetime) -> str:
    """Where to go with a new dossier: to pay what is due, else to the receipt."""
    return address("pay", code) if due(code, citizen, now) else address("receipt", code)


def due(code: str, citizen: Citizen, now: datetime) -> bool:
    """Whether something is to be paid for the dossier. Asked again by the receipt, so that a failure loses nothing."""
    try:
        return bool(payments.open_charges(codes=[code], scope=citizen.scope, now=now))
    except Failure:
        log.warning("charges could not be opened", exc_info=True)
        return False


def own(code: str, citizen: Citizen, now: datetime) -> dossiers.Where:
    """The dossier, if it is this citizen's; NotFound otherwise."""
    (found,) = dossiers.where([dossiers.WhereQuestion(code=code, now=now, scope=citizen.scope)])
    if isinstance(found, Failure):
        raise found
    return found


def secret_of(code: str, citizen: Citizen) -> str:
    """The secret on the slip of one's own dossier."""
    return dossiers.records([code], scope=citizen.scope)[code].secret


@require_safe
def receipt(request: HttpRequest, citizen: Citizen, code: str) -> HttpResponse:
    """Biên nhận: to be kept, printed or photographed."""
    now = clock.now()
    found = own(code, citizen, now)
    return render(
        request,
        "receipt.html",
        {
            "found": found,
            "secret": secret_of(code, citizen),
            "due": found.state in ("submitted", "awaiting_fee") and due(code, citizen, now),
        },
    )


@require_safe
def qr(request: HttpRequest, citizen: Citizen, code: str) -> HttpResponse:
    """The QR of the receipt: opens where-is-it with the secret."""
    own(code, citizen, clock.now())
    secret = secret_of(code, citizen)
    drawn = io.BytesIO()
    segno.make(request.build_absolute_uri(address("dossier", code, bm=secret)), error="m", micro=False).save(
        drawn, kind="svg", scale=4, border=4, xmldecl=False, light="#fff", svgclass=None, lineclass=None
    )
    return HttpResponse(drawn.getvalue(), content_type="image/svg+xml")


PAGES: tuple[Page, ...] = (
    Page("cua-toi/ho-so/<str:code>/bien-nhan", receipt, "receipt", signed_in),
    Page("cua-toi/ho-so/<str:code>/ma-qr.svg", qr, "receipt-qr", signed_in),
)
