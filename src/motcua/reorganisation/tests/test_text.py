"""A plan is written and read without loss, and what can't be read is said with its line."""

import string
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motcua.kernel.errors import Permanent
from motcua.reorganisation.rules.plan import (
    Abolition,
    Alter,
    Alteration,
    Closure,
    Decider,
    Formation,
    Inherited,
    Office,
    Origin,
    PartRule,
    Plan,
    Takeover,
    Task,
    Way,
)
from motcua.reorganisation.rules.text import TASKS, TITLES, digest, read, write
from motcua.reorganisation.tests.conftest import PLAN
from motcua.units.rules.package import TYPES
from motcua.units.rules.values import AgencyKind, Extent, Level

LETTERS = string.ascii_letters + string.digits + "ăâđêôơưàáạảãềệịọủữ/.;"
word = st.text(LETTERS, min_size=1, max_size=8)
words = st.lists(word, min_size=1, max_size=3).map(" ".join)
sources = st.one_of(st.just(""), words)
code = st.text(string.digits, min_size=1, max_size=6)
org = st.from_regex(r"[A-Y]\d\d(\.[A-Z0-9]{1,3}){0,2}", fullmatch=True)
degrees = st.floats(-90, 90, allow_nan=False)
numbers = st.one_of(st.none(), st.integers(0, 9999))
levels = st.sampled_from(Level)

rules = st.one_of(
    st.builds(PartRule, st.just(0), st.just(Decider.HAMLET), words),
    st.builds(PartRule, st.just(0), st.just(Decider.FORMER), code),
    st.builds(PartRule, st.just(0), st.just(Decider.ADDRESS), words, numbers, numbers, st.sampled_from([None, 0, 1])),
    st.builds(
        PartRule,
        st.just(0),
        st.just(Decider.POINT),
        ring=st.lists(st.tuples(degrees, degrees), min_size=1, max_size=4).map(tuple),
    ),
)
origins = st.builds(
    Origin,
    st.just(0),
    levels,
    code,
    st.sampled_from(Extent),
    st.one_of(st.just(""), words),
    st.lists(rules, max_size=2).map(tuple),
    st.one_of(st.just(""), words),
)
formations = levels.flatmap(
    lambda level: st.builds(
        Formation,
        st.just(0),
        st.just(level),
        code,
        words,
        st.sampled_from(sorted(TYPES[level])),
        sources,
        st.one_of(st.just(""), code),
        sources,
        sources,
        st.lists(origins, max_size=3).map(tuple),
    )
)
alterations = st.one_of(
    st.builds(Alteration, st.just(0), st.just(Alter.NAME), levels, code, words, sources, sources, sources),
    st.builds(Alteration, st.just(0), st.just(Alter.TYPE), levels, code, words, sources, st.just(""), sources),
    st.builds(Alteration, st.just(0), st.just(Alter.PARENT), levels, code, code, sources, st.just(""), sources),
)
offices = st.sampled_from(AgencyKind).flatmap(
    lambda kind: st.builds(
        Office,
        st.just(0),
        st.one_of(st.just(""), org),
        st.one_of(st.just(""), org),
        st.just(kind),
        st.one_of(st.just(TITLES[kind]), words),
        sources,
        levels,
        code,
        st.integers(1, 99),
        st.one_of(st.just(""), org),
        st.booleans(),
        sources,
    )
)
kinds, tiers = st.one_of(st.none(), st.sampled_from(AgencyKind)), st.one_of(st.none(), levels)
whats = st.sampled_from(Inherited)
ways = st.sampled_from([Way.RESIDENCE, Way.SAME_OFFICE, Way.PERSON])
takeovers = st.one_of(
    st.builds(Takeover, st.just(0), whats, ways, sources, kinds, tiers),
    st.builds(Takeover, st.just(0), whats, ways, sources, org=org),
    st.builds(Takeover, st.just(0), whats, st.just(Way.NAMED), sources, org=org, to=org),
)
tasks = st.builds(
    Task, st.just(0), st.sampled_from(sorted(TASKS.values())), words, st.one_of(st.none(), st.integers(0, 999)), sources
)
moments = st.integers(0, 10_000_000).map(lambda minutes: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))


def some(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(strategy, max_size=3).map(tuple)


plans = st.builds(
    Plan,
    word,
    words,
    words,
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    moments,
    moments,
    some(formations),
    some(alterations),
    some(st.builds(Abolition, st.just(0), levels, sources)),
    some(offices),
    some(takeovers),
    some(st.builds(Closure, st.just(0), org, sources)),
    some(tasks),
    some(words),
)


@settings(max_examples=40)
@given(plans)
def test_whatever_is_written_is_read_back_and_written_the_same_again(plan: Plan) -> None:
    text = write(plan)
    again, findings = read(text)
    assert findings == ()
    assert again == plan
    assert write(again) == text


def test_a_canonical_text_is_written_as_it_stands_and_each_value_knows_its_line() -> None:
    plan, findings = read(PLAN)
    assert findings == ()
    assert plan is not None
    assert write(plan) == PLAN
    lines = PLAN.split("\n")
    for formation in plan.formations:
        assert lines[formation.line - 1].split()[3] == formation.code
        for origin in formation.origins:
            assert lines[origin.line - 1].lstrip().startswith(f"từ cấp xã {origin.code}")
            assert all("đường" in lines[r.line - 1] for r in origin.rules if r.by == Decider.ADDRESS)
    assert lines[plan.lines["undo_until"] - 1].startswith("hoàn tác đến")
    assert plan.on == date(2027, 1, 1)


def test_remarks_and_spaces_change_nothing_but_the_digest() -> None:
    spaced = PLAN.replace("[cơ quan]", "\n# cơ quan mới\n  [cơ quan]").replace("      ", "\t")
    assert read(spaced)[0] == read(PLAN)[0]
    assert digest(spaced) != digest(PLAN)


# What is written instead of what, the finding, and what stands in its line ("" is the whole file).
BROKEN = [
    ("hiệu lực: 2027-01-01 00:00\n", "", "head-missing", ""),
    ("tên: Sắp xếp tỉnh An và tỉnh Bình", "tên:", "head-missing", "tên:"),
    ("tên: Sắp xếp", "tên: A\ntên: Sắp xếp", "head-twice", "tên: Sắp xếp"),
    ("tên: Sắp xếp", "chủ đề: Sắp xếp", "words-unknown", "chủ đề"),
    ("hiệu lực: 2027-01-01 00:00", "hiệu lực: 1/1/2027", "date-form", "hiệu lực"),
    ("ngày 2026-11-20", "ngày 2026-11-31", "date-form", "2026-11-31"),
    ("[kế thừa]", "[thừa kế]", "section-unknown", "[thừa kế]"),
    ("giải thể cấp huyện |", "xóa bỏ cấp huyện |", "words-unknown", "xóa bỏ"),
    ("[cơ quan]", "lập ủy ban nhân dân cấp xã 00001 số 1 | mã H01.101\n[cơ quan]", "section-wrong", "mã H01.101"),
    ("phường Một | Mot", "khu phố Một | Mot", "type-unknown", "khu phố"),
    ("| Mot | thuộc 01 | Nghị quyết 1/NQ-UBTVQH16", "| Mot", "fields-missing", "phường Một"),
    ("(xã Một) toàn bộ", "(xã Một) toàn bộ | a | b", "fields-many", "| a | b"),
    ("chia cấp xã 00003", "nhập cấp xã 00003", "verb-wrong", "nhập cấp xã 00003"),
    ("mã theo: Quyết định 19", "thôn: Nam\nmã theo: Quyết định 19", "rule-alone", "thôn: Nam"),
    ("mã theo: Quyết định 19", "từ cấp xã 00001 toàn bộ\nmã theo: Quyết định 19", "origin-alone", "từ cấp xã 00001"),
    ("số 1–99 lẻ", "nhà 1–99 lẻ", "numbers-form", "nhà 1–99"),
    ("tọa độ: 106.0 10.0", "tọa độ: 10", "point-form", "tọa độ: 10,"),
    ("mã tự đặt theo: quy tắc của motcua\n", "", "source-missing", "lập ủy ban nhân dân cấp xã 00001"),
    ("chuyển về H01.101 |", "giao cho H01.101 |", "words-unknown", "giao cho"),
    (" | Nghị quyết 2/2026/QH16", "", "source-missing", "đổi loại hình"),
    ("| trong 15 ngày |", "| sớm |", "due-form", "| sớm |"),
    ("trực thuộc H01\n", "dưới quyền H01\n", "words-unknown", "dưới quyền"),
]


@pytest.mark.parametrize(
    ("what", "instead", "kind", "there"), BROKEN, ids=[f"{b[2]}-{n}" for n, b in enumerate(BROKEN)]
)
def test_what_cannot_be_read_is_named_with_its_line(what: str, instead: str, kind: str, there: str) -> None:
    assert what in PLAN
    broken = PLAN.replace(what, instead, 1)
    plan, findings = read(broken)
    assert plan is None
    found = next(finding for finding in findings if finding.kind == kind)
    assert found.words
    assert found.mend
    lines = ["", *broken.split("\n")]
    assert lines[found.line].strip().startswith(there) or there in lines[found.line]
    assert (found.line == 0) == (there == "")


def test_a_value_that_would_break_the_line_is_refused_before_it_is_written(plan: Plan) -> None:
    for title in ("một|hai", "một\nhai", " một", "mo\u0323t"):
        with pytest.raises(Permanent, match="không viết được"):
            write(replace(plan, title=title))
