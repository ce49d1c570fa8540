"""Memory of a server process with the whole country loaded, after it has answered."""

from pathlib import Path

from bench import _load, _site
from motcua.replay.client import API, request

TARGETS = {"resident (MB)": "< 250"}


def measure() -> dict[str, float]:
    """Megabytes that the process holds, and those of them that it shares with nobody."""
    with _site.site("memory") as site:
        paths = (f"{API}/units/79", f"{API}/procedures?text=khai%20sinh", f"{API}/dossiers/H29.101.01-261122-0001", "/")
        for path in paths:
            _load.run(site.server, iter([request(site.server, "GET", path)] * 20), connections=4, seconds=20)
        status = dict(
            line.split(":", 1) for line in Path(f"/proc/{site.pid}/smaps_rollup").read_text().splitlines()[1:]
        )
    kilobytes = {name: int(value.split()[0]) for name, value in status.items()}
    return {
        "resident (MB)": kilobytes["Rss"] / 1024,
        "its own (MB)": (kilobytes["Private_Clean"] + kilobytes["Private_Dirty"]) / 1024,
    }
