"""Units in the operators' admin."""

from motcua.kernel.operators import show
from motcua.units.models import Agency, AgencySessions, Counter, Generation, Identifier, UnitPeriod

show(
    UnitPeriod,
    ("unit_id", "type", "name", "parent_id", "valid_from", "valid_to"),
    search=("name",),
    filters=("type",),
    fields=("unit_id", "type", "name", "name_en", "parent_id", "valid_from", "valid_to", "source"),
)
show(
    Agency,
    ("id", "kind", "title", "unit_id", "ministry", "parent_id", "valid_from", "valid_to"),
    search=("title", "ministry"),
    filters=("kind",),
    fields=("id", "kind", "title", "unit_id", "ministry", "parent_id", "valid_from", "valid_to", "sessions"),
)
show(AgencySessions, ("agency_id", "valid_from", "sessions", "source"))
show(Counter, ("agency_id", "number", "name", "fields"), fields=("agency_id", "number", "name"))
show(
    Identifier,
    ("scheme", "code", "unit_id", "agency_id", "valid_from", "valid_to", "made"),
    search=("code",),
    filters=("scheme", "made"),
    fields=("scheme", "code", "unit_id", "agency_id", "valid_from", "valid_to", "made", "source", "imported_on"),
)
show(Generation, ("number", "published_at", "package", "note"))
