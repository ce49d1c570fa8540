"""The front door of exchange."""

from motcua.exchange.actions import Claim, Letter, claim, dispatch, replay, send, set_aside, settle, write_back
from motcua.exchange.alarm_line import AlarmLine
from motcua.exchange.alarms import AlarmRow, alarms, watch
from motcua.exchange.calls import fetch
from motcua.exchange.carriers import Here, Https
from motcua.exchange.connector import Answer, Connector, Outcome, Parcel
from motcua.exchange.directory import apply as apply_directory
from motcua.exchange.directory import publish as publish_directory
from motcua.exchange.figures import figures
from motcua.exchange.jobs import JOBS, Way, alarm_ways, delivery, fetching, node_ways, on_trunk
from motcua.exchange.mending import DeadEnvelope, again, dead_envelope, dead_envelopes, leave, require_json
from motcua.exchange.node_line import NodeLine
from motcua.exchange.nodes import NODE, Map, here, read_map, set_map
from motcua.exchange.posting import Message, post, resign, skip
from motcua.exchange.queries import (
    CorrectionRow,
    LineRow,
    LineSign,
    ParcelRow,
    corrections,
    dead_letters,
    line_sign,
    lines,
    of_subject,
    open_subjects,
    parcels,
)
from motcua.exchange.receiving import Arrived, Handlers, receive
from motcua.exchange.rules.alarms import Alarm
from motcua.exchange.rules.delivery import Policy, State
from motcua.exchange.rules.envelope import DIRECTORY, GREETING
from motcua.exchange.rules.seats import Node, Seat, Transport

__all__ = [
    "DIRECTORY",
    "GREETING",
    "JOBS",
    "NODE",
    "Alarm",
    "AlarmLine",
    "AlarmRow",
    "Answer",
    "Arrived",
    "Claim",
    "Connector",
    "CorrectionRow",
    "DeadEnvelope",
    "Handlers",
    "Here",
    "Https",
    "Letter",
    "LineRow",
    "LineSign",
    "Map",
    "Message",
    "Node",
    "NodeLine",
    "Outcome",
    "Parcel",
    "ParcelRow",
    "Policy",
    "Seat",
    "State",
    "Transport",
    "Way",
    "again",
    "alarm_ways",
    "alarms",
    "apply_directory",
    "claim",
    "corrections",
    "dead_envelope",
    "dead_envelopes",
    "dead_letters",
    "delivery",
    "dispatch",
    "fetch",
    "fetching",
    "figures",
    "here",
    "leave",
    "line_sign",
    "lines",
    "node_ways",
    "of_subject",
    "on_trunk",
    "open_subjects",
    "parcels",
    "post",
    "publish_directory",
    "read_map",
    "receive",
    "replay",
    "require_json",
    "resign",
    "send",
    "set_aside",
    "set_map",
    "settle",
    "skip",
    "watch",
    "write_back",
]
