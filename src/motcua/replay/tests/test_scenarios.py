"""Scenarios: the same for the same seed, the published volumes, and nobody's data."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motcua.kernel.calendar import national
from motcua.kernel.clock import day_of, local
from motcua.kernel.terms import Term, TermUnit
from motcua.replay.scenarios import arrivals, facts, plans
from motcua.replay.scenarios.ground import Ground, Offered, Place, Province
from motcua.replay.scenarios.people import organisation, person

CALENDAR = national()
SCHEMA = {
    "type": "object",
    "required": ["applicant_name", "number"],
    "properties": {
        "applicant_name": {"type": "string", "x-prefill": "party.name"},
        "number": {"type": "string", "pattern": "^[0-9]{12}$"},
    },
}
EVERY_WAY = frozenset({"counter", "online", "post", "assisted"})


def offered(code: str, days: int = 3) -> Offered:
    return Offered(code, EVERY_WAY, Term(days, TermUnit.WORKING_DAYS), 2, True, SCHEMA, ("p1", "p2"), ())


def ground(*codes: str) -> Ground:
    places = tuple(Place(f"{n:05d}", f"phường {n}", f"H00.{100 + n}.01", 1_000 * n) for n in range(1, 9))
    return {
        code: Province(
            code,
            "H00.099",
            places,
            (offered("2.000815"), offered("1.001193")),
            (offered("1.000001", 20),),
            ("H00.001",),
        )
        for code in codes
    }


def week(seed: int = 1, total: int = 400) -> list[plans.Plan]:
    scenario = plans.week(date(2026, 8, 17), seed, CALENDAR, total)
    return [plan for _, day in plans.days(scenario, ground(*plans.WEEK_PROVINCES), CALENDAR) for plan in day]


def test_the_same_seed_draws_the_same_dossiers_and_another_seed_draws_others() -> None:
    assert week(1) == week(1)
    assert week(1) != week(2)


def test_a_week_has_as_many_dossiers_as_it_says_each_with_a_number_of_its_own() -> None:
    drawn = week(total=400)
    assert sorted(plan.number for plan in drawn) == list(range(400))


def test_the_whole_city_is_the_published_number_with_the_published_share_of_communes() -> None:
    scenario = plans.city(1, 1)
    assert scenario.total == 535_893
    assert scenario.loads[0].communes == 361_183
    weights = arrivals.weights(scenario.days, CALENDAR)
    assert sum(arrivals.share_out(361_183, weights)) == 361_183
    assert len(scenario.days) == 45
    assert scenario.days[0] == date(2025, 7, 1)


def test_mondays_are_busier_than_the_days_after_them_and_sundays_are_quiet() -> None:
    days = arrivals.days_from(date(2025, 7, 1), 45)
    counted = dict(zip(days, arrivals.share_out(100_000, arrivals.weights(days, CALENDAR)), strict=True))
    assert counted[date(2025, 7, 14)] > counted[date(2025, 7, 15)] > 5 * counted[date(2025, 7, 13)] > 0


@given(st.integers(0, 10**6), st.lists(st.floats(0.01, 100), min_size=1, max_size=60))
def test_shares_add_up_exactly_and_stay_within_one_of_the_proportion(total: int, shares: list[float]) -> None:
    given_out = arrivals.share_out(total, shares)
    assert sum(given_out) == total
    assert all(abs(n - total * s / sum(shares)) <= 1 for n, s in zip(given_out, shares, strict=True))


@given(st.integers(), st.dates(date(2025, 7, 1), date(2026, 12, 31)))
def test_a_counter_takes_in_only_while_it_is_open(seed: int, day: date) -> None:
    at = local(arrivals.moment(Random(seed), day, counter=True))
    assert at.date() == day
    assert any(start <= at.time() < end for start, end in CALENDAR.sessions)


def test_on_a_day_off_everything_comes_online() -> None:
    scenario = plans.Scenario("x", date(2025, 7, 5), (date(2025, 7, 5),), (plans.Load("79", 50, 30),), 1)
    [(_, drawn)] = plans.days(scenario, ground("79"), CALENDAR)
    assert {plan.application["channel"] for plan in drawn} == {"online"}


def test_a_life_goes_forward_in_working_time() -> None:
    steps: Counter[str] = Counter()
    for plan in week(total=2_000):
        moments = [plan.at, *(act.at for act in plan.acts)]
        assert all(earlier <= later for earlier, later in pairwise(moments))
        for act in plan.acts:
            at = local(act.at)
            assert CALENDAR.is_working(at.date()), act
            assert any(start <= at.time() <= end for start, end in CALENDAR.sessions), act
            steps[act.step] += 1
    rare = {"ask_for_completion", "complete", "refuse", "withdraw", "extend", "sign_refusal", "consult", "require_duty"}
    assert {"accept", "hand_over", "process", "propose", "sign", "finish", "return_result"} | rare <= steps.keys()


def test_channels_follow_the_published_shares() -> None:
    scenario = plans.Scenario("x", date(2026, 8, 17), (date(2026, 8, 17),), (plans.Load("01", 4_000, 4_000),), 1)
    [(_, drawn)] = plans.days(scenario, ground("01"), CALENDAR)
    counted = Counter(plan.application["channel"] for plan in drawn)
    assert (counted["online"] + counted["assisted"]) / 4_000 == pytest.approx(facts.online_share("01"), abs=0.03)
    assert 0 < counted["post"] < 40


def test_nobody_has_the_number_of_a_made_up_person() -> None:
    for place in range(0, 1_000_000, 4_999):
        citizen, company = person("1", place), organisation("1", place % 100_000)
        assert len(citizen.number) == 12
        assert citizen.number.startswith("000")
        assert citizen.number[3] == str((citizen.birth_date.year // 100 - 19) * 2 + citizen.woman)
        assert citizen.number[4:6] == f"{citizen.birth_date:%y}"
        assert len(company.number) == 10
        assert company.number.startswith("00")
        assert citizen.phone.startswith("0000")
    assert person("1", 77) == person("1", 77)


def test_the_last_week_is_five_working_days_that_are_over() -> None:
    first = plans.last_week_before(date(2026, 8, 24), CALENDAR)
    scenario = plans.week(first, 1, CALENDAR, 100)
    worked = [day for day in scenario.days if CALENDAR.is_working(day)]
    assert worked == [
        date(2026, 8, 18) + timedelta(days=n) for n in range(5)
    ]  # Saturday the 22nd is worked in exchange
    assert day_of(scenario.end) == date(2026, 8, 22)
