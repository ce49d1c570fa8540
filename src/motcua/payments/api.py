"""The front door of payments."""

from motcua.payments.actions import Duty, ask_about, hear, open_charges, receive_at_counter, require_duties, start
from motcua.payments.queries import (
    Attempt,
    Charge,
    Transfer,
    attempt,
    attempts_of,
    charges_of,
    gateway,
    transfer_for,
    with_account,
)
from motcua.payments.rules import AttemptState, ChargeState, How

__all__ = [
    "Attempt", "AttemptState", "Charge", "ChargeState", "Duty", "How", "Transfer", "ask_about", "attempt",
    "attempts_of", "charges_of", "gateway", "hear", "open_charges", "receive_at_counter", "require_duties", "start",
    "transfer_for", "with_account",
]  # fmt: skip
