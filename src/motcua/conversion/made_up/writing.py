"""Writes the made-up old systems: five million rows in a few minutes, the same for the same seed.

Everything follows from the MD5 of the seed and a number, column by column in DuckDB, so that the same seed gives the
same files on every machine and in every later version of the library.
"""

import csv
import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from openpyxl import Workbook

from motcua import units
from motcua.conversion.made_up.systems import (
    AWAY,
    CARD_DAY,
    NEW_PHONE,
    OLD_NUMBER,
    PERSON_FAULTS,
    PROCEDURES,
    REPEATED,
    ROW_FAULTS,
    SYSTEMS,
    System,
)
from motcua.kernel import made_up
from motcua.kernel.errors import Permanent

PEOPLE = 1_000_000  # as many as a made-up personal number can tell apart
PER_PERSON = 3  # dossiers
MOST = 50_000_000
SHEET = 50_000  # rows that are still written as a sheet
MEMORY = "1500MB"
SAYS = "Dữ liệu bịa để thử phần mềm motcua. Không ai trong đây có thật. Made up; nobody in here exists."

Area = tuple[str, str, str, str, str]
"""An old commune: code, name, district's code, district's name, province's code."""


@dataclass(frozen=True, slots=True)
class Made:
    """What was written: the files by system, and what was planted."""

    rows: int
    files: Mapping[str, Path]
    truth: Path


def write(
    folder: Path,
    *,
    rows: int,
    seed: int,
    areas: Iterable[Area],
    sheet: int = SHEET,
    report: Callable[[str], None] = lambda text: None,
) -> Made:
    """Make up `rows` dossiers in three systems under `folder`, which has to be empty or absent."""
    if not 100 <= rows <= MOST:
        raise Permanent("rows-count", f"Số hồ sơ từ 100 đến {MOST}, không phải {rows}.", mend="Chọn một số khác.")
    if folder.exists() and any(folder.iterdir()):
        raise Permanent("folder-full", f"Thư mục {folder.name} đã có tệp.", mend="Chọn một thư mục mới.")
    folder.mkdir(parents=True, exist_ok=True)
    truth = folder / "su-that"
    truth.mkdir()
    work = folder / "dang-viet"
    work.mkdir()
    (folder / "DOC-TRUOC.txt").write_text(SAYS + "\n", encoding="utf-8")
    try:
        with duckdb.connect() as made:
            made.execute(f"SET memory_limit = '{MEMORY}'; SET temp_directory = '{work}'; SET TimeZone = 'UTC'")
            _words(made, areas)
            people = max(50, min(PEOPLE, rows // PER_PERSON))
            report(f"people: {people}")
            made.execute(PEOPLE_SQL, {"seed": str(seed), "people": people})
            report(f"dossiers: {rows}")
            communes = dict(made.execute("SELECT system, count(*) FROM commune GROUP BY system").fetchall())
            made.execute(DOSSIERS_SQL, {"seed": str(seed), "people": people, "rows": rows})
            files = {}
            for n, system in enumerate(SYSTEMS):
                report(system.title)
                made.execute(_rows_sql(system, communes[n]))
                files[system.code] = _write_file(made, system, folder, sheet)
                made.execute(_truth_sql(system, files[system.code]))
                mapping = folder / f"{system.file}.toml"
                mapping.write_text(mapping_of(system, files[system.code]), encoding="utf-8")
            made.execute(f"COPY truth TO '{_quoted(truth / 'dong.parquet')}' (FORMAT parquet)")
            made.execute(
                "COPY (SELECT i AS person, name, born, number, old_number, phone FROM person ORDER BY i)"
                f" TO '{_quoted(truth / 'nguoi.parquet')}' (FORMAT parquet)"
            )
            told = _told(made, rows, seed, files)
    finally:
        shutil.rmtree(work)
    (truth / "tom-tat.json").write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return Made(rows, files, truth)


def old_areas() -> list[Area]:
    """The communes of the three provinces as they were on 2025-06-30, from the packaged lists."""
    data = Path(units.__file__).parent / "data"
    with (data / "legacy_districts.csv").open(encoding="utf-8", newline="") as file:
        districts = {row["code"]: f"{row['type']} {row['name']}" for row in csv.DictReader(file)}
    provinces = {system.province for system in SYSTEMS}
    with (data / "legacy_communes.csv").open(encoding="utf-8", newline="") as file:
        return [
            (row["code"], f"{row['type']} {row['name']}", row["district_code"],
             districts.get(row["district_code"], ""), row["province_code"])
            for row in csv.DictReader(file) if row["province_code"] in provinces
        ]  # fmt: skip


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _words(made: duckdb.DuckDBPyConnection, areas: Iterable[Area]) -> None:
    """The tables that everything is drawn from."""
    for name in ("FAMILY", "MIDDLE_WOMEN", "MIDDLE_MEN", "GIVEN_WOMEN", "GIVEN_MEN"):
        made.execute(f"SET VARIABLE {name.lower()} = ?", [list(getattr(made_up, name))])
    made.execute("CREATE TABLE area (code VARCHAR, name VARCHAR, district VARCHAR, district_name VARCHAR, org VARCHAR)")
    made.executemany("INSERT INTO area VALUES (?, ?, ?, ?, ?)", sorted(areas))
    made.execute("CREATE TABLE system (n TINYINT, org VARCHAR, below TINYINT)")
    below = 0
    for n, system in enumerate(SYSTEMS):
        below += system.share
        made.execute("INSERT INTO system VALUES (?, ?, ?)", [n, system.province, below])
    made.execute(
        "CREATE TABLE commune AS SELECT s.n AS system, a.code, a.name, a.district, a.district_name,"
        " row_number() OVER (PARTITION BY s.n ORDER BY a.code) - 1 AS place"
        " FROM area a JOIN system s USING (org)"
    )
    weighted = [(code, fee, days) for code, weight, fee, days in PROCEDURES for _ in range(weight)]
    made.execute("CREATE TABLE procedure (place INTEGER, code VARCHAR, fee INTEGER, days INTEGER)")
    made.executemany("INSERT INTO procedure VALUES (?, ?, ?, ?)", [(n, *row) for n, row in enumerate(weighted)])


def _share(fault: str, draw: str, faults: Mapping[str, int]) -> str:
    """SQL: does this draw of 0 to 9,999 plant this fault? Of one list at most one is planted."""
    first = 0
    for name, many in faults.items():
        if name == fault:
            return f"({draw} >= {first} AND {draw} < {first + many})"
        first += many
    raise KeyError(fault)


def _named(draw: str, faults: Mapping[str, int]) -> str:
    cases = " ".join(f"WHEN {_share(name, draw, faults)} THEN '{name}'" for name in faults)
    return f"CASE {cases} ELSE '' END"


# A draw is some bits of an MD5: of the first hash (h) and the second (g), so that no two columns share bits.
PEOPLE_SQL = """
CREATE TABLE person AS
WITH drawn AS (
    SELECT i, md5_number_lower(concat($seed, '/person/', i)) AS h, md5_number_upper(concat($seed, '/person/', i)) AS g
    FROM range($people) AS t (i)
), chosen AS (
    SELECT i, h, g, h & 1 = 1 AS woman, DATE '1945-01-01' + ((h >> 1) % 22800)::INTEGER AS born,
        getvariable('family') AS family, CASE WHEN h & 1 = 1 THEN getvariable('middle_women')
            ELSE getvariable('middle_men') END AS middle,
        CASE WHEN h & 1 = 1 THEN getvariable('given_women') ELSE getvariable('given_men') END AS given
    FROM drawn
)
SELECT i, born,
    family[1 + ((h >> 20) % len(family))::INTEGER] || ' ' || middle[1 + ((h >> 28) % len(middle))::INTEGER] || ' '
        || given[1 + ((h >> 36) % len(given))::INTEGER] AS name,
    format('000{}{}{}', (year(born) // 100 - 19) * 2 + woman::INTEGER, lpad((year(born) % 100)::VARCHAR, 2, '0'),
        lpad(i::VARCHAR, 6, '0')) AS number,
    '000' || lpad(((i * 7919 + 104729) % 1000000)::VARCHAR, 6, '0') AS old_number,
    '0000' || lpad(i::VARCHAR, 6, '0') AS phone,
    1 + (h >> 44) % 400 AS house,
    (SELECT min(n) FROM system WHERE below > (g % 100)) AS home,
    (g >> 8) & 16777215 AS place
FROM chosen
"""

DOSSIERS_SQL = f"""
CREATE TABLE dossier AS
WITH drawn AS (
    SELECT i, md5_number_lower(concat($seed, '/dossier/', i)) AS h, md5_number_upper(concat($seed, '/dossier/', i)) AS g
    FROM range($rows) AS t (i)
), placed AS (
    SELECT drawn.i, h, drawn.g, p.i AS person, p.place, p.home,
        CASE WHEN (drawn.g >> 4) % 10000 < {AWAY} THEN (p.home + 1 + (drawn.g >> 18) % 2) % 3 ELSE p.home END AS system,
        DATE '2019-01-02' + ((h >> 20) % 2371)::INTEGER AS day
    FROM drawn JOIN person p ON p.i = h % $people
)
SELECT i, person, system::TINYINT AS system, home = system AS at_home, placed.place, procedure.code AS procedure, fee,
    (day + CASE isodow(day) WHEN 6 THEN -1 WHEN 7 THEN -2 ELSE 0 END)::TIMESTAMP
        + to_minutes((450 + (h >> 34) % 540)::INTEGER) AS received,
    days, ((h >> 44) & 1048575)::INTEGER AS draw,
    CASE WHEN (g >> 20) % 100 < 70 THEN 'counter' WHEN (g >> 20) % 100 < 97 THEN 'online' ELSE 'post' END AS channel,
    ((g >> 30) % 10000)::INTEGER AS fault_draw, ((g >> 46) % 10000)::INTEGER AS repeat_draw
FROM placed JOIN procedure ON procedure.place = (g >> 26) % {sum(weight for _, weight, _, _ in PROCEDURES)}
"""

_OF_PERSON = "((md5_number_lower(concat(p.number, '/', {n})) >> {shift}) % 10000)::INTEGER"


def _rows_sql(system: System, communes: int) -> str:
    """SQL: the rows of one system in order, with what the file shows and what is true of each; repeated ones last."""
    n = SYSTEMS.index(system)
    draw, old_draw, letter = (_OF_PERSON.format(n=n, shift=shift) for shift in (0, 16, 32))
    states = " ".join(f"WHEN '{state}' THEN '{code}'" for state, code in system.states.items())
    channels = " ".join(f"WHEN '{channel}' THEN '{code}'" for channel, code in system.channels.items())
    return f"""
CREATE OR REPLACE TABLE written AS
WITH known AS (
    SELECT p.i, p.name AS true_name, p.born AS true_born, p.number, p.old_number, p.house,
        CASE WHEN {old_draw} % 10 < {NEW_PHONE} THEN '0000' || lpad(((p.i * 3571 + {n + 1}) % 1000000)::VARCHAR, 6, '0')
            ELSE p.phone END AS phone,
        {_named(draw, PERSON_FAULTS)} AS fault, {old_draw} < {OLD_NUMBER} AS old, {letter} AS letter
    FROM person p
), shown AS (
    SELECT *, CASE fault
            WHEN 'without_marks' THEN strip_accents(translate(true_name, 'đĐ', 'dD'))
            WHEN 'without_middle' THEN split_part(true_name, ' ', 1) || ' ' || split_part(true_name, ' ', -1)
            WHEN 'letter_missing' THEN left(true_name, 3 + letter % (length(true_name)::INTEGER - 4))
                || substr(true_name, 5 + letter % (length(true_name)::INTEGER - 4))
            WHEN 'i_for_y' THEN translate(true_name, 'iyíýịỵ', 'yiýíỵị')
            ELSE true_name END AS name,
        CASE WHEN fault = 'day_month_swapped' AND day(true_born) <= 12
            THEN make_date(year(true_born), day(true_born), month(true_born)) ELSE true_born END AS born
    FROM known
), lived AS (
    SELECT d.*, {_named("d.fault_draw", ROW_FAULTS)} AS fault, row_number() OVER (ORDER BY d.i) AS place_in_file,
        CASE WHEN at_home THEN place ELSE draw END % {communes} AS commune_place,
        CASE WHEN received >= TIMESTAMP '2025-05-15' AND draw % 100 < 40 OR draw % 100 < 3 THEN
            CASE (draw // 100) % 4 WHEN 0 THEN 'submitted' WHEN 1 THEN 'accepted' WHEN 2 THEN 'in_process'
                ELSE 'awaiting_completion' END
        WHEN draw % 100 < 90 THEN 'returned' WHEN draw % 100 < 93 THEN 'refused' WHEN draw % 100 < 95 THEN 'withdrawn'
        WHEN draw % 100 < 97 THEN 'stopped' ELSE 'finished' END AS true_state,
        received + to_days(greatest(1, (days * 7 + 4) // 5)) AS due,
        received + to_minutes((60 + draw % (greatest(1, days) * 2200))::INTEGER) AS ended
    FROM dossier d WHERE d.system = {n}
), told AS (
    SELECT s.place_in_file AS place, s.i AS dossier, s.person, s.procedure AS true_procedure, c.code AS true_commune,
        s.true_state, s.fault, s.received,
        CASE WHEN s.fault = 'procedure-unknown' THEN '9.999999' ELSE s.procedure END AS procedure, c.district,
        CASE WHEN s.fault = 'unit-unknown' THEN '99999' ELSE c.code END AS commune, s.due,
        CASE WHEN s.true_state IN ('returned', 'refused', 'withdrawn', 'stopped', 'finished') THEN s.ended END
            AS finished,
        CASE WHEN s.fault = 'state-unknown' THEN '??' ELSE CASE s.true_state {states} END END AS state,
        CASE s.channel {channels} END AS channel,
        CASE WHEN s.fault = 'fee-negative' THEN -s.fee - 1000 ELSE s.fee END AS fee,
        CASE WHEN s.fault = 'name-missing' THEN NULL ELSE k.name END AS name, k.born,
        CASE WHEN k.fault = 'without_number' THEN NULL WHEN k.old AND s.received < {CARD_DAY} THEN k.old_number
            ELSE k.number END AS papers,
        k.phone, 'số ' || k.house || ', ' || c.name || ', ' || c.district_name AS address,
        concat_ws(',', nullif(k.fault, ''), CASE WHEN k.old AND s.received < {CARD_DAY} AND k.fault <> 'without_number'
            THEN 'old_number' END) AS person_faults,
        s.repeat_draw < {REPEATED} AS repeated
    FROM lived s JOIN shown k ON k.i = s.person
    JOIN commune c ON c.system = {n} AND c.place = s.commune_place
), numbered AS (
    SELECT * REPLACE ({system.procedure} AS procedure),
        CASE WHEN fault = 'number-missing' THEN NULL ELSE {system.number} END AS number
    FROM told
)
SELECT row_number() OVER (ORDER BY again, place) AS row, * FROM (
    SELECT *, FALSE AS again FROM numbered UNION ALL SELECT *, TRUE AS again FROM numbered WHERE repeated
) ORDER BY row
"""


HEADED = (".csv", ".xlsx")
"""In these files a person counts the line of headings as the first."""


def _truth_sql(system: System, path: Path) -> str:
    above = int(path.suffix in HEADED)
    kept = f"""SELECT '{system.code}' AS system, row + {above} AS row, number, dossier, person, again AS repeated,
        fault, person_faults, true_procedure, true_commune, true_state FROM written ORDER BY row"""
    first = system is SYSTEMS[0]
    return f"CREATE TABLE truth AS {kept}" if first else f"INSERT INTO truth {kept}"


def _columns_sql(system: System) -> str:
    columns = dict(system.columns)
    column, text = system.impossible
    columns[column] = f"CASE WHEN fault = 'day-impossible' THEN '{text}' ELSE {columns[column]} END"
    chosen = ", ".join(f'{expression} AS "{name}"' for name, expression in columns.items())
    return f"SELECT {chosen} FROM written ORDER BY row"


def _write_file(made: duckdb.DuckDBPyConnection, system: System, folder: Path, sheet: int) -> Path:
    if system.kind == "csv":
        path, begin, end, form = folder / f"{system.file}.csv", "\ufeff", "", "HEADER, DELIMITER ';'"
    elif system.kind == "dump":
        path, begin, end = (
            folder / f"{system.file}.sql",
            _dump_head(system),
            "\\.\n\n-- PostgreSQL database dump complete\n",
        )
        form = "HEADER FALSE, DELIMITER '\t', QUOTE '', ESCAPE '', NULLSTR '\\N'"
    else:
        return _write_table(made, system, folder, sheet)
    part = folder / "dang-viet" / "part"
    made.execute(f"COPY ({_columns_sql(system)}) TO '{_quoted(part)}' (FORMAT csv, {form})")
    with path.open("wb") as whole, part.open("rb") as rows:
        whole.write(begin.encode())
        shutil.copyfileobj(rows, whole, 1 << 20)
        whole.write(end.encode())
    part.unlink()
    return path


def _dump_head(system: System) -> str:
    columns = list(system.columns)
    typed = ",\n".join(f"    {column} text" for column in columns)
    return (
        f"--\n-- PostgreSQL database dump\n-- {SAYS}\n--\n\nSET client_encoding = 'UTF8';\n\n"
        f"CREATE TABLE public.hoso (\n{typed}\n);\n\nCOPY public.hoso ({', '.join(columns)}) FROM stdin;\n"
    )


def _write_table(made: duckdb.DuckDBPyConnection, system: System, folder: Path, sheet: int) -> Path:
    [(many,)] = made.execute("SELECT count(*) FROM written").fetchall()
    if many > sheet:
        path = folder / f"{system.file}.parquet"
        made.execute(f"COPY ({_columns_sql(system)}) TO '{_quoted(path)}' (FORMAT parquet)")
        return path
    path = folder / f"{system.file}.xlsx"
    book = Workbook(write_only=True)
    lines = book.create_sheet("HoSo")
    lines.append(list(system.columns))
    for row in made.execute(_columns_sql(system)).fetchall():
        lines.append(row)
    book.create_sheet("DocTruoc").append([SAYS])
    book.save(path)
    return path


def mapping_of(system: System, path: Path) -> str:
    """The mapping with which `motcua convert` reads the system's file: what a careful person would have written."""
    kind = {"csv": "csv", "xlsx": "xlsx", "parquet": "parquet", "sql": "dump"}[path.suffix[1:]]
    more = {"csv": ['encoding = "utf-8-sig"', 'delimiter = ";"'], "xlsx": ['sheet = "HoSo"'],
            "dump": ['table = "public.hoso"']}.get(kind, [])  # fmt: skip
    lines = [
        f"# {SAYS}",
        f'system = "{system.code}"',
        f'title = "{system.title}"',
        "",
        "[source]",
        f'files = ["{path.name}"]',
        f'kind = "{kind}"',
        *more,
        "",
        "[columns]",
        *(f'{ours} = "{theirs}"' for ours, theirs in system.mapped.items()),
        "",
        "[fixed]",
        'applicant_kind = "citizen"',
        "",
        "[dates]",
        f'default = "{system.days}"',
        f'birth_date = "{system.birth_days}"',
        "",
        "[states]",
        *(f'"{theirs}" = "{ours}"' for ours, theirs in system.states.items()),
        "",
        "[channels]",
        *(f'"{theirs}" = "{ours}"' for ours, theirs in system.channels.items()),
        "",
        "[procedures]",
        *(f'"{written}" = "{code}"' for code, written in _procedures(system)),
    ]
    return "\n".join(lines) + "\n"


def _procedures(system: System) -> Iterable[tuple[str, str]]:
    """Each procedure's code and how the system writes it, as its own expression says."""
    with duckdb.connect() as asked:
        for code, _weight, _fee, _days in PROCEDURES:
            [(written,)] = asked.execute(f"SELECT {system.procedure} FROM (SELECT ? AS procedure)", [code]).fetchall()
            yield code, written


def _told(made: duckdb.DuckDBPyConnection, rows: int, seed: int, files: Mapping[str, Path]) -> dict[str, Any]:
    """What was planted, in figures, so that a reader needs no tool to know what a loading has to find."""
    counted = made.execute(
        "SELECT system, count(*), count(*) FILTER (repeated), count(*) FILTER (fault <> ''),"
        " count(*) FILTER (person_faults <> ''), count(DISTINCT person) FROM truth GROUP BY system ORDER BY system"
    ).fetchall()
    faults = made.execute(
        "SELECT system, fault, count(*) FROM truth WHERE fault <> '' AND NOT repeated GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    [(several,)] = made.execute(
        "SELECT count(*) FROM (SELECT person FROM truth GROUP BY person HAVING count(DISTINCT system) > 1)"
    ).fetchall()
    return {
        "note": SAYS,
        "rows": rows,
        "seed": seed,
        "systems": {
            name: {
                "file": files[name].name,
                "rows": many,
                "repeated": again,
                "with_a_fault": wrong,
                "with_a_fault_in_the_person": wrong_person,
                "people": people,
                "faults": {fault: n for system, fault, n in faults if system == name},
            }
            for name, many, again, wrong, wrong_person, people in counted
        },
        "people_in_several_systems": several,
    }
