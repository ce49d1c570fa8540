"""What officials keep for themselves at the desk, and who tried to sign in."""

from django.conf import settings
from django.db import models


class SavedView(models.Model):
    """Góc nhìn đã lưu: a work list with its filters, under a name, of one account."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    slug = models.CharField(max_length=40, verbose_name="danh sách")
    query = models.CharField(max_length=400, verbose_name="bộ lọc")

    class Meta:
        constraints = (models.UniqueConstraint("account", "name", name="desk_view_once_per_name"),)


class SignInTry(models.Model):
    """Wrong passwords in a row, by account, by place, and by both together; forgotten after half an hour."""

    key = models.CharField(primary_key=True, max_length=64, verbose_name="SHA-256")
    wrong = models.IntegerField()
    last_at = models.DateTimeField()
