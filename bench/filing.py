"""Filing over HTTP beside `pgbench` with the same statements, which is the limit of this machine's PostgreSQL.

The statements and their parameters are taken from a real filing by recording it, so that they can't drift. pgbench
runs them in one transaction each, prepared, on the server's core; the load shares PostgreSQL's core. A token that
stands for what is each filing's own (id, key, party, number) is filled in by `replace` on PostgreSQL's side.
"""

import re
import statistics
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import UUID

import msgspec
import psycopg

from bench import _limit, _load, _site
from motcua.replay.client import API, request

TARGETS = {
    "single filings, 16 connections, ratio": ">= 1.2",
    "batches of 100, ratio": ">= 2.5",
}

TOKEN = "777777777777"
ID = UUID(f"01990000-0000-7000-8000-{TOKEN}")
PARTY = f"02990000-0000-7000-8000-{TOKEN}"
LAST = "@@@@"
CENTRE = "%%%"
TEMPLATES = 64
SCRIPTS = 4  # few, so that each statement's plan is soon kept; the centre is drawn anew each time
SECONDS = 4.0
ROUNDS = 5  # a shared machine gives a third more or less from one second to the next
BATCH = 100


def measure() -> dict[str, float]:
    """Filings a second, and their ratios to the limit: medians of alternated rounds."""
    with _site.site("filing") as site, tempfile.TemporaryDirectory() as folder:
        _site.use(site.database)
        bodies = applications()
        scripts = [_script(Path(folder), n, body) for n, body in enumerate(bodies[:SCRIPTS])]
        numbers = iter(range(10**9, 10**10))
        rates: dict[str, list[float]] = {}
        latencies: dict[str, list[float]] = {}
        cpu: dict[str, list[float]] = {}
        kinds = {
            "single filings, 16 connections": (16, 1),
            "single filings, 64 connections": (64, 1),
            "batches of 100": (4, BATCH),
        }
        with _site.on_the_other_core():
            for connections, size in kinds.values():  # warm up: plans, caches, the pool of pages
                _load.run(site.server, requests(site, bodies, numbers, size), connections=connections, seconds=1.5)
            for number in range(ROUNDS):
                variables = {"i": 0, "base": number * 100_000_000}
                limit_now = _limit.pgbench(site.database, scripts, clients=16, seconds=SECONDS, variables=variables)
                rates.setdefault("limit", []).append(limit_now)
                for name, (connections, size) in kinds.items():
                    before = site.server_cpu()
                    result = _load.run(
                        site.server, requests(site, bodies, numbers, size), connections=connections, seconds=SECONDS
                    )
                    if set(result.statuses) - {200, 201}:
                        raise RuntimeError(f"{name}: {dict(result.statuses)} {result.bodies[:1]!r}")
                    filed = len(result.times) * size
                    rates.setdefault(name, []).append(filed / result.seconds)
                    cpu.setdefault(name, []).append((site.server_cpu() - before) / filed * 1e6)
                    latencies.setdefault(name, []).append(result.percentile(0.99))
    limit = statistics.median(rates["limit"])
    figures = {"pgbench, one filing in each transaction, 16 clients (1/s)": limit}
    for name in kinds:
        figures[f"{name} (1/s)"] = statistics.median(rates[name])
        figures[f"{name}, ratio"] = statistics.median(rates[name]) / limit
        figures[f"{name}, p99 (ms)"] = statistics.median(latencies[name])
        figures[f"{name}, server's CPU each (us)"] = statistics.median(cpu[name])
    return figures


def applications() -> list[dict[str, Any]]:
    """So many different applications of the city's communes; what is each one's own is the TOKEN."""
    from motcua.kernel.calendar import national
    from motcua.kernel.clock import day_of
    from motcua.replay import country
    from motcua.replay.scenarios import plans

    on = day_of(_site.moment())
    scenario = plans.Scenario("bench", on, (on,), (plans.Load("79", 4 * TEMPLATES, 4 * TEMPLATES),), 1)
    ground = country.ground(["79"], on)
    found = []
    for _, drawn in plans.days(scenario, ground, national()):
        for plan in drawn:
            number = plan.application["applicant"]["number"]
            if len(number) == len(TOKEN):
                found.append(
                    msgspec.json.decode(msgspec.json.encode(plan.application).replace(number.encode(), TOKEN.encode()))
                )
    return found[:TEMPLATES]


def requests(site: _site.Site, bodies: list[dict[str, Any]], numbers: Iterator[int], size: int) -> Iterator[bytes]:
    """Requests of so many filings each, every one of its own applicant and key; encoded while nobody waits."""
    path = f"{API}/dossiers" if size == 1 else f"{API}/dossiers/batch"
    templates = [msgspec.json.encode(body if size == 1 else {**body, "key": f"bench:{TOKEN}"}) for body in bodies]
    heads: list[bytes] = [
        request(site.server, "POST", path, t, {"Idempotency-Key": f"bench:{TOKEN}"}) for t in templates
    ]
    token, i = TOKEN.encode(), 0
    while True:
        if size == 1:
            yield heads[i % len(heads)].replace(token, b"%012d" % next(numbers))
            i += 1
        else:
            many = b",".join(
                templates[(i + k) % len(templates)].replace(token, b"%012d" % next(numbers)) for k in range(size)
            )
            i += size
            yield request(site.server, "POST", path, b'{"dossiers":[' + many + b"]}")


# --- the limit ----------------------------------------------------------------------------------------------------


def _script(folder: Path, n: int, body: dict[str, Any]) -> Path:
    """The statements of one filing as a script of pgbench."""
    lines = [
        "\\set i :i + 1",
        "\\set u 100000000000 + :base + :client_id * 1000000000 + :i",
        "\\set c random(101, 268)",
        "BEGIN;",
    ]
    for statement, parameters in _recorded(body):
        end = "\\gset" if "RETURNING org" in statement else ";"
        lines.append(_filled(statement, parameters) + end)
    path = folder / f"{n}.sql"
    path.write_text("\n".join([*lines, "COMMIT;", ""]))
    return path


def _recorded(body: dict[str, Any]) -> list[tuple[str, list[Any]]]:
    """What a real filing of this body executes, without leaving a trace."""
    from django.db import connection, transaction

    from motcua.dossiers import actions
    from motcua.dossiers.intake import Application, prepare
    from motcua.identity import api as identity

    scope = identity.Scope(caller=-1, agencies=None, roles=frozenset(identity.Role), name="token:1")
    application = msgspec.convert(body, Application)
    filing = prepare(application, key=f"bench:{TOKEN}", digest=b"d" * 32, scope=scope, now=_site.moment())
    taken: list[tuple[str, list[Any]]] = []
    execute = psycopg.Cursor.execute

    def record(cursor: Any, statement: Any, parameters: Any = None, **options: Any) -> Any:
        taken.append((str(statement), list(parameters or ())))
        return execute(cursor, statement, parameters, **options)

    with transaction.atomic(), mock.patch.object(psycopg.Cursor, "execute", record):
        connection.ensure_connection()
        [receipt] = actions._write_filings([replace(filing, id=ID)])
        transaction.set_rollback(True)
    party = str(identity.party_id("citizen", TOKEN))
    code: str = receipt.code  # type: ignore[union-attr]
    province, _, rest = filing.org.split(".")
    org = f"{province}.{CENTRE}.{rest}"
    names = {party: PARTY, code: code.replace(filing.org, org).rpartition("-")[0] + "-" + LAST, filing.org: org}
    return [
        (statement, [_opened(parameter, names) for parameter in parameters])
        for statement, parameters in taken
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK"))
    ]


def _opened(parameter: Any, names: dict[str, str]) -> Any:
    if isinstance(parameter, list):
        return [_opened(item, names) for item in parameter]
    if isinstance(parameter, str):
        for name, token in names.items():
            parameter = parameter.replace(name, token)
        return re.sub(r":(?=[^\W\d])", ": ", parameter)  # pgbench takes :null for a variable
    return parameter


def _filled(statement: str, parameters: list[Any]) -> str:
    """The statement with its parameters as literals; tokens are filled in when it runs."""
    from django.db import connection

    literal = psycopg.ClientCursor(connection.connection)

    def fill(parameter: Any) -> str:
        text = literal.mogrify("%s", [parameter])
        if TOKEN in text:
            text = f"replace({text}, '{TOKEN}', :u::text)"
        for token, variable in ((LAST, "last"), (CENTRE, "c")):
            if token in text:
                text = f"replace({text.removesuffix('::text[]')}, '{token}', :{variable}::text)"
        return text

    parts = statement.replace("%%", "%").split("%s")
    filled = "".join(a + b for a, b in zip(parts, [*map(fill, parameters), ""], strict=True))
    return re.sub(r"\s*\n\s*", " ", filled).strip()
