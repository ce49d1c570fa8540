"""A change of the directory as bytes, kept beside the plan so that undoing it is exact to the row."""

import zlib
from datetime import date
from typing import Any

import msgspec

from motcua.units import api as units

Day = date | None


class _Kept(msgspec.Struct):
    """The columns of `units.Rows`, in their order."""

    on: date
    units: list[tuple[int, str]]
    periods: list[tuple[int, Day, Day, str, str, str, int | None, str]]
    agencies: list[tuple[int, str, int, str, str, int | None, Day, Day, None]]
    identifiers: list[tuple[str, str, Day, Day, int | None, int | None, bool, str]]
    successions: list[tuple[int, int, str, str, date]]
    heirs: list[tuple[int, int, str, date]]
    ending_periods: list[int]
    ending_agencies: list[int]
    ending_identifiers: list[tuple[str, str]]


def to_bytes(change: units.Change) -> bytes:
    """The change as compressed JSON."""
    values: dict[str, Any] = {
        name: sorted(getattr(change, name)) if name.startswith("ending") else getattr(change, name)
        for name in _Kept.__struct_fields__
    }
    return zlib.compress(msgspec.json.encode(values), 1)


def from_bytes(kept: bytes) -> units.Change:
    """The change that `to_bytes` wrote."""
    read = msgspec.json.decode(zlib.decompress(kept), type=_Kept)
    return units.Change(**{name: getattr(read, name) for name in _Kept.__struct_fields__})
