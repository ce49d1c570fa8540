"""Dossiers in the operators' admin: where each stands, never whose it is or what it says."""

from motcua.dossiers.models import Dossier
from motcua.kernel.operators import show

_WHERE = ("code", "procedure", "state", "reception", "resolving", "holder", "filed_at", "due_at", "finished_at")

show(
    Dossier,
    _WHERE,
    search=("code__exact",),
    fields=(*_WHERE, "version", "channel", "support", "since", "act_by", "accepted_at", "waiting_on", "n"),
)
