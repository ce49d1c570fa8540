"""Paying a fee: online through the gateway, by a transfer code, or in cash; and what the gateway tells by itself."""

from collections.abc import Collection
from uuid import UUID

import segno
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from markupsafe import Markup

from motcua.dossiers import api as dossiers
from motcua.kernel import clock
from motcua.kernel.errors import Failure, Transient, Unknown
from motcua.payments import api as payments
from motcua.portal.gate import Citizen, signed_in
from motcua.screens.middleware import SAFE
from motcua.screens.pages import address
from motcua.screens.routes import Page

LONGEST_NOTICE = 16 * 1024  # bytes
POLICY = "Content-Security-Policy"


@require_http_methods(["GET", "HEAD", "POST"])
def pay(request: HttpRequest, citizen: Citizen, code: str) -> HttpResponse:
    """What is to be paid for a dossier and why; the button goes to the gateway."""
    now = clock.now()
    folder = dossiers.open_folder(code, scope=citizen.scope, now=now)
    problem: Failure | None = None
    if request.method == "POST":
        try:
            return to_the_gateway(request, citizen, code)
        except Failure as failure:
            problem = failure
    owed = payments.open_charges(codes=[code], scope=citizen.scope, now=now)
    charges = payments.charges_of([code], scope=citizen.scope)
    transfer = payments.transfer_for(code, scope=citizen.scope, on=clock.day_of(now))
    gateway = payments.gateway()
    response = render(
        request,
        "pay.html",
        {
            "folder": folder,
            "owed": owed,
            "total": sum(charge.amount for charge in owed),
            "due_at": min((charge.due_at for charge in owed if charge.due_at), default=None),
            "paid": [charge for charge in charges if charge.state is payments.ChargeState.PAID],
            "online": gateway is not None,
            "waiting": latest(code, citizen, WAITING),
            "checked": latest(code, citizen, (payments.AttemptState.MISMATCH,)),
            "transfer": transfer,
            "qr": qr(transfer.text) if transfer else "",
            "problem": say(problem) if problem else "",
        },
        status=problem.status if problem else 200,
    )
    if gateway is not None:  # the form's answer leads there, and browsers hold that against the form
        response[POLICY] = SAFE[POLICY].replace("form-action 'self'", f"form-action 'self' {gateway.origin}")
    return response


def to_the_gateway(request: HttpRequest, citizen: Citizen, code: str) -> HttpResponse:
    """Begin to pay, or go on with what was begun."""
    back = request.build_absolute_uri(address("paid", code, UUID(int=0))).replace(str(UUID(int=0)), "{attempt}")
    attempt = payments.start(
        code=code,
        scope=citizen.scope,
        back=back,
        notice=request.build_absolute_uri(address("payment-notice")),
        now=clock.now(),
    )
    if attempt.state is payments.AttemptState.REQUESTED:
        return HttpResponseRedirect(attempt.address)
    return HttpResponseRedirect(address("paid", code, attempt.id))


def latest(code: str, citizen: Citizen, states: Collection[payments.AttemptState]) -> payments.Attempt | None:
    """The last attempt for a dossier that stands so."""
    found = payments.attempts_of(code, scope=citizen.scope)
    return next((attempt for attempt in found if attempt.state in states), None)


WAITING = (payments.AttemptState.REQUESTED, payments.AttemptState.UNKNOWN)


def say(failure: Failure) -> str:
    """What a citizen is told when paying could not begin."""
    if isinstance(failure, Unknown):
        return _(
            "Cổng thanh toán chưa trả lời nên chưa biết lần trả này ra sao. Hệ thống sẽ tự hỏi lại; ông/bà xem lại "
            "trang này sau ít phút và đừng trả thêm lần nào nữa."
        )
    if isinstance(failure, Transient):
        return _("Chưa liên lạc được với cổng thanh toán. Chưa có khoản nào bị trừ; ông/bà thử lại sau vài phút.")
    return f"{failure.detail} {failure.mend}".strip()


def qr(text: str) -> Markup:
    """The code as a picture within the page: black on white, with the quiet border that scanners need."""
    made = segno.make(text, error="m", micro=False)
    return Markup(made.svg_inline(border=4, omitsize=True, dark="#1d1c1a", light="#ffffff", svgclass=None))  # noqa: S704


@require_safe
def paid(request: HttpRequest, citizen: Citizen, code: str, attempt: UUID) -> HttpResponse:
    """Where the gateway sends the citizen back to: paid, not yet known, or not paid, each with the next step."""
    now = clock.now()
    found = payments.attempt(attempt, code=code, scope=citizen.scope)
    if found.state in WAITING:
        try:
            found = payments.ask_about(attempt=attempt, now=now)
        except Failure:
            found = payments.attempt(attempt, code=code, scope=citizen.scope)
    folder = dossiers.open_folder(code, scope=citizen.scope, now=now)
    return render(request, "paid.html", {"folder": folder, "attempt": found, "waiting": found.state in WAITING})


@csrf_exempt
@require_POST
def notice(request: HttpRequest) -> HttpResponse:
    """What the gateway tells by itself. The signature is its only right to; everything else is checked again."""
    if int(request.headers.get("Content-Length") or 0) > LONGEST_NOTICE:
        return JsonResponse({"problem": "too-large"}, status=413)
    try:
        payments.hear(body=request.body, signature=request.headers.get("Signature", ""), now=clock.now())
    except Failure as failure:
        return JsonResponse({"problem": failure.problem}, status=failure.status)
    return JsonResponse({"taken": True})


PAGES: tuple[Page, ...] = (
    Page("cua-toi/ho-so/<str:code>/phi", pay, "pay", signed_in),
    Page("cua-toi/ho-so/<str:code>/phi/<uuid:attempt>", paid, "paid", signed_in),
    Page("thanh-toan/bao", notice, "payment-notice"),
)
