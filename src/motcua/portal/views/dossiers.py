"""Where is it: the answer of a dossier for whoever holds its slip."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from motcua.dossiers import api as dossiers
from motcua.kernel import clock
from motcua.kernel.errors import Failure
from motcua.screens import rules, words
from motcua.screens.asking import question
from motcua.screens.pages import address
from motcua.units import api as units

COOKIE = "tra-cuu"
COOKIE_AGE = 15 * 60  # seconds; as long as a session


def remembered(code: str) -> str:
    """The path to which the secret of a dossier is sent back, and to no other."""
    return address("dossier", code)


def ask_where(code: str, secret: str, now: datetime) -> dossiers.Where | Failure:
    return dossiers.where([dossiers.WhereQuestion(code=code, now=now, secret=secret)])[0]


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
    if not errors and isinstance(ask_where(code, secret, clock.now()), Failure):
        errors["ma"] = _("Chưa tìm thấy hồ sơ nào có mã và mã tra cứu này. Ông/bà so lại từng chữ với giấy tiếp nhận.")
    if errors:
        return where_form(request, code, errors)
    return opened(request, code, secret)


def where_form(request: HttpRequest, code: str, errors: dict[str, str] | None = None) -> HttpResponse:
    response = render(
        request,
        "where.html",
        {"code": code, "errors": {"ma": "", "bi-mat": ""} | (errors or {})},
        status=422 if errors else 200,
    )
    response["Cache-Control"] = "no-store"
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
    found = ask_where(code, secret, now) if secret else None
    if found is None:
        return where_form(request, code)
    if isinstance(found, Failure):
        return where_form(
            request,
            code,
            {"bi-mat": _("Mã tra cứu chưa hợp với hồ sơ này. Ông/bà so lại từng chữ với giấy tiếp nhận.")},
        )
    response = render(
        request,
        "dossier.html",
        {
            "found": found,
            "answer": answer(found, clock.day_of(now)),
            "points": points(found),
            "clock_rows": dossiers.clock_of(found.code, now=now),
        },
    )
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


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


def state_words(found: dossiers.Where) -> str:
    return dossiers.STATE[dossiers.State(found.state)].en if get_language() == "en" else found.state_name


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


STEP_NAMES = {step.name: step.vi for step in (*dossiers.FILINGS, *dossiers.STEPS)}
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


def points(found: dossiers.Where) -> list[tuple[str, str, str]]:
    """The time line: what was done and where, what is being done, what comes."""
    directory = units.directory()
    told = []
    for row in dossiers.log_of(found.code):
        if row.step in SILENT:
            continue
        place = directory.agency(row.agency).name_at(clock.day_of(row.at)) if row.agency else ""
        why = row.reason if row.step in TOLD_WHY else ""
        note = " · ".join(part for part in (words.short_moment(row.at), words.capital(place), why) if part)
        told.append((rules.Point.DONE.value, STEP_NAMES[row.step], note))
    if found.national_status in rules.FINISHED or found.holder is None:
        if found.national_status == 9:
            told.append((rules.Point.NOW.value, _("Nhận kết quả"), found.reception.name))
        return told
    told.append((rules.Point.NOW.value, found.next_step or state_words(found), found.holder.name))
    due = _("hẹn %(moment)s") % {"moment": words.moment(found.due_at)} if found.due_at else ""
    told.append((rules.Point.NEXT.value, _("Trả kết quả"), due))
    return told
