"""The axis's gateway: which calls there are and how each is signed. Paths and names as in practice (VXP)."""

import hashlib
import hmac
from collections.abc import Iterable

RECEIVED = "/getReceivedEdocList"
ONE = "/getEdoc/"
SENT = "/getSentEdocList"  # assumed: asked for what was sent without an answer
SEND = "/sendEdoc"
UPDATE_STATUS = "/updateStatus"
AGENCIES = "/getAgenciesListQD20"
REGISTER = "/registerAgency"
SERVICE = "eDoc"
XML, JSON = "application/xml", "application/json"


def signature(secret: str, system: str, stamp: str, content_type: str, body: Iterable[bytes]) -> str:
    """HMAC-SHA256 over systemId, timestamp, contentType and body, in hexadecimal digits."""
    made = hmac.new(secret.encode(), f"{system}{stamp}{content_type}".encode(), hashlib.sha256)
    for piece in body:
        made.update(piece)
    return made.hexdigest()
