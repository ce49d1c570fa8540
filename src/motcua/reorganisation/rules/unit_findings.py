"""What is wrong with the units of a plan: codes, types, parents, areas, parts, names."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

from motcua.reorganisation.rules import residence
from motcua.reorganisation.rules.compiled import Standing
from motcua.reorganisation.rules.plan import Alter, Alteration, Decider, Finding, Formation, Origin
from motcua.reorganisation.rules.text import LEVEL_WORDS
from motcua.reorganisation.rules.view import Key, View
from motcua.units.rules import codes
from motcua.units.rules.directory import Rows
from motcua.units.rules.package import TYPES
from motcua.units.rules.values import Extent, Level

HELD_ABOVE = {Level.PROVINCE: (), Level.DISTRICT: (Level.PROVINCE,), Level.COMMUNE: (Level.PROVINCE, Level.DISTRICT)}
MADE_FROM = {
    Level.PROVINCE: (Level.PROVINCE,),
    Level.DISTRICT: (Level.DISTRICT,),
    Level.COMMUNE: (Level.COMMUNE, Level.DISTRICT),
}
CODES_ACT = "Quyết định 19/2025/QĐ-TTg"
BY_PARLIAMENT = "/QH"  # only the National Assembly moves an area from one province to another


def _formations(view: View) -> Iterator[Finding]:
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


def _code(view: View, f: Formation) -> Iterator[Finding]:
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


def _parent(view: View, line: int, level: Level, code: str) -> Iterator[Finding]:
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


def _origins(view: View) -> Iterator[Finding]:
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


def _unknown(view: View, line: int, level: Level, code: str) -> Finding:
    if code in view.former:
        words = f"Đơn vị cấp {LEVEL_WORDS[level]} mang mã {code} đã kết thúc hoạt động từ trước."
        return Finding(line, "unit-ended", words, "Nêu đơn vị đang có hiệu lực trước ngày sắp xếp.")
    words = f"Không có đơn vị cấp {LEVEL_WORDS[level]} mang mã {code}."
    return Finding(line, "unit-unknown", words, "Xem lại mã và cấp: motcua unit MÃ.")


def _areas(view: View, taken: dict[int, list[tuple[Formation, Origin]]]) -> Iterator[Finding]:
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
    view: View, below: dict[int, list[int]], taken: dict[int, list[tuple[Formation, Origin]]]
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


def _across(view: View, taken: dict[int, list[tuple[Formation, Origin]]]) -> Iterator[Finding]:
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


def _rules(view: View, origin: Origin, number: int) -> Iterator[Finding]:
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


def _alterations(view: View) -> Iterator[Finding]:
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


def _abolitions(view: View) -> Iterator[Finding]:
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


def _names(view: View) -> Iterator[Finding]:
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


LOOKS = (_formations, _origins, _alterations, _abolitions, _names)
