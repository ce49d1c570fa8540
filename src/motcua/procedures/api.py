"""The front door of procedures."""

from motcua.procedures.actions import (
    Loaded,
    NewDecision,
    ProvinceAct,
    adopt,
    decide_demonstration,
    decide_many,
    delegate,
    except_unit,
    load,
    publish,
    retire,
    set_boundary_free,
    shorten_term,
)
from motcua.procedures.packaged import Draft
from motcua.procedures.queries import (
    catalogue,
    competent,
    coverage,
    forget,
    generation,
    offered,
    refresh,
    search,
    validate,
)
from motcua.procedures.rules.catalogue import Catalogue
from motcua.procedures.rules.competence import Competence, Coverage
from motcua.procedures.rules.decisions import Decision, DecisionKind, Offer
from motcua.procedures.rules.fallback import DEFAULT_TERM, fallback_term
from motcua.procedures.rules.forms import FieldError
from motcua.procedures.rules.versions import (
    CaseTerm,
    Component,
    Fee,
    Hit,
    LegalBasis,
    ProcessStep,
    Result,
    Version,
    spell,
)

__all__ = [
    "DEFAULT_TERM",
    "CaseTerm",
    "Catalogue",
    "Competence",
    "Component",
    "Coverage",
    "Decision",
    "DecisionKind",
    "Draft",
    "Fee",
    "FieldError",
    "Hit",
    "LegalBasis",
    "Loaded",
    "NewDecision",
    "Offer",
    "ProcessStep",
    "ProvinceAct",
    "Result",
    "Version",
    "adopt",
    "catalogue",
    "competent",
    "coverage",
    "decide_demonstration",
    "decide_many",
    "delegate",
    "except_unit",
    "fallback_term",
    "forget",
    "generation",
    "load",
    "offered",
    "publish",
    "refresh",
    "retire",
    "search",
    "set_boundary_free",
    "shorten_term",
    "spell",
    "validate",
]
