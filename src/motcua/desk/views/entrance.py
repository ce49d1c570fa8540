"""Signing in and out, and choosing the position to sit in."""

import math

from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from motcua.desk import actions
from motcua.desk.frame import show
from motcua.desk.gate import KEPT, POSITION, Seat, kept_of, officials
from motcua.desk.rules import lists_of
from motcua.identity import api as identity
from motcua.kernel import clock
from motcua.kernel.errors import Permanent
from motcua.screens.pages import address
from motcua.screens.routes import Page
from motcua.units import api as units


@sensitive_post_parameters("mat-khau")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """User name and password; wrong ones make the next wait. What was being typed when the session ended is kept."""
    if request.method != "POST":
        return sign_in_form(request, target(request.GET.get("tiep", "")))
    onward = target(request.POST.get("tiep", ""))
    name, password = request.POST.get("ten", "").strip()[:150], request.POST.get("mat-khau", "")[:1000]
    errors = {}
    if not name:
        errors["ten"] = _("Ghi tên đăng nhập.")
    if not password:
        errors["mat-khau"] = _("Ghi mật khẩu.")
    if errors:
        return sign_in_form(request, onward, name, errors)
    place, now = str(request.META.get("REMOTE_ADDR", "")), clock.now()
    wait = actions.try_to_sign_in(name=name, place=place, now=now)
    if wait:
        seconds = math.ceil(wait.total_seconds())
        said = ngettext("Chờ %(n)s giây rồi thử lại.", "Chờ %(n)s giây rồi thử lại.", seconds) % {"n": seconds}
        errors["mat-khau"] = _("Đã thử sai nhiều lần.") + " " + said
        return sign_in_form(request, onward, name, errors, status=429)
    account = authenticate(request, username=name, password=password)
    if account is None:
        errors["mat-khau"] = _("Tên đăng nhập hoặc mật khẩu chưa đúng. Ông/bà kiểm tra bộ gõ và phím Caps Lock.")
        return sign_in_form(request, onward, name, errors)
    actions.signed_in(name=name, place=place)
    if not identity.positions_of_account(account.pk, clock.day_of(now)):
        errors["ten"] = _("Tài khoản này hôm nay chưa giữ vị trí nào. Ông/bà nhờ quản trị hệ thống của cơ quan.")
        return sign_in_form(request, onward, name, errors)
    login(request, account)
    kept = kept_of(request)
    if kept:
        return render(request, "desk/kept.html", {"onward": onward, "kept": kept})
    return HttpResponseRedirect(onward)


def sign_in_form(
    request: HttpRequest, onward: str, name: str = "", errors: dict[str, str] | None = None, status: int = 0
) -> HttpResponse:
    response = render(
        request,
        "desk/sign_in.html",
        {"onward": onward, "name": name, "errors": errors or {}, "kept": kept_of(request), "prefix": KEPT},
        status=status or (422 if errors else 200),
    )
    response["Cache-Control"] = "no-store"
    return response


def target(typed: str) -> str:
    """Where to go after signing in: a page of the desk, never one of another host."""
    home = address("desk")
    if typed.startswith(home) and url_has_allowed_host_and_scheme(typed, allowed_hosts=None):
        return typed
    return home


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return HttpResponseRedirect(address("desk-sign-in"))


@require_http_methods(["GET", "HEAD", "POST"])
def position(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Sit in another of one's positions."""
    mine = sorted((seat.holding, *seat.others), key=lambda holding: holding.id)
    if request.method == "POST":
        wanted = request.POST.get("vi-tri", "")
        chosen = next((holding for holding in mine if str(holding.id) == wanted), None)
        if chosen is None:
            raise Permanent("position-unknown", "Ông/bà không giữ vị trí này.", mend="Chọn một vị trí trong danh sách.")
        request.session[POSITION] = chosen.id
        return HttpResponseRedirect(address("desk"))
    known, on = units.directory(), clock.today()
    rows = [(holding, known.agency(holding.agency_id).name_at(on)) for holding in mine]
    return show(request, seat, "desk/position.html", {"rows": rows})


def home(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Where the day of this position begins."""
    lists = lists_of(seat.roles)
    if lists:
        return HttpResponseRedirect(address("desk-list", lists[0].slug))
    return HttpResponseRedirect(address("administration"))


PAGES: tuple[Page, ...] = (
    Page("can-bo/dang-nhap", sign_in, "desk-sign-in"),
    Page("can-bo/dang-xuat", sign_out, "desk-sign-out"),
    Page("can-bo/vi-tri", position, "desk-position", officials()),
    Page("can-bo/", home, "desk", officials()),
)
