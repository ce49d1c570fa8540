"""Where is it, and the first page of a work list: with ten thousand dossiers and with a million."""

import itertools
from collections.abc import Iterator
from random import Random

import psycopg

from bench import _load, _many, _site, _visitors
from motcua.replay.client import API, request

TARGETS = {
    "where, 16 connections, 1,000,000 dossiers (1/s)": ">= 7,000",
    "where, time at 1,000,000 beside 10,000, ratio": "<= 1.3",
    "work list, time at 1,000,000 beside 10,000, ratio": "<= 1.3",
    "work list, 1,000,000 dossiers, server's CPU a page (ms)": "<= 2",
    "a million dossiers by the bulk path (s)": "<= 120",
    "page of a work list of 50 rows, server's CPU (ms)": "<= 8",
    "page of where is it, server's CPU (ms)": "<= 3",
}
FEW, MANY = 10_000, 1_000_000
SECONDS = 4.0
ROUNDS = 3
ASKED = 20_000  # different codes


def measure() -> dict[str, float]:
    """Answers a second and their time beside the small table's; the best of three rounds each."""
    figures: dict[str, float] = {}
    times: dict[tuple[str, int], float] = {}
    with _site.site("where") as site:
        _many.fill(site.database, FEW)
        for count in (FEW, MANY):
            if count == MANY:
                figures["a million dossiers by the bulk path (s)"] = _many.fill(site.database, MANY - FEW, FEW * 10)
            codes, agencies = _asked(site.database)
            _settle(site.database)
            with _site.on_the_other_core():
                for connections in (16, 64):
                    name = f"where, {connections} connections, {count:,} dossiers"
                    result = _best(site, _wheres(site, codes), connections)
                    figures[f"{name} (1/s)"] = result.rate
                    figures[f"{name}, p99 (ms)"] = result.percentile(0.99)
                    if connections == 16:
                        times["where", count] = 1 / result.rate
                before = site.server_cpu()
                result = _load.run(site.server, _lists(site, agencies), connections=16, seconds=SECONDS)
                spent = (site.server_cpu() - before) / len(result.times) * 1000
                name = f"work list, {count:,} dossiers"
                figures[f"{name} (1/s)"] = _best(site, _lists(site, agencies), 16).rate
                figures[f"{name}, server's CPU a page (ms)"] = spent
                times["work list", count] = 1 / figures[f"{name} (1/s)"]
                if count == MANY:
                    figures |= _pages(site, codes, agencies)
    for name in ("where", "work list"):
        figures[f"{name}, time at 1,000,000 beside 10,000, ratio"] = times[name, MANY] / times[name, FEW]
    return figures


def _pages(site: _site.Site, codes: list[str], agencies: list[str]) -> dict[str, float]:
    """What a page costs the server, with a million dossiers in the tables."""
    from django.conf import settings

    from motcua.dossiers.rules import codes as secrets

    _site.use(site.database)
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


def _lists(site: _site.Site, agencies: list[str]) -> Iterator[bytes]:
    paths = [f"{API}/work-list?agency={org}&limit=50" for org in agencies]
    return itertools.cycle([request(site.server, "GET", path) for path in paths])


def _asked(url: str) -> tuple[list[str], list[str]]:
    """Codes at random, and the centres that have a full first page."""
    with psycopg.connect(url) as connection:
        codes = [code for (code,) in connection.execute("SELECT code FROM dossiers_dossier ORDER BY id")]
    chosen = Random(1).choices(codes, k=ASKED)
    centres = sorted({code.split("-")[0] for code in codes})
    with psycopg.connect(url) as connection:
        held = connection.execute(
            "SELECT split_part(code, '-', 1) AS org FROM dossiers_dossier WHERE holder = reception "
            "GROUP BY org HAVING count(*) >= 50"
        )
        full = {org for (org,) in held}
    return chosen, [org for org in centres if org in full] or centres


def _settle(url: str) -> None:
    """What autovacuum would have done by the next morning."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
