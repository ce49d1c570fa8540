"""Signing in with the national identity app (OpenID Connect: code flow with state, nonce and PKCE), and out again."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from motcua.kernel.errors import Conflict, NotAllowed, Transient
from motcua.portal.gate import CITIZEN, citizen_of
from motcua.portal.rules import known_of
from motcua.screens.pages import address
from motcua.screens.problems import problem
from motcua.screens.routes import Page

BACK_TO = "sign-in-back-to"


def safe_way_back(asked: str) -> str:
    """A page of ours, or the first page of a signed-in citizen."""
    if asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None):
        return asked[:500]
    return address("mine")


@require_safe
@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    """Says what the app will tell us, with one link to it: a form of another page may not be sent to a foreign host."""
    back = safe_way_back(request.GET.get("tiep", ""))
    if citizen_of(request):
        return HttpResponseRedirect(back)
    return render(request, "sign_in.html", {"back": back, "open": bool(settings.IDENTITY_URL)})


@require_safe
@never_cache
def to_the_app(request: HttpRequest) -> HttpResponse:
    """Off to the identity app; what was to be done next waits in the session."""
    from motcua.portal import identity_app  # its libraries take a second to import, for which no command should wait

    back = safe_way_back(request.GET.get("tiep", ""))
    if not settings.IDENTITY_URL:
        return away(request, back)
    request.session[BACK_TO] = back
    try:
        return identity_app.off_to_the_app(request, request.build_absolute_uri(address("sign-in-back")))
    except Transient:
        return away(request, back)


@require_safe
@never_cache
def back_from_the_app(request: HttpRequest) -> HttpResponse:
    """The app sends the citizen back with a code: ask who it is, and begin a session under a new key."""
    from motcua.portal import identity_app

    back = request.session.get(BACK_TO) or safe_way_back("")
    try:
        told = identity_app.told(request)
    except Conflict:
        return again(
            request,
            back,
            400,
            _("Lượt đăng nhập này đã cũ"),
            _("Trang đăng nhập mở quá lâu, hoặc đã được dùng rồi. Ông/bà đăng nhập lại; những gì đã lưu vẫn còn."),
        )
    except NotAllowed:
        return again(
            request,
            back,
            403,
            _("Ông/bà chưa đồng ý đăng nhập"),
            _("Ứng dụng định danh chưa chia sẻ gì với trang này. Muốn nộp hồ sơ trực tuyến, ông/bà đăng nhập "
              "và bấm đồng ý; hoặc nộp tại trung tâm phục vụ hành chính công."),
        )  # fmt: skip
    except Transient:
        return away(request, back)
    known = known_of(told)
    if known is None:
        return again(
            request,
            back,
            403,
            _("Tài khoản này chưa có số định danh"),
            _("Ứng dụng định danh không cho biết số định danh cá nhân của ông/bà, nên chưa nộp hồ sơ trực tuyến được. "
              "Ông/bà nâng mức tài khoản tại công an xã, phường, hoặc nộp tại trung tâm phục vụ hành chính công."),
        )  # fmt: skip
    request.session.cycle_key()
    request.session.pop(BACK_TO, None)
    request.session[CITIZEN] = known
    return HttpResponseRedirect(back)


@require_POST
@never_cache
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session on this device; drafts stay with the person."""
    request.session.flush()
    return HttpResponseRedirect(address("home"))


def away(request: HttpRequest, back: str) -> HttpResponse:
    return again(
        request,
        back,
        503,
        _("Ứng dụng định danh đang không trả lời"),
        _("Lỗi không do ông/bà. Những gì đã lưu vẫn còn nguyên. Ông/bà thử lại sau ít phút, hoặc nộp tại trung tâm "
          "phục vụ hành chính công; tra cứu hồ sơ bằng mã thì không cần đăng nhập."),
    )  # fmt: skip


def again(request: HttpRequest, back: str, status: int, heading: str, what: str) -> HttpResponse:
    return problem(
        request,
        status,
        heading,
        what,
        [
            (_("Đăng nhập lại"), address("sign-in", tiep=back)),
            (_("Tra cứu hồ sơ bằng mã"), address("where")),
        ],
    )


PAGES: tuple[Page, ...] = (
    Page("dang-nhap", sign_in, "sign-in"),
    Page("dang-nhap/ung-dung", to_the_app, "sign-in-app"),
    Page("dang-nhap/xong", back_from_the_app, "sign-in-back"),
    Page("thoat", sign_out, "sign-out"),
)
