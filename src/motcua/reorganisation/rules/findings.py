"""What is wrong with a plan: each finding has its line and says what to mend. None of them changes anything.

Three passes. What the plan says against itself and against the directory of the day before; then, if that holds, who
inherits and who resolves in the directory that it makes.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date

from motcua.reorganisation.rules import agency_findings, heirs, unit_findings
from motcua.reorganisation.rules.compiled import compiled, ending_units, standing
from motcua.reorganisation.rules.plan import Finding, Inherited, Plan
from motcua.reorganisation.rules.text import KIND_WORDS, LEVEL_WORDS, WHAT_WORDS
from motcua.reorganisation.rules.view import View
from motcua.units.rules.change import carried_out
from motcua.units.rules.directory import Directory, Rows, build
from motcua.units.rules.values import AgencyKind, Level, Scheme, Unit

# Of these new units, on that day: which can't have some procedure resolved, and why.
Unresolved = Callable[[Directory, Sequence[Unit], date], Iterable[tuple[Unit, str]]]


def check(plan: Plan, rows: Rows, *, unresolved: Unresolved | None = None) -> tuple[Finding, ...]:
    """Everything wrong with a plan, by line. `rows`: the directory as known the day before it takes effect."""
    there = standing(rows)
    ending = ending_units(plan, there)
    closed: dict[str, list[int]] = defaultdict(list)
    for scheme, code, _first, last, unit, _agency, _made, _source in rows.identifiers:
        if last is not None and scheme == Scheme.AREA and unit is not None:
            closed[code].append(unit)
    closures = {closure.org for closure in plan.closures}
    view = View(
        plan,
        rows,
        there,
        ending,
        {(str(f.level), f.code): f for f in plan.formations},
        closed,
        frozenset(r[1] for r in rows.identifiers if r[3] is not None and r[5] is not None),
        frozenset(
            {row[0] for row in there.agencies.values() if row[2] in ending}
            | {there.orgs[org] for org in closures if org in there.orgs}
        ),
    )
    found = [finding for look in LOOKS for finding in look(view)]
    if not found:
        found = list(_afterwards(view, unresolved))
    return tuple(sorted(found, key=lambda finding: finding.line))


def _dates(view: View) -> Iterator[Finding]:
    plan, lines = view.plan, view.plan.lines
    if plan.name != plan.on.isoformat():
        yield Finding(
            lines.get("name", 0),
            "name-differs",
            f"Kế hoạch mang tên {plan.name} nhưng có hiệu lực ngày {plan.on.isoformat()}.",
            "Đặt tên theo ngày có hiệu lực.",
        )
    if plan.on < plan.resolved_on:
        yield Finding(
            lines.get("effective_at", 0),
            "effect-before-resolution",
            f"Có hiệu lực ngày {plan.on:%d/%m/%Y}, trước khi ban hành nghị quyết ngày {plan.resolved_on:%d/%m/%Y}.",
            "Sửa ngày có hiệu lực hoặc ngày của nghị quyết.",
        )
    if plan.undo_until <= plan.effective_at:
        yield Finding(
            lines.get("undo_until", 0),
            "undo-before-effect",
            "Hạn hoàn tác không sau thời điểm có hiệu lực.",
            "Chọn hạn hoàn tác sau thời điểm có hiệu lực.",
        )
    if not (plan.formations or plan.alterations or plan.abolitions or plan.offices or plan.closures):
        yield Finding(0, "plan-empty", "Kế hoạch không thay đổi gì.", "Thêm ít nhất một dòng thay đổi.")
    later = {row[0] for row in view.rows.periods if row[1] is not None and row[1] >= plan.on}
    for line, level, code in _touched(plan):
        number = view.unit(level, code)
        if number in later:
            yield Finding(
                line,
                "effect-before-change",
                f"{view.name(number)} ({code}) còn thay đổi vào hoặc sau ngày {plan.on:%d/%m/%Y}.",
                "Chọn ngày có hiệu lực sau lần thay đổi cuối của đơn vị.",
            )


def _touched(plan: Plan) -> Iterator[tuple[int, Level, str]]:
    for formation in plan.formations:
        for origin in formation.origins:
            yield origin.line, origin.level, origin.code
    for alteration in plan.alterations:
        yield alteration.line, alteration.level, alteration.code


def inherited_of(kind: AgencyKind, level: Level) -> tuple[Inherited, ...]:
    """What an agency leaves: decisions on procedures only a province's committee makes."""
    makes = kind == AgencyKind.PEOPLES_COMMITTEE and level == Level.PROVINCE
    return tuple(what for what in Inherited if what != Inherited.PROCEDURES or makes)


def _afterwards(view: View, unresolved: Unresolved | None) -> Iterator[Finding]:
    """What only shows in the directory that the plan makes: heirs and competence."""
    plan = view.plan
    if not view.ending_agencies and not plan.formations:
        return
    before = build(0, view.rows)
    after = build(0, carried_out(view.rows, compiled(plan, view.rows)))
    estate = heirs.estate(plan, before, after)
    unruled: Counter[tuple[Inherited, AgencyKind, Level]] = Counter()
    orphans: list[tuple[int, Inherited, str]] = []
    lines = {view.unit(o.level, o.code): o.line for f in plan.formations for o in f.origins}
    lines |= {
        number: a.line
        for a in plan.abolitions
        for number in view.ending
        if number not in lines and view.there.levels[number] == a.level
    }
    for agency_id in sorted(estate.ending):
        agency = before.agency(agency_id)
        level = before.unit(agency.unit_id).level
        for what in inherited_of(agency.kind, level):
            if estate.line(agency, what) is None:
                unruled[what, agency.kind, level] += 1
            elif not estate.candidates(agency_id, what):
                orphans.append((lines.get(agency.unit_id, 0), what, agency.name))
    for (what, kind, level), count in sorted(unruled.items()):
        yield Finding(
            0,
            "heir-missing",
            f"{WHAT_WORDS[what].capitalize()} của {count} {KIND_WORDS[kind]} cấp {LEVEL_WORDS[level]} không có nơi kế"
            " thừa.",
            f"Thêm vào phần [kế thừa]: {WHAT_WORDS[what]} của {KIND_WORDS[kind]} cấp {LEVEL_WORDS[level]}: …",
        )
    for line, what, name in orphans:
        yield Finding(
            line,
            "heir-missing",
            f"{WHAT_WORDS[what].capitalize()} của {name} không có cơ quan nào nhận sau sắp xếp.",
            "Lập cơ quan nhận, hoặc thêm dòng “… của cơ quan …: chuyển về …” vào phần [kế thừa].",
        )
    if unresolved is None:
        return
    formed = {(f.level, f.code): f.line for f in plan.formations}
    new = [unit for level, code in formed if (unit := after.find_unit(code, plan.on, level))]
    for unit, why in unresolved(after, new, plan.on):
        yield Finding(
            formed[unit.level, unit.code],
            "procedure-unresolved",
            f"{unit.at(plan.on).full_name}: {why}",
            "Lập cơ quan giải quyết, hoặc nêu cơ quan kế thừa thẩm quyền.",
        )


LOOKS: tuple[Callable[[View], Iterator[Finding]], ...] = (_dates, *unit_findings.LOOKS, *agency_findings.LOOKS)
