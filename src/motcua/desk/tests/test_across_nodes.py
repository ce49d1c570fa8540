"""The page of what goes between nodes: questions answered here, those asked from here, and dossiers that two hold."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from motcua.desk.tests.support import seated
from motcua.dossiers.tests.support import COMMUNE, NEIGHBOUR, filing, place
from motcua.exchange import api as exchange
from motcua.identity.api import Role
from motcua.kernel import clock, storage
from motcua.kernel.ids import uuid7
from motcua.signing import api as signing
from motcua.transfers import models
from motcua.units import api as units

pytestmark = pytest.mark.django_db
PAGE = "/can-bo/lien-nut"
QUESTION = "Thửa <đất> có tranh chấp không?"


@pytest.fixture
def asked(country: None, settings: Any, tmp_path: Path) -> models.Consultation:
    """An office of another node asks this commune's committee."""
    settings.SIGNING_KEYS, settings.NODE, settings.STORAGE = tmp_path / "keys", "here", tmp_path / "files"
    mine, other = place(COMMUNE).committee.id, place(NEIGHBOUR).committee.id
    exchange.set_map(
        [exchange.Node("here", mine, exchange.Transport.PULL), exchange.Node("there", other, exchange.Transport.PULL)],
        [exchange.Seat("here", mine, None, None, None), exchange.Seat("there", other, None, None, None)],
    )
    signing.make_keys([mine], now=clock.now() - timedelta(days=1))
    paper = storage.files().put([b"%PDF-1.7\nland"], 10**6)
    return models.Consultation.objects.create(
        id=uuid7(), code="H26.101.02-260817-0001", step=3, out=False, node="there", asking=other, consulted=mine,
        procedure="1.000419", question=QUESTION, files=[{"name": "Sơ đồ", "files": [paper.sha256]}],
        asked_at=clock.now(), answer_by=None, ended="", opinion="",
    )  # fmt: skip


def test_a_question_from_another_node_is_read_answered_and_gone(asked: models.Consultation) -> None:
    handler = seated(Role.HANDLER)
    shown = handler.get(PAGE).content.decode()
    assert escape(QUESTION) in shown
    assert "Sơ đồ" in shown
    [file] = asked.files[0]["files"]
    paper = handler.get(f"{PAGE}/{asked.id}/{file}")
    assert b"".join(paper.streaming_content) == b"%PDF-1.7\nland"  # type: ignore[attr-defined]
    assert handler.get(f"{PAGE}/{asked.id}/{'0' * 64}").status_code == 404
    blank = handler.post(f"{PAGE}/{asked.id}", {"y-kien": " "})
    assert (blank.status_code, "Chưa ghi ý kiến" in blank.content.decode()) == (422, True)
    assert handler.post(f"{PAGE}/{asked.id}", {"y-kien": "Không có."}).status_code == 302
    shown = handler.get(PAGE).content.decode()
    assert "đã trả lời" in shown
    assert "Gửi ý kiến" not in shown
    [row] = exchange.of_subject("node:there", asked.code)
    assert row.kind == "dossier.opinion"


def test_who_may_not_answer_sees_no_form_and_a_foreign_office_nothing(asked: models.Consultation) -> None:
    foreign = seated(Role.HANDLER, NEIGHBOUR)
    assert escape(QUESTION) not in foreign.get(PAGE).content.decode()
    assert foreign.post(f"{PAGE}/{asked.id}", {"y-kien": "x"}).status_code == 404
    assert foreign.get(f"{PAGE}/{asked.id}/{asked.files[0]['files'][0]}").status_code == 404
    assert seated(Role.RECEPTION).post(f"{PAGE}/{asked.id}", {"y-kien": "x"}).status_code == 403
    assert Client().get(PAGE).status_code == 302


def test_shared_dossiers_stand_with_the_last_word_of_the_other_node_and_its_age(asked: models.Consultation) -> None:
    from motcua.dossiers import api as dossiers

    [receipt] = dossiers.file([filing()])
    assert isinstance(receipt, dossiers.Receipt), receipt
    at = clock.now() - timedelta(days=30)
    models.Transfer.objects.create(code=receipt.code, out=True, node="there", told=1, is_open=True, at=at, problem="")
    models.Word.objects.create(
        code=receipt.code, node="there", n=2, step="propose", state="to_approve", holder="", at=at, due_at=None,
        signed_by=place(NEIGHBOUR).committee.id, envelope=uuid7(), received_at=at, counted=True,
    )  # fmt: skip
    shown = seated(Role.HANDLER).get(PAGE).content.decode()
    assert receipt.code in shown
    assert "Chờ duyệt" in shown
    assert "mất liên lạc" in shown
    assert units.directory().agency(place(NEIGHBOUR).committee.id).name in shown
