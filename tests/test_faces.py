"""Every page of both faces, opened and written to by everybody whom it does not concern: generated from the rows.

A dossier of one commune is tried from a foreign commune in each role, by another citizen, and by a stranger. Nobody
may see a word of it, and nothing about it may change, whatever address or number is put in.
"""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from motcua.config.wiring import PAGES
from motcua.desk.gate import Officials
from motcua.desk.tests.support import seated
from motcua.dossiers import api as dossiers
from motcua.dossiers.tests.support import COMMUNE, NEIGHBOUR, NOW, PROCEDURE, application, filing, office, place
from motcua.identity import api as identity
from motcua.kernel import storage
from motcua.portal.tests.support import KNOWN, signed_in
from motcua.screens.routes import Page

pytestmark = pytest.mark.django_db

OWNER = "001090000017"
PAPER = b"%PDF-1.7\n% a paper of the citizen\n%%EOF\n"
SECRETS = ("Phạm Thị Riêng Tư", "0911222333", "ngõ 7 phố Không Ai Biết", "ghi chú nội bộ")
OFFICIALS = [f"foreign {role}" for role in identity.Role]
WHO = ["stranger", "other citizen", *OFFICIALS]


def told(who: str) -> Client:
    """The browser of one of those whom the dossier does not concern."""
    if who == "stranger":
        return Client()
    if who == "other citizen":
        return signed_in(number="001090000099", name="Người Khác")
    return seated(identity.Role(who.removeprefix("foreign ")), NEIGHBOUR)


@pytest.fixture
def dossier(country: None) -> dossiers.Receipt:
    """An accepted dossier of a commune with a paper, a note and an applicant whose words are known."""
    assert KNOWN["number"] == OWNER
    paper = storage.files().put([PAPER], 1000, storage.PAPERS)
    made = application(
        name=SECRETS[0],
        number=OWNER,
        components=(dossiers.Paper(name="Đơn của tôi", files=(paper.sha256,)),),
        content={"applicant_name": SECRETS[0], "request": SECRETS[2]},
    )
    [receipt] = dossiers.file([filing(made)])
    assert isinstance(receipt, dossiers.Receipt)
    dossiers.write_notes([dossiers.NewNote(receipt.code, SECRETS[3], office())], now=NOW)
    return receipt


EXAMPLES = {"int": 1, "uuid": "00000000-0000-7000-8000-000000000001"}


def parts(page: Page, receipt: dossiers.Receipt) -> dict[str, Any]:
    """What is put into the address: the foreign dossier and its file wherever they fit."""
    known = {
        "code": receipt.code,
        "dossier": receipt.code,
        "sha256": storage.files().put([PAPER], 1000, storage.PAPERS).sha256,
        "form": "01",
        "org": place(COMMUNE).org,
        "agency": place(COMMUNE).centre.id,
    }
    found: dict[str, Any] = {}
    for kind, name in re.findall(r"<(\w+):(\w+)>", page.path):
        found[name] = known.get(name, EXAMPLES.get(kind, "khac"))
    if page.name in ("procedure", "apply"):
        found = dict.fromkeys(found, PROCEDURE)
    return found


def address(page: Page, receipt: dossiers.Receipt) -> str:
    filled = parts(page, receipt)
    return "/" + re.sub(r"<\w+:(\w+)>", lambda m: str(filled[m[1]]), page.path)


BODY: Mapping[str, Any] = {
    "step": "withdraw",
    "buoc": "withdraw",
    "reason": "x",
    "ly-do": "x",
    "text": "x",
    "key": "k1",
}


def footprint() -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM dossiers_steprow), (SELECT count(*) FROM dossiers_component), "
            "(SELECT count(*) FROM dossiers_note), (SELECT max(n) FROM dossiers_dossier)"
        )
        return tuple(cursor.fetchone())


@pytest.mark.parametrize("who", WHO)
def test_nobody_sees_or_changes_a_foreign_dossier_on_any_page(dossier: dossiers.Receipt, who: str) -> None:
    client, before = told(who), footprint()
    client.raise_request_exception = False
    opened: list[str] = []
    for page in PAGES:
        at = address(page, dossier)
        body = {**BODY, "code": dossier.code, "ma": dossier.code, "codes": [dossier.code], "chon": [dossier.code]}
        for answer in (client.get(at), client.get(at, {"q": dossier.code, "ma": dossier.code}), client.post(at, body)):
            where = f"{page.name} as {who}: {answer.status_code}"
            assert answer.status_code != 500, where  # 503 is a page too: the identity app is away here
            said = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
            text = said.decode("utf-8", "replace")
            assert not [secret for secret in SECRETS if secret in text], where
            assert PAPER not in said, where
            if answer.status_code == 200:
                opened.append(page.name)
        if page.name in ("desk-sign-out", "sign-out"):  # whoever went out comes in again
            client = told(who)
            client.raise_request_exception = False
    assert footprint() == before
    assert "home" in opened


@pytest.mark.parametrize("page", [p for p in PAGES if p.gate is not None], ids=lambda p: p.name)
def test_a_stranger_is_sent_to_the_door(page: Page, dossier: dossiers.Receipt) -> None:
    for answer in (Client().get(address(page, dossier)), Client().post(address(page, dossier), BODY)):
        if answer.status_code == 302:
            door = "/can-bo/dang-nhap" if isinstance(page.gate, Officials) else "/dang-nhap"
            assert answer["Location"].split("?")[0] == door
        else:  # the door itself, in the place of the page
            assert answer.status_code == 401
            assert 'type="password"' in answer.content.decode()


@pytest.mark.parametrize(
    "page", [p for p in PAGES if isinstance(p.gate, Officials) and p.gate.roles], ids=lambda p: p.name
)
def test_a_page_of_one_role_is_closed_to_the_others(page: Page, dossier: dossiers.Receipt) -> None:
    assert isinstance(page.gate, Officials)
    for role in set(identity.Role) - page.gate.roles:
        answer = seated(role).get(address(page, dossier))
        assert answer.status_code == 403, (page.name, role)


def test_the_owner_and_the_office_do_see_it(dossier: dossiers.Receipt) -> None:
    """So that the tests above can fail: the same pages show the same words to those whom they concern."""
    shown = {"my-dossier": signed_in(name=SECRETS[0]), "desk-dossier": seated(identity.Role.RECEPTION)}
    for page in PAGES:
        if page.name in shown:
            text = shown[page.name].get(address(page, dossier)).content.decode()
            assert dossier.code in text, page.name
    assert {"my-dossier", "desk-dossier"} <= {page.name for page in PAGES}
