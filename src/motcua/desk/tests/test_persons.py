"""People who may be one, and the record of hand-over, at the desk."""

from datetime import date

import pytest

from motcua.conversion.models import HandOver, Person, Run, Suggestion
from motcua.conversion.persons.rules import COMPARISONS
from motcua.conversion.reconciliation.rules import What, body, canonical, digest
from motcua.desk.tests.support import seated
from motcua.desk.views import hand_over, persons
from motcua.dossiers.tests.support import COMMUNE, NEIGHBOUR, NOW, place
from motcua.identity import api as identity
from motcua.identity.api import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def suggestion(country: None) -> Suggestion:
    area = place(COMMUNE).unit.id
    Run.objects.create(
        id="CU-1", system="CU", title="Hệ thống cũ", mapping="", folder="", phase="loaded", by=0, started_at=NOW,
        files=[{"name": "so-cu.csv", "sha256": "", "size": 1}],
    )  # fmt: skip
    parties = [identity.party_id("citizen", number) for number in ("000199000001", "000199123")]
    for party, system, number, name, row in zip(
        parties, ("CU", "MOI"), ("000199000001", ""), ("Phạm Thị Bí Mật", "Phạm Thị Bí"), (12, 40), strict=True
    ):
        Person(
            system=system, party=party, kind="citizen", number=number, old_number="" if number else "000199123",
            name=name, birth_date=date(1990, 3, 4), phone="", email="", address="số 1", area=area, run="CU-1", file=0,
            row=row,
        ).save(force_insert=True)  # fmt: skip
    return Suggestion.objects.create(
        party=parties[1], survivor=parties[0], probability=0.9999, areas=[area], suggested_at=NOW,
        reasons=[["name", "near", 2.5], ["birth_date", "exact", 14.1], ["area", "else", -1.3]],
    )  # fmt: skip


def test_a_clerk_sees_both_sides_with_file_and_row_decides_and_takes_it_back(suggestion: Suggestion) -> None:
    clerk = seated(Role.RECEPTION)
    listed = clerk.get("/can-bo/chuyen-doi/nguoi").content.decode()
    assert "Phạm Thị Bí Mật – Phạm Thị Bí" in listed
    assert "99,9 %" in listed
    assert "cùng ngày sinh; họ tên gần giống; khác đơn vị hành chính" in listed
    at = f"/can-bo/chuyen-doi/nguoi/{suggestion.id}"
    opened = clerk.get(at).content.decode()
    for said in ("CU, tệp so-cu.csv, dòng 12", "MOI, tệp so-cu.csv, dòng 40", "04/03/1990", "000199123", "Ba Đình"):
        assert said in opened
    assert clerk.post(at, {"quyet-dinh": "same"}).status_code == 302
    assert identity.merged_with(suggestion.survivor) == {suggestion.party}
    assert "Tách ra như trước" in clerk.get(at).content.decode()
    clerk.post(at, {"quyet-dinh": "open"})
    assert identity.merged_with(suggestion.survivor) == frozenset()
    assert clerk.post(at, {"quyet-dinh": "sao cũng được"}).status_code in (400, 422)


@pytest.mark.parametrize("role", sorted(persons.GATE.roles))
def test_another_commune_sees_no_word_of_it(suggestion: Suggestion, role: Role) -> None:
    foreign = seated(role, NEIGHBOUR)
    at = f"/can-bo/chuyen-doi/nguoi/{suggestion.id}"
    answers = [foreign.get("/can-bo/chuyen-doi/nguoi"), foreign.get(at), foreign.post(at, {"quyet-dinh": "same"})]
    assert [answer.status_code for answer in answers] == [200, 404, 404]
    assert not any("Bí Mật" in answer.content.decode() for answer in answers)
    assert identity.merged_with(suggestion.survivor) == frozenset()


def test_every_step_of_every_comparison_has_words() -> None:
    steps = {(one.field, name) for one in COMPARISONS for name in (*(level.name for level in one.levels), "else")}
    assert set(persons.SAID) == steps
    assert set(hand_over.WHATS) == set(What)


@pytest.fixture
def record(suggestion: Suggestion) -> str:
    """A record of one unit's data in which nothing differs."""
    told = dict.fromkeys(("read", "rejected", "held", "superseded"), 0)
    group = {"key": str(place(COMMUNE).committee.id), "by": "unit", "name": "Ba Đình", "heirs": []}
    sides = {side: {"rows": 3, "fee": 8_000, "checksum": "a" * 32} for side in ("source", "staging", "target")}
    content = body(
        run={"id": "CU-1", "system": "CU", "title": "Hệ thống cũ", "files": [], **told,
             "reconciled_at": NOW.isoformat()},
        groups=(), differences=(), found=0, rejects=[("tên: thiếu", 1)], explanations=(),
    ) | {"groups": [{**group, **sides}, {**group, **sides, "by": "all", "key": ""}]}  # fmt: skip
    text = canonical(content)
    HandOver.objects.create(run="CU-1", content=text, digest=digest(text), made_at=NOW)
    return "CU-1"


def test_two_officials_sign_the_record_at_the_desk_and_a_foreign_one_does_not_see_it(record: str) -> None:
    at = f"/can-bo/chuyen-doi/ban-giao/{record}"
    foreign = seated(Role.LEADER, NEIGHBOUR)
    assert foreign.get(at).status_code == 404
    assert foreign.get(f"{at}/bien-ban.pdf").status_code == 404
    assert "Hệ thống cũ" not in foreign.get("/can-bo/chuyen-doi/ban-giao").content.decode()
    leader, administrator = seated(Role.LEADER), seated(Role.ADMINISTRATOR)
    assert "Ba nơi giống nhau" in leader.get(at).content.decode()
    assert leader.post(at, {"viec": "ky"}).status_code == 302
    assert "Ông/bà đã ký" in leader.get(at).content.decode()
    assert leader.post(at, {"viec": "ky"}).status_code == 403
    assert administrator.post(at, {"viec": "ky"}).status_code == 302
    assert "niêm phong" in administrator.get(at).content.decode()
    assert administrator.get(f"{at}/bien-ban.pdf").content.startswith(b"%PDF")
    assert set(administrator.get(f"{at}/bien-ban.json").json()) == {"key", "signature", "record"}
