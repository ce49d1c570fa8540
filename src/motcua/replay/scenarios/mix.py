"""Which procedures people come for (`data/procedure_mix.csv`): weights per channel, each with its basis."""

import csv
from collections.abc import Mapping

from motcua.replay.scenarios.facts import DATA

ANY = "*"  # all procedures that are not named


def _mix() -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    with (DATA / "procedure_mix.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["channel"], {})[row["procedure"]] = float(row["weight"])
    return found


MIX: Mapping[str, Mapping[str, float]] = _mix()
