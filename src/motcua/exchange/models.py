"""The queue: lines to partners, courses (one subject to one partner), parcels, and what people corrected.

Written by the set-based SQL of `actions/`. A course row is what makes order hold: whoever sends about a subject, and
whoever delivers it, holds its row; `done + 1` is the only parcel of it that may go.
"""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q


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
        indexes = (models.Index("partner", "due_at", name="course_open", condition=Q(done__lt=F("last"))),)


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
    sha256 = models.TextField(db_default="", verbose_name="of the body, since its time of keeping is over; else empty")

    class Meta:
        constraints = (models.UniqueConstraint("partner", "subject", "n", name="parcel_once_in_course"),)
        indexes = (BrinIndex("answered_at", name="parcel_answered"),)  # one that lets a row be changed where it lies


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


class Alarm(models.Model):
    """Báo động of a line, kept when it is over. One of a kind at a time."""

    partner = models.TextField()
    kind = models.TextField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint("partner", "kind", condition=Q(until__isnull=True), name="alarm_once"),)


class Arrival(models.Model):
    """What came in an envelope and was judged, once for each id; refused ones wait here for their correction."""

    id = models.UUIDField(primary_key=True)
    node = models.TextField()
    sender = models.BigIntegerField()
    recipient = models.BigIntegerField()
    subject = models.TextField()
    sequence = models.IntegerField()
    kind = models.TextField()
    sha256 = models.TextField()
    body = models.BinaryField(null=True, verbose_name="the envelope; NULL where our outbox has it or its time is over")
    arrived_at = models.DateTimeField()
    answer = models.TextField()
    said = models.TextField()

    class Meta:
        indexes = (BrinIndex("arrived_at", name="arrival_arrived"),)


class Landing(models.Model):
    """How far each subject from each node has come: the last sequence number that was applied."""

    pk = models.CompositePrimaryKey("node", "subject")
    node = models.TextField()
    subject = models.TextField()
    last = models.IntegerField()


class Receipt(models.Model):
    """Giấy báo nhận that another node signed for what we sent, and that we signed for what it sent."""

    id = models.UUIDField(primary_key=True)
    node = models.TextField(verbose_name="who signed it")
    partner = models.TextField(verbose_name="for whom")
    at = models.DateTimeField()
    body = models.BinaryField()


class Refusal(models.Model):
    """What was turned away at the door: forged, replayed, stale, wrongly addressed, out of turn."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    node = models.TextField(verbose_name="where it said that it comes from")
    envelope = models.UUIDField(null=True)
    problem = models.TextField()
    detail = models.TextField()


class Node(models.Model):
    """Nút: an installation that envelopes go to."""

    name = models.TextField(primary_key=True)
    agency = models.BigIntegerField(verbose_name="the agency that runs it and signs for it")
    transport = models.TextField()
    address = models.TextField()
    by_way_of = models.TextField()


class Seat(models.Model):
    """Where an agency, or every agency of a unit and of the units in it, sits from day to day."""

    node = models.TextField()
    agency = models.BigIntegerField(null=True)
    unit = models.BigIntegerField(null=True)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(agency__isnull=True, unit__isnull=False) | Q(agency__isnull=False, unit__isnull=True),
                name="seat_of_one",
            ),
        )


class Directory(models.Model):
    """Danh bạ: each directory of nodes that was published or taken in here, so that an older one is known as such."""

    written_at = models.DateTimeField(primary_key=True, verbose_name="the moment that the authority put on it")
    sha256 = models.TextField(verbose_name="of what it says, whenever it was written")
    source = models.TextField()
    taken_at = models.DateTimeField()


class Keeping(models.Model):
    """Thời hạn lưu: for how long the content of what was delivered from that day on is kept after the receipt."""

    valid_from = models.DateField(primary_key=True)
    days = models.IntegerField()
    source = models.TextField(verbose_name="on what ground")
    swept_to = models.DateTimeField(null=True, verbose_name="nothing older is left to drop")

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(days__gt=0), name="keeping_some_time"),)
