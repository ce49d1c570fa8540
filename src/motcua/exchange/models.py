"""The queue: lines to partners, courses (one subject to one partner), parcels, and what people corrected.

Written by the set-based SQL of `actions/`. A course row is what makes order hold: whoever sends about a subject, and
whoever delivers it, holds its row; `done + 1` is the only parcel of it that may go.
"""

from django.db import models
from django.db.models import F, Q

from motcua.exchange.rules.delivery import State


class Line(models.Model):
    """Đường dây to one partner: its budget, its breaker, its last sign of life."""

    partner = models.TextField(primary_key=True)
    tokens = models.FloatField()
    tokens_at = models.DateTimeField()
    failures = models.IntegerField()
    shut_until = models.DateTimeField(null=True)
    ok_at = models.DateTimeField(null=True)
    said = models.TextField()
    said_at = models.DateTimeField(null=True)


class Course(models.Model):
    """What goes to one partner about one subject, in order: `last` written, `done` of them ended.

    `due_at` is when the next of them may be taken: NULL when there is none, or while a dead letter holds the rest.
    A taken course is due again when its lease ends.
    """

    pk = models.CompositePrimaryKey("partner", "subject")
    partner = models.TextField()
    subject = models.TextField()
    last = models.IntegerField()
    done = models.IntegerField()
    due_at = models.DateTimeField(null=True)
    lease = models.UUIDField(null=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(done__lte=F("last")), name="course_not_ahead"),)
        indexes = (
            models.Index("partner", "due_at", name="course_due", condition=Q(due_at__isnull=False)),
            models.Index("partner", name="course_open", condition=Q(done__lt=F("last"))),
        )


class Parcel(models.Model):
    """Bưu kiện: one thing to deliver, kept for good with what the partner said to it."""

    id = models.UUIDField(primary_key=True)
    number = models.BigIntegerField(verbose_name="drawn from exchange_number")
    partner = models.TextField()
    subject = models.TextField()
    n = models.IntegerField(verbose_name="its place in its course")
    kind = models.TextField()
    body = models.BinaryField()
    written_at = models.DateTimeField()
    state = models.TextField()
    attempts = models.IntegerField()
    errors = models.IntegerField()
    error_since = models.DateTimeField(null=True)
    waiting_since = models.DateTimeField(null=True)
    answer = models.TextField()
    said = models.TextField()
    reference = models.TextField()
    answered_at = models.DateTimeField(null=True)
    receipt = models.UUIDField(null=True, verbose_name="the signed receipt that ended it")

    class Meta:
        constraints = (models.UniqueConstraint("partner", "subject", "n", name="parcel_once_in_course"),)
        indexes = (
            models.Index("partner", "number", name="parcel_dead", condition=Q(state=State.DEAD.value)),
            models.Index("partner", "answered_at", name="parcel_answered", condition=Q(answered_at__isnull=False)),
        )


class Correction(models.Model):
    """What a person did to a dead letter: sent again as it was or corrected, or set aside; with the body before."""

    id = models.BigAutoField(primary_key=True)
    parcel = models.UUIDField(db_index=True)
    at = models.DateTimeField()
    caller = models.BigIntegerField()
    act = models.TextField()
    reason = models.TextField()
    said = models.TextField(verbose_name="what the partner had said")
    body = models.BinaryField(null=True, verbose_name="the body before, when it was changed")
