"""The four plans of the country: what the draft writes, without a finding, and carried out they are the package."""

from datetime import date, timedelta

import pytest

from motcua.kernel.errors import NotFound
from motcua.reorganisation.plans import FOLDER, NAMES, shipped
from motcua.reorganisation.rules.compiled import compiled, figures_of, known_before
from motcua.reorganisation.rules.findings import check
from motcua.reorganisation.rules.shipped import drafted
from motcua.reorganisation.rules.text import read, write
from motcua.units.rules.change import carried_out, known_on, taken_back
from motcua.units.rules.directory import Rows, digest

FIGURES = {
    "2025-07-01": {"province": (63, 34), "district": (696, 0), "commune": (10035, 3321)},
    "2026-04-30": {"province": (34, 34), "district": (0, 0), "commune": (3321, 3321)},
    "2026-09-01": {"province": (34, 34), "district": (0, 0), "commune": (3321, 3321)},
    "2026-09-20": {"province": (34, 34), "district": (0, 0), "commune": (3321, 3321)},
}


@pytest.mark.parametrize("name", NAMES)
def test_each_file_is_what_the_draft_writes_of_the_tables(whole: Rows, name: str) -> None:
    on = date.fromisoformat(name)
    plan = drafted(name, known_on(whole, on - timedelta(days=1)), known_on(whole, on))
    assert write(plan) == shipped(name)


def test_loading_the_eve_and_carrying_out_the_four_plans_is_the_package_and_taking_them_back_the_eve(
    whole: Rows,
) -> None:
    eve = country = known_on(whole, date(2025, 6, 30))
    changes = []
    for name in NAMES:
        plan, findings = read(shipped(name))
        assert findings == ()
        assert plan is not None
        assert figures_of(plan, country) == FIGURES[name]
        change = compiled(plan, country)
        country = carried_out(country, change)
        if name == NAMES[0]:
            assert digest(country) == digest(known_on(whole, plan.on))
        changes.append(change)
    assert digest(country) == digest(whole)
    for change in reversed(changes):
        country = taken_back(country, change)
    assert digest(country) == digest(eve)


# That of 2025 is checked, with every procedure, by the command on the eve: test_commands.
@pytest.mark.parametrize("name", NAMES[1:])
def test_nothing_is_wrong_with_a_plan_that_comes_with_motcua(whole: Rows, name: str) -> None:
    plan, _ = read(shipped(name))
    assert plan is not None
    before, past = known_before(whole, plan.on)
    assert past
    assert check(plan, before) == ()


def test_there_is_a_file_for_each_name_and_no_other() -> None:
    assert sorted(path.stem for path in FOLDER.iterdir()) == sorted(NAMES)
    with pytest.raises(NotFound, match="2025-07-02"):
        shipped("2025-07-02")
