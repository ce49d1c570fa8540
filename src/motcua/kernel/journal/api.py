"""The front door of the journal."""

from motcua.kernel.journal.actions import LINK, chained, insertion, of_one_act, record, seal
from motcua.kernel.journal.queries import Sealed, chain, proof, sealed_after, verify, verify_last_seal
from motcua.kernel.journal.rules import Entry, Finding, Link, Seal

__all__ = [
    "LINK", "Entry", "Finding", "Link", "Seal", "Sealed", "chain", "chained", "insertion", "of_one_act", "proof",
    "record", "seal", "sealed_after", "verify", "verify_last_seal",
]  # fmt: skip
