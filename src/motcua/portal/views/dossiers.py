"""Where is it: the answer of a dossier for whoever holds its slip."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import get_language, gettext_noop, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from markupsafe import Markup

from motcua.dossiers import api as dossiers
from motcua.kernel import clock, throttle
from motcua.kernel.errors import Failure, NotFound
from motcua.screens import rules, words
from motcua.screens.asking import question
from motcua.screens.offices import offices_of
from motcua.screens.pages import address
from motcua.transfers import api as transfers
from motcua.units import api as units

COOKIE = "tra-cuu"
COOKIE_AGE = 15 * 60  # seconds; as long as a session


def remembered(code: str) -> str:
    """The path to which the secret of a dossier is sent back, and to no other."""
    return address("dossier", code)


def ask_where(request: HttpRequest, code: str, secret: str, now: datetime) -> dossiers.Where | Failure:
    """The answer, or why there is none: a wrong pair, or a place that has to wait after too many of them."""
    place = throttle.place_of(request.META.get("REMOTE_ADDR", ""))
    try:
        with throttle.secrets.attempt(place, f"{code} {secret}"):
            found = dossiers.where([dossiers.WhereQuestion(code=code, now=now, secret=secret)])[0]
            if isinstance(found, Failure):
                raise found
            return found
    except (NotFound, throttle.TooManyWrong) as failure:
        return failure


def typed_code(text: str) -> str:
    """A code as people type it from paper: any case, spaces, long dashes."""
    return "".join(text.upper().split()).translate(DASHES)[:100]


DASHES = str.maketrans("‐‑‒–—−", "------")


@require_http_methods(["GET", "HEAD", "POST"])
def where(request: HttpRequest) -> HttpResponse:
    """Asks for the code and the secret on the slip. A right pair is remembered for 15 minutes, for this dossier."""
    if request.method != "POST":
        return where_form(request, typed_code(question(request, "ma")))
    code, secret = typed_code(request.POST.get("ma", "")), request.POST.get("bi-mat", "").strip()[:100]
    errors = {}
    if not code:
        errors["ma"] = _("Ghi mã hồ sơ, ví dụ H29.112-261120-0042.")
    if not secret:
        errors["bi-mat"] = _("Ghi mã tra cứu ở ngay dưới mã hồ sơ.")
    if errors:
        return where_form(request, code, secret, errors)
    found = ask_where(request, code, secret, clock.now())
    if isinstance(found, throttle.TooManyWrong):
        return wait_first(request, code, secret, found)
    if isinstance(found, Failure):
        said = _("Chưa tìm thấy hồ sơ nào có mã và mã tra cứu này. Ông/bà so lại từng chữ với giấy tiếp nhận.")
        return where_form(request, code, secret, {"ma": said})
    return opened(request, code, secret)


def where_form(
    request: HttpRequest, code: str, secret: str = "", errors: dict[str, str] | None = None, status: int = 422
) -> HttpResponse:
    response = render(
        request,
        "where.html",
        {"code": code, "secret": secret, "errors": {"ma": "", "bi-mat": ""} | (errors or {})},
        status=status if errors else 200,
    )
    response["Cache-Control"] = "no-store"
    return response


def wait_first(request: HttpRequest, code: str, secret: str, found: throttle.TooManyWrong) -> HttpResponse:
    """The form with all that was typed, and how long to wait before it is sent again."""
    said = ngettext(
        "Từ nơi này đã có nhiều lần nhập sai. Ông/bà đợi %(n)s giây rồi bấm Xem hồ sơ; những gì đã ghi vẫn còn đây.",
        "Từ nơi này đã có nhiều lần nhập sai. Ông/bà đợi %(n)s giây rồi bấm Xem hồ sơ; những gì đã ghi vẫn còn đây.",
        found.wait,
    ) % {"n": found.wait}
    response = where_form(request, code, secret, {"bi-mat": said}, status=429)
    response["Retry-After"] = str(found.wait)
    return response


def opened(request: HttpRequest, code: str, secret: str) -> HttpResponse:
    """Go to the dossier's page with the secret in a cookie that only this page gets, so that no address holds it."""
    response = HttpResponseRedirect(remembered(code))
    response.set_cookie(
        COOKIE,
        secret,
        max_age=COOKIE_AGE,
        path=remembered(code),
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def dossier(request: HttpRequest, code: str) -> HttpResponse:
    """The answer for whoever has shown the secret; `?bm=SECRET` comes from the QR code on the slip."""
    code, now = typed_code(code), clock.now()
    if request.GET.get("bm"):
        return opened(request, code, request.GET["bm"][:100])
    secret = request.COOKIES.get(COOKIE, "")
    found = ask_where(request, code, secret, now) if secret else None
    if found is None:
        return where_form(request, code)
    if isinstance(found, throttle.TooManyWrong):
        return wait_first(request, code, secret, found)
    if isinstance(found, Failure):
        said = _("Mã tra cứu chưa hợp với hồ sơ này. Ông/bà so lại từng chữ với giấy tiếp nhận.")
        response = where_form(request, code, secret, {"bi-mat": said})
        response.delete_cookie(COOKIE, path=remembered(code))
        return response
    response = render(
        request,
        "dossier.html",
        {
            "found": found,
            "offices": offices_of(found, clock.day_of(now)),
            "answer": answer(found, clock.day_of(now)),
            "quiet_since": quiet_since(found.code, now),
            "points": points(found),
            "clock_rows": dossiers.clock_of(found.code, now=now, language=get_language() or "vi"),
            "rate": address("rate", found.code) if found.national_status in RATED else "",
        },
    )
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def quiet_since(code: str, now: datetime) -> str:
    """That the office that resolves it sits at another node which can't be reached, so that this may be old; or ""."""
    said = transfers.last_words([code], now=now).get(code)
    if said is None or not said.silent or not said.resolves:
        return ""
    if said.heard_at is None:
        return _("Chưa liên lạc được với hệ thống của cơ quan giải quyết: tin ở đây có thể đã cũ.")
    moment = words.moment(said.heard_at)
    return _("Chưa liên lạc lại được với hệ thống của cơ quan giải quyết từ %(moment)s: tin ở đây có thể đã cũ.") % {
        "moment": moment
    }


@dataclass(frozen=True, slots=True)
class Answer:
    """Hồ sơ đang ở đâu, in sentences: who has it, how long still, and whether the citizen must act."""

    sentence: str
    since: str
    chip_kind: str
    chip: str
    waiting: str
    must_act: str


WAITING = {
    "citizen": gettext_noop("Đang chờ ông/bà."),
    "office": gettext_noop("Đang chờ cơ quan này. Ông/bà không phải làm gì."),
    "other_agency": gettext_noop("Đang chờ cơ quan khác trả lời. Ông/bà không phải làm gì."),
    "duty": gettext_noop("Đang chờ hoàn thành nghĩa vụ tài chính."),
    "outage": gettext_noop("Đang chờ hệ thống hoạt động trở lại. Ông/bà không phải làm gì; thời gian này không tính."),
}
OVER = {
    3: gettext_noop("Hồ sơ không được tiếp nhận"),
    7: gettext_noop("Hồ sơ đã được rút theo yêu cầu của ông/bà"),
    8: gettext_noop("Hồ sơ đã dừng giải quyết"),
    10: gettext_noop("Đã trả kết quả"),
}
"""By national status, what is said of a dossier that nobody holds any more."""
MUST_ACT = {
    5: gettext_noop("Ông/bà cần bổ sung giấy tờ theo phiếu yêu cầu đã gửi."),
    6: gettext_noop("Ông/bà cần hoàn thành nghĩa vụ tài chính theo thông báo đã gửi."),
}


RATED = frozenset({9, 10})
"""National statuses in which the citizen is asked how it went."""


def state_words(found: dossiers.Where) -> str:
    return words.named(dossiers.STATE[dossiers.State(found.state)])


def answer(found: dossiers.Where, today: date) -> Answer:
    left = None if found.working_minutes_left is None else timedelta(minutes=found.working_minutes_left)
    due_on = clock.day_of(found.due_at) if found.due_at else None
    kind = rules.chip(found.national_status, left, due_on, today)
    span = words.working_time(left) if left is not None else ""
    if kind in (rules.Chip.DONE, rules.Chip.WAITING):
        said = state_words(found)
    elif kind is rules.Chip.LATE:
        said = _("Quá hạn %(span)s làm việc") % {"span": span}
    else:
        said = _("Còn %(span)s làm việc") % {"span": span}
    since = _("từ %(moment)s") % {"moment": words.moment(found.since)}
    if found.national_status in OVER:
        sentence = _(OVER[found.national_status])
    elif found.national_status == 9:
        sentence = words.say(_("Đã có kết quả, mời ông/bà đến nhận tại %(office)s"), office=found.reception.name)
    else:
        sentence = words.say(_("Đang ở %(office)s"), office=(found.holder or found.resolving).name)
    waiting = WAITING["office" if found.waiting_on is None else found.waiting_on]
    waited_for = _(waiting) if kind is not rules.Chip.DONE else ""
    must_act = ""
    if found.must_act:
        must_act = _(MUST_ACT.get(found.national_status, "")) or waited_for
        if found.act_by:
            must_act += " " + _("Hạn chót: %(moment)s.") % {"moment": words.moment(found.act_by)}
    return Answer(sentence, since, kind.value, said, waited_for, must_act)


STEPS = {step.name: step for step in (*dossiers.FILINGS, *dossiers.ARRIVALS, *dossiers.STEPS, *dossiers.MOVES)}
SILENT = frozenset({"warn"})  # steps that say nothing to a citizen
TOLD_WHY = frozenset(
    {
        "ask_for_papers",
        "ask_for_completion",
        "refuse",
        "require_duty",
        "extend",
        "sign_refusal",
        "withdraw",
        "stop",
        "close",
        "report_outage",
    }
)
"""The steps whose reason is meant for the citizen; the reasons of the others are between officials."""


AHEAD = (
    gettext_noop("Tiếp nhận hồ sơ"),
    gettext_noop("Giải quyết"),
    gettext_noop("Ký kết quả"),
    gettext_noop("Trả kết quả"),
)
"""What a dossier passes in the ordinary course."""
PASSED: dict[dossiers.State, int] = {
    dossiers.State.AWAITING_PAPERS: 0,
    dossiers.State.AWAITING_FEE: 0,
    dossiers.State.SUBMITTED: 1,
    dossiers.State.ACCEPTED: 1,
    dossiers.State.TO_SIGN: 3,
    dossiers.State.SIGNED: 3,
}
"""How many of them lie behind a state or are what is being done in it; 2 where nothing is said."""


def points(found: dossiers.Where) -> list[tuple[str, str, str]]:
    """The time line: what was done and where, what is being done, what comes."""
    directory = units.directory()
    told: list[tuple[str, str, str]] = []
    for row in dossiers.log_of(found.code):
        if row.step in SILENT:
            continue
        name = directory.agency(row.agency).name_at(clock.day_of(row.at)) if row.agency else ""
        note = [words.short_moment(row.at), words.vietnamese(words.capital(name)) if name else ""]
        if row.step.startswith("file_") and outside(directory, found):
            note.append(_("tiếp nhận ngoài địa giới"))
        if row.reason and row.step in TOLD_WHY:
            note.append(words.vietnamese(row.reason))
        told.append((rules.Point.DONE.value, words.named(STEPS[row.step]), Markup(" · ").join(filter(None, note))))
    if found.national_status == 9:
        told.append((rules.Point.NOW.value, _("Nhận kết quả"), words.vietnamese(found.reception.name)))
    if found.national_status in rules.FINISHED or found.holder is None:
        return told
    state = dossiers.State(found.state)
    step = dossiers.NEXT[state]
    now = state_words(found) if step is None or state is dossiers.State.IN_PROCESS else words.named(step)
    told.append((rules.Point.NOW.value, now, words.vietnamese(words.capital(found.holder.name))))
    due = _("hẹn %(moment)s") % {"moment": words.moment(found.due_at)} if found.due_at else ""
    ahead = AHEAD[PASSED.get(state, 2) :]
    told += [(rules.Point.NEXT.value, _(stage), due if stage is AHEAD[-1] else "") for stage in ahead]
    return told


def outside(directory: units.Directory, found: dossiers.Where) -> bool:
    """Whether it was taken in at the centre of another commune than the one that resolves (phi địa giới)."""
    on = clock.day_of(found.filed_at)
    taken, resolved = (directory.find_agency(office.org, on) for office in (found.reception, found.resolving))
    if taken is None or resolved is None or taken.unit_id is None or resolved.unit_id is None:
        return False
    levels = {directory.unit(agency.unit_id).level for agency in (taken, resolved)}
    return levels == {units.Level.COMMUNE} and taken.unit_id != resolved.unit_id
