"""What this machine's PostgreSQL does alone, by `pgbench`: the limit that a rate is compared with."""

import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench import _site
from motcua.config import postgres


def pgbench(
    url: str, scripts: Sequence[Path], *, clients: int, seconds: float, variables: Mapping[str, int] | None = None
) -> float:
    """Transactions a second, statements prepared, pgbench on the server's core, when nothing else is asked."""
    words = ["taskset", "-c", str(min(_site.SERVER_CORE)), str(postgres.binaries() / "pgbench"), "-n", "-M", "prepared"]
    words += ["-c", str(clients), "-j", "1", "-T", str(int(seconds))]
    words += [word for name, value in (variables or {}).items() for word in ("-D", f"{name}={value}")]
    words += [word for script in scripts for word in ("-f", str(script))]
    done = subprocess.run([*words, url], capture_output=True, text=True, check=False)
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    if found is None or "aborted" in done.stderr:
        raise RuntimeError(f"pgbench failed:\n{done.stderr[-2000:]}")
    return float(found[1])
