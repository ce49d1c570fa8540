"""How far we have followed the log, what the portal should hold, what came from it, and how the books compared."""

from django.db import models


class Mark(models.Model):
    """Up to which entry of the journal's seals the portal was told: seals are the order in which acts stood."""

    name = models.TextField(primary_key=True)
    seal = models.BigIntegerField()
    place = models.IntegerField()
    at = models.DateTimeField()


class Told(models.Model):
    """A dossier as the portal should hold it, once all that is on its way has arrived."""

    code = models.TextField(primary_key=True, verbose_name="mã hồ sơ")
    agency = models.BigIntegerField(verbose_name="cơ quan tiếp nhận")
    steps = models.IntegerField(verbose_name="số bước đã gửi")
    status = models.TextField(verbose_name="mã trạng thái của cổng")
    due = models.TextField(verbose_name="ngày hẹn trả đã gửi")
    filed_there = models.BooleanField(verbose_name="nộp trên cổng")
    changed_at = models.DateTimeField(db_index=True)
    agreed_at = models.DateTimeField(null=True, verbose_name="lần đối soát khớp gần nhất")


class Arrival(models.Model):
    """Hồ sơ nộp trên cổng quốc gia: what came down, and the dossier that it became, or why not."""

    portal_code = models.TextField(primary_key=True, verbose_name="mã trên cổng")
    at = models.DateTimeField()
    item = models.JSONField(verbose_name="nội dung, như cổng đã gửi")
    procedure = models.TextField()
    agency = models.BigIntegerField(null=True, verbose_name="cơ quan tiếp nhận")
    code = models.TextField(verbose_name="mã hồ sơ ở đây; trống: chưa nhận được", db_index=True)
    problem = models.TextField()
    reason = models.TextField(verbose_name="vì sao không nhận được")
    mend = models.TextField(verbose_name="cần sửa gì")


class Reconciliation(models.Model):
    """Đối soát: one comparison of both books."""

    id = models.BigAutoField(primary_key=True)
    day = models.DateField()
    at = models.DateTimeField()
    compared = models.IntegerField()
    equal = models.IntegerField()
    on_the_way = models.IntegerField()
    repaired = models.IntegerField()
    for_people = models.IntegerField()

    class Meta:
        indexes = (models.Index(fields=["-at"], name="reconciliation_latest"),)


class DifferenceRow(models.Model):
    """Chênh lệch: one dossier about which the books differed."""

    id = models.BigAutoField(primary_key=True)
    reconciliation = models.ForeignKey(Reconciliation, on_delete=models.CASCADE)
    code = models.TextField()
    agency = models.BigIntegerField(null=True)
    kind = models.TextField()
    ours = models.TextField()
    theirs = models.TextField()
    repaired = models.BooleanField()


class Elsewhere(models.Model):
    """Hồ sơ ở hệ thống của bộ: where a dossier of one of our units stands in a system that we don't run."""

    pk = models.CompositePrimaryKey("system", "code")
    system = models.TextField()
    code = models.TextField()
    agency = models.BigIntegerField(null=True, verbose_name="cơ quan, theo mã định danh")
    org = models.TextField(verbose_name="mã định danh, như hệ thống của bộ viết")
    procedure = models.TextField()
    status = models.TextField(verbose_name="mã trạng thái 1–10")
    received_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(verbose_name="hệ thống của bộ đổi lần cuối")
    seen_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index("agency", "system", "status", name="elsewhere_counts"),)


class System(models.Model):
    """Hệ thống chuyên ngành: a ministry's system, how far we have read it, and when it last answered."""

    name = models.TextField(primary_key=True)
    read_to = models.TextField(verbose_name="đã đọc đến")
    answered_at = models.DateTimeField(null=True)
    said = models.TextField()
    said_at = models.DateTimeField(null=True)
