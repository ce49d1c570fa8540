"""What is owed, what was paid, and what became of each attempt."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from motcua.dossiers import api as dossiers
from motcua.identity import api as identity
from motcua.kernel.errors import NotFound
from motcua.payments import models
from motcua.payments.gateway import Gateway
from motcua.payments.rules import ODD, WAITING, AttemptState, ChargeState, transfer_code, transfer_purpose

NO_BANK = "999999"  # a BIN that no bank has, so that nobody can send money to a made-up account


@dataclass(frozen=True, slots=True)
class Charge:
    """Khoản phải nộp: what is to be paid for a dossier, why, by when, and whether it was paid and how."""

    id: UUID
    code: str
    name: str
    why: str
    amount: int
    state: ChargeState
    how: str
    made_at: datetime
    due_at: datetime | None
    paid_at: datetime | None
    is_duty: bool  # nghĩa vụ tài chính, not phí or lệ phí


@dataclass(frozen=True, slots=True)
class Attempt:
    """Một lần thanh toán, as its payer sees it."""

    id: UUID
    code: str
    amount: int
    how: str
    state: AttemptState
    reference: str
    address: str
    requested_at: datetime
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Transfer:
    """Chuyển khoản: to which account, what to write, and the text of the QR code that fills it all in."""

    bank: str
    account: str
    name: str
    amount: int
    purpose: str
    text: str
    simulated: bool


def charges_of(codes: Collection[str], *, scope: identity.Scope) -> tuple[Charge, ...]:
    """Every charge of these dossiers, those that concern the caller, in the order in which they were made."""
    known = dossiers.standings(codes, scope=scope)
    rows = models.Charge.objects.filter(dossier__in=list(known)).order_by("made_at", "key") if known else ()
    return tuple(as_charge(row) for row in rows)


def as_charge(row: models.Charge) -> Charge:
    return Charge(
        id=row.id,
        code=row.dossier,
        name=row.name,
        why=row.why,
        amount=row.amount,
        state=ChargeState(row.state),
        how=row.how,
        made_at=row.made_at,
        due_at=row.due_at,
        paid_at=row.paid_at,
        is_duty=row.key.startswith("duty:"),
    )


def attempts_of(code: str, *, scope: identity.Scope, limit: int = 20) -> tuple[Attempt, ...]:
    """The latest attempts to pay for a dossier that concerns the caller, newest first."""
    if code not in dossiers.standings([code], scope=scope):
        raise dossier_unknown(code)
    rows = models.Attempt.objects.filter(dossier=code).order_by("-requested_at")[:limit]
    return tuple(as_attempt(row) for row in rows)


def attempt(attempt_id: UUID, *, code: str, scope: identity.Scope) -> Attempt:
    """One attempt to pay for a dossier; NotFound unless the dossier concerns the caller."""
    row = models.Attempt.objects.filter(id=attempt_id, dossier=code).first()
    if row is None or code not in dossiers.standings([code], scope=scope):
        raise dossier_unknown(code)
    return as_attempt(row)


def as_attempt(row: models.Attempt) -> Attempt:
    return Attempt(
        id=row.id,
        code=row.dossier,
        amount=row.amount,
        how=row.how,
        state=AttemptState(row.state),
        reference=row.reference,
        address=row.address,
        requested_at=row.requested_at,
        answered_at=row.answered_at,
    )


def transfer_for(code: str, *, scope: identity.Scope, on: date) -> Transfer | None:
    """How to pay what is open by a bank transfer; None where nothing is open or the agency has no account."""
    standing = dossiers.standings([code], scope=scope).get(code)
    if standing is None:
        raise dossier_unknown(code)
    amount = sum(charge.amount for charge in charges_of([code], scope=scope) if charge.state is ChargeState.OPEN)
    if not amount:
        return None
    held = (
        models.Account.objects.filter(Q(valid_to=None) | Q(valid_to__gte=on), agency=standing.reception)
        .filter(valid_from__lte=on)
        .first()
    )
    if held is not None:
        bank, number, name = held.bank, held.number, held.name
    elif gateway() is not None:
        bank, number, name = NO_BANK, f"{standing.reception:010d}", "TÀI KHOẢN MÔ PHỎNG"
    else:
        return None
    purpose = transfer_purpose(code)
    text = transfer_code(bank=bank, account=number, amount=amount, purpose=purpose)
    return Transfer(bank, number, name, amount, purpose, text, simulated=held is None)


def gateway() -> Gateway | None:
    """The gateway of this installation; None where there is none, and nothing can be paid online."""
    url = str(settings.PAYMENTS_URL)
    if not url:
        return None
    from motcua.payments.simulated import SimulatedGateway  # its library takes half a second to import

    return SimulatedGateway(url, settings.PAYMENTS_SECRET)


def lost_sight_of(now: datetime, after: timedelta = timedelta(hours=1)) -> tuple[int, int]:
    """How many attempts have had no answer for longer than this, and how many hold money that needs a person."""
    waiting = models.Attempt.objects.filter(state__in=sorted(WAITING), requested_at__lt=now - after)
    return waiting.count(), models.Attempt.objects.filter(state__in=sorted(ODD)).count()


def odd_attempts(*, scope: identity.Scope, limit: int = 200) -> tuple[Attempt, ...]:
    """Money that needs a person, oldest first; only for those who reach every agency."""
    if scope.agencies is not None:
        return ()
    return tuple(as_attempt(row) for row in models.Attempt.objects.filter(state__in=sorted(ODD)).order_by("id")[:limit])


def dossier_unknown(code: str) -> NotFound:
    return NotFound("dossier-unknown", f"Không tìm thấy hồ sơ {code}.")


def with_account(agencies: Collection[int], on: date) -> frozenset[int]:
    """Those of the agencies that have an account (tài khoản thu phí) open on that day or later."""
    held = models.Account.objects.filter(Q(valid_to=None) | Q(valid_to__gte=on), agency__in=list(agencies))
    return frozenset(held.values_list("agency", flat=True))
