"""Dossiers, their papers, their log, and the counters of their codes.

Written by the set-based SQL of `actions.py`. The tables carry no foreign keys to each other or to the directory:
they cost a fifth of the intake rate, rows are never deleted, and `motcua doctor` looks for orphans (docs/decisions).
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from motcua.dossiers.rules.steps import RUNNING, STATE, STATE_BY_NUMBER, STEP, State

CLOSABLE = sorted(STATE[state].number for state in STEP["close"].from_)
CONSULTING = STATE[State.CONSULTING].number
RUNNING_STATES = sorted(STATE[state].number for state in RUNNING)


class Dossier(models.Model):
    """Hồ sơ. The columns from `state` on are a cache of the log in `StepRow`."""

    id = models.UUIDField(primary_key=True)
    code = models.TextField(unique=True, verbose_name="mã hồ sơ")
    procedure = models.TextField(verbose_name="mã thủ tục")
    version = models.BigIntegerField(verbose_name="phiên bản thủ tục khi tiếp nhận")
    case = models.TextField(verbose_name="trường hợp")
    area = models.BigIntegerField(verbose_name="đơn vị hành chính của người nộp")
    support = models.BigIntegerField(null=True, verbose_name="nơi hỗ trợ")
    reception = models.BigIntegerField(verbose_name="cơ quan tiếp nhận")
    resolving = models.BigIntegerField(verbose_name="cơ quan giải quyết")
    elsewhere = models.BooleanField(verbose_name="ngoài địa giới: cơ quan giải quyết thuộc đơn vị khác nơi tiếp nhận")
    channel = models.TextField(verbose_name="kênh nộp")
    party = models.UUIDField(verbose_name="người nộp")
    applicant = models.JSONField(verbose_name="người nộp, như ghi trong hồ sơ")
    content = models.JSONField(verbose_name="nội dung tờ khai")
    filed_at = models.DateTimeField()
    # the cache of the log
    state = models.SmallIntegerField()
    n = models.IntegerField(verbose_name="số dòng nhật ký")
    holder = models.BigIntegerField(null=True, verbose_name="cơ quan đang giữ")
    since = models.DateTimeField()
    clock = models.JSONField()
    due_at = models.DateTimeField(null=True)
    act_by = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    waiting_on = models.TextField(null=True)
    consulted = models.BigIntegerField(null=True)
    handling = models.SmallIntegerField()
    taken = ArrayField(models.TextField())
    outcome = models.TextField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(state__range=(1, max(STATE_BY_NUMBER))), name="dossier_state_known"),
            models.CheckConstraint(condition=Q(n__gte=1), name="dossier_has_log"),
        )
        indexes = (
            # The work list: what an agency holds, by state, most pressing first; closed dossiers are not in it.
            # With the due moment in it, what is late is counted from the index alone.
            models.Index(
                *("holder", "state", "act_by", "id"),
                name="dossier_worklist",
                condition=Q(holder__isnull=False),
                include=("due_at",),
            ),
            models.Index("party", name="dossier_party"),
            # Two lists of those who don't hold the dossier: whose opinion was asked, what was received for elsewhere.
            models.Index("resolving", "act_by", "id", name="dossier_asked", condition=Q(state=CONSULTING)),
            models.Index(
                "reception", "act_by", "id", name="dossier_elsewhere", condition=Q(elsewhere=True, holder__isnull=False)
            ),
            # The timers: who may be closed by when, and what falls due when.
            models.Index("act_by", name="dossier_closing", condition=Q(state__in=CLOSABLE)),
            models.Index("due_at", name="dossier_falling_due", condition=Q(state__in=RUNNING_STATES)),
        )


class Component(models.Model):
    """Thành phần hồ sơ: one paper handed in, or one result (kết quả) given out."""

    pk = models.CompositePrimaryKey("dossier", "n")
    dossier = models.UUIDField()
    n = models.SmallIntegerField()
    kind = models.TextField(verbose_name="giấy tờ hay kết quả")
    step = models.IntegerField(verbose_name="dòng nhật ký mang nó vào")
    key = models.TextField(verbose_name="mã thành phần")
    name = models.TextField(verbose_name="tên riêng, khi không phải tên của thành phần")
    form = models.TextField(verbose_name="bản chính, bản sao hay điện tử")
    quantity = models.SmallIntegerField()
    files = ArrayField(models.TextField(), verbose_name="SHA-256 của tệp")


class StepRow(models.Model):
    """One row of the log, which is the truth about the dossier. Never changed, never deleted."""

    pk = models.CompositePrimaryKey("dossier", "n")
    dossier = models.UUIDField()
    n = models.IntegerField()
    name = models.TextField()
    at = models.DateTimeField()
    agency = models.BigIntegerField(null=True)
    position = models.BigIntegerField(null=True)
    caller = models.BigIntegerField()
    key = models.TextField(verbose_name="khóa chống lặp")
    digest = models.BinaryField(verbose_name="SHA-256 của yêu cầu")
    state = models.SmallIntegerField()
    due_at = models.DateTimeField(null=True)
    act_by = models.DateTimeField(null=True)
    waiting_on = models.TextField(null=True)
    reason = models.TextField()
    detail = models.JSONField()

    class Meta:
        constraints = (
            # Whoever repeats a request gets its first receipt: one row of the log for one key of one caller.
            models.UniqueConstraint("caller", "key", name="step_once_per_key"),
        )


class Counter(models.Model):
    """The last number that an agency gave out on a day (TT 03/2025/TT-VPCP art. 13)."""

    pk = models.CompositePrimaryKey("org", "day")
    org = models.TextField(verbose_name="mã định danh")
    day = models.DateField()
    last = models.IntegerField()


class Note(models.Model):
    """Ghi chú nội bộ: what officials tell each other about a dossier; never shown to the applicant."""

    id = models.BigAutoField(primary_key=True)
    dossier = models.UUIDField(db_index=True)
    at = models.DateTimeField()
    agency = models.BigIntegerField()
    position = models.BigIntegerField(null=True)
    caller = models.BigIntegerField()
    text = models.TextField()
