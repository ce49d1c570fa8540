"""The country as a replay sees it: who takes in what, where. Plain values, so that scenarios stay pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from motcua.kernel.terms import Term


@dataclass(frozen=True, slots=True)
class Place:
    """A commune: its area code, its name, its centre's identifier, and how many people live there."""

    area: str
    name: str
    centre: str
    people: int


@dataclass(frozen=True, slots=True)
class Offered:
    """A procedure as it is offered in a province."""

    code: str
    channels: frozenset[str]  # counter, online, post, assisted
    term: Term
    handlers: int  # steps of the internal process that a handler takes
    boundary_free: bool
    schema: Mapping[str, Any]
    components: tuple[str, ...]
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Province:
    """A province with its communes, what communes and departments settle, and whom they consult."""

    code: str
    centre: str
    places: tuple[Place, ...]
    communal: tuple[Offered, ...]
    provincial: tuple[Offered, ...]
    consulted: tuple[str, ...]  # identifiers of departments


Ground = Mapping[str, Province]
