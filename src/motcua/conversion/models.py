"""Runs of conversion, where each record came from, who stood in it, and what waits for a person.

A record is known by its system and its own number there; `digest` is the SHA-256 of what was loaded of it, so that
the next export tells what is new, what changed and what is the same. Nothing here is deleted.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from motcua.conversion.persons.rules import Decision


class Run(models.Model):
    """Đợt chuyển đổi: one mapping and its files, from check to signed hand-over."""

    id = models.TextField(primary_key=True, verbose_name="hệ thống và số thứ tự của đợt, như HCM-MCDT-1")
    system = models.TextField(db_index=True)
    title = models.TextField()
    mapping = models.TextField(verbose_name="nguyên văn tệp khai")
    folder = models.TextField(verbose_name="nơi tệp nguồn nằm")
    files = models.JSONField(verbose_name="tên, SHA-256, số byte của từng tệp nguồn")
    phase = models.TextField(verbose_name="loading, loaded, signed, cleared")
    by = models.BigIntegerField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    # counts: read, rejected, and what became of the rest
    read = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    added = models.BigIntegerField(default=0)
    corrected = models.BigIntegerField(default=0)
    unchanged = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)
    agencies = ArrayField(
        models.BigIntegerField(), default=list, verbose_name="nơi tiếp nhận của mọi dòng; 0: dòng không rõ nơi"
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(phase__in=("loading", "loaded", "signed", "cleared")),
                name="conversion_phase_known",
            ),
        )


class Record(models.Model):
    """Bản ghi đã chuyển: which dossier a record of an old system became, from which file and row.

    `n` is the number of the dossier's last log row that conversion wrote: a dossier with a later row has moved on
    here, and is never overwritten.
    """

    pk = models.CompositePrimaryKey("system", "number")
    system = models.TextField()
    number = models.TextField()
    dossier = models.UUIDField(db_index=True)
    digest = models.BinaryField()
    n = models.IntegerField()
    run = models.TextField()
    file = models.SmallIntegerField(verbose_name="thứ tự trong Run.files, từ 0")
    row = models.BigIntegerField(verbose_name="dòng trong tệp, dòng tiêu đề là 1")


class Person(models.Model):
    """Người hoặc tổ chức, as one record of one old system wrote them: the origin of each field of a party."""

    pk = models.CompositePrimaryKey("system", "party")
    system = models.TextField()
    party = models.UUIDField(db_index=True)
    kind = models.TextField()
    number = models.TextField(verbose_name="số định danh hay mã số thuế; trống khi không có")
    old_number = models.TextField(verbose_name="số CMND 9 số")
    name = models.TextField()
    birth_date = models.DateField(null=True)
    phone = models.TextField()
    email = models.TextField()
    address = models.TextField()
    area = models.BigIntegerField(verbose_name="đơn vị của bản ghi đầu tiên")
    run = models.TextField()
    file = models.SmallIntegerField()
    row = models.BigIntegerField()


class Reject(models.Model):
    """Dòng bị loại: its place and its reasons; what it says stays in the run's folder. `reasons` are bits."""

    pk = models.CompositePrimaryKey("run", "file", "row")
    run = models.TextField()
    file = models.SmallIntegerField()
    row = models.BigIntegerField()
    reasons = models.BigIntegerField()


class Held(models.Model):
    """Sửa đổi chờ người xem: the new export says something else of a dossier that has moved on here."""

    pk = models.CompositePrimaryKey("run", "number")
    run = models.TextField()
    number = models.TextField()
    dossier = models.UUIDField()
    file = models.SmallIntegerField()
    row = models.BigIntegerField()
    why = models.TextField(verbose_name="moved: đã xử lý tiếp ở đây; code: mã hồ sơ khác trước")
    digest = models.BinaryField(verbose_name="của dòng nguồn: giữ bản ở đây một lần thì lần sau không hỏi lại")
    decision = models.TextField(default="open", verbose_name="open, taken, kept")
    reason = models.TextField(default="")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.BigIntegerField(null=True)
    position = models.BigIntegerField(null=True)
    named = models.TextField(default="", verbose_name="tên và chức vụ của người quyết định, lúc đó")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(decision__in=("open", "taken", "kept")), name="conversion_correction_known"
            ),
        )


class Suggestion(models.Model):
    """Gợi ý: two parties that may be one person, with the reasons, until a clerk decides; then what was decided.

    `areas` are the units in which either was written down: whose heirs see the suggestion.
    """

    party = models.UUIDField()
    survivor = models.UUIDField()
    probability = models.FloatField()
    reasons = models.JSONField(verbose_name="từng điểm so sánh, mức giống và trọng số")
    areas = ArrayField(models.BigIntegerField())
    suggested_at = models.DateTimeField()
    decision = models.TextField(default=Decision.OPEN)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.BigIntegerField(null=True)
    position = models.BigIntegerField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint("party", "survivor", name="conversion_suggested_once"),
            models.CheckConstraint(condition=~Q(party=F("survivor")), name="conversion_two_parties"),
            models.CheckConstraint(condition=Q(decision__in=sorted(Decision)), name="conversion_decision_known"),
        )
        indexes = (models.Index("decision", F("probability").desc(), "id", name="conversion_suggestions"),)


class HandOver(models.Model):
    """Biên bản bàn giao dữ liệu: what a reconciliation found of a run, and, once two have signed, the sealed record."""

    run = models.TextField(primary_key=True)
    content = models.TextField(verbose_name="nội dung, JSON chuẩn tắc")
    digest = models.TextField(verbose_name="SHA-256 của nội dung: cái mà hai người ký")
    made_at = models.DateTimeField()
    signed = models.TextField(default="", verbose_name="biên bản đủ chữ ký, JSON: cái mà khóa của hệ thống ký")
    signature = models.TextField(default="")
    key = models.TextField(default="")


class HandOverSignature(models.Model):
    """Chữ ký của một người có tên, as they were called when they signed."""

    pk = models.CompositePrimaryKey("run", "official")
    run = models.TextField()
    official = models.BigIntegerField()
    name = models.TextField()
    title = models.TextField()
    agency = models.TextField()
    at = models.DateTimeField()
    digest = models.TextField()


class Explained(models.Model):
    """Giải trình: why a row that differs stands as it does."""

    pk = models.CompositePrimaryKey("run", "key")
    run = models.TextField()
    key = models.TextField()
    text = models.TextField()
    by = models.TextField()
    at = models.DateTimeField()
