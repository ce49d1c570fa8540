"""The counter: taking in a dossier while the applicant stands there."""

from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from motcua.desk.counter import reading, sheet, suggestions
from motcua.desk.frame import show
from motcua.desk.gate import Seat, officials
from motcua.desk.views import money
from motcua.dossiers import api as dossiers
from motcua.identity import api as identity
from motcua.kernel import clock
from motcua.kernel.errors import Failure, Transient
from motcua.nationalportal import api as national
from motcua.payments import api as payments
from motcua.procedures import api as procedures
from motcua.screens import words
from motcua.screens.asking import question
from motcua.screens.pages import address
from motcua.screens.routes import Page
from motcua.slips import api as slips

CHANNELS = {
    "counter": gettext_noop("Nộp trực tiếp tại quầy"),
    "post": gettext_noop("Nhận qua bưu chính công ích"),
    "assisted": gettext_noop("Hỗ trợ nộp trực tuyến nơi khác"),
}
FORMS = {
    "original": gettext_noop("Bản chính"),
    "copy": gettext_noop("Bản sao"),
    "electronic": gettext_noop("Điện tử"),
}
SOURCES = {
    "card": gettext_noop("Theo mã QR trên thẻ căn cước"),
    "register": gettext_noop("Theo dữ liệu đã có trong hệ thống"),
}
FEE_CHANNEL = {"counter": "direct", "post": "post", "assisted": "online"}
# What is done beside taking in: the step of a dossier that was only submitted, and the form that tells of it.
INSTEAD = {"guide": ("ask_for_papers", "02"), "refuse": ("refuse", "03")}


@require_http_methods(["GET", "HEAD", "POST"])
def counter(request: HttpRequest, seat: Seat) -> HttpResponse:
    """The sheet. Every button posts it here; nothing but the last ones writes a dossier."""
    now = clock.now()
    if request.method != "POST":
        made = sheet.blank()
        made.typed["procedure"] = question(request, "thu-tuc")
        return _shown(request, seat, reading.understand(made, seat, now))
    act = request.POST.get("act", "look")
    filled = sheet.read(request)
    if identity.looks_like_card(filled.typed["number"]):
        act = "look"  # what the card brought is looked at before anything is filed
    work = reading.understand(filled, seat, now)
    if act not in ("file", *INSTEAD):
        return _shown(request, seat, work)
    reading.check(work, now, complete=act == "file")
    if act in INSTEAD:
        _check_instead(work, seat)
    code = _filed(work, seat, act, now)
    if code is None:
        return _shown(request, seat, work, status=422)
    return HttpResponseRedirect(address("counter-done", code), status=303)


def _check_instead(work: reading.Work, seat: Seat) -> None:
    if not work.sheet.typed["reason"]:
        work.errors.setdefault("reason", _("Cần ghi lý do: phiếu nêu lý do cho người nộp."))
    if work.reception is not None and work.reception != seat.agency:
        work.errors.setdefault("reason", _("Nơi tiếp nhận sẽ kiểm tra hồ sơ này; tại đây chỉ hỗ trợ nộp."))


def _filed(work: reading.Work, seat: Seat, act: str, now: Any) -> str | None:
    """The code of the dossier, which is the same however often the sheet is sent; None with errors on the sheet."""
    if work.version is None:
        return None
    content = reading.content_of(work)
    if work.errors or work.area is None:
        return None
    channel = work.sheet.typed["channel"]
    if act in INSTEAD and channel == "counter":
        channel = "assisted"  # at the counter a dossier would be accepted at once
    on = clock.day_of(now)
    papers = reading.papers_of(work.lines)
    application = reading.application_of(work, seat, on, content=content, papers=papers, channel=channel)
    digest = dossiers.digest_of(msgspec.json.encode(application))
    key = f"counter:{work.sheet.key}"
    try:
        filing = dossiers.prepare(application, key=key, digest=digest, scope=seat.scope, now=now)
        [receipt] = dossiers.file([filing])
        if isinstance(receipt, Failure):
            raise receipt
        step, reason = "", ""
        if act in INSTEAD:
            step, reason = INSTEAD[act][0], work.sheet.typed["reason"]
        elif channel == "post":
            step = "accept"  # it is checked already, and its papers are here
        if step:
            request = dossiers.StepRequest(
                receipt.code, step, f"{key}:{step}", digest, seat.scope, dossiers.Given(now, reason=reason)
            )
            [taken] = dossiers.take_steps([request])
            if isinstance(taken, Failure):
                raise taken
    except Transient:
        raise
    except Failure as failure:
        work.errors["procedure"] = reading.said(failure)
        return None
    if work.reception == seat.agency:  # whoever takes it in asks for its fee
        payments.open_charges(codes=[receipt.code], scope=seat.scope, now=now)
    return receipt.code


class Errors(dict[str, str]):
    """Errors by field; "" for a field without one."""

    def __missing__(self, field: str) -> str:
        return ""


def _shown(request: HttpRequest, seat: Seat, work: reading.Work, *, status: int = 200) -> HttpResponse:
    channel = FEE_CHANNEL[work.sheet.typed["channel"]]
    return show(
        request,
        seat,
        "desk/counter.html",
        {
            "intake": work,
            "typed": work.sheet.typed,
            "errors": Errors(work.errors),
            "channels": {name: _(said) for name, said in CHANNELS.items()},
            "forms": {name: _(said) for name, said in FORMS.items()},
            "sources": {name: _(said) for name, said in SOURCES.items()},
            "fees": [fee for fee in work.version.fees if fee.channel in ("", channel)] if work.version else [],
            "title": reading.title,
            "about": about,
            "size": size,
            "failed": status == 422,
        },
        here="counter",
        status=status,
    )


def about(line: sheet.PaperLine) -> str:
    """bắt buộc · 1 bản chính, 2 bản sao."""
    counts = []
    if line.originals:
        counts.append(ngettext("%(n)s bản chính", "%(n)s bản chính", line.originals) % {"n": line.originals})
    if line.copies:
        counts.append(ngettext("%(n)s bản sao", "%(n)s bản sao", line.copies) % {"n": line.copies})
    if line.shown:
        counts.append(_("chỉ xuất trình, xem rồi trả lại"))
    return " · ".join(filter(None, (_("bắt buộc") if line.required else _("nếu có"), ", ".join(counts))))


def size(length: int) -> str:
    """12 KB, 3,4 MB."""
    if length < 1024 * 1024:
        return f"{max(1, round(length / 1024))} KB"
    return f"{words.number(length / 1024 / 1024, 1)} MB"


@require_safe
def suggested(request: HttpRequest, seat: Seat) -> HttpResponse:
    """What the field of the procedure offers while somebody types."""
    now = clock.now()
    typed, on = question(request), clock.day_of(now)
    found = suggestions.suggest(typed, on, often=reading.usual(seat, now), level=reading.level_of(seat))
    return JsonResponse({"items": [_item(version) for version in found]})


def _item(version: procedures.Version) -> dict[str, str]:
    return {"code": version.code, "name": version.name, "field": version.field}


@require_safe
def done(request: HttpRequest, seat: Seat, code: str) -> HttpResponse:
    """What was taken in: code, secret, when it is due, and the slip to print."""
    now = clock.now()
    secret = dossiers.secret_of(code, scope=seat.scope, now=now)
    [where] = dossiers.where([dossiers.WhereQuestion(code, now, scope=seat.scope)])
    assert isinstance(where, dossiers.Where)
    wanted = {"refused": "03", "awaiting_papers": "02"}.get(where.state, "01")
    form = next((slip.form for slip in slips.available(code, scope=seat.scope) if slip.form == wanted), "")
    return show(
        request,
        seat,
        "desk/counter_done.html",
        {
            "where": where,
            "secret": secret,
            "form": form,
            "owed": money.owed(code, seat),
            "portal_away": national.away(now=now),
        },
        here="counter",
    )


RECEPTION = officials(identity.Role.RECEPTION)

PAGES: tuple[Page, ...] = (
    Page("can-bo/tiep-nhan", counter, "counter", RECEPTION),
    Page("can-bo/tiep-nhan/thu-tuc", suggested, "counter-procedures", RECEPTION),
    Page("can-bo/tiep-nhan/xong/<str:code>", done, "counter-done", RECEPTION),
)
