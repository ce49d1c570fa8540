"""Who is one person: made-up old systems written and their people compared; MOTCUA_BENCH_ROWS changes the size."""

import os
import resource
import tempfile
import time
from pathlib import Path

from motcua.conversion.made_up import writing
from motcua.conversion.persons.matching import likenesses
from motcua.conversion.tests.support_made_up import people_of

ROWS = int(os.environ.get("MOTCUA_BENCH_ROWS", "100000"))
TARGETS = {"precision, against the truth": ">= 0.98", "recall, against the truth": ">= 0.95"}


def measure() -> dict[str, float]:
    """Rows made up in a second, records compared in a second, and how often that was right."""
    with tempfile.TemporaryDirectory() as room:
        folder, people = Path(room) / "old", Path(room) / "people.csv"
        started = time.perf_counter()
        writing.write(folder, rows=ROWS, seed=1, areas=writing.old_areas(), sheet=0)
        made = time.perf_counter() - started
        truth = people_of(folder, people)
        records = sum(1 for _line in people.open(encoding="utf-8")) - 1
        started = time.perf_counter()
        found = likenesses(people)
        compared = time.perf_counter() - started
    by_person: dict[int, int] = {}
    for person in truth.values():
        by_person[person] = by_person.get(person, 0) + 1
    pairs = sum(many * (many - 1) // 2 for many in by_person.values())
    right = sum(truth[str(one.party)] == truth[str(one.survivor)] for one in found)
    return {
        "rows of three old systems made up, per s": ROWS / made,
        "records of people compared, per s": records / compared,
        "suggestions": float(len(found)),
        "precision, against the truth": right / max(1, len(found)),
        "recall, against the truth": right / max(1, pairs),
        "memory at the peak (MB)": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
