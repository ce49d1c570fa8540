"""The front door of the journal."""

from motcua.kernel.journal.actions import chained, insertion, record, seal
from motcua.kernel.journal.queries import chain, proof, verify, verify_last_seal
from motcua.kernel.journal.rules import Entry, Finding, Link, Seal

__all__ = [
    "Entry", "Finding", "Link", "Seal", "chain", "chained", "insertion", "proof", "record", "seal", "verify",
    "verify_last_seal",
]  # fmt: skip
