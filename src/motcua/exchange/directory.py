"""The directory of nodes, seats and keys as one document: printed, read from a file, and sent as a signed envelope.

It names agencies by their identifiers, so that it reads the same at every node. The authority (MOTCUA_AUTHORITY, an
identifier) is the only sender whose directory a node takes in, and puts the moment on it: an older one is refused.
"""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime

import msgspec
from django.conf import settings
from django.db import connection, transaction

from motcua.exchange import nodes, posting
from motcua.exchange.connector import Outcome
from motcua.exchange.receiving import Arrived
from motcua.exchange.rules.envelope import DIRECTORY
from motcua.exchange.rules.seats import Node, Seat, Transport
from motcua.kernel.clock import day_of, local
from motcua.kernel.errors import Conflict, NotAllowed, NotFound, Permanent, Transient
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
    """The whole directory on a day. `at`: when the authority published it; a file that a person wrote has none."""

    on: date
    nodes: tuple[WrittenNode, ...]
    seats: tuple[WrittenSeat, ...]
    keys: tuple[WrittenKey, ...] = ()
    at: datetime | None = None


def written(today: date, at: datetime | None = None) -> bytes:
    """The directory as it stands here. What has no identifier any more is left out: its heirs stand for it."""
    return msgspec.json.encode(_read(today, at))


def _read(today: date, at: datetime | None = None) -> Written:
    known, directory = nodes.read_map(), units.directory()
    operators = {node.agency for node in known.nodes.values()}
    org = nodes.orgs({agency if nodes.org_of(agency, today) else nodes.heir_of(agency, today) for agency in operators},
                     today)  # fmt: skip
    seats = []
    for seat in known.seats:
        day = max(today, seat.valid_from or today)
        agency = directory.agency(seat.agency).org(day) if seat.agency else ""
        area = directory.unit(seat.unit).code if seat.unit and directory.unit(seat.unit).in_force(day) else ""
        if agency or area:
            seats.append(WrittenSeat(seat.node, agency, area, seat.valid_from, seat.valid_to))
    keys = ((nodes.org_of(key.agency, today), key) for key in signing.all_keys())
    return Written(
        today,
        tuple(
            WrittenNode(
                n.name, org.get(n.agency) or org[nodes.heir_of(n.agency, today)], n.transport, n.address, n.by_way_of
            )
            for n in known.nodes.values()
        ),
        tuple(seats),
        tuple(WrittenKey(code, k.public, k.valid_from, k.valid_to, k.withdrawn_at) for code, k in keys if code),
        at,
    )


def take(document: bytes, *, source: str, today: date) -> None:
    """Put this directory in the place of the one that stands here; keys are added or withdrawn, never removed."""
    read = _decoded(document)
    made = [Node(n.name, _agency(n.agency, today), n.transport, n.address.rstrip("/"), n.by_way_of) for n in read.nodes]
    seats = [
        Seat(
            s.node,
            _agency(s.agency, max(today, s.valid_from or today)) if s.agency else None,
            _unit(s.area, max(today, s.valid_from or today)) if s.area else None,
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


def _decoded(document: bytes) -> Written:
    try:
        return msgspec.json.decode(document, type=Written)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Permanent("directory-unreadable", f"Không đọc được danh bạ nút: {error}.", mend="Sửa tệp.") from error


LATEST = "SELECT written_at, sha256 FROM exchange_directory ORDER BY written_at DESC LIMIT 1"
TAKEN = "INSERT INTO exchange_directory (written_at, sha256, source, taken_at) VALUES (%s, %s, %s, %s)"


def publish(*, now: datetime) -> int:
    """Công bố danh bạ: send the directory, as the authority, to every other node. Gives to how many.

    Conflict where this node knows of one that the authority wrote later.
    """
    on = day_of(now)
    authority = _authority(on)
    read = _read(on, now)
    content = msgspec.json.encode(read)
    others = [node for node in nodes.read_map().nodes.values() if node.name != nodes.here()]
    with transaction.atomic():
        _enter(read, now, f"published by {nodes.here()}", now)
        posting.post(
            [posting.Message(authority, node.agency, DIRECTORY, DIRECTORY, content) for node in others], now=now
        )
    return len(others)


def publish_changed(*, now: datetime) -> int:
    """Where the authority sits: publish what differs from what was published last, whoever changed it.

    A reorganisation, a moved seat, a new or a withdrawn key: the other nodes hear of it by themselves.
    """
    on, here = day_of(now), nodes.here()
    if not here or not settings.AUTHORITY:
        return 0
    seat = nodes.read_map().seat(_authority(on), on)
    if seat is None or seat.name != here:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(LATEST)
        latest = cursor.fetchone()
    return 0 if latest and latest[1] == _says(_read(on)) else publish(now=now)


def apply(arrived: Sequence[Arrived]) -> Sequence[Outcome] | None:
    """Take in the directory that the authority sent.

    Transient where it names what this node does not know yet: the reorganisation is still to be carried out here.
    """
    for one in arrived:
        on = day_of(one.at)
        if one.sender != _authority(on):
            raise NotAllowed("not-the-authority", "Cơ quan gửi không có thẩm quyền về danh bạ nút.")
        read = _decoded(one.content)
        if read.on > on:
            raise Conflict("directory-of-tomorrow", "Danh bạ này có hiệu lực từ một ngày sau.")
        with transaction.atomic():
            _enter(read, read.at or one.written_at, f"envelope {one.id}", one.at)
            try:
                take(one.content, source=f"envelope {one.id}", today=on)
            except NotFound as unknown:
                raise Transient(
                    "directory-ahead", unknown.detail, mend="Áp dụng phương án sắp xếp ở nút này."
                ) from None
    return None


def _enter(read: Written, at: datetime, source: str, now: datetime) -> None:
    """Note that this is the directory from now on; Conflict where a later one is known."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE exchange_directory IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(LATEST)
        latest = cursor.fetchone()
        if latest and at <= latest[0]:
            raise Conflict(
                "directory-older",
                f"Danh bạ lập lúc {local(at):%H:%M %d/%m/%Y} không mới hơn danh bạ đang dùng, "
                f"lập lúc {local(latest[0]):%H:%M %d/%m/%Y}.",
                mend="Công bố lại danh bạ: motcua exchange publish-directory.",
            )
        cursor.execute(TAKEN, [at, _says(read), source, now])


def _says(read: Written) -> str:
    """The digest of what a directory says, whenever it was written."""
    return hashlib.sha256(msgspec.json.encode(msgspec.structs.replace(read, on=date.min, at=None))).hexdigest()


def _authority(on: date) -> int:
    if not settings.AUTHORITY:
        raise Permanent("no-authority", "Chưa nêu cơ quan quản lý danh bạ nút.", mend="Đặt MOTCUA_AUTHORITY.")
    return _agency(settings.AUTHORITY, on)


def _agency(org: str, on: date) -> int:
    found = nodes.named(org, on)
    if found is None:
        raise NotFound("agency-unknown", f"Không cơ quan nào mang mã {org}.", mend="Sửa mã định danh trong danh bạ.")
    return found.id


def _unit(code: str, on: date) -> int:
    found = units.directory().find_unit(code, on)
    if found is None:
        raise NotFound("unit-unknown", f"Không đơn vị nào mang mã {code}.", mend="Sửa mã đơn vị trong danh bạ.")
    return found.id
