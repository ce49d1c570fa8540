"""The API of transfers: where a dossier is, across nodes."""

from motcua.dossiers import api as dossiers
from motcua.kernel.endpoints import Call, Endpoint, LaneOf
from motcua.transfers import queries


def _across(call: Call) -> dossiers.WhereQuestion:
    return dossiers.WhereQuestion(call.path["code"], call.now, scope=call.scope)


LANES = {"across": LaneOf(queries.across, limit=64)}

ENDPOINTS = (
    Endpoint("GET", "/dossiers/{code}/across", "Where is it, with the last signed word of the other node",
             queries.Across, _across, "across"),
)  # fmt: skip
