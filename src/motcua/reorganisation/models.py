"""Plans, who signed them, what they moved, what waits for a person. Written by `actions.py` alone.

What a plan moved is kept with before and after, so that undoing it is exact.
"""

from django.db import models

from motcua.reorganisation.rules.states import PlanState, Stage, Subject


class Plan(models.Model):
    """Kế hoạch sắp xếp: its text as it was signed, and how far it has come."""

    name = models.CharField(max_length=40, unique=True)
    title = models.TextField()
    text = models.TextField()
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=12, choices=[(v, v) for v in PlanState])
    stage = models.CharField(max_length=12, choices=[(v, v) for v in Stage], default=Stage.POSITIONS)
    on = models.DateField(verbose_name="ngày đầu tiên có hiệu lực")
    effective_at = models.DateTimeField()
    undo_until = models.DateTimeField()
    registered_at = models.DateTimeField()
    scheduled_at = models.DateTimeField(null=True, verbose_name="lúc có người yêu cầu áp dụng")
    published_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    generation_before = models.IntegerField(null=True)
    generation_after = models.IntegerField(null=True)
    change = models.BinaryField(null=True, verbose_name="thay đổi của danh mục, để hoàn tác đúng từng dòng")
    reached = models.BigIntegerField(default=0, verbose_name="cơ quan đã làm đến")
    total = models.IntegerField(default=0, verbose_name="số hồ sơ phải chuyển, đếm lúc công bố")
    round = models.IntegerField(default=0, verbose_name="lần áp dụng")
    rehearsed_at = models.DateTimeField(null=True)
    rehearsal = models.JSONField(null=True)
    rehearsal_asked_at = models.DateTimeField(null=True, verbose_name="lúc có người yêu cầu diễn tập, đến khi xong")
    rehearsal_failed = models.TextField(default="", verbose_name="vì sao lần diễn tập vừa yêu cầu không xong")


class Approval(models.Model):
    """Chữ ký: a named official approves the text with this digest."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    official = models.BigIntegerField()
    position = models.BigIntegerField()
    agency = models.BigIntegerField()
    round = models.IntegerField(verbose_name="cho lần áp dụng thứ mấy, kể từ 0")
    name = models.TextField()
    title = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint("plan", "digest", "round", "official", name="reorganisation_one_signature"),
        )


class HandOver(models.Model):
    """One dossier that passed to other offices, and the row of its log that says so."""

    pk = models.CompositePrimaryKey("plan", "dossier")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+", db_index=False)
    dossier = models.UUIDField()
    n = models.IntegerField()
    reception_before = models.BigIntegerField()
    resolving_before = models.BigIntegerField()
    consulted_before = models.BigIntegerField(null=True)
    holder_before = models.BigIntegerField()
    reception_after = models.BigIntegerField()
    resolving_after = models.BigIntegerField()
    consulted_after = models.BigIntegerField(null=True)
    holder_after = models.BigIntegerField()


class Passed(models.Model):
    """Anything else that changed hands, with what it was and what it became."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+", db_index=False)
    subject = models.CharField(max_length=10, choices=[(v, v) for v in Subject])
    number = models.BigIntegerField()
    agency_before = models.BigIntegerField(null=True)
    agency_after = models.BigIntegerField(null=True)
    before = models.JSONField()
    after = models.JSONField()

    class Meta:
        constraints = (models.UniqueConstraint("plan", "subject", "number", name="reorganisation_passed_once"),)


class Question(models.Model):
    """What no rule decides: it waits for a person, with all candidates."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+", db_index=False)
    subject = models.CharField(max_length=10, choices=[(v, v) for v in Subject])
    key = models.CharField(max_length=80, verbose_name="mã hồ sơ, hoặc số của vị trí, thẻ, quyết định")
    dossier = models.UUIDField(null=True)
    area = models.BigIntegerField(null=True, verbose_name="đơn vị cũ")
    agency = models.BigIntegerField(null=True, verbose_name="cơ quan cũ")
    committee = models.BigIntegerField(verbose_name="Ủy ban nhân dân tỉnh mà người quyết định thuộc về")
    candidates = models.JSONField()
    reason = models.TextField()
    opened_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.TextField(blank=True, default="")
    choice = models.TextField(blank=True, default="")

    class Meta:
        constraints = (models.UniqueConstraint("plan", "subject", "key", name="reorganisation_asked_once"),)
        indexes = (
            models.Index("dossier", name="reorganisation_asked_about", condition=models.Q(dossier__isnull=False)),
            models.Index("committee", "plan", "id", name="reorganisation_open", condition=models.Q(decided_at=None)),
        )


class Task(models.Model):
    """Việc con người phải làm: certificates, notices, routes, books."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+", db_index=False)
    line = models.IntegerField()
    kind = models.CharField(max_length=30)
    words = models.TextField()
    source = models.TextField(blank=True)
    due_on = models.DateField(null=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.TextField(blank=True, default="")

    class Meta:
        constraints = (models.UniqueConstraint("plan", "line", name="reorganisation_task_once"),)
