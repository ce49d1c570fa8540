"""Figures of dossiers by unit, in the borders that one asks for: today's, or those of any day before."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from motcua.desk.frame import show
from motcua.desk.gate import Seat, officials
from motcua.desk.views.books import file
from motcua.dossiers import api as dossiers
from motcua.identity.api import Role
from motcua.kernel import clock, workbooks
from motcua.kernel.errors import Permanent
from motcua.screens import maps, words
from motcua.screens.pages import address
from motcua.screens.routes import Page
from motcua.units import api as units

MOST = 700  # rows on the screen; the file has all of them

NAMES = {
    "carried": gettext_noop("Kỳ trước chuyển sang"),
    "received": gettext_noop("Tiếp nhận"),
    "on_time": gettext_noop("Xong trong hạn"),
    "late": gettext_noop("Xong quá hạn"),
    "ended": gettext_noop("Từ chối, rút, dừng"),
    "open_in_time": gettext_noop("Đang làm, trong hạn"),
    "open_late": gettext_noop("Đang làm, quá hạn"),
    "returned": gettext_noop("Đã trả kết quả"),
}
SHADED = ("received", "on_time", "late", "open_in_time", "open_late")
LEVELS = {
    units.Level.COMMUNE: gettext_noop("cấp xã"),
    units.Level.DISTRICT: gettext_noop("cấp huyện (trước 01/07/2025)"),
    units.Level.PROVINCE: gettext_noop("cấp tỉnh"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, as typed and as understood; `errors` by field."""

    first: date
    last: date
    borders_on: date
    level: units.Level
    within: str
    shaded: str
    errors: Mapping[str, str]

    def kept(self, **other: Any) -> dict[str, Any]:
        """The question again, as an address carries it, with what is asked otherwise."""
        return {
            "tu": self.first,
            "den": self.last,
            "dia-gioi": self.borders_on,
            "cap": str(self.level),
            "trong": self.within,
            "mau": self.shaded,
        } | {key.replace("_", "-"): value for key, value in other.items()}


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table: one unit, or several that share what can't be divided."""

    of: tuple[units.Unit, ...]
    counted: tuple[units.Unit, ...]
    sums: Mapping[str, int]
    rate: str
    divided: tuple[tuple[str, Mapping[str, int]], ...] = ()


@require_safe
def figures(request: HttpRequest, seat: Seat) -> HttpResponse:
    """The table and, where there are borders to draw, the map."""
    asked = _asked(request)
    made, failure = _made(seat, asked)
    lines, shared = _lines(made, asked)
    directory = units.directory()
    today = clock.today()
    errors = {**asked.errors, "tu": failure or asked.errors.get("tu", "")}
    context = {
        "asked": asked,
        "errors": errors,
        "lines": lines[:MOST],
        "more": max(0, len(lines) - MOST),
        "shared": shared[:MOST],
        "total": made.total,
        "total_rate": _percent(made.total),
        "sums": [(name, _(NAMES[name])) for name in dossiers.SUMS],
        "levels": [(str(level), _(name)) for level, name in LEVELS.items()],
        "shadings": [(name, _(NAMES[name])) for name in SHADED],
        "provinces": _provinces(directory, seat, asked),
        "borders": _known_borders(directory, asked, today),
        "map": None if failure else _map(directory, seat, asked, made),
        "mapped_from": units.REFORM_DAY,
        "sheet": address("figures-sheet", **asked.kept()),
    }
    status = 422 if any(errors.values()) else 200
    return show(request, seat, "desk/figures.html", context, here="figures", status=status)


@require_safe
def sheet(request: HttpRequest, seat: Seat) -> HttpResponse:
    """The same figures as XLSX, all of them."""
    asked = _asked(request)
    made, failure = _made(seat, asked)
    if failure or any(asked.errors.values()):
        raise Permanent("period-unreadable", failure or " ".join(asked.errors.values()), mend=_("Chọn lại ngày."))
    content = workbooks.write(_("Số liệu"), _columns(), _cells(made, asked), guide=(_("Cách đọc"), _guide(asked)))
    name = f"so-lieu-{asked.first}-{asked.last}-dia-gioi-{asked.borders_on}.xlsx"
    return file(content, name, workbooks.KIND, inline=False)


def _asked(request: HttpRequest) -> Asked:
    today = clock.today()
    errors: dict[str, str] = {}

    def day(name: str, default: date) -> date:
        typed = request.GET.get(name, "")[:10]
        try:
            return date.fromisoformat(typed) if typed else default
        except ValueError:
            errors[name] = _("Ngày này không đọc được; ghi theo dạng năm-tháng-ngày, ví dụ 2026-08-17.")
            return default

    level = request.GET.get("cap", "")
    shaded = request.GET.get("mau", "")
    return Asked(
        first=day("tu", today.replace(month=1, day=1)),
        last=day("den", today),
        borders_on=day("dia-gioi", today),
        level=units.Level(level) if level in set(units.Level) else units.Level.COMMUNE,
        within=request.GET.get("trong", "")[:5],
        shaded=shaded if shaded in SHADED else SHADED[0],
        errors=errors,
    )


def _made(seat: Seat, asked: Asked) -> tuple[units.Regrouped, str]:
    """The figures, or in words why there are none."""
    try:
        rows = dossiers.count_by_area(dossiers.FiguresQuestion(seat.scope, asked.first, asked.last, clock.today()))
        directory = units.directory()
        made = units.regrouped(directory, rows, borders_on=asked.borders_on, level=asked.level)
    except Permanent as failure:
        return units.Regrouped((), ()), f"{failure.detail} {failure.mend}".strip()
    within = directory.find_unit(asked.within, asked.borders_on) if asked.within else None
    return units.inside(directory, made, within.id, asked.borders_on) if within else made, ""


def _lines(made: units.Regrouped, asked: Asked) -> tuple[list[Line], list[Line]]:
    unit = units.directory().unit
    placed = [Line((unit(row.unit_id),), (), row.sums, _percent(row.sums), tuple(row.divided)) for row in made.placed]
    shared = [
        Line(tuple(map(unit, row.units)), tuple(map(unit, row.counted)), row.sums, _percent(row.sums))
        for row in made.undivided
    ]
    return placed, shared


def _percent(sums: Mapping[str, int]) -> str:
    """98,1 %, from its parts; a dash where nothing was finished."""
    rate = dossiers.RATES[0].of(sums)
    return "–" if rate is None else f"{words.number(float(rate) * 100, 1)} %"


def _provinces(directory: units.Directory, seat: Seat, asked: Asked) -> list[tuple[str, str]]:
    """The provinces of that day in which somebody reads figures: for a commune's or a province's official, its own."""
    today = clock.today()
    own = units.units_at(directory, seat.agency.unit_id, today, asked.borders_on, units.Level.PROVINCE)
    return sorted(
        (directory.unit(number).code, directory.unit(number).at(asked.borders_on).full_name) for number in own
    )


def _known_borders(directory: units.Directory, asked: Asked, today: date) -> list[tuple[str, str, bool]]:
    """The borders that there were: today's, and those before each day on which areas changed hands."""
    changes = list(units.change_days(directory, date.min, today))
    found = [(today, _("Địa giới hiện nay"))]
    found += [
        (date.fromordinal(day.toordinal() - 1), _("Địa giới trước %(day)s") % {"day": words.day(day)})
        for day in reversed(changes)
    ]
    return [(address("figures", **asked.kept(dia_gioi=day)), name, day == asked.borders_on) for day, name in found]


def _map(directory: units.Directory, seat: Seat, asked: Asked, made: units.Regrouped) -> dict[str, Any] | None:
    """The map shaded by one of the figures; None for borders of which there are no lines to draw."""
    drawn_later = units.change_days(directory, units.REFORM_DAY, asked.borders_on)
    if asked.borders_on < units.REFORM_DAY or drawn_later or asked.level is units.Level.DISTRICT:
        return None
    provinces = _provinces(directory, seat, asked)
    if asked.level is units.Level.PROVINCE:
        code, title = maps.COUNTRY, _("Việt Nam")
    elif asked.within or len(provinces) == 1:
        code = asked.within or provinces[0][0]
        unit = directory.find_unit(code, asked.borders_on)
        title = words.capital(unit.at(asked.borders_on).full_name) if unit else code
    else:
        return None
    name = _(NAMES[asked.shaded])
    values = {directory.unit(row.unit_id).code: row.sums.get(asked.shaded, 0) for row in made.placed}
    steps = maps.steps_of(list(values.values()))
    shades = {
        place: maps.Shade(maps.shade_of(value, steps), f"{name.lower()} {words.number(value)}")
        for place, value in values.items()
    }
    map = maps.map_of(directory, maps.drawing(code), title, asked.borders_on, shades=shades)
    ends = [*(step - 1 for step in steps[1:]), max(values.values(), default=0)][: len(steps)]
    legend = [
        (maps.shade_of(step, steps), words.number(step) if step == end else f"{words.number(step)}–{words.number(end)}")
        for step, end in zip(steps, ends, strict=True)
    ]
    return {"map": map, "legend": legend, "name": name, "title": title} if map else None


def _columns() -> tuple[workbooks.Column, ...]:
    return (
        workbooks.Column("code", _("Mã đơn vị"), width=14),
        workbooks.Column("name", _("Đơn vị"), width=44),
        *(workbooks.Column(name, _(NAMES[name]), width=14) for name in dossiers.SUMS),
        workbooks.Column("rate", _("Tỷ lệ xong trong hạn"), width=14),
        workbooks.Column("note", _("Ghi chú"), width=60),
    )


def _cells(made: units.Regrouped, asked: Asked) -> Iterator[list[str | int | date | None]]:
    placed, shared = _lines(made, asked)

    def names(found: tuple[units.Unit, ...]) -> str:
        return "; ".join(f"{unit.at(asked.borders_on).full_name} ({unit.code})" for unit in found)

    for line in placed:
        [unit] = line.of
        note = "; ".join(_("trong đó chia theo: %(words)s") % {"words": said} for said, _sums in line.divided)
        yield [unit.code, unit.at(asked.borders_on).full_name, *_numbers(line.sums), line.rate, note]
    for line in shared:
        note = _("Chung của: %(units)s. Đã đếm tại: %(counted)s") % {
            "units": names(line.of) or _("chưa rõ đơn vị nào"),
            "counted": names(line.counted),
        }
        yield ["", _("Chưa chia được"), *_numbers(line.sums), line.rate, note]
    yield ["", _("Tổng số"), *_numbers(made.total), _percent(made.total), ""]


def _numbers(sums: Mapping[str, int]) -> list[int]:
    return [sums.get(name, 0) for name in dossiers.SUMS]


def _guide(asked: Asked) -> list[tuple[str, str]]:
    return [
        (_("Kỳ"), f"{words.day(asked.first)} – {words.day(asked.last)}"),
        (_("Địa giới"), words.day(asked.borders_on)),
        (_("Cấp"), _(LEVELS[asked.level])),
        (_("Lập lúc"), words.short_moment(clock.now())),
        (_("Đơn vị"), _("Nơi cư trú hoặc trụ sở của người nộp, như ghi khi nộp; sắp xếp đơn vị không đổi điều này.")),
        (_("Chưa chia được"), _("Số của đơn vị đã chia hoặc gộp mà không quy tắc nào chia; không được ước lượng.")),
        (_("Tỷ lệ"), _("Tính lại từ số xong trong hạn và số đã xong, không lấy trung bình các tỷ lệ.")),
    ]


GATE = officials(Role.LEADER, Role.ADMINISTRATOR)
PAGES: tuple[Page, ...] = (
    Page("can-bo/so-lieu", figures, "figures", GATE),
    Page("can-bo/so-lieu/tep.xlsx", sheet, "figures-sheet", GATE),
)
