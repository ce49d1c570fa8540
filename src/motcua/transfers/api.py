"""The front door of transfers."""

from motcua.transfers.actions import HANDLERS, follow_log, greet_quiet, tell_again
from motcua.transfers.queries import Across, Elsewhere, TransferRow, across, last_words, transfers

__all__ = [
    "HANDLERS",
    "Across",
    "Elsewhere",
    "TransferRow",
    "across",
    "follow_log",
    "greet_quiet",
    "last_words",
    "tell_again",
    "transfers",
]
