"""Conversion: checked staging beside the same columns transformed bare, and the memory it takes.

The rows are made up as one CSV of fourteen columns. The checked run reads, looks codes up, checks, finds doubles and
digests; the bare one reads and turns the same columns into values. Each runs in a process of its own, so that its
peak of memory is its own. `MOTCUA_BENCH_ROWS` sets the size (5,000,000). Pandas is not measured: it is not a
requirement of this project, and its figure is given by the same reading in `pandas.read_csv` where it is installed.
"""

import importlib
import importlib.util
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

ROWS = int(os.environ.get("MOTCUA_BENCH_ROWS", "5000000"))
ROUNDS = 3

TARGETS = {
    "checked staging against the bare transformation": ">= 0.5",
    "peak memory of checked staging (MB)": "< 2,000",
    "checked staging against pandas": ">= 4 (where pandas is installed)",
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


def measure() -> dict[str, float]:
    """Each way in turn, three rounds, the best of each: the same file for all."""
    import duckdb

    with tempfile.TemporaryDirectory(prefix="motcua-bench-") as made:
        folder = Path(made)
        with duckdb.connect() as duck:
            duck.execute(MAKE.replace("$rows", str(ROWS)).replace("$path", str(folder / "rows.csv")))
        (folder / "mapping.toml").write_text(MAPPING, encoding="utf-8")
        ways = ["bare", "checked", *(["pandas"] if importlib.util.find_spec("pandas") else [])]
        figures: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
        for _ in range(ROUNDS):
            for way in ways:
                figures[way].append(_alone(way, folder))
    best = {way: min(seconds for seconds, _ in rounds) for way, rounds in figures.items()}
    found = {f"{way} (rows/s)": ROWS / seconds for way, seconds in best.items()}
    found["checked staging against the bare transformation"] = best["bare"] / best["checked"]
    found["peak memory of checked staging (MB)"] = max(memory for _, memory in figures["checked"])
    if "pandas" in best:
        found["checked staging against pandas"] = best["pandas"] / best["checked"]
    return found


def _alone(way: str, folder: Path) -> tuple[float, float]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.convert", way, str(folder)], check=True, capture_output=True, text=True
    )
    seconds, memory = done.stdout.split()[-2:]
    return float(seconds), float(memory)


def main(way: str, folder: Path) -> None:
    """One way in this process: seconds and megabytes."""
    from motcua.config.commandline import set_up

    set_up()
    from motcua.conversion import sources, staging
    from motcua.conversion.rules.mapping import read

    mapped, findings = read((folder / "mapping.toml").read_text(encoding="utf-8"))
    assert mapped is not None, findings
    room = folder / way
    with staging.opened(room, fresh=True) as duck:
        began = time.perf_counter()
        if way == "pandas":
            _pandas(folder)
        else:
            tables, faults = sources.prepare(mapped, [folder / "rows.csv"], room)
            assert not faults, faults
            if way == "bare":
                duck.execute(f"CREATE TABLE bare AS {staging.bare_sql(mapped, tables[0])}")
            else:
                faults = staging.stage(duck, mapped, tables, date(2026, 1, 1))
                assert not faults, faults
        seconds = time.perf_counter() - began
        if way == "checked":
            counted = duck.execute("SELECT count(*), count(*) FILTER (WHERE mask <> 0) FROM checked").fetchone()
            assert counted == (ROWS, 0), counted
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _pandas(folder: Path) -> None:
    pandas = importlib.import_module("pandas")
    rows = pandas.read_csv(folder / "rows.csv", dtype=str)
    for name in ("nop", "tiep_nhan", "hen", "tra"):
        rows[name] = pandas.to_datetime(rows[name], format="%d/%m/%Y %H:%M", errors="coerce")
    rows["sinh"] = pandas.to_datetime(rows["sinh"], format="%d/%m/%Y", errors="coerce")
    rows["phi"] = pandas.to_numeric(rows["phi"], errors="coerce")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
