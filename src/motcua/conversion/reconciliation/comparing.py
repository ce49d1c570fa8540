"""Compares the three sides of a run in DuckDB: figures by group, and every row that is not the same everywhere."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from motcua.conversion.reconciliation.rules import DIMENSIONS, SIDES, Difference, Figures, What
from motcua.conversion.rules.expressions import COMPARED
from motcua.conversion.rules.fields import BIT

if TYPE_CHECKING:
    import duckdb


CLASH = 1 << BIT["clash", "code"]  # known only when it is loaded: a code that another dossier has


@dataclass(frozen=True, slots=True)
class Compared:
    """What came out: figures by dimension and value, the rows that differ and how many, and what later runs changed."""

    figures: dict[tuple[str, str], tuple[Figures, Figures, Figures]]
    differences: tuple[Difference, ...]
    found: int
    superseded: int


def _fields(left: str, right: str) -> str:
    """SQL: the names of the fields that are not the same."""
    each = ", ".join(f"CASE WHEN {left}.{f} IS DISTINCT FROM {right}.{f} THEN '{f}' END" for f in COMPARED)
    return f"list_filter([{each}], lambda field: field IS NOT NULL)"


_GOOD = "mask = 0 AND number NOT IN (SELECT number FROM set_aside)"

# `kept` is the digest of a checked row when it was checked; `digest` the one of what stands there now.
_PLACES = f"""
SELECT coalesce(so.file, st.file) AS file, coalesce(so.row, st.row) AS row,
    CASE WHEN st.row IS NULL THEN '{What.NOT_STAGED}' WHEN so.row IS NULL THEN '{What.NOT_IN_SOURCE}'
        WHEN st.kept IS DISTINCT FROM st.digest OR (so.digest = st.digest AND so.mask <> (st.mask & ~{CLASH}))
            THEN '{What.STAGING_CHANGED}'
        ELSE '{What.SOURCE_CHANGED}' END AS what,
    CASE WHEN so.row IS NULL OR st.row IS NULL THEN [] ELSE {_fields("so", "st")} END AS fields
FROM source so FULL JOIN staging st ON so.file = st.file AND so.row = st.row
WHERE so.row IS NULL OR st.row IS NULL OR so.digest IS DISTINCT FROM st.digest
    OR st.kept IS DISTINCT FROM st.digest OR so.mask <> (st.mask & ~{CLASH})
"""
_TARGETS = f"""
SELECT st.file, st.row, CASE WHEN t.number IS NULL THEN '{What.NOT_IN_TARGET}' ELSE '{What.TARGET_CHANGED}' END AS what,
    CASE WHEN t.number IS NULL THEN [] ELSE {_fields("st", "t")} END AS fields
FROM staging st LEFT JOIN target t ON t.number = st.number
WHERE st.mask = 0 AND st.number NOT IN (SELECT number FROM set_aside)
    AND (t.number IS NULL OR t.digest IS DISTINCT FROM st.kept)
    AND st.number NOT IN (SELECT number FROM superseded)
"""
_BEYOND = f"""
SELECT a.file, a.row, '{What.NOT_EXPECTED}' AS what, [] AS fields FROM arrived a
WHERE a.run = $run AND a.number NOT IN (SELECT number FROM staging WHERE mask = 0 AND number IS NOT NULL)
"""


def compare(
    sides: "duckdb.DuckDBPyConnection",
    *,
    run: str,
    files: Sequence[str],
    set_aside: Collection[str],
    later: Collection[str],
    most: int,
) -> Compared:
    """Compare `source`, `staging` and `target`. `set_aside` are numbers that wait for a person; `later` later runs."""
    _list(sides, "set_aside", set_aside)
    _list(sides, "later", later)
    sides.execute(
        "CREATE OR REPLACE TEMP TABLE superseded AS SELECT t.number FROM target t JOIN staging s ON s.number = t.number"
        " WHERE s.mask = 0 AND t.digest <> s.kept AND t.run IN (SELECT number FROM later)"
    )
    parts = " UNION ALL ".join(f"({part})" for part in (_PLACES, _TARGETS, _BEYOND))
    sides.execute(f"CREATE OR REPLACE TEMP TABLE differing AS {parts}", {"run": run})
    [(found,)] = sides.execute("SELECT count(*) FROM differing").fetchall()
    [(superseded,)] = sides.execute("SELECT count(*) FROM superseded").fetchall()
    rows = sides.execute(
        "SELECT what, file, row, fields FROM differing ORDER BY file, row, what LIMIT ?", [most]
    ).fetchall()
    differences = tuple(Difference(What(what), files[file], row, tuple(fields)) for what, file, row, fields in rows)
    return Compared(_figures(sides), differences, found, superseded)


def _list(sides: "duckdb.DuckDBPyConnection", name: str, values: Collection[str]) -> None:
    sides.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT unnest(?::VARCHAR[]) AS number", [sorted(values)])


_GROUPED = """
SELECT {side} AS side, CASE grouping(reception, procedure, state, year) WHEN 7 THEN 'unit' WHEN 11 THEN 'procedure'
        WHEN 13 THEN 'state' WHEN 14 THEN 'year' ELSE 'all' END AS dimension,
    coalesce(reception::VARCHAR, procedure, state::VARCHAR, year::VARCHAR, '') AS key,
    count(*) AS rows, coalesce(sum(fee), 0)::BIGINT AS fee, printf('%032x', bit_xor(md5_number(digest))) AS checksum
FROM (SELECT reception, procedure, state, year(filed_at) AS year, fee, digest FROM {table} WHERE {where})
GROUP BY GROUPING SETS ((reception), (procedure), (state), (year), ())
"""


def _figures(sides: "duckdb.DuckDBPyConnection") -> dict[tuple[str, str], tuple[Figures, Figures, Figures]]:
    unread = "number NOT IN (SELECT number FROM superseded)"
    good = f"{_GOOD} AND {unread}"
    # A code that another dossier has is found only at loading: such a row of the source is not a good one either.
    clashing = f"SELECT number FROM staging WHERE mask = {CLASH}"
    wheres = {
        "source": f"{good} AND number NOT IN ({clashing})",
        "staging": good,
        "target": f"number NOT IN (SELECT number FROM set_aside) AND {unread}",
    }
    found: dict[tuple[str, str], list[Figures]] = {}
    for place, side in enumerate(SIDES):
        asked = _GROUPED.format(side=f"'{side}'", table=side, where=wheres[side])
        for _side, dimension, key, rows, fee, checksum in _rows(sides, asked):
            found.setdefault((dimension, key), [Figures(), Figures(), Figures()])[place] = Figures(rows, fee, checksum)
    order = {name: place for place, name in enumerate(("all", *DIMENSIONS))}
    return {
        group: (figures[0], figures[1], figures[2])
        for group, figures in sorted(found.items(), key=lambda pair: (order[pair[0][0]], pair[0][1]))
    }


def _rows(sides: "duckdb.DuckDBPyConnection", asked: str) -> Iterator[tuple[Any, ...]]:
    yield from sides.execute(asked).fetchall()
