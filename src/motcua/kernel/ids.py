"""Identifiers that are made without asking the database."""

import os
import time
from uuid import UUID


def uuid7(milliseconds: int | None = None) -> UUID:
    """A UUID version 7 (RFC 9562): ordered by time, so that new rows land at the end of an index."""
    stamp = int(time.time() * 1000) if milliseconds is None else milliseconds
    value = (stamp & 0xFFFF_FFFF_FFFF) << 80 | int.from_bytes(os.urandom(10))
    return UUID(int=value & ~(0xF << 76) & ~(0x3 << 62) | 7 << 76 | 2 << 62)
