"""Filing: codes, keys, batches, and what is refused."""

from datetime import date, timedelta

import pytest
from django.db import connection

from motcua.dossiers import actions, queries
from motcua.dossiers.intake import Paper
from motcua.dossiers.receipts import Receipt
from motcua.dossiers.rules import codes
from motcua.dossiers.tests.support import ELSEWHERE, NEIGHBOUR, NOW, ON, application, filed, filing, office, place
from motcua.kernel.errors import Conflict, Failure, Permanent
from motcua.units import api as units

pytestmark = pytest.mark.django_db


def rows_of(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


def test_a_filing_writes_the_dossier_its_papers_its_log_its_journal_and_its_party() -> None:
    before = {t: rows_of(t) for t in ("dossiers_dossier", "dossiers_component", "dossiers_steprow", "identity_party")}
    papers = (Paper("p1", "copy"), Paper("p2", "original", 2))
    [receipt] = actions.file([filing(application(components=papers))])
    assert isinstance(receipt, Receipt)
    assert rows_of("dossiers_dossier") == before["dossiers_dossier"] + 1
    assert rows_of("dossiers_component") == before["dossiers_component"] + 2
    assert rows_of("dossiers_steprow") == before["dossiers_steprow"] + 1
    assert codes.looks_like_code(receipt.code)
    assert receipt.code == f"{place().org}-260817-0001"
    assert (receipt.state, receipt.national_status) == ("accepted", 2)
    assert receipt.due_at is not None


def test_codes_count_within_an_agency_and_its_day() -> None:
    today = filed(3)
    tomorrow = filed(1, now=NOW + timedelta(days=1))
    neighbour = filed(1, made=application(area=NEIGHBOUR), by=office(NEIGHBOUR))
    assert [r.code[-4:] for r in (*today, *tomorrow, *neighbour)] == ["0001", "0002", "0003", "0001", "0001"]


def test_a_code_grows_beyond_four_digits() -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO dossiers_counter (org, day, last) VALUES (%s, '2026-08-17', 9999)", [place().org])
    assert filed()[0].code.endswith("-10000")


def test_the_same_key_gives_the_same_receipt_and_one_dossier() -> None:
    first = actions.file([filing(key="once")])
    again = actions.file([filing(key="once"), filing(key="twice"), filing(key="twice")])
    assert again[0] == first[0]
    assert again[1] == again[2]
    assert isinstance(again[1], Receipt)
    assert again[1].code.endswith("0002")
    assert rows_of("dossiers_dossier") == 2


def test_the_first_receipt_is_given_again_after_the_dossier_has_moved_on() -> None:
    from motcua.dossiers.rules.life import Given

    [first] = actions.file([filing(key="once")])
    assert isinstance(first, Receipt)
    actions.take_steps([actions.StepRequest(first.code, "hand_over", "k", b"d", office(), Given(NOW))])
    assert actions.file([filing(key="once")]) == [first]


def test_a_key_with_another_body_is_a_conflict_and_writes_nothing() -> None:
    actions.file([filing(key="once")])
    [outcome] = actions.file([filing(key="once", digest=b"e" * 32)])
    assert isinstance(outcome, Conflict)
    assert outcome.problem == "key-reused"
    in_one_batch = actions.file([filing(key="new"), filing(key="new", digest=b"e" * 32)])
    assert isinstance(in_one_batch[0], Receipt)
    assert isinstance(in_one_batch[1], Conflict)


def test_two_callers_may_use_the_same_key() -> None:
    from dataclasses import replace

    other = replace(office(), caller=-2, name="token:2")
    first, second = actions.file([filing(key="k"), filing(key="k", by=other)])
    assert isinstance(first, Receipt)
    assert isinstance(second, Receipt)
    assert first.code != second.code


def test_one_bad_row_never_costs_its_neighbours() -> None:
    bad = filing(application())
    bad.application.content["broken"] = "\x00"  # past every check: only the database refuses it
    good = [filing() for _ in range(6)]
    outcomes = actions.file([*good[:3], bad, *good[3:]])
    assert [isinstance(o, Receipt) for o in outcomes] == [True] * 3 + [False] + [True] * 3
    refused = outcomes[3]
    assert isinstance(refused, Permanent)
    assert refused.problem == "data-refused"
    assert rows_of("dossiers_dossier") == 6
    numbers = sorted(o.code[-4:] for o in outcomes if isinstance(o, Receipt))
    assert numbers == ["0001", "0002", "0003", "0004", "0005", "0006"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"procedure": "9.999999"}, "procedure-unknown"),
        ({"area": "99999", "reception": "H26.101.01"}, "area-unknown"),
        ({"area": "00001", "reception": "H26.101.01"}, "unit-dissolved"),
        ({"reception": "H99.999"}, "agency-unknown"),
        ({"reception": "H02"}, "foreign-agency"),  # of an old province: its one heir is another's
    ],
)
def test_what_is_refused_says_what_to_mend(change: dict[str, str], problem: str) -> None:
    with pytest.raises(Failure, match=problem) as refused:
        filing(application(**change))  # type: ignore[arg-type]
    assert refused.value.detail
    assert rows_of("dossiers_dossier") == 0


EVE = date(2025, 6, 30)


def old_office(*, several: bool) -> tuple[units.Agency, tuple[units.Agency, ...]]:
    """The committee of an old commune of Hà Nội that one other inherited, or several; and its heirs."""
    directory = units.directory()
    hanoi = directory.find_unit("01", EVE)
    assert hanoi is not None
    for unit in directory.communes_of(hanoi.id, EVE):
        committee = directory.agency_of(unit.id, units.AgencyKind.PEOPLES_COMMITTEE, EVE)
        if committee is not None and (len(heirs := directory.heirs(committee.id, ON)) > 1) == several:
            return committee, heirs
    raise AssertionError("Hà Nội has both")


def test_an_identifier_of_an_office_that_one_other_inherited_goes_on_working() -> None:
    old, [heir] = old_office(several=False)
    code = units.directory().unit(heir.unit_id).code
    made = filing(application(area=code, reception=old.org(EVE)), by=office(code))
    assert made.reception == place(code).centre.id, "what is filed comes to the centre of the commune of today"


def test_an_identifier_of_an_office_that_several_inherited_names_them() -> None:
    old, heirs = old_office(several=True)
    with pytest.raises(Permanent, match="agency-dissolved") as refused:
        filing(application(reception=old.org(EVE)))
    named = {heir["name"] for heir in refused.value.members["heirs"]}
    assert len(named) == len(heirs)
    assert all(name in refused.value.mend for name in named)


def test_a_dossier_of_another_province_is_not_taken_in_at_this_counter() -> None:
    with pytest.raises(Failure, match="other-province"):
        filing(application(area=ELSEWHERE, reception=place().org))


def test_a_neighbouring_centre_takes_in_and_the_applicants_commune_resolves() -> None:
    made = filing(application(area=NEIGHBOUR, reception=place().org))
    assert made.reception == place().centre.id
    assert made.resolving == place(NEIGHBOUR).committee.id


def test_where_answers_for_the_office_and_for_the_slip_and_for_nobody_else() -> None:
    [receipt] = filed()
    ask = queries.WhereQuestion
    office_view, slip, wrong, stranger, unknown = queries.where(
        [
            ask(receipt.code, NOW, scope=office()),
            ask(receipt.code, NOW, secret=receipt.secret.lower()),
            ask(receipt.code, NOW, secret="WRONG234"),
            ask(receipt.code, NOW, scope=office(NEIGHBOUR)),
            ask("H26.101.01-260817-9999", NOW, scope=office()),
        ]
    )
    assert isinstance(office_view, queries.Where)
    assert office_view.applicant == "Nguyễn Thị Mai"
    assert office_view.holder is not None
    assert office_view.holder.org == place().org
    assert isinstance(slip, queries.Where)
    assert slip.applicant == "N… T… Mai"
    for refused in (wrong, stranger, unknown):
        assert isinstance(refused, Failure)
        assert refused.problem == "dossier-unknown"


def test_a_work_list_pages_through_everything_once_in_order() -> None:
    made = filed(23)
    seen: list[str] = []
    after = ""
    while True:
        [page] = queries.work_lists(
            [queries.WorkListQuestion(office(), place().centre.id, "to_hand_over", NOW, after=after, limit=5)]
        )
        assert isinstance(page, queries.WorkList)
        seen.extend(item.code for item in page.items)
        after = page.next
        if not after:
            break
    assert sorted(seen) == sorted(r.code for r in made)


def test_the_overdue_list_shows_what_is_past_due_and_nothing_else() -> None:
    late, fine = filed(1)[0], filed(1, now=NOW + timedelta(days=200))[0]
    asked_at = NOW + timedelta(days=200)
    [page] = queries.work_lists([queries.WorkListQuestion(office(), place().centre.id, "overdue", asked_at)])
    assert isinstance(page, queries.WorkList)
    assert [item.code for item in page.items] == [late.code]
    assert fine.code != late.code


def test_the_worker_closes_after_fifteen_working_days_and_warns_once() -> None:
    from motcua.dossiers.rules.life import Given

    [receipt] = filed()
    actions.take_steps(
        [
            actions.StepRequest(receipt.code, "hand_over", "a", b"d", office(), Given(NOW)),
            actions.StepRequest(receipt.code, "ask_for_completion", "b", b"d", office(), Given(NOW, "thiếu bản sao")),
        ]
    )
    assert actions.close_overdue(now=NOW + timedelta(days=10)) == 0
    assert actions.close_overdue(now=NOW + timedelta(days=40)) == 1
    assert actions.close_overdue(now=NOW + timedelta(days=40)) == 0
    [running] = filed()
    assert running.due_at is not None
    assert actions.warn_before_due(now=running.due_at - timedelta(hours=2)) == 1
    assert actions.warn_before_due(now=running.due_at) == 0


def test_the_secret_is_not_in_the_database() -> None:
    [receipt] = filed()
    with connection.cursor() as cursor:
        for table in ("dossiers_dossier", "dossiers_steprow", "kernel_journalentry"):
            cursor.execute(f"SELECT count(*) FROM {table} AS t WHERE t::text LIKE %s", [f"%{receipt.secret}%"])
            assert cursor.fetchone() == (0,)


def test_doctor_notices_a_dossier_that_differs_from_its_log() -> None:
    from motcua.dossiers.checks import log_and_cache

    [receipt] = filed()
    assert log_and_cache().ok
    with connection.cursor() as cursor:
        cursor.execute("UPDATE dossiers_dossier SET state = 13 WHERE code = %s", [receipt.code])
    assert not log_and_cache().ok


def test_a_step_is_attributed_only_to_a_position_that_may_take_it() -> None:
    from motcua.dossiers.rules.life import Given
    from motcua.identity import api as identity
    from motcua.kernel.errors import NotAllowed

    here, there = place(), place(NEIGHBOUR)
    [official] = identity.enrol(names=["Trần Văn Thử"])
    posts = [(here.centre, "reception"), (here.centre, "handler"), (there.centre, "reception")]
    right, wrong_role, wrong_place = identity.appoint(
        appointments=[
            identity.Appointment(official, agency.id, identity.Role(role), "công chức", ON) for agency, role in posts
        ],
        now=NOW,
    )
    [receipt] = filed()
    for number, position in enumerate((wrong_role, wrong_place, 999_999_999)):
        request = actions.StepRequest(receipt.code, "hand_over", f"w{number}", b"d", office(), Given(NOW), position)
        [outcome] = actions.take_steps([request])
        assert isinstance(outcome, NotAllowed)
        assert outcome.problem == "position-not-entitled"
    request = actions.StepRequest(receipt.code, "hand_over", "right", b"d", office(), Given(NOW), right)
    [taken] = actions.take_steps([request])
    assert not isinstance(taken, Failure)
