"""A procedure as the API and the command line tell it: plain JSON values, the same for both."""

from datetime import date
from typing import Any

import msgspec

from motcua.procedures.rules.competence import Competence
from motcua.procedures.rules.decisions import Offer
from motcua.procedures.rules.versions import Version, spell, term_to


def brief(version: Version) -> dict[str, Any]:
    """One line of a list."""
    return {
        "code": version.code,
        "name": version.name,
        "field": version.field,
        "ministry": version.ministry,
        "levels": sorted(version.levels),
        "online": version.online,
    }


def whole(version: Version) -> dict[str, Any]:
    """Everything about a procedure."""
    return {
        **brief(version),
        "channels": list(version.channels),
        "partial_reason": version.partial_reason,
        "term": term_to(version.term),
        "term_text": spell(version.term) if version.term else "",
        "terms": [
            {**(term_to(own.term) or {}), "case": own.case, "channel": own.channel, "note": own.note}
            for own in version.terms
        ],
        "terms_note": version.terms_note,
        "fees": msgspec.to_builtins(version.fees),
        "fees_note": version.fees_note,
        "components": msgspec.to_builtins(version.components),
        "cases": dict(version.cases),
        "conditions": list(version.conditions),
        "results": msgspec.to_builtins(version.results),
        "legal_bases": msgspec.to_builtins(version.legal_bases),
        "applicants": list(version.applicants),
        "authority": version.authority,
        "receiver": version.receiver,
        "boundary_free": version.boundary_free,
        "process": [
            {"n": s.n, "role": str(s.role), "title": s.title, "minutes": s.minutes, "made": s.made}
            for s in version.steps
        ],
        "form": version.schema,
        "curated": version.curated,
        "valid_from": version.valid_from,
        "valid_to": version.valid_to,
        "dates_assumed": version.dates_assumed,
        "source": str(version.source),
        "source_url": version.source_url,
    }


def here(offer: Offer, competence: Competence, on: date) -> dict[str, Any]:
    """What holds in a place on a day: who resolves, and within which term."""
    agency = competence.agency
    return {
        "resolving": {"org": agency.org(on), "name": agency.name_at(on)} if agency else None,
        "external": competence.external,
        "basis": competence.basis,
        "published": offer.published,
        "boundary_free": offer.boundary_free,
        "term": term_to(offer.term),
        "term_text": spell(offer.term),
        "term_source": str(offer.source),
        "term_assumed": offer.term_assumed,
        "demonstration": offer.demonstration,
    }
