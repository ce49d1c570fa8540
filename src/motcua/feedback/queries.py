"""What was said of a dossier, and of an agency on average."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from motcua.dossiers import api as dossiers
from motcua.feedback import models
from motcua.feedback.rules import OVER
from motcua.identity import api as identity
from motcua.kernel.errors import Failure


@dataclass(frozen=True, slots=True)
class Rating:
    """Đánh giá of one dossier."""

    code: str
    score: int
    words: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Average:
    """Mức hài lòng of an agency: how many rated it, and how many gave each score from one to five."""

    agency: int
    count: int
    mean: float
    scores: tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Asked:
    """A dossier that somebody wants to rate: whether it may be rated now, and what was said of it already."""

    where: dossiers.Where
    may: bool
    rating: Rating | None


def asked(code: str, *, scope: identity.Scope | None, secret: str | None, now: datetime) -> Asked:
    """For the applicant by scope, for whoever holds the slip by its secret; NotFound for anybody else."""
    question = dossiers.WhereQuestion(code=code, now=now, scope=scope, secret=secret)
    (found,) = dossiers.where([question])
    if isinstance(found, Failure):
        raise found
    row = models.Rating.objects.filter(dossier=found.code).first()
    rating = Rating(row.dossier, row.score, row.words, row.at) if row else None
    return Asked(found, found.national_status in OVER, rating)


AVERAGES = """
SELECT {place}, count(*), avg(score), {scores} FROM feedback_rating
WHERE {place} = ANY(%s) AND at >= %s AND at < %s GROUP BY {place} ORDER BY {place}
"""
SCORES = ", ".join(f"count(*) FILTER (WHERE score = {score})" for score in range(1, 6))


def averages(
    agencies: Collection[int], *, scope: identity.Scope, since: datetime, until: datetime, received: bool = False
) -> tuple[Average, ...]:
    """How the agencies that the caller reaches were rated: as those that resolved, or as those that received."""
    mine = sorted(agency for agency in agencies if scope.reaches(agency))
    place = "reception" if received else "resolving"
    with connection.cursor() as cursor:
        cursor.execute(AVERAGES.format(place=place, scores=SCORES), [mine, since, until])
        return tuple(Average(row[0], row[1], float(row[2]), tuple(row[3:8])) for row in cursor.fetchall())
