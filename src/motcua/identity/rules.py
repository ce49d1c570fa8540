"""Who may do what: roles, scopes, parties. Pure.

A scope says nothing is allowed until a position, a token or the law says so.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from motcua.kernel.errors import NotAllowed


class Role(StrEnum):
    """What a position lets its holder do in its agency."""

    RECEPTION = "reception"  # công chức tiếp nhận và trả kết quả
    HANDLER = "handler"  # công chức thụ lý
    APPROVER = "approver"  # lãnh đạo phòng chuyên môn, người thẩm định
    SIGNATORY = "signatory"  # người có thẩm quyền ký
    LEADER = "leader"  # lãnh đạo cơ quan: sees its own agency and all below it
    ADMINISTRATOR = "administrator"  # quản trị hệ thống


REACH_BELOW = frozenset({Role.LEADER, Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class Scope:
    """What a caller reaches. Every query and action takes one.

    `caller`: an account's number, a token's number below zero, 0 for the public and for the worker.
    `agencies`: the agencies it reaches; None for all of them. `party`: the person or organisation that it is.
    `name`: how the journal calls it.
    """

    caller: int = 0
    agencies: frozenset[int] | None = frozenset()
    roles: frozenset[Role] = frozenset()
    position: int | None = None
    party: UUID | None = None
    name: str = "public"

    def reaches(self, agency_id: int) -> bool:
        return self.agencies is None or agency_id in self.agencies

    def holds(self, role: Role) -> bool:
        return role in self.roles


PUBLIC = Scope()
SYSTEM = Scope(agencies=None, roles=frozenset(Role), name="worker")


def require(scope: Scope, agency_id: int, *roles: Role) -> None:
    """Raise NotAllowed unless the scope reaches the agency and holds one of the roles (any role if none is named)."""
    if not scope.reaches(agency_id):
        raise NotAllowed("foreign-agency", "Việc này thuộc một cơ quan khác.")
    if roles and scope.roles.isdisjoint(roles):
        raise NotAllowed("role-missing", f"Việc này cần vai trò {' hoặc '.join(roles)}.")


@dataclass(frozen=True, slots=True)
class Holding:
    """A position (vị trí công tác) as held by an official from day to day."""

    id: int
    official_id: int
    official: str
    agency_id: int
    role: Role
    title: str
    valid_from: date
    valid_to: date | None


def scope_of_holdings(
    account_id: int, holdings: Iterable[Holding], below: Mapping[int, frozenset[int]], chosen: int | None = None
) -> Scope:
    """What an account reaches with the positions that it holds on a day.

    With `chosen` it acts in that position. Otherwise it acts in the agency of its first position, with all roles
    that it holds there: roles in one agency are never taken into another. `below` gives the agencies under one.
    """
    held = sorted(holdings, key=lambda h: h.id)
    first = next((h for h in held if chosen in (None, h.id)), None)
    name = f"account:{account_id}"
    if first is None:
        return Scope(caller=account_id, name=name)
    acting = [first] if chosen is not None else [h for h in held if h.agency_id == first.agency_id]
    roles = frozenset(h.role for h in acting)
    agencies = {first.agency_id}
    if roles <= REACH_BELOW:
        agencies |= below.get(first.agency_id, frozenset())
    return Scope(account_id, frozenset(agencies), roles, first.id, None, name)


class PartyKind(StrEnum):
    CITIZEN = "citizen"  # cá nhân: số định danh cá nhân, 12 digits
    ORGANISATION = "organisation"  # tổ chức: mã số doanh nghiệp or mã định danh


@dataclass(frozen=True, slots=True)
class Party:
    """Người hoặc tổ chức nộp hồ sơ. `number` is "" for who has none."""

    kind: str
    number: str
    name: str
    birth_date: date | None = None
    phone: str = ""
    email: str = ""
    address: str = ""


PARTIES = UUID("6c2f6d0e-1c8e-5d57-9a53-0d6f7463756f")  # the namespace of uuid5
_PARTIES = PARTIES.bytes
_SUBJECTS = UUID("0b7f9a52-93d1-5e0c-8f6b-6964656e7469").bytes


def party_id(kind: str, number: str) -> UUID:
    """The same person or organisation has the same id everywhere, found without asking anyone."""
    return _uuid5(_PARTIES, f"{kind}:{number}")


def subject_of(kind: str, number: int) -> UUID:
    """Under which subject the journal tells of a token or a position."""
    return _uuid5(_SUBJECTS, f"{kind}:{number}")


def _uuid5(space: bytes, name: str) -> UUID:
    made = int.from_bytes(hashlib.sha1(space + name.encode(), usedforsecurity=False).digest()[:16])
    # uuid.uuid5 of the same is a third as fast, and this runs for each dossier.
    return UUID(int=made & ~(0xF << 76) & ~(0x3 << 62) | 5 << 76 | 2 << 62)


_SECRET = re.compile(r"mc_[A-Za-z0-9_-]{43}")


def well_formed(secret: str) -> bool:
    """Can this be a token's secret at all?"""
    return _SECRET.fullmatch(secret) is not None


def secret_digest(secret: str) -> str:
    """What is stored of a token: its SHA-256. The secret has 256 random bits, so it needs no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()
