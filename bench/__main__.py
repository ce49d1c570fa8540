"""`python -m bench [NAMES]`: run each bench and print what it measured, with a description of the machine.

A bench is a file with `measure() -> dict[str, float]`. A name says its unit ("look-up, µs"); one that ends in
"ratio" is a figure beside the limit of this machine and is what counts: a table of ratios can be compared between
machines, a table of rates can't. `TARGETS: dict[str, str]` (optional) says for a figure what it should be, such as
">= 1.2". Nothing here fails: a busy machine is not a defect.
"""

import argparse
import importlib
import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from motcua.config import postgres
from motcua.config.places import ROOT

HERE = Path(__file__).parent


def machine() -> dict[str, str]:
    """What the figures were measured on."""
    processor = platform.processor() or platform.machine()
    memory = ""
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        processor = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), processor)
        memory = f"{int(Path('/proc/meminfo').read_text().split()[1]) // 1024**2} GB"
    version = subprocess.run(
        [postgres.binaries() / "postgres", "--version"], capture_output=True, text=True, check=True
    )
    return {
        "processor": processor,
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": memory,
        "busy before": f"{os.getloadavg()[0]:.2f}",
        "system": f"{platform.system()} {platform.release()}",
        "PostgreSQL": version.stdout.strip().removeprefix("postgres (PostgreSQL) "),
        "Python": platform.python_version(),
    }


def names() -> list[str]:
    """All benches there are."""
    return sorted(path.stem for path in HERE.glob("*.py") if not path.stem.startswith("_"))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure beside the limit of this machine.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which ones (default: all): {', '.join(names())}")
    asked = parser.parse_args().names or names()
    unknown = set(asked) - set(names())
    if unknown:
        print(f"bench: there is no {', '.join(sorted(unknown))}; there are: {', '.join(names())}", file=sys.stderr)
        return 2
    described = machine()
    for key, said in described.items():
        print(f"{key:<12} {said}")
    measured: dict[str, dict[str, float]] = {}
    for name in asked:
        bench = importlib.import_module(f"bench.{name}")
        targets: dict[str, str] = getattr(bench, "TARGETS", {})
        print(f"\n{name}", flush=True)
        measured[name] = bench.measure()
        for figure, value in measured[name].items():
            print(f"  {figure:<60} {_shown(value):>12}  {targets.get(figure, '')}".rstrip())
    now = datetime.now(UTC)
    report = ROOT / "var" / "bench" / f"{now:%Y-%m-%d-%H%M%S}.json"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(json.dumps({"at": now.isoformat(), "machine": described, "measured": measured}, indent=1))
    print(f"\n{report.relative_to(ROOT)}")
    return 0


def _shown(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


if __name__ == "__main__":
    sys.exit(main())
