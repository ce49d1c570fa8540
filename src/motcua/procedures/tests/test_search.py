"""What citizens type, and what they should find first."""

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motcua.kernel.text import fold
from motcua.procedures import packaged
from motcua.procedures.rules.search import Entry, Index


@cache
def index() -> Index:
    return Index(
        [
            Entry(d.code, d.name, d.field, bool(d.body.get("curated")), "commune" in d.body["levels"])
            for d in packaged.drafts()
        ]
    )


def found(words: str, limit: int = 5) -> list[str]:
    drafts = packaged.drafts()
    return [drafts[number].code for number, _ in index().find(words, limit)]


BIRTH, MARRIAGE, DEATH, SINGLE = "1.001193", "1.000894", "1.000656", "1.004873"
COPY, SIGNATURE, STAY, HOME, SHOP = "2.000815", "2.000884", "1.004194", "1.004222", "1.001612"


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("khai sinh", BIRTH),
        ("khai sinh cho con", BIRTH),
        ("khaisinh", BIRTH),
        ("khaisinh cho con", BIRTH),
        ("KHAI SINH", BIRTH),
        ("Đăng ký khai sinh", BIRTH),
        ("làm giấy khai sinh cho bé", BIRTH),
        ("dang ky khai sinh cho tre em bi bo roi", BIRTH),
        ("khai snih", BIRTH),
        ("mất giấy khai sinh", "1.004884"),
        ("dang ky lai khai sinh", "1.004884"),
        ("khai sinh lưu động", "1.003583"),
        ("dang ky ket hon", MARRIAGE),
        ("đăng kí kết hôn", MARRIAGE),
        ("dangkykethon", MARRIAGE),
        ("ket hon voi nguoi nuoc ngoai", "2.000806"),
        ("khai tu", DEATH),
        ("bao tu cho bo", DEATH),
        ("giấy chứng tử", DEATH),
        ("xac nhan doc than", SINGLE),
        ("giấy độc thân", SINGLE),
        ("tình trạng hôn nhân", SINGLE),
        ("chung thuc ban sao", COPY),
        ("sao y bản chính", COPY),
        ("công chứng bản sao", COPY),
        ("chung thuc chu ky", SIGNATURE),
        ("tam tru", STAY),
        ("tamtru", STAY),
        ("dang ky tam tru", STAY),
        ("thường trú", HOME),
        ("nhập hộ khẩu", HOME),
        ("mở cửa hàng", SHOP),
        ("dang ky ho kinh doanh", SHOP),
        ("giay phep kinh doanh", SHOP),
        ("chấm dứt hộ kinh doanh", "1.001266"),
        ("lam passport", "1.001456"),
        ("thay doi ho ten", "1.004859"),
        ("tam vang", "1.003677"),
        ("tách hộ", "1.010038"),
        ("giám hộ", "1.004837"),
        ("xác nhận cư trú", "1.010041"),
        ("hòa giải tranh chấp đất đai", "1.012812"),
        ("1.001193", BIRTH),
        ("1001193", BIRTH),
    ],
)
def test_the_procedure_that_is_meant_comes_first(words: str, first: str) -> None:
    assert found(words, 1) == [first]


@pytest.mark.parametrize("words", ["", "   ", "zzzzqq", "!!!", "…", "9.999999"])
def test_what_nothing_fits_finds_nothing(words: str) -> None:
    assert found(words) == []


def test_a_curated_procedure_is_found_by_its_own_name_with_and_without_marks() -> None:
    for draft in packaged.drafts():
        if draft.body.get("curated"):
            assert found(draft.name, 1) == [draft.code]
            assert found(fold(draft.name), 1) == [draft.code]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_anything_may_be_typed(words: str) -> None:
    scores = [score for _, score in index().find(words, 10)]
    assert scores == sorted(scores, reverse=True)
    assert all(score > 0 for score in scores)
