"""The directory of organisations: what the axis's lists changed from day to day, and which of its rows don't fit."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from motcua.desk.frame import show
from motcua.desk.gate import Seat, officials
from motcua.desk.views.documents import ground
from motcua.documents import api as documents
from motcua.screens.pages import address
from motcua.screens.routes import Page

WHY_WORDS = {
    "code-missing": gettext_noop("không có mã"),
    "code-malformed": gettext_noop("mã sai dạng"),
    "name-missing": gettext_noop("không có tên"),
    "code-twice": gettext_noop("mã có ở dòng trước"),
    "unlike-directory": gettext_noop("tên khác với danh mục ở đây"),
}


@require_safe
def organisations(request: HttpRequest, seat: Seat) -> HttpResponse:
    """A page of changes, the latest first, and a page of rows that don't fit; each goes on by itself."""
    changes, more = documents.changes(after=_place(request.GET.get("tiep", "")))
    after = request.GET.get("sau", "")
    misfits = documents.misfits(after=int(after) if after.isascii() and after.isdecimal() and len(after) < 18 else 0)
    asked = next((one for one in documents.contacts() if one.name == documents.ORGANISATIONS), None)
    return show(
        request,
        seat,
        "desk/documents/organisations.html",
        {
            "changes": changes,
            "more": address("organisations", tiep=f"{more[0]} {more[1]}", sau=after) if more else "",
            "misfits": [(row, ground.said(WHY_WORDS, row.why)) for row in misfits],
            "more_misfits": address("organisations", sau=misfits[-1].id, tiep=request.GET.get("tiep", ""))
            if len(misfits) == documents.PAGE
            else "",
            "asked": asked,
        },
        here="documents",
    )


def _place(typed: str) -> tuple[date, str] | None:
    """Where a page begins, as the one before it says; the beginning for what is no place."""
    day, _, code = typed.partition(" ")
    try:
        return (date.fromisoformat(day), code[:35]) if code else None
    except ValueError:
        return None


PAGES: tuple[Page, ...] = (Page("can-bo/van-ban/to-chuc", organisations, "organisations", officials()),)
