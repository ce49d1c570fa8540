"""Tables of the directory. A period is `valid_from` to `valid_to`, both days in force; NULL is open.

A unit has one name, and a code one holder, at a time: triggers of the migration see to it, for all rows of a statement
at once (docs/decisions/units.md).
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from motcua.units.rules.values import AgencyKind, Extent, Level, Scheme

ORDERED = Q(valid_from__isnull=True) | Q(valid_to__isnull=True) | Q(valid_from__lte=F("valid_to"))


class Unit(models.Model):
    """Đơn vị hành chính: an identity; all else has periods."""

    level = models.CharField(max_length=8, choices=[(v, v) for v in Level])


class UnitPeriod(models.Model):
    """Name, type and parent of a unit from day to day."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="periods")
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    name = models.CharField(max_length=100)
    type = models.CharField(max_length=20)
    name_en = models.CharField(max_length=100)
    parent = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    source = models.CharField(max_length=200)

    class Meta:
        constraints = (models.CheckConstraint(name="units_period_ordered", condition=ORDERED),)


class Agency(models.Model):
    """Cơ quan: who receives and resolves. Its name is `title` and the unit's type and name on the day."""

    kind = models.CharField(max_length=20, choices=[(v, v) for v in AgencyKind])
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    ministry = models.CharField(max_length=100, blank=True)
    title = models.CharField(max_length=200)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    sessions = models.JSONField(null=True)  # [["07:30", "11:30"], ...]; NULL: the office hours of the country

    class Meta:
        constraints = (models.CheckConstraint(name="units_agency_ordered", condition=ORDERED),)


class AgencySessions(models.Model):
    """Ca làm việc of an agency from a day on, until a later row; before the first of them `Agency.sessions` holds."""

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    valid_from = models.DateField()
    sessions = models.JSONField()  # [["07:30", "11:30"], ...]
    source = models.CharField(max_length=200)

    class Meta:
        constraints = (models.UniqueConstraint("agency", "valid_from", name="units_sessions_once"),)


class Counter(models.Model):
    """Quầy: a numbered place of an agency and the fields (lĩnh vực) that it takes in; none means all."""

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=100)
    fields = ArrayField(models.CharField(max_length=200))

    class Meta:
        constraints = (models.UniqueConstraint("agency", "number", name="units_counter_once"),)


class Identifier(models.Model):
    """A code of a unit or of an agency in one of the lists, from day to day."""

    scheme = models.CharField(max_length=8, choices=[(v, v) for v in Scheme])
    code = models.CharField(max_length=64)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, related_name="+")
    made = models.BooleanField(default=False)
    source = models.CharField(max_length=200)
    imported_on = models.DateField(null=True)  # the day on which a real list brought it; a package leaves it alone

    class Meta:
        constraints = (
            models.CheckConstraint(name="units_identifier_ordered", condition=ORDERED),
            models.CheckConstraint(
                name="units_identifier_one_owner",
                condition=Q(unit__isnull=True, agency__isnull=False) | Q(unit__isnull=False, agency__isnull=True),
            ),
        )


class Succession(models.Model):
    """One old unit went into one new unit. The hint is a heuristic for split communes: never a fact."""

    old = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    new = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    extent = models.CharField(max_length=5, choices=[(v, v) for v in Extent])
    note_vi = models.CharField(max_length=300, blank=True)
    on = models.DateField()
    is_default = models.BooleanField(default=False)
    default_basis = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint("old", "new", "on", name="units_succession_once"),)


class AgencyHeir(models.Model):
    """Cơ quan kế thừa that a plan names for an agency that ended; without one its unit's successors say who it is."""

    old = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    new = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    source = models.CharField(max_length=200)
    on = models.DateField()

    class Meta:
        constraints = (models.UniqueConstraint("old", "new", "on", name="units_heir_once"),)


class Figures(models.Model):
    """Area, residents, centre and seat of a unit as published for a day."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    on = models.DateField()
    area_km2 = models.DecimalField(max_digits=12, decimal_places=3, null=True)
    population = models.IntegerField(null=True)
    population_flag = models.CharField(max_length=20, blank=True)
    longitude = models.FloatField(null=True)
    latitude = models.FloatField(null=True)
    seat = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint("unit", "on", name="units_figures_once"),)


class Generation(models.Model):
    """A numbered state of the whole directory. Its digest says whether the tables are still what was published."""

    number = models.PositiveIntegerField(primary_key=True)
    published_at = models.DateTimeField()
    digest = models.CharField(max_length=64)
    package = models.CharField(max_length=64, blank=True)  # digest of the national package that it loaded
    note = models.CharField(max_length=200)
