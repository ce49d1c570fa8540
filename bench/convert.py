"""Conversion: checked staging beside the same columns transformed bare, and the memory it takes.

The rows are made up as one CSV of fourteen columns; each way reads it in a process of its own, in turn:
- bare: each column a value (text trimmed, days, money), nothing else;
- recoded: besides, states, procedures and offices looked up on the day of filing, as a transformation would have them;
- checked: as `motcua convert check` does it: row numbers, every check, doubles;
- staged: as `motcua convert run` does it: besides, the SHA-256 of each record;
- pandas: each column a value. It is not a requirement of this project, and is measured where it is installed.

`MOTCUA_BENCH_ROWS` sets the size (5,000,000). Seconds of processor time tell more than the clock on a busy machine.
"""

import importlib
import importlib.util
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from bench import _site

ROWS = int(os.environ.get("MOTCUA_BENCH_ROWS", "5000000"))
ROUNDS = 3

TARGETS = {
    "checked beside bare, ratio": ">= 0.5",
    "checked beside bare, processor time, ratio": ">= 0.5",
    "checked beside pandas, ratio": ">= 4",
    "peak memory of checked (MB)": "< 2,000",
    "peak memory of staged (MB)": "< 2,000",
}

MAPPING = """\
system = "BENCH"
[source]
files = ["rows.csv"]
kind = "csv"
[columns]
number = "so"
procedure = "thu_tuc"
state = "trang_thai"
reception = "don_vi"
filed_at = "nop"
accepted_at = "tiep_nhan"
due_at = "hen"
finished_at = "tra"
applicant_name = "ten"
applicant_number = "giay_to"
birth_date = "sinh"
phone = "dien_thoai"
address = "dia_chi"
fee = "phi"
[dates]
default = "dd/mm/yyyy hh:mm"
birth_date = "dd/mm/yyyy"
[states]
"0" = "returned"
"1" = "returned"
"2" = "returned rejected"
"3" = "finished"
"""

MAKE = """
COPY (
    SELECT 'HS' || lpad(i::VARCHAR, 9, '0') AS so, '1.001193.000.00.00.H29' AS thu_tuc, (i % 4)::VARCHAR AS trang_thai,
        (['26734', '26737', '26740', '25741', '25744'])[1 + i % 5] AS don_vi,
        strftime(day, '%d/%m/%Y 08:15') AS nop, strftime(day + INTERVAL 1 DAY, '%d/%m/%Y 08:20') AS tiep_nhan,
        strftime(day + INTERVAL 5 DAY, '%d/%m/%Y 17:00') AS hen,
        strftime(day + INTERVAL 4 DAY, '%d/%m/%Y 10:30') AS tra,
        'Nguyễn Thị Ước ' || (i % 70000) AS ten, '0001' || lpad((i % 10000019)::VARCHAR, 8, '0') AS giay_to,
        strftime(DATE '1960-01-01' + (i % 19000)::INT, '%d/%m/%Y') AS sinh,
        '09' || lpad((i % 9999999)::VARCHAR, 8, '0') AS dien_thoai,
        'Số ' || (i % 500) || ' đường Lê Lợi' AS dia_chi, (i % 20 * 10000)::VARCHAR AS phi
    FROM (SELECT i, DATE '2020-01-01' + (i % 1900)::INT AS day FROM range($rows) AS t (i))
) TO '$path' (HEADER)
"""


WAYS = ("bare", "recoded", "checked", "staged")
TEXTS = ("so", "thu_tuc", "trang_thai", "don_vi", "ten", "giay_to", "dien_thoai", "dia_chi")
DAYS = ("nop", "tiep_nhan", "hen", "tra")
VALUES = f"""
SELECT {", ".join(f"nullif(trim({name}), '') AS {name}" for name in TEXTS)},
    {", ".join(f"try_strptime({name}, '%d/%m/%Y %H:%M') AS {name}" for name in DAYS)},
    try_strptime(sinh, '%d/%m/%Y')::DATE AS sinh, try_cast(phi AS BIGINT) AS phi
FROM read_csv(?, all_varchar = true, header = true, delim = ',', quote = '"')
"""
BARE = f"CREATE TABLE transformed AS {VALUES}"
RECODED = f"""
CREATE TABLE transformed AS
SELECT v.* EXCLUDE (thu_tuc, trang_thai, don_vi), procedure, version, state, outcome, agency, unit FROM ({VALUES}) v
LEFT JOIN l_version p ON p.procedure = left(thu_tuc, 8) AND nop::DATE BETWEEN p.first AND p.last
LEFT JOIN l_state s ON s.theirs = trang_thai
LEFT JOIN l_office u ON u.theirs = don_vi AND nop::DATE BETWEEN u.first AND u.last
"""


def measure() -> dict[str, float]:
    """Each way in turn, three rounds, the best of each: the same file for all."""
    import duckdb

    with tempfile.TemporaryDirectory(prefix="motcua-bench-") as made:
        folder = Path(made)
        with duckdb.connect() as duck:
            duck.execute(MAKE.replace("$rows", str(ROWS)).replace("$path", str(folder / "rows.csv")))
        (folder / "mapping.toml").write_text(MAPPING, encoding="utf-8")
        address = _site.database("convert")
        ways = [*WAYS, *(["pandas"] if importlib.util.find_spec("pandas") else [])]
        rounds = [[_alone(way, folder, address) for way in ways] for _ in range(ROUNDS)]
    seconds, busy, memory = (
        {way: min(one[n][figure] for one in rounds) for n, way in enumerate(ways)} for figure in range(3)
    )
    found = {f"{way} (rows/s)": ROWS / seconds[way] for way in ways}
    for way in ways[1:]:
        found[f"{way} beside bare, ratio"] = seconds["bare"] / seconds[way]
        found[f"{way} beside bare, processor time, ratio"] = busy["bare"] / busy[way]
    if "pandas" in ways:
        found["checked beside pandas, ratio"] = seconds["pandas"] / seconds["checked"]
    return found | {f"peak memory of {way} (MB)": memory[way] for way in ("checked", "staged")}


def _alone(way: str, folder: Path, address: str) -> tuple[float, float, float]:
    """Seconds, seconds of processor time and megabytes."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.convert", way, str(folder)],
        env={**os.environ, "MOTCUA_DATABASE_URL": address}, check=True, capture_output=True, text=True,
    )  # fmt: skip
    seconds, busy, memory = map(float, done.stdout.split()[-3:])
    return seconds, busy, memory


def main(way: str, folder: Path) -> None:
    """One way in this process."""
    from motcua.config.commandline import set_up

    set_up()
    from motcua.conversion import sources, staging
    from motcua.conversion.rules.mapping import read

    mapped, findings = read((folder / "mapping.toml").read_text(encoding="utf-8"))
    assert mapped is not None, findings
    room = folder / way
    with staging.opened(room, fresh=True) as duck:
        staging.look_ups(duck, mapped)
        began, busy = time.perf_counter(), time.process_time()
        if way == "pandas":
            _pandas(folder)
        elif way in ("checked", "staged"):
            tables, faults = sources.prepare(mapped, [folder / "rows.csv"], room)
            assert not faults, faults
            faults = staging.stage(duck, mapped, tables, date(2026, 1, 1), digests=way == "staged")
            assert not faults, faults
        else:
            duck.execute(BARE if way == "bare" else RECODED, [str(folder / "rows.csv")])
        print(time.perf_counter() - began, time.process_time() - busy)
        if way in ("checked", "staged"):
            counted = duck.execute("SELECT count(*), count(*) FILTER (WHERE mask <> 0) FROM checked").fetchone()
            assert counted == (ROWS, 0), counted
    shutil.rmtree(room)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _pandas(folder: Path) -> None:
    pandas = importlib.import_module("pandas")
    rows = pandas.read_csv(folder / "rows.csv", dtype=str)
    for name in ("nop", "tiep_nhan", "hen", "tra"):
        rows[name] = pandas.to_datetime(rows[name], format="%d/%m/%Y %H:%M", errors="coerce")
    rows["sinh"] = pandas.to_datetime(rows["sinh"], format="%d/%m/%Y", errors="coerce")
    rows["phi"] = pandas.to_numeric(rows["phi"], errors="coerce")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
