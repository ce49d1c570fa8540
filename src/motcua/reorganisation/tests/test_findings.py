"""Each kind of broken plan has its finding, at its line, and one that is right has none."""

from collections.abc import Iterator, Sequence
from datetime import date

import pytest

from motcua.reorganisation.rules.findings import check
from motcua.reorganisation.rules.text import read
from motcua.reorganisation.tests.conftest import PLAN
from motcua.units.rules.directory import Directory, Rows
from motcua.units.rules.values import AgencyKind, Unit


def test_a_plan_that_is_right_has_no_finding(small: Rows) -> None:
    assert kinds(PLAN, small) == []


def kinds(text: str, rows: Rows) -> list[tuple[str, int]]:
    plan, findings = read(text)
    assert findings == ()
    assert plan is not None
    return [(finding.kind, finding.line) for finding in check(plan, rows)]


COMMITTEE = "lập ủy ban nhân dân cấp xã 00001 số 1 | mã H01.101 | mã cũ 101.00.99.H01 | trực thuộc H01"
WARD = PLAN[PLAN.index("nhập cấp xã 00001") : PLAN.index("chia cấp xã 00003")]
ALONE = "kế tục cấp xã 00001 phường Một | Mot | thuộc 01 | Nghị quyết 1\n  từ cấp xã 00001 toàn bộ\n"
CENTRE = "lập trung tâm phục vụ hành chính công cấp xã 00001 số 2"
AGAIN = "đóng cơ quan H02.199 | QĐ\nlập ủy ban nhân dân cấp xã 00103 số 1 | mã H02.198 | trực thuộc H02\n\n[kế thừa]"
LAST = "thẩm quyền của ủy ban nhân dân cấp huyện"

# What is written instead of what; the finding; what stands in its line ("" is the whole plan).
BROKEN = [
    ("kế hoạch: 2027-01-01", "kế hoạch: 2027-01-02", "name-differs", "kế hoạch"),
    ("ngày 2026-11-20", "ngày 2027-01-02", "effect-before-resolution", "hiệu lực"),
    ("hoàn tác đến: 2027-01-16", "hoàn tác đến: 2026-12-31", "undo-before-effect", "hoàn tác đến"),
    ("nhập cấp xã 00001", "nhập cấp xã 0001", "code-form", "nhập cấp xã 0001 "),
    ("nhập cấp xã 00004", "nhập cấp xã 00003", "code-twice", "nhập cấp xã 00003"),
    ("nhập cấp xã 00004", "nhập cấp xã 00002", "code-foreign", "nhập cấp xã 00002"),
    ("nhập cấp xã 00004", "nhập cấp xã 00009", "code-closed", "nhập cấp xã 00009"),
    ("nhập cấp xã 00004", "nhập cấp xã 00103", "code-held", "nhập cấp xã 00103"),
    (WARD, ALONE, "child-left", "giải thể cấp huyện"),
    ("phường Một | Mot", "thị xã Một | Mot", "type-level", "thị xã Một"),
    ("Mot | thuộc 01", "Mot | thuộc 03", "parent-unknown", "thuộc 03"),
    ("Mot | thuộc 01", "Mot | thuộc 001", "parent-unknown", "thuộc 001"),
    ("Mot | thuộc 01", "Mot", "parent-missing", "phường Một"),
    ("00002 (xã Hai) toàn bộ", "00077 toàn bộ", "unit-unknown", "00077"),
    ("00002 (xã Hai) toàn bộ", "00009 toàn bộ", "unit-ended", "00009"),
    ("00002 (xã Hai) toàn bộ", "00002 (xã Bốn) toàn bộ", "name-other", "xã Bốn"),
    ("00002 (xã Hai) toàn bộ", "00001 toàn bộ", "origin-twice", "00001 toàn bộ"),
    ("  từ cấp xã 00004 (xã Tư)", "  từ cấp xã 00002 (xã Hai)", "area-twice", "00002 (xã Hai)"),
    ("00003 (xã Ba) một phần | phần còn lại\n", "00003 (xã Ba) toàn bộ\n", "area-twice", "00003 (xã Ba) một phần"),
    ("00002 (xã Hai) toàn bộ", "00002 (xã Hai) một phần", "area-left", "00002"),
    ("(xã Một) toàn bộ\n", "(xã Một) toàn bộ\n    thôn: Nam\n", "rule-idle", "thôn: Nam"),
    ("thôn: Tây", "thôn: đông", "rules-overlap", "thôn: đông"),
    ("số 2–98 chẵn", "từ số 90", "rules-overlap", "từ số 90"),
    ("106.1 10.0, 106.2 10.0", "106.05 10.0, 106.2 10.0", "rules-overlap", "106.05"),
    ("106.1 10.0, 106.2 10.0, 106.2 10.1, 106.1 10.1", "106.3 10.0, 106.4 10.0", "ring-open", "106.3"),
    ("số 1–99 lẻ", "số 99–1 lẻ", "numbers-order", "số 99–1"),
    ("thôn: Tây", "đơn vị cũ: 00008", "former-unknown", "đơn vị cũ"),
    ("Mot | thuộc 01", "Mot | thuộc 02", "across-provinces", "00001 (xã Một)"),
    ("xã Ba | Ba | thuộc 01", "xã Tư | Ba | thuộc 01", "name-twice", "nhập cấp xã 00004"),
    ("(tỉnh An) thành thành phố", "(tỉnh An) thành phường", "type-level", "thành phường"),
    ("(tỉnh An) thành thành phố", "(tỉnh An) thành tỉnh", "altered-nothing", "thành tỉnh"),
    ("đổi loại hình cấp tỉnh 01", "đổi loại hình cấp xã 00001", "altered-ends", "đổi loại hình"),
    ("đổi loại hình cấp tỉnh 01 (tỉnh An)", "đổi loại hình cấp tỉnh 03", "unit-unknown", "cấp tỉnh 03"),
    ("giải thể cấp huyện", "giải thể cấp tỉnh", "tier-needed", "giải thể cấp tỉnh"),
    (f"{COMMITTEE}\n", "", "committee-missing", "nhập cấp xã 00001"),
    ("mã H01.102 | mã cũ", "mã cũ", "identifier-missing", "cấp xã 00003 số 1"),
    ("mã H01.102 |", "mã H1.102 |", "identifier-form", "cấp xã 00003 số 1"),
    ("mã H01.102 |", "mã H01.101 |", "identifier-twice", "cấp xã 00003 số 1"),
    ("mã H01.102 |", "mã H02 |", "identifier-held", "cấp xã 00003 số 1"),
    ("mã H01.102 |", "mã H01.301.02 |", "identifier-foreign", "cấp xã 00003 số 1"),
    ("mã H01.102 |", "mã H01.301.09 |", "identifier-closed", "cấp xã 00003 số 1"),
    ("cấp xã 00003 số 1", "cấp xã 00002 số 1", "office-homeless", "cấp xã 00002 số 1"),
    (CENTRE, "lập ủy ban nhân dân cấp xã 00001 số 2", "office-twice", "số 2"),
    ("hành chính công cấp xã 00001 số 2", "hành chính công cấp xã 00001 số 1", "slot-twice", "hành chính công"),
    ("mã cũ 102.00.99.H01 | trực thuộc H01", "trực thuộc H01.301", "office-parent", "trực thuộc H01.301"),
    ("thẩm quyền của mọi cơ quan", LAST, "heirs-two", "cùng loại | Nghị quyết 190"),
    ("chuyển về H01.101", "chuyển về H02.301", "heir-ends", "chuyển về H02.301"),
    ("chuyển về H01.101", "chuyển về H09", "agency-unknown", "chuyển về H09"),
    ("của cơ quan H01.301", "của cơ quan H01", "heir-needless", "của cơ quan H01:"),
    ("giấy tờ, sổ của mọi cơ quan: cơ quan cùng loại | Nghị quyết 190/2025/QH15\n", "", "heir-missing", ""),
    ("[kế thừa]", "đóng cơ quan H01.301 | QĐ\n\n[kế thừa]", "closure-needless", "đóng cơ quan"),
    ("[kế thừa]", "đóng cơ quan H03 | QĐ\n\n[kế thừa]", "agency-unknown", "đóng cơ quan"),
    ("[kế thừa]", "đóng cơ quan H02 | QĐ\n\n[kế thừa]", "agency-left", "đóng cơ quan"),
    ("[kế thừa]", AGAIN, "slot-twice", "cấp xã 00103 số 1"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "instead", "kind", "there"), BROKEN, ids=[f"{b[2]}-{n}" for n, b in enumerate(BROKEN)]
)
def test_what_is_wrong_is_found_at_its_line(small: Rows, what: str, instead: str, kind: str, there: str) -> None:
    assert what in PLAN
    broken = PLAN.replace(what, instead, 1)
    lines = ["", *broken.split("\n")]
    found = [lines[line] for name, line in kinds(broken, small) if name == kind]
    assert found, kinds(broken, small)
    assert any(line == there if not there else there in line for line in found), found


def test_a_plan_of_the_past_is_refused_on_a_directory_that_went_on(small: Rows) -> None:
    early = PLAN.replace("2027-01-01", "2019-06-01").replace("2026-11-20", "2019-05-01")
    later = Rows(
        small.units,
        [(*r[:1], date(2020, 1, 1), *r[2:]) if r[0] == 101 else r for r in small.periods],
        small.agencies,
        small.identifiers,
        small.successions,
    )
    assert "effect-before-change" in {kind for kind, _ in kinds(early, later)}


def test_a_new_unit_where_nobody_resolves_a_procedure_is_found(small: Rows) -> None:
    def asked(directory: Directory, units: Sequence[Unit], on: date) -> Iterator[tuple[Unit, str]]:
        for unit in units:
            if directory.agency_of(unit.id, AgencyKind.SERVICE_CENTRE, on) is None:
                yield unit, "không ai giải quyết thủ tục 1.000001."

    plan, _ = read(PLAN)
    assert plan is not None
    found = check(plan, small, unresolved=asked)
    assert [finding.kind for finding in found] == ["procedure-unresolved"] * 3
    assert [PLAN.split("\n")[finding.line - 1].split()[3] for finding in found] == ["00003", "00004", "00101"]
