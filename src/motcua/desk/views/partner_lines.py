"""Đường dây: each partner's line for operators, the envelopes that were refused, and the figures for a collector."""

from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from motcua.desk.frame import show
from motcua.desk.gate import Seat, officials
from motcua.exchange import api as exchange
from motcua.identity import api as identity
from motcua.identity.api import Role
from motcua.kernel import clock
from motcua.kernel.errors import Failure, Permanent
from motcua.screens.pages import address
from motcua.screens.routes import Page

OLD = timedelta(hours=1)
"""A line whose oldest parcel is older than this is shown as late."""


RECENT = timedelta(days=1)
"""How long an alarm that is over is still shown."""
ALARMS = {
    exchange.Alarm.DEAD: gettext_noop("Có bưu kiện bị từ chối, cần người xử lý"),
    exchange.Alarm.LATE: gettext_noop("Có bưu kiện chờ quá một giờ"),
    exchange.Alarm.SHUT: gettext_noop("Không trả lời hơn mười phút"),
}


def overview(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Every line: what waits since when, what went, what failed; and this office's envelopes that need a person."""
    now = clock.now()
    lines = exchange.lines(now - timedelta(hours=1))
    return show(
        request,
        seat,
        "desk/partner_lines.html",
        {
            "lines": [
                (
                    line,
                    line.shut_until is not None and now < line.shut_until,
                    line.oldest_at is not None and now - line.oldest_at > OLD,
                    sum(count for _kind, count in line.errors_in_hour),
                )
                for line in lines
            ],
            "dead": exchange.dead_envelopes(scope=seat.scope),
            "alarms": [(_(ALARMS[row.alarm]), row) for row in exchange.alarms(since=now - RECENT)],
        },
        here="partner-lines",
    )


def letter(request: HttpRequest, seat: Seat, parcel: UUID) -> HttpResponse:
    """One refused envelope: the partner's words, its content, what was done to it; mended and sent again here."""
    found = exchange.dead_envelope(parcel, scope=seat.scope)
    content, reason, error = found.content, "", ""
    if request.method == "POST":
        content, reason = request.POST.get("noi-dung", content), request.POST.get("ly-do", "").strip()
        try:
            _mend(found, seat, request.POST.get("viec", ""), content, reason)
        except Failure as failure:
            error = f"{failure.detail} {failure.mend}".strip()
        else:
            return HttpResponseRedirect(address("partner-lines"))
    return show(
        request,
        seat,
        "desk/partner_letter.html",
        {
            "found": found,
            "content": content,
            "reason": reason,
            "error": error,
            "corrections": exchange.corrections(parcel),
        },
        here="partner-lines",
        status=422 if error else 200,
    )


def _mend(found: exchange.DeadEnvelope, seat: Seat, act: str, content: str, reason: str) -> None:
    if not reason:
        raise Permanent("reason-missing", _("Chưa ghi lý do."), mend=_("Ghi đã sửa gì, hoặc vì sao không gửi nữa."))
    identity.require(seat.scope, found.sender, Role.ADMINISTRATOR)
    caller, now = seat.scope.caller, clock.now()
    if act == "bo":
        exchange.leave([found.row.id], caller=caller, reason=reason, now=now)
    else:
        typed = exchange.require_json(content)
        changed = {} if typed == exchange.require_json(found.content) else {found.row.id: typed}
        exchange.again([found.row.id], contents=changed, caller=caller, reason=reason, now=now)


def figures(request: HttpRequest) -> HttpResponse:
    """The figures for Prometheus, for whoever bears an administrator's token for all agencies."""
    kind, _space, secret = request.headers.get("Authorization", "").partition(" ")
    try:
        scope = identity.scope_of_token(secret if kind.lower() == "bearer" else "", now=clock.now())
    except Failure:
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    if scope.agencies is not None or not scope.holds(Role.ADMINISTRATOR):
        return HttpResponse(status=403)
    return HttpResponse(
        exchange.figures(clock.now()),
        content_type="text/plain; version=0.0.4; charset=utf-8",
        headers={"Cache-Control": "no-store"},
    )


GATE = officials(Role.ADMINISTRATOR)
PAGES: tuple[Page, ...] = (
    Page("can-bo/duong-day", overview, "partner-lines", GATE),
    Page("can-bo/duong-day/<uuid:parcel>", letter, "partner-letter", GATE),
    Page("so-do", figures, "figures-for-collector"),
)
