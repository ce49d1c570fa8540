"""What is wrong with the agencies of a plan, their identifiers, and the lines on who inherits."""

from collections.abc import Iterator
from typing import Any

from motcua.reorganisation.rules.plan import Finding, Office, Way
from motcua.reorganisation.rules.text import LEVEL_WORDS, WHAT_WORDS
from motcua.reorganisation.rules.view import Key, View
from motcua.units.rules import codes
from motcua.units.rules.values import AgencyKind, Scheme


def _offices(view: View) -> Iterator[Finding]:
    issued: dict[str, int] = {}
    slots: dict[tuple[Key, int], int] = {}
    kinds: dict[tuple[Key, AgencyKind, str], int] = {}
    there = view.there
    for number, row in there.agencies.items():
        if number not in view.ending_agencies and row[2] in there.codes:
            key = (there.levels[row[2]], there.codes[row[2]])
            kinds[key, AgencyKind(row[1]), row[3]] = 0
    for row in view.rows.agencies:
        if row[2] in there.codes and row[2] not in view.ending:
            # Also of agencies that ended: a number is somebody for ever.
            slots[(there.levels[row[2]], there.codes[row[2]]), row[0] % 100] = 0
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
    yield from _left_behind(view)


def _where(line: int) -> str:
    return f"ở dòng {line}" if line else "trong danh mục đang có hiệu lực"


def _identifiers(view: View, o: Office, issued: dict[str, int]) -> Iterator[Finding]:
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


def _closures(view: View) -> Iterator[Finding]:
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


def _left_behind(view: View) -> Iterator[Finding]:
    """Agencies that go on under one that ends."""
    there = view.there
    closed = {there.orgs[c.org]: c.line for c in view.plan.closures if c.org in there.orgs}
    formed = {view.unit(o.level, o.code): o.line for f in view.plan.formations for o in f.origins}
    for number, row in there.agencies.items():
        if row[5] in view.ending_agencies and number not in view.ending_agencies:
            above = there.agencies[row[5]]
            yield Finding(
                closed.get(row[5], formed.get(above[2], 0)),
                "agency-left",
                f"{row[4]} {view.name(row[2])} vẫn hoạt động, nhưng cơ quan cấp trên kết thúc.",
                "Đóng cơ quan này và lập lại dưới cơ quan cấp trên mới.",
            )


def _takeovers(view: View) -> Iterator[Finding]:
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


LOOKS = (_offices, _takeovers)
