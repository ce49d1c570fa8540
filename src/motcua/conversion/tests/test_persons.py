"""The same person in several systems: suggested with reasons, decided by a clerk, taken back to the letter."""

import csv
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from motcua.conversion import api as conversion
from motcua.conversion.models import Person, Suggestion
from motcua.conversion.persons.matching import likenesses
from motcua.conversion.persons.rules import COLUMNS, survivor_of
from motcua.conversion.tests.support_made_up import made, people_of
from motcua.dossiers import api as dossiers
from motcua.dossiers.tests.support import COMMUNE, NEIGHBOUR, NOW, ON, application, filing, office, place
from motcua.identity import api as identity
from motcua.kernel.errors import NotAllowed, NotFound
from motcua.kernel.journal import api as journal

NEW, OLD = "000199000001", "000199123"
NAMES = [column.split()[0] for column in COLUMNS.split(", ")]


def test_suggestions_find_made_up_people_again_and_join_few_strangers(tmp_path: Path) -> None:
    """Against the truth of the made-up systems, whose faults are planted, not collected."""
    people = tmp_path / "people.csv"
    truth = people_of(made(tmp_path / "old", rows=8_000), people)
    by_person: dict[int, list[str]] = {}
    for party, person in truth.items():
        by_person.setdefault(person, []).append(party)
    pairs = sum(len(parties) * (len(parties) - 1) // 2 for parties in by_person.values())
    found = likenesses(people)
    right = sum(truth[str(one.party)] == truth[str(one.survivor)] for one in found)
    precision, recall = right / len(found), right / pairs
    print(f"{pairs} pairs, {len(found)} suggested: precision {precision:.4f}, recall {recall:.4f}")
    assert pairs > 300
    assert precision >= 0.98
    assert recall >= 0.95
    assert all(one.probability >= 0.5 and one.reasons for one in found)


def compared(folder: Path, *rows: tuple[Any, ...]) -> list[Any]:
    """What is suggested of these people, among a crowd that gives the frequencies."""
    crowd = [
        ("A", str(UUID(int=n)), f"000199{n:06d}", "", f"Nguyễn Văn {chr(65 + n % 26)}{chr(97 + n // 26 % 26)}h",
         f"19{50 + n % 50}-{1 + n % 12:02d}-{1 + n % 28:02d}", f"0001{n:06d}", n % 50)
        for n in range(1, 600)
    ]  # fmt: skip
    path = folder / "people.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([NAMES, *crowd, *rows])
    ours = {UUID(row[1]) for row in rows}
    return [one for one in likenesses(path) if {one.party, one.survivor} <= ours]


def test_a_changed_number_and_a_swapped_day_are_told_as_reasons(tmp_path: Path) -> None:
    first, second = str(UUID(int=1001)), str(UUID(int=1002))
    [one] = compared(
        tmp_path,
        ("A", first, "000185000001", "", "Trịnh Bích Quyên", "1985-03-11", "0000000001", 7),
        ("B", second, "", "000000001", "Trinh Bich Quyen", "1985-11-03", "0000000001", 7),
    )
    assert {field: level for field, level, _weight in one.reasons} == {
        "name": "exact", "birth_date": "swapped", "phone": "exact", "area": "exact",
    }  # fmt: skip
    assert (one.party, one.survivor) == (UUID(second), UUID(first))  # the personal number is what is kept
    assert one.probability > 0.9


def test_two_personal_numbers_are_two_people_however_alike(tmp_path: Path) -> None:
    alike = ("Trịnh Bích Quyên", "1985-03-11", "0000000001", 7)
    assert not compared(
        tmp_path,
        ("A", str(UUID(int=1001)), "000185000001", "", *alike),
        ("B", str(UUID(int=1002)), "000185000002", "", *alike),
    )


def test_the_survivor_is_the_one_with_a_personal_number_then_the_older_id() -> None:
    low, high = UUID(int=1), UUID(int=2)
    assert survivor_of({high: NEW}, (low, high)) == (low, high)
    assert survivor_of({}, (high, low)) == (high, low)


@pytest.fixture
def pair(country: None) -> Suggestion:
    """Two parties with a dossier each, as two systems wrote them, and a suggestion that they are one."""
    area = place(COMMUNE).unit.id
    people = [
        Person(system="A", number=NEW, old_number="", name="Phạm Thị Bí Mật", run="A-1", file=0, row=12),
        Person(system="B", number="", old_number=OLD, name="Pham Thi Bi Mat", run="B-1", file=0, row=40),
    ]
    for person in people:
        person.party = identity.party_id("citizen", person.number or person.old_number)
        person.kind, person.birth_date, person.phone, person.email = "citizen", ON.replace(year=1990), "", ""
        person.address, person.area = "số 1", area
        person.save(force_insert=True)
        made = application(number=person.number or person.old_number, name=person.name)
        receipts = dossiers.file([filing(made)])
        assert isinstance(receipts[0], dossiers.Receipt)
    return Suggestion.objects.create(
        party=people[1].party, survivor=people[0].party, probability=0.97, areas=[area], suggested_at=NOW,
        reasons=[["name", "exact", 9.5], ["birth_date", "exact", 14.1], ["phone", "else", -1.0]],
    )  # fmt: skip


def clerk(code: str = COMMUNE) -> identity.Scope:
    return office(code)


def content() -> list[Any]:
    """Everything that the database says of parties, dossiers and where they came from."""
    found: list[Any] = []
    with connection.cursor() as cursor:
        for table, order in (
            ("identity_party", "id"), ("identity_sameparty", "party"), ("dossiers_dossier", "id"),
            ("dossiers_steprow", "dossier, n"), ("conversion_person", "system, party"),
        ):  # fmt: skip
            cursor.execute(f"SELECT t::text FROM {table} t ORDER BY {order}")
            found.append((table, cursor.fetchall()))
    return found


def dossiers_of(party: UUID) -> int:
    return len(dossiers.of_party(identity.Scope(party=party, merged=identity.merged_with(party)), now=NOW))


def decide(pair: Suggestion, decision: conversion.Decision, scope: identity.Scope | None = None) -> int:
    return conversion.decide([conversion.Decided(pair.id, decision)], scope=scope or clerk(), now=NOW)


def test_one_person_has_the_dossiers_of_both_and_apart_each_is_as_before_to_the_letter(pair: Suggestion) -> None:
    before = content()
    assert (dossiers_of(pair.survivor), dossiers_of(pair.party)) == (1, 1)
    assert decide(pair, conversion.Decision.SAME) == 1
    assert decide(pair, conversion.Decision.SAME) == 0
    assert (dossiers_of(pair.survivor), dossiers_of(pair.party)) == (2, 2)
    assert [rows for rows in content() if rows[0] != "identity_sameparty"] == [
        rows for rows in before if rows[0] != "identity_sameparty"
    ]
    assert decide(pair, conversion.Decision.OPEN) == 1
    assert content() == before
    assert (dossiers_of(pair.survivor), dossiers_of(pair.party)) == (1, 1)
    told = [link.act for link in journal.chain(pair.party)]
    assert [act for act in told if act in ("party.merged", "party.parted")] == ["party.merged", "party.parted"]


def test_a_dossier_of_the_merged_party_concerns_the_person_and_nobody_else(pair: Suggestion) -> None:
    [theirs] = dossiers.of_party(identity.Scope(party=pair.party), now=NOW)

    def known(party: UUID) -> bool:
        scope = identity.Scope(party=party, merged=identity.merged_with(party))
        return bool(dossiers.standings([theirs.code], scope=scope))

    assert not known(pair.survivor)
    decide(pair, conversion.Decision.SAME)
    assert known(pair.survivor)
    assert not known(identity.party_id("citizen", "001090000099"))


def test_three_records_of_one_person_come_together_and_part_one_by_one(pair: Suggestion) -> None:
    third = identity.party_id("citizen", "000199124")
    identity.merge_parties([(third, pair.party)], now=NOW, by=clerk())
    decide(pair, conversion.Decision.SAME)
    assert identity.merged_with(pair.survivor) == {pair.party, third}
    decide(pair, conversion.Decision.DIFFERENT)
    assert identity.merged_with(pair.survivor) == frozenset()
    assert identity.merged_with(third) == {pair.party}


def test_another_commune_sees_and_decides_nothing(pair: Suggestion) -> None:
    rows, found = conversion.suggestions(scope=clerk(NEIGHBOUR), on=ON)
    assert (rows, found) == ((), 0)
    with pytest.raises(NotFound):
        conversion.pair(pair.id, scope=clerk(NEIGHBOUR), on=ON)
    with pytest.raises(NotFound):
        decide(pair, conversion.Decision.SAME, clerk(NEIGHBOUR))
    assert conversion.suggestions(scope=clerk(), on=ON)[1] == 1


def test_a_handler_decides_nothing(pair: Suggestion) -> None:
    here = clerk()
    handler = identity.Scope(here.caller, here.agencies, frozenset({identity.Role.HANDLER}), None, None, here.name)
    with pytest.raises(NotAllowed):
        decide(pair, conversion.Decision.SAME, handler)


def test_each_field_of_an_opened_pair_says_where_it_came_from(pair: Suggestion) -> None:
    opened = conversion.pair(pair.id, scope=clerk(), on=ON)
    assert [(one.system, one.name, one.row) for one in (*opened.left, *opened.right)] == [
        ("A", "Phạm Thị Bí Mật", 12), ("B", "Pham Thi Bi Mat", 40),
    ]  # fmt: skip


def test_comparing_again_keeps_what_was_decided_and_suggests_nothing_twice(pair: Suggestion) -> None:
    decide(pair, conversion.Decision.DIFFERENT)
    conversion.suggest(now=NOW)
    conversion.suggest(now=NOW)
    [row] = Suggestion.objects.filter(party__in=(pair.party, pair.survivor))
    assert row.decision == conversion.Decision.DIFFERENT
