"""The front door of transfers."""

from motcua.transfers.actions import HANDLERS, follow_log, follow_seats, greet_quiet, tell_again
from motcua.transfers.consulting import give_opinion
from motcua.transfers.queries import (
    Across,
    ConsultationRow,
    Consulted,
    Elsewhere,
    TransferRow,
    across,
    consultations,
    last_words,
    transfers,
)

__all__ = [
    "HANDLERS",
    "Across",
    "ConsultationRow",
    "Consulted",
    "Elsewhere",
    "TransferRow",
    "across",
    "consultations",
    "follow_log",
    "follow_seats",
    "give_opinion",
    "greet_quiet",
    "last_words",
    "tell_again",
    "transfers",
]
