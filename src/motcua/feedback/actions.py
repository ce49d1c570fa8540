"""The act of saying how one was served."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction

from motcua.dossiers import api as dossiers
from motcua.feedback import models
from motcua.feedback.queries import Rating
from motcua.feedback.rules import OVER, check
from motcua.identity import api as identity
from motcua.kernel import clock
from motcua.kernel.errors import Conflict, Failure
from motcua.kernel.journal import api as journal
from motcua.units import api as units

RATINGS = UUID("3d0c2a34-6f0a-5c0e-8a51-726174696e67")  # the namespace of uuid5


@dataclass(frozen=True, slots=True)
class NewRating:
    """Somebody rates a dossier: the applicant by scope, or whoever holds the slip by its secret."""

    code: str
    score: int
    words: str = ""
    scope: identity.Scope | None = None
    secret: str | None = None


def rate(ratings: Sequence[NewRating], *, now: datetime) -> list[Rating | Failure]:
    """Keep one rating for each dossier, in order; a Failure when there is one already or the dossier is not over."""
    questions = [dossiers.WhereQuestion(code=r.code, now=now, scope=r.scope, secret=r.secret) for r in ratings]
    answers: list[Rating | Failure] = []
    made: dict[str, models.Rating] = {}
    for rating, found in zip(ratings, dossiers.where(questions), strict=True):
        try:
            if isinstance(found, Failure):
                raise found
            words = check(rating.score, rating.words)
            if found.national_status not in OVER:
                raise Conflict("not-over", "Hồ sơ chưa giải quyết xong; ông/bà đánh giá sau khi có kết quả.")
            if found.code in made:
                raise _rated()
        except Failure as failure:
            answers.append(failure)
            continue
        made[found.code] = _row(found, rating, words, now)
        answers.append(Rating(found.code, rating.score, words, now))
    kept = _write(list(made.values()), now=now)
    return [_rated() if isinstance(a, Rating) and a.code not in kept else a for a in answers]


def _write(rows: Sequence[models.Rating], *, now: datetime) -> set[str]:
    """Write those that are the first of their dossier; gives which ones."""
    if not rows:
        return set()
    with transaction.atomic():
        codes = [row.dossier for row in rows]
        # Two at once: the second waits for the first here, and then finds its row.
        models.Rating.objects.bulk_create(rows, ignore_conflicts=True)
        held = models.Rating.objects.filter(dossier__in=codes).values_list("dossier", "at", "score", "words")
        stands = {code: rest for code, *rest in held}
        kept = {row.dossier for row in rows if stands[row.dossier] == [row.at, row.score, row.words]}
        journal.record(
            [
                journal.Entry(uuid5(RATINGS, row.dossier), "rate", now, "applicant", {"code": row.dossier})
                for row in rows
                if row.dossier in kept
            ]
        )
    return kept


def _row(found: dossiers.Where, rating: NewRating, words: str, now: datetime) -> models.Rating:
    directory, on = units.directory(), clock.day_of(found.filed_at)
    reception, resolving = (directory.find_agency(o.org, on) for o in (found.reception, found.resolving))
    assert reception is not None
    assert resolving is not None
    return models.Rating(
        dossier=found.code,
        reception=reception.id,
        resolving=resolving.id,
        score=rating.score,
        words=words,
        signed_in=rating.scope is not None,
        at=now,
    )


def _rated() -> Conflict:
    return Conflict("rated-already", "Hồ sơ này đã được đánh giá; mỗi hồ sơ chỉ đánh giá một lần.")
