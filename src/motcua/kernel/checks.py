"""What `doctor` asks of the kernel."""

import shutil
import stat
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection

from motcua.kernel.calendar import announced_until
from motcua.kernel.check import Check, Outcome
from motcua.kernel.clock import now, today
from motcua.kernel.errors import Failure
from motcua.kernel.journal import queries
from motcua.kernel.storage import LocalStorage

AHEAD = timedelta(days=365)
NOTICE = timedelta(days=14)  # the State announces a year's days off in the months before it
SEAL_AGE = timedelta(minutes=10)
APART = timedelta(seconds=2)
FREE = 2 * 1024**3  # bytes


def calendar() -> Outcome:
    """The next 12 months can be reckoned with, by the announced plan or by the law until there is one."""
    until, year = announced_until(), announced_until().year + 1
    add = f"When the plan for {year} is announced, add its rows to motcua/kernel/data/calendar.csv."
    if until >= today() + AHEAD:
        return Outcome(True, f"announced until {until}")
    if until >= today() + NOTICE:
        return Outcome(True, f"announced until {until}, then by the Labour Code without exchanged days. {add}")
    return Outcome(False, f"announced only until {until}, then by the Labour Code without exchanged days", add)


def journal() -> Outcome:
    """Entries don't wait long for their seal, and the last seal holds."""
    waiting, oldest = queries.unsealed()
    found = queries.verify_last_seal()
    if found:
        return Outcome(False, found[0].detail, "Run `motcua journal verify`; compare with a backup and its seals.")
    if oldest is not None and now() - oldest > SEAL_AGE:
        text = f"{waiting:,} entries wait for a seal, the oldest since {oldest:%Y-%m-%d %H:%M} UTC"
        return Outcome(False, text, "Start `motcua worker`, or run `motcua journal seal`.")
    return Outcome(True, f"{waiting:,} entries wait for a seal; the last seal holds")


def storage() -> Outcome:
    """A file can be written, read back and taken away again."""
    folder = Path(settings.STORAGE) / "drafts" / "doctor"
    try:
        probe = LocalStorage(folder)
        stored = probe.put([b"motcua"], 6)
        whole = b"".join(probe.open(stored.sha256)) == b"motcua"
        shutil.rmtree(folder)
    except (Failure, OSError) as error:
        return Outcome(False, str(error), f"Make {settings.STORAGE} writable for the user that runs motcua.")
    return Outcome(whole, "writable" if whole else "gives back other bytes", "" if whole else "Check the disk.")


def clock() -> Outcome:
    """The database and this machine agree on the time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        apart = abs(cursor.fetchone()[0] - now())
    text = f"{apart.total_seconds():.1f} s from the database's"
    return Outcome(apart < APART, text, "" if apart < APART else "Turn on NTP on both machines.")


def secrets() -> Outcome:
    """Nobody but their owner can read the secrets."""
    folder = Path(settings.JOURNAL_KEY).parent
    private = [path for path in folder.glob("*") if path.is_file() and path.suffix != ".pub"]
    bare = [path.name for path in private if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)]
    if bare:
        return Outcome(False, f"others can read {', '.join(sorted(bare))}", f"chmod 600 {folder}/*")
    return Outcome(True, f"{len(private)} readable by their owner only")


def disk() -> Outcome:
    """There is room for files and for the database of this machine."""
    folder = next(folder for folder in (Path(settings.STORAGE), *Path(settings.STORAGE).parents) if folder.exists())
    free = shutil.disk_usage(folder).free
    text = f"{free / 1024**3:.1f} GB free"
    return Outcome(free >= FREE, text, "" if free >= FREE else "Free at least 2 GB, or move var/ to a larger disk.")


CHECKS: tuple[Check, ...] = (
    Check("calendar", calendar),
    Check("journal", journal),
    Check("storage", storage),
    Check("clock", clock),
    Check("secrets", secrets),
    Check("disk", disk),
)
