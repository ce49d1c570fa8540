"""What is mine: my dossiers, what I am asked for, messages, results, rating."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from uuid import uuid4

from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from motcua.dossiers import api as dossiers
from motcua.feedback import api as feedback
from motcua.kernel import clock, storage, throttle
from motcua.kernel.errors import Conflict, Failure, NotFound
from motcua.payments import api as payments
from motcua.portal.gate import Citizen, citizen_of, signed_in
from motcua.portal.queries import drafts_of
from motcua.portal.views.dossiers import TOLD_WHY, Answer, answer, points, quiet_since, typed_code
from motcua.procedures import api as procedures
from motcua.screens import rules, words
from motcua.screens.offices import offices_of
from motcua.screens.pages import address
from motcua.screens.routes import Page
from motcua.slips import api as slips
from motcua.units import api as units

PAGE = 30  # messages on a page
OVER = rules.FINISHED
ANSWERS = {"awaiting_papers": "send_papers", "awaiting_completion": "complete"}
"""The state in which papers are asked for, and the step with which they are sent."""
FEES = frozenset({"awaiting_fee", "awaiting_duty"})


# --- my dossiers --------------------------------------------------------------------------------------------------


@require_safe
def mine(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    """My dossiers: first those that wait for me, then those that are on their way, then those that are over."""
    now = clock.now()
    today = clock.day_of(now)
    groups: dict[str, list[tuple[dossiers.Where, Answer]]] = {"act": [], "open": [], "over": []}
    for found in dossiers.of_party(citizen.scope, now=now):
        over = found.national_status in OVER and found.state != "finished"
        group = "act" if found.must_act or found.state == "finished" else "over" if over else "open"
        groups[group].append((found, told_me(found, today)))
    groups["act"].sort(key=lambda row: row[0].act_by or datetime.max.replace(tzinfo=now.tzinfo))
    groups["open"].sort(key=lambda row: row[0].due_at or datetime.max.replace(tzinfo=now.tzinfo))
    return render(
        request, "mine.html", {"citizen": citizen, "groups": groups, "drafts": drafts(citizen), "doing": doing}
    )


def told_me(found: dossiers.Where, today: date) -> Answer:
    """Where my dossier is; of a fee it is said what paying it brings about."""
    said = answer(found, today)
    if found.state != "awaiting_fee":
        return said
    must = _("Cơ quan tiếp nhận xem xét hồ sơ khi ông/bà nộp xong phí, lệ phí.")
    if found.act_by:
        must += " " + _("Hạn chót: %(moment)s.") % {"moment": words.moment(found.act_by)}
    return replace(said, must_act=must)


def drafts(citizen: Citizen) -> list[tuple[str, str, str]]:
    """The applications that I began: name of the procedure, until when it is kept, where to go on."""
    return [
        (
            row.procedure_name,
            _("sửa lần cuối %(changed)s, giữ đến %(expires)s")
            % {"changed": words.short_moment(row.changed_at), "expires": words.day(clock.day_of(row.expires_at))},
            address("apply", row.procedure),
        )
        for row in drafts_of(citizen.scope)
    ]


def doing(found: dossiers.Where) -> tuple[str, str]:
    """What I can do now about a dossier that waits for me: the words of the button, and where it leads."""
    if found.state in ANSWERS:
        return _("Bổ sung giấy tờ"), address("my-answer", found.code)
    if found.state in FEES:
        return _("Xem khoản phải nộp"), address("pay", found.code)
    return _("Xem hồ sơ"), address("my-dossier", found.code)


# --- one dossier --------------------------------------------------------------------------------------------------


@require_safe
def my_dossier(request: HttpRequest, citizen: Citizen, code: str) -> HttpResponse:
    """Where my dossier is, what I am asked for, its papers and results, and what I may do with it."""
    now = clock.now()
    folder = dossiers.open_folder(code, scope=citizen.scope, now=now)
    found = folder.where
    charges = payments.charges_of([code], scope=citizen.scope)
    rated = feedback.asked(code, scope=citizen.scope, secret=None, now=now)
    return render(
        request,
        "my_dossier.html",
        {
            "folder": folder,
            "found": found,
            "offices": offices_of(found, clock.day_of(now)),
            "answer": told_me(found, clock.day_of(now)),
            "quiet_since": quiet_since(found.code, now),
            "doing": doing(found) if found.must_act else None,
            "asked": asked_for(folder),
            "points": points(found),
            "clock_rows": dossiers.clock_of(code, now=now, language=get_language() or "vi"),
            "papers": [named(folder, paper) for paper in folder.papers if paper.kind == "paper"],
            "results": [named(folder, paper) for paper in folder.papers if paper.kind == "result"],
            "slips": slips.available(code, scope=citizen.scope),
            "may_withdraw": any(step.name == "withdraw" for step in folder.allowed),
            "owed": sum(c.amount for c in charges if c.state is payments.ChargeState.OPEN),
            "paid": sum(c.amount for c in charges if c.state is payments.ChargeState.PAID),
            "may_rate": rated.may,
            "rating": rated.rating,
        },
    )


def asked_for(folder: dossiers.Folder) -> str:
    """What the office asked me for, in its own words; "" when it waits for nothing of mine."""
    if not folder.where.must_act:
        return ""
    asking = ("ask_for_papers", "ask_for_completion", "require_duty", "ask_for_fee")
    return next((row.reason for row in reversed(folder.log) if row.step in asking), "")


def named(folder: dossiers.Folder, paper: dossiers.PaperRow) -> tuple[str, dossiers.PaperRow]:
    """A paper with the name that the procedure gives it, or with its own."""
    components = {c.key: c.name for c in procedures.catalogue().by_id(folder.version).components}
    return paper.name or components.get(paper.key, "") or _("Giấy tờ"), paper


@require_safe
def my_slip(request: HttpRequest, citizen: Citizen, code: str, form: str) -> HttpResponse:
    """A statutory form of my dossier as PDF, to be kept or printed; `?kho=A5` for small paper."""
    paper = "A5" if request.GET.get("kho") == "A5" else "A4"
    try:
        made = slips.make([slips.SlipRequest(code, form, citizen.scope, paper)], now=clock.now())
    except Conflict as missing:  # to its reader, a form that the log doesn't call for isn't there
        raise NotFound(missing.problem, missing.detail) from missing
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{code}-mau-{form}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def my_file(request: HttpRequest, citizen: Citizen, code: str, sha256: str) -> HttpResponseBase:
    """One file of my dossier, to be kept; browsers are never let to show or run it."""
    paper = dossiers.file_of(code, sha256, scope=citizen.scope)
    kind, ending = kind_of(sha256)
    response = StreamingHttpResponse(storage.files().open(sha256), content_type=kind)
    place = paper.files.index(sha256) + 1
    response["Content-Disposition"] = f'attachment; filename="{code}-{paper.n}-{place}.{ending}"'
    response["Content-Length"] = str(storage.files().size(sha256))
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response


ENDINGS = {
    "application/pdf": "pdf",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/tiff": "tif",
    f"{storage.OFFICE}.wordprocessingml.document": "docx",
    f"{storage.OFFICE}.spreadsheetml.sheet": "xlsx",
    "application/zip": "zip",
    "application/xml": "xml",
}


def kind_of(sha256: str) -> tuple[str, str]:
    """The media type of a kept file and how its name ends, by its content."""
    head = tail = b""
    for chunk in storage.files().open(sha256):
        head = head or chunk[: storage.HEAD]
        if not head.startswith(b"PK"):
            break
        tail = (tail + chunk)[-storage.TAIL :]
    kind = storage.content_type(head, tail, is_text=False)
    return kind, ENDINGS.get(kind, "txt" if kind == storage.UNKNOWN else "bin")


# --- what I send --------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def my_answer(request: HttpRequest, citizen: Citizen, code: str) -> HttpResponse:
    """Send the papers that were asked for. Files that were right are kept when another one was wrong."""
    now = clock.now()
    folder = dossiers.open_folder(code, scope=citizen.scope, now=now)
    step = ANSWERS.get(folder.where.state, "")
    if not step:
        return HttpResponseRedirect(address("my-dossier", code))
    errors: dict[str, str] = {}
    kept: list[Kept] = []
    typed = request.POST.get("ten-khac", "").strip()[:300]
    if request.method == "POST":
        kept, errors = received(request, citizen, folder)
        if not kept and not errors:
            errors["giay-to"] = _("Chọn ít nhất một tệp của giấy tờ được yêu cầu.")
        if not errors:
            failed = send(request, citizen, folder, step, kept)
            if failed is None:
                return HttpResponseRedirect(address("my-dossier", code))
            errors["giay-to"] = f"{failed.detail} {failed.mend}".strip()
    version = procedures.catalogue().by_id(folder.version)
    there = {paper.key for paper in folder.papers if paper.kind == "paper" and paper.files}
    return render(
        request,
        "my_answer.html",
        {
            "folder": folder,
            "asked": asked_for(folder),
            "components": [c for c in version.components if not c.shown and c.case in ("", folder.case)],
            "there": there,
            "kept": [(file, signing.dumps(file, salt=salt(citizen, code))) for file in kept],
            "typed": typed,
            "errors": defaultdict(str, errors),
            "key": request.POST.get("khoa", "")[:36] or str(uuid4()),
            "limit": settings.UPLOAD_LIMIT // 1024 // 1024,
        },
        status=422 if errors else 200,
    )


Kept = tuple[str, str, str, str]
"""A file that arrived: component, own name of the paper, SHA-256, name of the file."""


def salt(citizen: Citizen, code: str) -> str:
    """So that a file that one person sent can't be slipped into the dossier of another."""
    return f"papers:{citizen.id}:{code}"


def received(request: HttpRequest, citizen: Citizen, folder: dossiers.Folder) -> tuple[list[Kept], dict[str, str]]:
    """The files of this answer, those of an earlier attempt first, and what is wrong by field."""
    code = folder.where.code
    kept: list[Kept] = []
    for token in request.POST.getlist("giu")[:100]:
        try:
            component, name, sha256, file = signing.loads(token, salt=salt(citizen, code), max_age=24 * 3600)
        except signing.BadSignature:
            continue
        kept.append((component, name, sha256, file))
    errors: dict[str, str] = {}
    own = " ".join(request.POST.get("ten-khac", "").split())[:300]
    for field, uploads in request.FILES.lists():
        component = field.removeprefix("tep:") if field.startswith("tep:") else ""
        if not component and not own:
            errors["ten-khac"] = _("Ghi tên của giấy tờ khác.")
        for upload in uploads[:50]:
            try:
                stored = storage.files().put(upload.chunks(), settings.UPLOAD_LIMIT, storage.PAPERS)
            except Failure as failure:
                errors[field] = refused(upload.name or "", failure)
                continue
            kept.append((component, "" if component else own, stored.sha256, (upload.name or "")[-100:]))
    return kept, errors


def refused(name: str, failure: Failure) -> str:
    """Why a file was not taken, in words that mend."""
    said = {
        "file-too-large": _("Tệp “%(name)s” quá lớn. Ông/bà quét ở 300 dpi hoặc tách thành nhiều tệp."),
        "file-kind-refused": _("Tệp “%(name)s” không thuộc loại được nhận. Gửi PDF, ảnh, Word, Excel, XML hoặc ZIP."),
        "file-empty": _("Tệp “%(name)s” trống. Ông/bà chọn lại tệp."),
    }
    return said.get(failure.problem, _("Tệp “%(name)s” chưa gửi được. Ông/bà thử lại.")) % {"name": name}


def send(
    request: HttpRequest, citizen: Citizen, folder: dossiers.Folder, step: str, kept: list[Kept]
) -> Failure | None:
    """Take the step with these papers; a form that is sent twice is taken once."""
    papers: dict[tuple[str, str], list[str]] = {}
    for component, name, sha256, _file in kept:
        held = papers.setdefault((component, name), [])
        if sha256 not in held:
            held.append(sha256)
    code = folder.where.code
    return take(
        citizen,
        code,
        step,
        key=f"portal:{citizen.id}:{code}:{request.POST.get('khoa', '')[:36]}",
        papers=tuple(
            dossiers.Paper(component=component, name=name, files=tuple(files))
            for (component, name), files in papers.items()
        ),
    )


def take(
    citizen: Citizen, code: str, step: str, *, key: str, reason: str = "", papers: tuple[dossiers.Paper, ...] = ()
) -> Failure | None:
    """Take one step as the applicant; the Failure, if it could not be taken."""
    said = "|".join([step, code, reason, *(f"{p.component}:{p.name}:{','.join(p.files)}" for p in papers)])
    request = dossiers.StepRequest(
        code=code,
        step=step,
        key=key,
        digest=dossiers.digest_of(said.encode()),
        scope=citizen.scope,
        given=dossiers.Given(clock.now(), reason=reason),
        papers=papers,
    )
    (receipt,) = dossiers.take_steps([request])
    return receipt if isinstance(receipt, Failure) else None


LONGEST_REASON = 1000  # characters


@require_http_methods(["GET", "HEAD", "POST"])
def my_withdrawal(request: HttpRequest, citizen: Citizen, code: str) -> HttpResponse:
    """Withdraw a dossier: why, what follows, and a sign that it is meant."""
    folder = dossiers.open_folder(code, scope=citizen.scope, now=clock.now())
    if not any(step.name == "withdraw" for step in folder.allowed):
        return HttpResponseRedirect(address("my-dossier", code))
    reason = request.POST.get("ly-do", "").strip()
    errors: dict[str, str] = {}
    if request.method == "POST":
        if not reason:
            errors["ly-do"] = _("Ghi lý do rút hồ sơ, một câu là đủ.")
        elif len(reason) > LONGEST_REASON or "\0" in reason:
            errors["ly-do"] = _("Lý do dài quá %(n)s ký tự; ông/bà ghi ngắn lại.") % {"n": LONGEST_REASON}
        if request.POST.get("xac-nhan") != "co":
            errors["xac-nhan"] = _("Đánh dấu vào ô xác nhận nếu ông/bà muốn rút hồ sơ.")
        if not errors:
            failed = take(citizen, code, "withdraw", key=f"portal:{citizen.id}:{code}:withdraw", reason=reason)
            if failed is None:
                return HttpResponseRedirect(address("my-dossier", code))
            errors["ly-do"] = f"{failed.detail} {failed.mend}".strip()
    return render(
        request,
        "my_withdrawal.html",
        {
            "folder": folder,
            "reason": reason[: 2 * LONGEST_REASON],
            "confirmed": request.POST.get("xac-nhan") == "co",
            "errors": {"ly-do": "", "xac-nhan": ""} | errors,
        },
        status=422 if errors else 200,
    )


# --- messages -----------------------------------------------------------------------------------------------------

MESSAGES: Mapping[str, str] = {
    "file_online": gettext_noop("Hồ sơ đã gửi đến %(office)s."),
    "file_post": gettext_noop("%(office)s đã nhận được hồ sơ gửi qua bưu chính."),
    "file_assisted": gettext_noop("Hồ sơ đã nộp với sự hỗ trợ của %(office)s."),
    "file_counter": gettext_noop("%(office)s đã tiếp nhận hồ sơ, hẹn trả kết quả lúc %(due)s."),
    "accept": gettext_noop("%(office)s đã tiếp nhận hồ sơ, hẹn trả kết quả lúc %(due)s."),
    "ask_for_papers": gettext_noop("%(office)s đề nghị ông/bà bổ sung giấy tờ trước khi tiếp nhận."),
    "send_papers": gettext_noop("Giấy tờ bổ sung của ông/bà đã đến %(office)s."),
    "ask_for_fee": gettext_noop("Hồ sơ chờ ông/bà nộp phí, lệ phí."),
    "pay_fee": gettext_noop("Đã nhận đủ phí, lệ phí; hồ sơ đã sang %(office)s."),
    "refuse": gettext_noop("%(office)s không tiếp nhận hồ sơ."),
    "hand_over": gettext_noop("Hồ sơ đã chuyển đến cơ quan giải quyết."),
    "ask_for_completion": gettext_noop("%(office)s đề nghị ông/bà bổ sung, hoàn thiện hồ sơ."),
    "complete": gettext_noop("Giấy tờ bổ sung đã đến %(office)s; thời hạn tính lại, hẹn trả lúc %(due)s."),
    "consult": gettext_noop("Đang lấy ý kiến cơ quan khác. Ông/bà không phải làm gì."),
    "require_duty": gettext_noop("%(office)s đề nghị ông/bà thực hiện nghĩa vụ tài chính."),
    "perform_duty": gettext_noop("Đã ghi nhận nghĩa vụ tài chính; hồ sơ được giải quyết tiếp."),
    "extend": gettext_noop("%(office)s xin lỗi ông/bà và hẹn lại: trả kết quả lúc %(due)s."),
    "sign": gettext_noop("Kết quả đã được ký, đang chuyển về nơi tiếp nhận."),
    "sign_refusal": gettext_noop("%(office)s đã ký văn bản từ chối giải quyết."),
    "finish": gettext_noop("Đã có kết quả. Mời ông/bà đến nhận hoặc tải bản điện tử."),
    "return_result": gettext_noop("%(office)s đã trả kết quả."),
    "withdraw": gettext_noop("Hồ sơ đã được rút theo yêu cầu của ông/bà."),
    "stop": gettext_noop("%(office)s dừng giải quyết hồ sơ."),
    "close": gettext_noop("Hồ sơ đã đóng vì quá hạn bổ sung."),
    "report_outage": gettext_noop("Hệ thống gặp sự cố; thời gian này không tính vào thời hạn."),
    "end_outage": gettext_noop("Hệ thống đã hoạt động trở lại; hẹn trả kết quả lúc %(due)s."),
    "inherit": gettext_noop(
        "Do sắp xếp đơn vị hành chính, hồ sơ nay do %(office)s giữ. Ông/bà không phải nộp lại giấy tờ hay làm lại bước "
        "nào; ngày hẹn giữ nguyên."
    ),
    "give_back": gettext_noop("Việc sắp xếp đơn vị được hoàn tác; hồ sơ trở về %(office)s. Ông/bà không phải làm gì."),
}
"""What each step of the log tells the applicant; steps that are not here are between officials."""


@require_safe
def my_messages(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    """What happened to my dossiers, newest first; older ones behind a link."""
    before = clock.now()
    asked = request.GET.get("truoc", "")
    if asked:
        try:
            before = clock.from_local(asked)
        except (ValueError, OverflowError):
            raise Http404 from None
    rows = dossiers.told(tuple(MESSAGES), scope=citizen.scope, before=before, limit=PAGE + 1)
    more = rows[PAGE - 1].at.isoformat() if len(rows) > PAGE else ""
    return render(
        request, "my_messages.html", {"messages": [message(row) for row in rows[:PAGE]], "more": more, "before": asked}
    )


def message(row: dossiers.Told) -> tuple[dossiers.Told, str, str, str]:
    """A row of the log with the procedure's name, the sentence, and the office's own words where they are meant."""
    office = units.directory().agency(row.agency).name_at(clock.day_of(row.at)) if row.agency else ""
    names = {"office": office or _("Cơ quan tiếp nhận")}
    said = words.say(_(MESSAGES[row.step]), **names) if "%(due)s" not in MESSAGES[row.step] else None
    if said is None:
        due = words.moment(row.due_at) if row.due_at else _("ngày được báo sau")
        said = words.say(_(MESSAGES[row.step]).replace("%(due)s", due.replace("%", "%%")), **names)
    why = row.reason if row.step in TOLD_WHY or row.step == "ask_for_fee" else ""
    return row, procedures.catalogue().by_id(row.version).name, words.capital(said), why


# --- rating -------------------------------------------------------------------------------------------------------

SCORES = (
    (5, gettext_noop("Rất hài lòng")),
    (4, gettext_noop("Hài lòng")),
    (3, gettext_noop("Bình thường")),
    (2, gettext_noop("Không hài lòng")),
    (1, gettext_noop("Rất không hài lòng")),
)


@require_http_methods(["GET", "HEAD", "POST"])
def rate(request: HttpRequest, code: str) -> HttpResponse:
    """Say how one was served: the applicant signed in, anybody else with the secret on the slip."""
    now = clock.now()
    code = typed_code(code)
    citizen = citizen_of(request)
    asked = own(code, citizen, now)
    score, said = request.POST.get("diem", ""), request.POST.get("y-kien", "")[: 2 * feedback.LONGEST]
    secret = request.POST.get("bi-mat", "").strip()[:100]
    errors: dict[str, str] = {"diem": "", "y-kien": "", "bi-mat": ""}
    done: feedback.Rating | None = asked.rating if asked else None
    if request.method == "POST" and done is None:
        if score not in ("1", "2", "3", "4", "5"):
            errors["diem"] = _("Chọn một trong năm mức.")
        if len(said.strip()) > feedback.LONGEST:
            errors["y-kien"] = _("Ý kiến dài quá %(n)s ký tự; ông/bà ghi ngắn lại.") % {"n": feedback.LONGEST}
        if asked is None and not secret:
            errors["bi-mat"] = _("Ghi mã tra cứu ở ngay dưới mã hồ sơ.")
        if not any(errors.values()):
            scope = citizen.scope if citizen and asked else None
            new = feedback.NewRating(code, int(score), said, scope=scope, secret=None if scope else secret)
            answered = rated(request, new, now)
            if not isinstance(answered, Failure):
                done = answered
            elif isinstance(answered, throttle.TooManyWrong):
                errors["bi-mat"] = _("Từ nơi này đã có nhiều lần nhập sai. Ông/bà đợi %(n)s giây rồi gửi lại.") % {
                    "n": answered.wait
                }
            elif isinstance(answered, NotFound):
                errors["bi-mat"] = _("Mã tra cứu chưa hợp với hồ sơ này. Ông/bà so lại từng chữ với giấy tiếp nhận.")
            else:
                errors["diem"] = answered.detail
    response = render(
        request,
        "rate.html",
        {
            "code": code,
            "asked": asked,
            "done": done,
            "scores": [(str(value), _(name)) for value, name in SCORES],
            "score": score,
            "said": said,
            "errors": errors,
        },
        status=422 if any(errors.values()) else 200,
    )
    response["Cache-Control"] = "no-store"
    return response


def rated(request: HttpRequest, new: feedback.NewRating, now: datetime) -> feedback.Rating | Failure:
    """The rating as it is kept; with a secret, the place that asks has only so many wrong tries."""
    if new.secret is None:
        return feedback.rate([new], now=now)[0]
    place = throttle.place_of(request.META.get("REMOTE_ADDR", ""))
    try:
        with throttle.secrets.attempt(place, f"{new.code} {new.secret}"):
            answered = feedback.rate([new], now=now)[0]
            if isinstance(answered, NotFound):
                raise answered
            return answered
    except (NotFound, throttle.TooManyWrong) as failure:
        return failure


def own(code: str, citizen: Citizen | None, now: datetime) -> feedback.Asked | None:
    """The dossier as its signed-in applicant may rate it; None for anybody else."""
    if citizen is None:
        return None
    try:
        return feedback.asked(code, scope=citizen.scope, secret=None, now=now)
    except NotFound:
        return None


PAGES: tuple[Page, ...] = (
    Page("cua-toi", mine, "mine", signed_in),
    Page("cua-toi/tin-nhan", my_messages, "my-messages", signed_in),
    Page("cua-toi/ho-so/<str:code>", my_dossier, "my-dossier", signed_in),
    Page("cua-toi/ho-so/<str:code>/bo-sung", my_answer, "my-answer", signed_in),
    Page("cua-toi/ho-so/<str:code>/rut", my_withdrawal, "my-withdrawal", signed_in),
    Page("cua-toi/ho-so/<str:code>/tep/<str:sha256>", my_file, "my-file", signed_in),
    Page("cua-toi/ho-so/<str:code>/phieu/<str:form>", my_slip, "my-slip", signed_in),
    Page("danh-gia/<str:code>", rate, "rate"),
)
