"""The life of a plan: signed, applied, taken back, applied again; and what refuses."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest

from motcua.dossiers import api as dossiers
from motcua.identity import api as identity
from motcua.kernel.clock import from_local
from motcua.kernel.errors import Conflict, NotAllowed, NotFound, Permanent
from motcua.kernel.journal import api as journal
from motcua.kernel.law import cite
from motcua.procedures import api as procedures
from motcua.reorganisation import actions, following, jobs, queries
from motcua.reorganisation.checks import left_behind
from motcua.reorganisation.models import HandOver
from motcua.reorganisation.rules.states import PlanState, Subject
from motcua.reorganisation.rules.text import digest
from motcua.reorganisation.tests import support
from motcua.reorganisation.tests.support import (
    EFFECTIVE,
    EVE,
    FILED_AT,
    LATER,
    NAME,
    ON,
    PHUC_XA,
    SIGNED_AT,
    WHOLE,
    XUAN_TAM,
)
from motcua.units import api as units
from motcua.units.rules.directory import digest as digest_of_rows

SEATS = ("01", "75")


def test_the_national_plan_makes_the_country_of_the_package_and_every_open_dossier_reaches_its_heir(eve: str) -> None:
    codes = support.filed([*WHOLE, XUAN_TAM], 2)
    support.approved()
    progress = support.applied()
    published = units.generation()
    assert published is not None
    assert published.digest == digest_of_rows(units.known_on(units.packaged_rows(), ON))
    assert progress.state == PlanState.APPLIED
    assert progress.done + progress.waiting[Subject.DOSSIER] == progress.total == len(codes)
    assert queries.tasks(NAME)


def test_sums_stay_equal_by_unit_and_all_of_it_is_undone_and_done_again_to_the_row(little: str) -> None:
    codes = support.filed([*WHOLE, XUAN_TAM], 3)
    closed = support.filed(["00016"], 2)
    old_office = support.office("00016")
    for code in closed:
        support.withdrawn(code, old_office)
    support.approved(little, SEATS)
    staff = support.leaders("00001", XUAN_TAM, "70")
    identity.issue_token(
        name="hệ thống cũ", agencies=[support.office(PHUC_XA).id], roles=[identity.Role.HANDLER],
        expires_at=LATER + timedelta(days=30), now=SIGNED_AT,
    )  # fmt: skip
    decided = {"01": 20, "75": 30, "70": 40}
    for code, percent in decided.items():
        unit = units.directory().find_unit(code, EVE)
        assert unit is not None
        act = procedures.ProvinceAct(unit.id, cite(f"Quyết định {percent}/QĐ-UBND"), date(2025, 1, 1))
        procedures.shorten_term(["1.001193"], act=act, percent=percent, now=SIGNED_AT)
    before = everything_that_changes_hands()
    loaded = units.generation()

    progress = support.applied()
    assert progress.state == PlanState.APPLIED
    assert progress.waiting == {"dossier": 3, "position": 1, "token": 0, "decision": 1}
    assert progress.passed == {"position": len(SEATS) + len(staff) - 1, "token": 1, "decision": 1}
    assert (progress.done, progress.total) == (18, 21)
    directory = units.directory()
    went: Counter[int] = Counter()
    for row in HandOver.objects.all():
        old, new = directory.agency(row.reception_before), directory.agency(row.reception_after)
        assert {c.unit.id for c in directory.became(old.unit_id, ON)} == {new.unit_id}
        assert new.kind == units.AgencyKind.SERVICE_CENTRE
        went[old.unit_id] += 1
    assert set(went.values()) == {3}
    for code in codes[:18]:
        [found] = dossiers.where([dossiers.WhereQuestion(code, LATER, scope=identity.SYSTEM)])
        assert isinstance(found, dossiers.Where)
        assert found.holder is not None
        assert found.received_by is not None
        office = directory.find_agency(found.holder.org, ON)
        assert office is not None
        assert code in support.listed(office)
    assert {row["holder"] for row in support.rows("dossiers_dossier") if row["code"] in closed} == {None}
    assert {row["n"] for row in support.rows("dossiers_dossier") if row["code"] in closed} == {2}
    assert list(journal.verify()) == []

    after = everything_that_changes_hands()
    actions.undo(name=NAME, now=LATER)
    support.finished()
    assert queries.progress(NAME).state == PlanState.UNDONE
    assert everything_that_changes_hands() == before
    restored = units.generation()
    assert loaded is not None
    assert restored is not None
    assert restored.digest == loaded.digest

    for position in support.leaders(*SEATS):
        actions.approve(name=NAME, digest=digest(little), position_id=position, now=LATER)
    support.applied()
    again = everything_that_changes_hands()
    # The two who signed anew have positions of their own.
    assert len(again.pop("positions")) == len(after.pop("positions")) + 2 * len(SEATS)
    assert again == after
    assert list(journal.verify()) == []


def everything_that_changes_hands() -> dict[str, list[dict[str, Any]]]:
    """The content of the tables, without the numbers of rows that were made anew and the length of logs."""
    return {
        "dossiers": support.rows("dossiers_dossier", ["n"], "code"),
        "papers": support.rows("dossiers_component", order="dossier, n"),
        "positions": support.rows("identity_position", ["id"], "official_id, agency_id, valid_from"),
        "tokens": support.rows("identity_token"),
        "decisions": support.rows("procedures_decision", ["id"], "province_id, valid_from"),
        "periods": support.rows("units_unitperiod", ["id"], "unit_id, valid_from"),
        "agencies": support.rows("units_agency"),
        "codes": support.rows("units_identifier", ["id"], "scheme, code, valid_from"),
        "queue": support.rows("reorganisation_question", ["id", "candidates", "key"], "subject, key"),
        "handed over": support.rows("reorganisation_handover", ["n"], "dossier"),
    }


def test_applying_twice_changes_nothing_twice(little: str) -> None:
    support.filed(WHOLE[:2], 2)
    support.approved(little, SEATS)
    first = support.applied()
    tables = ("dossiers_steprow", "identity_position", "reorganisation_handover", "units_generation")
    kept = [len(support.rows(table, order="1")) for table in tables]
    assert support.applied() == first
    assert following.pass_on_strays(now=LATER) == 0
    assert [len(support.rows(table, order="1")) for table in tables] == kept


def test_before_its_moment_a_plan_is_scheduled_and_then_the_worker_applies_it(little: str) -> None:
    support.filed(WHOLE[:1])
    support.approved(little, SEATS)
    found = actions.apply(name=NAME, now=SIGNED_AT)
    assert (found.state, found.scheduled_for) == (PlanState.APPROVED, EFFECTIVE)
    [carry] = [job for job in jobs.JOBS if job.name == "reorganise"]
    assert carry.run(EFFECTIVE - timedelta(minutes=1)) == 0
    while carry.run(EFFECTIVE):
        pass
    assert queries.progress(NAME).state == PlanState.APPLIED
    assert queries.progress(NAME).done == 1


def test_a_text_that_changed_after_it_was_signed_is_not_approved(little: str) -> None:
    support.approved(little, SEATS)
    changed = little.replace("tên: Sắp xếp", "tên: Sắp xếp lại")
    assert changed != little
    with support.unchecked():
        actions.register(text=changed, now=SIGNED_AT)
    with pytest.raises(Conflict, match="plan-not-approved"):
        actions.apply(name=NAME, now=LATER)
    [position] = support.leaders("01")
    with pytest.raises(Conflict, match="plan-changed"):
        actions.approve(name=NAME, digest=digest(little), position_id=position, now=SIGNED_AT)
    assert queries.plan(NAME).row.signatures == ()


def test_two_different_officials_sign_in_a_position_that_may(little: str) -> None:
    with support.unchecked():
        actions.register(text=little, now=SIGNED_AT)
    [leader, ward] = support.leaders("01", PHUC_XA)
    signed = partial(actions.approve, name=NAME, digest=digest(little), now=SIGNED_AT)
    assert signed(position_id=leader) == PlanState.REGISTERED
    with pytest.raises(Conflict, match="signed-already"):
        signed(position_id=leader)
    with pytest.raises(NotAllowed, match="agency-not-entitled"):
        signed(position_id=ward)
    [official] = identity.enrol(names=["Chuyên viên"])
    taken = identity.Appointment(
        official, support.office("01").id, identity.Role.HANDLER, "Chuyên viên", FILED_AT.date()
    )
    [handler] = identity.appoint(appointments=[taken], now=SIGNED_AT)
    with pytest.raises(NotAllowed, match="role-missing"):
        signed(position_id=handler)
    with pytest.raises(NotAllowed, match="position-not-entitled"):
        signed(position_id=leader, by=support.everything(support.office("75")))
    with pytest.raises(Conflict, match="plan-not-approved"):
        actions.apply(name=NAME, now=LATER)
    [other] = support.leaders("75")
    assert signed(position_id=other) == PlanState.APPROVED
    assert [s.title for s in queries.plan(NAME).row.signatures] == ["Chủ tịch", "Chủ tịch"]


def test_a_broken_plan_is_not_kept(little: str) -> None:
    broken = little.replace("hoàn tác đến: 2025", "hoàn tác đến: 2024")
    assert broken != little
    with pytest.raises(Permanent, match="plan-faulty") as refused:
        actions.register(text=broken, now=SIGNED_AT)
    assert refused.value.members["findings"]
    assert queries.plans() == ()


def test_undoing_is_refused_with_the_list_of_what_stands_on_the_plan(little: str) -> None:
    [code] = support.filed(WHOLE[:1])
    support.approved(little, SEATS)
    support.applied()
    assert queries.obstacles(NAME, now=LATER) == ()
    committee, centre = support.heir(PHUC_XA)
    scope = support.everything(committee, centre)
    [taken] = dossiers.take_steps([dossiers.StepRequest(code, "hand_over", "k", b"d", scope, dossiers.Given(LATER))])
    assert not isinstance(taken, Exception), taken
    support.filed_now(centre, LATER)
    [official] = identity.enrol(names=["Người mới"])
    taken_up = identity.Appointment(official, centre.id, identity.Role.RECEPTION, "Công chức một cửa", ON)
    identity.appoint(appointments=[taken_up], now=LATER)
    late = from_local("2025-09-01T08:00")
    with pytest.raises(Conflict, match="undo-blocked") as refused:
        actions.undo(name=NAME, now=late)
    found = {o["kind"]: (o["count"], o["examples"]) for o in refused.value.members["obstacles"]}
    assert found["steps"] == (1, (code,))
    assert found["numbers"] == (1, (centre.org(ON),))
    assert found["positions"][0] == 1
    assert found["dossiers"][0] == 1
    assert "late" in found
    assert queries.progress(NAME).state == PlanState.APPLIED


def test_a_closed_dossier_stays_where_it_was_and_the_heir_reads_it_and_its_book(little: str) -> None:
    ended = support.office(PHUC_XA)
    [code] = support.filed(WHOLE[:1])
    given = dossiers.Given(FILED_AT, reason="Người nộp xin dừng")
    asked = dossiers.StepRequest(code, "stop", "k", b"d", support.everything(ended), given)
    [stopped] = dossiers.take_steps([asked])
    assert not isinstance(stopped, Exception), stopped
    support.approved(little, SEATS)
    support.applied()
    committee, _ = support.heir(PHUC_XA)
    assert committee in units.directory().heirs(ended.id, ON)
    assert ended.id in {agency.id for agency in units.directory().forebears(committee.id, ON)}
    heir, stranger = support.everything(committee), support.everything(support.office("01"))
    assert dossiers.open_folder(code, scope=heir, now=LATER).where.code == code
    with pytest.raises(NotFound):
        dossiers.open_folder(code, scope=stranger, now=LATER)
    day = FILED_AT.date()
    [line], _ = dossiers.book(dossiers.BookQuestion(heir, ended.id, day, day))
    assert line.code == code
    with pytest.raises(NotAllowed):
        dossiers.book(dossiers.BookQuestion(stranger, ended.id, day, day))
    again = dossiers.StepRequest(code, "stop", "k2", b"d", heir, dossiers.Given(LATER, reason="Thử"))
    [refused] = dossiers.take_steps([again])
    assert isinstance(refused, Exception), "to read is not to act"


def test_what_no_rule_decides_waits_for_a_leader_of_the_province(little: str) -> None:
    codes = support.filed([XUAN_TAM], 2)
    support.approved(little, SEATS)
    [sitting] = support.leaders(XUAN_TAM)
    support.applied()
    hanoi = support.everything(*support.heir("01"))
    committee = units.directory().find_agency("H19", ON)
    assert committee is not None
    theirs = support.everything(committee)
    assert queries.queue(scope=hanoi) == ((), 0)
    rows, total = queries.queue(scope=theirs, subject=Subject.DOSSIER)
    assert (len(rows), total, {row.key for row in rows}) == (2, 2, set(codes))
    ward = units.directory().find_unit(XUAN_TAM, EVE)
    assert ward is not None
    candidates = {c.unit.code for c in units.directory().became(ward.id, ON)}
    assert len(candidates) > 1
    assert {c.id for c in rows[0].candidates} == candidates
    chosen = rows[0].candidates[0]

    with pytest.raises(NotFound):
        actions.decide([actions.Choice(rows[0].id, chosen.id)], now=LATER, by=hanoi)
    with pytest.raises(Permanent, match="candidate-unknown"):
        actions.decide([actions.Choice(rows[0].id, "00001")], now=LATER, by=theirs)
    assert actions.decide([actions.Choice(row.id, chosen.id) for row in rows], now=LATER, by=theirs) == 2
    assert actions.decide([actions.Choice(rows[0].id, chosen.id)], now=LATER, by=theirs) == 0
    with pytest.raises(Conflict, match="decided-already"):
        actions.decide([actions.Choice(rows[0].id, rows[0].candidates[1].id)], now=LATER, by=theirs)
    assert queries.progress(NAME).done == 2
    [answer] = dossiers.where([dossiers.WhereQuestion(codes[0], LATER, scope=identity.SYSTEM)])
    assert isinstance(answer, dossiers.Where)
    assert answer.resolving.name.endswith(chosen.words)

    [post], _ = queries.queue(scope=theirs, subject=Subject.POSITION)
    assert post.key == str(sitting)
    actions.decide([actions.Choice(post.id, post.candidates[0].id)], now=LATER, by=theirs)
    held = identity.positions_in(units.directory().find_agency(post.candidates[0].id, ON).id, ON)  # type: ignore[union-attr]
    assert [h.title for h in held] == ["Chủ tịch"]
    actions.undo(name=NAME, now=LATER)
    support.finished()
    assert queries.progress(NAME).state == PlanState.UNDONE


def test_a_split_by_hamlet_street_or_position_is_carried_out_and_who_fits_no_part_is_asked_about(little: str) -> None:
    part, rules = f"  từ cấp xã {XUAN_TAM} (xã Xuân Tâm) một phần | Nhập một phần\n", {"26359": EAST, "26446": WEST}
    before, between, after = little.split(part)
    text = f"{before}{part}{EAST}{between}{part}{WEST}{after}"
    lives = {
        "Thôn Đông, xã Xuân Tâm": "26359",
        "số 7 Lê Lợi, xã Xuân Tâm": "26359",
        "xã Xuân Tâm, 10.9050, 107.4050": "26359",
        "ấp Tây": "26446",
        "8 đường Lê Lợi": "26446",
        "107.4150 10.9050": "26446",
        "12/5 Lê Lợi": None,
        "Thôn Đông, 8 Lê Lợi": None,
        "": None,
    }
    codes = {address: support.filed([XUAN_TAM], address=address)[0] for address in lives}
    support.approved(text, SEATS)
    assert support.applied().waiting["dossier"] == 3
    went = {row.dossier: row for row in HandOver.objects.all()}
    directory = units.directory()
    for row in support.rows("dossiers_dossier"):
        to = next(to for address, to in lives.items() if codes[address] == row["code"])
        assert (row["id"] in went) == (to is not None), row["code"]
        if to is not None:
            assert directory.unit(directory.agency(row["resolving"]).unit_id).code == to, row["applicant"]
            [step] = dossiers.log_of(row["code"])[1:]
            line = next(n for n, line in enumerate(text.splitlines(), 1) if line == rules[to].splitlines()[0])
            assert step.reason.startswith("Nghị quyết 190/2025/QH15; kế hoạch 2025-07-01, dòng ")
            assert line <= int(step.reason.rpartition(" ")[2]) < line + 3
    asked, _total = queries.queue(scope=identity.SYSTEM, subject=Subject.DOSSIER)
    assert {row.key for row in asked} == {codes[address] for address, to in lives.items() if to is None}
    assert {tuple(c.id for c in row.candidates) for row in asked} == {("26359", "26446")}
    assert {row.reason for row in asked} == {
        "Không quy tắc chia nào quyết định địa chỉ này", "Hai quy tắc chia cùng khớp"
    }  # fmt: skip


EAST = """    thôn: Thôn Đông
    địa chỉ: đường Lê Lợi | số 1–99 lẻ
    tọa độ: 107.40 10.90, 107.41 10.90, 107.41 10.91, 107.40 10.91
"""
WEST = """    thôn: ấp Tây
    địa chỉ: đường Lê Lợi | số 2–98 chẵn
    tọa độ: 107.41 10.90, 107.42 10.90, 107.42 10.91, 107.41 10.91
"""


def test_only_a_leader_of_a_province_of_the_plan_applies_it_takes_it_back_and_ticks_off(little: str) -> None:
    support.approved(little, SEATS)
    ours = support.everything(support.office("75"))
    ward = support.everything(support.office(PHUC_XA))
    elsewhere = replace(ours, agencies=frozenset({2_200_079_01}))  # the committee of a province that goes on as it is
    clerk = replace(ours, roles=frozenset({identity.Role.ADMINISTRATOR, identity.Role.HANDLER}))
    refused = ((ward, "agency-not-entitled"), (elsewhere, "agency-not-entitled"), (clerk, "role-missing"))
    for by, problem in refused:
        with pytest.raises(NotAllowed, match=problem):
            actions.apply(name=NAME, now=LATER, by=by)
    assert queries.progress(NAME).state == PlanState.APPROVED
    actions.apply(name=NAME, now=LATER, by=ours)
    support.finished()
    task = queries.tasks(NAME)[0].id
    for by, problem in refused[:2]:
        with pytest.raises(NotAllowed, match=problem):
            actions.tick(task_id=task, done=True, now=LATER, by=by)
    handler = replace(clerk, roles=frozenset({identity.Role.HANDLER}))
    with pytest.raises(NotAllowed, match="role-missing"):
        actions.tick(task_id=task, done=True, now=LATER, by=handler)
    assert queries.tasks(NAME)[0].done_at is None
    actions.tick(task_id=task, done=True, now=LATER, by=clerk)
    assert queries.tasks(NAME)[0].done_at == LATER
    for by, problem in refused:
        with pytest.raises(NotAllowed, match=problem):
            actions.undo(name=NAME, now=LATER, by=by)
    assert queries.progress(NAME).state == PlanState.APPLIED
    actions.undo(name=NAME, now=LATER, by=support.everything(support.heir("75")[0]))
    assert queries.progress(NAME).state == PlanState.UNDOING


def test_what_came_to_an_old_office_after_the_change_is_passed_on_too(little: str) -> None:
    support.approved(little, SEATS)
    late = support.filings([PHUC_XA], 1)
    actions.apply(name=NAME, now=LATER)
    dossiers.file(late)  # a process that had not heard of the change
    support.finished()
    assert queries.progress(NAME).done == 1
    dossiers.file([support.again(late[0])])
    assert following.pass_on_strays(now=LATER) == 1
    assert dossiers.find_open([support.office(PHUC_XA).id]) == []


def test_doctor_finds_what_lies_with_an_office_that_ended_and_about_which_nobody_is_asked(little: str) -> None:
    support.approved(little, SEATS)
    support.filed([XUAN_TAM])
    late = support.filings([PHUC_XA], 1)
    support.applied()
    assert left_behind().ok
    dossiers.file(late)
    assert not left_behind().ok
    assert following.pass_on_strays(now=LATER) == 1
    assert left_behind().ok
