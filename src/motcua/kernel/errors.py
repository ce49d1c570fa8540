"""The four kinds of failure, and the problem that a caller is told.

Every error that crosses a module's border is one of these. The kind says what the caller may do next; the
problem says, in words, what to mend. `status` is the HTTP status of the RFC 9457 document made from it.
"""

from collections.abc import Mapping
from typing import Any


class Failure(Exception):
    """Something was not done. Nothing of it was done."""

    kind = "permanent"
    status = 422

    def __init__(
        self,
        problem: str,
        detail: str,
        *,
        mend: str = "",
        status: int | None = None,
        **members: Any,
    ) -> None:
        """`problem` is a stable slug such as "unit-dissolved"; `detail` and `mend` are sentences for a person."""
        super().__init__(f"{problem}: {detail}")
        self.problem = problem
        self.detail = detail
        self.mend = mend
        self.members: Mapping[str, Any] = members
        if status is not None:
            self.status = status


class Permanent(Failure):
    """Repeating it as it is will fail again: mend the input first."""


class Transient(Failure):
    """Repeat the same call later."""

    kind = "transient"
    status = 503


class Unknown(Failure):
    """It may or may not have happened: ask for the state before repeating."""

    kind = "unknown"
    status = 503


class Duplicate(Failure):
    """It had been done already, which for the caller is a success."""

    kind = "duplicate"
    status = 200


class NotAllowed(Permanent):
    """The caller's scope does not reach this, or the law does not give this step to its role."""

    status = 403


class NotFound(Permanent):
    """No such thing, or not one that this caller may know of."""

    status = 404


class Conflict(Permanent):
    """The state of the thing does not admit the act, or the same key came with another body."""

    status = 409
