"""The API of units."""

from datetime import date
from typing import Annotated

import msgspec
from msgspec import Meta

from motcua.kernel.clock import day_of
from motcua.kernel.endpoints import Call, Endpoint
from motcua.units import queries
from motcua.units.rules.answer import Answer, answer
from motcua.units.rules.values import Scheme


class AsOf(msgspec.Struct, frozen=True):
    """For which day (default today in Viet Nam), and in which list to look (default: by the code's form)."""

    on: Annotated[date | None, Meta(description="A day such as 2025-06-30")] = None
    scheme: Scheme | None = None


def _unit(call: Call) -> Answer:
    asked: AsOf = call.query
    today = day_of(call.now)
    return answer(queries.directory(), call.path["code"], on=asked.on or today, today=today, scheme=asked.scheme)


ENDPOINTS = (
    Endpoint("GET", "/units/{code}", "Who holds a code on a day, what it was and what it became", Answer, _unit,
             query=AsOf, public=True),
)  # fmt: skip
