"""What `doctor` asks of official documents: that the axis is heard, and that nothing waits for a person unseen."""

from datetime import timedelta
from pathlib import Path

from cryptography import x509
from django.conf import settings

from motcua.documents import post, queries
from motcua.documents.jobs import MESSAGES, REGISTERS
from motcua.exchange import api as exchange
from motcua.kernel.check import Check, Outcome
from motcua.kernel.clock import local, now
from motcua.kernel.errors import Failure

SILENT = timedelta(minutes=15)
SOON = timedelta(days=30)


def axis() -> Outcome:
    """What waits at the axis is fetched, and what goes there gets through."""
    if not settings.AXIS_URL:
        return Outcome(True, "no document axis is configured (MOTCUA_AXIS_URL): documents stay in the house")
    contact = next((one for one in queries.contacts() if one.name == MESSAGES), None)
    dead = len(exchange.dead_letters(post.AXIS))
    line = exchange.line_sign(post.AXIS)
    heard = contact.answered_at if contact else None
    text = f"last heard {f'{local(heard):%Y-%m-%d %H:%M}' if heard else 'never'}, {dead} letters refused there"
    if heard is None or now() - heard > SILENT:
        said = f": {contact.said}" if contact and contact.said else ""
        mend = "See that MOTCUA_AXIS_URL answers, that var/secrets/axis is its secret, and that a worker runs."
        return Outcome(False, f"{text}{said}", mend)
    if line is not None and line.failures and (line.ok_at is None or now() - line.ok_at > SILENT):
        return Outcome(False, f"{text}; it takes nothing: {line.said}", "See `motcua exchange lines` and ask the axis.")
    if dead:
        return Outcome(
            False,
            text,
            "See `motcua exchange dead --partner axis`; mend, then `motcua exchange replay ID --reason WORDS`.",
        )
    return Outcome(True, text)


def documents() -> Outcome:
    """Every message is for somebody here or was seen to, and our own signature can be made."""
    stray = queries.stray()
    text = f"{len(stray)} unreadable messages for nobody here"
    kept = next((one for one in queries.contacts() if one.name == REGISTERS and one.said), None)
    if kept is not None:
        return Outcome(
            False, f"{text}; {kept.said}", "They wait at the axis. See the worker's log, and tell its makers."
        )
    if stray:
        return Outcome(False, text, "See `motcua documents problems`, then `motcua documents settle ID`.")
    return _signer(text)


def _signer(text: str) -> Outcome:
    key, certificate = Path(settings.EDXML_KEY), Path(settings.EDXML_CERTIFICATE)
    if not key.exists() and not certificate.exists():
        return Outcome(True, f"{text}; what goes out is not signed (var/secrets/edxml.key.pem)")
    mend = "Put the key and its certificate (PEM) in place, both, and in force."
    try:
        post.our_signer()
        until = x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc
    except (Failure, OSError, ValueError) as error:
        return Outcome(False, f"{text}; our signature can't be made: {error}", mend)
    text = f"{text}; our certificate ends on {until:%Y-%m-%d}"
    return Outcome(True, text) if until - now() > SOON else Outcome(False, text, mend)


CHECKS: tuple[Check, ...] = (Check("axis", axis), Check("documents", documents))
