"""Nodes on the trunk: envelopes go into the receiver's stream, and its signed receipts come back into ours.

A parcel that the trunk has is WAITING, not done: done is what a receipt says, and only the receipt of these very bytes.
The trunk may die, forget or double without harm, because it is only a line: the sender's outbox keeps everything until
the receipt, the receiver's inbox applies everything once, and acknowledges to the trunk after its commit.

That is also why asking what became of an envelope is sending it again. While it lies in the trunk, the trunk refuses
the second one and says so. When it is not there, either it never was, and now it is; or the node has taken it, and its
inbox knows the id and says DUPLICATE with a fresh receipt. An answer of the kind "never arrived" doesn't exist here and
isn't needed. The same attempt carries the same Nats-Msg-Id; a question carries none, because it has to get through.
"""

import hashlib
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

from django.conf import settings

from motcua.exchange import node_line, nodes, receiving
from motcua.exchange.connector import Answer, Outcome, Parcel
from motcua.exchange.receiving import Handlers
from motcua.exchange.rules.envelope import (
    Acknowledged,
    Receipt,
    Request,
    bundled,
    digest,
    opened,
    read_event,
    read_receipt,
    read_request,
    sealed,
    unbundled,
    written,
)
from motcua.exchange.rules.seats import Node, Transport
from motcua.exchange.trunk import Kept, Letter, Post, Reply, Trunk, What
from motcua.kernel import storage
from motcua.kernel.errors import Failure, NotAllowed
from motcua.signing import api as signing

log = logging.getLogger(__name__)
BATCH = 500
PARTS = 16  # of attachments, at once
PATIENCE = 2.0  # seconds that a batch waits for its receipts before they are left to come by themselves
BUNDLE = 256 * 1024  # bytes of envelopes in one message, as of a file: a message costs the servers more than its bytes
IN_BUNDLE = 50
ASK_AGAIN = timedelta(minutes=5)
IN_TRUNK = "nằm trên trục, chờ giấy báo nhận"


@lru_cache(maxsize=4)
def joined(name: str, servers: tuple[str, ...]) -> Trunk:
    """This node's connection, the same for everything in this process."""
    place = settings.TRUNK_SECRET
    secret = place.read_text(encoding="utf-8") if place.exists() else ""
    return Trunk(name, servers, secret=secret, copies=settings.TRUNK_COPIES)


class Answers:
    """Receipts that came, for the threads of this process that wait for them. What nobody waits for, the queue gets."""

    def __init__(self) -> None:
        self._news = threading.Condition()
        self._expected: dict[UUID, str] = {}
        self._heard: dict[UUID, tuple[Acknowledged, UUID]] = {}
        self._quiet: set[str] = set()

    def expect(self, parcels: Sequence[Parcel]) -> None:
        with self._news:
            self._expected |= {parcel.id: digest(parcel.body) for parcel in parcels}

    def hear(self, receipt: Receipt) -> list[Acknowledged]:
        """Tell who waits; gives what nobody waits for."""
        with self._news:
            self._quiet.discard(receipt.node)
            mine = [one for one in receipt.envelopes if self._expected.get(one.id) == one.sha256]
            self._heard |= {one.id: (one, receipt.id) for one in mine}
            self._news.notify_all()
            return [one for one in receipt.envelopes if one.id not in self._expected]

    def wait(self, ids: Iterable[UUID], node: str, patience: float) -> None:
        """Until there is an answer for each. Of a node that was silent last time, nothing is expected at once."""
        wanted = set(ids)
        with self._news:
            if not self._news.wait_for(lambda: wanted <= self._heard.keys(), 0 if node in self._quiet else patience):
                self._quiet.add(node)

    def collect(self, ids: Iterable[UUID]) -> dict[UUID, tuple[Acknowledged, UUID]]:
        """What was said so far; from now on nobody waits for these."""
        with self._news:
            for one in ids:
                self._expected.pop(one, None)
            return {one: self._heard.pop(one) for one in ids if one in self._heard}


ANSWERS = Answers()


class TrunkLine:
    """The connector to a node on the trunk."""

    batch = BATCH

    def __init__(self, node: Node, trunk: Trunk, answers: Answers = ANSWERS, patience: float = PATIENCE) -> None:
        self.node, self.trunk, self.answers, self.patience = node, trunk, answers, patience

    @property
    def partner(self) -> str:
        return nodes.NODE + self.node.name

    def deliver(self, parcels: Sequence[Parcel], *, now: datetime) -> Sequence[Outcome]:
        self.answers.expect(parcels)
        replies = self._put(parcels, again=False)
        seen = [parcel for parcel in parcels if replies[parcel.id].kept is Kept.SEEN]
        replies |= self._put(seen, again=True)
        heard = self._wait(replies)
        lacking = {sha256 for one, _ in heard.values() for sha256 in one.lacking}
        if lacking:
            heard |= self._with_files(lacking, [p for p in parcels if p.id in heard and heard[p.id][0].lacking], now)
        return [self._outcome(replies[p.id], heard.get(p.id), now, asked=False) for p in parcels]

    def state_of(self, parcels: Sequence[Parcel], *, now: datetime) -> Sequence[Outcome]:
        self.answers.expect(parcels)
        replies = self._put(parcels, again=True)
        heard = self._wait(replies)
        return [self._outcome(replies[p.id], heard.get(p.id), now, asked=True) for p in parcels]

    def _put(self, parcels: Sequence[Parcel], *, again: bool) -> dict[UUID, Reply]:
        bundles = [[parcel] for parcel in parcels] if again else list(node_line.together(parcels, BUNDLE, IN_BUNDLE))
        posts = [self._post(bundle, again=again) for bundle in bundles]
        replies: list[Reply] = []
        for own in node_line.together(posts):
            replies += self.trunk.publish(own)
        return {parcel.id: reply for bundle, reply in zip(bundles, replies, strict=True) for parcel in bundle}

    def _post(self, parcels: Sequence[Parcel], *, again: bool) -> Post:
        name = parcels[0].id.hex
        if len(parcels) > 1:
            name = hashlib.sha256(b"".join(parcel.id.bytes for parcel in parcels)).hexdigest()[:32]
        attempt = "" if again else f"{name}.{sum(parcel.attempts for parcel in parcels)}"
        return Post(self.node.name, What.ENVELOPE, name, bundled([parcel.body for parcel in parcels]), attempt)

    def _wait(self, replies: Mapping[UUID, Reply]) -> dict[UUID, tuple[Acknowledged, UUID]]:
        there = [one for one, reply in replies.items() if reply.kept in (Kept.STORED, Kept.THERE)]
        if there:
            self.answers.wait(there, self.node.name, self.patience)
        return self.answers.collect(list(replies))

    def _with_files(
        self, digests: set[str], parcels: Sequence[Parcel], now: datetime
    ) -> dict[UUID, tuple[Acknowledged, UUID]]:
        """Send the attachments that are lacking, and then what they belong to once more."""
        self.answers.expect(parcels)
        if all(self._sent(sha256, now) for sha256 in sorted(digests)):
            return self._wait(self._put(parcels, again=True))
        self.answers.collect([parcel.id for parcel in parcels])
        return {}

    def _sent(self, sha256: str, now: datetime) -> bool:
        """An attachment in signed pieces. The receiver takes them up where it stopped and drops what it has."""
        me = nodes.known_node(nodes.here(), nodes.read_map())
        try:
            size, at = storage.files().size(sha256), 0
            for chunk in storage.files().open(sha256):
                request = Request(node=me.name, to=self.node.name, at=now, act="part", sha256=sha256, offset=at,
                                  size=size, part=chunk)  # fmt: skip
                payload = written(request)
                [jws] = signing.sign([(me.agency, payload)], now=now)
                [reply] = self.trunk.publish(
                    [Post(self.node.name, What.PART, f"{me.name}.{sha256}.{at}", sealed(jws, payload))]
                )
                if reply.kept not in (Kept.STORED, Kept.THERE):
                    return False
                at += len(chunk)
        except Failure as failure:
            log.warning("exchange: an attachment can't be sent: %s", failure.problem)
            return False
        return True

    def _outcome(self, reply: Reply, heard: tuple[Acknowledged, UUID] | None, now: datetime, *, asked: bool) -> Outcome:
        if heard is not None:
            one, receipt = heard
            return Outcome(one.answer, one.said, str(receipt))
        if reply.kept in (Kept.STORED, Kept.THERE, Kept.SEEN):
            return Outcome(Answer.WAITING, IN_TRUNK, not_before=now + ASK_AGAIN)
        if reply.kept is Kept.UNHEARD or asked:  # it isn't known whether the first one arrived
            return Outcome(Answer.UNKNOWN, reply.said)
        return Outcome(Answer.TRANSIENT, reply.said)


# --- the receiving side -------------------------------------------------------------------------------------------


def take_receipts(trunk: Trunk, *, answers: Answers = ANSWERS, now: Callable[[], datetime], wait: float) -> int:
    """Check and keep the receipts that came, and tell the queue; gives how many there were."""
    letters = trunk.take(What.RECEIPT, BATCH, wait)
    known = nodes.read_map() if letters else None
    for letter in letters:
        assert known is not None
        try:
            node = nodes.known_node(read_receipt(opened(letter.body)[1]).node, known)
            receipt = node_line.accept_receipt(letter.body, node, now=now())
        except Failure as failure:
            log.warning("exchange: refused a receipt from the trunk: %s", failure.problem)
        else:
            node_line.settle(receipt, answers.hear(receipt), now=now())
    trunk.done(letters)
    return len(letters)


def take_envelopes(trunk: Trunk, *, handlers: Handlers, now: Callable[[], datetime], wait: float) -> int:
    """Apply what came, send the receipts, and only then let the trunk forget it; gives how many there were."""
    letters = deque(trunk.take(What.ENVELOPE, BATCH, wait))
    count = len(letters)
    while letters:
        own: list[tuple[Letter, set[str]]] = []
        by_node: dict[str, list[bytes]] = {}
        while letters and sum(map(len, by_node.values())) < BATCH:
            letter = letters.popleft()
            wires = [(_sender(wire), wire) for wire in unbundled(letter.body)]
            own.append((letter, {node for node, _ in wires}))
            for node, wire in wires:
                by_node.setdefault(node, []).append(wire)
        told = {node for node, of_node in by_node.items() if _received(trunk, node, of_node, handlers, now)}
        trunk.done([letter for letter, senders in own if senders <= told])
    return count


def _received(trunk: Trunk, node: str, wires: Sequence[bytes], handlers: Handlers, now: Callable[[], datetime]) -> bool:
    """Apply what a node sent; whether it will get its receipt."""
    wires = list(dict.fromkeys(wires))
    receipt = receiving.receive(wires, handlers=handlers, now=now(), to=node)
    if any(one.lacking for one in read_receipt(opened(receipt)[1]).envelopes) and take_parts(trunk, now=now):
        receipt = receiving.receive(wires, handlers=handlers, now=now(), to=node)
    return _told(trunk, node, receipt)


def _told(trunk: Trunk, node: str, receipt: bytes) -> bool:
    """Whether the sender will get its receipt: the trunk has it. Who isn't on the trunk has no place for one."""
    known = nodes.read_map().nodes.get(node)
    if known is None or known.transport is not Transport.NATS:
        return True
    name = read_receipt(opened(receipt)[1]).id.hex
    [reply] = trunk.publish([Post(node, What.RECEIPT, name, receipt, id=name)])
    return reply.kept in (Kept.STORED, Kept.THERE, Kept.SEEN)


def take_parts(trunk: Trunk, *, now: Callable[[], datetime]) -> int:
    """Keep the pieces of attachments that came; gives how many there were."""
    count = 0
    while letters := trunk.take(What.PART, PARTS, 0.2):
        for letter in letters:
            try:
                request = _part(letter.body, now())
                limit = settings.UPLOAD_LIMIT
                node_line.take_part(request.sha256, request.offset, request.size, request.part, limit=limit)
            except Failure as failure:
                log.warning("exchange: refused a piece of a file from the trunk: %s", failure.problem)
        trunk.done(letters)
        count += len(letters)
    return count


def _part(wire: bytes, now: datetime) -> Request:
    """A piece, signed by the agency that runs the node that sends it, for us. It may have waited, so no clock."""
    jws, payload = opened(wire)
    request = read_request(payload)
    node = nodes.known_node(request.node, nodes.read_map())
    [signer] = signing.verify([signing.Signed(jws, payload, request.at)], known_at=now)
    if isinstance(signer, NotAllowed):
        raise signer
    if signer.agency != node.agency or request.to != nodes.here() or request.act != "part":
        raise NotAllowed("wrongly-addressed", "Mảnh tệp này không dành cho nút này.")
    return request


def _sender(wire: bytes) -> str:
    """The node that an envelope says it comes from; "" of one that can't be read."""
    try:
        return read_event(opened(wire)[1]).node
    except Failure:
        return ""
