"""The API of procedures: find one, and read everything about it."""

from datetime import date
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from motcua.kernel.clock import day_of
from motcua.kernel.endpoints import Call, Endpoint
from motcua.kernel.errors import NotFound, Permanent
from motcua.procedures import queries
from motcua.procedures.rules.versions import Version, term_to
from motcua.units import api as units


class Words(msgspec.Struct, frozen=True):
    """Plain words, with or without tone marks."""

    q: Annotated[str, Meta(min_length=1, max_length=200)]
    on: date | None = None
    limit: Annotated[int, Meta(ge=1, le=100)] = 20


class Found(msgspec.Struct, frozen=True):
    code: str
    name: str
    field: str
    ministry: str
    levels: list[str]
    online: str


class FoundList(msgspec.Struct, frozen=True):
    """Best first."""

    items: list[Found]


class Place(msgspec.Struct, frozen=True):
    """For whom: the area code of a commune, and the day."""

    area: Annotated[str, Meta(max_length=10)] = ""
    on: date | None = None


def _search(call: Call) -> FoundList:
    hits = queries.search(call.query.q, call.query.on or day_of(call.now), call.query.limit)
    return FoundList([_found(hit.version) for hit in hits])


def _found(version: Version) -> Found:
    return Found(version.code, version.name, version.field, version.ministry, sorted(version.levels), version.online)


def _procedure(call: Call) -> dict[str, Any]:
    on = call.query.on or day_of(call.now)
    version = queries.catalogue().version(call.path["code"], on)
    if version is None:
        raise NotFound(
            "procedure-unknown",
            f"Không có thủ tục {call.path['code']} có hiệu lực ngày {on:%d/%m/%Y}.",
            mend="Tìm theo tên tại /api/v1/procedures?q=.",
        )
    answer: dict[str, Any] = {
        **msgspec.to_builtins(_found(version)),
        "channels": list(version.channels),
        "partial_reason": version.partial_reason,
        "term": term_to(version.term),
        "terms": [
            {**(term_to(t.term) or {}), "case": t.case, "channel": t.channel, "note": t.note} for t in version.terms
        ],
        "fees": msgspec.to_builtins(version.fees),
        "components": msgspec.to_builtins(version.components),
        "cases": dict(version.cases),
        "results": msgspec.to_builtins(version.results),
        "legal_bases": msgspec.to_builtins(version.legal_bases),
        "conditions": list(version.conditions),
        "process": [
            {"n": s.n, "role": s.role, "title": s.title, "minutes": s.minutes, "made": s.made} for s in version.steps
        ],
        "form": version.schema,
        "valid_from": version.valid_from,
        "valid_to": version.valid_to,
        "source": str(version.source),
        "source_url": version.source_url,
    }
    if call.query.area:
        answer["here"] = _here(version, call.query.area, on)
    return answer


def _here(version: Version, area: str, on: date) -> dict[str, Any]:
    directory = units.directory()
    unit = directory.find_unit(area, on)
    if unit is None:
        raise Permanent("area-unknown", f"Không có đơn vị hành chính mang mã {area} ngày {on:%d/%m/%Y}.")
    offer = queries.offered(version, directory.province_of(unit.id, on).id, unit.id, on)
    competence = queries.competent(version.code, unit, on)
    agency = competence.agency
    return {
        "resolving": {"org": agency.org(on), "name": agency.name_at(on)} if agency else None,
        "external": competence.external,
        "basis": competence.basis,
        "published": offer.published,
        "boundary_free": offer.boundary_free,
        "term": term_to(offer.term),
        "term_source": str(offer.source),
        "term_assumed": offer.term_assumed,
    }


ENDPOINTS = (
    Endpoint("GET", "/procedures", "Find procedures by plain words", FoundList, _search, query=Words, public=True),
    Endpoint("GET", "/procedures/{code}", "Everything about a procedure; with `area`, who resolves it there",
             dict[str, Any], _procedure, query=Place, public=True),
)  # fmt: skip
