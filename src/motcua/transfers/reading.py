"""What every envelope about a dossier is asked first: is it in shape, and may its sender speak for this office."""

from datetime import date, datetime
from typing import TypeVar

import msgspec

from motcua.exchange import api as exchange
from motcua.kernel.clock import day_of
from motcua.kernel.errors import NotAllowed, Permanent
from motcua.signing import api as signing
from motcua.transfers.rules import Asked, Opinion, Over, Stepped, Transferred
from motcua.units import api as units

T = TypeVar("T", Transferred, Stepped, Asked, Opinion, Over)


def read(one: exchange.Arrived, kind: type[T]) -> T:
    """The content in its shape; Permanent in words where it isn't."""
    try:
        return msgspec.json.decode(one.content, type=kind)
    except msgspec.ValidationError as error:
        raise Permanent("content-unreadable", f"Nội dung phong bì không đúng dạng: {error}") from None


def require_office(one: exchange.Arrived, office: int, map_: exchange.Map) -> None:
    """The sender is the office itself, its heir, or the agency that runs the node where it sits."""
    on = day_of(one.at)
    seats = [map_.seat(heir.id, on) for heir in units.directory().heirs(office, on)]
    allowed = {office, *(heir.id for heir in units.directory().heirs(office, on)), *(s.agency for s in seats if s)}
    if one.sender not in allowed:
        raise NotAllowed(
            "foreign-agency", "Cơ quan ký phong bì không có quyền nói về hồ sơ này.", mend="Cơ quan của hồ sơ phải ký."
        )


def agency_named(org: str, on: date) -> int:
    """The agency of an identifier; Permanent where this node doesn't know it."""
    found = units.directory().find_agency(org, on)
    if found is None:
        raise Permanent(
            "agency-unknown", f"Không có cơ quan mang mã {org}.", mend="Đồng bộ danh bạ đơn vị ở hai nút, rồi gửi lại."
        )
    return found.id


def signer_for(office: int, operator: int, now: datetime) -> int:
    """Who signs for an office: itself, or the agency that runs the node where it has no key of its own."""
    return office if signing.signs_here(office, now=now) else operator
