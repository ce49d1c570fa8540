"""Whole columns as one parameter each, for set-based statements on a plain psycopg cursor.

psycopg turns a Python list into an array element by element (57 us for a row of eight columns); a literal that
is joined here costs 3 us. Use with `unnest(%s::text[], %s::bigint[], ...)`.
"""

from collections.abc import Iterable, Sequence
from itertools import accumulate


def text_array(values: Iterable[str]) -> str:
    """The literal of a `text[]`: any text is safe in it."""
    quoted = ['"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values]
    return "{" + ",".join(quoted) + "}"


def plain_array(values: Iterable[object]) -> str:
    """The literal of an array of numbers, UUIDs, hexadecimal digits or ISO moments: nothing that needs quotes."""
    return f"{{{','.join(map(str, values))}}}"


def offsets(parts: Sequence[bytes]) -> tuple[list[int], list[int]]:
    """Where each of these begins in all of them joined (from 1 on), and how long it is: for `substring` of one."""
    sizes = [len(part) for part in parts]
    return [1 + end - size for end, size in zip(accumulate(sizes), sizes, strict=True)], sizes
