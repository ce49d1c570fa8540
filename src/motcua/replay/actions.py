"""`play`: one scenario against one server, and the report of it."""

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from motcua.dossiers import api as dossiers
from motcua.identity import api as identity
from motcua.kernel.calendar import national
from motcua.kernel.errors import NotAllowed
from motcua.replay import country, own
from motcua.replay.books import Balance, Tally
from motcua.replay.client import Server
from motcua.replay.drive import Drive
from motcua.replay.scenarios.plans import Scenario, days

TOKEN_DAYS = 365
TOKEN_ROLES = tuple(role for role in identity.Role if role is not identity.Role.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class Report:
    """What was sent, what is there, and how long it took."""

    scenario: Scenario
    tally: Tally
    balance: Balance

    @property
    def balanced(self) -> bool:
        """Nothing is lost, doubled, unanswered or in another state than it was left in."""
        return self.balance.balanced(self.tally)


def play(
    *,
    scenario: Scenario,
    server: Server | None,
    connections: int,
    now: datetime,
    progress: Callable[[int], Any] = lambda filed: None,
    found: Callable[[int], Any] = lambda walked: None,
) -> Report:
    """Send the scenario and count afterwards what is there.

    Without a server one is started on this installation's database for the time it takes; then the timers, too,
    follow the scenario's clock, and run in this process at the end of each of its days. A server that was started
    elsewhere has a worker of its own, whose timers follow the real clock.
    """
    calendar = national()
    ground = country.ground([load.province for load in scenario.loads], scenario.start)
    positions = country.positions(ground, scenario.start)
    connection.close()  # not held while the server works
    with own.server(own_token(now=now)) if server is None else nullcontext(server) as reached:
        drive = Drive(scenario, reached, connections, calendar, progress, positions)
        try:
            tally = drive.run(days(scenario, ground, calendar), _evening if server is None else None)
            return Report(scenario, tally, drive.balance(found))
        finally:
            drive.close()


def _evening(at: datetime) -> Mapping[str, int]:
    """Run the timers of dossiers at the close of a scenario's day; how often each one acted."""
    done: Counter[str] = Counter()
    for name, timer in (("close", dossiers.close_overdue), ("warn", dossiers.warn_before_due)):
        while acted := timer(now=at):
            done[name] += acted
    return done


def own_token(*, now: datetime) -> str:
    """The replay's own token on this installation. Kept, because the keys of a second run belong to the same caller."""
    path = Path(settings.VAR) / "secrets" / "replay.token"
    if path.exists():
        secret = path.read_text(encoding="ascii").strip()
        try:
            identity.scope_of_token(secret, now=now)
        except NotAllowed:
            path.unlink()
        else:
            return secret
    secret = identity.issue_token(
        name="replay", agencies=None, roles=TOKEN_ROLES, expires_at=now + timedelta(days=TOKEN_DAYS), now=now
    )
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    path.write_text(secret, encoding="ascii")
    return secret
