"""Work lists: whose they are, what they hold, filters, several at once, views, search, and their cost."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from motcua.desk import rules, words
from motcua.desk.tests.support import seated
from motcua.dossiers import actions
from motcua.dossiers import api as dossiers
from motcua.dossiers.tests.support import ELSEWHERE, NEIGHBOUR, NOW, application, filed, filing, office, place
from motcua.identity import api as identity
from motcua.kernel import clock
from motcua.kernel.errors import Failure

pytestmark = pytest.mark.usefixtures("country")
Role = identity.Role


def taken(code: str, *steps: str, agency: int | None = None) -> None:
    for step in steps:
        told = dossiers.Given(clock.now(), "vì thế", agency=agency)
        [answer] = actions.take_steps([actions.StepRequest(code, step, f"{code}{step}", b"d" * 32, office(), told)])
        assert not isinstance(answer, Failure), answer


def online(**more: Any) -> str:
    [receipt] = actions.file([filing(application(channel="online", **more), now=clock.now())])
    assert isinstance(receipt, dossiers.Receipt)
    return receipt.code


def counter(**more: Any) -> str:
    by = office(NEIGHBOUR) if "reception" in more else office()
    [receipt] = actions.file([filing(application(**more), by=by, now=clock.now())])
    assert isinstance(receipt, dossiers.Receipt)
    return receipt.code


def codes_on(client: Client, address: str) -> list[str]:
    page = client.get(address)
    assert page.status_code == 200, address
    return [part.split('"')[0] for part in page.content.decode().split('<a class="code open" href="/can-bo/ho-so/')[1:]]


def codes(client: Client, address: str) -> set[str]:
    return {found.split("?")[0] for found in codes_on(client, address)}


def test_each_position_sees_its_own_lists_and_others_do_not_exist_for_it() -> None:
    client = seated(Role.HANDLER)
    page = client.get("/can-bo/viec/dang-xu-ly").content.decode()
    for row in rules.LISTS:
        mine = Role.HANDLER in row.roles
        assert (f'href="/can-bo/viec/{row.slug}"' in page) == mine, row.slug
        assert client.get(f"/can-bo/viec/{row.slug}").status_code == (200 if mine else 404), row.slug
    assert client.get("/can-bo/viec/khong-co").status_code == 404


def test_a_dossier_walks_through_the_lists_of_its_day() -> None:
    reception, handler = seated(Role.RECEPTION), seated(Role.HANDLER)
    code = online()
    assert codes(reception, "/can-bo/viec/truc-tuyen-moi") == {code}
    taken(code, "accept")
    assert codes(reception, "/can-bo/viec/truc-tuyen-moi") == set()
    assert codes(reception, "/can-bo/viec/cho-chuyen") == {code}
    taken(code, "hand_over")
    assert codes(handler, "/can-bo/viec/dang-xu-ly") == {code}
    taken(code, "ask_for_completion")
    assert codes(handler, "/can-bo/viec/cho-nguoi-nop") == {code}
    taken(code, "complete", "propose")
    assert codes(seated(Role.APPROVER), "/can-bo/viec/cho-duyet") == {code}
    taken(code, "approve")
    assert codes(seated(Role.SIGNATORY), "/can-bo/viec/cho-ky") == {code}
    taken(code, "sign", "finish")
    assert codes(reception, "/can-bo/viec/cho-tra-ket-qua") == {code}


def test_who_asked_another_agency_still_sees_the_dossier_and_the_asked_one_too() -> None:
    code = counter()
    taken(code, "hand_over")
    taken(code, "consult", agency=place(NEIGHBOUR).committee.id)
    assert codes(seated(Role.HANDLER), "/can-bo/viec/cho-co-quan-khac") == {code}
    assert codes(seated(Role.HANDLER, NEIGHBOUR), "/can-bo/viec/duoc-lay-y-kien") == {code}
    page = seated(Role.HANDLER).get("/can-bo/viec/cho-co-quan-khac").content.decode()
    assert place(NEIGHBOUR).committee.name in page


def test_what_is_received_for_another_unit_stands_in_a_list_of_its_own() -> None:
    code = counter(reception=place(NEIGHBOUR).org)
    assert codes(seated(Role.RECEPTION, NEIGHBOUR), "/can-bo/viec/ngoai-dia-gioi") == {code}
    counter()
    assert codes(seated(Role.RECEPTION), "/can-bo/viec/ngoai-dia-gioi") == set()


def test_due_today_and_overdue_are_told_apart() -> None:
    now, here = NOW, place().centre.id
    [receipt] = filed()
    assert receipt.due_at is not None

    def listed(name: str, at: Any) -> list[str]:
        page = dossiers.desk_page(dossiers.DeskQuestion(office(), here, name, at))
        return [row.code for row in page.rows]

    for at, name in [(now, ""), (receipt.due_at - timedelta(minutes=5), "due_today"),
                     (receipt.due_at + timedelta(minutes=1), "overdue")]:  # fmt: skip
        for each in ("due_today", "overdue"):
            assert listed(each, at) == ([receipt.code] if each == name else []), (at, each)
            assert dossiers.count_work(office(), here, [each], now=at)[each] == (each == name)


def test_a_new_online_dossier_says_what_is_left_of_two_and_of_eight_hours() -> None:
    def said(minutes: int) -> tuple[str, str, str]:
        return words.chip(dossiers.State.SUBMITTED, None, timedelta(minutes=minutes), None, NOW)

    assert said(480) == ("in-time", "Còn 8 giờ", "xem trong 2 giờ")
    assert said(400) == ("in-time", "Còn 6 giờ 40 phút", "xem trong 40 phút")
    assert said(350) == ("soon", "Còn 5 giờ 50 phút", "đã quá 2 giờ chưa xem")
    assert said(-30) == ("late", "Quá 30 phút", "chưa trả lời trong 8 giờ")


def test_a_list_is_narrowed_by_name_without_marks_by_number_code_and_field() -> None:
    mai, lan = counter(name="Nguyễn Thị Mãi", number="001099000001"), counter(name="Đỗ Văn Lân", number="001099000002")
    client, where = seated(Role.RECEPTION), "/can-bo/viec/cho-chuyen"
    assert codes(client, f"{where}?q=mai") == {mai}
    assert codes(client, f"{where}?q=đỗ văn LÂN") == {lan}
    assert codes(client, f"{where}?q=do van") == {lan}
    assert codes(client, f"{where}?q=001099000002") == {lan}
    assert codes(client, f"{where}?q={lan[-11:].lower()}") == {lan}
    assert codes(client, f"{where}?q=%25") == set()
    field = dossiers_field()
    assert codes(client, f"{where}?linh-vuc={field}") == {mai, lan}
    assert codes(client, f"{where}?linh-vuc=Không có lĩnh vực này") == {mai, lan}
    other = next(
        part.split("<")[0]
        for part in client.get(where).content.decode().split('<option lang="vi">')[1:]
        if part.split("<")[0] != field
    )
    assert codes(client, f"{where}?linh-vuc={other}") == set()


def dossiers_field() -> str:
    from motcua.dossiers.tests.support import PROCEDURE
    from motcua.procedures import api as procedures

    version = procedures.catalogue().version(PROCEDURE, clock.today())
    assert version is not None
    return version.field


def test_a_list_is_paged_to_its_end_without_gap_or_double() -> None:
    made = {receipt.code for receipt in filed(103)}
    client, seen = seated(Role.RECEPTION), []
    address: str | None = "/can-bo/viec/cho-chuyen"
    while address:
        page = client.get(address).content.decode()
        seen += codes_on(client, address)
        found = page.split('rel="next"')
        address = found[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&") if len(found) > 1 else None
    assert len(seen) == 103
    assert {code.split("?")[0] for code in seen} == made
    assert client.get("/can-bo/viec/cho-chuyen?sau=xyz").status_code == 400


def test_several_are_handed_over_at_once_and_what_was_not_done_is_told() -> None:
    made = [counter(), counter()]
    already = counter()
    taken(already, "hand_over")
    client = seated(Role.RECEPTION)
    form = {"buoc": "hand_over", "khoa": "k1", "ma": [*made, already, "H1-260817-0001"]}
    response = client.post("/can-bo/viec/cho-chuyen/lam?q=", form, follow=True)
    page = response.content.decode()
    assert "Đã làm “Chuyển cơ quan giải quyết”: 2 hồ sơ." in page
    assert "2 hồ sơ chưa làm được" in page
    assert f'href="/can-bo/ho-so/{already}"' in page
    assert codes(seated(Role.HANDLER), "/can-bo/viec/dang-xu-ly") == {*made, already}
    assert "chưa làm được" not in client.get("/can-bo/viec/cho-chuyen").content.decode()


def test_the_same_form_twice_makes_each_step_once() -> None:
    code = counter()
    client, form = seated(Role.RECEPTION), {"buoc": "hand_over", "khoa": "k2", "ma": [code, code]}
    for _ in range(2):
        assert "Đã làm" in client.post("/can-bo/viec/cho-chuyen/lam", form, follow=True).content.decode()
    assert [row.step for row in dossiers.log_of(code)] == ["file_counter", "hand_over"]


def test_nothing_ticked_or_too_much_or_an_unknown_step_changes_nothing() -> None:
    client = seated(Role.RECEPTION)
    empty = client.post("/can-bo/viec/cho-chuyen/lam", {"buoc": "hand_over"}, follow=True)
    assert "Chưa hồ sơ nào được đánh dấu." in empty.content.decode()
    assert client.post("/can-bo/viec/cho-chuyen/lam", {"buoc": "stop", "ma": [counter()]}).status_code == 400
    many = [f"x{n}" for n in range(rules.MOST_AT_ONCE + 1)]
    assert client.post("/can-bo/viec/cho-chuyen/lam", {"buoc": "hand_over", "ma": many}).status_code == 400


def test_another_agency_sees_nothing_and_can_do_nothing() -> None:
    code = counter()
    stranger = seated(Role.RECEPTION, ELSEWHERE)
    assert codes(stranger, "/can-bo/viec/cho-chuyen") == set()
    assert codes(stranger, f"/can-bo/tra-cuu?q={code}") == set()
    assert codes(stranger, "/can-bo/tra-cuu?q=001099000001") == set()
    assert codes(stranger, "/can-bo/tra-cuu?q=nguyen") == set()
    report = stranger.post("/can-bo/viec/cho-chuyen/lam", {"buoc": "hand_over", "khoa": "k", "ma": [code]}, follow=True)
    assert "1 hồ sơ chưa làm được" in report.content.decode()
    assert [row.step for row in dossiers.log_of(code)] == ["file_counter"]


def test_a_dossier_is_found_by_code_part_number_and_name() -> None:
    code = counter(name="Lê Thị Ánh", number="001099000077")
    client = seated(Role.RECEPTION)
    assert client.get(f"/can-bo/tra-cuu?q={code}")["Location"] == f"/can-bo/ho-so/{code}"
    for asked in (code.split("-", 1)[1], str(int(code.rsplit("-", 1)[1])), "001099000077", "le thi anh", "ánh"):
        assert code in codes(client, f"/can-bo/tra-cuu?q={asked}"), asked
    taken(code, "hand_over")
    assert code in codes(client, "/can-bo/tra-cuu?q=le thi anh"), "it lies at the committee now"
    assert code in codes(seated(Role.HANDLER), "/can-bo/tra-cuu?q=le thi anh")
    assert codes(client, "/can-bo/tra-cuu?q=khong ai") == set()


def test_a_view_is_kept_for_its_account_alone() -> None:
    client, other = seated(Role.RECEPTION), seated(Role.RECEPTION)
    kept = client.post("/can-bo/goc-nhin", {"ten": "Của bà Mai", "danh-sach": "cho-chuyen", "q": "mai", "linh-vuc": ""})
    assert kept["Location"] == "/can-bo/viec/cho-chuyen?q=mai"
    page = client.get("/can-bo/viec/cho-chuyen?q=mai").content.decode()
    assert "Của bà Mai" in page
    assert "Của bà Mai" not in other.get("/can-bo/viec/cho-chuyen").content.decode()
    number = page.split("/can-bo/goc-nhin/")[1].split("/")[0]
    other.post(f"/can-bo/goc-nhin/{number}/xoa")
    assert "Của bà Mai" in client.get("/can-bo/viec/cho-chuyen").content.decode()
    client.post(f"/can-bo/goc-nhin/{number}/xoa")
    assert "Của bà Mai" not in client.get("/can-bo/viec/cho-chuyen").content.decode()
    for bad in ("", "x" * 61):
        assert client.post("/can-bo/goc-nhin", {"ten": bad, "danh-sach": "cho-chuyen"}).status_code == 400
    assert client.post("/can-bo/goc-nhin", {"ten": "x", "danh-sach": "cho-ky"}).status_code == 404


def test_a_page_of_a_list_takes_few_statements_however_long_it_is() -> None:
    filed(60)
    client = seated(Role.RECEPTION)
    client.get("/can-bo/viec/cho-chuyen")
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        client.get("/can-bo/viec/cho-chuyen")
    assert len(captured) <= 6, [query["sql"] for query in captured]


def test_the_words_of_the_steps_are_those_of_the_table() -> None:
    assert {
        step.name: step.vi for step in (*dossiers.FILINGS, *dossiers.ARRIVALS, *dossiers.STEPS, *dossiers.MOVES)
    } == dict(words.STEP_NAMES)
