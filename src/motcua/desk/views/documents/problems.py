"""What a person has to see to: messages that can't be read, letters that were refused, statuses out of order."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_POST, require_safe

from motcua.desk.frame import show
from motcua.desk.gate import Seat
from motcua.desk.views.documents import ground
from motcua.documents import api as documents
from motcua.kernel import clock
from motcua.screens.pages import address
from motcua.screens.routes import Page


@require_safe
def problems(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Everything between this agency and others that does not go by itself."""
    found = documents.problems(seat.agency.id, scope=seat.scope)
    return show(
        request,
        seat,
        "desk/documents/problems.html",
        {
            "unreadable": found.unreadable,
            "undelivered": found.undelivered,
            "out_of_order": [(one, ground.said(ground.STATUS_WORDS, one.status)) for one in found.out_of_order],
        },
        here="documents",
    )


@require_POST
def settle(request: HttpRequest, seat: Seat, packet: UUID) -> HttpResponse:
    """Somebody has seen to a message: it leaves the list and is kept."""
    documents.settle(packet=packet, scope=seat.scope, now=clock.now())
    return HttpResponseRedirect(address("document-problems"))


@require_safe
def raw(request: HttpRequest, seat: Seat, packet: UUID) -> HttpResponseBase:
    """A message as it came."""
    response = StreamingHttpResponse(
        documents.packet_bytes(packet, scope=seat.scope), content_type="application/octet-stream"
    )
    response.headers["Content-Disposition"] = f"attachment; filename={packet}.edxml"
    return response


PAGES: tuple[Page, ...] = (
    Page("can-bo/van-ban/su-co", problems, "document-problems", ground.OFFICE),
    Page("can-bo/van-ban/su-co/<uuid:packet>", settle, "document-settle", ground.OFFICE),
    Page("can-bo/van-ban/goi-tin/<uuid:packet>", raw, "document-packet", ground.OFFICE),
)
