"""The night of 1 July 2025: publishing the new country, and handing its open dossiers over while filing goes on.

The database is the eve of the reform. Open dossiers lie with all the old communes' committees; closed ones stand
beside them, each with its row of the log and its entry in the journal, because what is closed must cost nothing.
Filled by INSERT ... SELECT from one dossier that was filed; ids in the order of filing, codes by office, each with an
applicant and a due moment of its own, so that the indexes are as scattered as in life. Sizes come from the environment:
MOTCUA_BENCH_OPEN (default 20,000) and MOTCUA_BENCH_CLOSED (default 200,000; a tenth of it is compared with).
"""

import itertools
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import date
from typing import Any

import psycopg

from bench import _load, _site, filing
from motcua.config import postgres
from motcua.config.places import ROOT

OPEN = int(os.environ.get("MOTCUA_BENCH_OPEN", "20000"))
CLOSED = int(os.environ.get("MOTCUA_BENCH_CLOSED", "200000"))
ALONE = 5.0  # seconds of filing alone

PUBLISH = f"publish the generation of 1 July 2025, {CLOSED + OPEN:,} dossiers (s)"
BESIDE = f"hand over {OPEN:,} open dossiers with filing beside (s)"
RATE = "filing during the hand-over beside filing alone, ratio"
RATIO = f"the whole with {CLOSED:,} closed dossiers beside {CLOSED // 10:,}, ratio"
TARGETS = {PUBLISH: "< 2", BESIDE: "< 120 for 500,000", RATE: ">= 0.5", RATIO: "<= 1.2"}

NAME = "2025-07-01"
EVE = date(2025, 6, 30)
CARRY_ON = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "motcua.config.settings"
import django
django.setup()
from motcua.kernel import clock
from motcua.reorganisation import following
while following.carry_on(now=clock.now(), name=sys.argv[1]):
    pass
"""


def measure() -> dict[str, float]:
    """Seconds, and what they are beside: the same with few closed dossiers, a bare UPDATE of as many rows."""
    eve = _eve()
    figures: dict[str, float] = {}
    whole: dict[int, float] = {}
    for closed in (CLOSED // 10, CLOSED):
        name = f"reorganise_{closed}"
        url = _copied(eve, name)
        _site.use(url)
        _fill(url, closed, is_open=False)
        if closed != CLOSED:
            figures[f"a bare UPDATE of {OPEN:,} open dossiers, rolled back (s)"] = _bare_update(url)
        published = _publish()
        started = time.perf_counter()
        carry_on(url)
        whole[closed] = published + time.perf_counter() - started
        figures[f"hand over {OPEN:,} open dossiers, {closed:,} closed (s)"] = whole[closed] - published
        if closed == CLOSED:
            figures[PUBLISH] = published
        _check()
        _drop(name)
    figures[RATIO] = whole[CLOSED] / whole[CLOSED // 10]
    figures |= _beside(eve)
    return figures


def _beside(eve: str) -> dict[str, float]:
    """Filing at the new communes, first alone, then while the hand-over goes on."""
    url = _copied(eve, "reorganise_beside")
    _site.use(url)
    _publish()
    token = _site.motcua(
        "token", "issue", "bench", "--all-agencies", *(w for r in _site.ROLES for w in ("--role", r)), database=url
    )
    bodies, numbers = filing.applications(), itertools.count(10**9)
    with _site.serving(url, token.strip()) as site, _site.on_the_other_core():
        requests = filing.requests(site, bodies, numbers, 1)
        _load.run(site.server, requests, connections=16, seconds=2.0)
        alone = _load.run(site.server, requests, connections=16, seconds=ALONE)
        started, filed, seconds = time.perf_counter(), 0, 0.0
        process = _carrying(url)
        while process.poll() is None:
            part = _load.run(site.server, requests, connections=16, seconds=1.0)
            if set(part.statuses) - {200, 201}:
                raise RuntimeError(f"filing: {dict(part.statuses)} {part.bodies[:1]!r}")
            filed, seconds = filed + len(part.times), seconds + part.seconds
        spent = time.perf_counter() - started
        if process.returncode:
            raise RuntimeError("the hand-over failed")
    _check()
    return {
        BESIDE: spent,
        "filing alone, 16 connections (1/s)": alone.rate,
        "filing during the hand-over, 16 connections (1/s)": filed / seconds,
        RATE: filed / seconds / alone.rate,
    }


def _eve() -> str:
    """The eve with its open dossiers and a signed plan; gives the name of the database, to be copied."""
    url = eve()
    _one()
    _fill(url, OPEN, is_open=True)
    from motcua.kernel import clock
    from motcua.reorganisation import actions, plans

    actions.register(text=plans.shipped(NAME), now=clock.now())
    signed(leaders())
    return "eve"


def eve() -> str:
    """A database with the country as it was known on the eve, in use by this process; gives its address."""
    url = postgres.start(_site.cluster(), database="eve")
    _site.motcua("load", "--known-on", str(EVE), database=url)
    _site.use(url)
    return url


def leaders() -> list[int]:
    """The positions of two who may sign: leaders of Hà Nội and of the city."""
    from motcua.identity import api as identity
    from motcua.kernel import clock
    from motcua.units import api as units

    directory = units.directory()
    appointments = []
    for code in ("01", "79"):
        unit = directory.find_unit(code, EVE)
        assert unit is not None
        office = directory.agency_of(unit.id, units.AgencyKind.PEOPLES_COMMITTEE, EVE)
        assert office is not None
        [official] = identity.enrol(names=[f"Lãnh đạo {code}"])
        appointments.append(
            identity.Appointment(official, office.id, identity.Role.LEADER, "Chủ tịch", date(2024, 1, 1))
        )
    return identity.appoint(appointments=appointments, now=clock.now())


def signed(positions: Sequence[int]) -> None:
    """The two sign the plan."""
    from motcua.kernel import clock
    from motcua.reorganisation import actions, plans
    from motcua.reorganisation.rules.text import digest

    for position in positions:
        actions.approve(name=NAME, digest=digest(plans.shipped(NAME)), position_id=position, now=clock.now())


def _one() -> None:
    """The dossier of which all others are copies."""
    from motcua.dossiers import api as dossiers
    from motcua.identity import api as identity
    from motcua.kernel.clock import from_local
    from motcua.units import api as units

    directory = units.directory()
    unit = directory.find_unit("00001", EVE)
    assert unit is not None
    office = directory.agency_of(unit.id, units.AgencyKind.PEOPLES_COMMITTEE, EVE)
    assert office is not None
    scope = identity.Scope(caller=-1, agencies=None, roles=frozenset(identity.Role), name="token:1")
    at = from_local("2025-06-27T09:00")
    asked = application(unit.code, office.org(EVE))
    dossiers.file([dossiers.prepare(asked, key="one", digest=b"d" * 32, scope=scope, now=at)])


def application(area: str, reception: str) -> Any:
    """Somebody of this old commune files at its committee."""
    from motcua.dossiers import api as dossiers

    return dossiers.Application(
        procedure="1.000419",
        area=area,
        reception=reception,
        channel="counter",
        applicant=dossiers.Applicant(kind="citizen", name="Nguyễn Thị Mai", number="001099000001"),
        content={"applicant_name": "Nguyễn Thị Mai", "request": "Đăng ký tại nhà"},
    )


_DOSSIERS = """
CREATE TEMPORARY TABLE place AS
SELECT agency.id AS agency, agency.unit_id AS unit, row_number() OVER (ORDER BY agency.id) - 1 AS at
FROM units_agency AS agency JOIN units_unit AS unit ON unit.id = agency.unit_id
WHERE agency.kind = 'peoples_committee' AND unit.level = 'commune' AND agency.valid_to IS NULL;
CREATE TEMPORARY TABLE wanted AS
SELECT uuidv7() AS id, place.agency, place.unit, n AS number
FROM generate_series(1, %(count)s) AS n JOIN place ON place.at = n %% (SELECT count(*) FROM place) ORDER BY n;
INSERT INTO dossiers_dossier
SELECT made.* FROM wanted JOIN dossiers_dossier AS one ON one.code NOT LIKE 'BENCH%%'
CROSS JOIN LATERAL jsonb_populate_record(one, jsonb_build_object(
    'id', wanted.id, 'code', 'BENCH.' || wanted.agency || '-250627-' || %(mark)s || wanted.number,
    'area', wanted.unit, 'party', md5(%(mark)s || wanted.number),
    'due_at', one.due_at + wanted.number %% 21600 * interval '1 minute',
    'reception', wanted.agency, 'resolving', wanted.agency,
    'holder', CASE WHEN %(open)s THEN wanted.agency END, 'state', CASE WHEN %(open)s THEN 4 ELSE 13 END)) AS made;
INSERT INTO dossiers_steprow
SELECT made.* FROM wanted JOIN dossiers_steprow AS one ON one.key = 'one'
CROSS JOIN LATERAL jsonb_populate_record(one, jsonb_build_object(
    'dossier', wanted.id, 'key', 'bench:' || wanted.id, 'agency', wanted.agency)) AS made;
INSERT INTO kernel_journalentry (subject, n, act, at, actor, body, prev, digest)
SELECT wanted.id, 1, 'file_counter', now(), 'bench', '{}', '', sha256(wanted.id::text::bytea) FROM wanted;
DROP TABLE wanted, place;
"""


def _fill(url: str, count: int, *, is_open: bool) -> None:
    """So many dossiers spread over all communes of the eve, open or closed."""
    values = {"open": is_open, "mark": "O" if is_open else "C"}
    part = 1_000_000
    with psycopg.connect(url, autocommit=True) as connection, psycopg.ClientCursor(connection) as cursor:
        for first in range(0, count, part):
            size = min(part, count - first)
            cursor.execute(_DOSSIERS, {**values, "mark": f"{values['mark']}{first}", "count": size})
    tidied(url)


def tidied(url: str) -> None:
    """As it stands after a while: vacuumed, counted, and written to disk."""
    with psycopg.connect(url, autocommit=True) as connection:
        for table in ("dossiers_dossier", "dossiers_steprow", "kernel_journalentry"):
            connection.execute(f"VACUUM (ANALYZE) {table}")
        connection.execute("CHECKPOINT")


def _bare_update(url: str) -> float:
    with psycopg.connect(url) as connection:
        started = time.perf_counter()
        connection.execute("UPDATE dossiers_dossier SET n = n + 1, holder = holder + 1 WHERE holder IS NOT NULL")
        spent = time.perf_counter() - started
        connection.rollback()
        connection.commit()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM dossiers_dossier")
    return spent


def _publish() -> float:
    """The one transaction that a reader could see half of, if it were not one: from its first row to its commit."""
    from unittest import mock

    from django.db import transaction

    from motcua.kernel import clock
    from motcua.reorganisation import actions
    from motcua.units import api as units

    spent: list[float] = []
    carry_out = units.carry_out

    def timed(**given: Any) -> Any:
        started = time.perf_counter()
        transaction.on_commit(lambda: spent.append(time.perf_counter() - started))
        return carry_out(**given)

    with mock.patch.object(units, "carry_out", timed):
        actions.apply(name=NAME, now=clock.now())
    return spent[0]


def _carrying(url: str) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "MOTCUA_DATABASE_URL": url}
    return subprocess.Popen([sys.executable, "-c", CARRY_ON, NAME], env=environment, cwd=ROOT)


def carry_on(url: str) -> None:
    """Carry on in a process of its own until nothing is left."""
    if _carrying(url).wait():
        raise RuntimeError("the hand-over failed")


def _check() -> None:
    """Nothing was lost: each open dossier was handed over or waits for a person."""
    from motcua.reorganisation import api as reorganisation

    progress = reorganisation.progress(NAME)
    reached = progress.done + progress.waiting["dossier"]
    if progress.state != reorganisation.PlanState.APPLIED or reached != progress.total:
        raise RuntimeError(f"not all dossiers were handed over: {progress}")


def _copied(source: str, name: str) -> str:
    folder = _site.cluster()
    url = postgres.start(folder, database=name)
    from django.db import connection

    connection.close()
    with psycopg.connect(postgres.start(folder, database="postgres"), autocommit=True) as admin:
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}" STRATEGY FILE_COPY')
    return url


def _drop(name: str) -> None:
    from django.db import connection

    connection.close()
    with psycopg.connect(postgres.start(_site.cluster(), database="postgres"), autocommit=True) as admin:
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
