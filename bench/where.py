"""Where is it, and the first page of a work list: with ten thousand dossiers and with a million."""

import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

import psycopg

from bench import _limit, _load, _many, _site, _visitors
from motcua.replay.client import API, request

TARGETS = {
    "where, 16 connections, 1,000,000 dossiers (1/s)": ">= 7,000",
    "where, time at 1,000,000 beside 10,000, ratio": "<= 1.3",
    "work list, time at 1,000,000 beside 10,000, ratio": "<= 1.3",
    "work list of 50 rows, 1,000,000 dossiers, server's CPU a page (ms)": "<= 2",
    "a million dossiers by the bulk path (s)": "<= 120",
    "page of a work list of 50 rows, server's CPU (ms)": "<= 8",
    "page of where is it, server's CPU (ms)": "<= 3",
}
FEW, MANY = 10_000, 1_000_000
SECONDS = 4.0
ROUNDS = 3
ASKED = 20_000  # different codes
ROWS, FULL = 15, 50  # of a page: as many as ten thousand dossiers fill, and the usual number


def measure() -> dict[str, float]:
    """Answers a second and their time beside the small table's; the best of three rounds each."""
    figures: dict[str, float] = {}
    times: dict[tuple[str, int], float] = {}
    with _site.site("where") as site:
        _site.use(site.database)
        _many.fill(site.database, FEW)
        for count in (FEW, MANY):
            if count == MANY:
                figures["a million dossiers by the bulk path (s)"] = _many.fill(site.database, MANY - FEW, FEW * 10)
            codes, agencies = _asked(site.database, ROWS)
            _settle(site.database)
            with _site.on_the_other_core():
                limit = _look_ups(site.database, codes)
                figures[f"pgbench, the look-up alone, 16 clients, {count:,} dossiers (1/s)"] = limit
                for connections in (16, 64):
                    name = f"where, {connections} connections, {count:,} dossiers"
                    result = _best(site, _wheres(site, codes), connections)
                    figures[f"{name} (1/s)"] = result.rate
                    figures[f"{name}, p99 (ms)"] = result.percentile(0.99)
                    figures[f"{name}, ratio to pgbench"] = result.rate / limit
                    if connections == 16:
                        times["where", count] = 1 / result.rate
                name = f"work list of {ROWS} rows, {count:,} dossiers"
                figures[f"{name} (1/s)"] = _best(site, _lists(site, agencies, ROWS), 16).rate
                times["work list", count] = 1 / figures[f"{name} (1/s)"]
                if count == MANY:
                    full = _asked(site.database, FULL)[1]
                    before = site.server_cpu()
                    result = _load.run(site.server, _lists(site, full, FULL), connections=16, seconds=SECONDS)
                    spent = (site.server_cpu() - before) / len(result.times) * 1000
                    figures["work list of 50 rows, 1,000,000 dossiers, server's CPU a page (ms)"] = spent
                    figures |= _pages(site, codes, full)
    for name in ("where", "work list"):
        figures[f"{name}, time at 1,000,000 beside 10,000, ratio"] = times[name, MANY] / times[name, FEW]
    return figures


def _look_ups(url: str, codes: list[str]) -> float:
    """The same look-up as pgbench asks it: one code in each transaction."""
    from motcua.dossiers import rows

    with tempfile.TemporaryDirectory() as folder:
        scripts = []
        for n, code in enumerate(codes[:64]):
            script = Path(folder) / f"{n}.sql"
            script.write_text(" ".join(rows.BY_CODE.replace("%s", f"'{{{code}}}'").split()) + ";\n")
            scripts.append(script)
        return max(_limit.pgbench(url, scripts, clients=16, seconds=SECONDS) for _ in range(2))


def _pages(site: _site.Site, codes: list[str], agencies: list[str]) -> dict[str, float]:
    """What a page costs the server, with a million dossiers in the tables."""
    from django.conf import settings

    from motcua.dossiers.rules import codes as secrets

    key = settings.SECRET_KEY.encode()
    cookies = _visitors.officials(agencies[:20])
    pages = {
        "page of a work list of 50 rows": [
            _visitors.page(site.server, "/can-bo/viec/cho-chuyen", cookie) for cookie in cookies.values()
        ],
        "page of where is it": [
            _visitors.page(site.server, f"/ho-so/{code}", f"tra-cuu={secrets.secret(key, code)}")
            for code in codes[:2000]
        ],
    }
    figures = {}
    for name, requests in pages.items():
        _load.run(site.server, itertools.cycle(requests), connections=4, seconds=1)  # templates, plans
        before = site.server_cpu()
        result = _load.run(site.server, itertools.cycle(requests), connections=4, seconds=SECONDS)
        if set(result.statuses) != {200}:
            raise RuntimeError(f"{name}: {dict(result.statuses)} {result.bodies[:1]!r}")
        figures[f"{name}, server's CPU (ms)"] = (site.server_cpu() - before) / len(result.times) * 1000
        figures[f"{name}, p95 (ms)"] = result.percentile(0.95)
    return figures


def _best(site: _site.Site, requests: Iterator[bytes], connections: int) -> _load.Result:
    results = [_load.run(site.server, requests, connections=connections, seconds=SECONDS) for _ in range(ROUNDS)]
    for result in results:
        if set(result.statuses) != {200}:
            raise RuntimeError(f"{dict(result.statuses)} {result.bodies[:1]!r}")
    return max(results, key=lambda result: result.rate)


def _wheres(site: _site.Site, codes: list[str]) -> Iterator[bytes]:
    return itertools.cycle([request(site.server, "GET", f"{API}/dossiers/{code}") for code in codes])


def _lists(site: _site.Site, agencies: list[str], limit: int) -> Iterator[bytes]:
    paths = [f"{API}/work-list?agency={org}&limit={limit}" for org in agencies]
    return itertools.cycle([request(site.server, "GET", path) for path in paths])


def _asked(url: str, page: int) -> tuple[list[str], list[str]]:
    """Codes at random, and the centres with so many rows at least: a page has the same length in every measure."""
    with psycopg.connect(url) as connection:
        codes = [code for (code,) in connection.execute("SELECT code FROM dossiers_dossier ORDER BY id")]
        full = connection.execute(
            "SELECT split_part(code, '-', 1) AS org FROM dossiers_dossier WHERE holder = reception "
            "GROUP BY org HAVING count(*) >= %s ORDER BY org",
            [page],
        ).fetchall()
    return Random(1).choices(codes, k=ASKED), [org for (org,) in full]


def _settle(url: str) -> None:
    """What autovacuum would have done by the next morning."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
