"""Reading a ministry's specialised system: what changed since, page by page, for this province's units.

How these systems tell a province is in no source that was found: the sign-in is that of the ministries' service (a
client's secret for a token), the list is the shape assumed here. A real system gets a file beside this one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from motcua.dossiers.rules.steps import STATES
from motcua.kernel.errors import Permanent, Transient
from motcua.nationalportal.rules.fields import read_moment

if TYPE_CHECKING:
    import requests

CONNECT, READ = 3.0, 10.0  # seconds
MOST = 200  # dossiers on one page
STATUSES = frozenset(str(row.national) for row in STATES)


@dataclass(frozen=True, slots=True)
class Place:
    """A system that is read: how it is called here, and where it answers."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class There:
    """A dossier as a ministry's system tells of it."""

    code: str
    org: str
    procedure: str
    status: str
    received_at: datetime | None
    due_at: datetime | None
    changed_at: datetime


def places(setting: str) -> tuple[Place, ...]:
    """`NAME=URL;NAME=URL` as it stands in MOTCUA_MINISTRIES."""
    pairs = [part.split("=", 1) for part in setting.split(";") if part.strip()]
    if any(len(pair) != 2 for pair in pairs):
        raise Permanent("ministries-setting", "MOTCUA_MINISTRIES không đọc được.", mend="Viết TÊN=ĐỊA CHỈ;TÊN=ĐỊA CHỈ.")
    return tuple(Place(name.strip(), url.strip().rstrip("/")) for name, url in pairs)


def changed(place: Place, secret: str, after: str) -> tuple[tuple[There, ...], int, str]:
    """What changed after a mark, how many rows could not be read, and the mark after them. Transient: ask later."""
    import requests  # no process waits for it at its start

    try:
        signed = requests.post(
            f"{place.url}/token",
            json={"client_id": "motcua", "client_secret": secret},
            timeout=(CONNECT, READ),
            allow_redirects=False,
        )
        token = _body(signed).get("access_token", "")
        answer = requests.get(
            f"{place.url}/dossiers",
            params={"sau": after, "soLuong": str(MOST)},
            headers={"Authorization": f"Bearer {token}"},
            timeout=(CONNECT, READ),
            allow_redirects=False,
        )
        said = _body(answer)
    except requests.RequestException as error:
        raise Transient("ministry-away", "Hệ thống của bộ không trả lời.") from error
    rows = said.get("data")
    mark = said.get("sau")
    if not isinstance(rows, list) or not isinstance(mark, str):
        raise Transient("ministry-odd", "Hệ thống của bộ trả lời không đúng dạng.")
    read = [_read(row) for row in rows]
    found = {row.code: row for row in read if row is not None}  # a row that comes twice counts once
    return tuple(found.values()), sum(row is None for row in read), mark


def _body(answer: "requests.Response") -> dict[str, Any]:
    if answer.status_code != 200:
        raise Transient("ministry-refuses", f"Hệ thống của bộ trả lời {answer.status_code}.")
    try:
        said = msgspec.json.decode(answer.content)
    except msgspec.DecodeError as error:
        raise Transient("ministry-odd", "Hệ thống của bộ trả lời không đọc được.") from error
    if not isinstance(said, dict):
        raise Transient("ministry-odd", "Hệ thống của bộ trả lời không đúng dạng.")
    return said


def _read(row: object) -> There | None:
    """A row of the list; None for one that can't be counted: without a code, with a state that nobody knows."""
    if not isinstance(row, Mapping) or not row.get("MaHoSo") or str(row.get("TrangThai")) not in STATUSES:
        return None
    try:
        return There(
            code=str(row["MaHoSo"])[:100],
            org=str(row.get("MaDonVi") or "")[:60],
            procedure=str(row.get("MaTTHC") or "")[:50],
            status=str(row["TrangThai"]),
            received_at=_moment(row.get("NgayTiepNhan")),
            due_at=_moment(row.get("NgayHenTra")),
            changed_at=read_moment(str(row["NgayCapNhat"])),
        )
    except (ValueError, KeyError):
        return None


def _moment(text: object) -> datetime | None:
    return read_moment(str(text)) if text else None
