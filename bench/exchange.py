"""Envelopes of 10 KB between two agencies of one installation, beside a bare queue in PostgreSQL with batches.

The bare queue writes 10 KB in one table, takes it out with SKIP LOCKED and deletes it: nothing is signed, kept in
order, receipted or kept. The exchange writes, signs, claims, checks the signature, applies once, and keeps a receipt.
Either is written by one thread and taken out by two at the same time, as the worker does it.
Then a backlog waits in the outbox while dossiers are filed and work lists are read. MOTCUA_BENCH_ENVELOPES and
MOTCUA_BENCH_BACKLOG say how many.
"""

import itertools
import os
import statistics
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import msgspec

from bench import _lanes, _load, _site, filing
from motcua.replay.client import API, request

TARGETS = {
    "envelopes of 10 KB, signed and verified, ratio": ">= 0.3",
    "99 of 100 done within, at half that rate (ms)": "<= 100",
    "filing, with the backlog beside without, ratio": ">= 0.9",
    "work lists, with the backlog beside without, ratio": ">= 0.9",
}
ENVELOPES = int(os.environ.get("MOTCUA_BENCH_ENVELOPES", "10000"))
BACKLOG = int(os.environ.get("MOTCUA_BENCH_BACKLOG", "500000"))
BATCH = 500
SUBJECTS = itertools.count()
ROUNDS = 3
SECONDS = 4.0
BARE = """
CREATE TABLE IF NOT EXISTS bench_queue (id uuid PRIMARY KEY, number bigserial, body bytea NOT NULL);
ALTER TABLE bench_queue ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE INDEX IF NOT EXISTS bench_queue_number ON bench_queue (number);
"""


def measure() -> dict[str, float]:
    """Rates and ratios: medians of alternated rounds."""
    figures: dict[str, float] = {}
    with _site.site("exchange") as site:
        _site.use(site.database)
        bare, ours = [], []
        for _ in range(ROUNDS):
            bare.append(_bare(ENVELOPES))
            ours.append(_envelopes(ENVELOPES))
        limit = statistics.median(bare)
        figures["bare queue in batches of 500, 10 KB, written and taken out (1/s)"] = limit
        figures["envelopes of 10 KB, signed and verified (1/s)"] = statistics.median(ours)
        figures["envelopes of 10 KB, signed and verified, ratio"] = statistics.median(ours) / limit
        spans = _lanes.paced(*_written(), statistics.median(ours) / 2, ENVELOPES)
        figures["half of them done within, at half that rate (ms)"] = statistics.median(spans) * 1000
        figures["99 of 100 done within, at half that rate (ms)"] = statistics.quantiles(spans, n=100)[98] * 1000
        figures |= _backlog(site)
    return figures


def _content() -> bytes:
    letters = Random(1).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=9_600)
    return msgspec.json.encode({"text": "".join(letters)})


def _bare(count: int) -> float:
    from django.db import connection, transaction

    from motcua.exchange import queue
    from motcua.kernel.ids import uuid7

    with connection.cursor() as made:
        made.execute(BARE)
    body, started = _content(), time.perf_counter()

    def write() -> None:
        for _ in range(count // BATCH):
            with transaction.atomic():
                queue.cursor().execute(
                    "INSERT INTO bench_queue (id, body) SELECT * FROM unnest(%b::uuid[], %b::bytea[])",
                    [[uuid7() for _ in range(BATCH)], [body] * BATCH],
                )

    taken: list[int] = []

    def take() -> None:
        while sum(taken) < count // BATCH * BATCH:
            with transaction.atomic():
                cursor = queue.cursor()
                cursor.execute(
                    "DELETE FROM bench_queue WHERE id IN (SELECT id FROM bench_queue ORDER BY number LIMIT %s "
                    "FOR UPDATE SKIP LOCKED) RETURNING id, body",
                    [BATCH],
                    binary=True,
                )
                found = len(cursor.fetchall())
            if found:
                taken.append(found)
            else:
                time.sleep(0.002)

    for thread in _lanes.start([write, take, take]):
        thread.join()
    return sum(taken) / (time.perf_counter() - started)


def _envelopes(count: int) -> float:
    write, line = _written()
    started = time.perf_counter()
    with _lanes.Lanes(line) as lanes:
        lanes.wait([one for _ in range(count // BATCH) for one in write(BATCH)])
    return count // BATCH * BATCH / (max(lanes.done.values()) - started)


def _written() -> tuple[_lanes.Write, Any]:
    """How so many are written in a transaction, and the line on which they go."""
    from django.conf import settings
    from django.db import transaction

    from motcua.exchange import api as exchange
    from motcua.kernel import clock

    mine, other, line = _ground()
    settings.NODE = "bench"
    content = _content()

    def write(count: int) -> Sequence[UUID]:
        with transaction.atomic():
            return exchange.post(
                [exchange.Message(mine, other, f"{next(SUBJECTS)}", exchange.GREETING, content) for _ in range(count)],
                now=clock.now(),
            )

    return write, line


def _ground() -> tuple[int, int, Any]:
    """Two agencies with keys at one node, which is this installation."""
    from motcua.exchange import api as exchange
    from motcua.kernel import clock
    from motcua.signing import api as signing
    from motcua.units import api as units

    on, now = clock.today(), clock.now()
    mine, other = [
        agency.id
        for code in ("00004", "00008")
        if (unit := units.directory().find_unit(code, on))
        and (agency := units.directory().agency_of(unit.id, units.AgencyKind.PEOPLES_COMMITTEE, on))
    ]
    if not signing.keys_of([mine]):
        signing.make_keys([mine, other], now=now - timedelta(hours=1))
        node = exchange.Node("bench", mine, exchange.Transport.HERE)
        exchange.set_map([node], [exchange.Seat("bench", agency, None, None, None) for agency in (mine, other)])
    node = exchange.read_map().nodes["bench"]
    return mine, other, exchange.NodeLine(node, exchange.Here({}))


def _backlog(site: _site.Site) -> dict[str, float]:
    """Filing and work lists with an empty outbox and with a full one, in alternated rounds of which the best counts."""
    from motcua.units import api as units

    figures: dict[str, float] = {}
    numbers = iter(range(10**9, 10**10))
    bodies = filing.applications()
    on = _site.moment().date()
    orgs = [
        agency.org(on)
        for code in ("26734", "26737", "26740", "26743")
        if (unit := units.directory().find_unit(code, on))
        and (agency := units.directory().agency_of(unit.id, units.AgencyKind.SERVICE_CENTRE, on))
    ]
    lists = itertools.cycle([request(site.server, "GET", f"{API}/work-list?agency={org}&limit=50") for org in orgs])

    def rate(requests: Iterator[bytes]) -> float:
        result = _load.run(site.server, requests, connections=16, seconds=SECONDS)
        if set(result.statuses) - {200, 201}:
            raise RuntimeError(f"{dict(result.statuses)} {result.bodies[:1]!r}")
        return result.rate

    rates: dict[tuple[str, str], float] = {}
    with _site.on_the_other_core():
        rate(filing.requests(site, bodies, numbers, 1))
        for state in ("without", "with"):
            if state == "with":
                figures[f"{BACKLOG:,} envelopes of 10 KB written as a backlog (s)"] = _fill(BACKLOG)
            for _ in range(ROUNDS):
                for name, requests in (("filing", filing.requests(site, bodies, numbers, 1)), ("work lists", lists)):
                    rates[name, state] = max(rates.get((name, state), 0.0), rate(requests))
    for (name, state), value in rates.items():
        figures[f"{name}, 16 connections, {state} a backlog of {BACKLOG:,} (1/s)"] = value
    for name in ("filing", "work lists"):
        figures[f"{name}, with the backlog beside without, ratio"] = rates[name, "with"] / rates[name, "without"]
    return figures


def _fill(count: int) -> float:
    """A partner that is away, and what waits for it: rows as `send` writes them, made by PostgreSQL."""
    from django.db import connection

    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO exchange_course (partner, subject, last, done, due_at) "
            "SELECT 'away', 's' || n, 1, 0, now() FROM generate_series(1, %s) AS n",
            [count],
        )
        cursor.execute(
            "INSERT INTO exchange_parcel (id, number, partner, subject, n, kind, body, written_at, state, attempts, "
            "errors, answer, said, reference) SELECT gen_random_uuid(), nextval('exchange_number'), 'away', 's' || n, "
            "1, 'k', decode(repeat(md5(n::text), 640), 'hex'), now(), 'ready', 0, 0, '', '', '' "
            "FROM generate_series(1, %s) AS n",
            [count],
        )
        cursor.execute("ANALYZE exchange_course, exchange_parcel")
    return time.perf_counter() - started
