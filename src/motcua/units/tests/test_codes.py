"""Forms of codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motcua.units.rules import codes
from motcua.units.rules.values import Level, Scheme


@pytest.mark.parametrize(
    ("code", "scheme"),
    [
        ("79", Scheme.AREA),
        ("001", Scheme.AREA),
        ("00004", Scheme.AREA),
        ("H29", Scheme.ORG),
        ("H29.101.01", Scheme.ORG),
        ("G12.18.112.001", Scheme.ORG),
        ("000.00.00.H29", Scheme.ORG102),
        ("101.01.99.H29", Scheme.ORG102),
        ("0001", None),
        ("123456", None),
        ("Z01.X", None),
        ("h29", None),
        ("H29.", None),
        ("", None),
        ("７９", None),
        ("79\n", None),
    ],
)
def test_the_form_of_a_code_says_in_which_list_it_stands(code: str, scheme: Scheme | None) -> None:
    assert codes.scheme_of(code) == scheme


@given(st.text(max_size=80))
def test_no_text_is_too_odd_to_be_looked_at(text: str) -> None:
    assert codes.scheme_of(text) in {None, *Scheme}


@given(st.sampled_from(["H01", "H29", "H63"]), st.integers(0, 400))
def test_made_identifiers_have_the_forms_of_their_lists(org: str, place: int) -> None:
    made = (codes.commune(org, place), codes.commune_centre(org, place), codes.department(org, "001"))
    for left, right in made:
        assert codes.scheme_of(left) == Scheme.ORG
        assert codes.scheme_of(right) == Scheme.ORG102
        assert len(left) <= 35  # Quyết định 20/2020/QĐ-TTg art. 4
    assert len({both for pair in made for both in pair}) == 6


def test_made_identifiers_of_a_province_never_meet() -> None:
    made = [
        *(codes.commune("H29", place) for place in range(168)),
        *(codes.commune_centre("H29", place) for place in range(168)),
        *(codes.department("H29", f"{n:03}") for n in range(1, 100)),
    ]
    for form in (0, 1):
        assert len({pair[form] for pair in made}) == len(made)


@pytest.mark.parametrize(("code", "level"), [("79", Level.PROVINCE), ("001", Level.DISTRICT), ("00004", Level.COMMUNE)])
def test_the_width_of_an_area_code_says_its_level(code: str, level: Level) -> None:
    assert codes.level_of(code) == level
