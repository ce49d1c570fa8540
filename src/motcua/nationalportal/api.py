"""The front door of nationalportal."""

from motcua.nationalportal.actions import correct, reconcile, take_again
from motcua.nationalportal.connector import PARTNER
from motcua.nationalportal.fees import learn_from as learn_fees_from
from motcua.nationalportal.queries import (
    AtMinistry,
    Found,
    NotTaken,
    Refusal,
    Report,
    Standing,
    Step,
    SystemRow,
    at_ministries,
    away,
    configured,
    in_step,
    not_taken,
    portal_code_of,
    refusals,
    reports,
    standing,
    systems,
)
from motcua.nationalportal.rules.compare import Kind
from motcua.nationalportal.rules.fields import Fee

__all__ = [
    "PARTNER",
    "AtMinistry",
    "Fee",
    "Found",
    "Kind",
    "NotTaken",
    "Refusal",
    "Report",
    "Standing",
    "Step",
    "SystemRow",
    "at_ministries",
    "away",
    "configured",
    "correct",
    "in_step",
    "learn_fees_from",
    "not_taken",
    "portal_code_of",
    "reconcile",
    "refusals",
    "reports",
    "standing",
    "systems",
    "take_again",
]
