"""What a person is told about a code."""

import json
from collections.abc import Callable
from datetime import date

import msgspec
import pytest

from motcua.kernel.errors import NotFound, Permanent
from motcua.units.commands import sentences
from motcua.units.rules.answer import DERIVED, Answer, answer
from motcua.units.rules.directory import Directory
from motcua.units.rules.values import Extent, Scheme

BEFORE = date(2025, 6, 30)
FIRST = date(2025, 7, 1)
TODAY = date(2026, 11, 22)

Ask = Callable[..., Answer]


@pytest.fixture
def ask(country: Directory) -> Ask:
    def asked(code: str, on: date = TODAY, scheme: str | None = None) -> Answer:
        return answer(country, code, on=on, today=TODAY, scheme=scheme)

    return asked


def test_a_ward_of_today_tells_what_it_is_and_was(ask: Ask) -> None:
    found = ask("25270")
    assert (found.name, found.type, found.province, found.province_name) == ("Lộc Ninh", "phường", "75", "Đồng Nai")
    assert (found.valid_from, found.valid_to, found.in_force) == (FIRST, None, True)
    assert [(p.code, p.name, p.type, p.extent, p.note, p.on) for p in found.predecessors] == [
        ("25270", "Lộc Ninh", "thị trấn", Extent.WHOLE, "Nhập toàn bộ", FIRST),
        ("25288", "Lộc Thuận", "xã", Extent.WHOLE, "Nhập toàn bộ", FIRST),
        ("25297", "Lộc Thái", "xã", Extent.WHOLE, "Nhập toàn bộ", FIRST),
    ]
    assert found.successors == found.today == ()
    assert found.certain


def test_the_type_is_that_of_the_day(ask: Ask) -> None:
    assert ask("25270", date(2026, 4, 29)).type == "xã"
    assert ask("25270", BEFORE).type == "thị trấn"


def test_a_closed_code_shows_its_last_holder_and_says_that_it_is_closed(ask: Ask) -> None:
    found = ask("00001")
    assert (found.name, found.valid_to, found.in_force, found.province) == ("Phúc Xá", BEFORE, False, "01")
    assert [r.code for r in found.successors] == [r.code for r in found.today] == ["00097"]
    text = "\n".join(sentences(found))
    assert "Mã đã đóng: hết hiệu lực sau ngày 30/06/2025" in text
    assert "00097 phường Hồng Hà" in text


def test_a_code_in_force_on_the_day_wins_over_an_earlier_holder(ask: Ask) -> None:
    assert ask("00004").name == "Ba Đình"
    assert ask("00004", BEFORE).name == "Trúc Bạch"


def test_a_split_commune_gets_every_candidate_and_the_text_says_that_the_address_decides(ask: Ask) -> None:
    found = ask("00007")
    assert [(r.code, r.extent, r.note) for r in found.successors] == [
        ("00008", Extent.PART, "Nhập một phần"),
        ("00025", Extent.PART, "Nhập một phần"),
    ]
    assert not found.certain
    assert "Địa chỉ cụ thể quyết định" in "\n".join(sentences(found))


def test_an_abolished_district_says_that_its_successors_are_derived(ask: Ask) -> None:
    found = ask("001")
    assert found.type == "quận"
    assert all(r.note == DERIVED for r in found.successors)
    assert not found.certain
    assert "\n".join(sentences(found)).count(DERIVED) == 1


def test_an_identifier_answers_with_the_agency_and_the_past_of_its_unit(ask: Ask) -> None:
    found = ask("H05")
    assert (found.type, found.name) == ("peoples_committee", "Ủy ban nhân dân thành phố Bắc Ninh")
    assert [(r.code, r.name) for r in found.predecessors] == [("24", "Bắc Giang"), ("27", "Bắc Ninh")]
    assert not found.made


def test_the_identifier_of_a_dissolved_province_leads_to_the_new_one(ask: Ask) -> None:
    found = ask("H02")
    assert not found.in_force
    assert [(r.code, r.org) for r in found.successors] == [("24", "H05")]


def test_an_identifier_made_by_rule_is_marked_and_said_to_be(ask: Ask) -> None:
    found = ask("H29.101.01")
    assert found.made
    assert found.unit.code == "25747"
    assert "Mã này do phần mềm đặt" in "\n".join(sentences(found))


def test_both_forms_of_an_identifier_lead_to_the_same_agency(ask: Ask) -> None:
    assert ask("000.00.00.H29").name == ask("H29").name
    assert ask("101.00.99.H29", scheme="org102").name == ask("H29.101", scheme="org").name


@pytest.mark.parametrize(
    ("code", "scheme", "problem"),
    [
        ("99999", None, "code-unknown"),
        ("25270", "org", "code-unknown"),
        ("H29", "area", "code-unknown"),
        ("G22", None, "code-unknown"),
        ("Lộc Ninh", None, "code-malformed"),
        ("", None, "code-malformed"),
        ("25270", "qr", "scheme-unknown"),
    ],
)
def test_what_is_no_code_is_refused_in_words(ask: Ask, code: str, scheme: str | None, problem: str) -> None:
    with pytest.raises(Permanent) as refused:
        ask(code, scheme=scheme)
    assert refused.value.problem == problem
    assert refused.value.detail.endswith(".")


def test_an_unknown_code_is_not_found(ask: Ask) -> None:
    with pytest.raises(NotFound):
        ask("99999")


def test_a_code_asked_for_before_it_was_given_says_when_it_begins(ask: Ask) -> None:
    found = ask("H29.101", date(2020, 1, 1))
    assert not found.in_force
    assert "chưa có hiệu lực, bắt đầu từ ngày 01/07/2025" in "\n".join(sentences(found))


def test_every_code_of_the_country_can_be_told_on_every_side_of_the_reform(country: Directory) -> None:
    for unit in list(country.units())[::37]:
        for on in (date(1900, 1, 1), BEFORE, FIRST, TODAY, date(2100, 1, 1)):
            found = answer(country, unit.code, on=on, today=TODAY)
            assert found.code == unit.code
            assert json.loads(msgspec.json.encode(found))["scheme"] == Scheme.AREA
            assert len(list(sentences(found))) >= 2
