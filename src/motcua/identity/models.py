"""Accounts, officials, positions, parties and the tokens of systems."""

import uuid

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from motcua.identity.rules import PartyKind, Role


class Official(models.Model):
    """Cán bộ, công chức: a person in service. `demonstration` marks a made-up one.

    `number` (số hiệu cán bộ, công chức) is what lists know the person by; "" where none was given.
    """

    number = models.CharField(max_length=20, blank=True)
    name = models.CharField(max_length=100)
    demonstration = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint("number", name="identity_official_number_once", condition=~Q(number="")),
        )


class Account(AbstractUser):
    """Tài khoản: what a person signs in with. `one_time`: its password was given by someone else, to be changed."""

    official = models.OneToOneField(Official, models.PROTECT, null=True, blank=True, related_name="+")
    one_time = models.BooleanField(default=False)


class Position(models.Model):
    """Vị trí công tác: which role an official holds in which agency, from day to day; both days in force."""

    official = models.ForeignKey(Official, models.PROTECT, related_name="+")
    agency = models.ForeignKey("units.Agency", models.PROTECT, related_name="+")
    role = models.CharField(max_length=16, choices=[(v, v) for v in Role])
    title = models.CharField(max_length=100)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="identity_position_ordered", condition=Q(valid_to__isnull=True) | Q(valid_from__lte=F("valid_to"))
            ),
        )


class Party(models.Model):
    """Người hoặc tổ chức nộp hồ sơ. The id follows from kind and number, where there is a number."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    kind = models.CharField(max_length=12, choices=[(v, v) for v in PartyKind])
    number = models.CharField(max_length=20, blank=True)
    name = models.CharField(max_length=200)
    birth_date = models.DateField(null=True)
    phone = models.CharField(max_length=20, blank=True)
    email = models.CharField(max_length=254, blank=True)
    address = models.CharField(max_length=300, blank=True)
    recorded_at = models.DateTimeField()


class SameParty(models.Model):
    """Cùng một người: a clerk found that `party` and `survivor` are one. Takes nothing from either; can be undone.

    A person known under more than two records has several of these; together they make one person.
    """

    pk = models.CompositePrimaryKey("party", "survivor")
    party = models.UUIDField(verbose_name="hồ sơ người trỏ tới hồ sơ kia")
    survivor = models.UUIDField(db_index=True, verbose_name="hồ sơ người được giữ làm chính")
    since = models.DateTimeField()
    by = models.TextField(verbose_name="ai quyết định, như nhật ký gọi")
    position = models.BigIntegerField(null=True)

    class Meta:
        constraints = (models.CheckConstraint(name="identity_two_parties", condition=~Q(party=F("survivor"))),)


class Token(models.Model):
    """Mã truy cập of a system. Only the SHA-256 of its secret is kept. `agencies` NULL: all of them."""

    name = models.CharField(max_length=100)
    secret_sha256 = models.CharField(max_length=64, unique=True)
    agencies = ArrayField(models.BigIntegerField(), null=True)
    roles = ArrayField(models.CharField(max_length=16))
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(name="identity_token_expires_later", condition=Q(expires_at__gt=F("issued_at"))),
        )
