"""The API of procedures: find one, and read everything about it."""

from datetime import date
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from motcua.kernel.clock import day_of
from motcua.kernel.endpoints import Call, Endpoint
from motcua.kernel.errors import NotFound, Permanent
from motcua.procedures import queries
from motcua.procedures.rules import answer
from motcua.procedures.rules.versions import Version
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
    return FoundList([Found(**answer.brief(hit.version)) for hit in hits])


def _procedure(call: Call) -> dict[str, Any]:
    on = call.query.on or day_of(call.now)
    version = queries.catalogue().version(call.path["code"], on)
    if version is None:
        raise NotFound(
            "procedure-unknown",
            f"Không có thủ tục {call.path['code']} có hiệu lực ngày {on:%d/%m/%Y}.",
            mend="Tìm theo tên tại /api/v1/procedures?q=.",
        )
    told = answer.whole(version)
    if call.query.area:
        told["here"] = _here(version, call.query.area, on)
    return told


def _here(version: Version, area: str, on: date) -> dict[str, Any]:
    directory = units.directory()
    unit = directory.find_unit(area, on)
    if unit is None:
        raise Permanent("area-unknown", f"Không có đơn vị hành chính mang mã {area} ngày {on:%d/%m/%Y}.")
    competence = queries.competent(version.code, unit, on)
    offer = queries.offered(version, directory.province_of(unit.id, on).id, unit.id, on)
    return answer.here(offer, competence, on)


ENDPOINTS = (
    Endpoint("GET", "/procedures", "Find procedures by plain words", FoundList, _search, query=Words, public=True),
    Endpoint("GET", "/procedures/{code}", "Everything about a procedure; with `area`, who resolves it there",
             dict[str, Any], _procedure, query=Place, public=True),
)  # fmt: skip
