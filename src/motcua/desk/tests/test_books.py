"""Books and slips at the desk, as the officials of one commune and the wrong ones of another reach them."""

import io
from datetime import timedelta

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from motcua.desk.tests.support import seated
from motcua.dossiers import api as dossiers
from motcua.dossiers.tests.support import NEIGHBOUR, NOW, application, filed, office, place
from motcua.identity.api import Role
from motcua.slips.tests.support import take, texts

pytestmark = pytest.mark.usefixtures("country")

AUGUST = {"tu": "2026-08-01", "den": "2026-08-31"}


def page(client: Client, **asked: str) -> str:
    answer = client.get("/can-bo/so", {**AUGUST, **asked})
    assert answer.status_code == 200, answer.content.decode()[-500:]
    return answer.content.decode()


def test_a_slip_opens_in_the_browser_and_is_kept_nowhere() -> None:
    [receipt] = filed()
    answer = seated(Role.RECEPTION).get(f"/can-bo/ho-so/{receipt.code}/phieu/01", {"kho": "A5"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Content-Disposition"] == f'inline; filename="mau-01-{receipt.code}.pdf"'
    assert "no-store" in answer["Cache-Control"]
    assert receipt.code in texts(answer.content)[0]


@pytest.mark.parametrize(
    ("form", "asked", "status"),
    [
        ("99", {}, 404),
        ("01", {"kho": "A0"}, 400),
        ("01", {"dong": "x"}, 404),
        ("01", {"dong": "77"}, 400),
        ("03", {}, 400),
    ],
)
def test_a_form_that_is_not_there_is_said_in_words(form: str, asked: dict[str, str], status: int) -> None:
    [receipt] = filed()
    answer = seated(Role.RECEPTION).get(f"/can-bo/ho-so/{receipt.code}/phieu/{form}", asked)
    assert answer.status_code == status
    assert answer["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("role", list(Role))
def test_a_foreign_agency_gets_neither_slip_nor_book_nor_file(role: Role) -> None:
    [receipt] = filed()
    client, centre = seated(role, NEIGHBOUR), place().centre.id
    assert client.get(f"/can-bo/ho-so/{receipt.code}/phieu/06").status_code == 404
    assert client.post("/can-bo/phieu", {"ma": [receipt.code], "mau": "01"}).status_code == 404
    for at in ("/can-bo/so", "/can-bo/so/tep/xlsx", "/can-bo/so/tep/pdf"):
        answer = client.get(at, {**AUGUST, "co-quan": str(centre)})
        assert answer.status_code == 403
        assert receipt.code.encode() not in answer.content


def test_a_morning_of_ticked_dossiers_is_one_file() -> None:
    codes = [receipt.code for receipt in filed(3)]
    client = seated(Role.RECEPTION)
    answer = client.post("/can-bo/phieu", {"ma": codes, "mau": "06", "kho": "A5"})
    pages = texts(answer.content)
    assert [code for code, text in zip(codes, pages, strict=True) if code in text] == codes
    assert client.post("/can-bo/phieu", {"mau": "06"}).status_code == 400
    assert client.get("/can-bo/phieu").status_code == 405


def test_the_book_shows_what_the_centre_received_with_its_state_and_pages_on() -> None:
    receipts = filed(53)
    take(receipts[0].code, ("hand_over", "2026-08-17 09:00"))
    first = page(seated(Role.RECEPTION))
    assert first.count('name="ma"') == 50
    assert "Đang xử lý" in first
    assert receipts[50].code not in first
    following = page(seated(Role.RECEPTION), sau=receipts[49].code, da="50")
    assert following.count('name="ma"') == 3
    assert '<td class="number">53</td>' in following


def test_the_book_of_a_sector_and_of_other_days_holds_only_those() -> None:
    [receipt] = filed()
    client = seated(Role.RECEPTION)
    assert receipt.code in page(client, **{"linh-vuc": "Hộ tịch"})
    assert receipt.code not in page(client, **{"linh-vuc": "Chứng thực"})
    assert receipt.code not in page(client, tu="2026-08-18")
    assert receipt.code in page(client, tu="2026-08-17", den="2026-08-17")


@pytest.mark.parametrize("asked", [{"tu": "hôm qua"}, {"tu": "2026-08-20", "den": "2026-08-01"}, {"tu": "2020-01-01"}])
def test_a_period_that_can_not_be_read_is_said_at_its_field(asked: dict[str, str]) -> None:
    answer = seated(Role.RECEPTION).get("/can-bo/so", {**AUGUST, **asked})
    assert answer.status_code == 422
    assert 'id="tu-error"' in answer.content.decode()
    assert seated(Role.RECEPTION).get("/can-bo/so/tep/pdf", {**AUGUST, **asked}).status_code == 400


def test_the_committees_leader_opens_the_book_of_its_centre_and_a_handler_is_told_there_is_none() -> None:
    [receipt] = filed()
    assert receipt.code in page(seated(Role.LEADER))
    assert "không tiếp nhận hồ sơ nào" in page(seated(Role.HANDLER))


def test_the_workbook_holds_every_row_and_nothing_typed_is_a_formula() -> None:
    wild = ('=HYPERLINK("http://x")', "+84 900", "-1+2", "@SUM(A1)", "Lò Thị <b>Ặng</b>\x07")
    for name in wild:
        filed(made=application(name=name))
    filed(60)
    answer = seated(Role.RECEPTION).get("/can-bo/so/tep/xlsx", AUGUST)
    assert answer["Content-Disposition"].startswith("attachment")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    rows = list(sheet.iter_rows(min_row=2))
    assert len(rows) == len(wild) + 60
    assert [row[3].value for row in rows[:5]] == [*wild[:4], "Lò Thị <b>Ặng</b>"]
    assert {row[3].data_type for row in rows} == {"s"}
    assert rows[0][7].value == (NOW + timedelta(hours=7)).replace(tzinfo=None)


def test_the_book_on_paper_is_form_07_with_a_number_of_its_sector() -> None:
    [receipt] = filed()
    client = seated(Role.RECEPTION)
    for _ in range(2):
        [text] = texts(client.get("/can-bo/so/tep/pdf", {**AUGUST, "linh-vuc": "Hộ tịch"}).content)
        for expected in ("SỔ THEO DÕI HỒ SƠ", "Số: 1/STD-TTPVHCC", receipt.code, "Nguyễn Thị Mai", "Lĩnh vực: Hộ tịch"):
            assert expected in text
    [text] = texts(client.get("/can-bo/so/tep/pdf", {**AUGUST, "linh-vuc": "Chứng thực"}).content)
    assert "Số: 2/STD-TTPVHCC" in text
    assert "Không có hồ sơ nào" in text


def test_a_page_of_the_book_is_one_statement_that_walks_an_index() -> None:
    filed(5)
    here = place().centre
    question = dossiers.BookQuestion(office(), here.id, NOW.date(), NOW.date())
    with CaptureQueriesContext(connection) as asked:
        rows, _ = dossiers.book(question)
    assert len(rows) == 5
    assert len(asked) <= 1
