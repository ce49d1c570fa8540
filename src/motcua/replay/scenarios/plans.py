"""Scenarios: which provinces, how many dossiers, over which days; and the filings of each day."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from motcua.kernel.calendar import WorkingCalendar
from motcua.kernel.clock import VIETNAM
from motcua.replay.scenarios import arrivals, facts, forms
from motcua.replay.scenarios.ground import Ground, Offered, Place, Province
from motcua.replay.scenarios.lives import Act, live
from motcua.replay.scenarios.mix import ANY, MIX
from motcua.replay.scenarios.people import Person, organisation, person

WEEK_TOTAL = 2_500
WEEK_PROVINCES = tuple(facts.RATES)
CITY_START = date(2025, 7, 1)
CITY_DAYS = 45

ORGANISATIONS = 0.15  # of what departments settle; of communes' a tenth of that
ELSEWHERE = 0.04  # taken in at another commune's centre (phi địa giới)
TWICE = 0.004  # the button pressed again: the same key again
WRONG = 0.004  # sent with a mistake first
POST_HOURS = (10, 15)  # when the post's bag is registered, in one go

PEOPLE_OF_A_PLACE = 2_000  # so many of a commune file anything
MISTAKES = ("procedure", "area", "component", "content")


@dataclass(frozen=True, slots=True)
class Load:
    """So many dossiers of one province, so many of them its communes'."""

    province: str
    total: int
    communes: int


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is replayed. The same name, start, loads and seed are the same dossiers, to the byte."""

    name: str
    start: date
    days: tuple[date, ...]
    loads: tuple[Load, ...]
    seed: int

    @property
    def total(self) -> int:
        return sum(load.total for load in self.loads)

    @property
    def key(self) -> str:
        """The beginning of every key that is sent."""
        return f"replay:{self.name}:{self.start:%y%m%d}:{self.total}:{self.seed}"

    @property
    def end(self) -> datetime:
        """The end of the last day: what would happen later is left undone."""
        return end_of(self.days[-1])


@dataclass(frozen=True, slots=True)
class Plan:
    """One dossier: what is sent, when, and what becomes of it. `wrong` is sent before it, and must be refused."""

    number: int
    at: datetime
    application: Mapping[str, Any]
    acts: tuple[Act, ...]
    twice: bool = False
    wrong: Mapping[str, Any] | None = None

    @property
    def folder(self) -> bool:
        """Came in the post's bag, which is registered in one go."""
        return bool(self.application["channel"] == "post")


def end_of(day: date) -> datetime:
    return datetime.combine(day, time(23, 59, 59), VIETNAM).astimezone(UTC)


def week(first: date, seed: int, calendar: WorkingCalendar, total: int = WEEK_TOTAL) -> Scenario:
    """Five working days of three provinces, from that day, in proportion to what they published."""
    days = [first]
    while len(days) < 5:
        days.append(calendar.next_working_day(days[-1]))
    whole = arrivals.days_from(first, (days[-1] - first).days + 1)
    given = arrivals.share_out(total, [facts.RATES[p] for p in WEEK_PROVINCES])
    loads = tuple(Load(p, n, round(n * facts.COMMUNE_SHARE)) for p, n in zip(WEEK_PROVINCES, given, strict=True))
    return Scenario("week", first, whole, loads, seed)


def last_week_before(day: date, calendar: WorkingCalendar) -> date:
    """The first of the five working days before that day."""
    found = day
    for _ in range(5):
        found -= timedelta(days=1)
        while not calendar.is_working(found):
            found -= timedelta(days=1)
    return found


def city(share: float, seed: int) -> Scenario:
    """Hồ Chí Minh City from 2025-07-01 for 45 days, or that share of it."""
    load = Load("79", round(facts.CITY_TOTAL * share), round(facts.CITY_COMMUNES * share))
    return Scenario("hcmc-45-days", CITY_START, arrivals.days_from(CITY_START, CITY_DAYS), (load,), seed)


def days(scenario: Scenario, ground: Ground, calendar: WorkingCalendar) -> Iterator[tuple[date, list[Plan]]]:
    """The filings of each day, in order of their moments; the numbers run through the whole scenario."""
    weights = arrivals.weights(scenario.days, calendar)
    counts = [
        (load, arrivals.share_out(load.communes, weights), arrivals.share_out(load.total - load.communes, weights))
        for load in scenario.loads
    ]
    number = 0
    for i, day in enumerate(scenario.days):
        plans = []
        for load, communal, provincial in counts:
            for level, count in (("commune", communal[i]), ("province", provincial[i])):
                random = Random(f"{scenario.key}/{day}/{load.province}/{level}")  # noqa: S311
                draw = _Draw(scenario, ground[load.province], level, calendar)
                for _ in range(count):
                    plans.append(draw.plan(random, day, number))
                    number += 1
        plans.sort(key=lambda plan: (plan.at, plan.number))
        yield day, plans


class _Draw:
    """Draws dossiers for one province and level."""

    def __init__(self, scenario: Scenario, province: Province, level: str, calendar: WorkingCalendar) -> None:
        self.seed = f"{scenario.seed}"
        self.province = province
        self.level = level
        self.calendar = calendar
        self.online = facts.online_share(province.code)
        self.people = [place.people for place in province.places]
        offers = province.communal if level == "commune" else province.provincial
        self.offers = {
            channel: weighed(offers, channel, level) for channel in ("counter", "online", "post", "assisted")
        }

    def plan(self, random: Random, day: date, number: int) -> Plan:
        channel = self._channel(random, day)
        (offered,) = random.choices(*self.offers[channel])
        (here,) = random.choices(range(len(self.people)), self.people)
        place = self.province.places[here]
        who = self._who(random, here)
        at = arrivals.moment(random, day, counter=channel in ("counter", "assisted"))
        if channel == "post":
            at = datetime.combine(day, time(random.choice(POST_HOURS)), VIETNAM).astimezone(UTC)
        application = self._application(random, channel, offered, place, who)
        acts = live(random, at, channel, offered, self.province.consulted, self.calendar)
        spare = random.random()
        wrong = _spoilt(application, random) if spare < WRONG and channel != "post" else None
        return Plan(number, at, application, acts, WRONG <= spare < WRONG + TWICE and channel != "post", wrong)

    def _channel(self, random: Random, day: date) -> str:
        if not self.calendar.is_working(day):
            return "online"
        spare = random.random()
        if spare < facts.POST_SHARE:
            wanted = "post"
        elif spare < facts.POST_SHARE + self.online:
            wanted = "assisted" if random.random() < facts.ASSISTED_OF_ONLINE else "online"
        else:
            wanted = "counter"
        return wanted if self.offers[wanted][0] else "counter"

    def _who(self, random: Random, here: int) -> Person:
        share = ORGANISATIONS if self.level == "province" else ORGANISATIONS / 10
        slot = random.randrange(PEOPLE_OF_A_PLACE)
        place = (int(self.province.code) % 3 * 300 + here % 300) * PEOPLE_OF_A_PLACE + slot
        if random.random() < share:
            return organisation(self.seed, place % 100_000)
        return person(self.seed, place % 1_000_000)

    def _application(self, random: Random, channel: str, offered: Offered, place: Place, who: Person) -> dict[str, Any]:
        reception = place.centre if self.level == "commune" or not self.province.centre else self.province.centre
        if self.level == "commune" and offered.boundary_free and random.random() < ELSEWHERE:
            reception = random.choice(self.province.places).centre
        address = f"Số {random.randint(1, 400)}, {place.name}"
        applicant = {"kind": who.kind, "number": who.number, "name": who.name, "phone": who.phone, "address": address}
        if who.kind == "citizen":
            applicant["birth_date"] = who.birth_date.isoformat()
        application = {
            "procedure": offered.code,
            "area": place.area,
            "reception": reception,
            "channel": channel,
            "applicant": applicant,
            "content": forms.content(offered.schema, random, who, address),
            "components": [
                {"component": key, "form": "electronic" if channel == "online" else random.choice(("original", "copy"))}
                for key in offered.components[:4]
            ],
        }
        if channel == "assisted":
            application["support"] = place.centre
        if offered.cases:
            application["case"] = random.choice(offered.cases)
        return application


def weighed(offers: Sequence[Offered], channel: str, level: str) -> tuple[list[Offered], list[float]]:
    """The procedures that this channel takes, with their weights; the many without one share the rest by rank."""
    mix = MIX["counter" if channel == "counter" else "online"] if level == "commune" else {ANY: 1.0}
    fitting = [offered for offered in offers if channel in offered.channels]
    named = {offered.code for offered in fitting} & mix.keys()
    others = [offered.code for offered in fitting if offered.code not in named]
    ranked = {code: 1 / (rank + 2) for rank, code in enumerate(others)}
    rest = sum(ranked.values()) or 1.0
    return fitting, [mix.get(o.code) or mix[ANY] * ranked[o.code] / rest for o in fitting]


def _spoilt(application: Mapping[str, Any], random: Random) -> dict[str, Any]:
    """The same with one mistake that people make: it must be refused, and change nothing."""
    spoilt = dict(application)
    match random.choice(MISTAKES):
        case "procedure":
            spoilt["procedure"] = "9.999999"
        case "area":
            spoilt["area"] = "99999"
        case "component":
            spoilt["components"] = [{"component": "", "quantity": 0}]
        case _:
            spoilt["content"] = {**application["content"], "khong_co_muc_nay": "x"}
    return spoilt
