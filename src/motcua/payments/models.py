"""What is to be paid for a dossier, and each attempt to pay it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from motcua.payments.rules import WAITING, AttemptState, ChargeState, How


class Charge(models.Model):
    """Khoản phải nộp. Its id follows from dossier and key, so that it is made once."""

    id = models.UUIDField(primary_key=True)
    dossier = models.TextField(verbose_name="mã hồ sơ")
    key = models.TextField(verbose_name="khoản nào của hồ sơ")
    party = models.UUIDField(verbose_name="người phải nộp")
    name = models.TextField()
    why = models.TextField(verbose_name="vì sao phải nộp")
    amount = models.BigIntegerField(verbose_name="đồng")
    purpose = models.TextField(verbose_name="nội dung chuyển khoản")
    state = models.TextField(choices=[(v, v) for v in ChargeState])
    how = models.TextField(choices=[(v, v) for v in How], blank=True)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, verbose_name="phải nộp trước")
    paid_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint("dossier", "key", name="payments_charge_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_charge_positive"),
            models.CheckConstraint(
                condition=Q(state="paid", paid_at__isnull=False) | (~Q(state="paid") & Q(paid_at__isnull=True)),
                name="payments_charge_paid_at",
            ),
        )
        indexes = (models.Index("purpose", name="payments_purpose"),)


class Attempt(models.Model):
    """Một lần thanh toán: asked for at the gateway, or a transfer that arrived. Never deleted."""

    id = models.UUIDField(primary_key=True, verbose_name="số của ta, gửi cho cổng thanh toán")
    dossier = models.TextField(blank=True)
    charges = ArrayField(models.UUIDField())
    party = models.UUIDField(null=True)
    amount = models.BigIntegerField(verbose_name="đồng")
    how = models.TextField(choices=[(v, v) for v in How])
    state = models.TextField(choices=[(v, v) for v in AttemptState])
    reference = models.TextField(blank=True, verbose_name="số của cổng thanh toán")
    address = models.TextField(blank=True, verbose_name="trang thanh toán của cổng")
    answer = models.JSONField(verbose_name="câu trả lời của cổng, không có dữ liệu cá nhân")
    requested_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    ask_at = models.DateTimeField(null=True, verbose_name="lúc hỏi lại cổng")

    class Meta:
        constraints = (
            # Whoever presses twice is sent to the same page of the gateway.
            models.UniqueConstraint(
                "dossier", name="payments_one_waiting", condition=Q(state__in=sorted(WAITING), how="online")
            ),
            models.UniqueConstraint("how", "reference", name="payments_reference_once", condition=~Q(reference="")),
        )
        indexes = (models.Index("ask_at", name="payments_to_ask", condition=Q(state__in=sorted(WAITING))),)


class Account(models.Model):
    """Tài khoản thu phí of an agency, from day to day; both days in force."""

    agency = models.BigIntegerField()
    bank = models.CharField(max_length=6, verbose_name="mã BIN của ngân hàng")
    number = models.CharField(max_length=19)
    name = models.CharField(max_length=100, verbose_name="tên chủ tài khoản")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint("agency", name="payments_account_open", condition=Q(valid_to__isnull=True)),
        )
