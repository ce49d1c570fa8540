"""The registers: numbers without gaps, steps by the table, what comes in comes once, what is asked back waits."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from django.db import connection, transaction
from pytest_django import Settings

from motcua.config.commandline import main
from motcua.documents import api as documents
from motcua.documents import arrivals, checks, jobs, queries
from motcua.documents.api import Arriving, Became, Direction, Question, State, StepRequest
from motcua.documents.models import Contact, Document, Packet, Said, Step
from motcua.documents.post import AXIS, Enclosed
from motcua.documents.rules.steps import STATES, STEPS, allowed
from motcua.documents.tests import messages
from motcua.dossiers.tests.support import ELSEWHERE, NOW, ON, office, place, scope
from motcua.exchange import api as exchange
from motcua.identity import api as identity
from motcua.identity.api import Role
from motcua.kernel import clock
from motcua.kernel.errors import Conflict, Failure, NotAllowed, NotFound, Permanent

pytestmark = pytest.mark.django_db


def own() -> str:
    return place().committee.org(ON)


def arriving(text: str, remote: str = "1", to: str | None = None) -> Arriving:
    return Arriving(remote, lambda: [text.encode()], (own() if to is None else to,))


def incoming(number: int = 7816, **named: str) -> str:
    code = f"{number}/VPCP-TTĐT"
    return messages.message(to=own(), number=str(number), document_id=f"000.00.00.G22,2026/10/30,{code}", **named)


def told() -> list[tuple[str, str]]:
    """Everything that we wrote to the axis: its type, and the status if it is one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, body FROM exchange_parcel WHERE partner = %s ORDER BY number", [AXIS])
        found = cursor.fetchall()
    return [(kind, msgspec.json.decode(bytes(body), type=Enclosed).sender) for kind, body in found]


def book(
    direction: Direction = Direction.IN, words: str = "", who: identity.Scope | None = None
) -> Sequence[documents.Row]:
    return documents.register(Question(who or office(), place().committee.id, direction, words=words))[0]


def handler(now: datetime = NOW) -> int:
    [number] = identity.enrol(names=["Lê Văn Xử Lý"])
    [position] = identity.appoint(
        appointments=[identity.Appointment(number, place().committee.id, Role.HANDLER, "Công chức", ON)], now=now
    )
    return int(position)


def step(document: UUID, name: str, **named: object) -> None:
    documents.take_steps([StepRequest(document, name, **named)], scope=office(), now=NOW)  # type: ignore[arg-type]


def test_a_document_arrives_and_its_sender_is_told_each_step(country: None) -> None:
    assert documents.take_in([arriving(incoming())], now=NOW) == {"1": Became.REGISTERED}
    [row] = book()
    assert (row.state, row.code, row.number, row.organ) == (State.ARRIVED, "7816/VPCP-TTĐT", None, "000.00.00.G22")
    step(row.uid, "receive")
    step(row.uid, "assign", to_position=handler(), working_days=3)
    step(row.uid, "process")
    step(row.uid, "finish")
    found = documents.open_document(row.uid, scope=office())
    assert (found.row.number, found.row.year, found.row.state) == (1, 2026, State.FINISHED)
    assert found.row.due_at == NOW + timedelta(days=3)
    assert [line.step for line in found.log] == ["arrive", "receive", "assign", "process", "finish"]
    assert [said.code for said in found.said] == ["01", "03", "04", "05", "06"]
    assert told() == [(f"status {code}", own()) for code in ("01", "03", "04", "05", "06")]
    assert [file.name for file in found.files] == ["cong-van.pdf"]
    _, content = documents.file_of(row.uid, found.files[0].id, scope=office())
    assert b"".join(content) == messages.PDF


def test_the_same_message_twice_is_one_document(country: None) -> None:
    text = incoming()
    assert documents.take_in([arriving(text), arriving(text, "2")], now=NOW) == {
        "1": Became.REGISTERED, "2": Became.DUPLICATE,
    }  # fmt: skip
    assert documents.take_in([arriving(text), arriving(text, "3")], now=NOW) == {
        "1": Became.DUPLICATE, "3": Became.DUPLICATE,
    }  # fmt: skip
    assert len(book()) == 1
    assert [kind for kind, _ in told()] == ["status 01"]


def test_another_document_under_the_same_identifier_is_refused_and_shown(country: None) -> None:
    documents.take_in([arriving(incoming())], now=NOW)
    assert documents.take_in([arriving(incoming(subject="Khác"), "2")], now=NOW) == {"2": Became.REFUSED}
    found = documents.problems(place().committee.id, scope=office())
    assert [[fault.name for fault in one.faults] for one in found.unreadable] == [["document-twice"]]


def test_what_cannot_be_read_is_kept_shown_and_answered_with_the_reason(country: None) -> None:
    bad = incoming(attachments=messages.attachment(messages.b64(messages.bomb())))
    assert documents.take_in([arriving(bad)], now=NOW) == {"1": Became.REFUSED}
    [problem] = documents.problems(place().committee.id, scope=office()).unreadable
    assert [fault.name for fault in problem.faults] == ["zip-bomb"]
    assert b"".join(documents.packet_bytes(problem.id, scope=office())) == bad.encode()
    [(kind, _)] = told()
    assert kind == "status 02"
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM exchange_parcel")
        assert "nở ra lớn bất thường" in msgspec.json.decode(bytes(cursor.fetchone()[0]), type=Enclosed).text
    with pytest.raises(NotFound):
        documents.settle(packet=problem.id, scope=office(ELSEWHERE), now=NOW)
    documents.settle(packet=problem.id, scope=office(), now=NOW)
    assert documents.problems(place().committee.id, scope=office()).unreadable == ()
    assert Packet.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "data"), messages.BAD[::4], ids=[f"{n}-{name}" for n, (name, _) in enumerate(messages.BAD[::4])]
)
def test_no_bad_message_is_thrown_away(name: str, data: bytes, country: None) -> None:
    assert documents.take_in([Arriving("1", lambda: [data], (own(),), "G22")], now=NOW) == {"1": Became.REFUSED}
    found = documents.problems(place().committee.id, scope=office())
    assert name in {fault.name for one in found.unreadable for fault in one.faults}


def test_a_message_for_nobody_here_is_refused(country: None) -> None:
    text = messages.message(to="Z99.12")
    assert documents.take_in([Arriving("1", lambda: [text.encode()])], now=NOW) == {"1": Became.REFUSED}
    assert Packet.objects.get().faults == [["receiver-not-here", "Z99.12"]]


def test_both_forms_of_an_identifier_reach_the_same_agency(country: None) -> None:
    both = {i.code for i in place().committee.identifiers}
    assert len(both) == 2
    documents.take_in([arriving(incoming(n), str(n), code) for n, code in enumerate(sorted(both), 1)], now=NOW)
    assert len(book()) == 2


def test_search_needs_no_tone_marks(country: None) -> None:
    documents.take_in([arriving(incoming())], now=NOW)
    assert len(book(words="trien khai NGHI DINH 7816")) == 1
    assert len(book(words="khai sinh")) == 0


def drafted(**named: object) -> UUID:
    wanted: dict[str, object] = {"agency": place().committee.id, "type": "cong-van", "subject": "Về việc thử"}
    [made] = documents.draft(
        [documents.Draft(**(wanted | {"to": (place(ELSEWHERE).committee.org(ON),)} | named))],  # type: ignore[arg-type]
        scope=office(),
        now=NOW,
    )
    return made


def sent(**named: object) -> UUID:
    made = drafted(files=documents.keep([("Công văn.pdf", messages.PDF)]), **named)
    for name in ("submit", "approve", "sign", "number", "issue", "send"):
        step(made, name)
    return made


def test_an_outgoing_document_goes_its_way_and_gets_its_number_once(country: None) -> None:
    first, second = sent(), sent()
    found = documents.open_document(first, scope=office())
    assert (found.row.code, found.row.state) == ("01/UBND", State.SENT)
    assert found.reference == f"{own()},2026/08/17,01/UBND"
    assert documents.open_document(second, scope=office()).row.code == "02/UBND"
    other = drafted(type="quyet-dinh")
    for name in ("submit", "approve", "sign", "number"):
        step(other, name)
    assert documents.open_document(other, scope=office()).row.code == "01/QĐ-UBND"
    assert [kind for kind, _ in told()] == ["edoc", "edoc"]


def test_a_draft_that_comes_back_waits_for_whoever_drafted_it(country: None) -> None:
    made, other = drafted(), handler()
    step(made, "ask_opinion", to_position=other)
    step(made, "give_opinion", words="Đồng ý")
    drafter = Step.objects.get(document__uid=made, step="draft").position
    assert documents.open_document(made, scope=office()).row.position == drafter


def test_doctor_names_what_an_operator_has_to_mend(country: None, settings: Settings, tmp_path: Path) -> None:
    settings.AXIS_URL, settings.EDXML_KEY, settings.EDXML_CERTIFICATE = "", tmp_path / "key", tmp_path / "certificate"
    assert all(check.run().ok for check in checks.CHECKS)
    settings.AXIS_URL = "http://127.0.0.1:1"
    axis, house = (check.run for check in checks.CHECKS)
    assert "never" in axis().text
    arrivals.note_contact(jobs.MESSAGES, now=clock.now())
    assert axis().ok
    arrivals.note_contact(jobs.MESSAGES, said="Trục chưa trả lời.", now=clock.now())
    assert axis().ok, "one silence is none"
    Contact.objects.update(answered_at=clock.now() - timedelta(hours=1))
    assert not axis().ok
    assert "Trục chưa trả lời" in axis().text
    documents.take_in([Arriving("1", lambda: [messages.message(to="Z99.12").encode()])], now=NOW)
    assert not house().ok
    [stray] = queries.stray()
    assert main(["documents", "settle", str(stray.id)]) == 0
    assert house().ok
    arrivals.note_contact(jobs.REGISTERS, said="1 gói tin", now=NOW)
    assert not house().ok
    arrivals.note_contact(jobs.REGISTERS, now=NOW)
    settings.EDXML_KEY.write_text("x")
    settings.EDXML_CERTIFICATE.write_text("x")
    assert not house().ok


def test_a_faulty_message_costs_its_neighbours_nothing(country: None, monkeypatch: pytest.MonkeyPatch) -> None:
    register = arrivals._register

    def failing(new: Sequence[object], writing: object) -> None:
        if any(one.packet.remote == "2" for one in new):  # type: ignore[attr-defined]
            raise RuntimeError("nobody thought of this")
        register(new, writing)  # type: ignore[arg-type]

    monkeypatch.setattr(arrivals, "_register", failing)
    came = [arriving(incoming(n), str(n)) for n in (1, 2, 3)]
    assert documents.take_in(came, now=NOW) == {"1": Became.REGISTERED, "3": Became.REGISTERED}
    assert len(book()) == 2
    monkeypatch.undo()
    assert documents.take_in(came, now=NOW)["2"] is Became.REGISTERED


def status(code: str, about: str, words: str = "") -> str:
    text = messages.status(code, sender=place(ELSEWHERE).committee.org(ON), about=about)
    return text.replace("Đã xem", words or code)


def test_receivers_say_how_it_stands_and_disorder_is_shown(country: None) -> None:
    document = sent()
    reference = documents.open_document(document, scope=office()).reference
    for n, code in enumerate(("01", "03", "06", "04")):
        documents.take_in([arriving(status(code, reference), f"s{n}")], now=NOW)
    [receiver] = documents.open_document(document, scope=office()).receivers
    assert receiver.status == "04"
    found = documents.problems(place().committee.id, scope=office())
    assert [one.status for one in found.out_of_order] == ["04"]
    again = documents.take_in([arriving(status("06", reference), "s9")], now=NOW)
    assert again == {"s9": Became.DUPLICATE}
    strange = status("03", "H26.101,2026/10/30,99/UBND")
    assert documents.take_in([arriving(strange, "s10")], now=NOW) == {"s10": Became.REFUSED}


def test_a_document_is_recalled_when_every_receiver_agreed(country: None) -> None:
    document = sent()
    reference = documents.open_document(document, scope=office()).reference
    documents.take_in([arriving(status("01", reference), "1"), arriving(status("03", reference), "2")], now=NOW)
    with pytest.raises(Permanent):
        step(document, "recall")
    step(document, "recall", words="Sai căn cứ")
    with pytest.raises(Conflict):
        step(document, "update", words="Nữa")
    documents.take_in([arriving(status("16", reference, "đã thi hành"), "3")], now=NOW)
    assert documents.open_document(document, scope=office()).row.state == State.SENT
    step(document, "recall", words="Sai căn cứ, đề nghị lại")
    documents.take_in([arriving(status("15", reference), "4")], now=NOW)
    assert documents.open_document(document, scope=office()).row.state == State.RECALLED
    assert [kind for kind, _ in told()] == ["edoc", "revocation", "revocation"]


def business(number: str, about: str = "000.00.00.G22,2026/10/30,7816/VPCP-TTĐT") -> str:
    if number == "3":
        info = f"<ReplacementInfo><DocumentId>{about}</DocumentId></ReplacementInfo>"
        return f"<BussinessDocType>3</BussinessDocType><ReplacementInfoList>{info}</ReplacementInfoList>"
    return (
        f"<BussinessDocType>{number}</BussinessDocType><BussinessDocReason>sai</BussinessDocReason>"
        f"<DocumentId>{about}</DocumentId>"
    )


@pytest.mark.parametrize(
    ("kind", "answer", "state", "said"),
    [
        ("1", "agree", State.RECALLED, "15"),
        ("1", "decline", State.RECEIVED, "16"),
        ("2", "agree", State.RECEIVED, "15"),
        ("2", "decline", State.RECEIVED, "16"),
        ("3", "agree", State.REPLACED, "15"),
        ("3", "decline", State.RECEIVED, "16"),
    ],
)
def test_what_its_sender_asks_waits_for_an_answer(
    kind: str, answer: str, state: State, said: str, country: None
) -> None:
    documents.take_in([arriving(incoming(), "1")], now=NOW)
    [row] = book()
    step(row.uid, "receive")
    asks = incoming(7817 if kind == "3" else 7816, business=business(kind), subject="Trích yếu mới")
    assert documents.take_in([arriving(asks, "2")], now=NOW) == {"2": Became.REQUEST}
    assert documents.take_in([arriving(asks, "3")], now=NOW) == {"3": Became.DUPLICATE}
    assert (
        documents.open_document(row.uid, scope=office()).request == {"1": "recall", "2": "update", "3": "replace"}[kind]
    )
    with pytest.raises(Conflict):
        step(row.uid, "finish")
    step(row.uid, answer, words="vì")
    found = documents.open_document(row.uid, scope=office())
    assert (found.row.state, found.request, found.said[-1].code) == (state, "", said)
    updated = kind == "2" and answer == "agree"
    assert found.row.subject == ("Trích yếu mới" if updated else "V/v triển khai Nghị định")
    assert {file.version for file in found.files} == ({1, 2} if updated else {1})
    assert len(book()) == (2 if kind == "3" else 1)
    assert [k for k, _ in told()][-1] == f"status {said}"


def test_what_is_asked_about_a_document_that_never_came_is_declined(country: None) -> None:
    asks = incoming(business=business("1"))
    assert documents.take_in([arriving(asks)], now=NOW) == {"1": Became.REFUSED}
    assert [kind for kind, _ in told()] == ["status 16"]


def test_a_replacement_names_the_document_that_it_replaces(country: None) -> None:
    old = sent()
    sent(replaces=old, subject="Bản thay thế")
    assert [kind for kind, _ in told()] == ["edoc", "replacement"]
    assert [s.code for s in documents.open_document(old, scope=office()).said] == ["13"]


def test_the_log_only_grows(country: None) -> None:
    drafted()
    for table in ("documents_step", "documents_said"):
        with (
            pytest.raises(Exception, match="only grows"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"DELETE FROM {table}")


def test_a_foreign_office_sees_nothing_and_changes_nothing(country: None) -> None:
    document = drafted()
    foreign = office(ELSEWHERE)
    for act in (
        lambda: documents.open_document(document, scope=foreign),
        lambda: documents.take_steps([StepRequest(document, "submit")], scope=foreign, now=NOW),
        lambda: documents.register(Question(foreign, place().committee.id, Direction.OUT)),
        lambda: documents.problems(place().committee.id, scope=foreign),
        lambda: documents.link(document=document, dossier="", scope=foreign, now=NOW),
        lambda: documents.draft(
            [documents.Draft(place().committee.id, "cong-van", "a", (own(),))], scope=foreign, now=NOW
        ),
    ):
        with pytest.raises(Failure):
            act()
    assert documents.open_document(document, scope=office()).row.state == State.DRAFT


@pytest.mark.parametrize("row", STEPS, ids=lambda row: row.name)
def test_a_step_is_taken_by_its_roles_only(row: documents.Step, country: None) -> None:
    document = drafted()
    before = min(row.before)
    Document.objects.filter(uid=document).update(direction=row.direction, state=before)
    others = tuple(set(Role) - row.by)
    assert row not in allowed(row.direction, before, others, asked_back=bool(row.open_request))
    assert row in allowed(row.direction, before, row.by, asked_back=bool(row.open_request))
    if others:
        with pytest.raises(NotAllowed):
            documents.take_steps(
                [StepRequest(document, row.name, "vì")], scope=scope(place().committee, roles=others), now=NOW
            )


def test_every_state_can_be_reached_and_named() -> None:
    reached = {step.to for step in STEPS} | {State.ARRIVED, State.DRAFT, State.RECALLED, State.REPLACED} - {None}
    assert reached - {None} == set(State) == set(STATES)


@pytest.mark.parametrize(
    "wrong",
    [{"to": ()}, {"to": ("H99.404",)}, {"subject": " "}, {"type": "thu-tinh"}, {"priority": 9}, {"answers": "hôm qua"},
     {"dossier": "H26.1-260101-0001"}, {"subject": "a\0b"}],
)  # fmt: skip
def test_a_draft_that_could_not_be_sent_is_not_begun(wrong: dict[str, object], country: None) -> None:
    with pytest.raises(Failure):
        drafted(**wrong)
    assert not Document.objects.exists()


def test_a_step_that_fails_leaves_nothing_behind(country: None) -> None:
    good, bad = drafted(), drafted()
    with pytest.raises(Conflict):
        documents.take_steps([StepRequest(good, "submit"), StepRequest(bad, "sign")], scope=office(), now=NOW)
    assert documents.open_document(good, scope=office()).row.state == State.DRAFT
    assert not Said.objects.exists()


def test_nothing_goes_out_unless_the_change_stands(country: None) -> None:
    document = sent()
    parcels = exchange.of_subject(AXIS, f"{own()} {documents.open_document(document, scope=office()).reference}")
    assert [row.kind for row in parcels] == ["edoc"]
    assert documents.open_document(document, scope=office()).receivers[0].line == "ready"
