"""Envelopes of 10 KB over the trunk beside bare JetStream: published to three servers and acknowledged by them.

One process writes, signs and delivers, a worker in another one receives, checks, applies and receipts; each has a
database of its own. The three servers, set up as docs/trunk says, are on this machine, too. MOTCUA_BENCH_TRUNK says how
many envelopes.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from bench import _lanes, _site
from bench.exchange import _content

TARGETS = {
    "envelopes over the trunk beside bare JetStream, ratio": ">= 0.5",
    "written and signed, too, beside bare JetStream, ratio": "",
    "99 of 100 done within, at half that rate (ms)": "<= 100",
}
ENVELOPES = int(os.environ.get("MOTCUA_BENCH_TRUNK", "2000"))
BATCH = 500
HOME, AWAY = "ha-noi", "hue"


def measure() -> dict[str, float]:
    """Rates, ratios and the latency."""
    from motcua.exchange.tests.trunk_servers import Servers

    folder = Path(tempfile.mkdtemp(prefix="trunk-", dir=_site.FOLDER.parent))
    servers = Servers(folder)
    try:
        with _ground(servers, folder) as (post, line, trunk):
            figures = {"bare JetStream, 10 KB to three servers (1/s)": (limit := _bare(trunk))}
            delivered, whole = _envelopes(post, line)
            figures["envelopes delivered, checked, applied, receipted (1/s)"] = delivered
            figures["envelopes over the trunk beside bare JetStream, ratio"] = delivered / limit
            figures["written and signed, too (1/s)"] = whole
            figures["written and signed, too, beside bare JetStream, ratio"] = whole / limit
            spans = _lanes.paced(post, line, whole / 2, ENVELOPES)
            figures["half of them done within, at half that rate (ms)"] = statistics.median(spans) * 1000
            figures["99 of 100 done within, at half that rate (ms)"] = statistics.quantiles(spans, n=100)[98] * 1000
        return figures
    finally:
        servers.end()
        shutil.rmtree(folder)


@contextmanager
def _ground(servers: Any, folder: Path) -> Iterator[tuple[Any, Any, Any]]:
    """Two nodes with their databases and keys; gives how one writes here, the line to the other, and its connection."""
    here, there = _site.database("trunk_home"), _site.database("trunk_away")
    _site.use(here)
    from django.conf import settings
    from django.db import transaction
    from tests import processes

    from motcua.config import database
    from motcua.exchange import api as exchange
    from motcua.exchange import trunk_line
    from motcua.exchange.tests.trunk_servers import SECRETS
    from motcua.exchange.trunk import Trunk
    from motcua.kernel import clock
    from motcua.signing import api as signing
    from motcua.units import api as units

    units.refresh()
    on, secrets = clock.today(), folder / "away" / "secrets"
    mine, other = [
        agency.id
        for code in ("00004", "00008")
        if (unit := units.directory().find_unit(code, on))
        and (agency := units.directory().agency_of(unit.id, units.AgencyKind.PEOPLES_COMMITTEE, on))
    ]
    settings.SIGNING_KEYS, settings.NODE = secrets / "agencies", HOME
    secrets.mkdir(parents=True)
    (secrets / "trunk").write_text(f"{AWAY}:{SECRETS[AWAY]}")
    address = " ".join(servers.addresses)

    def tell() -> None:
        exchange.set_map(
            [exchange.Node(name, a, exchange.Transport.NATS, address) for name, a in ((HOME, mine), (AWAY, other))],
            [exchange.Seat(name, a, None, None, None) for name, a in ((HOME, mine), (AWAY, other))],
        )

    tell()
    signing.make_keys([mine, other], now=clock.now() - timedelta(hours=1))
    keys = [signing.NewKey(k.agency, k.public, k.valid_from, k.valid_to, "bench") for k in signing.all_keys()]
    database.use(there)
    tell()
    signing.accept_keys(keys)
    database.use(here)
    trunk = Trunk(HOME, servers.addresses, secret=f"{HOME}:{SECRETS[HOME]}")
    servers.ready(trunk)
    content, subjects = _content(), iter(range(10**9))

    def post(count: int) -> tuple[Any, ...]:
        with transaction.atomic():
            return exchange.post(
                [exchange.Message(mine, other, f"b{next(subjects)}", "motcua.greeting", content) for _ in range(count)],
                now=clock.now(),
            )

    environment = {**os.environ, "MOTCUA_DATABASE_URL": there, "MOTCUA_NODE": AWAY, "MOTCUA_VAR": str(folder / "away")}
    reading = True

    def receipts() -> None:
        while reading:
            trunk_line.take_receipts(trunk, now=clock.now, wait=0.2)

    reader = threading.Thread(target=receipts)
    with subprocess.Popen([sys.executable, "-m", "motcua", "worker"], env=environment) as worker:
        try:
            reader.start()
            line = trunk_line.TrunkLine(exchange.read_map().nodes[AWAY], trunk, patience=20.0)
            post(1)
            processes.wait_until(
                lambda: bool(_dispatch(line)) and not _lanes.still_open(), worker
            )  # it is up and has its stream
            yield post, line, trunk
        finally:
            reading = False
            reader.join()
            worker.terminate()
            trunk.close()


def _dispatch(line: Any) -> int:
    from motcua.exchange import api as exchange
    from motcua.kernel import clock

    return exchange.dispatch(connector=line, policy=exchange.Policy(pace=1e9), now=clock.now())


def _bare(trunk: Any) -> float:
    """Bodies of the same size, as many at once as a batch of envelopes, acknowledged by two servers of three."""
    from motcua.exchange.trunk import Kept, Post, What

    body = msgspec.json.encode({"bare": _content()})[:10_000]
    begun = time.perf_counter()
    for batch in range(ENVELOPES // BATCH):
        posts = [Post(HOME, What.PART, f"{batch}.{n}", body) for n in range(BATCH)]
        if {reply.kept for reply in trunk.publish(posts)} != {Kept.STORED}:
            raise RuntimeError("the servers did not store everything")
    rate = ENVELOPES // BATCH * BATCH / (time.perf_counter() - begun)
    while letters := trunk.take(What.PART, BATCH, 1.0):
        trunk.done(letters)
    return rate


def _envelopes(post: Any, line: Any) -> tuple[float, float]:
    begun = time.perf_counter()
    ids = [one for _ in range(ENVELOPES // BATCH) for one in post(BATCH)]
    started = time.perf_counter()
    with _lanes.Lanes(line) as lanes:
        lanes.wait(ids)
    ended = max(lanes.done.values())
    return len(ids) / (ended - started), len(ids) / (ended - begun)
