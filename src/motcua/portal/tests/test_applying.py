"""Applying step by step, without scripts: what is kept, asked again, becomes a dossier, and whose it is."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from motcua.dossiers import api as dossiers
from motcua.identity import api as identity
from motcua.kernel import clock
from motcua.kernel.errors import Conflict, NotFound, Permanent, Transient
from motcua.payments import api as payments
from motcua.portal import actions, jobs, queries
from motcua.portal.gate import CITIZEN, citizen_of
from motcua.portal.models import Draft, Upload
from motcua.portal.tests.support import KNOWN, signed_in
from motcua.procedures import api as procedures
from motcua.screens import forms

pytestmark = pytest.mark.usefixtures("country")
BIRTH = "1.001193"
PDF = b"%PDF-1.4\n" + bytes(range(256)) * 40
CHILD = {
    "child_name": "Nguyễn Minh An",
    "child_birth_date": "01/11/2026",
    "child_gender": "female",
    "child_ethnicity": "Kinh",
    "child_nationality": "Việt Nam",
    "child_birth_place": "Bệnh viện Phụ sản",
    "child_origin": "Hà Nội",
}


def scope_of(number: str = KNOWN["number"]) -> identity.Scope:
    party = identity.party_id("citizen", number)
    return identity.Scope(agencies=frozenset(), party=party, name=f"party:{party}")


def begun(client: Client, code: str = BIRTH, area: str = "00004") -> str:
    """The address of a new draft, without its step."""
    answer = client.post(f"/nop/{code}", {"xa": area})
    assert answer.status_code == 302, answer.content.decode()
    return answer.headers["Location"].rpartition("/")[0]


def to_the_papers(client: Client) -> str:
    """A draft with everything but its papers."""
    draft = begun(client)
    office = client.get(f"{draft}/noi-nop").content.decode().split('<option value="')[1].split('"')[0]
    answers: list[tuple[str, dict[str, Any]]] = [
        ("noi-nop", {"noi-nop": office}),
        ("truong-hop", {"truong-hop": "-"}),
        ("to-khai-1", {"requester_name": KNOWN["name"], "requester_number": KNOWN["number"], "relation": "mẹ"}),
        ("to-khai-2", CHILD),
        *((f"to-khai-{n}", {}) for n in range(3, 7)),
    ]
    for step, typed in answers:
        answer = client.post(f"{draft}/{step}", typed)
        assert answer.status_code == 302, (step, answer.content.decode())
    return draft


def id_of(draft: str) -> uuid.UUID:
    return uuid.UUID(draft.rpartition("/")[2])


def filed(client: Client) -> tuple[str, str]:
    """A draft that was filed, and the code of its dossier."""
    draft = to_the_papers(client)
    client.post(f"{draft}/giay-to", {})
    answer = client.post(f"{draft}/xem-lai")
    assert answer.status_code == 302, answer.content.decode()
    return draft, answer.headers["Location"].split("/")[3]


# --- where --------------------------------------------------------------------------------------------------------


def test_nobody_applies_without_signing_in_and_comes_back_after_it() -> None:
    answer = Client().get(f"/nop/{BIRTH}?xa=00004")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/dang-nhap?tiep=%2Fnop%2F{BIRTH}%3Fxa%3D00004")


def test_the_commune_of_the_known_address_is_offered_first() -> None:
    page = signed_in().get(f"/nop/{BIRTH}").content.decode()
    assert 'name="xa" value="00004" checked' in page
    assert "Theo địa chỉ trong ứng dụng định danh" in page


def test_a_commune_is_found_by_its_old_name_and_then_chosen() -> None:
    client = signed_in(address="")
    page = client.post(f"/nop/{BIRTH}", {"noi": "phuong 3 quan 3"})
    assert page.status_code == 200
    assert 'value="27154"' in page.content.decode()
    answer = client.post(f"/nop/{BIRTH}", {"noi": "phuong 3 quan 3", "tim": "phuong 3 quan 3", "xa": "27154"})
    assert answer.status_code == 302
    other = client.post(f"/nop/{BIRTH}", {"noi": "ba dinh", "tim": "phuong 3 quan 3", "xa": "27154"})
    assert 'value="00004"' in other.content.decode(), "new words are looked for, whatever is still ticked"


@pytest.mark.parametrize("typed", [{}, {"noi": "zzzz"}, {"xa": "99999"}, {"xa": "79"}, {"xa": "x"}])
def test_what_is_no_commune_is_asked_again(typed: dict[str, str]) -> None:
    answer = signed_in(address="").post(f"/nop/{BIRTH}", typed)
    assert answer.status_code == 422
    assert Draft.objects.count() == 0
    assert typed.get("noi", "") in answer.content.decode()


def test_an_unknown_procedure_is_not_found() -> None:
    assert signed_in().get("/nop/9.999999").status_code == 404


def test_any_centre_of_the_province_takes_a_boundary_free_procedure_and_no_other_does() -> None:
    client = signed_in()
    draft = begun(client)
    page = client.get(f"{draft}/noi-nop").content.decode()
    assert page.count("<option") > 100
    assert "Ủy ban nhân dân phường Ba Đình" in page
    assert client.post(f"{draft}/noi-nop", {"noi-nop": "H29.101.01"}).status_code == 422


# --- the form -----------------------------------------------------------------------------------------------------


def test_what_the_app_knows_is_filled_in_and_says_where_it_comes_from() -> None:
    client = signed_in()
    page = client.get(f"{begun(client)}/to-khai-1").content.decode()
    assert f'value="{KNOWN["number"]}"' in page
    assert page.count("Từ ứng dụng định danh") == 5, "name, number, address and phone, and the word above them"


def test_what_is_changed_of_it_says_what_the_app_has() -> None:
    client = signed_in()
    draft = begun(client)
    client.post(f"{draft}/to-khai-1", {"requester_name": "Nguyễn Thị Mai Lan", "requester_number": KNOWN["number"]})
    page = client.get(f"{draft}/to-khai-1").content.decode()
    assert 'value="Nguyễn Thị Mai Lan"' in page
    assert f"Ứng dụng định danh ghi: {KNOWN['name']}." in page


def test_errors_stand_at_their_fields_and_everything_typed_is_kept() -> None:
    client = signed_in()
    draft = begun(client)
    answer = client.post(f"{draft}/to-khai-2", {"child_name": "An", "child_birth_date": "31/02/2026"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="child_birth_date-error"' in page
    assert 'value="31/02/2026"' in page
    assert 'href="#child_gender"' in page
    again = client.get(f"{draft}/to-khai-2").content.decode()
    assert 'value="An"' in again
    assert 'value="31/02/2026"' in again


def test_what_is_typed_is_kept_by_itself_without_being_judged() -> None:
    client = signed_in()
    draft = begun(client)
    answer = client.post(f"{draft}/to-khai-2", {"child_name": "An", "tu-luu": "1"})
    assert answer.status_code == 204
    assert queries.draft_of(id_of(draft), scope=scope_of()).content == {"child_name": "An"}


def test_a_citizen_leaves_and_comes_back_to_the_draft() -> None:
    client = signed_in()
    draft = begun(client)
    client.post(f"{draft}/to-khai-2", {"child_name": "An", "de-sau": "1"})
    later = signed_in().get(f"/nop/{BIRTH}").content.decode()
    assert f"{draft}/xem-lai" in later
    (row,) = queries.drafts_of(scope_of())
    assert (row.procedure, row.content) == (BIRTH, {"child_name": "An"})
    assert queries.drafts_of(scope_of("001190000099")) == ()
    assert queries.drafts_of(identity.PUBLIC) == ()


def test_a_table_in_a_form_gets_another_row_without_scripts() -> None:
    client = signed_in()
    draft = begun(client, "1.004194")
    row = queries.draft_of(id_of(draft), scope=scope_of())
    slugs = [
        part.split('"')[0] for part in client.get(f"{draft}/noi-nop").content.decode().split(f'href="{draft}/')[1:]
    ]
    pages = {slug: client.get(f"{draft}/{slug}").content.decode() for slug in slugs if slug.startswith("to-khai-")}
    slug, page = next((slug, page) for slug, page in pages.items() if 'name="them"' in page)
    table = page.split('name="them" value="')[1].split('"')[0]
    column = page.split(f'name="{table}.0.')[1].split('"')[0]
    more = client.post(f"{draft}/{slug}", {f"{table}.0.{column}": "An", "them": table})
    assert more.status_code == 200
    assert f'name="{table}.1.{column}"' in more.content.decode()
    assert queries.draft_of(row.id, scope=scope_of()).content[table] == [{column: "An"}]


def test_what_was_sent_after_the_session_had_ended_is_there_again_after_signing_in() -> None:
    client = signed_in()
    draft = begun(client)
    late = Client()
    answer = late.post(
        f"{draft}/to-khai-2", "child_name=An&child_birth_date=mai", content_type="application/x-www-form-urlencoded"
    )
    assert answer.headers["Location"].startswith("/dang-nhap?tiep=")
    session = late.session
    session[CITIZEN] = KNOWN
    session.save()
    page = late.get(f"{draft}/to-khai-2").content.decode()
    assert "Những gì đã gõ vẫn còn đây" in page
    assert 'value="mai"' in page
    assert "vẫn còn đây" not in late.get(f"{draft}/to-khai-2").content.decode()


def test_what_one_person_left_is_not_shown_to_the_next_at_the_same_screen() -> None:
    draft = begun(signed_in())
    late = Client()
    late.post(f"{draft}/to-khai-2", "child_name=An", content_type="application/x-www-form-urlencoded")
    session = late.session
    session[CITIZEN] = KNOWN | {"number": "001190000099"}
    session.save()
    assert late.get(f"{draft}/to-khai-2").status_code == 404


# --- papers -------------------------------------------------------------------------------------------------------


def sent(client: Client, draft: str, name: str, content: bytes, component: str = "birth_certificate") -> Any:
    return client.post(f"{draft}/giay-to", {f"tep.{component}": SimpleUploadedFile(name, content), "gui": "1"})


def test_papers_come_in_a_plain_form_several_to_a_component_and_can_be_taken_out() -> None:
    client = signed_in()
    draft = begun(client)
    assert sent(client, draft, "a.pdf", PDF).status_code == 302
    assert sent(client, draft, "b.pdf", PDF + b"b").status_code == 302
    first, second = queries.uploads_of(id_of(draft), scope=scope_of())
    assert (first.name, first.content_type, first.component) == ("a.pdf", "application/pdf", "birth_certificate")
    shown = client.get(f"/tep-nhap/{first.id}/xem")
    assert b"".join(shown) == PDF
    assert shown.headers["Content-Disposition"].startswith("attachment")
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert client.post(f"{draft}/giay-to", {"bo": str(second.id)}).status_code == 302
    assert [row.id for row in queries.uploads_of(id_of(draft), scope=scope_of())] == [first.id]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [("a.jpg", b"MZ\x90\0" * 99, "không thuộc loại"), ("a.pdf", b"", "trống")],
)
def test_a_file_that_is_not_taken_says_why_and_the_others_stay(name: str, content: bytes, words: str) -> None:
    client = signed_in()
    draft = begun(client)
    sent(client, draft, "good.pdf", PDF)
    answer = sent(client, draft, name, content)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert [row.name for row in queries.uploads_of(id_of(draft), scope=scope_of())] == ["good.pdf"]


def begin(client: Client, draft: str, size: int = len(PDF), name: str = "a.pdf") -> dict[str, Any]:
    answer = client.post(f"{draft}/tep", {"thanh-phan": "birth_certificate", "ten": name, "co": size})
    return {"status": answer.status_code, **answer.json()}


def piece(client: Client, at: dict[str, Any], offset: int, content: bytes) -> dict[str, Any]:
    answer = client.post(f"{at['part']}?tu={offset}", content, content_type="application/octet-stream")
    return {"status": answer.status_code, **answer.json()}


def test_a_file_comes_in_pieces_and_goes_on_where_it_was_cut_off() -> None:
    client = signed_in()
    draft = begun(client)
    at = begin(client, draft)
    assert piece(client, at, 0, PDF[:3000])["offset"] == 3000
    again = begin(client, draft)
    assert (again["id"], again["offset"]) == (at["id"], 3000), "the same file chosen again goes on"
    wrong = piece(client, at, 0, PDF[:3000])
    assert (wrong["status"], wrong["offset"]) == (409, 3000), "a piece that came before is not taken twice"
    done = piece(client, at, 3000, PDF[3000:])
    assert (done["whole"], done["status"]) == (True, 200)
    assert b"".join(client.get(done["link"])) == PDF
    assert piece(client, at, 3000, PDF[3000:])["whole"] is True, "the answer to the last piece may get lost"


def test_pieces_are_bounded_and_a_file_of_no_kind_is_forgotten() -> None:
    client = signed_in()
    draft = begun(client)
    assert begin(client, draft, 0)["status"] == 422
    assert begin(client, draft, 60 * 1024 * 1024)["status"] == 413
    at = begin(client, draft, 10)
    assert piece(client, at, 0, b"x" * 11)["status"] == 422
    assert piece(client, at, 0, b"x" * (600 * 1024))["status"] == 413
    bad = begin(client, draft, 8, "b.pdf")
    refused = piece(client, bad, 0, b"MZ\x90\0\0\0\0\0")
    assert (refused["status"], "không thuộc loại" in refused["error"]) == (415, True)
    assert Upload.objects.filter(id=bad["id"]).count() == 0


def test_a_paper_of_an_earlier_dossier_is_offered_and_taken_without_sending_it_again() -> None:
    client = signed_in()
    first = to_the_papers(client)
    sent(client, first, "a.pdf", PDF)
    client.post(f"{first}/giay-to", {})
    code = client.post(f"{first}/xem-lai").headers["Location"].split("/")[3]
    draft = begun(client)
    page = client.get(f"{draft}/giay-to").content.decode()
    assert "Đã có trong kho của ông/bà:" in page
    offered = page.split('name="dung-lai" value="')[1].split('"')[0]
    assert offered.startswith(f"birth_certificate/{code}/")
    for _twice in range(2):
        assert client.post(f"{draft}/giay-to", {"dung-lai": offered}).status_code == 302
    (upload,) = queries.uploads_of(id_of(draft), scope=scope_of())
    assert (upload.component, upload.name) == ("birth_certificate", f"Giấy chứng sinh ({code})")
    assert b"".join(client.get(f"/tep-nhap/{upload.id}/xem")) == PDF
    thief = signed_in(number="001190000099")
    own = begun(thief)
    assert thief.post(f"{own}/giay-to", {"dung-lai": offered}).status_code == 404
    assert thief.post(f"{own}/giay-to", {"dung-lai": "nonsense"}).status_code == 404


# --- filing -------------------------------------------------------------------------------------------------------


def test_the_whole_way_makes_one_dossier_with_its_papers_and_a_receipt() -> None:
    client = signed_in()
    draft = to_the_papers(client)
    sent(client, draft, "a.pdf", PDF)
    sent(client, draft, "b.pdf", PDF + b"b")
    assert client.post(f"{draft}/giay-to", {}).headers["Location"] == f"{draft}/xem-lai"
    review = client.get(f"{draft}/xem-lai").content.decode()
    assert "Còn bước chưa xong" not in review
    assert "Nguyễn Minh An" in review
    assert "01/11/2026" in review
    answer = client.post(f"{draft}/xem-lai")
    code = answer.headers["Location"].split("/")[3]
    folder = dossiers.open_folder(code, scope=scope_of(), now=clock.now())
    assert (folder.channel, folder.where.state, folder.content["child_birth_date"]) == (
        "online",
        "submitted",
        "2026-11-01",
    )
    assert [(paper.key, len(paper.files)) for paper in folder.papers] == [("birth_certificate", 2)]
    assert folder.applicant["number"] == KNOWN["number"]
    receipt = client.get(f"/cua-toi/ho-so/{code}/bien-nhan").content.decode()
    secret = dossiers.records([code], scope=scope_of())[code].secret
    assert code in receipt
    assert secret in receipt
    square = client.get(f"/cua-toi/ho-so/{code}/ma-qr.svg")
    assert square.headers["Content-Type"] == "image/svg+xml"
    assert queries.drafts_of(scope_of()) == (), "a filed draft is closed"


def posted(questions: Sequence[forms.Question], content: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """The fields of a form as a browser sends them when this content was typed."""
    found: dict[str, str] = {}
    for question in questions:
        value = content.get(question.name)
        if question.kind == "rows":
            for n, row in enumerate(value or ()):
                found |= posted(question.of, row, f"{question.name}.{n}.")
        elif value is not None:
            found[prefix + question.name] = forms.typed(question, value)
    return found


@pytest.mark.parametrize(
    ("code", "leads_to"),
    [
        ("1.000656", "bien-nhan"),
        ("1.000894", "bien-nhan"),
        ("1.001612", "phi"),
        ("1.004194", "phi"),
        ("1.004222", "phi"),
        ("1.004873", "bien-nhan"),
        ("1.004884", "bien-nhan"),
        ("1.001022", "bien-nhan"),
    ],
)
def test_each_form_can_be_filled_in_and_filed_and_what_costs_something_leads_to_paying(
    code: str, leads_to: str
) -> None:
    client = signed_in()
    draft = begun(client, code)
    version = procedures.catalogue().version(code, clock.today())
    assert version is not None
    example = version.schema["examples"][0]
    office = client.get(f"{draft}/noi-nop").content.decode().split('<option value="')[1].split('"')[0]
    answers: list[tuple[str, dict[str, str]]] = [("noi-nop", {"noi-nop": office}), ("giay-to", {})]
    if version.cases:
        answers.append(("truong-hop", {"truong-hop": "-"}))
    for n, group in enumerate(forms.groups(version.schema), 1):
        answers.append((f"to-khai-{n}", posted(group.questions, example)))
    for step, typed in answers:
        answer = client.post(f"{draft}/{step}", typed)
        assert answer.status_code == 302, (step, answer.content.decode())
    answer = client.post(f"{draft}/xem-lai")
    assert answer.status_code == 302, answer.content.decode()
    dossier = answer.headers["Location"].split("/")[3]
    assert answer.headers["Location"].split("/")[4] == leads_to
    folder = dossiers.open_folder(dossier, scope=scope_of(), now=clock.now())
    assert folder.content == example, "what was typed is what is filed"
    receipt = client.get(f"/cua-toi/ho-so/{dossier}/bien-nhan").content.decode()
    assert ("Xem và nộp phí" in receipt) == (leads_to == "phi")


def test_a_fee_that_could_not_be_asked_for_at_filing_is_asked_for_by_the_receipt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def away(**_asked: Any) -> None:
        raise Transient("gateway-away", "…")

    with monkeypatch.context() as patched:
        patched.setattr(payments, "open_charges", away)
        client = signed_in()
        _draft, code = filed(client)
        assert client.get(f"/cua-toi/ho-so/{code}/bien-nhan").status_code == 200
    assert client.get(f"/cua-toi/ho-so/{code}/bien-nhan").status_code == 200


def test_filing_again_gives_the_same_dossier() -> None:
    client = signed_in()
    draft, code = filed(client)
    for _again in range(2):
        answer = client.post(f"{draft}/xem-lai")
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/cua-toi/ho-so/{code}/bien-nhan")
    assert client.get(f"{draft}/to-khai-1").headers["Location"] == f"/cua-toi/ho-so/{code}/bien-nhan"
    assert len(dossiers.of_party(scope_of(), now=clock.now())) == 1
    with pytest.raises(Conflict):
        actions.change_draft(draft=id_of(draft), scope=scope_of(), now=clock.now(), fields={"relation": "cha"})


def test_a_draft_with_something_missing_is_not_filed_and_says_what() -> None:
    client = signed_in()
    draft = begun(client)
    review = client.get(f"{draft}/xem-lai").content.decode()
    assert "Còn bước chưa xong" in review
    answer = client.post(f"{draft}/xem-lai")
    assert answer.status_code == 422
    assert "Tờ khai còn chỗ chưa đúng." in answer.content.decode()
    assert dossiers.of_party(scope_of(), now=clock.now()) == ()


# --- whose it is --------------------------------------------------------------------------------------------------


def test_another_citizen_reaches_nothing_of_it() -> None:
    mine = signed_in()
    draft, code = filed(mine)
    open_draft = begun(mine)
    sent(mine, open_draft, "a.pdf", PDF)
    (upload,) = queries.uploads_of(id_of(open_draft), scope=scope_of())
    thief = signed_in(number="001190000099")
    for place in (draft, open_draft):
        for step in ("noi-o", "noi-nop", "truong-hop", "to-khai-1", "giay-to", "xem-lai"):
            assert thief.get(f"{place}/{step}").status_code == 404
            assert thief.post(f"{place}/{step}", {"relation": "?"}).status_code == 404
        assert thief.post(f"{place}/tep", {"ten": "x", "co": 5}).status_code == 404
        assert thief.post(f"/ban-nhap/{id_of(place)}/bo").status_code == 404
    assert thief.get(f"/tep-nhap/{upload.id}").status_code == 404
    assert thief.get(f"/tep-nhap/{upload.id}/xem").status_code == 404
    assert thief.post(f"/tep-nhap/{upload.id}?tu=0", b"x", content_type="application/octet-stream").status_code == 404
    assert thief.get(f"/cua-toi/ho-so/{code}/bien-nhan").status_code == 404
    assert thief.get(f"/cua-toi/ho-so/{code}/ma-qr.svg").status_code == 404
    with pytest.raises(NotFound):
        actions.drop_upload(upload=upload.id, scope=scope_of("001190000099"))
    assert Draft.objects.count() == 2


def test_a_draft_of_one_procedure_is_not_shown_under_another() -> None:
    client = signed_in()
    draft = begun(client)
    assert client.get(draft.replace(BIRTH, "1.000894") + "/to-khai-1").status_code == 404
    assert client.get(f"{draft}/to-khai-99").status_code == 404


def test_drafts_are_bounded_and_forgotten_after_a_month_without_a_change() -> None:
    now = clock.now()
    for _n in range(20):
        actions.begin_draft(scope=scope_of(), procedure=BIRTH, area="00004", reception="x", now=now)
    with pytest.raises(Permanent, match="too-many-drafts"):
        actions.begin_draft(scope=scope_of(), procedure=BIRTH, area="00004", reception="x", now=now)
    assert jobs.JOBS[0].run(now + timedelta(days=29)) == 0
    assert jobs.JOBS[0].run(now + timedelta(days=30)) == 20
    assert Draft.objects.count() == 0


def test_sessions_that_are_over_are_deleted_with_what_they_knew() -> None:
    client = signed_in()
    assert jobs.JOBS[1].run(clock.now()) == 0
    assert jobs.JOBS[1].run(clock.now() + timedelta(minutes=16)) == 1
    assert client.get(f"/nop/{BIRTH}").status_code == 302


def test_a_draft_is_dropped_by_its_owner() -> None:
    client = signed_in()
    draft = begun(client)
    assert client.post(f"/ban-nhap/{id_of(draft)}/bo").status_code == 302
    assert client.get(f"{draft}/noi-nop").status_code == 404


def test_the_party_of_a_citizen_is_the_one_of_the_session() -> None:
    client = signed_in()
    page = client.get(f"/nop/{BIRTH}")
    citizen = citizen_of(page.wsgi_request)
    assert citizen is not None
    assert citizen.scope == scope_of()
