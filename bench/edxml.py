"""edXML: messages of 100 KB read, checked and registered by one worker, and the memory that 50 MB cost.

The limit beside it: the same bytes hashed and written through to the disk in batches as registering does it, with
nothing read and nothing registered.
"""

import gc
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

from bench import _site
from motcua.documents.rules.reading import NAMESPACE
from motcua.documents.tests import messages
from motcua.kernel.storage import LocalStorage

RATE = "edXML of 100 KB, read, checked and registered (a second)"
PEAK = "50 MB attachment: memory at most (MB)"
SIGNED = "50 MB attachment, signed and checked: memory at most (MB)"
TARGETS = {RATE: ">= 200", PEAK: "<= 250", SIGNED: "<= 250"}
MESSAGES = int(os.environ.get("BENCH_MESSAGES", "600"))
AT_ONCE = 50
FIFTY = 50 * 1024 * 1024 - 4096
READING = """
import os, sys, tempfile, time
from pathlib import Path
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "motcua.config.settings")
import django
django.setup()
from motcua.documents import api, envelope, signatures
from motcua.kernel import clock
path = Path(sys.argv[1])
began = time.perf_counter()
with tempfile.TemporaryDirectory() as folder, path.open("rb") as file:
    found = envelope.read(iter(lambda: file.read(65536), b""), Path(folder))
    assert found.files[0].size == int(sys.argv[2]), found.files
    checked = signatures.check(found, path, now=clock.now())
    assert checked.standing == sys.argv[3], checked
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(int(peak.split()[1]) / 1024, time.perf_counter() - began)
"""


def measure() -> dict[str, float]:
    """One worker on a copy of the country; then processes of their own that read 50 MB."""
    _site.use(_site.database("edxml"))
    os.sched_setaffinity(0, _site.SERVER_CORE)
    figures = _registered()
    with tempfile.TemporaryDirectory() as folder:
        plain, signed = Path(folder) / "plain.edxml", Path(folder) / "signed.edxml"
        _write_large(plain, signed)
        figures[PEAK], figures["50 MB attachment: read (s)"] = _read_large(plain, "none")
        figures[SIGNED], figures["50 MB attachment, signed: read and checked (s)"] = _read_large(signed, "unknown")
    return figures


def _registered() -> dict[str, float]:
    from django.conf import settings

    from motcua.documents import api as documents
    from motcua.kernel import clock
    from motcua.units import api as units

    now = clock.now()
    directory = units.directory()
    unit = directory.find_unit("00004", clock.day_of(now))
    assert unit is not None
    agency = directory.agency_of(unit.id, units.AgencyKind.PEOPLES_COMMITTEE, clock.day_of(now))
    assert agency is not None
    to = agency.org(clock.day_of(now))
    data = [message(n + 1, to) for n in range(MESSAGES)]
    gc.collect()
    gc.freeze()  # as the worker does

    def opener(content: bytes) -> Callable[[], Iterable[bytes]]:
        return lambda: [content]

    with tempfile.TemporaryDirectory(dir=_site.FOLDER) as folder:
        settings.STORAGE = Path(folder)
        began, worked = time.perf_counter(), time.process_time()
        for start in range(0, MESSAGES, AT_ONCE):
            became = documents.take_in(
                [
                    documents.Arriving(str(n), opener(data[n]), (to,))
                    for n in range(start, min(start + AT_ONCE, MESSAGES))
                ],
                now=now,
            )
            assert set(became.values()) == {documents.Became.REGISTERED}, became
        registered = MESSAGES / (time.perf_counter() - began)
        cpu = (time.process_time() - worked) / MESSAGES * 1000
    with tempfile.TemporaryDirectory(dir=_site.FOLDER) as folder:
        keeping = LocalStorage(Path(folder))
        began = time.perf_counter()
        for start in range(0, MESSAGES, AT_ONCE):
            with keeping.drafting() as drafts:
                paths = []
                for n, content in enumerate(data[start : start + AT_ONCE]):
                    paths += [drafts / f"{n}-message", drafts / f"{n}-file"]
                    paths[-2].write_bytes(content)
                    paths[-1].write_bytes(content[:73_000])
                keeping.keep(paths)
        limit = MESSAGES / (time.perf_counter() - began)
    return {
        RATE: registered,
        "the same bytes hashed and written through, alone (a second)": limit,
        "processor time of one, its database not counted (ms)": cpu,
        "share of that": registered / limit,
        "size of a message (KB)": len(data[0]) / 1024,
    }


def message(n: int, to: str) -> bytes:
    """A message of 100 KB, each another one."""
    content = messages.PDF + random.Random(n).randbytes(73_000)
    return messages.message(
        to=to,
        number=str(n),
        document_id=f"000.00.00.G22,2026/10/30,{n}/VPCP-TTĐT",
        attachments=messages.attachment(messages.b64(messages.zipped({"cong-van.pdf": content}))),
    ).encode()


def _write_large(plain: Path, signed: Path) -> None:
    """The same document with 50 MB that can't be compressed, without and with a signature."""
    from motcua.documents import writing
    from motcua.documents.archives import Unpacked
    from motcua.documents.rules.statuses import Kind
    from motcua.documents.rules.values import Message, Organ, Reference
    from motcua.documents.tests.support import signer

    with tempfile.NamedTemporaryFile() as file:
        file.write(messages.PDF)
        chance = random.Random(1)
        for _ in range(FIFTY // 65536 - 1):
            file.write(chance.randbytes(65536))
        file.write(chance.randbytes(FIFTY - file.tell()))
        file.flush()
        on = date(2026, 10, 30)
        said = Message(
            Kind.NEW,
            Organ("G22"),
            (Organ("H26.101"),),
            reference=Reference("G22", on, "1/VPCP"),
            number="1",
            notation="VPCP",
            promulgated_on=on,
            subject=NAMESPACE,
        )
        files = [Unpacked("lon.pdf", Path(file.name), FIFTY)]
        for path, by in ((plain, None), (signed, signer())):
            with path.open("wb") as out:
                writing.write(said, files, out, signer=by)


def _read_large(path: Path, standing: str) -> tuple[float, float]:
    done = subprocess.run(
        [sys.executable, "-c", READING, str(path), str(FIFTY), standing], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    peak, seconds = done.stdout.split()
    return float(peak), float(seconds)
