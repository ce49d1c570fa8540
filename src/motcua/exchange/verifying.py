"""Whether every envelope that counts as delivered has the receiver's signed word for it, for these very bytes."""

from collections.abc import Iterator

from motcua.exchange import nodes, queue
from motcua.exchange.rules.envelope import digest, opened, read_receipt
from motcua.kernel.errors import Failure, NotAllowed
from motcua.signing import api as signing

DELIVERED = """
SELECT parcel.id, parcel.body, parcel.sha256, parcel.partner, parcel.answered_at, receipt.body, receipt.node
FROM exchange_parcel AS parcel LEFT JOIN exchange_receipt AS receipt ON receipt.id::text = parcel.reference
WHERE parcel.state = 'done' AND parcel.partner LIKE 'node:%%' AND parcel.number > %s ORDER BY parcel.number LIMIT 500
"""


def receipts() -> Iterator[tuple[int, str]]:
    """How many were looked at so far, and what is wrong with this one; "" if nothing is."""
    known = nodes.read_map().nodes
    count, after = 0, 0
    cursor = queue.cursor()
    while True:
        cursor.execute(DELIVERED.replace("SELECT parcel.id", "SELECT parcel.number, parcel.id"), [after])
        rows = cursor.fetchall()
        if not rows:
            return
        for number, id_, body, sha256, partner, answered_at, receipt, node in rows:
            after, count = number, count + 1
            if receipt is None:
                yield count, f"{id_}: no receipt"
                continue
            jws, payload = opened(bytes(receipt))
            try:
                read = read_receipt(payload)
                [signer] = signing.verify([signing.Signed(jws, payload, read.at)], known_at=answered_at)
                if isinstance(signer, NotAllowed):
                    raise signer
            except Failure as failure:
                yield count, f"{id_}: {failure.problem}"
                continue
            said = {one.id: one.sha256 for one in read.envelopes}
            fits = said.get(id_) == (sha256 or digest(bytes(body))) and partner == nodes.NODE + node
            signed = node in known and known[node].agency == signer.agency
            yield count, "" if fits and signed else f"{id_}: the receipt is for something else"
