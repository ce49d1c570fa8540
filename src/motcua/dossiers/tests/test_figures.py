"""Figures of a period: from the log, for whom they concern, in the borders of any day."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connection

from motcua.config import commandline
from motcua.dossiers import actions, queries
from motcua.dossiers.receipts import StepReceipt
from motcua.dossiers.rules.life import Given
from motcua.dossiers.tests.support import COMMUNE, NEIGHBOUR, NOW, ON, application, filed, filing, office, place
from motcua.identity import api as identity
from motcua.kernel.clock import from_local
from motcua.kernel.errors import Permanent
from motcua.units import api as units

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("country")]
EVE = date(2025, 6, 30)
DAY = (ON, ON)


def take(code: str, step: str, hours: int) -> None:
    given = Given(NOW + timedelta(hours=hours), "vì hồ sơ cần")
    [answer] = actions.take_steps([actions.StepRequest(code, step, f"{code}:{step}:{hours}", b"d", office(), given)])
    assert isinstance(answer, StepReceipt), answer


def finish(code: str, hours: int) -> None:
    take(code, "hand_over", hours)
    for step in ("process",) * 9:
        folder = queries.open_folder(code, scope=office(), now=NOW + timedelta(hours=hours))
        if next(allowed.refused for allowed in folder.allowed if allowed.name == "process"):
            break
        take(code, step, hours := hours + 1)
    for step in ("propose", "approve", "sign", "finish", "return_result"):
        take(code, step, hours)


def counted(first: date, last: date, scope: identity.Scope = identity.SYSTEM) -> dict[int, dict[str, int]]:
    rows = queries.count_by_area(queries.FiguresQuestion(scope, first, last, ON))
    return {row.unit_id: {name: n for name, n in row.sums.items() if n} for row in rows}


def under(code: str, receipt: str, day: str) -> None:
    """As if it had been filed under that unit, at its office of that day."""
    directory, on = units.directory(), date.fromisoformat(day)
    unit = directory.find_unit(code, on)
    assert unit is not None
    committee = directory.agency_of(unit.id, units.AgencyKind.PEOPLES_COMMITTEE, on)
    assert committee is not None
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE dossiers_dossier SET area = %s, reception = %s, resolving = %s, holder = %s, filed_at = %s "
            "WHERE code = %s RETURNING id",
            [unit.id, committee.id, committee.id, committee.id, from_local(f"{day}T08:00"), receipt],
        )
        cursor.execute(
            "UPDATE dossiers_steprow SET at = %s WHERE dossier = %s", [from_local(f"{day}T08:00"), cursor.fetchone()[0]]
        )


def split() -> units.Unit:
    """The first commune of the country that was divided between several."""
    known = units.directory().units()
    return next(u for u in known if u.level == units.Level.COMMUNE and len(units.directory().became(u.id, ON)) > 1)


def test_what_came_in_is_what_was_done_and_what_is_open() -> None:
    one, two, three, _four = (receipt.code for receipt in filed(4))
    finish(one, 1)
    finish(two, 24 * 60)
    take(three, "withdraw", 2)
    here = place().unit.id
    assert counted(*DAY)[here] == {"received": 4, "on_time": 1, "ended": 1, "open_in_time": 2, "returned": 1}
    later = counted(ON + timedelta(days=1), ON + timedelta(days=100))[here]
    assert later == {"carried": 2, "late": 1, "open_late": 1, "returned": 1}
    assert counted(ON - timedelta(days=9), ON - timedelta(days=1)) == {}
    for sums in (counted(*DAY)[here], later):
        gone = sum(sums.get(name, 0) for name in ("on_time", "late", "ended", "open_in_time", "open_late"))
        assert sums.get("carried", 0) + sums.get("received", 0) == gone


def test_a_caller_counts_what_its_agencies_have_and_what_those_had_that_it_stands_in_for() -> None:
    mine, old = (receipt.code for receipt in filed(2))
    before = [s.old_id for s in units.directory().predecessors(place().unit.id)]
    under(units.directory().unit(before[0]).code, old, "2025-06-16")
    first, last = date(2025, 6, 1), ON
    assert counted(first, last, office()) == {place().unit.id: {"received": 1, "open_in_time": 1}} | {
        before[0]: {"received": 1, "open_in_time": 1}
    }
    actions.file([filing(application(area=NEIGHBOUR), by=office(NEIGHBOUR))])
    assert place(NEIGHBOUR).unit.id not in counted(first, last, office())
    assert place().unit.id not in counted(first, last, office(NEIGHBOUR))
    assert mine


def test_a_dossier_is_counted_in_the_borders_that_one_asks_for() -> None:
    directory = units.directory()
    old_ward = split()
    heirs = {candidate.unit.id for candidate in directory.became(old_ward.id, ON)}
    for receipt, code in zip(filed(3), (old_ward.code, old_ward.code, COMMUNE), strict=True):
        if code != COMMUNE:
            under(code, receipt.code, "2025-06-16")
    rows = queries.count_by_area(queries.FiguresQuestion(identity.SYSTEM, date(2025, 6, 1), ON, ON))
    old = units.regrouped(directory, rows, borders_on=EVE)
    assert {row.unit_id: row.sums["received"] for row in old.placed} == {old_ward.id: 2}
    [shared] = old.undivided
    assert shared.counted == (place().unit.id,), "what the new ward received is shared by the old ones"
    new = units.regrouped(directory, rows, borders_on=ON)
    assert {row.unit_id: row.sums["received"] for row in new.placed} == {place().unit.id: 1}
    assert [(set(row.units), row.sums["received"]) for row in new.undivided] == [(heirs, 2)]
    whole = units.regrouped(directory, rows, borders_on=ON, level=units.Level.PROVINCE)
    assert sum(row.sums["received"] for row in whole.placed) == 3
    assert whole.undivided == ()


def test_a_period_that_is_no_period_is_refused() -> None:
    for first, last in ((ON, ON - timedelta(days=1)), (date(2000, 1, 1), ON)):
        with pytest.raises(Permanent, match="period-unreadable"):
            counted(first, last)


def test_the_command_gives_the_figures_and_says_what_a_rule_divided(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commandline, "set_up", lambda: None)
    directory = units.directory()
    [receipt] = filed()
    old_ward = split()
    under(old_ward.code, receipt.code, "2025-06-16")
    asked = ["figures", "--from", "2025-06-01", "--to", "2026-08-31", "--borders", "2026-08-31"]
    assert commandline.main([*asked, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["units"] == []
    [shared] = told["undivided"]
    assert shared["sums"]["received"] == 1
    assert [unit["code"] for unit in shared["counted_in"]] == [old_ward.code]
    heir = shared["shared_by"][0]["code"]
    shares = tmp_path / "shares.csv"
    shares.write_text(
        "counted,counted_on,into,into_on,weight,source\n"
        f"{old_ward.code},2025-06-30,{heir},2026-08-31,1,Biên bản bàn giao\n",
        encoding="utf-8",
    )
    assert commandline.main([*asked, "--shares", str(shares)]) == 0
    said = capsys.readouterr().out
    assert "Biên bản bàn giao" in said
    assert "Chưa chia được" not in said
    assert commandline.main([*asked, "--in", "99999"]) == 2
    assert "không đơn vị nào mang mã 99999" in capsys.readouterr().err
    shares.write_text("counted,into\n25270,1\n", encoding="utf-8")
    assert commandline.main([*asked, "--shares", str(shares)]) == 2
    assert "Dòng 2" in capsys.readouterr().err
    province = directory.province_of(place(heir).unit.id, ON).code
    assert commandline.main([*asked, "--level", "province", "--in", province]) == 0
    assert "Chưa chia được" not in capsys.readouterr().out
