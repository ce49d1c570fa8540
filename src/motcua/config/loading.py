"""What an installation holds before its first citizen comes: the country, and for a demonstration people and a week."""

import hashlib
import importlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from motcua.config.places import SOURCE, VAR
from motcua.kernel.clock import day_of

Report = Callable[[str, int, int], None]

DEMONSTRATION_PROVINCES = ("46", "31", "11")


def load_country(now: datetime, known_on: date | None = None) -> None:
    """Bring the country's data in; each module checks all of its rows before it changes any.

    `known_on`: the units only as they were known on that day.
    """
    for name, more in (("units", {"known_on": known_on}), ("procedures", {})):
        api = importlib.import_module(f"motcua.{name}.api")
        with progress() as report:
            api.load(now=now, report=report, **more)


@contextmanager
def progress() -> Iterator[Report]:
    """A bar on a terminal, nothing elsewhere: gives `report(text, done, total)`."""
    from tqdm import tqdm

    bar = tqdm(leave=True, disable=None, file=sys.stderr, bar_format="{desc:<40} {percentage:3.0f}% {bar} {elapsed}")

    def report(text: str, done: int, total: int) -> None:
        bar.total = total
        bar.n = done
        bar.set_description_str(text)

    with bar:
        yield report


DONE = VAR / "first-time.json"


def _done() -> dict[str, Any]:
    """What this database has of the demonstration."""
    done: dict[str, Any] = json.loads(DONE.read_text(encoding="utf-8")) if DONE.exists() else {}
    this = _database()
    return done if done.get("database") == this else {"database": this}


def first_time(now: datetime) -> Mapping[str, str]:
    """Load the country, fill the demonstration and play its week; what this database has of it is not done again.

    Gives the demonstration accounts: user name, and what it is.
    """
    done = _done()
    if done.get("country") != (package := _package()):
        load_country(now)
        done |= {"accounts": _demonstration(now), "country": package}
        DONE.write_text(json.dumps(done, ensure_ascii=False), encoding="utf-8")
    if not done.get("week"):
        played = subprocess.run([sys.executable, "-m", "motcua", "replay", "--scenario", "week"])
        if played.returncode:
            print("motcua: the demonstration's week is not complete; it is played again next time.", file=sys.stderr)
        else:
            DONE.write_text(json.dumps(done | {"week": True}, ensure_ascii=False), encoding="utf-8")
    return dict(done["accounts"])


def first_documents(now: datetime) -> None:
    """Let the first demonstration province write to its communes, once: only where the axis is imitated."""
    from motcua.documents import api as documents
    from motcua.units import api as units

    done = _done()
    province = units.directory().find_unit(DEMONSTRATION_PROVINCES[0], day_of(now))
    if province is not None and not done.get("documents"):
        documents.send_demonstration(province=province.id, now=now)
        DONE.write_text(json.dumps(done | {"documents": True}, ensure_ascii=False), encoding="utf-8")


def _database() -> str:
    """Which database this is, also when another one gets its name."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('%s/%s', system_identifier, oid) FROM pg_control_system(), pg_database"
            " WHERE datname = current_database()"
        )
        return str(cursor.fetchone()[0])


def _package() -> str:
    """A digest of what the country is loaded from: the modules that load it, with their data."""
    digest = hashlib.sha256()
    for module in ("units", "procedures", "identity"):
        for path in sorted((SOURCE / module).rglob("*")):
            if path.is_file() and not {"tests", "__pycache__"} & set(path.parts):
                digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _demonstration(now: datetime) -> dict[str, str]:
    """Fill three provinces with made-up officials, shorten terms in the first, and open the accounts."""
    from motcua.identity import api as identity
    from motcua.procedures import api as procedures
    from motcua.units import api as units

    known = units.directory()
    found = [known.find_unit(code, day_of(now)) for code in DEMONSTRATION_PROVINCES]
    provinces = [unit.id for unit in found if unit is not None]
    procedures.decide_demonstration(province_id=provinces[0], now=now)
    accounts = identity.appoint_demonstration(
        provinces=provinces,
        passwords=dict.fromkeys(identity.Role, demonstration_password()),
        now=now,
    )
    return {account.username: f"{account.title}, {account.agency}" for account in accounts}


def demonstration_password() -> str:
    """One password for all demonstration accounts, made at first use and kept in var/secrets."""
    from motcua.config.settings import secret_file

    return secret_file("demonstration")[:16]
