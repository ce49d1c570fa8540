"""What is to be paid, what an answer of the gateway makes of an attempt, and the code of a bank transfer. Pure."""

import hashlib
import hmac
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID, uuid5

from motcua.kernel.errors import Permanent

CHARGES = UUID("7d1c7c0e-5f0d-5b59-9a0a-706179e4b1a0")  # the namespace of uuid5


class ChargeState(StrEnum):
    OPEN = "open"
    PAID = "paid"
    VOID = "void"  # nothing is owed any more: the dossier ended before it was paid


class How(StrEnum):
    """How a charge was paid."""

    ONLINE = "online"
    TRANSFER = "transfer"
    CASH = "cash"


class AttemptState(StrEnum):
    """Where an attempt to pay stands. The last four are money that arrived."""

    REQUESTED = "requested"  # the citizen was sent to the gateway
    UNKNOWN = "unknown"  # the gateway was asked and gave no answer: ask before repeating
    FAILED = "failed"
    PAID = "paid"
    MISMATCH = "mismatch"  # another amount than asked for, or for nothing that we know: a person looks at it
    REFUND = "refund"  # paid twice, or when nothing was owed any more: must be given back
    SETTLED = "settled"  # a person has looked at it and said what was done


WAITING = frozenset({AttemptState.REQUESTED, AttemptState.UNKNOWN})
ARRIVED = frozenset({AttemptState.PAID, AttemptState.MISMATCH, AttemptState.REFUND, AttemptState.SETTLED})
ODD = frozenset({AttemptState.MISMATCH, AttemptState.REFUND})


class Outcome(StrEnum):
    """What the gateway says of an order."""

    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to be paid for a dossier: `key` names it within the dossier, so that it is charged once."""

    key: str
    name: str
    amount: int
    why: str = ""


PER_DOSSIER = frozenset({"", "hồ sơ", "lần", "lần đăng ký", "trường hợp"})
"""The units of a fee of which a dossier is one. Of pages or copies only the counter knows how many there are."""


def fee_items(fees: Iterable[tuple[str, int | None, str, str, str]], channel: str) -> tuple[Item, ...]:
    """What the fees of a procedure (name, amount, unit, note, channel) ask of one dossier filed by this channel."""
    return tuple(
        Item(f"fee:{i}", name, amount, note)
        for i, (name, amount, unit, note, through) in enumerate(fees)
        if amount and through in ("", channel) and unit in PER_DOSSIER
    )


ENDED = frozenset({"refused", "withdrawn", "stopped", "closed"})
"""The states of a dossier after which nothing is owed that was not paid before."""


def standing_of(key: str, *, dossier: str, fee_asked: bool) -> ChargeState:
    """What became of an open charge by what happened to its dossier: a fee or duty that an official has noted as done
    was paid at the counter, and of an ended dossier nothing is owed."""
    if dossier in ENDED:
        return ChargeState.VOID
    if key.startswith("duty:"):
        return ChargeState.OPEN if dossier == "awaiting_duty" else ChargeState.PAID
    return ChargeState.PAID if fee_asked and dossier != "awaiting_fee" else ChargeState.OPEN


def charge_id(code: str, key: str) -> UUID:
    """The same thing to be paid for the same dossier has the same id, whoever makes it."""
    return uuid5(CHARGES, f"{code}:{key}")


def judge(state: AttemptState, asked: int, outcome: Outcome, amount: int) -> AttemptState:
    """An attempt after an answer: money that arrived is never forgotten, and a failure may still turn out as paid."""
    if state in ARRIVED or outcome is Outcome.PENDING:
        return AttemptState.REQUESTED if state is AttemptState.UNKNOWN else state
    if outcome is Outcome.FAILED:
        return AttemptState.FAILED
    return AttemptState.PAID if amount == asked else AttemptState.MISMATCH


def ask_again_after(seconds: float) -> float:
    """How long to wait before the gateway is asked again about an attempt of this age: as long again, to an hour."""
    return min(max(seconds, 15.0), 3600.0)


# --- the signature of what we and the gateway send each other -----------------------------------------------------


def signature(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def signed_by(secret: str, body: bytes, given: str) -> bool:
    return hmac.compare_digest(signature(secret, body).encode(), given.encode("utf-8", "replace"))


# --- the code of a bank transfer: EMVCo merchant-presented mode, in the layout of VietQR --------------------------

NAPAS = "A000000727"
TO_ACCOUNT = "QRIBFTTA"
DONG = "704"
PURPOSE_LENGTH = 25  # characters of the purpose of a transaction (EMVCo, 62-08)


def transfer_code(*, bank: str, account: str, amount: int, purpose: str) -> str:
    """The text of a QR code with which any Vietnamese banking app fills in a transfer. `bank` is its BIN."""
    if not (len(bank) == 6 and bank.isascii() and bank.isdigit()):
        raise Permanent("bank-malformed", "Mã BIN của ngân hàng có sáu chữ số.")
    if not (account.isascii() and account.isalnum() and len(account) <= 19):
        raise Permanent("account-malformed", "Số tài khoản có tối đa 19 chữ và số.")
    if amount <= 0:
        raise Permanent("amount-malformed", "Số tiền phải lớn hơn không.")
    said = " ".join(plain(purpose).split())[:PURPOSE_LENGTH].strip()
    beneficiary = _field("00", bank) + _field("01", account)
    text = "".join(
        (
            _field("00", "01"),
            _field("01", "12"),  # an amount of its own: used once
            _field("38", _field("00", NAPAS) + _field("01", beneficiary) + _field("02", TO_ACCOUNT)),
            _field("53", DONG),
            _field("54", str(amount)),
            _field("58", "VN"),
            _field("62", _field("08", said)),
            "6304",
        )
    )
    return f"{text}{crc16(text.encode()):04X}"


def transfer_purpose(code: str) -> str:
    """How a dossier's code is written as the purpose of a transfer: banks drop full stops and dashes."""
    return "".join(sign for sign in code.upper() if sign.isalnum())


def plain(text: str) -> str:
    """Letters without marks: ASCII, as banks pass it on."""
    spread = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(sign if sign.isascii() else " " for sign in spread if not unicodedata.combining(sign))


def read_code(text: str) -> Mapping[str, str]:
    """The fields of an EMVCo code by their numbers; Permanent if its length fields or its checksum are wrong."""
    if len(text) < 8 or text[-8:-4] != "6304" or f"{crc16(text[:-4].encode()):04X}" != text[-4:]:
        raise Permanent("code-damaged", "Mã chuyển khoản không đọc được.")
    return dict(fields(text))


def fields(text: str) -> Sequence[tuple[str, str]]:
    """Number and value of each field, in order."""
    found, at = [], 0
    while at < len(text):
        length = text[at + 2 : at + 4]
        if not length.isdigit() or at + 4 + int(length) > len(text):
            raise Permanent("code-damaged", "Mã chuyển khoản không đọc được.")
        found.append((text[at : at + 2], text[at + 4 : at + 4 + int(length)]))
        at += 4 + int(length)
    return found


def crc16(data: bytes) -> int:
    """CRC-16 with the polynomial 1021 and the start FFFF (ISO/IEC 13239), as EMVCo wants it."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1
            crc &= 0xFFFF
    return crc


def _field(number: str, value: str) -> str:
    return f"{number}{len(value):02d}{value}"
