"""The acts of paying: make the charges, send the citizen to the gateway, apply what the gateway says."""

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from motcua.dossiers import api as dossiers
from motcua.identity import api as identity
from motcua.kernel.errors import Conflict, Failure, NotAllowed, NotFound, Permanent, Transient, Unknown
from motcua.kernel.ids import uuid7
from motcua.kernel.journal import api as journal
from motcua.payments import models, queries
from motcua.payments.gateway import Answer, Gateway, Order
from motcua.payments.queries import Attempt, Charge, as_attempt, as_charge
from motcua.payments.rules import (
    ENDED,
    ODD,
    WAITING,
    AttemptState,
    ChargeState,
    How,
    Item,
    ask_again_after,
    charge_id,
    fee_items,
    judge,
    standing_of,
    transfer_purpose,
)
from motcua.procedures import api as procedures

log = logging.getLogger(__name__)
FIRST_QUESTION = timedelta(seconds=15)  # after which the worker asks about an attempt that nobody told of


@dataclass(frozen=True, slots=True)
class Duty:
    """Nghĩa vụ tài chính: what a handler asks of an applicant before the work goes on."""

    code: str
    name: str
    amount: int
    reason: str
    key: str  # against repeating


# --- charges ------------------------------------------------------------------------------------------------------


def open_charges(*, codes: Collection[str], scope: identity.Scope, now: datetime) -> tuple[Charge, ...]:
    """What is still to be paid for these dossiers, made from the fees of their versions; once, however often called.

    When a fee is due for a dossier that nobody has accepted yet, it waits for the fee from now on and not for the
    office. Fees that an official has noted as paid, or that nobody owes any more, are closed.
    """
    known = dossiers.standings(codes, scope=scope)
    if not known:
        return ()
    with transaction.atomic():
        _make([(standing, item) for standing in known.values() for item in _fees_of(standing)], scope=scope, now=now)
        held = list(
            models.Charge.objects.filter(dossier__in=sorted(known), state=ChargeState.OPEN)
            .order_by("id")
            .select_for_update()
        )
        still = _close_settled(held, known, scope=scope, now=now)
        _ask_for_fees(still, known, scope=scope, now=now)
    return tuple(as_charge(row) for row in sorted(still, key=lambda row: (row.made_at, row.key)))


def require_duties(duties: Sequence[Duty], *, scope: identity.Scope, now: datetime) -> list[Charge | Failure]:
    """Ask applicants for a financial duty of an amount: the step `require_duty` and its charge, or neither.

    For a dossier that already waits for its duty only the charge is made.
    """
    answers: list[Charge | Failure] = []
    for duty in duties:
        try:
            with transaction.atomic():
                answers.append(_require(duty, scope=scope, now=now))
        except Failure as failure:
            answers.append(failure)
    return answers


def receive_at_counter(
    codes: Sequence[str], *, scope: identity.Scope, how: How = How.CASH, now: datetime
) -> tuple[Charge, ...]:
    """Note that what is open for these dossiers was paid to the office; the dossiers go on. Gives what was paid."""
    open_charges(codes=codes, scope=scope, now=now)
    known = dossiers.standings(codes, scope=scope)
    for standing in known.values():
        identity.require(scope, standing.reception, identity.Role.RECEPTION)
    with transaction.atomic():
        rows = list(
            models.Charge.objects.filter(dossier__in=sorted(known), state=ChargeState.OPEN)
            .order_by("id")
            .select_for_update()
        )
        _pay(rows, how=how, scope=scope, now=now)
        for code in sorted({row.dossier for row in rows}):
            # A duty is performed where the dossier is resolved, which need not be this counter: the payer did it.
            payer = scope if known[code].state is dossiers.State.AWAITING_FEE else _payer(known[code].party)
            _advance(known[code], key=f"payments:counter:{code}:{known[code].n}", scope=payer, now=now)
    return tuple(as_charge(row) for row in rows)


def _require(duty: Duty, *, scope: identity.Scope, now: datetime) -> Charge:
    if duty.amount <= 0 or not duty.name.strip() or len(duty.name) > 300:
        raise Permanent("duty-malformed", "Ghi tên khoản phải nộp và số tiền lớn hơn không.")
    standing = dossiers.standings([duty.code], scope=scope).get(duty.code)
    if standing is None:
        raise queries.dossier_unknown(duty.code)
    identity.require(scope, standing.resolving, identity.Role.HANDLER)
    if standing.state is not dossiers.State.AWAITING_DUTY:
        _step(duty.code, "require_duty", key=duty.key, reason=duty.reason, scope=scope, now=now)
    item = Item(f"duty:{duty.key}", duty.name.strip(), duty.amount, duty.reason.strip())
    _make([(standing, item)], scope=scope, now=now)
    return as_charge(models.Charge.objects.get(id=charge_id(duty.code, item.key)))


def _fees_of(standing: dossiers.Standing) -> tuple[Item, ...]:
    if standing.state.value in ENDED or (standing.fee_asked and standing.state is not dossiers.State.AWAITING_FEE):
        return ()
    version = procedures.catalogue().by_id(standing.version)
    fees = ((fee.name, fee.amount, fee.unit, fee.note, fee.channel) for fee in version.fees)
    return fee_items(fees, dossiers.CATALOGUE_CHANNEL[standing.channel])


def _make(items: Sequence[tuple[dossiers.Standing, Item]], *, scope: identity.Scope, now: datetime) -> None:
    ids = [charge_id(standing.code, item.key) for standing, item in items]
    there = set(models.Charge.objects.filter(id__in=ids).values_list("id", flat=True)) if ids else set()
    fresh = [
        models.Charge(
            id=i,
            dossier=standing.code,
            key=item.key,
            party=standing.party,
            name=item.name,
            why=item.why,
            amount=item.amount,
            purpose=transfer_purpose(standing.code),
            state=ChargeState.OPEN,
            made_at=now,
        )
        for i, (standing, item) in zip(ids, items, strict=True)
        if i not in there
    ]
    if fresh:
        models.Charge.objects.bulk_create(fresh, ignore_conflicts=True)
        journal.record([_charged(row, "charge_made", scope, now) for row in fresh])


def _close_settled(
    rows: Sequence[models.Charge], known: Mapping[str, dossiers.Standing], *, scope: identity.Scope, now: datetime
) -> list[models.Charge]:
    """Close what the dossier's own log has settled meanwhile; gives what is still open."""
    found: dict[ChargeState, list[models.Charge]] = defaultdict(list)
    for row in rows:
        standing = known[row.dossier]
        found[standing_of(row.key, dossier=standing.state.value, fee_asked=standing.fee_asked)].append(row)
    _pay(found[ChargeState.PAID], how=How.CASH, scope=scope, now=now)
    void = found[ChargeState.VOID]
    if void:
        models.Charge.objects.filter(id__in=[row.id for row in void]).update(state=ChargeState.VOID)
        journal.record([_charged(row, "charge_void", scope, now) for row in void])
    return found[ChargeState.OPEN]


def _pay(rows: Sequence[models.Charge], *, how: How, scope: identity.Scope, now: datetime) -> None:
    if not rows:
        return
    for row in rows:
        row.state, row.how, row.paid_at = ChargeState.PAID, how, now
    models.Charge.objects.bulk_update(rows, ["state", "how", "paid_at"])
    journal.record([_charged(row, "charge_paid", scope, now) for row in rows])


def _ask_for_fees(
    rows: Sequence[models.Charge], known: Mapping[str, dossiers.Standing], *, scope: identity.Scope, now: datetime
) -> None:
    by_code: dict[str, list[models.Charge]] = defaultdict(list)
    for row in rows:
        standing = known[row.dossier]
        if standing.state is dossiers.State.SUBMITTED and not standing.fee_asked:
            by_code[row.dossier].append(row)
    requests = [
        dossiers.StepRequest(
            code=code,
            step="ask_for_fee",
            key=f"payments:ask:{code}",
            digest=dossiers.digest_of(f"ask_for_fee:{code}".encode()),
            scope=scope,
            given=dossiers.Given(now, reason="; ".join(f"{row.name}: {_dong(row.amount)}" for row in owed)),
        )
        for code, owed in sorted(by_code.items())
    ]
    receipts = dossiers.take_steps(requests) if requests else []
    for receipt in receipts:
        if isinstance(receipt, Failure):
            raise receipt
        due = by_code[receipt.code]
        for row in due:
            row.due_at = receipt.act_by
        models.Charge.objects.bulk_update(due, ["due_at"])


def _dong(amount: int) -> str:
    return f"{amount:,} đồng".replace(",", ".")


# --- the gateway --------------------------------------------------------------------------------------------------


def start(*, code: str, scope: identity.Scope, back: str, notice: str, now: datetime) -> Attempt:
    """Begin to pay online what is open for a dossier; `address` of the answer is the page of the gateway.

    `back` and `notice` are addresses with `{attempt}` where its id belongs. An attempt that is still without an
    answer is asked about first: nobody is ever sent to pay the same thing a second time.
    """
    gateway = queries.gateway()
    if gateway is None:
        raise Permanent(
            "no-gateway", "Nơi này chưa nhận thanh toán trực tuyến.", mend="Chuyển khoản, hoặc nộp tại quầy."
        )
    owed = open_charges(codes=[code], scope=scope, now=now)
    waiting = models.Attempt.objects.filter(dossier=code, how=How.ONLINE, state__in=sorted(WAITING)).first()
    if waiting is not None and waiting.address:  # one without an address is asked for again with the same number
        known = ask_about(attempt=waiting.id, now=now)
        if known.state is not AttemptState.FAILED:
            return known
        waiting = None
    if models.Attempt.objects.filter(dossier=code, state=AttemptState.MISMATCH).exists():
        raise Conflict("being-looked-at", "Một khoản đã nộp cho hồ sơ này đang được đối soát; ông/bà đừng trả thêm.")
    if not owed:
        raise Conflict("nothing-to-pay", "Hồ sơ này không còn khoản nào phải nộp.")
    fresh = waiting is None
    row = waiting or _new_attempt(code, owed, scope=scope, now=now)
    if row.address:
        return as_attempt(row)
    order = Order(
        order=row.id,
        amount=row.amount,
        purpose=transfer_purpose(code),
        back=back.format(attempt=row.id),
        notice=notice,
    )
    return _send(gateway, row, order, fresh=fresh, scope=scope, now=now)


def ask_about(*, attempt: UUID, now: datetime) -> Attempt:
    """Ask the gateway what became of an attempt, apply it, and give the attempt as it stands now.

    Transient or Unknown when the gateway can't say; the worker goes on asking.
    """
    row = models.Attempt.objects.get(id=attempt)
    gateway = queries.gateway()
    if gateway is None or AttemptState(row.state) not in WAITING or row.how != How.ONLINE:
        return as_attempt(row)
    answer = gateway.ask(row.id)
    if answer.order is not None and answer.order != row.id:
        raise Unknown("gateway-silent", "Cổng thanh toán trả lời về một yêu cầu khác.")
    answer = Answer(row.id, answer.reference, answer.outcome, answer.amount, raw=answer.raw)
    return apply(answer=answer, now=now)


def hear(*, body: bytes, signature: str, now: datetime) -> Attempt:
    """Apply what the gateway tells by itself. A notice that comes twice is applied once and answered alike."""
    gateway = queries.gateway()
    if gateway is None:
        raise NotFound("no-gateway", "Nơi này không có cổng thanh toán.")
    answer = gateway.read_notice(body, signature)
    try:
        return _apply_transfer(answer, now=now) if answer.order is None else apply(answer=answer, now=now)
    except IntegrityError:  # the same transfer was told by another notice in this moment
        return _apply_transfer(answer, now=now)


def ask_unanswered(*, now: datetime, limit: int = 20) -> int:
    """Ask about attempts whose answer is due; how many. A killed worker loses nothing: their turn comes again."""
    with transaction.atomic():
        rows = list(
            models.Attempt.objects.filter(state__in=sorted(WAITING), ask_at__lte=now)
            .order_by("ask_at")
            .select_for_update(skip_locked=True)[:limit]
        )
        for row in rows:
            row.ask_at = now + timedelta(seconds=ask_again_after((now - row.requested_at).total_seconds()))
        models.Attempt.objects.bulk_update(rows, ["ask_at"])
    for row in rows:
        try:
            ask_about(attempt=row.id, now=now)
        except Failure as failure:
            log.warning("attempt %s is still without an answer: %s", row.id, failure.problem)
    return len(rows)


def apply(*, answer: Answer, now: datetime) -> Attempt:
    """Apply an answer about one of our attempts, exactly once: the attempt, its charges and the dossier, or nothing."""
    with transaction.atomic():
        found = models.Attempt.objects.filter(id=answer.order) if answer.order else models.Attempt.objects.none()
        row = found.select_for_update().first()
        if row is None:
            raise NotFound("order-unknown", "Không có lần thanh toán này.")
        before = AttemptState(row.state)
        after = judge(before, row.amount, answer.outcome, answer.amount)
        if after is before:
            return as_attempt(row)
        row.reference = row.reference or answer.reference
        _settle(row, after, answer, now=now)
    return as_attempt(row)


def settle(attempts: Sequence[UUID], *, reason: str, scope: identity.Scope, now: datetime) -> int:
    """Note that a person has looked at money that arrived oddly, and what was done about it; how many were noted.

    What it should have paid is noted with `receive_at_counter`.
    """
    if scope.agencies is not None:
        raise NotAllowed("operators-only", "Việc này thuộc về người vận hành hệ thống.")
    if not reason.strip():
        raise Permanent("reason-missing", "Ghi đã xử lý khoản này thế nào.")
    with transaction.atomic():
        odd = models.Attempt.objects.filter(id__in=attempts, state__in=sorted(ODD)).order_by("id")
        rows = list(odd.select_for_update())
        for row in rows:
            row.answer = row.answer | {"was": row.state, "settled": reason.strip()}
            row.state = AttemptState.SETTLED
        models.Attempt.objects.bulk_update(rows, ["state", "answer"])
        journal.record([_entry(row, "payment_settled", scope.name, now) for row in rows])
    return len(rows)


def _apply_transfer(answer: Answer, *, now: datetime) -> Attempt:
    """A transfer arrived by itself: find what it pays by its purpose; what pays nothing is kept for a person."""
    with transaction.atomic():
        held = models.Attempt.objects.filter(how=How.TRANSFER, reference=answer.reference).first()
        if held is not None:
            return as_attempt(held)
        words = answer.purpose.upper().split()
        wanted = {transfer_purpose(word) for word in words} | {transfer_purpose(answer.purpose)}
        charges = list(models.Charge.objects.filter(purpose__in=wanted).order_by("id").select_for_update())
        owed = [charge for charge in charges if charge.state == ChargeState.OPEN]
        about = owed or charges
        row = models.Attempt(
            id=uuid7(int(now.timestamp() * 1000)),
            dossier=about[0].dossier if about else "",
            charges=[charge.id for charge in about],
            party=about[0].party if about else None,
            amount=answer.amount,
            how=How.TRANSFER,
            state=AttemptState.REQUESTED,
            reference=answer.reference,
            answer={},
            requested_at=now,
        )
        row.save(force_insert=True)
        asked = sum(charge.amount for charge in about)
        _settle(row, judge(AttemptState.REQUESTED, asked, answer.outcome, answer.amount), answer, now=now)
    return as_attempt(row)


def _settle(row: models.Attempt, after: AttemptState, answer: Answer, *, now: datetime) -> None:
    """The attempt is locked: write what became of it, pay its charges, take the dossier's step."""
    scope = _payer(row.party)
    if after is AttemptState.PAID:
        charges = list(models.Charge.objects.filter(id__in=row.charges).order_by("id").select_for_update())
        standing = dossiers.standings([row.dossier], scope=scope).get(row.dossier)
        owed = all(charge.state == ChargeState.OPEN for charge in charges)
        if standing is None or not charges or not owed or standing.state.value in ENDED:
            after = AttemptState.REFUND
        else:
            _pay(charges, how=How(row.how), scope=scope, now=now)
            _advance(standing, key=f"payments:{row.id}", scope=scope, now=now)
    row.state, row.answer = after, answer.raw
    if after not in WAITING:
        row.answered_at, row.ask_at = now, None
    row.save(update_fields=["state", "answer", "answered_at", "ask_at", "reference"])
    journal.record([_entry(row, f"payment_{after.value}", "gateway", now)])


def _new_attempt(code: str, owed: Sequence[Charge], *, scope: identity.Scope, now: datetime) -> models.Attempt:
    row = models.Attempt(
        id=uuid7(int(now.timestamp() * 1000)),
        dossier=code,
        charges=[charge.id for charge in owed],
        party=scope.party,
        amount=sum(charge.amount for charge in owed),
        how=How.ONLINE,
        state=AttemptState.REQUESTED,
        answer={},
        requested_at=now,
        ask_at=now + FIRST_QUESTION,
    )
    try:
        with transaction.atomic():  # committed before the gateway hears of it, so that no money is without a row
            row.save(force_insert=True)
            journal.record([_entry(row, "payment_requested", scope.name, now)])
    except IntegrityError:  # pressed twice: the other one goes to the gateway, and both get its page
        return models.Attempt.objects.get(dossier=code, how=How.ONLINE, state__in=sorted(WAITING))
    return row


def _send(
    gateway: Gateway, row: models.Attempt, order: Order, *, fresh: bool, scope: identity.Scope, now: datetime
) -> Attempt:
    try:
        started = gateway.start(order)
    except (Transient, Unknown) as failure:
        nothing_happened = isinstance(failure, Transient) and fresh
        _mark(row, AttemptState.FAILED if nothing_happened else AttemptState.UNKNOWN, scope=scope, now=now)
        raise
    except Permanent:
        _mark(row, AttemptState.FAILED, scope=scope, now=now)
        raise
    models.Attempt.objects.filter(id=row.id).update(reference=started.reference, address=started.address)
    models.Attempt.objects.filter(id=row.id, state=AttemptState.UNKNOWN).update(state=AttemptState.REQUESTED)
    return as_attempt(models.Attempt.objects.get(id=row.id))


def _mark(row: models.Attempt, state: AttemptState, *, scope: identity.Scope, now: datetime) -> None:
    """Write what came of sending an order, unless an answer was faster."""
    done = {"answered_at": now, "ask_at": None} if state is AttemptState.FAILED else {}
    with transaction.atomic():
        changed = models.Attempt.objects.filter(id=row.id, state__in=sorted(WAITING)).exclude(state=state)
        if changed.update(state=state, **done):
            row.state = state
            journal.record([_entry(row, f"payment_{state.value}", scope.name, now)])


def _advance(standing: dossiers.Standing, *, key: str, scope: identity.Scope, now: datetime) -> None:
    """Let the dossier go on when nothing of what it waits for is open any more."""
    step, kind = {
        dossiers.State.AWAITING_FEE: ("pay_fee", "fee:"),
        dossiers.State.AWAITING_DUTY: ("perform_duty", "duty:"),
    }.get(standing.state, ("", ""))
    left = models.Charge.objects.filter(dossier=standing.code, state=ChargeState.OPEN, key__startswith=kind)
    if step and not left.exists():
        _step(standing.code, step, key=f"{key}:{step}", scope=scope, now=now)


def _step(code: str, step: str, *, key: str, scope: identity.Scope, now: datetime, reason: str = "") -> None:
    request = dossiers.StepRequest(
        code=code,
        step=step,
        key=key,
        digest=dossiers.digest_of(f"{step}:{code}:{reason}".encode()),
        scope=scope,
        given=dossiers.Given(now, reason=reason),
    )
    (receipt,) = dossiers.take_steps([request])
    if isinstance(receipt, Failure):
        raise receipt


def _payer(party: UUID | None) -> identity.Scope:
    """The scope in which a payment moves its dossier: the payer's own, and nothing beyond."""
    if party is None:
        return identity.Scope()
    return identity.Scope(party=party, name=f"party:{party}", merged=identity.merged_with(party))


def _entry(row: models.Attempt, act: str, actor: str, now: datetime) -> journal.Entry:
    body = {"dossier": row.dossier, "amount": row.amount, "how": str(row.how), "reference": row.reference}
    return journal.Entry(subject=row.id, act=act, at=now, actor=actor, body=body)


def _charged(row: models.Charge, act: str, scope: identity.Scope, now: datetime) -> journal.Entry:
    body = {"dossier": row.dossier, "key": row.key, "amount": row.amount, "how": str(row.how)}
    return journal.Entry(subject=row.id, act=act, at=now, actor=scope.name, body=body)
