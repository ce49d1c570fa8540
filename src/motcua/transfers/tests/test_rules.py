"""Who may say what, and when a node counts as silent."""

from datetime import date

import pytest

from motcua.dossiers.rules.steps import STEPS, Actor, Place
from motcua.kernel.calendar import national
from motcua.kernel.clock import from_local
from motcua.transfers.rules import ASK_AFTER, may_say, silence_on, silent


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_every_step_has_a_side_that_may_say_it(step: object) -> None:
    assert isinstance(step, type(STEPS[0]))
    here, there = may_say(step.name, resolves=False), may_say(step.name, resolves=True)
    assert here or there
    if here and there:
        both = step.by & {Actor.WORKER, Actor.APPLICANT} or step.at is Place.CONSULTED
        assert both, "only timers, applicants and who is consulted may act at both"


def test_the_resolving_side_signs_and_the_other_takes_in() -> None:
    assert may_say("sign", resolves=True)
    assert not may_say("sign", resolves=False)
    assert may_say("complete", resolves=False)
    assert not may_say("complete", resolves=True)
    assert not may_say("file_counter", resolves=False), "how it came to be is said with the transfer"
    assert {step.name for step in STEPS if step.at is Place.RECEPTION and may_say(step.name, resolves=True)} == {
        "close"
    }


def test_a_weekend_is_no_silence_and_two_working_hours_are() -> None:
    on, friday = date(2026, 8, 17), from_local("2026-08-14T16:30")
    monday = from_local("2026-08-17T08:00"), from_local("2026-08-17T09:00")
    assert [silent(friday, on=on, now=now, calendar=national()) for now in monday] == [False, True]
    assert silent(friday, on=on, now=from_local("2026-08-17T07:35"), calendar=national(), part=ASK_AFTER)
    assert silent(None, on=on, now=friday, calendar=national())


def test_the_limit_is_dated_and_sourced() -> None:
    assert silence_on(date(2026, 8, 17)).source.act
    assert silence_on(date(2020, 1, 1)) is silence_on(date(2025, 7, 1))
