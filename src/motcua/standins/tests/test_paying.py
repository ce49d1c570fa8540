"""Paying through the simulated gateway over real HTTP, in each way in which it can go wrong."""

import json
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from django.conf import settings

from motcua.dossiers.tests.support import COMMUNE, NOW, office, place, scope
from motcua.identity import api as identity
from motcua.kernel.errors import Conflict, Failure, NotAllowed, NotFound, Transient, Unknown
from motcua.payments import actions, checks, models, queries
from motcua.payments import api as payments
from motcua.payments.rules import signature, transfer_purpose
from motcua.standins.tests.support import FEE, Running, gateway, payer, shop, state_of

pytestmark = pytest.mark.usefixtures("country")
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def bank() -> Iterator[Running]:
    with gateway() as running:
        yield running


def start(code: str, scope: identity.Scope | None = None) -> payments.Attempt:
    return payments.start(
        code=code,
        scope=scope or payer(),
        back="http://127.0.0.1:1/xong/{attempt}",
        notice="http://127.0.0.1:1/bao",
        now=NOW,
    )


def notice(attempt: UUID | None, amount: int = FEE, state: str = "paid", **more: object) -> tuple[bytes, str]:
    told = {"order": str(attempt) if attempt else None, "reference": "MP1", "amount": amount, "state": state, **more}
    body = json.dumps(told).encode()
    return body, signature(settings.PAYMENTS_SECRET, body)


def hear(attempt: UUID | None, **told: object) -> payments.Attempt:
    body, signed = notice(attempt, **told)  # type: ignore[arg-type]
    return payments.hear(body=body, signature=signed, now=LATER)


def charges(code: str) -> list[tuple[int, str, str]]:
    return [(c.amount, c.state.value, c.how) for c in payments.charges_of([code], scope=payer())]


# --- charges ------------------------------------------------------------------------------------------------------


def test_a_fee_is_asked_for_once_and_the_office_is_not_waited_for() -> None:
    code = shop()
    first = payments.open_charges(codes=[code], scope=payer(), now=NOW)
    again = payments.open_charges(codes=[code, code], scope=payer(), now=LATER)
    assert [charge.amount for charge in first] == [FEE]
    assert first == again
    assert first[0].due_at is not None
    assert state_of(code) == "awaiting_fee"


def test_what_is_filed_at_the_counter_costs_what_the_counter_takes() -> None:
    code = shop(channel="counter")
    (charge,) = payments.open_charges(codes=[code], scope=office(), now=NOW)
    assert charge.amount == 50_000
    assert state_of(code) == "accepted", "nobody waits for a fee at the counter"
    (paid,) = payments.receive_at_counter([code], scope=office(), now=NOW)
    assert (paid.state, paid.how) == (payments.ChargeState.PAID, "cash")
    assert payments.open_charges(codes=[code], scope=office(), now=NOW) == ()


def test_a_free_procedure_has_no_charges() -> None:
    from motcua.dossiers.tests.support import filed

    assert payments.open_charges(codes=[filed()[0].code], scope=office(), now=NOW) == ()


def test_nobody_else_sees_or_makes_charges() -> None:
    code = shop()
    stranger = payer("001090000018")
    assert payments.open_charges(codes=[code], scope=stranger, now=NOW) == ()
    assert state_of(code) == "submitted"
    payments.open_charges(codes=[code], scope=payer(), now=NOW)
    assert payments.charges_of([code], scope=stranger) == ()
    for ask in (payments.attempts_of, lambda code, scope: payments.transfer_for(code, scope=scope, on=NOW.date())):
        with pytest.raises(NotFound):
            ask(code, scope=stranger)


def test_the_counter_takes_the_fee_of_an_online_dossier_and_only_the_receiving_one() -> None:
    code = shop()
    payments.open_charges(codes=[code], scope=payer(), now=NOW)
    handler = scope(place(COMMUNE).centre, roles=[identity.Role.HANDLER])
    with pytest.raises(NotAllowed):
        payments.receive_at_counter([code], scope=handler, now=NOW)
    payments.receive_at_counter([code], scope=office(), now=NOW)
    assert state_of(code) == "submitted"
    assert charges(code) == [(FEE, "paid", "cash")]


def test_a_fee_that_the_desk_noted_as_paid_is_not_asked_for_again() -> None:
    code = shop()
    payments.open_charges(codes=[code], scope=payer(), now=NOW)
    actions._step(code, "pay_fee", key="desk", scope=office(), now=NOW)
    assert payments.open_charges(codes=[code], scope=payer(), now=LATER) == ()
    assert charges(code) == [(FEE, "paid", "cash")]
    assert state_of(code) == "submitted"


def test_nothing_is_owed_of_a_withdrawn_dossier() -> None:
    code = shop()
    payments.open_charges(codes=[code], scope=payer(), now=NOW)
    actions._step(code, "withdraw", key="w", reason="Thôi.", scope=payer(), now=NOW)
    assert payments.open_charges(codes=[code], scope=payer(), now=LATER) == ()
    assert charges(code) == [(FEE, "void", "")]


def test_a_duty_is_asked_for_with_its_amount_and_paying_it_lets_the_dossier_go_on(bank: Running) -> None:
    code = shop(channel="counter")
    actions._step(code, "hand_over", key="h", scope=office(), now=NOW)
    payments.receive_at_counter([code], scope=office(), now=NOW)
    duty = payments.Duty(code, "Tiền sử dụng đất", 12_000_000, "Theo thông báo 12/TB.", key="d1")
    (made, again) = payments.require_duties([duty, duty], scope=office(), now=NOW)
    assert not isinstance(made, Failure), made
    assert made == again
    assert state_of(code) == "awaiting_duty"
    attempt = start(code)
    assert attempt.amount == 12_000_000
    hear(attempt.id, amount=12_000_000)
    assert state_of(code) == "in_process"


def test_a_duty_of_nothing_or_from_a_stranger_is_refused_and_changes_nothing() -> None:
    code = shop(channel="counter")
    actions._step(code, "hand_over", key="h", scope=office(), now=NOW)
    free = payments.Duty(code, "Tiền", 0, "Lý do", key="d1")
    good = payments.Duty(code, "Tiền", 5, "Lý do", key="d2")
    answers = payments.require_duties([free], scope=office(), now=NOW)
    answers += payments.require_duties([good], scope=office("00008"), now=NOW)
    answers += payments.require_duties([good], scope=payer(), now=NOW)
    assert all(isinstance(answer, Failure) for answer in answers)
    assert state_of(code) == "in_process"


# --- the gateway --------------------------------------------------------------------------------------------------


def test_a_notice_pays_the_fee_and_sends_the_dossier_to_the_office_exactly_once(bank: Running) -> None:
    code = shop()
    attempt = start(code)
    assert attempt.address.startswith(bank.url)
    for _ in range(3):
        assert hear(attempt.id).state is payments.AttemptState.PAID
    assert charges(code) == [(FEE, "paid", "online")]
    assert state_of(code) == "submitted"
    assert checks.payments().ok
    with pytest.raises(Conflict):
        start(code)


def test_pressing_twice_leads_to_the_same_page(bank: Running) -> None:
    code = shop()
    assert start(code) == start(code)
    assert models.Attempt.objects.count() == 1


def test_who_pays_and_closes_the_window_has_paid(bank: Running) -> None:
    bank.mode("silent")
    code = shop()
    attempt = start(code)
    bank.choose(attempt.address)
    assert actions.ask_unanswered(now=NOW) == 0, "not yet"
    assert actions.ask_unanswered(now=LATER) == 1
    assert charges(code) == [(FEE, "paid", "online")]
    assert actions.ask_unanswered(now=LATER) == 0


def test_a_refused_payment_can_be_begun_again(bank: Running) -> None:
    bank.mode("refuse")
    code = shop()
    first = start(code)
    assert bank.choose(first.address).headers["location"].endswith(str(first.id))
    assert payments.ask_about(attempt=first.id, now=LATER).state is payments.AttemptState.FAILED
    bank.mode("silent")
    second = start(code)
    assert second.id != first.id
    bank.choose(second.address)
    assert payments.ask_about(attempt=second.id, now=LATER).state is payments.AttemptState.PAID


def test_a_late_answer_is_asked_for_until_it_is_there(bank: Running) -> None:
    bank.mode("late", 30)
    code = shop()
    attempt = start(code)
    bank.choose(attempt.address)
    assert payments.ask_about(attempt=attempt.id, now=LATER).state is payments.AttemptState.REQUESTED
    hear(attempt.id)
    assert charges(code) == [(FEE, "paid", "online")]


@pytest.mark.parametrize("mode", ["error", "error-after", "away"])
def test_no_answer_is_unknown_and_the_same_order_goes_on_later(bank: Running, mode: str) -> None:
    code = shop()
    bank.mode(mode)
    with pytest.raises(Unknown):
        start(code)
    (kept,) = payments.attempts_of(code, scope=payer())
    assert kept.state is payments.AttemptState.UNKNOWN
    assert actions.ask_unanswered(now=LATER) == 1, "asked, without an answer"
    bank.mode("pay")
    attempt = start(code)
    assert (attempt.id, attempt.state) == (kept.id, payments.AttemptState.REQUESTED), "never two orders for one fee"
    assert attempt.address


def test_a_slow_gateway_costs_seconds_and_no_money(bank: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    from motcua.payments import simulated

    monkeypatch.setattr(simulated, "READ", 0.1)
    bank.mode("slow", 0.5)
    code = shop()
    with pytest.raises(Unknown):
        start(code)


def test_a_gateway_that_is_not_there_has_done_nothing(settings: object) -> None:
    settings.PAYMENTS_URL = "http://127.0.0.1:9"  # type: ignore[attr-defined]
    code = shop()
    with pytest.raises(Transient):
        start(code)
    assert [a.state for a in payments.attempts_of(code, scope=payer())] == [payments.AttemptState.FAILED]
    assert charges(code) == [(FEE, "open", "")]


def test_another_amount_is_kept_for_a_person_and_pays_nothing(bank: Running) -> None:
    code = shop()
    attempt = start(code)
    assert hear(attempt.id, amount=FEE + 1000).state is payments.AttemptState.MISMATCH
    assert hear(attempt.id).state is payments.AttemptState.MISMATCH
    assert charges(code) == [(FEE, "open", "")]
    assert state_of(code) == "awaiting_fee"
    assert not checks.payments().ok
    with pytest.raises(Conflict):
        start(code)


def test_a_person_settles_what_arrived_oddly_and_the_dossier_goes_on(bank: Running) -> None:
    code = shop()
    attempt = start(code)
    hear(attempt.id, amount=FEE + 1000)
    for wrong, reason in ((payer(), "x"), (office(), "x"), (identity.SYSTEM, " ")):
        with pytest.raises(Failure):
            actions.settle([attempt.id], reason=reason, scope=wrong, now=LATER)
    assert [a.id for a in queries.odd_attempts(scope=identity.SYSTEM)] == [attempt.id]
    assert actions.settle([attempt.id], reason="Hoàn 1.000 đồng.", scope=identity.SYSTEM, now=LATER) == 1
    assert actions.settle([attempt.id], reason="Lại.", scope=identity.SYSTEM, now=LATER) == 0
    payments.receive_at_counter([code], scope=office(), how=payments.How.ONLINE, now=LATER)
    assert checks.payments().ok
    assert state_of(code) == "submitted"
    assert hear(attempt.id).state is payments.AttemptState.SETTLED, "a late notice changes nothing"


def test_a_wrong_signature_changes_nothing(bank: Running) -> None:
    code = shop()
    attempt = start(code)
    body, signed = notice(attempt.id)
    for wrong in (signed[:-1] + ("0" if signed[-1] != "0" else "1"), "", "é"):
        with pytest.raises(NotAllowed):
            payments.hear(body=body, signature=wrong, now=LATER)
    assert charges(code) == [(FEE, "open", "")]


@pytest.mark.parametrize("body", [b"", b"[]", b'{"state":"gone"}', b'{"state":"paid","amount":-5}', b"\xff"])
def test_a_notice_that_says_nothing_sensible_is_refused(bank: Running, body: bytes) -> None:
    with pytest.raises(Failure):
        payments.hear(body=body, signature=signature(settings.PAYMENTS_SECRET, body), now=LATER)


def test_a_notice_about_an_order_that_is_not_ours_is_refused(bank: Running) -> None:
    with pytest.raises(NotFound):
        hear(UUID(int=7))


def test_paid_after_a_failure_counts_and_paid_twice_is_given_back(bank: Running) -> None:
    bank.mode("refuse")
    code = shop()
    first = start(code)
    bank.choose(first.address)
    payments.ask_about(attempt=first.id, now=LATER)
    second = start(code)
    assert hear(second.id).state is payments.AttemptState.PAID
    assert hear(first.id).state is payments.AttemptState.REFUND
    assert charges(code) == [(FEE, "paid", "online")]
    assert queries.lost_sight_of(LATER) == (0, 1)


def test_money_for_a_withdrawn_dossier_is_given_back(bank: Running) -> None:
    code = shop()
    attempt = start(code)
    actions._step(code, "withdraw", key="w", reason="Thôi.", scope=payer(), now=NOW)
    assert hear(attempt.id).state is payments.AttemptState.REFUND
    assert state_of(code) == "withdrawn"


def test_doctor_notices_what_has_had_no_answer_for_an_hour(bank: Running) -> None:
    start(shop())
    assert queries.lost_sight_of(NOW + timedelta(minutes=59)) == (0, 0)
    assert queries.lost_sight_of(NOW + timedelta(minutes=61)) == (1, 0)


# --- transfers ----------------------------------------------------------------------------------------------------


def test_a_transfer_is_recognised_by_its_purpose(bank: Running) -> None:
    code = shop()
    payments.open_charges(codes=[code], scope=payer(), now=NOW)
    transfer = payments.transfer_for(code, scope=payer(), on=NOW.date())
    assert transfer is not None
    assert transfer.simulated
    for _ in range(2):
        heard = hear(None, purpose=f"NGUYEN THI MAI CHUYEN TIEN {transfer.purpose}")
        assert (heard.state, heard.how) == (payments.AttemptState.PAID, "transfer")
    assert models.Attempt.objects.count() == 1
    assert charges(code) == [(FEE, "paid", "transfer")]
    assert state_of(code) == "submitted"
    assert payments.transfer_for(code, scope=payer(), on=NOW.date()) is None


def test_a_transfer_that_pays_nothing_is_kept_for_a_person(bank: Running) -> None:
    code = shop()
    payments.open_charges(codes=[code], scope=payer(), now=NOW)
    short = hear(None, purpose=transfer_purpose(code), amount=FEE - 1, reference="CK1")
    lost = hear(None, purpose="tien com", reference="CK2")
    assert (short.state, lost.state) == (payments.AttemptState.MISMATCH, payments.AttemptState.MISMATCH)
    assert charges(code) == [(FEE, "open", "")]
    assert queries.lost_sight_of(LATER) == (0, 2)


def test_an_agencys_own_account_is_used_on_its_days(bank: Running) -> None:
    code = shop()
    payments.open_charges(codes=[code], scope=payer(), now=NOW)
    models.Account.objects.create(
        agency=place(COMMUNE).centre.id, bank="970403", number="0011012345678", name="TTPVHCC", valid_from="2026-08-17"
    )
    held = payments.transfer_for(code, scope=payer(), on=NOW.date())
    assert held is not None
    assert (held.account, held.simulated) == ("0011012345678", False)
