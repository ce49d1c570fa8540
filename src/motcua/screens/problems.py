"""What went wrong, what was kept, and what to do next."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from motcua.kernel.errors import Failure
from motcua.screens.pages import address
from motcua.screens.words import vietnamese


def problem(
    request: HttpRequest, status: int, heading: str, what: str, steps: Sequence[tuple[str, str]] = ()
) -> HttpResponse:
    """A page that says what happened and what to do next."""
    return render(
        request,
        "problem.html",
        {"heading": heading, "what": what, "next": [*steps, *_home(request)]},
        status=status,
    )


def _home(request: HttpRequest) -> list[tuple[str, str]]:
    """Where to begin anew: an official at the desk, a citizen on the first page."""
    desk = address("desk")
    return [(_("Về bàn làm việc"), desk)] if request.path.startswith(desk) else [(_("Về trang đầu"), address("home"))]


def _told(exception: Exception | None, otherwise: str) -> str:
    """What a failure says of itself, and how to mend it."""
    if isinstance(exception, Failure) and exception.detail:
        return vietnamese(f"{exception.detail} {exception.mend}".strip())
    return otherwise


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem(
        request,
        404,
        _("Chưa có trang này"),
        _told(exception, _("Địa chỉ có thể đã gõ thiếu, hoặc trang đã đổi chỗ. Không có gì của ông/bà bị mất.")),
        [(_("Tìm thủ tục"), address("procedures")), (_("Tra cứu hồ sơ"), address("where"))],
    )


def not_allowed(request: HttpRequest, exception: Exception | None = None, reason: str = "") -> HttpResponse:
    return problem(
        request,
        403,
        _("Trang này chưa mở được cho ông/bà"),
        _told(
            exception,
            _("Có thể trang đã mở quá lâu. Ông/bà quay lại, tải lại trang rồi làm lại; chưa có gì được gửi đi."),
        ),
    )


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return problem(
        request,
        400,
        _("Yêu cầu chưa đúng"),
        _told(exception, _("Máy chủ không hiểu địa chỉ hoặc dữ liệu gửi đến. Ông/bà mở lại từ trang đầu.")),
    )


def broken(request: HttpRequest) -> HttpResponse:
    return problem(
        request,
        500,
        _("Hệ thống gặp lỗi"),
        _("Lỗi đã được ghi lại. Những gì đã nộp vẫn còn nguyên. Ông/bà thử lại sau ít phút."),
    )


def away(request: HttpRequest) -> HttpResponse:
    return problem(
        request,
        503,
        _("Hệ thống đang bận"),
        _("Ông/bà thử lại sau ít phút. Những gì đã nộp vẫn còn nguyên."),
    )
