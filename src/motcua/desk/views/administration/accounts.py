"""Officials: who holds which position since when, and what they sign in with."""

from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from motcua.desk.frame import show
from motcua.desk.gate import Seat
from motcua.desk.views.administration import roles
from motcua.desk.views.administration.faults import tell
from motcua.desk.views.administration.ground import administers, agencies_of, agency_of, changing
from motcua.desk.views.administration.typed import Form
from motcua.identity import api as identity
from motcua.kernel import clock
from motcua.kernel.errors import Conflict, Permanent
from motcua.screens import words
from motcua.screens.asking import question
from motcua.screens.pages import address
from motcua.units import api as units

PAGE = 50
FIELDS = {"number": "so-hieu", "name": "ho-ten", "agency": "co-quan", "title": "chuc-danh"} | {
    "valid_from": "tu",
    "valid_to": "den",
    "role": "vai-tro",
}

ACT_FIELDS = {"cap": "ten-dang-nhap", "so-hieu": "so-hieu"}


def listing(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Who holds which position today or from a later day on, by agency."""
    on, typed = clock.today(), question(request)
    chosen = _chosen_agency(request, seat)
    number = request.GET.get("trang", "1")
    page = int(number) - 1 if number.isascii() and number.isdecimal() and 0 < len(number) < 6 else 0
    page = max(0, page)
    held, total = identity.staff(
        scope=seat.scope,
        on=on,
        agency_id=chosen.id if chosen else None,
        text=typed,
        offset=page * PAGE,
        limit=PAGE,
    )
    directory = units.directory()
    return show(
        request,
        seat,
        "desk/administration/officials.html",
        {
            "question": typed,
            "agency": chosen,
            "rows": [(holding, directory.agency(holding.agency_id).name_at(on)) for holding in held],
            "roles": roles.NAMES,
            "found": total,
            "page": page,
            "pages": -(-total // PAGE),
            "on": on,
            "changes": administers(seat),
        },
        here="administration",
    )


def _chosen_agency(request: HttpRequest, seat: Seat) -> units.Agency | None:
    typed = request.GET.get("co-quan", "")
    if not typed:
        return None
    return agency_of(seat, int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 19 else 0)


def enrol(request: HttpRequest, seat: Seat) -> HttpResponse:
    """A person comes into service: number, name, and the first position."""
    changing(seat)
    on, form = clock.today(), Form()
    chosen = _chosen_agency(request, seat)
    form.values = {"co-quan": str(chosen.id) if chosen else "", "tu": words.day(on)}
    if request.method == "POST":
        form = Form()
        number = form.needed(request, "so-hieu", _("Ghi số hiệu cán bộ, công chức."), 20)
        name = form.needed(request, "ho-ten", _("Ghi họ và tên."))
        post = _post(request, seat, form, number, name)
        if post is not None and _take_on(post, seat, form):
            found, _total = identity.staff(scope=seat.scope, on=post.valid_from, text=number, limit=5)
            who = next(holding.official_id for holding in found if holding.number == number)
            return redirect(address("administration-official", who, xong="bo-nhiem"))
    return show(
        request,
        seat,
        "desk/administration/enrol.html",
        {"form": form, "agencies": agencies_of(seat, on), "roles": roles.NAMES, "on": on},
        here="administration",
        status=422 if form.errors else 200,
    )


def one(request: HttpRequest, seat: Seat, official_id: int) -> HttpResponse:
    """An official: every position with its days, and the account."""
    official = identity.official(official_id, scope=seat.scope)
    on, now, form = clock.today(), clock.now(), Form()
    form.values = {"tu": words.day(on), "ngay-cuoi": words.day(on)}
    opened: identity.OpenedAccount | None = None
    if request.method == "POST":
        changing(seat)
        form = Form()
        act = request.POST.get("viec", "")
        try:
            if act == "bo-nhiem":
                post = _post(request, seat, form, official.number, official.name)
                if post is not None and _take_on(post, seat, form):
                    return redirect(address("administration-official", official_id, xong=act))
            elif act == "ket-thuc":
                if _end(request, seat, form, official):
                    return redirect(address("administration-official", official_id, xong=act))
            elif act in ("khoa", "mo-khoa"):
                identity.set_account_active(official_id=official_id, active=act == "mo-khoa", now=now, by=seat.scope)
                return redirect(address("administration-official", official_id, xong=act))
            elif act == "cap":
                username = form.text(request, "ten-dang-nhap", 50)
                if not form.errors:
                    opened = identity.open_account(official_id=official_id, username=username, now=now, by=seat.scope)
            elif act == "so-hieu":
                number = form.needed(request, "so-hieu", _("Ghi số hiệu cán bộ, công chức."), 20)
                if not form.errors:
                    identity.number_official(official_id=official_id, number=number, now=now, by=seat.scope)
                    return redirect(address("administration-official", official_id, xong=act))
            elif act == "cap-lai":
                opened = identity.reset_password(official_id=official_id, now=now, by=seat.scope)
        except Conflict as failure:
            form.errors[ACT_FIELDS[act]] = f"{failure.detail} {failure.mend}"
        except Permanent as failure:
            if failure.problem not in ("username-invalid", "official-number"):
                raise
            form.errors[ACT_FIELDS[act]] = f"{failure.detail} {failure.mend}"
        official = identity.official(official_id, scope=seat.scope)
    directory = units.directory()
    # A one-time password is told in the answer to the very request that made it: it is kept nowhere, so that a
    # redirect would have nothing to show.
    return show(
        request,
        seat,
        "desk/administration/official.html",
        {
            "official": official,
            "positions": [(h, directory.agency(h.agency_id).name_at(on)) for h in official.positions],
            "form": form,
            "agencies": agencies_of(seat, on),
            "roles": roles.NAMES,
            "on": on,
            "opened": opened,
            "own": official.account is not None and official.account.id == seat.scope.caller,
            "sitting": seat.scope.position,
            "changes": administers(seat),
            "done": request.GET.get("xong", "") if request.method == "GET" else "",
        },
        here="administration",
        status=422 if form.errors else 200,
    )


def _post(request: HttpRequest, seat: Seat, form: Form, number: str, name: str) -> identity.Post | None:
    """The position as typed; None when something of it is missing, which the form says."""
    typed = form.needed(request, "co-quan", _("Chọn cơ quan."), 19)
    agency = agency_of(seat, int(typed)) if typed.isascii() and typed.isdecimal() else None
    role = roles.role_from(form.needed(request, "vai-tro", _("Chọn vai trò."), 20))
    title = form.needed(request, "chuc-danh", _("Ghi chức danh."))
    since = form.day(request, "tu", _("Ghi ngày bắt đầu."))
    until = form.day(request, "den")
    if role is None:
        form.errors.setdefault("vai-tro", _("Chọn vai trò."))
    if form.errors or agency is None or role is None or since is None:
        return None
    return identity.Post(number, name, agency.id, role, title, since, until)


def _take_on(post: identity.Post, seat: Seat, form: Form) -> bool:
    try:
        done = identity.take_on(posts=[post], now=clock.now(), by=seat.scope)
    except Permanent as failure:
        if failure.problem != "staff-rows":
            raise
        for _row, field, kind, given in failure.members["faults"]:
            form.errors.setdefault(FIELDS[field], " ".join(tell(kind, given)))
        return False
    if not done.added and not done.ended:
        form.errors["vai-tro"] = _("Người này đang giữ đúng vị trí này; không có gì phải ghi thêm.")
        return False
    return True


def _end(request: HttpRequest, seat: Seat, form: Form, official: identity.OfficialRow) -> bool:
    typed = request.POST.get("vi-tri", "")
    last_day = form.day(request, "ngay-cuoi", _("Ghi ngày làm việc cuối."))
    position = next((h for h in official.positions if str(h.id) == typed), None)
    if position is None:
        form.errors["ngay-cuoi"] = _("Vị trí này không còn trong danh sách; tải lại trang.")
    elif last_day is not None and last_day < position.valid_from:
        form.errors["ngay-cuoi"] = _("Ngày cuối không thể trước ngày bắt đầu %(day)s.") % {
            "day": f"{position.valid_from:%d/%m/%Y}"
        }
    if form.errors or position is None or last_day is None:
        form.values["vi-tri"] = typed
        return False
    identity.end_positions(position_ids=[position.id], last_day=last_day, now=clock.now(), by=seat.scope)
    return True


def password(request: HttpRequest, seat: Seat) -> HttpResponse:
    """An official changes the own password; a one-time one has to be changed first of all."""
    form = Form()
    if request.method == "POST":
        old, new, again = (request.POST.get(name, "")[:128] for name in ("cu", "moi", "lai"))
        if new != again:
            form.errors["lai"] = _("Hai lần gõ mật khẩu mới không giống nhau.")
        else:
            try:
                identity.change_password(account_id=seat.scope.caller, old=old, new=new, now=clock.now())
            except Permanent as failure:
                place = "cu" if failure.problem == "password-wrong" else "moi"
                form.errors[place] = f"{failure.detail} {failure.mend}".strip()
            else:
                if request.user.is_authenticated:  # the gate has seen to it
                    request.user.refresh_from_db()
                    update_session_auth_hash(request, request.user)
                return redirect(address("desk-password", xong="doi"))
    return show(
        request,
        seat,
        "desk/administration/password.html",
        {
            "form": form,
            "one_time": getattr(request.user, "one_time", False),
            "done": request.GET.get("xong", "") == "doi" and request.method == "GET",
        },
        here="password",
        status=422 if form.errors else 200,
    )
