"""The dossier's page: what it shows, what it lets whom do, and the day of five officials through it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from motcua.desk.tests.support import seated
from motcua.dossiers import actions
from motcua.dossiers import api as dossiers
from motcua.dossiers.tests.support import ELSEWHERE, NEIGHBOUR, application, filing, office, place
from motcua.identity import api as identity
from motcua.kernel import clock, storage
from motcua.kernel.errors import Failure
from motcua.transfers import models

pytestmark = pytest.mark.usefixtures("country")
Role = identity.Role
PDF = b"%PDF-1.7\n% a signed result\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def filed_now(channel: str = "counter", **more: Any) -> str:
    [receipt] = actions.file([filing(application(channel=channel, **more), now=clock.now())])
    assert isinstance(receipt, dossiers.Receipt)
    return receipt.code


def taken(code: str, *steps: str) -> None:
    for step in steps:
        request = actions.StepRequest(
            code, step, f"{code}{step}", b"d" * 32, office(), dossiers.Given(clock.now(), "vì thế")
        )
        [answer] = actions.take_steps([request])
        assert not isinstance(answer, Failure), answer


def at(code: str) -> str:
    return f"/can-bo/ho-so/{code}"


def state(code: str) -> str:
    return dossiers.log_of(code)[-1].state


def step(client: Client, code: str, name: str, key: str = "", **typed: Any) -> Any:
    return client.post(at(code), {"buoc": name, "khoa": key or f"{name}-1", **typed})


def offered(client: Client, code: str) -> set[str]:
    """The steps whose buttons the page has."""
    page = client.get(at(code)).content.decode()
    return {part.split('"')[0] for part in page.split('name="buoc" value="')[1:]}


def test_five_officials_live_a_day_through_the_pages() -> None:
    code = filed_now("online")
    reception, handler = seated(Role.RECEPTION), seated(Role.HANDLER)
    approver, signatory = seated(Role.APPROVER), seated(Role.SIGNATORY)
    assert "accept" in offered(reception, code)
    assert step(reception, code, "accept").status_code == 302
    assert step(reception, code, "hand_over").status_code == 302
    ways = offered(handler, code)
    assert ("propose" in ways) != ("process" in ways)
    while "process" in offered(handler, code):
        step(handler, code, "process", key=f"process-{len(dossiers.log_of(code))}")
    assert step(handler, code, "propose").status_code == 302
    assert offered(handler, code) == set()
    assert offered(approver, code) == {"approve", "send_back"}
    step(approver, code, "approve")
    signed = step(
        signatory, code, "sign", **{"ten-giay-to": "Giấy xác nhận"}, tep=SimpleUploadedFile("kq.pdf", PDF, "text/html")
    )
    assert signed.status_code == 302
    page = signatory.get(at(code)).content.decode()
    assert "Giấy xác nhận" in page
    link = page.split(f'href="{at(code)}/tep/')[1].split('"')[0]
    served = signatory.get(f"{at(code)}/tep/{link}")
    assert b"".join(served.streaming_content) == PDF  # type: ignore[attr-defined]
    step(handler, code, "finish")
    assert offered(reception, code) == {"return_result"}
    step(reception, code, "return_result")
    assert state(code) == "returned"
    told = reception.get(at(code)).content.decode()
    assert "Trả kết quả" in told
    assert offered(reception, code) == set()


def test_the_page_tells_the_story_with_names_the_clock_the_papers_and_the_process() -> None:
    code = filed_now(name="Lê Thị <b>Ánh</b>")
    reception = seated(Role.RECEPTION)
    step(reception, code, "hand_over")
    page = reception.get(at(code)).content.decode()
    assert "Lê Thị &lt;b&gt;Ánh&lt;/b&gt;" in page
    for said in ("Nộp trực tiếp", "Chuyển cơ quan giải quyết", "Trần Thị Bình", "Hẹn trả:", "Quy trình nội bộ",
                 "Thời hạn được tính thế nào?", "001099000001", place().committee.name):  # fmt: skip
        assert said in page, said


def test_each_step_says_what_it_does_and_under_which_article() -> None:
    code = filed_now()
    page = seated(Role.RECEPTION).get(at(code)).content.decode()
    assert "Hồ sơ sang “Đang xử lý”" in page
    assert str(dossiers.STEP["hand_over"].source) in page


def test_what_the_law_refuses_just_now_says_why_and_has_no_button() -> None:
    code = filed_now()
    taken(code, "hand_over")
    client = seated(Role.HANDLER)
    page = client.get(at(code)).content.decode()
    assert not {"process", "propose"} <= offered(client, code)
    assert "Quy trình nội bộ không còn bước xử lý nào." in page or "còn bước xử lý chưa làm" in page


def test_a_form_sent_twice_makes_one_step() -> None:
    code = filed_now()
    client = seated(Role.RECEPTION)
    for _ in range(2):
        assert step(client, code, "hand_over", key="same").status_code == 302
    assert [row.step for row in dossiers.log_of(code)] == ["file_counter", "hand_over"]
    page = client.get(at(code)).content.decode()
    assert "Đã làm “Chuyển cơ quan giải quyết”" in page


def test_a_reason_that_is_missing_is_asked_for_in_its_place() -> None:
    code = filed_now("online")
    client = seated(Role.RECEPTION)
    again = step(client, code, "refuse", **{"ly-do": "  "})
    page = again.content.decode()
    assert again.status_code == 422
    assert 'href="#refuse-ly-do"' in page
    assert 'id="refuse-ly-do-error"' in page
    assert state(code) == "submitted"
    assert step(client, code, "refuse", **{"ly-do": "Không thuộc thẩm quyền."}).status_code == 302
    assert "Không thuộc thẩm quyền." in client.get(at(code)).content.decode()


def test_another_agency_is_asked_by_choice_and_what_was_typed_stays_after_an_error() -> None:
    code = filed_now()
    taken(code, "hand_over")
    client = seated(Role.HANDLER)
    without = step(client, code, "consult", key="k1", **{"ly-do": "Xin ý kiến về đất <1>"})
    assert without.status_code == 422
    assert "Xin ý kiến về đất &lt;1&gt;" in without.content.decode()
    assert 'id="consult-co-quan-error"' in without.content.decode()
    unknown = step(client, code, "consult", key="k2", **{"ly-do": "x", "co-quan": "H99"})
    assert unknown.status_code == 422
    bad_day = step(client, code, "consult", key="k3", **{"ly-do": "x", "co-quan": "H26.102", "tra-loi-truoc": "mai"})
    assert bad_day.status_code == 422
    org = place(NEIGHBOUR).committee.org(clock.today())
    assert f'<option value="{org}"' in client.get(at(code)).content.decode()
    assert step(client, code, "consult", key="k4", **{"ly-do": "x", "co-quan": org}).status_code == 302
    asked = seated(Role.HANDLER, NEIGHBOUR)
    assert offered(asked, code) == {"answer"}
    assert step(asked, code, "answer", **{"ly-do": "Đồng ý."}).status_code == 302
    assert state(code) == "in_process"
    assert asked.get(at(code)).status_code == 404, "the question is over"


def test_a_new_date_must_be_later_than_the_old_one() -> None:
    code = filed_now()
    taken(code, "hand_over")
    client = seated(Role.LEADER)
    if "extend" not in offered(client, code):
        assert "Phải xin lỗi và hẹn lại chậm nhất 01 ngày" in client.get(at(code)).content.decode()
        return
    early = step(client, code, "extend", key="k1", **{"ly-do": "x", "hen-ngay": f"{clock.today():%Y-%m-%d}"})
    assert early.status_code == 422
    assert 'id="extend-hen-ngay-error"' in early.content.decode()
    later = clock.today() + timedelta(days=60)
    done = step(client, code, "extend", key="k2", **{"ly-do": "x", "hen-ngay": f"{later:%Y-%m-%d}", "hen-gio": "16:30"})
    assert done.status_code == 302
    assert "16:30" in client.get(at(code)).content.decode()


def test_a_file_of_the_wrong_kind_is_refused_in_words_and_nothing_is_signed() -> None:
    code = filed_now()
    taken(code, "hand_over")
    client = seated(Role.HANDLER)
    while "process" in offered(client, code):
        step(client, code, "process", key=f"p{len(dossiers.log_of(code))}")
    taken(code, "propose", "approve")
    signatory = seated(Role.SIGNATORY)
    for n, content in enumerate((b"MZ\x90\x00\x03\x00binary\x00\xff", b"")):
        refused = step(signatory, code, "sign", key=f"k{n}", tep=SimpleUploadedFile("kq.pdf", content))
        assert refused.status_code in (415, 422)
        assert 'id="sign-tep-error"' in refused.content.decode()
    assert state(code) == "to_sign"


def test_a_file_is_served_as_what_it_is_and_only_from_its_dossier() -> None:
    kept = {name: storage.files().put([data], 10_000, storage.PAPERS).sha256
            for name, data in {"pdf": PDF, "png": PNG, "html": b"<script>alert(1)</script>"}.items()}  # fmt: skip
    papers = tuple(dossiers.Paper(name=name, files=(sha256,)) for name, sha256 in kept.items())
    code, other = filed_now(components=papers), filed_now()
    client = seated(Role.RECEPTION)
    page = client.get(at(code)).content.decode()
    assert f'<img loading="lazy" src="{at(code)}/tep/{kept["png"]}"' in page
    for name, kind, shown in (("pdf", "application/pdf", "inline"), ("png", "image/png", "inline"),
                              ("html", "application/octet-stream", "attachment")):  # fmt: skip
        served = client.get(f"{at(code)}/tep/{kept[name]}")
        assert served["Content-Type"] == kind
        assert served["Content-Disposition"].startswith(shown)
        assert served["X-Content-Type-Options"] == "nosniff"
        assert "script-src" not in served["Content-Security-Policy"]
        assert client.get(f"{at(other)}/tep/{kept[name]}").status_code == 404
    assert client.get(f"{at(code)}/tep/{'0' * 64}").status_code == 404
    assert client.get(f"{at(code)}/tep/..%2F..%2Fetc").status_code == 404


@pytest.mark.parametrize("role", list(Role))
def test_a_foreign_agency_gets_the_same_answer_as_for_a_dossier_that_is_not_there(role: Role) -> None:
    sha256 = storage.files().put([PDF], 10_000, storage.PAPERS).sha256
    code = filed_now(components=(dossiers.Paper(name="x", files=(sha256,)),))
    client = seated(role, ELSEWHERE)
    before = dossiers.log_of(code)
    for address in (at(code), f"{at(code)}/tep/{sha256}"):
        assert client.get(address).status_code == 404
    assert step(client, code, "hand_over").status_code == 404
    assert client.post(f"{at(code)}/ghi-chu", {"ghi-chu": "x"}).status_code == 404
    assert dossiers.log_of(code) == before


def test_whoever_may_not_take_a_step_is_told_and_nothing_happens() -> None:
    code = filed_now("online")
    refused = step(seated(Role.HANDLER), code, "accept")
    assert refused.status_code in (403, 404)
    assert state(code) == "submitted"
    assert step(seated(Role.RECEPTION), code, "khong-co").status_code == 422
    assert step(seated(Role.RECEPTION), code, "hand_over").status_code == 409
    assert state(code) == "submitted"


def test_a_leader_above_reads_and_takes_no_step_of_the_office_below() -> None:
    code = filed_now()
    directory = place()
    from motcua.units import api as units

    parent = directory.committee.parent_id
    assert parent is not None
    client = Client()
    from motcua.desk.tests.support import official

    client.force_login(official(Role.LEADER, units.directory().agency(parent)))
    assert client.get(at(code)).status_code == 200
    assert offered(client, code) == set()


def test_notes_are_for_colleagues_and_must_say_something() -> None:
    code = filed_now()
    client = seated(Role.RECEPTION)
    sent = client.post(f"{at(code)}/ghi-chu", {"ghi-chu": "Đã gọi điện, hẹn chiều mai <i>"})
    assert sent.status_code == 302
    assert "hẹn chiều mai &lt;i&gt;" in client.get(at(code)).content.decode()
    assert client.post(f"{at(code)}/ghi-chu", {"ghi-chu": " "}).status_code == 422
    assert client.post(f"{at(code)}/ghi-chu", {"ghi-chu": "x" * 2001}).status_code == 422


def test_the_page_leads_back_to_the_list_it_was_opened_from() -> None:
    code = filed_now()
    client = seated(Role.RECEPTION)
    listed = client.get("/can-bo/viec/cho-chuyen").content.decode()
    assert f'href="{at(code)}?tu=cho-chuyen"' in listed
    assert 'href="/can-bo/viec/cho-chuyen" data-key="u"' in client.get(f"{at(code)}?tu=cho-chuyen").content.decode()
    assert 'href="/can-bo/" data-key="u"' in client.get(f"{at(code)}?tu=//example.com").content.decode()


def shared(code: str, *, heard_hours_ago: float, **more: Any) -> None:
    """This node resolves nothing of it: another one does, and said so much of it."""
    then = clock.now() - timedelta(hours=heard_hours_ago)
    models.Transfer.objects.create(
        code=code, out=True, node="nut-kia", told=2, is_open=True, at=then, problem=more.pop("problem", "")
    )
    models.Word.objects.create(
        **{
            "code": code, "node": "nut-kia", "n": 2, "step": "propose", "state": "to_approve", "at": then,
            "holder": "Sở Xây dựng", "signed_by": place().committee.id, "envelope": UUID(int=1), "received_at": then,
            "counted": True, **more,
        }
    )  # fmt: skip


def test_the_page_shows_the_other_nodes_last_signed_word_and_when_that_is_old() -> None:
    fresh, old, over = filed_now(), filed_now(), filed_now()
    shared(fresh, heard_hours_ago=0)
    page = seated(Role.RECEPTION).get(at(fresh)).content.decode()
    assert "nut-kia" in page
    assert "Sở Xây dựng" in page
    assert "Mất liên lạc" not in page
    models.Word.objects.all().delete()
    shared(old, heard_hours_ago=24 * 14, problem="Chưa có khóa.")
    page = seated(Role.RECEPTION).get(at(old)).content.decode()
    assert "Mất liên lạc" in page
    assert "Chưa có khóa." in page
    shared(over, heard_hours_ago=24 * 14, counted=False)
    assert "đã kết thúc, nên không thay đổi" in seated(Role.RECEPTION).get(at(over)).content.decode()
