"""What is wrong with a plan: each finding has its line and says what to mend. None of them changes anything.

Three passes. What the plan says against itself and against the directory of the day before; then, if that holds, who
inherits and who resolves in the directory that it makes.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from typing import Any

from motcua.reorganisation.rules import heirs, residence
from motcua.reorganisation.rules.compiled import Standing, compiled, ending_units, standing
from motcua.reorganisation.rules.plan import (
    Alter,
    Alteration,
    Decider,
    Finding,
    Formation,
    Inherited,
    Office,
    Origin,
    Plan,
    Way,
)
from motcua.reorganisation.rules.text import KIND_WORDS, LEVEL_WORDS, WHAT_WORDS
from motcua.units.rules import codes
from motcua.units.rules.change import carried_out
from motcua.units.rules.directory import Directory, Rows, build
from motcua.units.rules.package import TYPES
from motcua.units.rules.values import AgencyKind, Extent, Level, Scheme, Unit

Key = tuple[str, str]  # level and code
# Of these new units, on that day: which can't have some procedure resolved, and why.
Unresolved = Callable[[Directory, Sequence[Unit], date], Iterable[tuple[Unit, str]]]

HELD_ABOVE = {Level.PROVINCE: (), Level.DISTRICT: (Level.PROVINCE,), Level.COMMUNE: (Level.PROVINCE, Level.DISTRICT)}
MADE_FROM = {
    Level.PROVINCE: (Level.PROVINCE,),
    Level.DISTRICT: (Level.DISTRICT,),
    Level.COMMUNE: (Level.COMMUNE, Level.DISTRICT),
}
CODES_ACT = "Quyết định 19/2025/QĐ-TTg"
BY_PARLIAMENT = "/QH"  # only the National Assembly moves an area from one province to another


@dataclass(frozen=True, slots=True)
class _View:
    """The plan beside what is in force the day before."""

    plan: Plan
    rows: Rows
    there: Standing
    ending: frozenset[int]
    new: dict[Key, Formation]
    former: dict[str, list[int]]  # codes that were closed before, to their units
    former_orgs: frozenset[str]
    ending_agencies: frozenset[int]

    def unit(self, level: Level, code: str) -> int | None:
        return self.there.units.get((str(level), code))

    def name(self, number: int) -> str:
        period = self.there.periods[number]
        return f"{period[4]} {period[3]}"

    def goes_on(self, level: Level, code: str) -> bool:
        """Is there a unit with this code once the plan is carried out?"""
        number = self.unit(level, code)
        return (str(level), code) in self.new or (number is not None and number not in self.ending)


def check(plan: Plan, rows: Rows, *, unresolved: Unresolved | None = None) -> tuple[Finding, ...]:
    """Everything wrong with a plan, by line. `rows`: the directory as known the day before it takes effect."""
    there = standing(rows)
    ending = ending_units(plan, there)
    closed: dict[str, list[int]] = defaultdict(list)
    for scheme, code, _first, last, unit, _agency, _made, _source in rows.identifiers:
        if last is not None and scheme == Scheme.AREA and unit is not None:
            closed[code].append(unit)
    closures = {closure.org for closure in plan.closures}
    view = _View(
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


# --- dates ---------------------------------------------------------------------------------------------------------


def _dates(view: _View) -> Iterator[Finding]:
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


# --- units ---------------------------------------------------------------------------------------------------------


def _formations(view: _View) -> Iterator[Finding]:
    seen: dict[Key, int] = {}
    for f in view.plan.formations:
        key = (str(f.level), f.code)
        if key in seen:
            yield Finding(f.line, "code-twice", f"Mã {f.code} đã cấp ở dòng {seen[key]}.", "Cấp mỗi mã cho một đơn vị.")
        seen.setdefault(key, f.line)
        yield from _code(view, f)
        yield from _type(f.line, f.level, f.type)
        yield from _parent(view, f.line, f.level, f.parent)
        if not f.source:
            yield Finding(f.line, "source-missing", "Dòng này chưa nêu nghị quyết.", "Thêm nghị quyết ở ô cuối.")


def _code(view: _View, f: Formation) -> Iterator[Finding]:
    width = codes.WIDTHS[f.level]
    if not (len(f.code) == width and f.code.isascii() and f.code.isdigit()):
        yield Finding(
            f.line,
            "code-form",
            f"Mã {f.code} không đúng dạng: cấp {LEVEL_WORDS[f.level]} có {width} chữ số ({CODES_ACT}).",
            "Sửa mã.",
        )
        return
    holder = view.unit(f.level, f.code)
    own = {view.unit(o.level, o.code) for o in f.origins}
    if holder is not None and holder not in view.ending:
        yield Finding(
            f.line,
            "code-held",
            f"Mã {f.code} đang thuộc {view.name(holder)}, đơn vị vẫn tồn tại.",
            "Cấp mã khác, hoặc nêu đơn vị đó trong các dòng “từ …”.",
        )
    elif holder is not None and holder not in own:
        yield Finding(
            f.line,
            "code-foreign",
            f"Mã {f.code} thuộc {view.name(holder)}, không phải đơn vị hình thành nên đơn vị này; mã đã đóng không cấp"
            f" lại ({CODES_ACT}).",
            "Giữ mã của đơn vị đặt trụ sở, hoặc cấp mã mới.",
        )
    elif holder is None and f.code in view.former:
        yield Finding(
            f.line,
            "code-closed",
            f"Mã {f.code} đã đóng từ trước; mã đã đóng không cấp lại ({CODES_ACT}).",
            "Cấp mã mới.",
        )


def _type(line: int, level: Level, kind: str) -> Iterator[Finding]:
    if kind not in TYPES[level]:
        yield Finding(
            line,
            "type-level",
            f"“{kind}” không phải là loại hình của cấp {LEVEL_WORDS[level]}.",
            f"Chọn một trong: {', '.join(sorted(TYPES[level]))}.",
        )


def _parent(view: _View, line: int, level: Level, code: str) -> Iterator[Finding]:
    if level == Level.PROVINCE:
        if code:
            yield Finding(line, "parent-needless", "Đơn vị cấp tỉnh không thuộc đơn vị nào.", f"Bỏ “thuộc {code}”.")
    elif not code:
        yield Finding(line, "parent-missing", "Chưa nêu đơn vị cấp trên.", "Thêm “| thuộc mã cấp tỉnh”.")
    elif not any(view.goes_on(above, code) for above in HELD_ABOVE[level]):
        yield Finding(
            line,
            "parent-unknown",
            f"Sau sắp xếp không có đơn vị cấp trên mang mã {code}.",
            "Nêu mã của đơn vị cấp trên còn tồn tại sau sắp xếp.",
        )


def _origins(view: _View) -> Iterator[Finding]:
    taken: dict[int, list[tuple[Formation, Origin]]] = defaultdict(list)
    for f in view.plan.formations:
        own: dict[Key, int] = {}
        for o in f.origins:
            key = (str(o.level), o.code)
            if key in own:
                yield Finding(
                    o.line,
                    "origin-twice",
                    f"Đơn vị {o.code} đã nêu ở dòng {own[key]} cho cùng đơn vị mới.",
                    "Giữ một dòng.",
                )
                continue
            own[key] = o.line
            number = view.unit(o.level, o.code)
            if number is None:
                yield _unknown(view, o.line, o.level, o.code)
                continue
            if o.level not in MADE_FROM[f.level]:
                yield Finding(
                    o.line,
                    "origin-level",
                    f"Đơn vị cấp {LEVEL_WORDS[f.level]} không hình thành từ đơn vị cấp {LEVEL_WORDS[o.level]}.",
                    "Nêu các đơn vị cùng cấp.",
                )
            if o.name and o.name != view.name(number):
                yield Finding(
                    o.line,
                    "name-other",
                    f"Mã {o.code} là của {view.name(number)}, không phải {o.name}.",
                    "Sửa mã hoặc tên.",
                )
            taken[number].append((f, o))
            yield from _rules(view, o, number)
    yield from _areas(view, taken)


def _unknown(view: _View, line: int, level: Level, code: str) -> Finding:
    if code in view.former:
        words = f"Đơn vị cấp {LEVEL_WORDS[level]} mang mã {code} đã kết thúc hoạt động từ trước."
        return Finding(line, "unit-ended", words, "Nêu đơn vị đang có hiệu lực trước ngày sắp xếp.")
    words = f"Không có đơn vị cấp {LEVEL_WORDS[level]} mang mã {code}."
    return Finding(line, "unit-unknown", words, "Xem lại mã và cấp: motcua unit MÃ.")


def _areas(view: _View, taken: dict[int, list[tuple[Formation, Origin]]]) -> Iterator[Finding]:
    for number, ways in taken.items():
        wholes = [(f, o) for f, o in ways if o.extent == Extent.WHOLE]
        first = wholes[0] if wholes else ways[0]
        if wholes and len(ways) > 1:
            for _f, o in ways:
                if o is not first[1]:
                    yield Finding(
                        o.line,
                        "area-twice",
                        f"Toàn bộ {view.name(number)} ({o.code}) đã nhập vào {first[0].type} {first[0].name} ở dòng"
                        f" {first[1].line}.",
                        "Sửa “toàn bộ” thành “một phần”, hoặc bỏ một dòng.",
                    )
        elif not wholes and len(ways) == 1 and first[1].level != Level.DISTRICT:
            yield Finding(
                first[1].line,
                "area-left",
                f"Phần còn lại của {view.name(number)} ({first[1].code}) không có đơn vị kế thừa.",
                "Thêm đơn vị nhận phần còn lại, hoặc sửa thành “toàn bộ”.",
            )
        for one, other in combinations(ways, 2):
            for rule in one[1].rules:
                for against in other[1].rules:
                    if one[0] is not other[0] and residence.clash(rule, against):
                        yield Finding(
                            max(rule.line, against.line),
                            "rules-overlap",
                            f"Quy tắc này và quy tắc ở dòng {min(rule.line, against.line)} cùng khớp một địa chỉ.",
                            "Chia lại để mỗi địa chỉ chỉ khớp một quy tắc.",
                        )
    below: dict[int, list[int]] = defaultdict(list)
    for number, period in view.there.periods.items():
        if period[6] is not None:
            below[period[6]].append(number)
    for number, ways in taken.items():
        o = ways[0][1]
        for child in below.get(number, ()):
            if o.level == Level.DISTRICT and o.extent == Extent.WHOLE and child in taken:
                yield Finding(
                    taken[child][0][1].line,
                    "area-twice",
                    f"{view.name(child)} nằm trong {view.name(number)}, đã nhập toàn bộ ở dòng {o.line}.",
                    "Nêu cấp huyện hoặc cấp xã, không nêu cả hai.",
                )
    yield from _left_behind(view, below, taken)
    yield from _across(view, taken)


def _left_behind(
    view: _View, below: dict[int, list[int]], taken: dict[int, list[tuple[Formation, Origin]]]
) -> Iterator[Finding]:
    """Children of what ends that nobody takes, and what ends without anybody."""
    plan = view.plan
    tiers = {str(abolition.level): abolition.line for abolition in plan.abolitions}
    moved = {
        view.unit(alteration.level, alteration.code)
        for alteration in plan.alterations
        if alteration.what == Alter.PARENT
    }
    for number in sorted(view.ending):
        line = taken[number][0][1].line if number in taken else tiers.get(view.there.levels[number], 0)
        for child in below.get(number, ()):
            if child not in view.ending and child not in moved:
                yield Finding(
                    line,
                    "child-left",
                    f"{view.name(number)} kết thúc hoạt động, nhưng {view.name(child)} ({view.there.codes[child]}) trực"
                    " thuộc không được nhập hay chuyển đi đâu.",
                    "Nêu nơi nhận đơn vị đó, hoặc chuyển nó về đơn vị cấp trên khác.",
                )
        if number not in taken and not below.get(number):
            yield Finding(
                line,
                "unit-heirless",
                f"{view.name(number)} ({view.there.codes[number]}) kết thúc hoạt động mà không có đơn vị kế thừa.",
                "Thêm dòng “từ …” dưới đơn vị nhận.",
            )


def _across(view: _View, taken: dict[int, list[tuple[Formation, Origin]]]) -> Iterator[Finding]:
    into: dict[int, set[str]] = defaultdict(set)
    for f in view.plan.formations:
        if f.level == Level.PROVINCE:
            for o in f.origins:
                if (number := view.unit(o.level, o.code)) is not None:
                    into[number].add(f.code)
    for number, ways in taken.items():
        old = _province(view.there, number)
        if old is None or old == number:
            continue
        after = into.get(old) or ({view.there.codes[old]} if old not in view.ending else set())
        for f, o in ways:
            if f.level != Level.PROVINCE and f.parent not in after and BY_PARLIAMENT not in f.source:
                yield Finding(
                    o.line,
                    "across-provinces",
                    f"{view.name(number)} thuộc {view.name(old)}, nhưng đơn vị mới thuộc {f.parent}; chuyển địa giới"
                    " cấp tỉnh phải do Quốc hội quyết định.",
                    "Sửa đơn vị cấp trên, hoặc nêu nghị quyết của Quốc hội.",
                )


def _province(there: Standing, number: int) -> int | None:
    seen: set[int] = set()
    while there.periods[number][6] is not None and number not in seen:
        seen.add(number)
        number = there.periods[number][6]
        if number not in there.periods:
            return None
    return number


def _rules(view: _View, origin: Origin, number: int) -> Iterator[Finding]:
    for rule in origin.rules:
        if origin.extent == Extent.WHOLE:
            yield Finding(
                rule.line,
                "rule-idle",
                "Quy tắc chia đứng dưới một đơn vị nhập toàn bộ.",
                "Bỏ quy tắc, hoặc sửa thành “một phần”.",
            )
        if rule.by == Decider.POINT and len(set(rule.ring)) < 3:
            yield Finding(
                rule.line, "ring-open", "Một vùng cần ít nhất ba tọa độ khác nhau.", "Thêm tọa độ của ranh giới."
            )
        if rule.first is not None and rule.last is not None and rule.first > rule.last:
            yield Finding(
                rule.line, "numbers-order", f"Số {rule.first} lớn hơn số {rule.last}.", "Viết số nhỏ trước số lớn."
            )
        if rule.by == Decider.FORMER and not any(
            _went_into(view.rows, old, number) for old in view.former.get(rule.words, ())
        ):
            yield Finding(
                rule.line,
                "former-unknown",
                f"Không có đơn vị cũ mang mã {rule.words} đã nhập vào {view.name(number)}.",
                "Xem lại mã của đơn vị cũ: motcua unit MÃ.",
            )


def _went_into(rows: Rows, old: int, new: int) -> bool:
    waiting, seen = [old], {old}
    while waiting:
        current = waiting.pop()
        if current == new:
            return True
        further = {row[1] for row in rows.successions if row[0] == current} - seen
        seen |= further
        waiting += further
    return False


def _alterations(view: _View) -> Iterator[Finding]:
    seen: dict[tuple[Key, Alter], int] = {}
    sources: dict[Key, Alteration] = {}
    for a in view.plan.alterations:
        key = (str(a.level), a.code)
        number = view.unit(a.level, a.code)
        if number is None:
            yield _unknown(view, a.line, a.level, a.code)
            continue
        if a.name and a.name != view.name(number):
            yield Finding(
                a.line,
                "name-other",
                f"Mã {a.code} là của {view.name(number)}, không phải {a.name}.",
                "Sửa mã hoặc tên.",
            )
        if (key, a.what) in seen:
            yield Finding(
                a.line,
                "altered-twice",
                f"Đơn vị {a.code} đã thay đổi như vậy ở dòng {seen[key, a.what]}.",
                "Giữ một dòng.",
            )
        seen.setdefault((key, a.what), a.line)
        if number in view.ending:
            yield Finding(
                a.line,
                "altered-ends",
                f"{view.name(number)} ({a.code}) kết thúc trong chính kế hoạch này.",
                "Bỏ dòng này; tên và loại hình của đơn vị mới nêu ở dòng lập đơn vị.",
            )
        other = sources.setdefault(key, a)
        if other.source != a.source:
            yield Finding(
                a.line,
                "source-other",
                f"Cùng đơn vị, dòng {other.line} nêu căn cứ khác.",
                "Nêu một căn cứ cho các thay đổi cùng ngày của một đơn vị.",
            )
        period = view.there.periods[number]
        now = {Alter.NAME: period[3], Alter.TYPE: period[4], Alter.PARENT: view.there.codes.get(period[6] or 0, "")}
        same_english = a.what != Alter.NAME or a.name_en == period[5]
        if a.value == now[a.what] and same_english:
            yield Finding(a.line, "altered-nothing", f"Đơn vị {a.code} vốn đã như vậy.", "Bỏ dòng này.")
        if a.what == Alter.TYPE:
            yield from _type(a.line, a.level, a.value)
        if a.what == Alter.PARENT:
            yield from _parent(view, a.line, a.level, a.value)


def _abolitions(view: _View) -> Iterator[Finding]:
    seen: dict[Level, int] = {}
    for a in view.plan.abolitions:
        if a.level in seen:
            yield Finding(a.line, "tier-twice", f"Cấp này đã giải thể ở dòng {seen[a.level]}.", "Giữ một dòng.")
        seen.setdefault(a.level, a.line)
        if not any(view.there.levels[number] == a.level for number in view.there.periods):
            yield Finding(
                a.line,
                "tier-absent",
                f"Không có đơn vị cấp {LEVEL_WORDS[a.level]} nào đang có hiệu lực.",
                "Bỏ dòng này.",
            )
        formed = next((f for f in view.plan.formations if f.level == a.level), None)
        if formed is not None and a.level == Level.DISTRICT:
            yield Finding(
                formed.line,
                "tier-formed",
                f"Lập đơn vị cấp {LEVEL_WORDS[a.level]} trong khi dòng {a.line} giải thể cấp này.",
                "Bỏ một trong hai dòng.",
            )
        if a.level != Level.DISTRICT:
            yield Finding(
                a.line,
                "tier-needed",
                f"Chính quyền địa phương hai cấp gồm tỉnh và xã; không giải thể cấp {LEVEL_WORDS[a.level]}.",
                "Nhập từng đơn vị bằng dòng “nhập …”.",
            )


def _names(view: _View) -> Iterator[Finding]:
    """Two units of one name under one parent, once all is carried out."""
    altered: dict[int, dict[Alter, Alteration]] = defaultdict(dict)
    for a in view.plan.alterations:
        if (number := view.unit(a.level, a.code)) is not None:
            altered[number][a.what] = a
    held: dict[tuple[str, str, str], list[tuple[int, str]]] = defaultdict(list)
    for f in view.plan.formations:
        held[str(f.level), f.parent, f"{f.type} {f.name}".casefold()].append((f.line, f.code))
    for number, period in view.there.periods.items():
        if number in view.ending:
            continue
        changes = altered.get(number, {})
        line = max((a.line for a in changes.values()), default=0)
        kind = changes[Alter.TYPE].value if Alter.TYPE in changes else period[4]
        name = changes[Alter.NAME].value if Alter.NAME in changes else period[3]
        parent = view.there.codes.get(period[6] or 0, "")
        parent = changes[Alter.PARENT].value if Alter.PARENT in changes else parent
        code = view.there.codes.get(number, "")
        held[view.there.levels[number], parent, f"{kind} {name}".casefold()].append((line, code))
    for (_level, parent, name), holders in held.items():
        lines = sorted(holders)
        if len({code for _, code in lines}) > 1 and lines[-1][0]:
            others = ", ".join(code for _, code in lines[:-1])
            where = f" thuộc {parent}" if parent else ""
            yield Finding(
                lines[-1][0],
                "name-twice",
                f"Sau sắp xếp có hai đơn vị “{name}”{where}: {others} và {lines[-1][1]}.",
                "Đặt tên khác cho một đơn vị.",
            )


# --- agencies ------------------------------------------------------------------------------------------------------


def _offices(view: _View) -> Iterator[Finding]:
    issued: dict[str, int] = {}
    slots: dict[tuple[Key, int], int] = {}
    kinds: dict[tuple[Key, AgencyKind, str], int] = {}
    there = view.there
    for number, row in there.agencies.items():
        if number not in view.ending_agencies and row[2] in there.codes:
            key = (there.levels[row[2]], there.codes[row[2]])
            kinds[key, AgencyKind(row[1]), row[3]] = 0
            slots[key, number % 100] = 0
    own = {org for o in view.plan.offices for org in (o.org, o.org102) if org}
    for o in view.plan.offices:
        key = (str(o.level), o.code)
        if not view.goes_on(o.level, o.code):
            yield Finding(
                o.line,
                "office-homeless",
                f"Sau sắp xếp không có đơn vị cấp {LEVEL_WORDS[o.level]} mang mã {o.code}.",
                "Nêu mã của đơn vị mới.",
            )
        here = (key, o.slot)
        if here in slots:
            yield Finding(
                o.line,
                "slot-twice",
                f"Đơn vị {o.code} đã có cơ quan số {o.slot} {_where(slots[here])}.",
                "Cho mỗi cơ quan của một đơn vị một số riêng.",
            )
        slots.setdefault(here, o.line)
        power = (key, o.kind, o.ministry)
        if power in kinds:
            yield Finding(
                o.line,
                "office-twice",
                f"Đơn vị {o.code} đã có cơ quan cùng loại {_where(kinds[power])}: một thẩm quyền có hai nơi kế thừa.",
                "Giữ một cơ quan cho mỗi thẩm quyền.",
            )
        kinds.setdefault(power, o.line)
        if not 1 <= o.slot <= 99:
            yield Finding(o.line, "slot-form", "Số của cơ quan trong đơn vị là từ 1 đến 99.", "Sửa số.")
        yield from _identifiers(view, o, issued)
        above = there.orgs.get(o.parent)
        if o.parent and o.parent not in own and (above is None or above in view.ending_agencies):
            yield Finding(
                o.line,
                "office-parent",
                f"Sau sắp xếp không có cơ quan cấp trên mang mã {o.parent}.",
                "Nêu mã định danh của cơ quan cấp trên còn hoạt động.",
            )
    for f in view.plan.formations:
        if ((str(f.level), f.code), AgencyKind.PEOPLES_COMMITTEE, "") not in kinds:
            yield Finding(
                f.line,
                "committee-missing",
                f"{f.type} {f.name} không có ủy ban nhân dân.",
                f"Thêm dòng “lập ủy ban nhân dân cấp {LEVEL_WORDS[f.level]} {f.code} số 1 | mã …” vào phần [cơ quan].",
            )
    yield from _closures(view)


def _where(line: int) -> str:
    return f"ở dòng {line}" if line else "trong danh mục đang có hiệu lực"


def _identifiers(view: _View, o: Office, issued: dict[str, int]) -> Iterator[Finding]:
    if not o.org:
        yield Finding(
            o.line,
            "identifier-missing",
            "Cơ quan chưa có mã định danh (Quyết định 20/2020/QĐ-TTg).",
            "Thêm ô “mã …”.",
        )
    for code, scheme in ((o.org, Scheme.ORG), (o.org102, Scheme.ORG102)):
        if not code:
            continue
        if codes.scheme_of(code) != scheme:
            yield Finding(
                o.line,
                "identifier-form",
                f"Mã định danh {code} không đúng dạng.",
                "Viết như H29.101 hoặc 101.00.99.H29.",
            )
        if code in issued:
            yield Finding(
                o.line, "identifier-twice", f"Mã định danh {code} đã cấp ở dòng {issued[code]}.", "Cấp mã khác."
            )
        issued.setdefault(code, o.line)
        holder = view.there.orgs.get(code)
        if holder is None:
            if code in view.former_orgs:
                yield Finding(
                    o.line, "identifier-closed", f"Mã định danh {code} đã đóng từ trước.", "Cấp mã chưa dùng bao giờ."
                )
            continue
        if holder not in view.ending_agencies:
            yield Finding(
                o.line, "identifier-held", f"Mã định danh {code} đang thuộc một cơ quan vẫn hoạt động.", "Cấp mã khác."
            )
            continue
        formed = view.new.get((str(o.level), o.code))
        unit = view.there.agencies[holder][2]
        made_from = {view.unit(origin.level, origin.code) for origin in formed.origins} if formed else {unit}
        if unit not in made_from:
            yield Finding(
                o.line,
                "identifier-foreign",
                f"Mã định danh {code} thuộc cơ quan của {view.name(unit)}, không hình thành nên đơn vị này.",
                "Cấp mã mới.",
            )


def _closures(view: _View) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for closure in view.plan.closures:
        number = view.there.orgs.get(closure.org)
        if number is None:
            yield Finding(
                closure.line, "agency-unknown", f"Không có cơ quan mang mã {closure.org}.", "Xem lại mã định danh."
            )
        elif view.there.agencies[number][2] in view.ending:
            yield Finding(
                closure.line,
                "closure-needless",
                f"Cơ quan {closure.org} kết thúc cùng đơn vị của nó.",
                "Bỏ dòng này.",
            )
        if closure.org in seen:
            yield Finding(
                closure.line,
                "closure-twice",
                f"Cơ quan {closure.org} đã đóng ở dòng {seen[closure.org]}.",
                "Giữ một dòng.",
            )
        seen.setdefault(closure.org, closure.line)


# --- inheritance ---------------------------------------------------------------------------------------------------


def _takeovers(view: _View) -> Iterator[Finding]:
    seen: dict[tuple[Any, ...], int] = {}
    orgs = view.there.orgs
    own = {org for o in view.plan.offices for org in (o.org, o.org102) if org}
    for t in view.plan.takeovers:
        key = (t.what, orgs.get(t.org, t.org), t.kind, t.level)
        if key in seen:
            yield Finding(
                t.line,
                "heirs-two",
                f"{WHAT_WORDS[t.what].capitalize()} này đã có nơi kế thừa ở dòng {seen[key]}.",
                "Giữ một dòng cho mỗi thẩm quyền.",
            )
        seen.setdefault(key, t.line)
        if t.org and orgs.get(t.org) is None:
            yield Finding(t.line, "agency-unknown", f"Không có cơ quan mang mã {t.org}.", "Xem lại mã định danh.")
        elif t.org and orgs[t.org] not in view.ending_agencies:
            yield Finding(
                t.line, "heir-needless", f"Cơ quan {t.org} vẫn hoạt động, không có gì để kế thừa.", "Bỏ dòng này."
            )
        if t.way == Way.NAMED and t.to not in own:
            heir = orgs.get(t.to)
            if heir is None:
                yield Finding(t.line, "agency-unknown", f"Không có cơ quan mang mã {t.to}.", "Xem lại mã định danh.")
            elif heir in view.ending_agencies:
                yield Finding(
                    t.line,
                    "heir-ends",
                    f"Cơ quan kế thừa {t.to} cũng kết thúc trong kế hoạch này.",
                    "Nêu cơ quan còn hoạt động sau sắp xếp.",
                )
        if not t.source:
            yield Finding(t.line, "source-missing", "Dòng này chưa nêu căn cứ.", "Thêm “| văn bản” ở cuối dòng.")


def inherited_of(kind: AgencyKind, level: Level) -> tuple[Inherited, ...]:
    """What an agency leaves: decisions on procedures only a province's committee makes."""
    makes = kind == AgencyKind.PEOPLES_COMMITTEE and level == Level.PROVINCE
    return tuple(what for what in Inherited if what != Inherited.PROCEDURES or makes)


def _afterwards(view: _View, unresolved: Unresolved | None) -> Iterator[Finding]:
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


def eve_of(plan: Plan) -> date:
    """The day before the plan takes effect."""
    return plan.on - timedelta(days=1)


LOOKS: tuple[Callable[[_View], Iterator[Finding]], ...] = (
    _dates,
    _formations,
    _origins,
    _alterations,
    _abolitions,
    _names,
    _offices,
    _takeovers,
)
