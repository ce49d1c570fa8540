"""What another node's signed call becomes: one act for each, and for a leaf node the side that calls."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

from motcua.exchange import actions, node_line, nodes, receiving
from motcua.exchange.carriers import Answered, Https
from motcua.exchange.connector import Answer
from motcua.exchange.nodes import NODE
from motcua.exchange.receiving import Handlers
from motcua.exchange.rules.delivery import Policy
from motcua.exchange.rules.envelope import Request, opened, read_event, read_receipt, read_request, too_early_or_late
from motcua.exchange.rules.seats import Node
from motcua.kernel import storage
from motcua.kernel.errors import Failure, NotAllowed
from motcua.signing import api as signing

MOST = 200  # envelopes in one pull


def answer(wires: Sequence[bytes], *, handlers: Handlers, now: datetime) -> list[Answered | Failure]:
    """Do what nodes ask in signed calls; an answer for each."""
    answers: list[Answered | Failure] = []
    for wire in wires:
        try:
            request, node = admitted(wire, now=now)
            answers.append(_done(request, node, handlers, now))
        except Failure as failure:
            answers.append(failure)
    return answers


def admitted(wire: bytes, *, now: datetime) -> tuple[Request, Node]:
    """Who calls and what for; NotAllowed unless it is signed by the agency that runs the calling node, to us, now."""
    jws, payload = opened(wire)
    request = read_request(payload)
    node = nodes.read_map().nodes.get(request.node)
    [signer] = signing.verify([signing.Signed(jws, payload, request.at)], known_at=now)
    if isinstance(signer, NotAllowed):
        raise signer
    if node is None or signer.agency != node.agency:
        raise NotAllowed("node-unknown", "Nút gọi không có trong danh bạ, hoặc chữ ký không phải của nút đó.")
    if request.to != nodes.here():
        raise NotAllowed("wrongly-addressed", f"Lời gọi này dành cho nút {request.to}.")
    wrong = too_early_or_late(request.at, now) or too_early_or_late(now, request.at)
    if wrong:
        raise wrong
    return request, node


def _done(request: Request, node: Node, handlers: Handlers, now: datetime) -> Answered:
    if request.act == "deliver":
        wires = [wire.encode() for wire in request.envelopes]
        return Answered(receipt=receiving.receive(wires, handlers=handlers, now=now, to=node.name).decode())
    if request.act == "ask":
        return Answered(receipt=receiving.tell(request.ids, now=now, to=node.name).decode())
    if request.act == "settle":
        settle(request.receipt.encode(), node, now=now)
        return Answered()
    if request.act == "part":
        limit = settings.UPLOAD_LIMIT
        have = node_line.take_part(request.sha256, request.offset, request.size, request.part, limit=limit)
        return Answered(have=have)
    if request.act == "file":
        return Answered(part=_piece(node, request.sha256, request.offset), have=storage.files().size(request.sha256))
    taken = actions.claim(partner=NODE + node.name, batch=min(request.wanted, MOST), policy=Policy(), now=now)
    return Answered(envelopes=tuple(parcel.body.decode() for parcel in taken.parcels))


def settle(wire: bytes, node: Node, *, now: datetime) -> int:
    """Take a node's receipt for what it fetched."""
    receipt = node_line.accept_receipt(wire, node, now=now)
    return node_line.settle(receipt, receipt.envelopes, now=now)


def _piece(node: Node, sha256: str, offset: int) -> bytes:
    """A piece of an attachment of something that waits for this node."""
    at = 0
    if not _waits_for(node, sha256):
        raise NotAllowed("file-not-yours", "Tệp này không thuộc phong bì nào đang chờ nút gọi.")
    for chunk in storage.files().open(sha256):
        if at + len(chunk) > offset:
            return chunk[offset - at :]
        at += len(chunk)
    return b""


def _waits_for(node: Node, sha256: str) -> bool:
    from motcua.exchange import queue

    cursor = queue.cursor()
    cursor.execute(
        "SELECT parcel.body FROM exchange_parcel AS parcel JOIN exchange_course AS course "
        "ON course.partner = parcel.partner AND course.subject = parcel.subject AND parcel.n = course.done + 1 "
        "WHERE course.partner = %s AND course.lease IS NOT NULL",
        [NODE + node.name],
    )
    return any(sha256 in read_event(opened(bytes(body))[1]).attachments for (body,) in cursor)


def fetch(*, node: Node, handlers: Handlers, now: datetime) -> int:
    """Ask a node for what waits for us, apply it, and tell it so; gives how many envelopes there were.

    If this process dies anywhere in between, the same envelopes come again when their lease ends, and are told to be
    here already.
    """
    way = Https(node)
    wires = [wire.encode() for wire in way.call(now, act="pull", wanted=MOST).envelopes]
    if not wires:
        return 0
    wire = receiving.receive(wires, handlers=handlers, now=now, to=node.name)
    lacking = {sha256: size for one in wires for sha256, size in _files(one)}
    missing = {sha256 for one in read_receipt(opened(wire)[1]).envelopes for sha256 in one.lacking}
    if missing:
        for sha256 in sorted(missing):
            _bring(way, sha256, lacking[sha256], now=now)
        wire = receiving.receive(wires, handlers=handlers, now=now, to=node.name)
    way.call(now, act="settle", receipt=wire.decode())
    settled = read_receipt(opened(wire)[1]).envelopes
    return sum(one.answer in (Answer.DONE, Answer.DUPLICATE) for one in settled)


def _files(wire: bytes) -> tuple[tuple[str, int], ...]:
    try:
        return read_event(opened(wire)[1]).files
    except Failure:
        return ()


def _bring(way: Https, sha256: str, size: int, *, now: datetime) -> None:
    """Fetch an attachment in pieces, beginning where an earlier attempt broke off."""
    have = node_line.take_part(sha256, 0, size, b"", limit=settings.UPLOAD_LIMIT)
    while have < size:
        piece = way.call(now, act="file", sha256=sha256, offset=have).part
        have = node_line.take_part(sha256, have, size, piece, limit=settings.UPLOAD_LIMIT)
