"""The connector to another node: envelopes go, and what becomes of them is what its signed receipt says."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from motcua.exchange import actions, nodes, queries, queue
from motcua.exchange.carriers import Carrier
from motcua.exchange.connector import Answer, Outcome, Parcel
from motcua.exchange.receiving import REFUSE
from motcua.exchange.rules.delivery import ENDED
from motcua.exchange.rules.envelope import Acknowledged, Receipt, digest, opened, read_receipt, too_early_or_late
from motcua.exchange.rules.seats import Node
from motcua.kernel import storage
from motcua.kernel.errors import Failure, NotAllowed, Permanent, Transient
from motcua.signing import api as signing

log = logging.getLogger(__name__)
BATCH = 500
AT_ONCE = 8 * 1024 * 1024  # bytes in one call
PART = 1024 * 1024
KEEP = "INSERT INTO exchange_receipt (id, node, partner, at, body) VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"


class NodeLine:
    """Delivers to one node over a carrier."""

    batch = BATCH

    def __init__(self, node: Node, carrier: Carrier) -> None:
        self.node, self.carrier = node, carrier

    @property
    def partner(self) -> str:
        return nodes.NODE + self.node.name

    def deliver(self, parcels: Sequence[Parcel], *, now: datetime) -> Sequence[Outcome]:
        return [outcome for own in together(parcels) for outcome in self._deliver(own, now)]

    def state_of(self, parcels: Sequence[Parcel], *, now: datetime) -> Sequence[Outcome]:
        heard = self._heard(lambda: self.carrier.ask([parcel.id for parcel in parcels], now=now), now)
        if isinstance(heard, Failure):
            return [Outcome(Answer.UNKNOWN, heard.detail) for _ in parcels]
        return outcomes_of(heard, parcels)

    def _deliver(self, parcels: Sequence[Parcel], now: datetime) -> list[Outcome]:
        wires = [parcel.body for parcel in parcels]
        heard = self._heard(lambda: self.carrier.deliver(wires, now=now), now)
        if not isinstance(heard, Failure):
            lacking = {sha256 for one in heard.envelopes for sha256 in one.lacking}
            if lacking and self._brought(lacking, now):
                heard = self._heard(lambda: self.carrier.deliver(wires, now=now), now)
        if isinstance(heard, Failure):
            answer = Answer.TRANSIENT if isinstance(heard, Transient) else Answer.UNKNOWN
            return [Outcome(answer, heard.detail) for _ in parcels]
        return outcomes_of(heard, parcels)

    def _heard(self, call: Callable[[], bytes], now: datetime) -> Receipt | Failure:
        try:
            return accept_receipt(call(), self.node, now=now)
        except Failure as failure:
            return failure

    def _brought(self, digests: set[str], now: datetime) -> bool:
        """Send the attachments that it lacks, each from where it broke off last."""
        try:
            for sha256 in sorted(digests):
                send_file(self.carrier, sha256, now=now)
        except Failure as failure:
            log.warning("exchange: an attachment can't be sent to %s: %s", self.node.name, failure.detail)
            return False
        return True


def accept_receipt(wire: bytes, node: Node, *, now: datetime) -> Receipt:
    """Check that a receipt is this node's word to us, and keep it. NotAllowed if it isn't."""
    jws, payload = opened(wire)
    receipt = read_receipt(payload)
    [signer] = signing.verify([signing.Signed(jws, payload, receipt.at)], known_at=now)
    if isinstance(signer, NotAllowed):
        raise signer
    if signer.agency != node.agency or receipt.node != node.name or receipt.to not in ("", nodes.here()):
        raise NotAllowed("receipt-of-another", f"Giấy báo nhận không phải của nút {node.name}.")
    wrong = too_early_or_late(receipt.at, now)
    if wrong:
        raise wrong
    queue.cursor().execute(KEEP, [receipt.id, receipt.node, nodes.here(), receipt.at, wire])
    return receipt


def outcomes_of(receipt: Receipt, parcels: Sequence[Parcel]) -> list[Outcome]:
    """What a receipt says of parcels; of one that it does not name, or names with another content, nothing is known."""
    said = {one.id: one for one in receipt.envelopes}
    outcomes = []
    for parcel in parcels:
        one = said.get(parcel.id)
        if one is None or (one.sha256 and one.sha256 != digest(parcel.body) and one.answer is not Answer.PERMANENT):
            outcomes.append(Outcome(Answer.UNKNOWN, "giấy báo nhận không nêu phong bì này"))
        else:
            outcomes.append(Outcome(one.answer, one.said, str(receipt.id)))
    return outcomes


def settle(receipt: Receipt, said: Sequence[Acknowledged], *, now: datetime) -> int:
    """Take a node's word into the queue: on our parcels to it that are open, and on these very bytes.

    What it says under the same id of another content is no word on ours: it is refused and logged, and the parcel stays
    open. Gives how many were news.
    """
    if not said:
        return 0
    partner = nodes.NODE + receipt.node
    rows = queries.parcels([one.id for one in said])
    ours = {row.id: digest(row.body) for row in rows if row.partner == partner and row.state not in ENDED}
    for one in said:
        if one.id in ours and ours[one.id] != one.sha256:
            log.warning("exchange: %s receipts another content under the id %s", receipt.node, one.id)
            refusal = [now, receipt.node[:200], one.id, "receipt-for-another-content", f"SHA-256 {one.sha256}"[:500]]
            queue.cursor().execute(REFUSE, refusal)
    true = {o.id: Outcome(o.answer, o.said, str(receipt.id)) for o in said if ours.get(o.id) == o.sha256}
    return actions.settle(outcomes=true, partner=partner, now=now) if true else 0


def send_file(carrier: Carrier, sha256: str, *, now: datetime) -> None:
    """Hand an attachment over in pieces, beginning where the other side says that it stopped."""
    size = storage.files().size(sha256)
    have = carrier.part(sha256, 0, size, b"", now=now)
    at = 0
    for chunk in storage.files().open(sha256):
        end = at + len(chunk)
        if end > have:
            fresh = chunk[max(0, have - at) :]
            have = carrier.part(sha256, end - len(fresh), size, fresh, now=now)
        at = end


def take_part(sha256: str, offset: int, size: int, chunk: bytes, *, limit: int) -> int:
    """Keep a piece of an attachment that comes in pieces; gives how many bytes are there, all of them when whole."""
    files = storage.files()
    if files.exists(sha256):
        return size
    if len(sha256) != 64 or set(sha256) - set("0123456789abcdef") or not 0 < size <= limit:
        raise Permanent("attachment-name", "Tệp đính kèm không được nêu đúng.", mend="Gửi SHA-256 và cỡ tệp.")
    name = f"exchange-{sha256}"
    have = files.part_size(name)
    if chunk and offset == have:
        files.write_part(name, offset, chunk)
        have += len(chunk)
    if have >= size:
        kept = files.put(files.part(name), limit)
        files.drop_part(name)
        if kept.sha256 != sha256:
            raise Permanent("attachment-other", "Tệp đính kèm không khớp SHA-256 đã nêu.", mend="Gửi lại tệp từ đầu.")
    return have


class _Bodied(Protocol):
    @property
    def body(self) -> bytes: ...


T = TypeVar("T", bound=_Bodied)


def together(items: Iterable[T], size: int = AT_ONCE, most: int | None = None) -> Iterator[list[T]]:
    """In the order given, as many at once as stay within `size` bytes (one that is larger goes alone) and `most`."""
    own: list[T] = []
    held = 0
    for item in items:
        if own and (held + len(item.body) > size or len(own) == most):
            yield own
            own, held = [], 0
        own.append(item)
        held += len(item.body)
    if own:
        yield own
