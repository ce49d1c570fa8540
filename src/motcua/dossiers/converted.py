"""Dossiers of systems that are switched off: very many at once, by COPY, each with one row of the log.

Who calls it (conversion) answers for the lives that it brings: states, clocks and holders are made by set-based
expressions from the tables of `rules/steps.py`. The caller's transaction holds all of a chunk. The journal has one
entry for a chunk, with the digest of its rows; a later step of a dossier begins that dossier's own chain.
"""

from collections.abc import Iterable, Mapping
from uuid import UUID

from motcua.dossiers import rows

BIRTHS = f"{rows.BIRTH_NAMES}, {rows.LIFE_NAMES}"
"""The columns of a dossier in the order in which they come."""
TOLD = ("area", "channel", "party", "applicant", "n")
"""What is said of the person and the way it came, whatever has become of the dossier since."""
LOG = rows.STEP_NAMES
PAPERS = rows.COMPONENT_NAMES

_TARGETS: Mapping[str, tuple[str, str]] = {
    "births": ("dossiers_dossier", BIRTHS),
    "log": ("dossiers_steprow", LOG),
    "papers": ("dossiers_component", PAPERS),
}
Blocks = Iterable[bytes]


def convert_in(*, births: Blocks, log: Blocks, papers: Blocks) -> None:
    """Write new dossiers, the first row of the log of each, and their papers: CSV, \\N for what is not there."""
    for (table, columns), blocks in zip(_TARGETS.values(), (births, log, papers), strict=True):
        _copy(table, columns, blocks)


def convert_again(*, births: Blocks, log: Blocks, papers: Blocks, where_it_stands: bool = True) -> list[UUID]:
    """Write over dossiers that came by conversion, with a further row of the log each; gives those that moved on here.

    A dossier is written over only if its log ends where the new row follows on; the others stay as they are.
    Without `where_it_stands` state, offices and clock stay what they became here; only what was told is written over.
    """
    cursor = rows.cursor()
    for (table, columns), blocks in zip(_TARGETS.values(), (births, log, papers), strict=True):
        cursor.execute(f"CREATE TEMP TABLE IF NOT EXISTS again_{table} (LIKE {table}) ON COMMIT DROP")
        cursor.execute(f"TRUNCATE again_{table}")
        _copy(f"again_{table}", columns, blocks)
    cursor.execute(
        "SELECT d.id FROM dossiers_dossier d JOIN again_dossiers_dossier a ON a.id = d.id ORDER BY d.id FOR UPDATE OF d"
    )
    cursor.execute(
        "DELETE FROM again_dossiers_dossier a USING dossiers_dossier d WHERE d.id = a.id AND d.n <> a.n - 1 "
        "RETURNING a.id"
    )
    moved = [number for (number,) in cursor]
    written = [name for name in BIRTHS.split(", ") if name not in ("id", "code")] if where_it_stands else TOLD
    setters = ", ".join(f"{name} = a.{name}" for name in written)
    cursor.execute(
        f"UPDATE dossiers_dossier d SET {setters} FROM again_dossiers_dossier a WHERE a.id = d.id"  # noqa: S608 - only the constants above
    )
    for table, columns in list(_TARGETS.values())[1:]:
        number = (
            "n"
            if table == "dossiers_steprow"
            else ("n + (SELECT coalesce(max(k.n), 0) FROM dossiers_component k WHERE k.dossier = a.dossier)")
        )
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {columns.replace('dossier, n,', f'dossier, {number},')} "  # noqa: S608
            f"FROM again_{table} a WHERE dossier IN (SELECT id FROM again_dossiers_dossier)"
        )
    return moved


def _copy(table: str, columns: str, blocks: Blocks) -> None:
    with rows.cursor().copy(f"COPY {table} ({columns}) FROM STDIN WITH (FORMAT csv, NULL '\\N')") as copy:
        for block in blocks:
            copy.write(block)
