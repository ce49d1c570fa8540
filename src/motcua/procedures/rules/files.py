"""The data files of this module, which travel in the package."""

import csv
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "data"


def table(name: str) -> list[dict[str, str]]:
    """The rows of one of our CSV files."""
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, strict=True))
