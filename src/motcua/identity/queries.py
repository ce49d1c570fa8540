"""Reads who someone is and what that reaches."""

import threading
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from motcua.identity.rules import (
    REACH_BELOW,
    Holding,
    Party,
    Role,
    Scope,
    scope_of_holdings,
    secret_digest,
    well_formed,
)
from motcua.kernel.errors import NotAllowed, NotFound
from motcua.units import api as units

TOKENS_AGE = 60.0  # seconds after which a revoked token is refused at the latest
_ASK_AGAIN = 1.0  # seconds in which unknown secrets cost at most one question to the database


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as an administrator sees it: everything but the secret, which nobody has."""

    id: int
    name: str
    agencies: tuple[int, ...] | None
    roles: tuple[str, ...]
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Tokens:
    read_at: float
    by_digest: Mapping[str, tuple[Scope, datetime]]


_tokens = _Tokens(float("-inf"), {})
_reading = threading.Lock()


def refresh_tokens() -> None:
    """Read all tokens that are not revoked into memory. The front calls it each second, off its loop."""
    global _tokens
    with _reading:
        started = time.monotonic()
        rows = _all(
            "SELECT id, secret_sha256, agencies, roles, expires_at FROM identity_token WHERE revoked_at IS NULL"
        )
        _tokens = _Tokens(
            started,
            {
                digest: (
                    Scope(
                        caller=-number,
                        agencies=None if agencies is None else frozenset(agencies),
                        roles=frozenset(map(Role, roles)),
                        name=f"token:{number}",
                    ),
                    expires_at,
                )
                for number, digest, agencies, roles, expires_at in rows
            },
        )


def scope_of_token(secret: str, *, now: datetime, ask: bool = True) -> Scope:
    """What the bearer of this secret reaches; NotAllowed (401) for an unknown, revoked or expired one.

    Answers from memory, which is at most 60 s old. `ask=False` never asks the database: for the front's loop,
    whose other thread keeps the memory fresh.
    """
    if well_formed(secret):
        digest = secret_digest(secret)
        age = time.monotonic() - _tokens.read_at
        found = _tokens.by_digest.get(digest)
        if ask and (age > TOKENS_AGE or (found is None and age > _ASK_AGAIN)):
            refresh_tokens()
            age = 0.0
            found = _tokens.by_digest.get(digest)
        if found is not None and age <= TOKENS_AGE:
            scope, expires_at = found
            if now < expires_at:
                return scope
            raise NotAllowed(
                "token-expired", "Thẻ truy cập đã hết hạn.", mend="Xin quản trị hệ thống cấp thẻ mới.", status=401
            )
    raise NotAllowed(
        "token-unknown",
        "Thẻ truy cập không có, không đúng hoặc đã bị thu hồi.",
        mend="Gửi tiêu đề Authorization: Bearer THẺ; thẻ do quản trị hệ thống cấp.",
        status=401,
    )


def tokens() -> tuple[TokenRow, ...]:
    """All tokens ever issued, newest first."""
    return tuple(
        TokenRow(number, name, None if agencies is None else tuple(agencies), tuple(roles), *moments)
        for number, name, agencies, roles, *moments in _all(
            "SELECT id, name, agencies, roles, issued_at, expires_at, revoked_at FROM identity_token ORDER BY id DESC"
        )
    )


_HOLDINGS = """
    SELECT p.id, p.official_id, o.name, p.agency_id, p.role, p.title, p.valid_from, p.valid_to, o.number
    FROM identity_position p JOIN identity_official o ON o.id = p.official_id"""

_IN_FORCE = "p.valid_from <= %s AND (p.valid_to IS NULL OR p.valid_to >= %s)"


def position_of(position_id: int, on: date) -> Holding | None:
    """The position, if it is held on that day."""
    found = _holdings(f"{_HOLDINGS} WHERE p.id = %s AND {_IN_FORCE}", [position_id, on, on])
    return found[0] if found else None


def positions(position_ids: Collection[int], on: date) -> Mapping[int, Holding]:
    """Those of the positions that are held on that day, by number. One statement."""
    found = _holdings(f"{_HOLDINGS} WHERE p.id = ANY(%s) AND {_IN_FORCE}", [list(position_ids), on, on])
    return {holding.id: holding for holding in found}


def holders(position_ids: Collection[int]) -> Mapping[int, Holding]:
    """Who holds or held these positions, by number, whatever the day: for what was signed in them. One statement."""
    found = _holdings(f"{_HOLDINGS} WHERE p.id = ANY(%s)", [list(position_ids)])
    return {holding.id: holding for holding in found}


def positions_in(agency_id: int, on: date) -> tuple[Holding, ...]:
    """Who holds which role in an agency on that day."""
    return _holdings(f"{_HOLDINGS} WHERE p.agency_id = %s AND {_IN_FORCE} ORDER BY p.id", [agency_id, on, on])


def holdings_at(agency_ids: Collection[int], since: date) -> tuple[Holding, ...]:
    """Who holds or will hold a position in one of these agencies on that day or later, by number. One statement."""
    return _holdings(
        f"{_HOLDINGS} WHERE p.agency_id = ANY(%s) AND (p.valid_to IS NULL OR p.valid_to >= %s) ORDER BY p.id",
        [list(agency_ids), since],
    )


def positions_of_account(account_id: int, on: date) -> tuple[Holding, ...]:
    """The positions that an account's official holds on that day; none for a closed account."""
    return _holdings(
        f"{_HOLDINGS} JOIN identity_account a ON a.official_id = p.official_id AND a.is_active"
        f" WHERE a.id = %s AND {_IN_FORCE} ORDER BY p.id",
        [account_id, on, on],
    )


def scope_of_account(account_id: int, on: date, position_id: int | None = None) -> Scope:
    """What an account reaches on that day, in one of its positions if one is named. Nothing without a position."""
    held = positions_of_account(account_id, on)
    known = units.directory()
    below = {h.agency_id: known.agencies_under(h.agency_id, on) for h in held if h.role in REACH_BELOW}
    return scope_of_holdings(account_id, held, below, position_id)


def reads(scope: Scope, agency_id: int, on: date) -> bool:
    """Whether the caller may read what an agency keeps: it reaches the agency, or on that day an heir of it.

    What an office leaves is handed over to its heirs (Nghị quyết 190/2025/QH15); where several came of it, each has a
    part of its people, and no text says whose paper lies where, so that each of them may read.
    """
    if scope.reaches(agency_id):
        return True
    return any(scope.reaches(heir.id) for heir in units.directory().heirs(agency_id, on))


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account without its password. `operator`: it may enter the operators' admin, and only they change it."""

    id: int
    username: str
    active: bool
    one_time: bool
    operator: bool
    last_login: datetime | None


@dataclass(frozen=True, slots=True)
class OfficialRow:
    """An official with what the caller may see of the positions: `elsewhere` says how many more there are."""

    id: int
    number: str
    name: str
    demonstration: bool
    account: AccountRow | None
    positions: tuple[Holding, ...]
    elsewhere: int


_IN_REACH = "(%s::bigint[] IS NULL OR p.agency_id = ANY(%s))"


def _reach(scope: Scope) -> list[Any]:
    agencies = None if scope.agencies is None else sorted(scope.agencies)
    return [agencies, agencies]


def staff(
    *, scope: Scope, on: date, agency_id: int | None = None, text: str = "", offset: int = 0, limit: int = 50
) -> tuple[tuple[Holding, ...], int]:
    """Who holds which position on that day or later in the caller's agencies, and how many that are in all."""
    found = _all(
        f"SELECT h.*, count(*) OVER () FROM ({_HOLDINGS} WHERE {_IN_REACH}"  # noqa: S608 - constants
        " AND (p.valid_to IS NULL OR p.valid_to >= %s) AND (%s::bigint IS NULL OR p.agency_id = %s)"
        " AND (%s = '' OR o.name ILIKE %s OR o.number ILIKE %s OR p.title ILIKE %s)) AS h"
        " ORDER BY h.agency_id, h.id LIMIT %s OFFSET %s",
        [*_reach(scope), on, agency_id, agency_id, text, *[f"%{_plain_pattern(text)}%"] * 3, limit, offset],
    )
    rows = tuple(_holding(row[:9]) for row in found)
    return rows, int(found[0][9]) if found else 0


def _plain_pattern(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def all_staff(*, scope: Scope, limit: int = 50_000) -> tuple[Holding, ...]:
    """Every position ever held in the caller's agencies, for a list that goes out."""
    return _holdings(f"{_HOLDINGS} WHERE {_IN_REACH} ORDER BY p.agency_id, p.id LIMIT %s", [*_reach(scope), limit])


def official(official_id: int, *, scope: Scope) -> OfficialRow:
    """One official; NotFound unless one of the positions was or is in the caller's agencies."""
    asked = official_id if official_id < 1 << 63 else 0  # no number of ours is longer
    held = _holdings(f"{_HOLDINGS} WHERE p.official_id = %s ORDER BY p.valid_from DESC, p.id DESC", [asked])
    ours = tuple(h for h in held if scope.reaches(h.agency_id))
    if not ours:
        raise NotFound("official-unknown", f"Không có cán bộ số {official_id} trong cơ quan của ông/bà.")
    [(made_up,)] = _all("SELECT demonstration FROM identity_official WHERE id = %s", [official_id])
    account = _all(
        "SELECT id, username, is_active, one_time, is_staff OR is_superuser, last_login FROM identity_account"
        " WHERE official_id = %s",
        [official_id],
    )
    first = ours[0]
    return OfficialRow(
        official_id,
        first.number,
        first.official,
        made_up,
        AccountRow(*account[0]) if account else None,
        ours,
        len(held) - len(ours),
    )


def officials_numbered(numbers: Collection[str]) -> dict[str, tuple[int, str]]:
    """The officials with these numbers: their own number in our tables and their name."""
    rows = _all(
        "SELECT number, id, name FROM identity_official WHERE number <> '' AND number = ANY(%s)", [list(numbers)]
    )
    return {number: (official_id, name) for number, official_id, name in rows}


def held_by(numbers: Collection[str]) -> tuple[Holding, ...]:
    """All positions ever of the officials with these numbers."""
    return _holdings(f"{_HOLDINGS} WHERE o.number <> '' AND o.number = ANY(%s)", [list(numbers)])


def staff_figures(*, scope: Scope, on: date) -> tuple[int, int]:
    """How many officials hold a position on that day in the caller's agencies, and how many of them have an account."""
    [(people, accounts)] = _all(
        "SELECT count(DISTINCT p.official_id), count(DISTINCT a.official_id) FROM identity_position p"  # noqa: S608
        f" LEFT JOIN identity_account a ON a.official_id = p.official_id WHERE {_IN_REACH} AND {_IN_FORCE}",
        [*_reach(scope), on, on],
    )
    return people, accounts


def parties(ids: Sequence[UUID]) -> dict[UUID, Party]:
    """The parties with these ids, those that exist."""
    rows = _all(
        "SELECT id, kind, number, name, birth_date, phone, email, address FROM identity_party WHERE id = ANY(%s)",
        [list(ids)],
    )
    return {row[0]: Party(*row[1:]) for row in rows}


SAME = """
WITH RECURSIVE same (id) AS (
    SELECT %s::uuid
    UNION
    SELECT CASE WHEN link.party = same.id THEN link.survivor ELSE link.party END
    FROM same JOIN identity_sameparty AS link ON link.party = same.id OR link.survivor = same.id
)
SELECT id FROM same
"""


def merged_with(party: UUID) -> frozenset[UUID]:
    """The other records of the same person or organisation, as clerks decided; none for nearly everybody."""
    return frozenset(row[0] for row in _all(SAME, [party])) - {party}


def _holdings(statement: str, parameters: Sequence[Any]) -> tuple[Holding, ...]:
    return tuple(map(_holding, _all(statement, parameters)))


def _holding(row: Sequence[Any]) -> Holding:
    position, official_id, name, agency_id, role, title, first, last, number = row
    return Holding(position, official_id, name, agency_id, Role(role), title, first, last, number)


def _all(statement: str, parameters: Sequence[Any] = ()) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return list(cursor.fetchall())
