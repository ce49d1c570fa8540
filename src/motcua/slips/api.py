"""The front door of slips."""

from motcua.slips.actions import MOST, SlipRequest, make, make_book, typeset
from motcua.slips.queries import Available, BookLine, available, book, numbers_given
from motcua.slips.rules import FORM, FORMS, Form, delivery_line, proxy_line

__all__ = [
    "FORM",
    "FORMS",
    "MOST",
    "Available",
    "BookLine",
    "Form",
    "SlipRequest",
    "available",
    "book",
    "delivery_line",
    "make",
    "make_book",
    "numbers_given",
    "proxy_line",
    "typeset",
]
