"""What an endpoint of the API is: one row that the front serves, the description prints, and the access tests try.

A module lists its own in `endpoints.py`. `prepare` runs on the loop: it checks and converts, and must neither block
nor touch the database. What it gives is the answer itself, or, where a lane is named, an item for that lane.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from motcua.kernel.errors import Failure


@dataclass(frozen=True, slots=True)
class Call:
    """One request, read and checked: `scope` is who asks, `now` the moment that every act in it happens at.

    `place` is where the caller sits, for endpoints whose secrets can be guessed (see kernel/throttle.py).
    """

    scope: Any
    path: Mapping[str, str]
    query: Any
    body: Any
    raw: bytes
    key: str
    now: datetime
    place: str = ""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method on one path under /api/v1.

    `body` and `query` are msgspec types; `answer` is the type of the answer; `keyed` asks for an Idempotency-Key;
    `public` needs no token; `limit` bounds the body in bytes; `guess` gives what somebody without a token may be trying
    to guess, so that wrong ones cost waiting time.
    """

    method: str
    path: str
    summary: str
    answer: Any
    prepare: Callable[[Call], Any]
    lane: str = ""
    body: Any = None
    query: Any = None
    status: int = 200
    keyed: bool = False
    public: bool = False
    limit: int = 1024 * 1024
    guess: Callable[[Call], str] | None = None


@dataclass(frozen=True, slots=True)
class LaneOf:
    """A lane: the list-taking function behind endpoints, and how many requests go into one call of it."""

    work: Callable[[Sequence[Any]], Sequence[Any]]
    limit: int = 32


class Problem(msgspec.Struct, omit_defaults=True):
    """A problem document (RFC 9457): `detail` says what is wrong, `mend` what to do; more members as the case needs."""

    type: str
    title: str
    status: int
    detail: str
    kind: str
    mend: str = ""


def problem_of(failure: Failure) -> dict[str, Any]:
    """The document that a caller gets for a Failure."""
    return {
        "type": f"urn:motcua:problem:{failure.problem}",
        "title": failure.problem.replace("-", " "),
        "status": failure.status,
        "detail": failure.detail,
        "kind": failure.kind,
        **({"mend": failure.mend} if failure.mend else {}),
        **failure.members,
    }
