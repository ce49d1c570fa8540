"""The whole dossier: papers that come and results that go with steps, notes, and what its reader may do now."""

from datetime import timedelta

import pytest
from django.db import connection

from motcua.dossiers import actions, queries
from motcua.dossiers.intake import Paper
from motcua.dossiers.receipts import StepReceipt
from motcua.dossiers.rules.life import Given
from motcua.dossiers.tests.support import NOW, application, filed, filing, office, place, scope
from motcua.identity import api as identity
from motcua.kernel import storage
from motcua.kernel.errors import Failure, NotAllowed, NotFound, Permanent

pytestmark = pytest.mark.django_db
CITIZEN = identity.Scope(party=identity.party_id("citizen", "001099000001"), name="party:test")
STRANGER = identity.Scope(party=identity.party_id("citizen", "001099000002"), name="party:other")


def kept(text: bytes = b"%PDF-1.7\nmot\n%%EOF\n") -> str:
    return storage.files().put([text], 1000, storage.PAPERS).sha256


def take(code: str, step: str, *papers: Paper, by: identity.Scope | None = None, hours: int = 0) -> StepReceipt:
    given = Given(NOW + timedelta(hours=hours), "vì hồ sơ cần")
    request = actions.StepRequest(code, step, f"{step}:{hours}", b"d", by or office(), given, papers=papers)
    [answer] = actions.take_steps([request])
    if isinstance(answer, Failure):
        raise answer
    return answer


def opened(code: str) -> queries.Folder:
    return queries.open_folder(code, scope=office(), now=NOW)


def online() -> str:
    made = filing(application(channel="online", components=(Paper("", name="Đơn", files=(kept(),)),)), by=CITIZEN)
    [receipt] = actions.file([made])
    assert not isinstance(receipt, Failure)
    return receipt.code


def test_papers_that_come_later_stand_after_the_first_ones_with_the_step_that_brought_them() -> None:
    code = online()
    take(code, "ask_for_papers", hours=1)
    two = (Paper("", name="Giấy khám", files=(kept(b"%PDF-1.7\nhai\n%%EOF\n"),)), Paper("", name="Ảnh"))
    take(code, "send_papers", *two, by=CITIZEN, hours=2)
    papers = opened(code).papers
    assert [(p.n, p.name, p.step, p.kind) for p in papers] == [
        (1, "Đơn", 1, "paper"),
        (2, "Giấy khám", 3, "paper"),
        (3, "Ảnh", 3, "paper"),
    ]


def test_a_result_is_brought_by_the_signature() -> None:
    [receipt] = filed()
    code = receipt.code
    take(code, "hand_over", hours=1)
    hours = 2
    while not next(s.refused for s in opened(code).allowed if s.name == "process"):  # as the internal process wants
        take(code, "process", hours=hours)
        hours += 1
    take(code, "propose", hours=hours)
    take(code, "approve", hours=hours)
    take(code, "sign", Paper("KQ.G15.000001", name="Giấy xác nhận", files=(kept(),)), hours=hours)
    [result] = [p for p in opened(code).papers if p.kind == "result"]
    assert (result.key, result.name, result.files) == ("KQ.G15.000001", "Giấy xác nhận", [kept()])


def test_a_step_that_takes_no_papers_refuses_them_and_changes_nothing() -> None:
    code = online()
    with pytest.raises(Permanent, match="papers-not-taken"):
        take(code, "accept", Paper("", name="Đơn"))
    assert queries.open_folder(code, scope=CITIZEN, now=NOW).where.state == "submitted"


@pytest.mark.parametrize(
    ("paper", "problem"),
    [(Paper("", name=" "), "paper-nameless"), (Paper("", name="Đơn", files=("0" * 64,)), "file-unknown")],
)
def test_a_paper_without_name_or_file_is_refused(paper: Paper, problem: str) -> None:
    [receipt] = filed()
    with pytest.raises(Permanent, match=problem):
        take(receipt.code, "digitise", paper)


def test_a_fee_that_must_be_paid_first_stands_for_the_citizen_and_not_for_the_office() -> None:
    code = online()
    asked = take(code, "ask_for_fee", by=CITIZEN, hours=1)
    assert (asked.state, asked.waiting_on, asked.national_status) == ("awaiting_fee", "duty", 6)
    with pytest.raises(Failure, match="step-not-allowed"):
        take(code, "accept", hours=2)
    paid = take(code, "pay_fee", by=CITIZEN, hours=30)
    assert paid.state == "submitted"
    assert paid.act_by is not None
    assert paid.act_by > NOW + timedelta(hours=30)  # the office's eight hours begin when the fee is there


def test_the_buttons_are_the_rows_of_the_table_for_this_reader() -> None:
    code = online()

    def buttons(by: identity.Scope) -> set[str]:
        return {step.name for step in queries.open_folder(code, scope=by, now=NOW).allowed}

    reception = scope(place().centre, roles=[identity.Role.RECEPTION])
    handler = scope(place().committee, roles=[identity.Role.HANDLER])
    assert buttons(reception) == {"accept", "ask_for_papers", "ask_for_fee", "refuse", "digitise", "withdraw"}
    assert buttons(handler) == set()
    assert buttons(CITIZEN) == {"withdraw", "ask_for_fee"}


def test_a_button_that_a_guard_holds_says_why() -> None:
    [receipt] = filed()
    take(receipt.code, "hand_over", hours=1)
    late = NOW + timedelta(days=8)
    steps = {s.name: s.refused for s in queries.open_folder(receipt.code, scope=office(), now=late).allowed}
    assert "03 ngày làm việc" in steps["ask_for_completion"]
    assert steps["consult"] == ""  # the agency is asked for when the step is taken


def test_notes_are_for_officials_only() -> None:
    code = online()
    actions.write_notes([actions.NewNote(code, " Đã gọi điện. ", office())], now=NOW)
    assert [n.text for n in opened(code).notes] == ["Đã gọi điện."]
    assert queries.open_folder(code, scope=CITIZEN, now=NOW).notes == ()
    assert queries.open_folder(code, scope=CITIZEN, now=NOW).process == ()


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001])
def test_a_note_has_a_length(text: str) -> None:
    code = online()
    with pytest.raises(Permanent, match="note-length"):
        actions.write_notes([actions.NewNote(code, text, office())], now=NOW)


def test_nobody_else_opens_notes_on_or_gets_a_file_of_a_dossier() -> None:
    code = online()
    for by in (STRANGER, office("00008"), identity.PUBLIC):
        with pytest.raises(NotFound, match="dossier-unknown"):
            queries.open_folder(code, scope=by, now=NOW)
        with pytest.raises(NotFound, match="dossier-unknown"):
            actions.write_notes([actions.NewNote(code, "x", by)], now=NOW)
        with pytest.raises(NotFound, match="file-unknown"):
            queries.file_of(code, kept(), scope=by)
    assert queries.file_of(code, kept(), scope=CITIZEN).name == "Đơn"
    with pytest.raises(NotFound, match="file-unknown"):
        queries.file_of(code, "0" * 64, scope=CITIZEN)


def test_my_dossiers_are_mine_alone() -> None:
    code = online()
    assert [w.code for w in queries.of_party(CITIZEN, now=NOW)] == [code]
    assert queries.of_party(STRANGER, now=NOW) == ()
    assert queries.of_party(office(), now=NOW) == ()


def test_a_citizen_files_for_nobody_else() -> None:
    with pytest.raises(NotAllowed, match="not-yourself"):
        filing(application(channel="online"), by=STRANGER)


def test_a_log_keeps_who_took_the_step() -> None:
    code = online()
    actions.write_notes([actions.NewNote(code, "x", office())], now=NOW)
    [first] = queries.log_of(code)
    assert (first.step, first.caller, first.detail) == ("file_online", 0, {})
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM dossiers_note")
        assert cursor.fetchone() == (1,)


def test_an_answer_stands_in_the_log_with_the_agency_that_gave_it() -> None:
    [receipt] = filed()
    asked = place("00008").committee
    take(receipt.code, "hand_over", hours=1)
    given = Given(NOW + timedelta(hours=2), "xin ý kiến", agency=asked.id)
    [consulted] = actions.take_steps([actions.StepRequest(receipt.code, "consult", "c", b"d", office(), given)])
    assert isinstance(consulted, StepReceipt)
    take(receipt.code, "answer", by=office("00008"), hours=3)
    assert queries.log_of(receipt.code)[-1].agency == asked.id
