"""`motcua exchange` and `motcua signing`, as an operator types them."""

import argparse
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from motcua.exchange import api as exchange
from motcua.exchange import commands
from motcua.exchange.tests.kit import How
from motcua.exchange.tests.partner import Memory, letter
from motcua.kernel import clock
from motcua.kernel.command import Command
from motcua.kernel.errors import NotFound, Permanent
from motcua.signing import commands as keys
from motcua.units import api as units

pytestmark = pytest.mark.django_db


def typed(command: Command, *words: str) -> int:
    parser = argparse.ArgumentParser()
    command.arguments(parser)
    return command.run(parser.parse_args(words))


def exchanged(*words: str) -> int:
    return typed(commands.COMMANDS[0], *words)


def test_a_dead_letter_is_found_shown_mended_and_goes(
    country: None, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    from django.db import transaction

    memory = Memory()
    memory.behave(How.REFUSES)
    with transaction.atomic():
        one, _ = exchange.send([letter(), letter()], now=clock.now())
    exchange.dispatch(connector=memory, now=clock.now())
    assert exchanged("dead") == 1
    assert exchanged("lines") == 0
    assert exchanged("show", str(one)) == 0
    said = capfdbinary.readouterr().out.decode()
    assert f"{one}\tmemory\ts\tthing\t1 behind\tthiếu số hiệu" in said
    assert "memory\t2 open\t1 dead" in said
    better = tmp_path / "better"
    better.write_bytes(b"better")
    assert exchanged("replay", str(one), "--reason", "số hiệu", "--body", str(better)) == 0
    memory.behave(How.WELL)
    exchange.dispatch(connector=memory, now=clock.now())
    assert memory.book[0].body == b"better"
    with pytest.raises(NotFound):
        exchanged("set-aside", str(one), "--reason", "x")


def test_an_operator_sets_a_node_up_and_greets(
    country: None, settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.SIGNING_KEYS, settings.NODE = tmp_path / "keys", "here"
    on = clock.today()
    unit = units.directory().find_unit("00004", on)
    assert unit is not None
    agency = units.directory().agency_of(unit.id, units.AgencyKind.PEOPLES_COMMITTEE, on)
    assert agency is not None
    org = agency.org(on)
    assert typed(keys.COMMANDS[0], "make", org) == 0
    kid = capsys.readouterr().out.split()[1]
    file = tmp_path / "nodes.json"
    nodes = [{"name": "here", "agency": org, "transport": "here"}]
    file.write_text(json.dumps({"on": str(on), "nodes": nodes, "seats": [{"node": "here", "area": "00004"}]}))
    assert exchanged("set-nodes", str(file)) == 0
    assert exchanged("say", org, org, "xin chào") == 0
    [way] = exchange.node_ways({})
    exchange.dispatch(connector=way.connector, now=clock.now() + timedelta(seconds=1))
    assert exchanged("verify") == 0
    assert "1 delivered envelopes: each has a receipt that verifies" in capsys.readouterr().out
    settings.AUTHORITY = org
    assert exchanged("publish-directory") == 0
    assert exchanged("keep", "--days", "3650", "--from", "2026-12-01", "--source", "Quyết định số 1") == 0
    assert typed(keys.COMMANDS[0], "make", org, "--opens") == 0
    said = capsys.readouterr().out
    assert "0 nodes" in said
    assert "2026-12-01\t3650 days\tdropped to -\tQuyết định số 1" in said
    assert typed(keys.COMMANDS[0], "withdraw", kid, "--reason", "lộ") == 0
    assert typed(keys.COMMANDS[0], "list") == 0
    assert "withdrawn" in capsys.readouterr().out
    with pytest.raises(Permanent):
        exchanged("say", org, org)
    nodes[0]["transport"] = "nats"
    file.write_text(json.dumps({"on": str(on), "nodes": nodes, "seats": []}))
    with pytest.raises(Permanent):
        exchanged("set-nodes", str(file))
