"""What people say of how they were served."""

from django.db import models
from django.db.models import Q


class Rating(models.Model):
    """Đánh giá: one for each dossier. Who gave it is known from the dossier; its words are personal data."""

    dossier = models.TextField(primary_key=True, verbose_name="mã hồ sơ")
    reception = models.BigIntegerField()
    resolving = models.BigIntegerField()
    score = models.SmallIntegerField()
    words = models.TextField(blank=True)
    signed_in = models.BooleanField(verbose_name="người nộp đã đăng nhập, không phải bằng mã tra cứu")
    at = models.DateTimeField()

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(score__range=(1, 5)), name="feedback_score"),)
        indexes = (
            models.Index("resolving", "at", name="feedback_resolving"),
            models.Index("reception", "at", name="feedback_reception"),
        )
