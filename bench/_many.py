"""`python -m bench._many ADDRESS PART OF COUNT`: writes its part of many dossiers through the bulk path.

Some two thousand applications of the city, over 45 days, are prepared as filing does; each dossier is one of them
with an id, a key and an applicant of its own. Three in five were withdrawn meanwhile, so that they are in no work list.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from random import Random
from uuid import UUID
from zlib import crc32

import msgspec

from bench import _site
from motcua.config.places import ROOT

PROCESSES = 2
OPEN = 0.4


def fill(url: str, count: int, first: int = 0) -> float:
    """Write so many more dossiers in two processes; gives the seconds that it took."""
    started = time.perf_counter()
    words = [sys.executable, "-m", "bench._many", url]
    parts = [
        subprocess.Popen([*words, str(part), str(count // PROCESSES), str(first + part * count)], cwd=ROOT)
        for part in range(PROCESSES)
    ]
    ended = [part.wait() for part in parts]
    if any(ended):
        raise RuntimeError("the bulk path failed")
    return time.perf_counter() - started


def pasts(part: int, count: int, first: int) -> Iterator["bulk.Past"]:
    """The dossiers of this part, in the order of their days."""
    random = Random(f"{first} {part}")  # another fill of the same database draws other ids
    # Each process has agencies of its own: two that count in the same ones would wait for each other.
    made = [past for past in templates() if crc32(past.filing.org.encode()) % PROCESSES == part]
    for n in range(count):
        past = made[n * len(made) // count]
        number, filing = first + n, past.filing
        stamp = int(filing.life.since.timestamp() * 1000) << 80
        yield replace(
            past,
            filing=replace(
                filing,
                id=UUID(int=stamp | 7 << 76 | 2 << 62 | random.getrandbits(60)),
                key=f"many:{number}",
                party=replace(filing.party, number=f"000{number:09d}"),
            ),
            taken=tuple(replace(taken, key=f"many:{number}:{taken.life.n}") for taken in past.taken)
            if number % 10 >= OPEN * 10
            else (),
        )


def templates() -> list["bulk.Past"]:
    """The prepared filings, each with its withdrawal an hour later."""
    from motcua.dossiers import bulk
    from motcua.dossiers.intake import Application, law_here, prepare
    from motcua.dossiers.rules.life import Given, follow
    from motcua.dossiers.rules.steps import STEP
    from motcua.identity import api as identity
    from motcua.kernel.calendar import national
    from motcua.replay import country
    from motcua.replay.scenarios import plans

    scope = identity.Scope(caller=-1, agencies=None, roles=frozenset(identity.Role), name="token:1")
    scenario = plans.city(0.004, 1)
    made = []
    for _, drawn in plans.days(scenario, country.ground(["79"], scenario.start), national()):
        for plan in drawn:
            application = msgspec.convert(plan.application, Application)
            filing = prepare(application, key="k", digest=b"d" * 32, scope=scope, now=plan.at)
            at = plan.at + timedelta(hours=1)
            process = law_here(filing.version, filing.area, filing.day, application.case, application.channel).process
            life = follow(filing.life, STEP["withdraw"], Given(at, "x"), process=process, calendar=national())
            taken = bulk.Taken("withdraw", at, life, scope, "k", b"d" * 32, filing.reception, reason="x")
            made.append(bulk.Past(filing, (taken,)))
    return made


if __name__ == "__main__":
    address, part, count, first = sys.argv[1], *map(int, sys.argv[2:])
    _site.use(address)
    from motcua.dossiers import bulk

    bulk.in_chunks(pasts(part, count, first))
