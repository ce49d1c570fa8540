"""What a province decides on top of the national catalogue, and what it thereby offers."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from motcua.identity.rules import Role
from motcua.kernel.law import Citation
from motcua.kernel.terms import Term, TermUnit
from motcua.procedures.rules.fallback import fallback_term
from motcua.procedures.rules.process import shares
from motcua.procedures.rules.versions import ProcessStep, Version, term_from


class DecisionKind(StrEnum):
    """Quyết định của tỉnh or of a unit: công bố, ủy quyền, rút ngắn thời hạn, phi địa giới, ngoại lệ, quy trình."""

    publish = "publish"
    delegate = "delegate"
    shorten_term = "shorten_term"
    boundary = "boundary"
    except_unit = "except_unit"
    process = "process"  # quy trình nội bộ


@dataclass(frozen=True, slots=True)
class Decision:
    """One provincial decision on one procedure, in force from `valid_from` to `valid_to`, both included.

    `value` by kind: publish {"published": bool}; delegate {"level": "commune"|"province", "agency": agency kind,
    "ministry": name}; shorten_term {"percent": 30} or a term; boundary {"free": bool}; except_unit {"why": text},
    with the unit in `unit_id`; process {"steps": [{"role", "title", "minutes"}, ...]}, none for the made one again.
    A publish or process with a `unit_id` holds for that unit only; its process goes before the
    province's. `demonstration` marks what is made up to show how it works.
    """

    id: int
    kind: DecisionKind
    province_id: int
    unit_id: int | None
    code: str
    value: Mapping[str, Any]
    valid_from: date
    valid_to: date | None
    source: Citation
    demonstration: bool = False

    def in_force(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Offer:
    """What holds for a procedure in a place on a day: national law with the province's decisions applied.

    `source` is the act that the term rests on; `term_assumed` when the source states no term.
    """

    term: Term
    boundary_free: bool
    published: bool
    source: Citation
    steps: tuple[ProcessStep, ...]
    term_assumed: bool = False
    demonstration: bool = False
    process_source: Citation | None = None  # the act that decided the steps; None where a rule of ours made them


def shortened(term: Term, value: Mapping[str, Any]) -> Term:
    """The term after a province's cut, never longer than before.

    A percentage leaves half working days, whole days and whole hours, rounded up; months become days first.
    A term within the day stays.
    """
    if "percent" not in value:
        given = term_from(value)
        assert given is not None
        return Term(given.value, given.unit, given.cut_off or term.cut_off)
    left = term.value * (100 - value["percent"]) / 100
    if term.unit == TermUnit.WORKING_DAYS:
        half = math.ceil(round(left * 2, 6)) / 2
        return Term(int(half) if half == int(half) else half, term.unit, term.cut_off)
    if term.unit == TermUnit.MONTHS:
        return Term(math.ceil(round(left * 30, 6)), TermUnit.DAYS, term.cut_off)
    return Term(math.ceil(round(left, 6)), term.unit, term.cut_off)


def apply(
    version: Version,
    decisions: Iterable[Decision],
    commune_id: int | None,
    on: date,
    *,
    case: str = "",
    channel: str = "",
) -> Offer:
    """The offer that a province's decisions on the procedure leave, of those in force on the day."""
    term, source, assumed = version.term_for(case, channel), version.source, False
    if term is None:
        fallback = fallback_term(on)
        term, source, assumed = fallback.term, fallback.source, True
    published, free, demonstration = True, version.boundary_free, False
    process: Decision | None = None
    for decision in decisions:
        if not decision.in_force(on):
            continue
        if decision.kind == DecisionKind.shorten_term:
            term, source, assumed = shortened(term, decision.value), decision.source, False
            demonstration = decision.demonstration
        elif decision.kind == DecisionKind.boundary:
            free = bool(decision.value["free"])
        elif decision.unit_id not in (None, commune_id):
            continue
        elif decision.kind == DecisionKind.process:
            if decision.value["steps"] and (process is None or decision.unit_id is not None):
                process = decision
        elif decision.kind == DecisionKind.publish:
            published = published and bool(decision.value["published"])
        elif decision.kind == DecisionKind.except_unit:
            published = False
    # The steps add up to the general term already; only another one needs them stretched or cut.
    steps = steps_of(process.value) if process else version.steps
    if process or term is not version.term:
        steps = shares(steps, term)
    decided = process.source if process else None
    return Offer(term, free, published, source, steps, assumed, demonstration, decided)


def steps_of(value: Mapping[str, Any]) -> tuple[ProcessStep, ...]:
    """The steps of a process that was decided; raises on what isn't one."""
    return tuple(
        ProcessStep(n, Role(step["role"]), step["title"], step["minutes"], made=False)
        for n, step in enumerate(value["steps"], 1)
    )
