"""Applications that are not filed yet, and the files that come with them."""

import uuid

from django.db import models
from django.db.models import F, Q


class Draft(models.Model):
    """Bản nháp: what one person has filled in so far. `code` is the dossier that it became."""

    id = models.UUIDField(primary_key=True)
    party = models.UUIDField(verbose_name="người nộp")
    procedure = models.TextField(verbose_name="mã thủ tục")
    area = models.TextField(verbose_name="mã xã, phường nơi ở")
    reception = models.TextField(verbose_name="mã định danh nơi tiếp nhận")
    case = models.TextField(verbose_name="trường hợp")
    content = models.JSONField(verbose_name="nội dung tờ khai")
    done = models.JSONField(verbose_name="các bước đã xong")
    began_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    code = models.TextField(blank=True, verbose_name="mã hồ sơ")

    class Meta:
        constraints = (
            models.CheckConstraint(name="portal_draft_expires_later", condition=Q(expires_at__gt=F("began_at"))),
        )
        indexes = (
            models.Index("party", "changed_at", name="portal_draft_of", condition=Q(code="")),
            models.Index("expires_at", name="portal_draft_expiring"),
        )


class Upload(models.Model):
    """Tệp của bản nháp: how much of it has come; `sha256` when it is whole and kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    draft = models.ForeignKey(Draft, models.CASCADE, related_name="+")
    component = models.TextField(verbose_name="mã thành phần")
    name = models.TextField(verbose_name="tên tệp")
    size = models.BigIntegerField()
    offset = models.BigIntegerField(verbose_name="đã nhận")
    content_type = models.TextField(blank=True)
    sha256 = models.TextField(blank=True)
    began_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="portal_upload_within_size", condition=Q(offset__gte=0, offset__lte=F("size"), size__gt=0)
            ),
        )
