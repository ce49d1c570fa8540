"""The first page, and the choice of language."""

import csv
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from motcua.screens.pages import address
from motcua.screens.problems import problem

LIFE_EVENTS = {
    "sinh-con": (gettext_noop("Sinh con"), gettext_noop("khai sinh, nhận cha mẹ con")),
    "ket-hon": (gettext_noop("Kết hôn"), gettext_noop("đăng ký, xác nhận độc thân")),
    "chuyen-cho-o": (gettext_noop("Chuyển chỗ ở"), gettext_noop("thường trú, tạm trú")),
    "mo-ho-kinh-doanh": (gettext_noop("Mở hộ kinh doanh"), gettext_noop("đăng ký, thay đổi")),
    "chung-thuc": (gettext_noop("Chứng thực"), gettext_noop("bản sao, chữ ký")),
    "nha-va-dat": (gettext_noop("Nhà và đất"), gettext_noop("cấp sổ, đăng ký biến động")),
    "nguoi-than-qua-doi": (gettext_noop("Người thân qua đời"), gettext_noop("khai tử, xóa thường trú")),
    "can-cuoc": (gettext_noop("Căn cước"), gettext_noop("cấp mới, cấp đổi")),
}
"""Sự kiện trong đời by slug: title, and what it may bring. The procedures behind each are in data/life_events.csv."""


@cache
def behind() -> dict[str, tuple[str, ...]]:
    """The codes of procedures behind each life event, in the order in which they are usually done."""
    with (Path(__file__).parents[1] / "data" / "life_events.csv").open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    return {slug: tuple(row["code"] for row in rows if row["slug"] == slug) for slug in LIFE_EVENTS}


def life_events() -> list[tuple[str, str, str]]:
    return [(_(title), _(about), address("life-event", slug)) for slug, (title, about) in LIFE_EVENTS.items()]


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "home.html", {"life_events": life_events()})


@require_safe
def language(request: HttpRequest, code: str) -> HttpResponse:
    """Keep the chosen language for a year and go back to where the reader was."""
    back = request.GET.get("ve", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None) or not back.startswith("/"):
        back = address("home")
    if code not in dict(settings.LANGUAGES):
        return problem(request, 404, _("Chưa có ngôn ngữ này"), _("Trang có tiếng Việt và tiếng Anh."))
    response = HttpResponseRedirect(back)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=365 * 24 * 3600,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
    return response
