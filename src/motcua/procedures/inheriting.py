"""What a reorganisation of units does with the provinces' own decisions on procedures."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection, transaction

from motcua.kernel.errors import Conflict
from motcua.procedures import generation, queries
from motcua.procedures.models import Decision as Row
from motcua.procedures.rules.decisions import Decision


@dataclass(frozen=True, slots=True)
class Bequest:
    """Decisions that say the same end with their provinces; `heir` and `unit_id` go on with what they say."""

    old: tuple[int, ...]  # numbers of decisions
    province_id: int
    unit_id: int | None


@dataclass(frozen=True, slots=True)
class Returned:
    """A decision to be in force again as it was."""

    old: int
    valid_to: date | None


def decisions_of(provinces: Collection[int], since: date) -> tuple[Decision, ...]:
    """What these provinces decided that is in force on that day or later, by number."""
    wanted = frozenset(provinces)
    return tuple(
        sorted(
            (d for d in queries.catalogue().all_decisions() if d.province_id in wanted and _open(d, since)),
            key=lambda d: d.id,
        )
    )


def _open(decision: Decision, since: date) -> bool:
    return decision.valid_to is None or decision.valid_to >= since


def bequeath(bequests: Sequence[Bequest], *, on: date, now: datetime, actor: str) -> list[int]:
    """Each group of decisions ends on the eve of `on` and one like them begins in the heir; gives the new numbers."""
    eve = on - timedelta(days=1)
    with transaction.atomic(), connection.cursor() as cursor:
        generation.lock(cursor)
        old = {row.pk: row for row in Row.objects.filter(id__in=[number for b in bequests for number in b.old])}
        made = Row.objects.bulk_create(
            [
                Row(
                    kind=first.kind,
                    province_id=bequest.province_id,
                    unit_id=bequest.unit_id,
                    procedure_id=first.procedure_id,
                    value=first.value,
                    valid_from=max(on, first.valid_from),
                    valid_to=first.valid_to,
                    act=first.act,
                    place=first.place,
                    demonstration=first.demonstration,
                )
                for bequest in bequests
                for first in [old[bequest.old[0]]]
            ]
        )
        cursor.execute(
            "UPDATE procedures_decision SET valid_to = greatest(valid_from, %s) WHERE id = ANY(%s)", [eve, list(old)]
        )
        generation.count_up(cursor, now, actor, "catalogue.bequeathed", [str(n) for n in sorted(old)], len(made))
    queries.refresh()
    return [row.pk for row in made]


def take_back(new: Collection[int], returned: Sequence[Returned], *, now: datetime, actor: str) -> None:
    """What `bequeath` did is undone to the row."""
    with transaction.atomic(), connection.cursor() as cursor:
        generation.lock(cursor)
        Row.objects.filter(id__in=list(new)).delete()
        cursor.execute(
            "UPDATE procedures_decision d SET valid_to = r.valid_to"
            " FROM unnest(%s::bigint[], %s::date[]) AS r (id, valid_to) WHERE d.id = r.id",
            [[r.old for r in returned], [r.valid_to for r in returned]],
        )
        if cursor.rowcount != len(returned):
            raise Conflict("decision-gone", "Một quyết định cũ không còn để khôi phục.")
        numbers = [str(number) for number in sorted(new)]
        generation.count_up(cursor, now, actor, "catalogue.bequest-taken-back", numbers, len(returned))
    queries.refresh()
