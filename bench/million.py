"""Shown to hold: the national plan of 1 July 2025 on dossiers made under the old units, taken back and applied again.

Dossiers of all the old communes come in through the bulk path; one in ten was withdrawn. After the plan each must be
found by its old code and stand in the list of its new office, the sums by old and by new unit must be equal, the
journal must verify, and what was undone and done again must be the same to the row. Anything else is an error.
MOTCUA_BENCH_DOSSIERS says how many (default 10,000; the million takes most of an hour on two cores).
"""

import itertools
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bench import _site, reorganise
from motcua.config.places import ROOT

DOSSIERS = int(os.environ.get("MOTCUA_BENCH_DOSSIERS", "10000"))
PROCESSES = 2
NAME, EVE = reorganise.NAME, reorganise.EVE
CHUNK = 2_000

# What a plan touches, without the numbers of rows that are made anew and the length of logs.
CONTENT = {
    "dossiers_dossier": ("n",),
    "dossiers_component": (),
    "identity_position": ("id",),
    "identity_token": (),
    "procedures_decision": ("id",),
    "units_unit": (),
    "units_unitperiod": ("id",),
    "units_agency": (),
    "units_identifier": ("id",),
    "units_succession": ("id",),
    "reorganisation_question": ("id", "candidates", "opened_at"),
    "reorganisation_handover": ("n",),
}


def measure() -> dict[str, float]:
    """Seconds of each part."""
    spent: dict[str, float] = {}
    what = f"{DOSSIERS:,} dossiers"
    url = reorganise.eve()
    with _timed(spent, f"{what} in through the bulk path (s)"):
        _bring_in(url)
    from motcua.kernel import clock
    from motcua.kernel.journal import api as journal
    from motcua.reorganisation import actions, plans
    from motcua.units import api as units

    actions.register(text=plans.shipped(NAME), now=clock.now())
    positions = reorganise.leaders()
    reorganise.signed(positions)
    before, filed = _content(), _by_office()

    with _timed(spent, f"applied to {what} (s)"):
        _apply(url)
    with _timed(spent, "each found by its old code and in its office's list (s)"):
        _reached()
    _sums(filed)
    applied = _content()

    with _timed(spent, "undone (s)"):
        actions.undo(name=NAME, now=_morning_after())
        reorganise.carry_on(url)
    units.refresh()
    _same(before, _content(), "undone")

    reorganise.signed(positions)
    with _timed(spent, "applied again (s)"):
        _apply(url)
    _same(applied, _content(), "applied again")
    with _timed(spent, "the journal sealed and verified (s)"):
        while journal.seal(now=clock.now()):
            pass
        if findings := list(itertools.islice(journal.verify(), 5)):
            raise RuntimeError(f"the journal does not verify: {findings}")
    return spent


@contextmanager
def _timed(spent: dict[str, float], name: str) -> Iterator[None]:
    """Seconds of a part, under its name."""
    started = time.perf_counter()
    yield
    spent[name] = time.perf_counter() - started
    print(f"  {name}: {spent[name]:.0f}", flush=True)


def _bring_in(url: str) -> None:
    words = [sys.executable, "-m", "bench.million", url]
    parts = [subprocess.Popen([*words, str(part)], cwd=ROOT) for part in range(PROCESSES)]
    ended = [part.wait() for part in parts]
    if any(ended):
        raise RuntimeError("the bulk path failed")
    reorganise.tidied(url)


def pasts(part: int) -> Iterator["bulk.Past"]:
    """The dossiers of this part's communes, in the order of filing."""
    from motcua.kernel.ids import uuid7

    made = list(_templates(part))
    count, turn = DOSSIERS // PROCESSES, 0
    while count > 0:
        for past in made[:count]:
            at = past.filing.life.since + timedelta(seconds=turn)
            withdrawn = past.taken if turn % 10 == 9 else ()
            yield replace(
                past,
                filing=replace(
                    past.filing,
                    id=uuid7(int(at.timestamp() * 1000)),
                    key=f"{past.filing.key}:{turn}",
                    party=replace(past.filing.party, number=f"{part:03d}{count:09d}"),
                ),
                taken=tuple(replace(taken, key=f"{past.filing.key}:{turn}:w") for taken in withdrawn),
            )
            count -= 1
        turn += 1


def _templates(part: int) -> Iterator["bulk.Past"]:
    """One prepared filing at the committee of each old commune, and its withdrawal an hour later."""
    from motcua.dossiers import api as dossiers
    from motcua.dossiers import bulk
    from motcua.dossiers.intake import law_here
    from motcua.dossiers.rules.life import Given, follow
    from motcua.dossiers.rules.steps import STEP
    from motcua.identity import api as identity
    from motcua.kernel.calendar import national
    from motcua.kernel.clock import from_local
    from motcua.units import api as units

    scope = identity.Scope(caller=-1, agencies=None, roles=frozenset(identity.Role), name="token:1")
    directory, at = units.directory(), from_local("2025-06-27T09:00")
    communes = [u for u in directory.units() if u.level == units.Level.COMMUNE and u.in_force(EVE)]
    for unit in sorted(communes, key=lambda u: u.code)[part::PROCESSES]:
        office = directory.agency_of(unit.id, units.AgencyKind.PEOPLES_COMMITTEE, EVE)
        assert office is not None
        application = reorganise.application(unit.code, office.org(EVE))
        filing = dossiers.prepare(application, key=f"million:{unit.code}", digest=b"d" * 32, scope=scope, now=at)
        process = law_here(filing.version, filing.area, filing.day, "", "counter").process
        given = Given(at + timedelta(hours=1), "không cần nữa")
        life = follow(filing.life, STEP["withdraw"], given, process=process, calendar=national())
        taken = bulk.Taken("withdraw", given.now, life, scope, "", b"d" * 32, filing.reception, reason=given.reason)
        yield bulk.Past(filing, (taken,))


def _morning_after() -> datetime:
    from motcua.kernel.clock import from_local

    return from_local("2025-07-02T08:00")


def _apply(url: str) -> None:
    from motcua.reorganisation import actions

    actions.apply(name=NAME, now=_morning_after())
    reorganise.carry_on(url)


def _rows(statement: str) -> list[tuple[Any, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def _content() -> dict[str, tuple[Any, ...]]:
    """How many rows each table has and a digest of all of them, whatever their order."""
    found = {}
    for table, without in CONTENT.items():
        left = f"- ARRAY[{', '.join(map(repr, without))}]" if without else ""
        [found[table]] = _rows(
            f"SELECT count(*), sum(hashtextextended((to_jsonb(t) {left})::text, 0)::numeric) FROM {table} AS t"
        )
    return found


def _same(one: dict[str, tuple[Any, ...]], other: dict[str, tuple[Any, ...]], when: str) -> None:
    # Whoever signs the second time does it in the same position, so nothing may differ.
    if differing := sorted(table for table in one if one[table] != other[table]):
        raise RuntimeError(f"{when}, these tables are not what they were: {differing}")


def _by_office() -> Counter[int]:
    return Counter(dict(_rows("SELECT holder, count(*) FROM dossiers_dossier WHERE holder IS NOT NULL GROUP BY 1")))


def _reached() -> None:
    """Every code is answered; what lies with an office is in its list, and nothing else is."""
    from motcua.dossiers import api as dossiers
    from motcua.identity import api as identity
    from motcua.units import api as units

    now, directory = _morning_after(), units.directory()
    holders: dict[str, str] = {}
    codes = [code for (code,) in _rows("SELECT code FROM dossiers_dossier")]
    for at in range(0, len(codes), CHUNK):
        asked = [dossiers.WhereQuestion(code, now, scope=identity.SYSTEM) for code in codes[at : at + CHUNK]]
        for found in dossiers.where(asked):
            if not isinstance(found, dossiers.Where):
                raise RuntimeError(f"not found by its old code: {found}")
            if found.holder is not None:
                holders[found.code] = found.holder.org
    listed = 0
    for office in _by_office():
        org = directory.agency(office).org(now.date()) or directory.agency(office).org(EVE)  # waits for a person
        for code in _listed(office, now):
            listed += 1
            if holders[code] != org:
                raise RuntimeError(f"{code} is in the list of {org} and lies with {holders[code]}")
    if listed != len(holders):
        raise RuntimeError(f"{listed} in lists, {len(holders)} open")


def _listed(office: int, now: datetime) -> Iterator[str]:
    from motcua.dossiers import api as dossiers
    from motcua.identity import api as identity

    after, more = "", True
    while more:
        asked = dossiers.WorkListQuestion(identity.SYSTEM, office, "to_hand_over", now, after=after, limit=CHUNK)
        [page] = dossiers.work_lists([asked])
        assert isinstance(page, dossiers.WorkList), page
        yield from (item.code for item in page.items)
        after = page.next
        more = bool(after)


def _sums(filed: Counter[int]) -> None:
    """What each old unit had is at its one heir or waits for a person; no new unit has more than its old ones had."""
    from motcua.reorganisation import api as reorganisation
    from motcua.units import api as units

    directory, on = units.directory(), EVE + timedelta(days=1)
    left: Counter[int] = Counter()
    arrived: Counter[int] = Counter()
    for old, new, count in reorganisation.handed_over(NAME):
        left[old] += count
        arrived[directory.agency(new).unit_id] += count
    waiting: Counter[int] = Counter()
    due: Counter[int] = Counter()
    for office, count in filed.items():
        became = directory.became(directory.agency(office).unit_id, on)
        if len(became) == 1:
            due[became[0].unit.id] += count
        else:
            waiting[office] += count
    lying: Counter[int] = Counter()
    for office, count in _by_office().items():
        lying[directory.agency(office).unit_id] += count
    asked = reorganisation.progress(NAME).waiting["dossier"]
    if left + waiting != filed or asked != waiting.total():
        raise RuntimeError("the sums by old unit differ")
    if arrived != due or {unit: lying[unit] for unit in due} != dict(due):
        raise RuntimeError("the sums by new unit differ")
    print(f"  {arrived.total():,} from {len(filed):,} offices to {len(due):,} units, {asked:,} wait for a person")


if __name__ == "__main__":
    address, number = sys.argv[1], int(sys.argv[2])
    _site.use(address)
    from motcua.dossiers import bulk

    bulk.in_chunks(pasts(number))
