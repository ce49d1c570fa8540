"""The catalogue in the operators' admin."""

from motcua.kernel.operators import show
from motcua.procedures.models import Decision, Generation, Version

_VERSION = ("procedure_id", "name", "field", "ministry", "decision", "valid_from", "valid_to")
_DECISION = ("kind", "procedure_id", "province_id", "unit_id", "value", "act", "place", "valid_from", "valid_to")

show(Version, _VERSION, search=("procedure__code", "name"), fields=(*_VERSION, "digest"))
show(Decision, _DECISION, search=("procedure__code", "act"), filters=("kind", "demonstration"), fields=_DECISION)
show(Generation, ("number", "published_at"))
