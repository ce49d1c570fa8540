"""The directory of nodes: who sits where on a day, and how one gets there. Read with two statements for a batch."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import connection, transaction

from motcua.exchange.rules.seats import Node, Seat, Transport, node_of
from motcua.kernel.errors import NotFound, Permanent
from motcua.units import api as units

WORD = re.compile(r"[A-Za-z0-9_-]+")  # what may be a word of a subject on the trunk
NODE = "node:"
"""What the partner name of a node begins with."""


@dataclass(frozen=True, slots=True)
class Map:
    """Nodes and seats as they stand."""

    nodes: Mapping[str, Node]
    seats: tuple[Seat, ...]

    def seat(self, agency: int, on: date) -> Node | None:
        """The node of an agency that is in force on that day."""
        directory = units.directory()
        above = []
        unit: int | None = directory.agency(agency).unit_id
        while unit is not None:
            above.append(unit)
            unit = directory.unit(unit).at(on).parent_id
        return self.nodes.get(node_of(agency, above, self.seats, on))

    def way_to(self, node: Node) -> Node:
        """The node that takes what is for this one: itself, or the one that passes it on."""
        return self.nodes.get(node.by_way_of, node) if node.by_way_of else node


def heir_of(agency: int, on: date) -> int:
    """Who stands in for an agency on that day. Permanent where the law leaves it open between several."""
    heirs = units.directory().heirs(agency, on)
    if len(heirs) == 1:
        return heirs[0].id
    raise Permanent(
        "heir-open",
        f"Có {len(heirs)} cơ quan có thể kế thừa cơ quan số {agency}.",
        mend="Ghi cơ quan kế thừa trong phương án sắp xếp, rồi gửi lại.",
    )


def here() -> str:
    """The name of this node; "" while this installation is none."""
    return str(settings.NODE)


def read_map() -> Map:
    """The directory of nodes as it stands in the tables."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, agency, transport, address, by_way_of FROM exchange_node")
        nodes = {row[0]: Node(row[0], row[1], Transport(row[2]), row[3], row[4]) for row in cursor.fetchall()}
        cursor.execute("SELECT node, agency, unit, valid_from, valid_to FROM exchange_seat ORDER BY id")
        return Map(nodes, tuple(Seat(*row) for row in cursor.fetchall()))


def known_node(name: str, known: Map) -> Node:
    found = known.nodes.get(name)
    if found is None:
        raise NotFound("node-unknown", f"Không có nút {name} trong danh bạ.", mend="Xem: motcua exchange nodes.")
    return found


def set_map(nodes: Sequence[Node], seats: Sequence[Seat]) -> None:
    """Replace the directory of nodes, all at once."""
    missing = {seat.node for seat in seats} - {node.name for node in nodes}
    if missing:
        raise Permanent("node-unknown", f"Danh bạ nêu nút {sorted(missing)[0]} mà không mô tả nó.", mend="Thêm nút đó.")
    for node in nodes:
        if node.transport is Transport.NATS and not (WORD.fullmatch(node.name) and node.trunk):
            raise Permanent(
                "node-not-for-the-trunk",
                f"Nút {node.name} chưa dùng được trục: tên chỉ gồm chữ không dấu, số và gạch; phải có địa chỉ nats://.",
                mend="Sửa tên hoặc địa chỉ của nút trong danh bạ.",
            )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE exchange_node, exchange_seat IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("DELETE FROM exchange_seat")
        cursor.execute("DELETE FROM exchange_node")
        cursor.executemany(
            "INSERT INTO exchange_node (name, agency, transport, address, by_way_of) VALUES (%s, %s, %s, %s, %s)",
            [(node.name, node.agency, node.transport.value, node.address, node.by_way_of) for node in nodes],
        )
        cursor.executemany(
            "INSERT INTO exchange_seat (node, agency, unit, valid_from, valid_to) VALUES (%s, %s, %s, %s, %s)",
            [(seat.node, seat.agency, seat.unit, seat.valid_from, seat.valid_to) for seat in seats],
        )


def org_of(agency: int, on: date) -> str:
    """The identifier of an agency on a day; of one that has ended its last, unless that is another's by then; or ""."""
    found = units.directory().agency(agency)
    past = (i.code for i in found.identifiers if i.scheme == units.Scheme.ORG and i.valid_to and i.valid_to < on)
    org = found.org(on) or next(past, "")
    bearer = named(org, on) if org else None
    return org if bearer is not None and bearer.id == agency else ""


def named(org: str, on: date) -> units.Agency | None:
    """Who bears an identifier on a day; else who bore it last before.

    A node goes on after the agency that runs it has ended, until the directory names another: it has to pass on what
    is on its way to the heirs.
    """
    directory = units.directory()
    past = (agency for _, last, agency in reversed(directory.agency_holders(org)) if last < on)
    return directory.find_agency(org, on) or next(past, None)


def orgs(agencies: Collection[int], on: date) -> dict[int, str]:
    """The identifiers of agencies on a day; Permanent where one has none, because nothing can be addressed to it."""
    found = {agency: org_of(agency, on) for agency in agencies}
    for agency, org in found.items():
        if not org:
            name = units.directory().agency(agency).name_at(on)
            raise Permanent("no-identifier", f"{name} chưa có mã định danh.", mend="Nhập mã định danh của cơ quan.")
    return found
