"""What the tests of made-up systems share: a small folder, and the people in it as the loading would write them."""

from pathlib import Path

import duckdb

from motcua.conversion.made_up import writing
from motcua.conversion.made_up.systems import SYSTEMS, System

AREAS = writing.old_areas()
DAYS = {"dd/mm/yyyy": "%d/%m/%Y", "yyyymmdd": "%Y%m%d", "yyyy-mm-dd": "%Y-%m-%d"}


def made(folder: Path, rows: int = 3_000, seed: int = 7, sheet: int = 0) -> Path:
    """A folder with three old systems; Bình Dương's as Parquet, unless `sheet` allows a sheet."""
    writing.write(folder, rows=rows, seed=seed, areas=AREAS, sheet=sheet)
    return folder


def rows_of(folder: Path, system: System) -> str:
    """SQL: the rows of a system's file, as text, in order."""
    if system.kind == "csv":
        return f"read_csv('{folder / system.file}.csv', delim = ';', header = true, all_varchar = true)"
    if system.kind == "table":
        return f"read_parquet('{folder / system.file}.parquet')"
    lines = (folder / f"{system.file}.sql").read_text(encoding="utf-8").splitlines(keepends=True)
    first = next(n for n, line in enumerate(lines) if line.startswith("COPY ")) + 1
    last = lines.index("\\.\n")
    bare = folder.parent / f"{system.file}.tsv"
    bare.write_text("".join(lines[first:last]), encoding="utf-8")
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in system.columns)
    return (
        f"read_csv('{bare}', delim = '\\t', quote = '', escape = '', header = false, nullstr = '\\N',"
        f" columns = {{{columns}}})"
    )


def people_of(folder: Path, into: Path) -> dict[str, int]:
    """Write the people of all systems as `likenesses` reads them; gives the true person of each party."""
    parts = []
    for system in SYSTEMS:
        m = system.mapped
        parts.append(
            f"SELECT '{system.code}' AS system, {m['number']} AS own, {m['applicant_number']} AS papers,"
            f" {m['applicant_name']} AS name, {m['phone']} AS phone, try_cast({m['reception']} AS BIGINT) AS area,"
            f" try_strptime({m['birth_date']}, '{DAYS[system.birth_days]}')::DATE AS birth_date"
            f" FROM {rows_of(folder, system)}"
        )
    with duckdb.connect() as read:
        read.execute(f"CREATE TABLE rows AS {' UNION ALL '.join(parts)}")
        read.execute(
            "CREATE TABLE people AS SELECT system, md5(coalesce(papers, system || own))::UUID::VARCHAR AS party,"
            " CASE WHEN length(papers) = 12 THEN papers ELSE '' END AS number,"
            " CASE WHEN length(papers) = 9 THEN papers ELSE '' END AS old_number, first(name ORDER BY own) AS name,"
            " first(birth_date ORDER BY own) AS birth_date, first(phone ORDER BY own) AS phone,"
            " first(area ORDER BY own) AS area, min(person) AS person"
            " FROM rows JOIN (SELECT DISTINCT system AS there, number, person FROM"
            f" read_parquet('{folder / 'su-that' / 'dong.parquet'}')) ON there = system AND number = own"
            " WHERE name IS NOT NULL GROUP BY system, party, papers"
        )
        read.execute(f"COPY (SELECT * EXCLUDE person FROM people ORDER BY ALL) TO '{into}' (HEADER)")
        return dict(read.execute("SELECT party, min(person) FROM people GROUP BY party").fetchall())
