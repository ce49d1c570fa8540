"""Fees and duties at the desk: what is owed stands on the page, the counter takes it in, a handler asks for a duty."""

import pytest

from motcua.desk.tests.support import seated
from motcua.dossiers import api as dossiers
from motcua.dossiers.tests.support import NEIGHBOUR, NOW, application, filing, office
from motcua.identity.api import Role
from motcua.payments import api as payments

pytestmark = pytest.mark.django_db


@pytest.fixture
def code(country: None) -> str:
    """A dossier in hand, whose applicant owes nothing yet."""
    [receipt] = dossiers.file([filing(application())])
    assert isinstance(receipt, dossiers.Receipt)
    request = dossiers.StepRequest(receipt.code, "hand_over", "h", b"d", office(), dossiers.Given(NOW))
    [taken] = dossiers.take_steps([request])
    assert isinstance(taken, dossiers.StepReceipt)
    return receipt.code


def duty(**typed: str) -> dict[str, str]:
    wanted = {"buoc": "require_duty", "khoa": "k1", "ten-khoan": "Lệ phí trước bạ", "so-tien": "1.250.000"}
    return {**wanted, "ly-do": "Thông báo số 12 của cơ quan thuế", **typed}


def test_a_duty_has_an_amount_that_the_applicant_can_pay(code: str) -> None:
    handler = seated(Role.HANDLER)
    at = f"/can-bo/ho-so/{code}"
    for _twice in range(2):  # the same form sent twice asks once
        assert handler.post(at, duty()).status_code == 302
    [charge] = payments.charges_of([code], scope=office())
    assert (charge.name, charge.amount, charge.state) == ("Lệ phí trước bạ", 1_250_000, payments.ChargeState.OPEN)
    page = handler.get(at).content.decode()
    assert "1.250.000" in page
    assert "chưa nộp" in page
    assert "Đã thu" not in page  # money is taken at the counter


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"so-tien": "một triệu"}, "Số tiền chưa đúng"),
        ({"so-tien": "0"}, "Số tiền chưa đúng"),
        ({"so-tien": "-5"}, "Số tiền chưa đúng"),
        ({"ten-khoan": "  "}, "Chưa ghi tên khoản phải nộp"),
    ],
)
def test_a_duty_without_name_or_amount_is_not_asked_for(code: str, typed: dict[str, str], said: str) -> None:
    answer = seated(Role.HANDLER).post(f"/can-bo/ho-so/{code}", duty(**typed))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert said in page
    assert "Thông báo số 12 của cơ quan thuế" in page  # what was typed is kept
    assert payments.charges_of([code], scope=office()) == ()
    assert dossiers.open_folder(code, scope=office(), now=NOW).where.state == "in_process"


def test_the_counter_takes_the_money_in_and_the_dossier_goes_on(code: str) -> None:
    seated(Role.HANDLER).post(f"/can-bo/ho-so/{code}", duty())
    reception = seated(Role.RECEPTION)
    assert "Đã thu" in reception.get(f"/can-bo/ho-so/{code}").content.decode()
    answer = reception.post(f"/can-bo/ho-so/{code}/thu-phi")
    assert (answer.status_code, answer["Location"]) == (302, f"/can-bo/ho-so/{code}")
    [charge] = payments.charges_of([code], scope=office())
    assert (charge.state, charge.how) == (payments.ChargeState.PAID, payments.How.CASH)
    assert dossiers.open_folder(code, scope=office(), now=NOW).where.state == "in_process"


def test_nobody_takes_money_for_a_foreign_dossier(code: str) -> None:
    seated(Role.HANDLER).post(f"/can-bo/ho-so/{code}", duty())
    seated(Role.RECEPTION, NEIGHBOUR).post(f"/can-bo/ho-so/{code}/thu-phi")
    assert seated(Role.HANDLER).post(f"/can-bo/ho-so/{code}/thu-phi").status_code == 403
    [charge] = payments.charges_of([code], scope=office())
    assert charge.state is payments.ChargeState.OPEN
