"""Tables: procedures, their versions in force, provincial decisions, the number of the catalogue's generation."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

# The days from one column to the other, both included; an empty end is open.
_VALID = Func(F("valid_from"), F("valid_to"), Value("[]"), function="daterange")


def _same(column: str) -> Func:
    """A number as a range of itself, so that a plain GiST index can compare it without an extension."""
    return Func(F(column), F(column), Value("[]"), function="int8range")


class Procedure(models.Model):
    """Thủ tục hành chính: the code, which stays whatever becomes of its versions."""

    code = models.CharField("mã thủ tục", max_length=20, unique=True)

    class Meta:
        verbose_name = "thủ tục hành chính"

    def __str__(self) -> str:
        return self.code


class Version(models.Model):
    """The procedure as one national decision published it; `body` is what `rules.versions` reads."""

    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="versions", db_index=False)
    valid_from = models.DateField("hiệu lực từ")
    valid_to = models.DateField("hiệu lực đến", null=True, blank=True)
    name = models.TextField("tên")
    field = models.TextField("lĩnh vực")
    ministry = models.TextField("bộ, ngành")
    decision = models.TextField("quyết định công bố")
    body = models.JSONField()
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = "phiên bản thủ tục"
        constraints = (
            models.UniqueConstraint(fields=("procedure", "valid_from"), name="version_starts_once"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="version_ends_after_start"
            ),
            ExclusionConstraint(
                name="version_alone_in_force",
                expressions=((_same("procedure"), RangeOperators.OVERLAPS), (_VALID, RangeOperators.OVERLAPS)),
            ),
        )

    def __str__(self) -> str:
        return f"{self.procedure_id} {self.valid_from}"


class Decision(models.Model):
    """Quyết định của tỉnh về một thủ tục; `kind` and `value` as in `rules.decisions`."""

    kind = models.CharField("loại", max_length=16)
    province_id = models.BigIntegerField("tỉnh")
    unit_id = models.BigIntegerField("đơn vị", null=True, blank=True)
    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="decisions", db_index=False)
    value = models.JSONField()
    valid_from = models.DateField("hiệu lực từ")
    valid_to = models.DateField("hiệu lực đến", null=True, blank=True)
    act = models.TextField("số văn bản")
    place = models.TextField("điều, khoản", blank=True, default="")
    demonstration = models.BooleanField("dữ liệu trình diễn", default=False)

    class Meta:
        verbose_name = "quyết định của tỉnh"
        constraints = (
            models.CheckConstraint(
                condition=Q(kind__in=("publish", "delegate", "shorten_term", "boundary", "except_unit", "process")),
                name="decision_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(kind="except_unit", unit_id__isnull=False)
                | Q(kind__in=("publish", "process"))
                | (~Q(kind="except_unit") & Q(unit_id__isnull=True)),
                name="decision_unit_where_it_belongs",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="decision_ends_after_start"
            ),
            *(
                ExclusionConstraint(
                    name=f"{kind}_alone_in_force",
                    expressions=(
                        (_same("province_id"), RangeOperators.OVERLAPS),
                        (_same("procedure"), RangeOperators.OVERLAPS),
                        (_VALID, RangeOperators.OVERLAPS),
                    ),
                    condition=Q(kind=kind, unit_id__isnull=True),
                )
                for kind in ("publish", "delegate", "shorten_term", "boundary", "process")
            ),
            *(
                ExclusionConstraint(
                    name=f"{name}_alone_in_force",
                    expressions=(
                        (_same("unit_id"), RangeOperators.OVERLAPS),
                        (_same("procedure"), RangeOperators.OVERLAPS),
                        (_VALID, RangeOperators.OVERLAPS),
                    ),
                    condition=Q(kind=kind, unit_id__isnull=False),
                )
                for name, kind in (
                    ("except_unit", "except_unit"),
                    ("unit_publish", "publish"),
                    ("unit_process", "process"),
                )
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.act}"


class Generation(models.Model):
    """The one row that says which generation of the catalogue is in force."""

    number = models.BigIntegerField()
    published_at = models.DateTimeField()

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(id=1), name="catalogue_has_one_generation"),)

    def __str__(self) -> str:
        return str(self.number)
