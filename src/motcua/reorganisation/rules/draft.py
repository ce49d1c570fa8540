"""The first draft of a plan, written by motcua itself from the directory before and after.

What the tables say becomes lines; who inherits what is the law's own text, the same in every draft. A jurist
then strikes out and adds; nothing in a draft is approved by being written.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from motcua.kernel.errors import Permanent
from motcua.reorganisation.rules.plan import (
    Abolition,
    Alter,
    Alteration,
    Formation,
    Office,
    Origin,
    Plan,
    Takeover,
    Task,
)
from motcua.reorganisation.rules.text import read, write
from motcua.units.rules.directory import Rows
from motcua.units.rules.package import unit_id_since
from motcua.units.rules.values import AgencyKind, Extent, Level, Scheme


def draft(
    before: Rows,
    after: Rows,
    on: date,
    *,
    title: str,
    resolution: str,
    resolved_on: date,
    effective_at: datetime,
    undo_until: datetime,
    abolition_source: str = "",
    takeovers: Sequence[Takeover] = (),
    tasks: Sequence[Task] = (),
    notes: Sequence[str] = (),
) -> Plan:
    """The plan that leads from one directory to the other on that day; Permanent where lines can't say it."""
    known = {row[0] for row in before.units}
    levels = {row[0]: Level(row[1]) for row in after.units}
    code = {
        row[4]: (row[1], row[7]) for row in sorted(after.identifiers, key=_since) if row[0] == Scheme.AREA and row[4]
    }
    opened = {row[0]: row for row in before.periods if row[2] is None}
    begun = {row[0]: row for row in after.periods if row[1] == on}
    stays = {row[0] for row in after.periods if row[2] is None}
    origins: dict[int, list[Origin]] = defaultdict(list)
    origin_ids: set[int] = set()
    for old, new, extent, note, day in after.successions:
        if day == on:
            period = opened[old]
            called = f"{period[4]} {period[3]}"
            origins[new].append(Origin(0, levels[old], code[old][0], Extent(extent), note, name=called))
            origin_ids.add(old)
    formations: list[Formation] = []
    alterations: list[Alteration] = []
    for number, period in begun.items():
        level, (own, code_source) = levels[number], code[number]
        _unit, _first, _last, name, kind, name_en, parent, source = period
        above = code[parent][0] if parent else ""
        if number not in known:
            if number != unit_id_since(level, own, on):
                raise _unsayable(f"đơn vị {own} có số {number} mà không có quy tắc nào đặt")
            made_from = tuple(sorted(origins[number], key=lambda origin: (origin.level, origin.code)))
            formations.append(Formation(0, level, own, name, kind, name_en, above, source, code_source, made_from))
            continue
        _unit, _first, _last, old_name, old_kind, old_name_en, old_parent, _source = opened[number]
        called = f"{old_kind} {old_name}"
        if (name, name_en) != (old_name, old_name_en):
            alterations.append(Alteration(0, Alter.NAME, level, own, name, source, name_en, name=called))
        if kind != old_kind:
            alterations.append(Alteration(0, Alter.TYPE, level, own, kind, source, name=called))
        if parent != old_parent:
            alterations.append(Alteration(0, Alter.PARENT, level, own, above, source, name=called))
    ended = {levels[number] for number in opened if number not in stays and number not in origin_ids}
    for level in ended:
        if any(levels[number] == level for number in stays):
            raise _unsayable(f"có đơn vị cấp {level} kết thúc mà không nhập vào đơn vị nào")
    plan = Plan(
        name=on.isoformat(),
        title=title,
        resolution=resolution,
        resolved_on=resolved_on,
        effective_at=effective_at,
        undo_until=undo_until,
        formations=tuple(sorted(formations, key=lambda f: (_ORDER[f.level], f.parent, f.code))),
        alterations=tuple(sorted(alterations, key=lambda a: (_ORDER[a.level], a.code))),
        abolitions=tuple(Abolition(0, level, abolition_source or resolution) for level in sorted(ended)),
        offices=tuple(_offices(after, on, levels, code)),
        takeovers=tuple(takeovers),
        tasks=tuple(tasks),
        notes=tuple(notes),
    )
    return numbered(plan)


_ORDER = {Level.PROVINCE: 0, Level.DISTRICT: 1, Level.COMMUNE: 2}


def _offices(after: Rows, on: date, levels: dict[int, Level], code: dict[int, tuple[str, str]]) -> list[Office]:
    named: dict[int, dict[str, tuple[Any, ...]]] = defaultdict(dict)
    for row in sorted(after.identifiers, key=_since):
        if row[5] is not None and row[3] is None:
            named[row[5]][row[0]] = row
    found = []
    for number, kind, unit, ministry, title, parent, first, _last, _sessions in after.agencies:
        if first != on:
            continue
        own, older = named[number].get(Scheme.ORG), named[number].get(Scheme.ORG102)
        above = named[parent][Scheme.ORG][1] if parent else ""
        if number // 100 != unit or (own and older and own[6:] != older[6:]):
            raise _unsayable(f"cơ quan số {number} không theo quy tắc đặt số")
        listed = own or older
        found.append(
            Office(
                0,
                own[1] if own else "",
                older[1] if older else "",
                AgencyKind(kind),
                title,
                ministry,
                levels[unit],
                code[unit][0],
                number % 100,
                above,
                bool(listed and listed[6]),
                listed[7] if listed else "",
            )
        )
    # Those of a list before those made by rule; then from the province down.
    return sorted(found, key=lambda o: (o.made, o.source, _ORDER[o.level], o.code, o.slot))


def _since(row: Sequence[Any]) -> date:
    return row[2] or date.min


def numbered(plan: Plan) -> Plan:
    """The same plan with the lines on which it is written."""
    read_back, findings = read(write(plan))
    if read_back is None or read_back != plan:
        raise _unsayable(findings[0].words if findings else "kế hoạch viết ra không đọc lại được như cũ")
    return read_back


def _unsayable(why: str) -> Permanent:
    return Permanent(
        "plan-unsayable",
        f"Không viết được kế hoạch: {why}.",
        mend="Viết thay đổi này bằng tay, hoặc sửa danh mục.",
    )
