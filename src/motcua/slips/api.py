"""The front door of slips."""

from motcua.slips.actions import SlipRequest, make
from motcua.slips.queries import Available, available
from motcua.slips.rules import FORM, FORMS, Form

__all__ = ["FORM", "FORMS", "Available", "Form", "SlipRequest", "available", "make"]
