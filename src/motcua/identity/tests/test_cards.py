"""What a scanner types from a card, and numbers as people type them."""

import unicodedata
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motcua.identity import api as identity
from motcua.identity.rules import (
    Card,
    Party,
    Role,
    Scope,
    looks_like_card,
    read_card,
    read_organisation_number,
    read_person_number,
)
from motcua.kernel.errors import NotAllowed, Permanent
from motcua.kernel.journal import api as journal

TYPED = "001190000017|012345678|Nguyễn Thị Đoan|17051990|Nữ|Thôn Đông, Tân Dân, An Lão, Hải Phòng|02012021"
READ = Card(
    number="001190000017",
    old_number="012345678",
    name="Nguyễn Thị Đoan",
    birth_date=date(1990, 5, 17),
    sex="nữ",
    address="Thôn Đông, Tân Dân, An Lão, Hải Phòng",
    issued_on=date(2021, 1, 2),
)
# The upper row of the keyboard under the Vietnamese layout of Windows.
ROW = str.maketrans("1234567890", "ăâêô\u0300\u0309\u0303\u0301\u0323đ")


@pytest.mark.parametrize(
    "typed",
    [
        TYPED,
        f"  {TYPED}\n",
        TYPED.replace("|", " | "),
        unicodedata.normalize("NFD", TYPED),
        TYPED + "||Nguyễn Văn A|Trần Thị B|",
        TYPED.replace("|", "¦"),
        TYPED.replace("17051990", "17/05/1990"),
        TYPED.encode().decode("latin-1"),
        "|".join(part.translate(ROW) if part.isdigit() else part for part in TYPED.split("|")),
    ],
    ids=["plain", "spaces", "spaced", "decomposed", "2024", "bars", "slashes", "bytes", "layout"],
)
def test_a_card_is_read_however_the_scanner_types_it(typed: str) -> None:
    assert read_card(typed) == READ
    assert looks_like_card(typed)


@pytest.mark.parametrize("change", [str.upper, str.lower, str.swapcase])
def test_a_name_in_the_wrong_case_gets_its_capitals(change: object) -> None:
    assert read_card(change(TYPED)).name == "Nguyễn Thị Đoan"  # type: ignore[operator]
    assert read_card(TYPED.replace("Nguyễn Thị Đoan", "H'Hen Niê")).name == "H'Hen Niê"


def test_an_old_number_may_be_empty_or_left_out() -> None:
    assert read_card(TYPED.replace("012345678", "")).old_number == ""
    assert read_card(TYPED.replace("012345678|", "")) == read_card(TYPED.replace("012345678", ""))


def test_what_the_scanner_lost_is_named_and_left_empty() -> None:
    card = read_card(TYPED.replace("ễ", "?").replace("17051990", "1990"))
    assert (card.name, card.birth_date, card.lost) == ("", None, ("name", "birth_date"))
    assert card.address == READ.address


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("001190000017|012345678|Nguyễn", "card-fields"),
        ("", "card-fields"),
        (TYPED.replace("012345678", "01234"), "card-old-number"),
        (TYPED.replace("17051990", "17051991"), "card-birth-date"),
        (TYPED.replace("Nữ", "Nam"), "card-sex"),
        (TYPED.replace("001190000017", "00119000001"), "number-length"),
        (TYPED.replace("001190000017", "00119000001x"), "number-signs"),
    ],
)
def test_a_card_that_can_not_be_read_says_why(typed: str, problem: str) -> None:
    with pytest.raises(Permanent) as raised:
        read_card(typed)
    assert raised.value.problem == problem
    assert raised.value.mend


@given(st.text(max_size=200))
def test_whatever_is_typed_is_read_or_refused_in_words(typed: str) -> None:
    for read in (read_card, read_person_number, read_organisation_number):
        with suppress(Permanent):
            read(typed)


def test_a_personal_number_tells_sex_and_year_of_birth() -> None:
    woman = read_person_number("001 190 000 017")
    assert (woman.number, woman.woman, woman.birth_year) == ("001190000017", True, 1990)
    child = read_person_number("079223000001")
    assert (child.woman, child.birth_year) == (False, 2023)
    assert read_person_number("000190000017"), "made-up people are born nowhere"
    assert read_person_number("231090000017"), "born abroad"


@pytest.mark.parametrize("number", ["0100109106", "0300588569-001", "0300588569001", "H26.101", "001190000017"])
def test_an_organisation_has_a_tax_number_or_an_identifier(number: str) -> None:
    assert read_organisation_number(f" {number.lower()} ").replace("-", "") == number.replace("-", "")


@pytest.mark.parametrize(
    ("number", "problem"),
    [("0100109107", "tax-number-check"), ("12345", "organisation-number"), ("", "organisation-number")],
)
def test_a_bad_number_of_an_organisation_says_why(number: str, problem: str) -> None:
    with pytest.raises(Permanent) as raised:
        read_organisation_number(number)
    assert raised.value.problem == problem


@pytest.mark.django_db
@pytest.mark.usefixtures("country")
def test_only_reception_of_its_own_agency_looks_a_person_up_and_each_look_is_kept() -> None:
    now = datetime(2026, 11, 22, 3, tzinfo=UTC)
    person = Party("citizen", "000190000017", "Nguyễn Thị Mai", phone="0900000017")
    asked: dict[str, Any] = {"kind": "citizen", "number": person.number, "agency_id": 1, "now": now}
    reception = Scope(caller=7, agencies=frozenset({1}), roles=frozenset({Role.RECEPTION}), name="account:7")
    assert identity.look_up_party(**asked, by=reception) is None
    [party] = identity.record_parties([person], now=now)
    assert identity.look_up_party(**asked, by=reception) == person
    for other in (replace(reception, roles=frozenset({Role.HANDLER})), replace(reception, agencies=frozenset({2}))):
        with pytest.raises(NotAllowed):
            identity.look_up_party(**asked, by=other)
    assert [(link.act, link.actor) for link in journal.chain(party)] == [("party.looked_up", "account:7")] * 2
