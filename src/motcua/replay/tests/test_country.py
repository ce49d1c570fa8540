"""What is drawn fits the real country: forms validate, agencies exist, applications are taken in."""

from datetime import date
from random import Random

import msgspec
import pytest

from motcua.dossiers import api as dossiers
from motcua.identity import api as identity
from motcua.kernel.calendar import national
from motcua.procedures import api as procedures
from motcua.replay import country
from motcua.replay.scenarios import forms, plans
from motcua.replay.scenarios.people import organisation, person

pytestmark = pytest.mark.django_db
ON = date(2026, 8, 17)
SCOPE = identity.Scope(caller=-1, agencies=None, roles=frozenset(identity.Role), name="token:1")


def test_filled_in_forms_fit_the_schema_of_every_curated_procedure_and_the_general_one() -> None:
    versions = [v for v in procedures.catalogue().all(ON) if v.curated]
    general = next(v for v in procedures.catalogue().all(ON) if not v.curated)
    assert len(versions) == 12
    for version in (*versions, general):
        for seed in range(60):
            random = Random(seed)
            who = person("1", seed) if seed % 5 else organisation("1", seed)
            content = forms.content(version.schema, random, who, "Số 1, phường Ba Đình")
            if seed % 5 or not version.curated:  # an organisation is no child and no spouse
                assert procedures.validate(version, content) == (), (version.code, seed, content)


def test_every_application_of_a_week_may_be_filed_as_it_stands() -> None:
    calendar = national()
    scenario = plans.week(ON, 3, calendar, 300)
    ground = country.ground(list(plans.WEEK_PROVINCES), ON)
    count = 0
    for _, drawn in plans.days(scenario, ground, calendar):
        for plan in drawn:
            application = msgspec.convert(plan.application, dossiers.Application)
            filing = dossiers.prepare(application, key="k", digest=b"d" * 32, scope=SCOPE, now=plan.at)
            assert filing.life.since == plan.at
            count += 1
    assert count == 300
