"""What is owed, what an answer makes of an attempt, and the code of a transfer."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motcua.kernel.errors import Permanent
from motcua.payments.rules import (
    ARRIVED,
    PURPOSE_LENGTH,
    AttemptState,
    ChargeState,
    Outcome,
    ask_again_after,
    crc16,
    fee_items,
    fields,
    judge,
    read_code,
    signature,
    signed_by,
    standing_of,
    transfer_code,
    transfer_purpose,
)

# The four examples of NAPAS' description of VietQR: to an account and to a card, without and with an amount.
PUBLISHED = (
    "00020101021138570010A00000072701270006970403011300110123456780208QRIBFTTA53037045802VN63049E6F",
    "00020101021238570010A00000072701270006970403011300110123456780208QRIBFTTA530370454061800005802VN"
    "62340107NPS68690819thanh toan don hang63042E2E",
    "00020101021138600010A00000072701300006970403011697040311012345670208QRIBFTTC53037045802VN63044F52",
    "00020101021238600010A00000072701300006970403011697040311012345670208QRIBFTTC530370454061800005802VN"
    "62340107NPS68690819thanh toan don hang6304A203",
)


def test_the_checksum_is_the_one_of_the_catalogue_of_checksums() -> None:
    assert crc16(b"123456789") == 0x29B1


@pytest.mark.parametrize("text", PUBLISHED)
def test_the_published_examples_are_read(text: str) -> None:
    found = read_code(text)
    assert found["58"] == "VN"
    assert dict(fields(found["38"]))["00"] == "A000000727"


def test_a_code_has_the_layout_of_the_published_example() -> None:
    made = read_code(transfer_code(bank="970403", account="0011012345678", amount=180000, purpose="thanh toan"))
    published = read_code(PUBLISHED[1])
    assert {number: made[number] for number in made if number not in ("62", "63")} == {
        number: published[number] for number in published if number not in ("62", "63")
    }
    assert dict(fields(made["62"])) == {"08": "thanh toan"}


@given(st.integers(1, 10**12), st.text(max_size=60))
def test_every_code_can_be_read_back(amount: int, purpose: str) -> None:
    found = read_code(transfer_code(bank="999999", account="0000000017", amount=amount, purpose=purpose))
    assert found["54"] == str(amount)
    said = dict(fields(found["62"]))["08"]
    assert len(said) <= PURPOSE_LENGTH
    assert said.isascii()


@pytest.mark.parametrize("at", range(0, len(PUBLISHED[1]), 7))
def test_one_wrong_sign_is_noticed(at: int) -> None:
    text = PUBLISHED[1]
    with pytest.raises(Permanent):
        read_code(text[:at] + ("1" if text[at] != "1" else "2") + text[at + 1 :])


@pytest.mark.parametrize(
    ("bank", "account", "amount"),
    [("12345", "1", 1), ("９７０４０３", "1", 1), ("970403", "1-2", 1), ("970403", "1", 0)],
)
def test_a_code_is_made_of_right_parts_only(bank: str, account: str, amount: int) -> None:
    with pytest.raises(Permanent):
        transfer_code(bank=bank, account=account, amount=amount, purpose="x")


def test_a_purpose_survives_what_banks_do_to_it() -> None:
    assert transfer_purpose("H29.112-261120-0042") == "H291122611200042"
    assert transfer_purpose(transfer_purpose("H29.112-261120-0042")) == "H291122611200042"


FEES = (
    ("Lệ phí", 150_000, "hồ sơ", "", "online"),
    ("Lệ phí", 50_000, "hồ sơ", "", "direct"),
    ("Phí bản sao", 8_000, "bản", "Nếu có yêu cầu", ""),
    ("Phí của tỉnh", None, "hồ sơ", "", ""),
    ("Miễn phí", 0, "", "", ""),
)


def test_only_what_a_dossier_owes_by_its_channel_is_charged() -> None:
    assert [(item.key, item.amount) for item in fee_items(FEES, "online")] == [("fee:0", 150_000)]
    assert [(item.key, item.amount) for item in fee_items(FEES, "direct")] == [("fee:1", 50_000)]
    assert fee_items(FEES, "post") == ()


@pytest.mark.parametrize(
    ("key", "state", "asked", "after"),
    [
        ("fee:0", "submitted", False, ChargeState.OPEN),
        ("fee:0", "awaiting_fee", True, ChargeState.OPEN),
        ("fee:0", "submitted", True, ChargeState.PAID),
        ("fee:0", "in_process", False, ChargeState.OPEN),
        ("fee:0", "withdrawn", True, ChargeState.VOID),
        ("duty:1", "awaiting_duty", False, ChargeState.OPEN),
        ("duty:1", "in_process", False, ChargeState.PAID),
        ("duty:1", "stopped", False, ChargeState.VOID),
    ],
)
def test_the_dossiers_own_story_settles_charges(key: str, state: str, asked: bool, after: ChargeState) -> None:
    assert standing_of(key, dossier=state, fee_asked=asked) is after


def test_money_that_arrived_is_never_taken_for_anything_else() -> None:
    for state, outcome, amount in itertools.product(ARRIVED, Outcome, (0, 100, 200)):
        assert judge(state, 100, outcome, amount) is state


def test_an_answer_is_judged_by_its_amount() -> None:
    assert judge(AttemptState.REQUESTED, 100, Outcome.PAID, 100) is AttemptState.PAID
    assert judge(AttemptState.UNKNOWN, 100, Outcome.PAID, 99) is AttemptState.MISMATCH
    assert judge(AttemptState.FAILED, 100, Outcome.PAID, 100) is AttemptState.PAID, "a failure may turn out as paid"
    assert judge(AttemptState.REQUESTED, 100, Outcome.FAILED, 0) is AttemptState.FAILED
    assert judge(AttemptState.UNKNOWN, 100, Outcome.PENDING, 100) is AttemptState.REQUESTED
    assert judge(AttemptState.FAILED, 100, Outcome.PENDING, 100) is AttemptState.FAILED


def test_the_gateway_is_asked_less_and_less_often() -> None:
    assert [ask_again_after(age) for age in (0, 60, 600, 10**6)] == [15, 60, 600, 3600]


def test_a_signature_fits_one_body_and_one_secret() -> None:
    made = signature("secret", b"body")
    assert signed_by("secret", b"body", made)
    assert not any(
        (signed_by("secret", b"bodY", made), signed_by("Secret", b"body", made), signed_by("secret", b"body", "é"))
    )
