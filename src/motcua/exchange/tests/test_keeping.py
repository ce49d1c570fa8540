"""Contents are dropped when their time is over; what failed keeps everything, and what was dropped still verifies."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from motcua.exchange import api as exchange
from motcua.exchange import jobs, keeping, verifying
from motcua.exchange.carriers import Here
from motcua.exchange.rules.envelope import digest
from motcua.exchange.tests.kit import NOW, How, Trial
from motcua.exchange.tests.partner import Memory, letter
from motcua.kernel.clock import day_of
from motcua.kernel.errors import Permanent
from motcua.signing import api as signing
from motcua.units import api as units

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
HERE = "day"


@pytest.fixture
def agency(country: None, settings: Any, tmp_path: Path) -> int:
    """The committee of a commune, at this node."""
    settings.SIGNING_KEYS, settings.NODE = tmp_path / "agencies", HERE
    unit = units.directory().find_unit("00004", NOW.date())
    assert unit is not None
    found = units.directory().agency_of(unit.id, units.AgencyKind.PEOPLES_COMMITTEE, NOW.date())
    assert found is not None
    exchange.set_map(
        [exchange.Node(HERE, found.id, exchange.Transport.PUSH, "http://127.0.0.1:1")],
        [exchange.Seat(HERE, found.id, None, None, None)],
    )
    signing.make_keys([found.id], now=NOW - DAY)
    return found.id


def all_dropped(now: Any) -> int:
    count = 0
    while dropped := keeping.drop_contents(now=now):
        count += dropped
    return count


def test_what_was_receipted_loses_its_content_after_its_time_and_still_verifies(agency: int) -> None:
    with transaction.atomic():
        [one] = exchange.post([exchange.Message(agency, agency, "s", exchange.GREETING, b'"secret"')], now=NOW)
    [before] = exchange.parcels([one])
    line = exchange.NodeLine(exchange.read_map().nodes[HERE], Here({}))
    exchange.dispatch(connector=line, now=NOW)
    assert all_dropped(NOW + 5000 * DAY) == 0, "nobody has decided anything yet"
    keeping.set_keeping(valid_from=day_of(NOW), days=30, source="Quyết định số 1")
    assert all_dropped(NOW + 29 * DAY) == 0
    assert all_dropped(NOW + 31 * DAY) == 1
    [after] = exchange.parcels([one])
    assert (after.body, after.state, after.reference) == (b"", exchange.State.DONE, after.reference)
    with connection.cursor() as cursor:
        cursor.execute("SELECT sha256 FROM exchange_parcel WHERE id = %s", [one])
        assert cursor.fetchone() == (digest(before.body),)
    assert [fault for _, fault in verifying.receipts() if fault] == []
    assert all_dropped(NOW + 32 * DAY) == 0


def test_the_inbox_drops_what_was_applied_and_keeps_what_was_refused(agency: int) -> None:
    with transaction.atomic():
        ids = exchange.post(
            [exchange.Message(agency, agency, kind, kind, b'"x"') for kind in (exchange.GREETING, "nobody.takes")],
            now=NOW,
        )
    from motcua.exchange.receiving import receive

    for row in exchange.parcels(ids):
        receive([row.body], handlers={}, now=NOW)
    keeping.set_keeping(valid_from=day_of(NOW), days=1, source="Quyết định số 1")
    assert all_dropped(NOW + 3 * DAY) == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, body IS NULL FROM exchange_arrival ORDER BY kind")
        assert cursor.fetchall() == [(exchange.GREETING, True), ("nobody.takes", False)]


def test_what_failed_or_waits_keeps_its_content_and_each_decision_counts_for_its_own_time() -> None:
    memory = Memory()
    trial = Trial(memory, memory, letter)
    early, dead, waits = trial.send("a", "b", "c")[:1] + trial.send("d", "e")
    trial.dispatch()
    later = Trial(memory, memory, letter, now=NOW + 100 * DAY)
    [late] = later.send("f")
    later.dispatch()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE exchange_parcel SET state = 'dead' WHERE id = %s", [dead])
        cursor.execute("UPDATE exchange_parcel SET state = 'waiting' WHERE id = %s", [waits])
    keeping.set_keeping(valid_from=day_of(NOW), days=1000, source="cũ")
    keeping.set_keeping(valid_from=day_of(NOW + 50 * DAY), days=10, source="mới")
    assert [row.days for row in keeping.keepings()] == [1000, 10]
    assert all_dropped(NOW + 120 * DAY) == 1
    assert {one: row.body for one in (early, dead, waits, late) for row in exchange.parcels([one])} == {
        early: b"x", dead: b"x", waits: b"x", late: b""
    }  # fmt: skip
    all_dropped(NOW + 1200 * DAY)
    assert [trial.row(one).body for one in (early, dead, waits)] == [b"", b"x", b"x"]
    with pytest.raises(Permanent):
        keeping.set_keeping(valid_from=day_of(NOW), days=10, source=" ")
    assert [job.every for job in jobs.JOBS if job.name == "exchange: keeping"] == [86_400]
    assert memory.how is How.WELL
