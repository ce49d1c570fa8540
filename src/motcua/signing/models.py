"""The public halves of agencies' keys. Private halves are files, and only of agencies that this node serves."""

from django.db import models
from django.db.models import F, Q

from motcua.signing.rules import Algorithm


class Key(models.Model):
    """Khóa của cơ quan. Never deleted, and never changed but for being withdrawn."""

    kid = models.TextField(primary_key=True)
    agency = models.BigIntegerField(db_index=True)
    algorithm = models.TextField(choices=[(a.value, a.value) for a in Algorithm])
    public = models.BinaryField()
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    reason = models.TextField(verbose_name="why it was withdrawn")
    source = models.TextField(verbose_name="who vouched for it")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="key_in_force_for_some_time"
            ),
        )
