"""Published volumes, each with its source (`data/workload_facts.csv`), and what a replay takes from them."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "data"


@dataclass(frozen=True, slots=True)
class Fact:
    """One published figure."""

    scope: str
    period: str
    metric: str
    value: str
    source: str


def _facts() -> tuple[Fact, ...]:
    with (DATA / "workload_facts.csv").open(encoding="utf-8", newline="") as file:
        return tuple(Fact(**row) for row in csv.DictReader(file))


FACTS = _facts()


def figure(scope: str, metric: str) -> float:
    """The published figure; KeyError when there is none."""
    for fact in FACTS:
        if (fact.scope, fact.metric) == (scope, metric):
            return float(fact.value)
    raise KeyError((scope, metric))


# Hồ Chí Minh City, 45 days from 2025-07-01.
CITY_TOTAL = int(figure("province:79", "dossiers_received"))
CITY_COMMUNES = int(figure("province:79", "dossiers_received_commune"))
COMMUNE_SHARE = CITY_COMMUNES / CITY_TOTAL

# Hải Phòng publishes four of its 114 units, which will be among its busiest: half their mean is assumed for the others.
_PORT = ("Phù Liễn ward (31)", "Kiến An ward (31)", "Đông Hải ward (31)", "An Lão commune (31)")
_PORT_MONTH = sum(figure(f"unit:{unit}", "dossiers_received") for unit in _PORT) / len(_PORT) * 114 / 2

# Dossiers a day, for the proportions of the demonstration's three provinces: a city whose borders stayed, two
# provinces merged into one city, a remote one in the mountains (the country's lowest volume).
RATES: Mapping[str, float] = {
    "46": figure("province:46", "dossiers_received_commune") / 31,
    "31": _PORT_MONTH / 31,
    "11": figure("province:11", "dossiers_received_max") / 50,
}

_HANOI = figure("province:01", "dossiers_received_commune")
POST_SHARE = figure("province:01", "postal_count") / _HANOI
LATE_SHARE = figure("province:01", "resolved_overdue_count") / figure("province:01", "resolved_count")

# Nộp trực tuyến: no figure of its own is published for the city, which gets the country's.
ONLINE_SHARE: Mapping[str, float] = {
    "01": figure("province:01", "online_count") / _HANOI,
    "46": figure("province:46", "online_submission_share_pct") / 100,
    "": figure("national", "online_share_pct") / 100,
}

# Of those filed online, so many are typed in at the counter with an officer's help. Assumed: Bà Điểm reports that
# seven in ten need help, in this city's busiest commune.
ASSISTED_OF_ONLINE = 0.15


def online_share(province: str) -> float:
    return ONLINE_SHARE.get(province, ONLINE_SHARE[""])
