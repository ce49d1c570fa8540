"""Official documents at the desk: the registers, the steps of each role, drafting, and what went wrong."""

import re
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from motcua.desk.tests.support import official
from motcua.documents import api as documents
from motcua.documents.api import Arriving, Direction, Question
from motcua.documents.tests import messages
from motcua.dossiers.tests.support import ELSEWHERE, NOW, ON, office, place
from motcua.identity import api as identity
from motcua.identity.api import Role
from motcua.kernel import clock

pytestmark = pytest.mark.django_db


def seat(role: Role, code: str = "00004") -> Client:
    """A browser in which an official of this commune's committee is signed in."""
    client = Client()
    client.force_login(official(role, place(code).committee))
    return client


def arrived(text: str = "", remote: str = "1") -> UUID | None:
    here = place().committee
    text = text or messages.message(to=here.org(ON))
    documents.take_in([Arriving(remote, lambda: [text.encode()], (here.org(ON),), "G22")], now=NOW)
    rows, _ = documents.register(Question(office(), here.id, Direction.IN))
    return rows[0].uid if rows else None


def test_a_document_is_received_assigned_and_finished_from_its_page(country: None) -> None:
    uid = arrived()
    assert uid is not None
    leader = seat(Role.LEADER)
    assert "V/v triển khai Nghị định" in leader.get("/can-bo/van-ban").content.decode()
    at = f"/can-bo/van-ban/{uid}"
    page = leader.get(at).content.decode()
    assert "Tiếp nhận, vào sổ đến" in page
    assert "Văn phòng Chính phủ" in page
    assert leader.post(at, {"buoc": "receive"}).status_code == 302
    refused = leader.post(at, {"buoc": "assign", "ly-do": "Xin xử lý sớm"})
    assert refused.status_code == 422
    assert "Chưa chọn người nhận việc" in refused.content.decode()
    assert "Xin xử lý sớm" in refused.content.decode()
    handler = seat(Role.HANDLER)
    people = identity.positions_in(place().committee.id, clock.today())
    holding = next(one for one in people if one.role is Role.HANDLER)
    assert leader.post(at, {"buoc": "assign", "nguoi": str(holding.id), "so-ngay": "2"}).status_code == 302
    assert "/can-bo/van-ban/" in handler.get("/can-bo/van-ban?cua-toi=1").content.decode()
    for step in ("process", "finish"):
        assert handler.post(at, {"buoc": step}).status_code == 302
    assert "Hoàn thành" in handler.get(at).content.decode()
    [file] = documents.open_document(uid, scope=office()).files
    answer = handler.get(f"{at}/tep/{file.id}")
    assert b"".join(answer.streaming_content) == messages.PDF  # type: ignore[attr-defined]
    assert answer["Content-Disposition"].startswith("attachment")


def test_what_waits_for_an_officer_is_counted_beside_the_lists_and_shown(country: None) -> None:
    def waits(client: Client) -> str:
        page = client.get("/can-bo/van-ban?chieu=cho").content.decode()
        found = re.search(r"Văn bản chờ tôi</span> <b>(\d+)</b>", page)
        assert found is not None
        assert ("V/v triển khai Nghị định" in page) is (found[1] != "0")
        return found[1]

    uid = arrived()
    at = f"/can-bo/van-ban/{uid}"
    leader, handler, approver = seat(Role.LEADER), seat(Role.HANDLER), seat(Role.APPROVER)
    assert (waits(leader), waits(handler), waits(approver)) == ("1", "0", "0")
    leader.post(at, {"buoc": "receive"})
    assert (waits(leader), waits(handler), waits(approver)) == ("1", "0", "1")
    people = identity.positions_in(place().committee.id, clock.today())
    holding = next(one for one in people if one.role is Role.HANDLER)
    leader.post(at, {"buoc": "assign", "nguoi": str(holding.id)})
    assert (waits(leader), waits(handler), waits(approver)) == ("0", "1", "0")
    assert waits(seat(Role.LEADER, ELSEWHERE)) == "0"
    handler.post(at, {"buoc": "finish"})
    assert waits(handler) == "0"


def test_a_draft_is_written_with_its_file_and_says_what_is_wrong_with_it(country: None) -> None:
    handler = seat(Role.HANDLER)
    wanted = {"loai": "cong-van", "trich-yeu": "Về việc phối hợp", "noi-nhan": "H99.404", "do-khan": "1"}
    wrong = handler.post("/can-bo/van-ban/soan", wanted)
    assert wrong.status_code == 422
    assert "H99.404" in wrong.content.decode()
    bad = SimpleUploadedFile("virus.pdf", b"MZ\x90")
    assert "có thể chạy được" in handler.post("/can-bo/van-ban/soan", {**wanted, "tep": bad}).content.decode()
    good = {**wanted, "noi-nhan": place(ELSEWHERE).committee.org(ON)}
    made = handler.post("/can-bo/van-ban/soan", {**good, "tep": SimpleUploadedFile("Công văn.pdf", messages.PDF)})
    assert made.status_code == 302
    page = handler.get(made["Location"]).content.decode()
    assert "cong-van.pdf" in page
    assert "Trình duyệt" in page
    assert "Ký ban hành" not in page
    assert "Về việc phối hợp" in handler.get("/can-bo/van-ban?chieu=di&q=phoi+hop").content.decode()


def test_what_could_not_be_read_is_shown_with_its_reason_and_leaves_when_seen_to(country: None) -> None:
    here = place().committee.org(ON)
    assert arrived(messages.message(to=here, attachments=messages.attachment(messages.b64(messages.bomb())))) is None
    reception = seat(Role.RECEPTION)
    page = reception.get("/can-bo/van-ban/su-co").content.decode()
    assert "nở ra lớn bất thường" in page
    [problem] = documents.problems(place().committee.id, scope=office()).unreadable
    assert reception.get(f"/can-bo/van-ban/goi-tin/{problem.id}").status_code == 200
    stranger = seat(Role.RECEPTION, ELSEWHERE)
    assert stranger.get(f"/can-bo/van-ban/goi-tin/{problem.id}").status_code == 404
    assert stranger.post(f"/can-bo/van-ban/su-co/{problem.id}").status_code == 404
    assert reception.post(f"/can-bo/van-ban/su-co/{problem.id}").status_code == 302
    assert "nở ra lớn" not in reception.get("/can-bo/van-ban/su-co").content.decode()


def test_a_foreign_office_opens_nothing(country: None) -> None:
    uid = arrived()
    foreign = seat(Role.LEADER, ELSEWHERE)
    assert foreign.get(f"/can-bo/van-ban/{uid}").status_code == 404
    assert foreign.post(f"/can-bo/van-ban/{uid}", {"buoc": "receive"}).status_code == 404
    assert "V/v triển khai" not in foreign.get("/can-bo/van-ban").content.decode()


def test_the_pages_are_whole_in_english(country: None) -> None:
    uid = arrived()
    leader = seat(Role.LEADER)
    leader.cookies["django_language"] = "en"
    for at in ("/can-bo/van-ban", "/can-bo/van-ban?chieu=di", "/can-bo/van-ban/soan", f"/can-bo/van-ban/{uid}",
               "/can-bo/van-ban/su-co", "/can-bo/van-ban/to-chuc?tiep=2026-08-17 H26&sau=1"):  # fmt: skip
        page = leader.get(at).content.decode()
        assert '<html lang="en">' in page
