"""What a reorganisation of units does with positions and tokens. The officials and their accounts stay who they are."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from motcua.identity import actions, queries
from motcua.identity.models import Position, Token
from motcua.identity.rules import SYSTEM, Holding, Scope, subject_of
from motcua.kernel.errors import Conflict
from motcua.kernel.journal import api as journal


@dataclass(frozen=True, slots=True)
class Succeeding:
    """A position that ends with its agency and goes on in the heir."""

    holding: Holding
    agency_id: int


@dataclass(frozen=True, slots=True)
class GivenBack:
    """A position that an heir gave, to be taken away, and the one that it came from, to be in force again."""

    given: int
    old: int
    valid_from: date
    valid_to: date | None


def serving(agencies: Collection[int], since: date) -> tuple[Holding, ...]:
    """Who holds or will hold a position in these agencies on that day or later, by number."""
    return queries.holdings_at(agencies, since)


def succeed_positions(passing: Sequence[Succeeding], *, on: date, now: datetime, by: Scope = SYSTEM) -> list[int]:
    """Each position ends on the eve of `on` and begins in the heir with the same role and title; gives the new ones.

    A position that was to begin later, begins in the heir on its own day and never did in the old agency.
    """
    eve = on - timedelta(days=1)
    with transaction.atomic():
        ending = [p.holding.id for p in passing if p.holding.valid_from <= eve]
        later = [p.holding.id for p in passing if p.holding.valid_from > eve]
        if ending:
            actions.end_positions(position_ids=ending, last_day=eve, now=now, by=by)
        if later:  # a period of no day: kept, because its number was given
            Position.objects.filter(id__in=later).update(valid_from=eve, valid_to=eve)
        return actions.appoint(
            appointments=[
                actions.Appointment(
                    p.holding.official_id,
                    p.agency_id,
                    p.holding.role,
                    p.holding.title,
                    max(on, p.holding.valid_from),
                    p.holding.valid_to,
                )
                for p in passing
            ],
            now=now,
            by=by,
        )


def take_back_positions(backs: Sequence[GivenBack], *, now: datetime, by: Scope = SYSTEM) -> None:
    """What `succeed_positions` did is undone to the row; who sat in a new position sits in the old one again."""
    with transaction.atomic(), connection.cursor() as cursor:
        Position.objects.filter(id__in=[back.given for back in backs]).delete()
        cursor.execute(
            "UPDATE identity_position p SET valid_from = back.valid_from, valid_to = back.valid_to"
            " FROM unnest(%s::bigint[], %s::date[], %s::date[]) AS back (id, valid_from, valid_to)"
            " WHERE p.id = back.id",
            [[back.old for back in backs], [back.valid_from for back in backs], [back.valid_to for back in backs]],
        )
        if cursor.rowcount != len(backs):
            raise Conflict("position-gone", "Một vị trí cũ không còn để khôi phục.")
        journal.record(
            [
                journal.Entry(subject_of("position", number), act, now, by.name, {"with": other})
                for back in backs
                for number, act, other in (
                    (back.given, "position.taken-back", back.old),
                    (back.old, "position.restored", back.given),
                )
            ]
        )


def set_token_agencies(*, token_id: int, agencies: Collection[int], now: datetime, by: Scope = SYSTEM) -> None:
    """From now on the token reaches these agencies; in other processes at the latest 60 s later."""
    wanted = sorted(set(agencies))
    with transaction.atomic():
        if not Token.objects.filter(id=token_id).update(agencies=wanted):
            raise Conflict("token-unknown", f"Không có thẻ truy cập số {token_id}.")
        body: dict[str, Any] = {"agencies": wanted}
        journal.record([journal.Entry(subject_of("token", token_id), "token.agencies-set", now, by.name, body)])
    queries.refresh_tokens()


def officials_with_account() -> frozenset[int]:
    """The officials who have an account that isn't locked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT official_id FROM identity_account WHERE is_active AND official_id IS NOT NULL")
        return frozenset(number for (number,) in cursor.fetchall())
