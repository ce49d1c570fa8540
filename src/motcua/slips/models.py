"""The numbers of slips: what was given out, and the last one of each row of numbers."""

from django.db import models


class Slip(models.Model):
    """Số của một phiếu: one form, made from one row of a dossier's log. Never changed, never deleted."""

    id = models.BigAutoField(primary_key=True)
    dossier = models.TextField(verbose_name="mã hồ sơ; của sổ: cơ quan và lĩnh vực")
    form = models.TextField(verbose_name="mẫu số")
    n = models.IntegerField(verbose_name="dòng nhật ký; 0 là cả hồ sơ; của sổ: năm")
    agency = models.BigIntegerField(verbose_name="cơ quan ban hành")
    year = models.SmallIntegerField()
    number = models.IntegerField()
    at = models.DateTimeField(verbose_name="lúc cấp số")

    class Meta:
        constraints = (
            models.UniqueConstraint("dossier", "form", "n", name="slip_numbered_once"),
            models.UniqueConstraint("agency", "form", "year", "number", name="slip_number_given_once"),
        )


class Counter(models.Model):
    """The last number that an agency gave to a form in a year."""

    pk = models.CompositePrimaryKey("agency", "form", "year")
    agency = models.BigIntegerField()
    form = models.TextField()
    year = models.SmallIntegerField()
    last = models.IntegerField()
