"""The books of a replay: what is in the server, counted by walking through its numbers, against what was acknowledged.

Codes of an agency's day run from 0001 without gaps (TT 03/2025/TT-VPCP art. 13), so that asking for one after the
other until none follows finds every dossier that is there, whether anybody was told of it or not.
"""

import asyncio
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from motcua.kernel.errors import Permanent
from motcua.replay.client import API, Caller, Server, request

MISSES = 3  # numbers without a dossier after which a day is at its end

Book = tuple[str, str]  # identifier of the agency, day as in the code


@dataclass(slots=True)
class Acknowledged:
    """A dossier that the server gave a receipt for, as the last answer left it."""

    code: str
    state: str
    due_at: datetime | None
    reception: str = ""
    resolving: str = ""
    consulted: str = ""


@dataclass(slots=True)
class Tally:
    """What was sent and what came back. Times in seconds, one for each request."""

    filings: int = 0
    steps: int = 0
    dossiers: dict[int, Acknowledged] = field(default_factory=dict)
    steps_acknowledged: int = 0
    repeated: int = 0
    differing: list[int] = field(default_factory=list)  # repeated, but with another receipt
    mistakes: int = 0
    mistakes_let_in: list[int] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    refused_filings: int = 0
    unanswered: list[str] = field(default_factory=list)  # keys that got no answer after all attempts
    retried: int = 0
    timers: Counter[str] = field(default_factory=Counter)
    times: "dict[str, array[float]]" = field(default_factory=lambda: defaultdict(lambda: array("f")))
    seconds: float = 0.0


class There(msgspec.Struct):
    """What is read of a dossier's place."""

    code: str
    state: str


_there = msgspec.json.Decoder(There)


def book_of(code: str) -> Book:
    org, day, _ = code.rsplit("-", 2)
    return org, day


async def walk(
    server: Server,
    callers: list[Caller],
    books: Iterable[tuple[Book, int]],
    found: Callable[[int], Any] = lambda n: None,
) -> dict[str, str]:
    """The state of every dossier in these books, by code. Each comes with the last number that is known of."""
    states: dict[str, str] = {}
    waiting = iter(list(books))

    async def read(caller: Caller) -> None:
        for (org, day), known in waiting:
            number, misses = 1, 0
            while misses < MISSES or number <= known:
                code = f"{org}-{day}-{number:04d}"
                status, body = await caller.call_patiently(request(server, "GET", f"{API}/dossiers/{code}"))
                if status == 200:
                    states[code] = _there.decode(body).state
                    misses = 0
                    found(1)
                elif status == 404:
                    misses += 1
                else:
                    raise Permanent("walk-failed", f"Không đọc được hồ sơ {code}: {status}.")
                number += 1

    async with asyncio.TaskGroup() as group:
        for caller in callers:
            group.create_task(read(caller))
    return states


@dataclass(frozen=True, slots=True)
class Balance:
    """What does and does not agree. All four lists are empty in good books."""

    there: int
    before: int
    lost: list[str]  # acknowledged, not there
    doubled: list[str]  # there, not there before, and nobody was told of it; or one code given to two filings
    differing: list[str]  # in another state than the last acknowledged step left it in
    closed: int  # by a timer, after the last acknowledged step

    def balanced(self, tally: Tally) -> bool:
        return not (
            self.lost or self.doubled or self.differing or tally.unanswered or tally.differing or tally.mistakes_let_in
        )


def last_numbers(codes: Iterable[str]) -> dict[Book, int]:
    """The last number of each book among these codes."""
    last: dict[Book, int] = defaultdict(int)
    for code in codes:
        book = book_of(code)
        last[book] = max(last[book], int(code.rpartition("-")[2]))
    return last


def balance(tally: Tally, before: dict[str, str], after: dict[str, str]) -> Balance:
    """Put what was acknowledged beside what is there."""
    given = Counter(dossier.code for dossier in tally.dossiers.values())
    twice = [code for code, times in given.items() if times > 1]
    closed, differing = 0, []
    for dossier in tally.dossiers.values():
        state = after.get(dossier.code)
        if state is None or state == dossier.state:
            continue
        if state == "closed" and dossier.state.startswith("awaiting_"):
            closed += 1
        else:
            differing.append(dossier.code)
    return Balance(
        there=len(after),
        before=len(before),
        lost=[code for code in given if code not in after],
        doubled=[*twice, *(code for code in after if code not in before and code not in given)],
        differing=differing,
        closed=closed,
    )
