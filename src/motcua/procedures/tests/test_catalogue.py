"""The catalogue in the database and in memory: loading, versions in force, provincial decisions, coverage."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from motcua.kernel.clock import from_local
from motcua.kernel.errors import Conflict, NotFound, Permanent
from motcua.kernel.journal import api as journal
from motcua.kernel.law import cite
from motcua.kernel.terms import Term, TermUnit
from motcua.procedures import actions, generation, models, packaged, queries
from motcua.procedures.actions import NewDecision, ProvinceAct
from motcua.procedures.checks import CHECKS
from motcua.procedures.packaged import Draft
from motcua.procedures.rules.decisions import DecisionKind
from motcua.procedures.rules.versions import ASSUMED_FROM, Version
from motcua.units import api as units

pytestmark = pytest.mark.usefixtures("catalogue")

NOW = from_local("2026-08-21T08:00")
ON = date(2026, 8, 21)
STAY = "1.004194"
SOURCE = cite("Quyết định 9/QĐ-UBND")


def draft(code: str = STAY, **change: Any) -> Draft:
    (found,) = (d for d in packaged.drafts() if d.code == code)
    return replace(found, **change)


def version(code: str = STAY, on: date = ON) -> Version:
    found = queries.catalogue().version(code, on)
    assert found is not None
    return found


def act(province: units.Unit, since: date = date(2026, 1, 1), **change: Any) -> ProvinceAct:
    return ProvinceAct(province.id, SOURCE, since, **change)


def rows() -> tuple[int, int, int, int]:
    return (
        models.Procedure.objects.count(),
        models.Version.objects.count(),
        models.Decision.objects.count(),
        queries.generation(),
    )


def test_loading_twice_changes_nothing() -> None:
    before = rows()
    assert before[:2] == (2642, 2642)
    loaded = actions.load(now=NOW)
    assert (loaded.added, loaded.changed, loaded.unchanged) == (0, 0, 2642)
    assert rows() == before
    assert len(queries.catalogue()) == 2642


def test_a_corrected_draft_changes_its_version_and_keeps_its_number() -> None:
    before = version()
    loaded = actions.load(now=NOW, drafts=[draft(name="Đăng ký tạm trú (đính chính)")])
    assert (loaded.added, loaded.changed, loaded.generation) == (0, 1, queries.generation())
    assert version().name == "Đăng ký tạm trú (đính chính)"
    assert version().id == before.id


def test_a_broken_import_leaves_the_generation_in_force() -> None:
    before = rows()
    broken = [draft(name="Khác"), replace(draft(), body={"levels": ["village"]}, code="9.000001")]
    with pytest.raises(Permanent, match="import-broken"):
        actions.load(now=NOW, drafts=broken)
    assert rows() == before
    assert version().name == "Đăng ký tạm trú"


def test_a_new_version_holds_from_its_first_day_and_the_old_one_to_the_day_before() -> None:
    old = version()
    new = draft(valid_from=date(2027, 1, 1), body=draft().body | {"term": {"value": 2, "unit": "working_days"}})
    new.body.pop("steps")
    actions.adopt([new], now=NOW)
    assert version(on=date(2026, 12, 31)).id == old.id
    assert version(on=date(2026, 12, 31)).valid_to == date(2026, 12, 31)
    assert version(on=date(2027, 1, 1)).term == Term(2, TermUnit.WORKING_DAYS)
    assert queries.catalogue().by_id(old.id).term == Term(3, TermUnit.WORKING_DAYS)
    assert [v.valid_from for v in queries.catalogue().history(STAY)] == [date(2027, 1, 1), ASSUMED_FROM]


def test_two_versions_never_hold_on_one_day() -> None:
    with pytest.raises(Conflict, match="version-overlaps"):
        actions.adopt([draft()], now=NOW)
    procedure = models.Procedure.objects.get(code=STAY)
    with pytest.raises(IntegrityError, match="version_alone_in_force"), transaction.atomic():
        models.Version.objects.create(procedure=procedure, valid_from=date(2026, 1, 1), body={}, digest="")


def test_a_retired_procedure_is_gone_the_day_after_and_stays_known() -> None:
    kept = version()
    assert actions.retire([STAY], last_day=ON, now=NOW) == 1
    assert actions.retire([STAY], last_day=ON, now=NOW) == 0
    assert version().valid_to == ON
    tomorrow = ON + timedelta(days=1)
    assert queries.catalogue().version(STAY, tomorrow) is None
    assert queries.catalogue().by_id(kept.id).code == STAY
    assert STAY not in {hit.version.code for hit in queries.search("dang ky tam tru", tomorrow)}


def test_before_the_reform_nothing_is_in_force() -> None:
    assert queries.catalogue().version(STAY, ASSUMED_FROM - timedelta(days=1)) is None
    assert version(on=ASSUMED_FROM).code == STAY


def test_an_unknown_version_is_not_found() -> None:
    with pytest.raises(NotFound, match="version-unknown"):
        queries.catalogue().by_id(-1)


def test_memory_follows_the_database_when_another_process_publishes() -> None:
    held = queries.catalogue()
    assert queries.refresh() is held
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procedures_generation SET number = number + 1")
    assert queries.catalogue() is held
    assert queries.refresh().number == held.number + 1


def test_a_cut_holds_in_its_province_only_and_a_later_one_takes_its_place(hanoi: units.Unit) -> None:
    assert actions.shorten_term([STAY], act=act(hanoi), percent=30, now=NOW) == 1
    assert queries.offered(version(), hanoi.id, None, ON).term.value == 2.5
    assert queries.offered(version(), hanoi.id + 1, None, ON).term.value == 3
    later = act(hanoi, date(2026, 10, 1))
    assert actions.shorten_term([STAY], act=later, term={"value": 1, "unit": "working_days"}, now=NOW) == 1
    found = [queries.offered(version(), hanoi.id, None, day).term.value for day in (ON, date(2026, 10, 1))]
    assert found == [2.5, 1]


def test_the_same_decision_twice_changes_nothing(hanoi: units.Unit) -> None:
    assert actions.set_boundary_free([STAY], act=act(hanoi), free=True, now=NOW) == 1
    before = rows()
    assert actions.set_boundary_free([STAY], act=act(hanoi), free=True, now=NOW) == 0
    assert rows() == before
    assert queries.offered(version(), hanoi.id, None, ON).boundary_free


def test_an_earlier_decision_may_not_run_into_a_later_one(hanoi: units.Unit) -> None:
    actions.shorten_term([STAY], act=act(hanoi, date(2026, 6, 1)), percent=30, now=NOW)
    with pytest.raises(Conflict, match="decision-overlaps"):
        actions.shorten_term([STAY], act=act(hanoi, date(2026, 2, 1)), percent=20, now=NOW)
    assert queries.offered(version(), hanoi.id, None, ON).term.value == 2.5


def test_decisions_take_a_list_in_a_bounded_number_of_statements(
    hanoi: units.Unit, django_assert_max_num_queries: Any
) -> None:
    codes = [d.code for d in packaged.drafts() if "commune" in d.body["levels"]]
    queries.catalogue()
    with django_assert_max_num_queries(12):
        assert actions.publish(codes, act=act(hanoi), now=NOW) == len(codes) == 588


@pytest.mark.parametrize(
    ("kind", "value", "unit_id"),
    [
        (DecisionKind.shorten_term, {"percent": 0}, None),
        (DecisionKind.shorten_term, {"percent": 130}, None),
        (DecisionKind.shorten_term, {"value": 3, "unit": "weeks"}, None),
        (DecisionKind.delegate, {"level": "district"}, None),
        (DecisionKind.delegate, {"level": "commune", "agency": "court"}, None),
        (DecisionKind.publish, {"published": "yes"}, None),
        (DecisionKind.boundary, {}, None),
        (DecisionKind.boundary, {"free": True}, 7),
        (DecisionKind.except_unit, {"why": ""}, None),
    ],
)
def test_a_decision_that_makes_no_sense_is_refused(
    hanoi: units.Unit, kind: DecisionKind, value: dict[str, Any], unit_id: int | None
) -> None:
    before = rows()
    with pytest.raises(Permanent, match="decision-unclear"):
        actions.decide_many([NewDecision(kind, STAY, value, act(hanoi), unit_id)], now=NOW)
    assert rows() == before


def test_a_cut_is_a_percentage_or_a_term_and_ends_after_it_starts(hanoi: units.Unit) -> None:
    with pytest.raises(Permanent, match="decision-unclear"):
        actions.shorten_term([STAY], act=act(hanoi), now=NOW)
    with pytest.raises(Permanent, match="ends before it starts"):
        actions.shorten_term([STAY], act=act(hanoi, valid_to=date(2025, 1, 1)), percent=30, now=NOW)


def test_a_decision_on_an_unknown_procedure_is_refused_with_all_its_neighbours(hanoi: units.Unit) -> None:
    before = rows()
    with pytest.raises(Permanent, match="procedure-unknown"):
        actions.publish([STAY, "9.999999"], act=act(hanoi), now=NOW)
    assert rows() == before


def test_coverage_counts_what_is_public_of_what_is_given_at_the_level(hanoi: units.Unit, ba_dinh: units.Unit) -> None:
    full = queries.coverage(ba_dinh.id, ON)
    assert full.covered == full.total > 250
    codes = ["1.001193", "1.000894"]
    actions.except_unit(codes, act=act(hanoi), unit_id=ba_dinh.id, why="Chưa có cán bộ", now=NOW)
    actions.publish([STAY], act=act(hanoi), published=False, now=NOW)
    found = queries.coverage(ba_dinh.id, ON)
    assert (found.covered, found.total) == (full.total - 3, full.total)
    assert set(found.missing) == {*codes, STAY}
    assert str(found) == f"{full.total - 3} of {full.total}"
    elsewhere = next(u for u in units.directory().communes_of(hanoi.id, ON) if u.id != ba_dinh.id)
    assert queries.coverage(elsewhere.id, ON).missing == (STAY,)
    assert queries.coverage(hanoi.id, ON).total > 600


def test_the_demonstration_cuts_civil_status_terms_in_one_province_and_is_marked_as_made_up(hanoi: units.Unit) -> None:
    made = actions.decide_demonstration(province_id=hanoi.id, now=NOW)
    assert made > 0
    assert actions.decide_demonstration(province_id=hanoi.id, now=NOW) == 0
    single = version("1.004873")
    there, elsewhere = queries.offered(single, hanoi.id, None, ON), queries.offered(single, hanoi.id + 1, None, ON)
    assert (there.term.value, there.demonstration, str(there.source)) == (2.5, True, "Dữ liệu trình diễn")
    assert (elsewhere.term.value, elsewhere.demonstration) == (3, False)
    assert queries.offered(version(), hanoi.id, None, ON).term.value == 3  # residence is not civil status


def test_every_change_is_in_the_journal_with_who_did_it(hanoi: units.Unit) -> None:
    actions.publish([STAY], act=act(hanoi), now=NOW, actor="account:7")
    last = journal.chain(generation.CATALOGUE)[-1]
    assert (last.act, last.actor, last.at) == ("catalogue.decided", "account:7", NOW)


def test_doctor_finds_the_catalogue_whole() -> None:
    assert [check.run().ok for check in CHECKS] == [True, True]


def test_doctor_names_what_is_missing_and_the_remedy() -> None:
    models.Version.objects.filter(procedure__code=STAY).delete()
    queries.forget()
    told = CHECKS[0].run()
    assert not told.ok
    assert STAY in told.text
    assert told.remedy == "motcua load"
