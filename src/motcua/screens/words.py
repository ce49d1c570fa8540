"""How the screens say days, moments, terms and amounts, in the language of the page."""

from datetime import date, datetime, timedelta
from typing import Protocol

from django.utils.translation import get_language, gettext_noop, ngettext
from django.utils.translation import gettext as _
from markupsafe import Markup

from motcua.kernel import clock
from motcua.kernel.terms import Term, TermUnit

WEEKDAYS = (
    gettext_noop("thứ Hai"),
    gettext_noop("thứ Ba"),
    gettext_noop("thứ Tư"),
    gettext_noop("thứ Năm"),
    gettext_noop("thứ Sáu"),
    gettext_noop("thứ Bảy"),
    gettext_noop("Chủ nhật"),
)
HOURS_A_DAY = 8  # mỗi ngày 08 giờ làm việc


def capital(text: str) -> str:
    """The same with a capital first letter; the rest as it is."""
    return text[:1].upper() + text[1:]


def vietnamese(name: str) -> Markup:
    """A Vietnamese name within a sentence of any language, marked so that it is read aloud as what it is."""
    return Markup('<span lang="vi">{}</span>').format(name)


def say(sentence: str, **names: str) -> Markup:
    """A translated sentence with Vietnamese names in it; the names are escaped and marked."""
    return Markup(sentence) % {key: vietnamese(name) for key, name in names.items()}  # noqa: S704 - ours, not typed


class Named(Protocol):
    """A row of a table of the law that has its name in both languages."""

    @property
    def vi(self) -> str: ...

    @property
    def en(self) -> str: ...


def named(row: Named) -> str:
    """The name of a state or a step in the language of the page."""
    return row.en if get_language() == "en" else row.vi


def day(value: date) -> str:
    """01/07/2025."""
    return f"{value:%d/%m/%Y}"


def weekday(value: date) -> str:
    """thứ Hai 23/11/2026."""
    return f"{_(WEEKDAYS[value.weekday()])} {day(value)}"


def moment(value: datetime) -> str:
    """11:30 thứ Hai, 23/11/2026, as the clocks in Viet Nam show it."""
    there = clock.local(value)
    return f"{there:%H:%M} {_(WEEKDAYS[there.weekday()])}, {day(there.date())}"


def short_moment(value: datetime) -> str:
    """11:30, 23/11/2026, as the clocks in Viet Nam show it."""
    there = clock.local(value)
    return f"{there:%H:%M}, {day(there.date())}"


def number(value: float, decimals: int = 0) -> str:
    """1.234.567 and 98,1: a full stop between thousands, a comma before decimals."""
    return f"{value:,.{decimals}f}".translate(str.maketrans(",.", ".,"))


def money(value: int) -> str:
    """Whole đồng: 8.000 đồng."""
    return _("%(amount)s đồng") % {"amount": number(value)}


def working_time(span: timedelta) -> str:
    """2 ngày 3 giờ, in working days of 8 hours; minutes only below one hour. The sign is left out."""
    minutes = round(abs(span.total_seconds()) / 60)
    days, rest = divmod(minutes, HOURS_A_DAY * 60)
    hours, minutes = divmod(rest, 60)
    parts = []
    if days:
        parts.append(ngettext("%(n)s ngày", "%(n)s ngày", days) % {"n": days})
    if hours:
        parts.append(ngettext("%(n)s giờ", "%(n)s giờ", hours) % {"n": hours})
    if not parts:
        parts.append(ngettext("%(n)s phút", "%(n)s phút", minutes) % {"n": minutes})
    return " ".join(parts)


def counted(span: timedelta) -> str:
    """What a day used of a term: 4 giờ, 2 giờ 30 phút; 1 ngày where the term counts whole days; – for nothing."""
    days, rest = divmod(span, timedelta(days=1))
    if days:
        return ngettext("%(n)s ngày", "%(n)s ngày", days) % {"n": days}
    hours, minutes = divmod(round(rest.total_seconds() / 60), 60)
    parts = []
    if hours:
        parts.append(ngettext("%(n)s giờ", "%(n)s giờ", hours) % {"n": hours})
    if minutes:
        parts.append(ngettext("%(n)s phút", "%(n)s phút", minutes) % {"n": minutes})
    return " ".join(parts) or "–"


def term(value: Term) -> str:
    """3 ngày làm việc; "trong ngày" for a term of none; with the hour after which it counts from the next day."""
    if value.value == 0:
        spoken = _("trong ngày")
    else:
        amount = f"{value.value:g}".replace(".", ",")
        plural = 1 if value.value == 1 else 2
        spoken = {
            TermUnit.WORKING_DAYS: ngettext("%(n)s ngày làm việc", "%(n)s ngày làm việc", plural),
            TermUnit.HOURS: ngettext("%(n)s giờ làm việc", "%(n)s giờ làm việc", plural),
            TermUnit.DAYS: ngettext("%(n)s ngày", "%(n)s ngày", plural),
            TermUnit.MONTHS: ngettext("%(n)s tháng", "%(n)s tháng", plural),
        }[value.unit] % {"n": amount}
    if value.cut_off is None:
        return spoken
    return _("%(term)s; nhận sau %(hour)s thì tính từ ngày làm việc tiếp theo") % {
        "term": spoken,
        "hour": f"{value.cut_off:%H:%M}",
    }
