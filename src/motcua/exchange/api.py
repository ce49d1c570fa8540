"""The front door of exchange."""

from motcua.exchange.actions import Claim, Letter, claim, dispatch, replay, send, set_aside, write_back
from motcua.exchange.connector import Answer, Connector, Outcome, Parcel
from motcua.exchange.jobs import Way, delivery
from motcua.exchange.queries import (
    CorrectionRow,
    LineRow,
    ParcelRow,
    corrections,
    dead_letters,
    lines,
    of_subject,
    open_subjects,
    parcels,
)
from motcua.exchange.rules import Policy, State

__all__ = [
    "Answer",
    "Claim",
    "Connector",
    "CorrectionRow",
    "Letter",
    "LineRow",
    "Outcome",
    "Parcel",
    "ParcelRow",
    "Policy",
    "State",
    "Way",
    "claim",
    "corrections",
    "dead_letters",
    "delivery",
    "dispatch",
    "lines",
    "of_subject",
    "open_subjects",
    "parcels",
    "replay",
    "send",
    "set_aside",
    "write_back",
]
