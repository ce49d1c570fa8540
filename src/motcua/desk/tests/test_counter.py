"""Taking in at the counter: the sheet, its errors, who resolves, and that one sheet makes one dossier."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from motcua.desk.tests.support import official, seated
from motcua.dossiers import api as dossiers
from motcua.dossiers.tests.support import ELSEWHERE, NEIGHBOUR, ON, place
from motcua.identity import api as identity
from motcua.kernel import clock
from motcua.payments import api as payments
from motcua.screens import words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("country")]

COUNTER = "/can-bo/tiep-nhan"
GENERAL = "1.000419"  # a commune's procedure with the general form and no list of papers
COPIES = "2.000815"  # chứng thực bản sao: one paper, only shown
SIGNATURE = "2.000884"  # chứng thực chữ ký: 10.000 đồng a case
SINGLE = "1.004873"  # giấy xác nhận tình trạng hôn nhân: a required paper, three cases
CARD = "001190000017|012345678|Nguyễn Thị Mai|17051990|Nữ|12 Quan Thánh, Ba Đình, Hà Nội|02012021"
SCAN = b"%PDF-1.4\n%%EOF\n"


@pytest.fixture
def desk() -> Client:
    return seated(identity.Role.RECEPTION)


def sheet(**typed: Any) -> dict[str, Any]:
    """A sheet that may be filed, with whatever else is typed."""
    filled = {
        "key": uuid4().hex,
        "procedure": GENERAL,
        "channel": "counter",
        "kind": "citizen",
        "number": "001190000017",
        "name": "Nguyễn Thị Mai",
        "birth_date": "17051990",
        "phone": "0900 000 017",
        "area": "phường Ba Đình, Hà Nội",
        "c.request": "Đăng ký khai tử cho bà nội",
        "act": "file",
    }
    return filled | {name.replace("__", "."): value for name, value in typed.items()}


def post(desk: Client, **typed: Any) -> HttpResponse:
    return desk.post(COUNTER, sheet(**typed))  # type: ignore[return-value]


def look(desk: Client, **typed: Any) -> str:
    answer = desk.post(COUNTER, typed | {"act": "look"})
    assert answer.status_code == 200
    return answer.content.decode()


def value(page: str, field: str) -> str:
    found = re.search(rf'<input[^>]*\bname="{re.escape(field)}"[^>]*?\bvalue="([^"]*)"', page)
    assert found, field
    return found[1]


def errors(answer: Any) -> dict[str, str]:
    """The summary's errors by the field that they lead to."""
    assert answer.status_code == 422, answer.content.decode()[:2000]
    return dict(re.findall(r'<li><a href="#([^"]+)">([^<]*)</a>', answer.content.decode()))


def filed(answer: Any) -> dossiers.Folder:
    assert answer.status_code == 303, errors(answer)
    return dossiers.open_folder(answer.url.rsplit("/", 1)[1], scope=identity.SYSTEM, now=clock.now())


def count() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM dossiers_dossier")
        return int(cursor.fetchone()[0])


# --- what for -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["khai sinh", "KHAI SINH", "khai s", "dkks", "1.001193", "001193", "khaisinh"])
def test_a_procedure_is_found_by_words_beginnings_initials_and_code(desk: Client, typed: str) -> None:
    items = desk.get(f"{COUNTER}/thu-tuc", {"q": typed}).json()["items"]
    assert "1.001193" in [item["code"] for item in items[:4]], items


def test_what_this_agency_receives_often_comes_first(desk: Client) -> None:
    filed(post(desk))
    items = desk.get(f"{COUNTER}/thu-tuc").json()["items"]
    assert items[0]["code"] == GENERAL
    neighbour = Client()
    neighbour.force_login(official(identity.Role.RECEPTION, place(NEIGHBOUR, ON).centre))
    assert neighbour.get(f"{COUNTER}/thu-tuc").json()["items"][0]["code"] != GENERAL


def test_without_script_the_words_give_a_list_to_choose_from(desk: Client) -> None:
    page = look(desk, procedure="khai sinh")
    assert 'name="pick" value="1.001193"' in page
    page = look(desk, procedure="khai sinh", pick="1.001193")
    assert value(page, "procedure").startswith("1.001193 ")


def test_words_that_fit_nothing_say_so(desk: Client) -> None:
    assert "Không có thủ tục nào khớp" in look(desk, procedure="zzzzqqq")


# --- who ----------------------------------------------------------------------------------------------------------


def test_a_scanned_card_fills_in_the_person_and_says_where_from(desk: Client) -> None:
    page = look(desk, procedure=GENERAL, number=CARD)
    assert value(page, "number") == "001190000017"
    assert value(page, "name") == "Nguyễn Thị Mai"
    assert value(page, "birth_date") == "17/05/1990"
    assert value(page, "area") == "phường Ba Đình, thành phố Hà Nội"
    assert page.count("Theo mã QR trên thẻ căn cước") == 3
    assert "Ủy ban nhân dân phường Ba Đình" in page


@pytest.mark.parametrize("field", ["procedure", "name", "phone", "address"])
def test_a_card_scanned_into_another_field_goes_where_it_belongs(desk: Client, field: str) -> None:
    page = look(desk, **{field: CARD})
    assert value(page, "number") == "001190000017"
    assert value(page, "name") == "Nguyễn Thị Mai"


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        ("00119000001", "có 12 chữ số"),
        ("012345678", "không còn dùng được"),
        ("00119000001a", "chỉ gồm chữ số"),
        ("097190000017", "mã nơi đăng ký khai sinh"),
        (CARD.replace("17051990", "17051991"), "Ngày sinh và số định danh"),
        (CARD.replace("Nữ", "Nam"), "Giới tính và số định danh"),
        ("001190000017|012345678|Nguyễn", "thiếu phần của mã QR"),
    ],
)
def test_a_bad_number_or_card_says_what_is_wrong(desk: Client, number: str, sentence: str) -> None:
    page = look(desk, number=number)
    assert sentence in page
    assert 'aria-describedby="number-error"' in page


def test_what_is_known_of_a_person_is_filled_in_and_the_look_leaves_a_trace(desk: Client) -> None:
    filed(post(desk))
    page = look(desk, number="001190000017")
    assert value(page, "name") == "Nguyễn Thị Mai"
    assert value(page, "phone") == "0900000017"
    assert page.count("Theo dữ liệu đã có trong hệ thống") == 3
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT act, actor, body FROM kernel_journalentry WHERE subject = %s ORDER BY n",
            [identity.party_id("citizen", "001190000017")],
        )
        looks = cursor.fetchall()
    assert [act for act, _, _ in looks] == ["party.looked_up"] * 2  # while filing it was not known yet
    assert {actor for _, actor, _ in looks} == {f"account:{desk.session['_auth_user_id']}"}
    assert "Mai" not in str(looks)
    assert "001190000017" not in str(looks)


def test_showing_the_sheet_again_does_not_look_again(desk: Client) -> None:
    look(desk, number="001190000017", looked="citizen:001190000017")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM kernel_journalentry WHERE act = 'party.looked_up'")
        assert cursor.fetchone()[0] == 0


def test_the_next_person_gets_nothing_of_the_last(desk: Client) -> None:
    page = look(desk, number=CARD)
    kept = {name: value(page, name) for name in ("name", "birth_date", "address", "area", "area_code", "looked")}
    origins = value(page, "origins").replace("&#34;", '"').replace("&#39;", "'")
    page = look(desk, **kept, origins=origins, number="079090000018")
    assert [value(page, name) for name in ("name", "birth_date", "address", "area")] == [""] * 4


def test_a_name_other_than_the_known_one_is_pointed_out(desk: Client) -> None:
    filed(post(desk))
    assert "Hệ thống đang ghi số này là của" in look(desk, number="001190000017", name="Trần Văn Khác")


@pytest.mark.parametrize(
    ("number", "sentence"),
    [("0100109107", "sai số kiểm tra"), ("12345", "Mã số tổ chức có 10 chữ số"), ("097190000017", "Ba số đầu")],
)
def test_a_bad_number_of_an_organisation_says_what_is_wrong(desk: Client, number: str, sentence: str) -> None:
    assert sentence in look(desk, kind="organisation", number=number)


def test_an_organisation_files_under_its_tax_number_or_identifier(desk: Client) -> None:
    folder = filed(post(desk, kind="organisation", number="0100109106", name="Công ty Mẫu", birth_date=""))
    assert folder.applicant["number"] == "0100109106"
    page = look(desk, kind="organisation", number="H26.101")
    assert value(page, "name") == "Ủy ban nhân dân phường Ba Đình"
    filed(post(desk, kind="organisation", number="H26.101", name="UBND phường", birth_date=""))


# --- where --------------------------------------------------------------------------------------------------------


def test_the_three_agencies_stay_apart_when_a_neighbour_of_the_province_is_served(desk: Client) -> None:
    page = look(desk, procedure=GENERAL, area="phường Ngọc Hà")
    assert "tiếp nhận ngoài địa giới" in page
    folder = filed(post(desk, area="phường Ngọc Hà"))
    assert folder.where.reception.org == place().org
    assert folder.where.resolving.org == place(NEIGHBOUR).committee.org(ON)
    assert folder.where.support is None


def test_another_province_is_refused_at_the_counter_but_may_be_helped_to_file_online(desk: Client) -> None:
    there = "phường Sài Gòn, Thành phố Hồ Chí Minh"
    answer = post(desk, area=there)
    assert "phạm vi một tỉnh" in errors(answer)["area"]
    folder = filed(post(desk, area=there, channel="assisted"))
    assert folder.where.support is not None
    assert folder.where.support.org == place().org
    assert folder.where.reception.org == place(ELSEWHERE).org
    assert folder.where.state == "submitted"


def test_a_dissolved_commune_gives_what_became_of_it(desk: Client) -> None:
    page = look(desk, procedure=GENERAL, area="phường Quán Thánh, quận Ba Đình, Hà Nội")
    assert "phường Ba Đình, thành phố Hà Nội" in page
    page = look(desk, procedure=GENERAL, area="phường 3, quận 3, Hồ Chí Minh")
    assert "phường Bàn Cờ, thành phố Hồ Chí Minh" in page


def test_a_commune_that_was_split_is_chosen_by_whoever_reads_the_address(desk: Client) -> None:
    split = next(
        unit for unit in _closed_communes() if len({c.unit.code for c in _directory().became(unit.id, ON)}) > 1
    )
    named = f"{split.at(ON).full_name}, {_directory().unit(split.at(ON).parent_id or 0).at(ON).full_name}"
    page = look(desk, procedure=GENERAL, area=named)
    codes = re.findall(r'name="area_pick" value="(\d+)"', page)
    assert len(codes) > 1
    page = look(desk, procedure=GENERAL, area=named, area_pick=codes[1])
    assert value(page, "area_code") == codes[1]
    assert "area" in errors(post(desk, area=named))


def _directory() -> Any:
    from motcua.units import api as units

    return units.directory()


def _closed_communes() -> Any:
    """Old communes of Hà Nội."""
    for unit in _directory().units():
        if unit.level == "commune" and not unit.in_force(ON) and _directory().province_of(unit.id, ON).code == "01":
            yield unit


def test_a_place_that_there_never_was_says_so(desk: Client) -> None:
    assert "Không tìm thấy xã, phường" in errors(post(desk, area="xã Không Có Thật"))["area"]


def test_a_procedure_that_is_not_given_here_says_so_before_anything_is_filed(desk: Client) -> None:
    ministry = "1.000020"  # resolved by the customs, which does not use this system
    page = look(desk, procedure=ministry, area="phường Ba Đình")
    assert "Chưa tiếp nhận được tại đây." in page
    before = count()
    assert "area" in errors(post(desk, procedure=ministry))
    assert count() == before


# --- papers and declaration ---------------------------------------------------------------------------------------


SINGLE_FORM = {
    "c.relation": "Bản thân",
    "c.person_name": "Nguyễn Thị Mai",
    "c.person_birth_date": "17/5/1990",
    "c.person_gender": "female",
    "c.person_ethnicity": "Kinh",
    "c.person_nationality": "Việt Nam",
    "c.person_residence": "Phường Ba Đình, Hà Nội",
    "c.status": "never",
    "c.purpose": "marriage",
    "c.purpose_detail": "Đăng ký kết hôn",
    "c.copies": "2",
}


def test_a_missing_required_paper_is_said_before_filing_and_everything_typed_is_kept(desk: Client) -> None:
    answer = post(desk, procedure=SINGLE, **{"p.former_certificate.form": "copy"}, **SINGLE_FORM)
    assert "Thiếu giấy tờ bắt buộc" in errors(answer)["p.declaration"]
    page = answer.content.decode()
    assert ">Đăng ký kết hôn</textarea>" in page or value(page, "c.purpose_detail") == "Đăng ký kết hôn"
    assert value(page, "phone") == "0900 000 017"


def test_papers_are_ticked_as_original_copy_or_electronic_with_files(desk: Client) -> None:
    folder = filed(
        post(
            desk,
            procedure=SINGLE,
            **SINGLE_FORM,
            **{
                "p.declaration": "1",
                "p.declaration.form": "electronic",
                "p.declaration.quantity": "2",
                "p.declaration.files": [
                    SimpleUploadedFile("trang 1.pdf", SCAN),
                    SimpleUploadedFile("trang 2.pdf", SCAN + b"2"),
                ],
                "o.0.name": "Ảnh chụp",
                "o.0.form": "copy",
            },
        )
    )
    assert [(p.key, p.name, p.form, p.quantity, len(p.files)) for p in folder.papers] == [
        ("declaration", "", "electronic", 2, 2),
        ("", "Ảnh chụp", "copy", 1, 0),
    ]
    assert folder.content["requester_name"] == "Nguyễn Thị Mai", "known already, not asked again"
    assert folder.content["person_birth_date"] == "1990-05-17"
    assert folder.content["copies"] == 2


def test_files_are_kept_while_something_else_is_wrong(desk: Client) -> None:
    upload = {"p.declaration.files": SimpleUploadedFile("to-khai.pdf", SCAN)}
    answer = post(desk, procedure=SINGLE, phone="12", **SINGLE_FORM, **upload)
    assert set(errors(answer)) == {"phone"}, "a paper with a file is here"
    page = answer.content.decode()
    assert "to-khai.pdf" in page
    token = value(page, "p.declaration.kept")
    folder = filed(post(desk, procedure=SINGLE, **SINGLE_FORM, **{"p.declaration.kept": token}))
    assert len(folder.papers[0].files) == 1
    stranger = seated(identity.Role.RECEPTION, NEIGHBOUR)
    answer = post(stranger, procedure=SINGLE, **SINGLE_FORM, **{"p.declaration": "1", "p.declaration.kept": token})
    assert filed(answer).papers[0].files == [], "the token of one official is nothing to another"


def test_a_file_of_an_unknown_kind_is_refused_in_words(desk: Client) -> None:
    upload = {"p.declaration.files": SimpleUploadedFile("chuong-trinh.pdf", b"\x7fELF\x00\x01")}
    answer = post(desk, procedure=SINGLE, **SINGLE_FORM, **upload)
    assert "không thuộc loại được nhận" in errors(answer)["p.declaration.files"]


def test_a_paper_that_is_only_shown_is_looked_at_and_given_back(desk: Client) -> None:
    form = {"c.document_name": "Bằng tốt nghiệp", "c.document_issuer": "Trường Mẫu", "c.pages": "1", "c.copies": "3"}
    assert "p.original" in errors(post(desk, procedure=COPIES, **form))
    assert filed(post(desk, procedure=COPIES, **form, **{"p.original": "1"})).papers == ()


def test_a_declaration_that_does_not_hold_leads_to_its_fields(desk: Client) -> None:
    wrong = SINGLE_FORM | {"c.person_birth_date": "31/02/1990", "c.copies": "viele", "c.status": ""}
    found = errors(post(desk, procedure=SINGLE, **wrong, **{"p.declaration": "1"}))
    assert set(found) == {"c.person_birth_date", "c.copies", "c.status"}


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("number", ""),
        ("name", ""),
        ("procedure", ""),
        ("area", ""),
        ("phone", "abc"),
        ("email", "khong-phai"),
        ("birth_date", "17/05/1991"),
        ("birth_date", "32/05/1990"),
        ("name", "x" * 201),
    ],
)
def test_each_thing_that_is_wrong_is_said_at_its_field(desk: Client, field: str, typed: str) -> None:
    before = count()
    assert field in errors(post(desk, **{field: typed}))
    assert count() == before


def test_signs_that_nobody_can_see_do_no_harm(desk: Client) -> None:
    folder = filed(post(desk, name="Nguyễn\x00 Thị\u200b Mai", c__request="a\x00b", origins="[1]", area_code="'"))
    assert folder.applicant["name"] == "Nguyễn Thị Mai"
    assert folder.content["request"] == "ab"


def test_another_procedure_begins_with_papers_of_its_own(desk: Client) -> None:
    page = look(desk, procedure=GENERAL)
    assert "Đề nghị giải quyết: Thủ tục đăng ký khai tử lưu động" in page
    request = {"c.request": "Đề nghị giải quyết: Thủ tục đăng ký khai tử lưu động", "o.0.name": "Đơn"}
    other = "1.003583"
    page = look(desk, procedure=other, of=GENERAL, **request)
    assert "Đơn" not in re.findall(r'name="o.0.name" value="([^"]*)"', page)
    assert value(page, "of") == other


# --- filing -------------------------------------------------------------------------------------------------------


def test_the_same_sheet_sent_twice_makes_one_dossier(desk: Client) -> None:
    before = count()
    same = sheet()
    first, second = desk.post(COUNTER, same), desk.post(COUNTER, same)
    assert first.status_code == second.status_code == 303
    assert first.url == second.url  # type: ignore[attr-defined]
    assert count() == before + 1
    other = desk.post(COUNTER, same | {"name": "Người Khác"})
    assert "đã được tiếp nhận trước đó" in errors(other)["procedure"]
    assert count() == before + 1


def test_after_filing_code_secret_and_due_moment_are_shown(desk: Client) -> None:
    answer = post(desk)
    folder = filed(answer)
    page = desk.get(answer.url).content.decode()  # type: ignore[attr-defined]
    assert folder.where.code in page
    assert folder.where.due_at is not None
    assert words.moment(folder.where.due_at) in page
    assert f"/can-bo/ho-so/{folder.where.code}/phieu/01" in page
    secret = re.search(r'class="code secret">([^<]+)<', page)
    assert secret
    found = dossiers.where([dossiers.WhereQuestion(folder.where.code, clock.now(), secret=secret[1])])
    assert isinstance(found[0], dossiers.Where), "the secret opens the dossier to whoever holds the slip"


def test_what_came_by_post_is_taken_in_at_once(desk: Client) -> None:
    assert filed(post(desk, channel="post")).where.state == "accepted"


@pytest.mark.parametrize(
    ("act", "state", "words_", "slip"),
    [("guide", "awaiting_papers", "yêu cầu bổ sung", "02"), ("refuse", "refused", "từ chối", "03")],
)
def test_a_dossier_that_can_not_be_taken_in_gets_its_slip_with_a_reason(
    desk: Client, act: str, state: str, words_: str, slip: str
) -> None:
    assert "reason" in errors(post(desk, procedure=SINGLE, act=act, **SINGLE_FORM))
    answer = post(desk, procedure=SINGLE, act=act, reason="Thiếu tờ khai.", **SINGLE_FORM)
    folder = filed(answer)
    assert folder.where.state == state
    assert folder.log[-1].reason == "Thiếu tờ khai."
    page = desk.get(answer.url).content.decode()  # type: ignore[attr-defined]
    assert words_ in page
    assert f"/phieu/{slip}" in page


# --- who may ------------------------------------------------------------------------------------------------------


def test_only_reception_sits_at_the_counter() -> None:
    handler = seated(identity.Role.HANDLER)
    for address in (COUNTER, f"{COUNTER}/thu-tuc", f"{COUNTER}/xong/H26.101.01-260817-0001"):
        assert handler.get(address).status_code == 403


def test_a_foreign_agency_sees_nothing_of_what_was_taken_in_here(desk: Client) -> None:
    answer = post(desk)
    folder = filed(answer)
    stranger = seated(identity.Role.RECEPTION, ELSEWHERE)
    seen = stranger.get(answer.url)  # type: ignore[attr-defined]
    assert seen.status_code == 404
    assert "Nguyễn Thị Mai" not in seen.content.decode()
    assert folder.where.code in desk.get(answer.url).content.decode()  # type: ignore[attr-defined]


def test_nothing_typed_can_name_another_agency_as_the_one_that_receives(desk: Client) -> None:
    folder = filed(post(desk, reception=place(NEIGHBOUR).org, support=place(NEIGHBOUR).org))
    assert folder.where.reception.org == place().org


# --- English ------------------------------------------------------------------------------------------------------


def test_the_counter_speaks_english(desk: Client) -> None:
    desk.cookies["django_language"] = "en"
    page = look(desk, procedure=SINGLE, number=CARD)
    page = page[page.index("<main") : page.index("</main>")]
    own = re.sub(r'<(\w+)[^>]*\blang="vi"[^>]*>.*?</\1>', "", page, flags=re.S)
    own = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", own, flags=re.S)
    left = [
        line for line in own.splitlines() if re.search("[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", line)
    ]
    assert [line.strip() for line in left] == []


# --- for somebody else, and how the result comes ------------------------------------------------------------------


def test_a_proxy_and_the_way_of_the_result_are_kept_as_typed(desk: Client) -> None:
    made = filed(
        post(
            desk, proxy_name="Lê Văn Út", proxy_number="001090000018", proxy_document="số 5 ngày 1/8/2026",
            delivery="post", delivery_place="8 phố Vọng",
        )
    )  # fmt: skip
    assert made.applicant["proxy"]["name"] == "Lê Văn Út"
    assert made.applicant["proxy"]["document"] == "số 5 ngày 1/8/2026"
    assert (made.applicant["delivery"], made.applicant["delivery_place"]) == ("post", "8 phố Vọng")


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"proxy_phone": "0900000018"}, "proxy_name"),
        ({"proxy_name": "Lê Văn Út", "proxy_number": "số 18"}, "proxy_number"),
        ({"delivery": "post"}, "delivery_place"),
    ],
)
def test_a_proxy_without_a_name_or_a_parcel_without_a_place_is_told(
    desk: Client, typed: dict[str, str], field: str
) -> None:
    answer = post(desk, **typed)
    assert field in errors(answer)
    assert next(iter(typed.values())) in answer.content.decode()


def test_a_fee_is_owed_from_the_counter_on_and_received_there(desk: Client) -> None:
    typed = {"procedure": SIGNATURE, "c.document_name": "Giấy ủy quyền", "c.manner": "signature", "c.copies": "1"}
    lacking = [field for field in errors(post(desk, **typed)) if field.startswith("p.")]
    code = filed(post(desk, **typed, **dict.fromkeys(lacking, "1"))).where.code
    [charge] = payments.charges_of([code], scope=identity.SYSTEM)
    assert charge.amount == 10_000
    assert "Đã thu 10.000" in desk.get(f"{COUNTER}/xong/{code}").content.decode()
    answer = desk.post(f"/can-bo/ho-so/{code}/thu-phi", {"ve": "counter-done"})
    assert answer.url == f"{COUNTER}/xong/{code}"  # type: ignore[attr-defined]
    [charge] = payments.charges_of([code], scope=identity.SYSTEM)
    assert (charge.state, charge.how) == (payments.ChargeState.PAID, payments.How.CASH)
