"""Figures of dossiers by the unit where the applicant lives, for any period, shown in the borders of any day.

The log is read as it stood at the end of the period, so that a period's figures stay what they were. A dossier is
counted in the unit that it was filed under; that never changes, whoever took it over since.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from motcua.dossiers import rows
from motcua.dossiers.rules.steps import OPEN_STATES, STATE, State
from motcua.identity import api as identity
from motcua.kernel.clock import VIETNAM
from motcua.kernel.errors import Permanent
from motcua.units import api as units

LONGEST = 3 * 366  # days

SUMS: tuple[str, ...] = (
    "carried",  # kỳ trước chuyển sang: filed before the period, not finished then
    "received",  # tiếp nhận trong kỳ
    "on_time",  # giải quyết trong hạn
    "late",  # giải quyết quá hạn
    "ended",  # không tiếp nhận, rút, dừng, đóng
    "open_in_time",  # đang giải quyết, trong hạn
    "open_late",  # đang giải quyết, quá hạn
    "returned",  # đã trả kết quả, among on_time and late
)
"""carried + received = on_time + late + ended + open_in_time + open_late."""

ON_TIME = units.Rate("on_time_rate", ("on_time",), ("on_time", "late"))
RATES = (ON_TIME,)

_DONE = sorted(STATE[s].number for s in {*State} - OPEN_STATES | {State.FINISHED})
_RESOLVED = sorted(STATE[s].number for s in (State.FINISHED, State.RETURNED))

# One pass over the dossiers that were alive in the period, each with two look-ups in its log: when it was done, and
# its last row before the end. `stretch` numbers the time between two changes of areas in which it was filed.
FIGURES = """
SELECT area, stretch,
    count(*) FILTER (WHERE filed_at < %(start)s),
    count(*) FILTER (WHERE filed_at >= %(start)s),
    count(*) FILTER (WHERE done_state = ANY(%(resolved)s) AND done_at <= coalesce(done_due, done_at)),
    count(*) FILTER (WHERE done_state = ANY(%(resolved)s) AND done_at > done_due),
    count(*) FILTER (WHERE done_state <> ALL(%(resolved)s)),
    count(*) FILTER (WHERE done_at IS NULL AND coalesce(last_due, %(until)s) >= %(until)s),
    count(*) FILTER (WHERE done_at IS NULL AND last_due < %(until)s),
    count(*) FILTER (WHERE last_state = %(returned)s)
FROM (
    SELECT dossier.area, dossier.filed_at, width_bucket(dossier.filed_at, %(changes)s::timestamptz[]) AS stretch,
        done.at AS done_at, done.state AS done_state, done.due_at AS done_due,
        last.state AS last_state, last.due_at AS last_due
    FROM dossiers_dossier AS dossier
    LEFT JOIN LATERAL (
        SELECT at, state, due_at FROM dossiers_steprow AS step
        WHERE step.dossier = dossier.id AND step.at < %(until)s AND step.state = ANY(%(done)s) ORDER BY n LIMIT 1
    ) AS done ON true
    CROSS JOIN LATERAL (
        SELECT state, due_at FROM dossiers_steprow AS step
        WHERE step.dossier = dossier.id AND step.at < %(until)s ORDER BY n DESC LIMIT 1
    ) AS last
    WHERE dossier.filed_at < %(until)s
        AND (dossier.finished_at IS NULL OR dossier.finished_at >= %(start)s)
        AND (done.at IS NULL OR done.at >= %(start)s)
        AND (%(agencies)s::bigint[] IS NULL
            OR dossier.reception = ANY(%(agencies)s::bigint[]) OR dossier.resolving = ANY(%(agencies)s::bigint[]))
) AS alive GROUP BY area, stretch ORDER BY area, stretch
"""


@dataclass(frozen=True, slots=True)
class FiguresQuestion:
    """Whose dossiers, from the first to the last day, both included; `today` is the day on which the scope holds."""

    scope: identity.Scope
    first: date
    last: date
    today: date


def count_by_area(question: FiguresQuestion) -> tuple[units.Counted, ...]:
    """One row for each unit, in its borders of the time when the dossiers were filed. One statement.

    A caller reaches what its agencies received or resolve, and what those did that they stand in for.
    """
    if not question.first <= question.last <= question.first + timedelta(days=LONGEST):
        raise Permanent(
            "period-unreadable",
            "Khoảng ngày của số liệu không hợp lệ.",
            mend=f"Chọn từ ngày không sau đến ngày, dài nhất {LONGEST} ngày.",
        )
    directory = units.directory()
    changes = units.change_days(directory, date.min, question.last)
    agencies = question.scope.agencies
    if agencies is not None:
        agencies = units.with_those_before(directory, agencies, question.today)
    cursor = rows.cursor()
    cursor.execute(
        FIGURES,
        {
            "start": _midnight(question.first),
            "until": _midnight(question.last + timedelta(days=1)),
            "changes": [_midnight(day) for day in changes],
            "done": _DONE,
            "resolved": _RESOLVED,
            "returned": STATE[State.RETURNED].number,
            "agencies": sorted(agencies) if agencies is not None else None,
        },
        binary=True,
    )
    last_days = [*(day - timedelta(days=1) for day in changes), question.last]
    return tuple(
        units.Counted(area, last_days[stretch], dict(zip(SUMS, numbers, strict=True)))
        for area, stretch, *numbers in cursor
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), VIETNAM).astimezone(UTC)
