"""From the catalogue's JSON to a Version, refusing what it doesn't know."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from motcua.identity.rules import Role
from motcua.procedures.rules.fallback import DEFAULT_TERM
from motcua.procedures.rules.forms import GENERAL, GENERAL_KEY, key_of
from motcua.procedures.rules.process import budget, made_steps
from motcua.procedures.rules.versions import (
    CHANNELS,
    LEVELS,
    CaseTerm,
    Component,
    Fee,
    LegalBasis,
    ProcessStep,
    Result,
    Version,
    source_of,
    term_from,
)

KNOWN = frozenset(
    [
        "levels",
        "channels",
        "online",
        "partial_reason",
        "term",
        "terms",
        "terms_note",
        "fees",
        "fees_note",
        "components",
        "cases",
        "conditions",
        "results",
        "legal_bases",
        "applicants",
        "authority",
        "receiver",
        "schema",
        "steps",
        "boundary_free",
        "curated",
        "dates_assumed",
        "source_url",
    ]
)


def _steps(data: list[Mapping[str, Any]]) -> tuple[ProcessStep, ...]:
    return tuple(
        ProcessStep(n, Role(step["role"]), step["title"], step["minutes"], made=step.get("made", False))
        for n, step in enumerate(data, 1)
    )


def _case_term(data: Mapping[str, Any]) -> CaseTerm:
    term = term_from(data)
    assert term is not None
    return CaseTerm(term, data.get("case", ""), data.get("channel", ""), data.get("note", ""))


def version_from(
    id: int,
    code: str,
    name: str,
    field: str,
    ministry: str,
    decision: str,
    valid_from: date | None,
    valid_to: date | None,
    body: Mapping[str, Any],
) -> Version:
    """The version that a body describes; raises ValueError, KeyError or TypeError on what can't be read."""
    if unknown := set(body) - KNOWN:
        raise ValueError(f"a version has no {sorted(unknown)}")
    levels, channels = frozenset(body["levels"]), tuple(body.get("channels", ()))
    online, reason = body.get("online", "none"), body.get("partial_reason", "")
    if levels - set(LEVELS) or set(channels) - set(CHANNELS) or online not in ("full", "partial", "none"):
        raise ValueError(f"unknown level, channel or degree: {sorted(levels)} {channels} {online}")
    if (online == "partial") != bool(reason) or (online != "none") != ("online" in channels):
        raise ValueError(f"the degree {online!r} does not fit the channels and the reason")
    term = term_from(body.get("term"))
    cases = {str(key): str(title) for key, title in body.get("cases", {}).items()}
    components = tuple(Component(**component) for component in body.get("components", ()))
    terms = tuple(_case_term(own) for own in body.get("terms", ()))
    named = {"", *cases}
    if strange := ({paper.case for paper in components} | {own.case for own in terms}) - named:
        raise ValueError(f"no case is called {sorted(strange)}")
    if len({component.key for component in components}) < len(components):
        raise ValueError("two components have the same key")
    steps = _steps(body["steps"]) if "steps" in body else made_steps(term or DEFAULT_TERM.term)
    if sum(step.minutes for step in steps) != budget(term or DEFAULT_TERM.term):
        raise ValueError("the steps don't add up to the term")
    schema = body.get("schema")
    return Version(
        id=id,
        code=code,
        name=name,
        field=field,
        ministry=ministry,
        levels=levels,
        channels=channels,
        online=online,
        partial_reason=reason,
        term=term,
        terms=terms,
        terms_note=body.get("terms_note", ""),
        fees=tuple(Fee(**fee) for fee in body.get("fees", ())),
        fees_note=body.get("fees_note", ""),
        components=components,
        cases=cases,
        conditions=tuple(body.get("conditions", ())),
        results=tuple(Result(**result) for result in body.get("results", ())),
        legal_bases=tuple(
            LegalBasis(
                basis["number"],
                basis["title"],
                date.fromisoformat(basis["issued_on"]) if "issued_on" in basis else None,
            )
            for basis in body.get("legal_bases", ())
        ),
        applicants=tuple(body.get("applicants", ())),
        authority=body.get("authority", ""),
        receiver=body.get("receiver", ""),
        schema=schema or GENERAL,
        schema_key=key_of(schema) if schema else GENERAL_KEY,
        steps=steps,
        boundary_free=body.get("boundary_free", True),
        curated=body.get("curated", False),
        valid_from=valid_from,
        valid_to=valid_to,
        dates_assumed=body.get("dates_assumed", False),
        source=source_of(decision),
        source_url=body.get("source_url", ""),
    )
