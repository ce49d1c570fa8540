"""Watching the lines: an alarm is raised once, kept until it is over, and told as an event to whoever listens.

The event is a letter like any other, so it waits, is repeated and is never lost; only the line on which alarms
themselves go raises none.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from django.conf import settings
from django.db import transaction

from motcua.exchange import actions, queries, queue
from motcua.exchange.actions import Letter
from motcua.exchange.rules.alarms import Alarm, due
from motcua.kernel import clock
from motcua.kernel.ids import uuid7

PARTNER = "alarms"
KIND = "motcua.exchange.alarm"


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """One alarm of one line: since when, and until when if it is over."""

    partner: str
    alarm: Alarm
    since: datetime
    until: datetime | None = None


RAISE = """
INSERT INTO exchange_alarm (partner, kind, since)
SELECT partner, kind, %s FROM unnest(%s::text[], %s::text[]) AS wanted (partner, kind)
ON CONFLICT (partner, kind) WHERE until IS NULL DO NOTHING RETURNING partner, kind, since, until
"""
END = """
UPDATE exchange_alarm AS alarm SET until = %s WHERE until IS NULL AND NOT EXISTS (
    SELECT FROM unnest(%s::text[], %s::text[]) AS wanted (partner, kind)
    WHERE wanted.partner = alarm.partner AND wanted.kind = alarm.kind)
RETURNING partner, kind, since, until
"""


def watch(*, now: datetime) -> tuple[AlarmRow, ...]:
    """Raise what is new, end what is over, and write an event of each where somebody listens; gives the changes."""
    wanted = [
        (line.partner, alarm)
        for line in queries.lines(now)
        if line.partner != PARTNER
        for alarm in sorted(
            due(dead=line.dead, oldest_at=line.oldest_at, shut_until=line.shut_until, ok_at=line.ok_at, now=now)
        )
    ]
    partners, kinds = [partner for partner, _ in wanted], [alarm.value for _, alarm in wanted]
    with transaction.atomic():
        cursor = queue.cursor()
        cursor.execute(RAISE, [now, partners, kinds])
        changed = [AlarmRow(row[0], Alarm(row[1]), *row[2:]) for row in cursor]
        cursor.execute(END, [now, partners, kinds])
        changed += [AlarmRow(row[0], Alarm(row[1]), *row[2:]) for row in cursor]
        if settings.ALARMS_URL:
            actions.send([_letter(row, now) for row in changed], now=now)
    return tuple(changed)


def alarms(*, since: datetime | None = None) -> tuple[AlarmRow, ...]:
    """The alarms that are on, and those that ended after `since`; the newest first."""
    cursor = queue.cursor()
    cursor.execute(
        "SELECT partner, kind, since, until FROM exchange_alarm WHERE until IS NULL OR until > %s "
        "ORDER BY until DESC NULLS FIRST, since DESC LIMIT 500",
        [since or clock.now() + timedelta(days=1)],
    )
    return tuple(AlarmRow(row[0], Alarm(row[1]), *row[2:]) for row in cursor)


def _letter(row: AlarmRow, now: datetime) -> Letter:
    """The event, as CloudEvents 1.0 has it. No words of a partner: they may name a citizen."""
    one = uuid7()
    event = {
        "specversion": "1.0",
        "id": str(one),
        "source": f"urn:motcua:node:{settings.NODE or 'here'}",
        "type": f"{KIND}.{'raised' if row.until is None else 'ended'}",
        "subject": row.partner,
        "time": now,
        "datacontenttype": "application/json",
        "data": {"partner": row.partner, "alarm": row.alarm, "since": row.since, "until": row.until},
    }
    return Letter(PARTNER, f"{row.partner}/{row.alarm}", KIND, msgspec.json.encode(event), one)
