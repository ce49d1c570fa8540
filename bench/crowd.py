"""A busy hour: 200 officers and 500 citizens at once, each looking, thinking and looking again, for a bounded time.

An officer opens a list or a dossier every five to ten seconds, a citizen a page every ten to twenty. Server, database
and this load share the two cores; a page that takes longer than a second is counted like any other.
"""

import asyncio
import time
from array import array
from collections import Counter
from random import Random
from typing import Any

import uvloop

from bench import _many, _site, _visitors
from motcua.replay.client import Away, Caller, Server

TARGETS = {"pages within 500 ms (%)": ">= 95", "pages that failed": "<= 0"}
OFFICERS, CITIZENS = 200, 500
AWAY = 599  # counted like a status: the connection broke before the page came
DOSSIERS = 20_000
SECONDS = 60.0
OFFICER_THINKS, CITIZEN_THINKS = (5.0, 10.0), (10.0, 20.0)


def measure() -> dict[str, float]:
    """Pages a second, how many within half a second, and what failed."""
    with _site.site("crowd") as site:
        _many.fill(site.database, DOSSIERS)
        people = _people(site)
        before = site.server_cpu()
        times, statuses, seconds = _hour(site.server, people)
        spent = site.server_cpu() - before
    ordered = sorted(times)
    return {
        "people at once": len(people),
        "pages (1/s)": len(ordered) / seconds,
        "pages within 500 ms (%)": 100 * sum(t <= 0.5 for t in ordered) / len(ordered),
        "pages, p50 (ms)": 1000 * ordered[len(ordered) // 2],
        "pages, p95 (ms)": 1000 * ordered[int(len(ordered) * 0.95)],
        "pages, p99 (ms)": 1000 * ordered[int(len(ordered) * 0.99)],
        "pages that failed": sum(count for status, count in statuses.items() if status not in (200, 302, 304)),
        "server's CPU a page (ms)": spent / len(ordered) * 1000,
        "server's core in use (%)": 100 * spent / seconds,
    }


def _people(site: _site.Site) -> list[tuple[list[bytes], tuple[float, float]]]:
    """What each person asks for, and how long it thinks in between."""
    import psycopg
    from django.conf import settings

    from motcua.dossiers.rules import codes as secrets

    _site.use(site.database)
    with psycopg.connect(site.database) as connection:
        found = connection.execute(
            "SELECT code, split_part(code, '-', 1), applicant->>'number', applicant->>'name' FROM dossiers_dossier "
            "WHERE holder = reception ORDER BY id DESC LIMIT 5000"
        ).fetchall()
    key, random = settings.SECRET_KEY.encode(), Random(1)
    centres = sorted({org for _, org, _, _ in found})
    cookies = _visitors.officials(centres)
    people: list[tuple[list[bytes], tuple[float, float]]] = []
    for n in range(OFFICERS):
        org = centres[n % len(centres)]
        own = [code for code, at, _, _ in found if at == org][:20]
        paths = [
            "/can-bo/viec/cho-chuyen",
            "/can-bo/viec/truc-tuyen-moi",
            "/can-bo/tiep-nhan",
            *(f"/can-bo/ho-so/{c}" for c in own),
        ]
        people.append(([_visitors.page(site.server, path, cookies[org]) for path in paths], OFFICER_THINKS))
    for _ in range(CITIZENS):
        code, _, number, name = random.choice(found)
        slip = f"tra-cuu={secrets.secret(key, code)}"
        asked = [
            _visitors.page(site.server, path)
            for path in ("/", "/thu-tuc?q=khai+sinh", "/thu-tuc/1.001193", "/don-vi?q=b%C3%A0n+c%E1%BB%9D", "/ho-so")
        ]
        asked.append(_visitors.page(site.server, f"/ho-so/{code}", slip))
        asked.append(_visitors.page(site.server, "/cua-toi", _visitors.citizen(number, name)))
        people.append((asked, CITIZEN_THINKS))
    return people


def _hour(
    server: Server, people: list[tuple[list[bytes], tuple[float, float]]]
) -> tuple["array[float]", Counter[int], float]:
    times, statuses = array("d"), Counter[int]()

    async def live(n: int, asked: list[bytes], thinks: tuple[float, float], until: float) -> None:
        random, caller = Random(n), Caller(server)
        await asyncio.sleep(random.uniform(0, thinks[1]))
        while time.perf_counter() < until:
            started = time.perf_counter()
            try:
                status, _ = await caller.call(random.choice(asked))
            except Away:
                status = AWAY
            times.append(time.perf_counter() - started)
            statuses[status] += 1
            await asyncio.sleep(random.uniform(*thinks))
        caller.close()

    async def everybody() -> float:
        first = Caller(server)  # templates and plans, as of a server that has been up for a minute
        for asked, _ in (
            *people[:3],
            *people[-3:],
        ):
            for request in asked:
                await first.call(request)
        first.close()
        started = time.perf_counter()
        lives: list[Any] = [live(n, *person, started + SECONDS) for n, person in enumerate(people)]
        await asyncio.gather(*lives)
        return time.perf_counter() - started

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        seconds = runner.run(everybody())
    return times, statuses, seconds
