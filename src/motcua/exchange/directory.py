"""The directory of nodes, seats and keys as one document: printed, read from a file, and sent as a signed envelope.

It names agencies by their identifiers, so that it reads the same at every node. The authority (MOTCUA_AUTHORITY, an
identifier) is the only sender whose directory a node takes in.
"""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec
from django.conf import settings
from django.db import transaction

from motcua.exchange import nodes, posting
from motcua.exchange.connector import Outcome
from motcua.exchange.receiving import Arrived
from motcua.exchange.rules.envelope import DIRECTORY
from motcua.exchange.rules.seats import Node, Seat, Transport
from motcua.kernel.clock import day_of
from motcua.kernel.errors import Conflict, NotAllowed, NotFound, Permanent
from motcua.signing import api as signing
from motcua.units import api as units


class WrittenNode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A node; `agency` is the identifier of the agency that runs it."""

    name: str
    agency: str
    transport: Transport
    address: str = ""
    by_way_of: str = ""


class WrittenSeat(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where an agency (by identifier) or all agencies of an area (by code) sit."""

    node: str
    agency: str = ""
    area: str = ""
    valid_from: date | None = None
    valid_to: date | None = None


class WrittenKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The public half of an agency's key (SPKI DER)."""

    agency: str
    public: bytes
    valid_from: datetime
    valid_to: datetime | None = None
    withdrawn_at: datetime | None = None


class Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole directory on a day."""

    on: date
    nodes: tuple[WrittenNode, ...]
    seats: tuple[WrittenSeat, ...]
    keys: tuple[WrittenKey, ...] = ()


def written(today: date) -> bytes:
    """The directory as it stands here."""
    known, directory = nodes.read_map(), units.directory()
    keys = tuple(key for key in signing.all_keys() if directory.agency(key.agency).org(today))
    org = nodes.orgs({n.agency for n in known.nodes.values()} | {s.agency for s in known.seats if s.agency}
                     | {key.agency for key in keys}, today)  # fmt: skip
    return msgspec.json.encode(
        Written(
            today,
            tuple(
                WrittenNode(n.name, org[n.agency], n.transport, n.address, n.by_way_of) for n in known.nodes.values()
            ),
            tuple(
                WrittenSeat(
                    s.node,
                    org[s.agency] if s.agency else "",
                    directory.unit(s.unit).code if s.unit else "",
                    s.valid_from,
                    s.valid_to,
                )
                for s in known.seats
            ),
            tuple(WrittenKey(org[k.agency], k.public, k.valid_from, k.valid_to, k.withdrawn_at) for k in keys),
        )
    )


def take(document: bytes, *, source: str, today: date) -> None:
    """Put this directory in the place of the one that stands here; keys are added or withdrawn, never removed."""
    try:
        read = msgspec.json.decode(document, type=Written)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Permanent("directory-unreadable", f"Không đọc được danh bạ nút: {error}.", mend="Sửa tệp.") from error
    made = [Node(n.name, _agency(n.agency, today), n.transport, n.address.rstrip("/"), n.by_way_of) for n in read.nodes]
    seats = [
        Seat(
            s.node,
            _agency(s.agency, today) if s.agency else None,
            _unit(s.area, today) if s.area else None,
            s.valid_from,
            s.valid_to,
        )
        for s in read.seats
    ]
    new = [
        signing.NewKey(_agency(k.agency, today), k.public, k.valid_from, k.valid_to, source, k.withdrawn_at)
        for k in read.keys
    ]
    with transaction.atomic():
        nodes.set_map(made, seats)
        signing.accept_keys(new)


def publish(*, now: datetime) -> int:
    """Send the directory, as the authority, to every other node; in the caller's transaction. Gives how many."""
    on = day_of(now)
    authority = _authority(on)
    content = written(on)
    others = [node for node in nodes.read_map().nodes.values() if node.name != nodes.here()]
    posting.post([posting.Message(authority, node.agency, DIRECTORY, DIRECTORY, content) for node in others], now=now)
    return len(others)


def apply(arrived: Sequence[Arrived]) -> Sequence[Outcome] | None:
    """Take in the directory that the authority sent."""
    for one in arrived:
        on = day_of(one.at)
        if one.sender != _authority(on):
            raise NotAllowed("not-the-authority", "Cơ quan gửi không có thẩm quyền về danh bạ nút.")
        if msgspec.json.decode(one.content, type=Written).on > on:
            raise Conflict("directory-of-tomorrow", "Danh bạ này có hiệu lực từ một ngày sau.")
        take(one.content, source=f"envelope {one.id}", today=on)
    return None


def _authority(on: date) -> int:
    if not settings.AUTHORITY:
        raise Permanent("no-authority", "Chưa nêu cơ quan quản lý danh bạ nút.", mend="Đặt MOTCUA_AUTHORITY.")
    return _agency(settings.AUTHORITY, on)


def _agency(org: str, on: date) -> int:
    found = units.directory().find_agency(org, on)
    if found is None:
        raise NotFound("agency-unknown", f"Không cơ quan nào mang mã {org}.", mend="Sửa mã định danh trong danh bạ.")
    return found.id


def _unit(code: str, on: date) -> int:
    found = units.directory().find_unit(code, on)
    if found is None:
        raise NotFound("unit-unknown", f"Không đơn vị nào mang mã {code}.", mend="Sửa mã đơn vị trong danh bạ.")
    return found.id
