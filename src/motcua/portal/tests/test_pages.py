"""Each page as a citizen gets it, and what bad input gets."""

import gzip
import re
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.test.client import ClientHandler
from django.utils import translation

from motcua.dossiers import actions
from motcua.dossiers.receipts import StepReceipt
from motcua.dossiers.rules.life import Given
from motcua.dossiers.tests.support import filed, office
from motcua.kernel import clock, throttle
from motcua.portal.tests.support import signed_in
from motcua.portal.views.home import LIFE_EVENTS, behind
from motcua.procedures import api as procedures
from motcua.transfers.models import Transfer

pytestmark = pytest.mark.django_db

PAGES = [
    "/",
    "/su-kien/sinh-con",
    "/thu-tuc",
    "/thu-tuc?q=khai+sinh",
    "/thu-tuc?q=zzzz",
    "/thu-tuc?q=ban+co",
    "/thu-tuc/1.001193",
    "/thu-tuc/1.001193?xa=00004",
    "/thu-tuc/1.001193?xa=ba+dinh",
    "/thu-tuc/1.001193?xa=zzzz",
    "/don-vi",
    "/don-vi?q=phuong+3+quan+3",
    "/don-vi?q=zzzz",
    "/don-vi/00004",
    "/don-vi/00004?ngay=2025-06-30",
    "/don-vi/001",
    "/don-vi/79",
    "/don-vi/25270",
    "/don-vi/48",
    "/don-vi/27154?ngay=2025-06-30",
    "/ho-so",
    "/ho-so?ma=H29.112-261120-0042",
    "/ho-so/H29.112-261120-0042",
    "/thiet-ke",
    "/thiet-ke/ban-lam-viec",
]
VIETNAMESE = re.compile("[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE)


class Texts(HTMLParser):
    """The texts of a page with the language of each, and the ids it gives and refers to."""

    VOID = frozenset({"meta", "link", "input", "br", "path", "circle"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.languages = [""]
        self.texts: list[tuple[str, str]] = []
        self.ids: list[str] = []
        self.references: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {key: value or "" for key, value in attrs}
        language = named.get("lang", self.languages[-1])
        self.ids += [named["id"]] if "id" in named else []
        for key in ("aria-labelledby", "aria-describedby", "for"):
            self.references += named.get(key, "").split()
        for key in ("aria-label", "placeholder", "title"):
            self.texts += [(language, named[key])] if key in named else []
        if tag not in self.VOID:
            self.languages.append("vi" if tag == "title" else language)  # a page may be named for what it shows

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            self.languages.pop()

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append((self.languages[-1], data.strip()))


@pytest.fixture(scope="session")
def handler() -> ClientHandler:
    """One for all tests, because each gathers every static file anew."""
    return ClientHandler(enforce_csrf_checks=False)


@pytest.fixture
def client(handler: ClientHandler) -> Client:
    made = Client()
    made.handler = handler
    return made


def said(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def bare(page: str) -> str:
    """The page without its tags."""
    return re.sub(r"<[^>]+>", "", page)


@pytest.fixture(autouse=True)
def _no_place_has_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "secrets", throttle.Throttle())


@pytest.fixture(autouse=True)
def _language_is_left_as_it_was() -> Iterator[None]:
    with translation.override("vi"):
        yield


@pytest.mark.parametrize("address", PAGES)
def test_a_page_answers_in_vietnamese_with_one_heading_and_whole_references(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200
    page = response.content.decode()
    assert '<html lang="vi">' in page
    assert page.count("<h1") == 1
    texts = Texts(page)
    assert len(texts.ids) == len(set(texts.ids))
    assert set(texts.references) <= set(texts.ids)
    assert texts.languages == [""]


@pytest.mark.parametrize("address", PAGES)
def test_a_page_in_english_says_nothing_of_its_own_in_vietnamese(client: Client, address: str) -> None:
    client.get("/ngon-ngu/en")
    page = said(client, address)
    assert '<html lang="en">' in page
    names = ("Một cửa", "Bàn Cờ", "khai sinh", "QĐ-TTg", "Phường 3 Quận 3", "“zzzz”")
    for language, text in Texts(page).texts:
        bare = text
        for name in names:
            bare = bare.replace(name, "")
        assert language != "en" or not VIETNAMESE.search(bare), text


@pytest.mark.parametrize("address", PAGES)
def test_a_page_needs_no_script_and_no_style_of_its_own(client: Client, address: str) -> None:
    page = said(client, address)
    for forbidden in ("<script>", "style=", "<style", " onclick", "javascript:"):
        assert forbidden not in page
    assert all(re.fullmatch(r' src="/static/\S+" defer', script) for script in re.findall(r"<script([^>]*)>", page))
    assert not re.search(r'(?:src|href)="(?:https?:)?//(?!dichvucong\.gov\.vn)', page)


@pytest.mark.parametrize("address", [*PAGES, "/khong-co", "/quan-tri/login/", "/static/motcua/motcua.css"])
def test_every_answer_carries_the_safe_headers(client: Client, address: str) -> None:
    response = client.get(address)
    response.close()
    headers = response.headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Referrer-Policy"] in ("same-origin", "no-referrer")
    assert "camera=()" in headers["Permissions-Policy"]
    if not address.startswith("/static"):
        assert headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("where", ["/thu-tuc?q={}", "/don-vi?q={}", "/thu-tuc/1.001193?xa={}", "/ho-so?ma={}"])
def test_what_was_typed_is_shown_as_text_and_never_as_markup(client: Client, where: str) -> None:
    page = said(client, where.format("%22%3E%3Cscript%3Ealert(1)%3C/script%3E%3Cb%20x=%22"))
    assert "<script" not in page.lower()
    assert "<b x" not in page.lower()


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/khong-co", 404, "Chưa có trang này"),
        ("/thu-tuc/9.999999", 404, "Chưa có thủ tục mang mã này"),
        ("/thu-tuc/%3Cscript%3E", 404, "&lt;script&gt;"),
        ("/don-vi/99999", 404, "Chưa có đơn vị nào mang mã này"),
        ("/don-vi/00004?ngay=30-06-2025", 400, "Ngày chưa đúng"),
        ("/don-vi/00004?ngay=2025-02-30", 400, "Ngày chưa đúng"),
        ("/ngon-ngu/xx", 404, "Chưa có ngôn ngữ này"),
    ],
)
def test_bad_input_gets_words_and_a_next_step(client: Client, address: str, status: int, words: str) -> None:
    response = client.get(address)
    assert response.status_code == status
    page = response.content.decode()
    assert words in page
    assert 'href="/"' in page


@pytest.mark.parametrize("typed", ["%00", "a" * 5000, "%F0%9F%98%80", "%ff", "1%202%203", "٣"])
@pytest.mark.parametrize("where", ["/thu-tuc?q={}", "/don-vi?q={}", "/thu-tuc/1.001193?xa={}", "/ho-so?ma={}"])
def test_strange_signs_are_no_error(client: Client, where: str, typed: str) -> None:
    assert client.get(where.format(typed)).status_code == 200


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "1990-01-01"])
@pytest.mark.parametrize("code", ["00004", "79", "001"])
def test_a_unit_can_be_asked_for_on_any_day(client: Client, code: str, day: str) -> None:
    assert client.get(f"/don-vi/{code}?ngay={day}").status_code == 200


def test_a_page_that_does_not_exist_is_said_in_the_chosen_language(client: Client) -> None:
    client.get("/ngon-ngu/en")
    assert "There is no such page" in said(client, "/khong-co")


def test_the_first_page_offers_four_ways_in(client: Client) -> None:
    page = said(client, "/")
    for words in ("Ông/bà cần làm thủ tục gì?", "Theo sự kiện trong đời", "Hồ sơ của tôi đang ở đâu?", "nay là đâu?"):
        assert words in page


def test_each_life_event_leads_to_its_procedures(client: Client) -> None:
    links = re.findall(r'class="tile" href="([^"]+)"', said(client, "/"))
    assert len(links) == 8
    for link in links:
        assert said(client, link).count('class="lead"') > 2, link


@pytest.mark.parametrize("slug", LIFE_EVENTS)
def test_each_procedure_behind_a_life_event_is_in_the_catalogue(country: None, slug: str) -> None:
    known = procedures.catalogue()
    assert [code for code in behind()[slug] if known.version(code, clock.today()) is None] == []


@pytest.mark.parametrize("typed", ["H29.112-261120-0042", "h29.112 – 261120 – 0042"])
def test_the_code_of_a_dossier_in_the_search_box_leads_to_where_it_is(client: Client, typed: str) -> None:
    response = client.get("/thu-tuc", {"q": typed})
    assert (response.status_code, response["Location"]) == (302, "/ho-so?ma=H29.112-261120-0042")


@pytest.mark.parametrize("typed", ["phường bàn cờ", "ban co", "27154"])
def test_a_communes_name_or_code_in_the_search_box_offers_its_page(client: Client, typed: str) -> None:
    assert 'href="/don-vi/27154"' in said(client, f"/thu-tuc?q={typed}")


def test_hits_that_fit_little_are_left_out(client: Client) -> None:
    names = re.findall(r'class="lead"[^>]*><span>([^<]+)', said(client, "/thu-tuc?q=khai+tu"))
    assert names[0] == "Thủ tục đăng ký khai tử"
    assert all("khai tử" in name for name in names)


def test_a_procedure_says_who_resolves_it_for_the_commune_given(client: Client) -> None:
    page = said(client, "/thu-tuc/1.001193?xa=27154")
    assert "Ủy ban nhân dân phường Bàn Cờ" in page
    assert "Trung tâm Phục vụ hành chính công phường Bàn Cờ" in page


def test_the_chosen_commune_is_remembered_until_another_is_asked_for(client: Client) -> None:
    said(client, "/thu-tuc/1.001193?xa=27154")
    page = said(client, "/thu-tuc/1.000894")
    assert "Ủy ban nhân dân phường Bàn Cờ" in page
    assert "đã chọn lần trước" in page
    assert 'name="xa"' in said(client, "/thu-tuc/1.000894?xa=-")
    said(client, "/thu-tuc?xa=25270")
    assert "Ủy ban nhân dân phường Lộc Ninh" in said(client, "/thu-tuc/1.000894")
    said(client, "/thu-tuc/1.000894?xa=00004")
    assert "Ủy ban nhân dân phường Ba Đình" in said(client, "/thu-tuc/1.001193")


@pytest.mark.parametrize("kept", ["", "x", "99999", "9" * 5000, "001"])
def test_a_remembered_commune_that_makes_no_sense_is_no_error(client: Client, kept: str) -> None:
    client.cookies["xa"] = kept
    assert client.get("/thu-tuc/1.001193").status_code == 200


@pytest.mark.parametrize(
    ("home", "resolver"),
    [
        ("12 phố Quan Thánh, phường Ba Đình, thành phố Hà Nội", "Ủy ban nhân dân phường Ba Đình"),
        ("ấp 3, xã không có, tỉnh không có", ""),
        ("", ""),
    ],
)
def test_a_signed_in_citizen_sees_who_resolves_at_home(home: str, resolver: str) -> None:
    page = signed_in(address=home).get("/thu-tuc/1.001193").content.decode()
    assert (resolver in page and "Theo địa chỉ trong tài khoản" in page) if resolver else 'name="xa"' in page


def test_a_procedure_says_whether_it_can_be_done_online_and_why_partly(client: Client) -> None:
    version = procedures.catalogue().version("1.001193", clock.today())
    assert version is not None
    page = bare(said(client, "/thu-tuc/1.001193"))
    assert "Được, một phần" in page
    assert version.partial_reason
    assert version.partial_reason in page
    assert "Chưa được" in bare(said(client, "/thu-tuc/2.000815"))


# Maps


def test_the_country_is_a_map_with_a_list_of_the_same_names(client: Client) -> None:
    page = said(client, "/don-vi")
    drawn = re.findall(r'<a href="(/don-vi/\d\d)" id="m\d\d"', page)
    assert len(set(drawn)) == 34
    assert set(drawn) == set(re.findall(r'<li><a href="(/don-vi/\d\d)" data-on-map', page))
    for isles in ("Hoàng Sa", "Trường Sa"):
        assert f">{isles}</text>" in page


def test_a_commune_is_marked_on_the_map_of_its_province_and_among_its_neighbours(client: Client) -> None:
    page = said(client, "/don-vi/27154")
    assert re.findall(r'id="(\w+)" tabindex="-1" class="here"', page) == ["n27154", "m27154"]
    assert "<title>Phường Bàn Cờ</title>" in page


def test_an_old_commune_shows_on_the_map_what_it_is_now(client: Client) -> None:
    assert 'id="m00004" tabindex="-1" class="here"' in said(client, "/don-vi/00004?ngay=2025-06-30")


def test_every_commune_of_today_is_on_the_map_of_its_province_under_its_name(client: Client) -> None:
    from motcua.screens import maps
    from motcua.units import api as units

    directory, today = units.directory(), clock.today()
    for province in directory.provinces(today):
        drawn = maps.drawing(province.code)
        assert drawn is not None
        communes = {unit.code for unit in directory.communes_of(province.id, today)}
        assert {shape.code for shape in drawn.shapes} == communes, province.code


def test_a_map_alone_is_kept_until_the_directory_changes(client: Client) -> None:
    first = client.get("/ban-do/79.svg?o=27154")
    assert first["Content-Type"] == "image/svg+xml"
    assert 'fill="#0a5a78"' in first.content.decode()
    assert client.get("/ban-do/79.svg?o=27154", HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 304
    assert client.get("/ban-do/vn.svg", HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 200
    for nowhere in ("00004", "xx", "%00"):
        assert client.get(f"/ban-do/{nowhere}.svg").status_code == 404


def test_an_old_name_offers_the_commune_of_today(client: Client) -> None:
    page = said(client, "/thu-tuc/1.001193?xa=phuong+3+quan+3")
    assert 'href="/thu-tuc/1.001193?xa=27154#xa"' in page


def test_a_whole_commune_says_what_it_is_now(client: Client) -> None:
    page = said(client, "/don-vi/00004?ngay=2025-06-30")
    assert "Phường Trúc Bạch" in page
    assert "Nay là" in page
    assert "Phường Ba Đình, thành phố Hà Nội" in page


def test_a_split_commune_shows_all_candidates_and_that_the_address_decides(client: Client) -> None:
    from motcua.units import api as units

    directory = units.directory()
    split = next(
        unit
        for unit in directory.units()
        if unit.level == units.Level.COMMUNE and len(directory.became(unit.id, clock.today())) > 2
    )
    page = said(client, f"/don-vi/{split.code}?ngay={split.valid_to}")
    assert "địa chỉ nhà quyết định" in page
    for candidate in directory.became(split.id, clock.today()):
        assert f'href="/don-vi/{candidate.unit.code}"' in page


def test_a_code_that_went_to_another_unit_says_so(client: Client) -> None:
    page = said(client, "/don-vi/00004")
    assert "Phường Ba Đình" in page
    assert "Đến hết 30/06/2025, mã 00004 là của phường Trúc Bạch (cũ)." in bare(page)
    assert 'href="/don-vi/00004?ngay=2025-06-30"' in page


def test_a_commune_that_became_a_ward_shows_both_periods(client: Client) -> None:
    assert "Xã Lộc Ninh" in said(client, "/don-vi/25270?ngay=2026-04-29")
    page = said(client, "/don-vi/25270")
    assert '<h1 lang="vi">Phường Lộc Ninh</h1>' in page
    assert "Xã Lộc Ninh" in page
    assert "30/04/2026" in page


def test_a_commune_leads_to_what_can_be_done_there(client: Client) -> None:
    page = said(client, "/don-vi/27154")
    assert 'href="/thu-tuc?xa=27154"' in page
    page = said(client, "/thu-tuc?xa=27154&q=khai+sinh")
    assert "Cho người ở phường Bàn Cờ." in bare(page)
    assert 'href="/thu-tuc/1.001193?xa=27154"' in page
    assert "xa=27154" not in said(client, "/don-vi/27154?ngay=2025-06-30")


def test_hits_say_of_a_closed_unit_what_it_is_now(client: Client) -> None:
    page = bare(said(client, "/don-vi?q=phuong+cua+nam"))
    assert "nay là phường Thành Vinh, tỉnh Nghệ An" in page
    assert re.search(r"nay thuộc \d+ đơn vị, tùy địa chỉ", page)


# The language


def test_the_browsers_list_of_languages_does_not_decide(client: Client) -> None:
    assert '<html lang="vi">' in client.get("/", HTTP_ACCEPT_LANGUAGE="en-US,en").content.decode()


def test_the_choice_of_a_language_is_kept_and_leads_back(client: Client) -> None:
    response = client.get("/ngon-ngu/en?ve=/thu-tuc%3Fq%3Dkhai%2Bsinh")
    assert (response.status_code, response["Location"]) == (302, "/thu-tuc?q=khai+sinh")
    assert '<html lang="en">' in said(client, "/")
    client.get("/ngon-ngu/vi")
    assert '<html lang="vi">' in said(client, "/")


@pytest.mark.parametrize(
    "away", ["//evil.example", "https://evil.example", "javascript:alert(1)", "\\\\evil.example", ""]
)
def test_the_way_back_never_leads_away(client: Client, away: str) -> None:
    assert client.get("/ngon-ngu/en", {"ve": away})["Location"] == "/"


# Where is it


@pytest.fixture
def receipt() -> tuple[str, str]:
    [made] = filed(1, by=office(), now=clock.now())
    return made.code, made.secret


def test_the_code_and_the_secret_open_the_dossier(client: Client, receipt: tuple[str, str]) -> None:
    code, secret = receipt
    response = client.post("/ho-so", {"ma": code, "bi-mat": secret}, follow=True)
    assert response.redirect_chain == [(f"/ho-so/{code}", 302)]
    page = response.content.decode()
    assert "Đang ở Trung tâm Phục vụ hành chính công phường Ba Đình" in bare(page)
    assert "Hẹn trả:" in page
    assert "Ông/bà không phải làm gì" in page
    assert "N… T… Mai" in page
    assert "Thời hạn được tính thế nào?" in page
    assert "Bộ luật Lao động 2019" in page  # five working days hold a weekend, and its row says by which law
    assert "Nguyễn Thị Mai" not in page
    assert secret not in page
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "no-referrer"


def test_the_applicant_is_told_when_the_office_that_resolves_it_can_not_be_reached(
    client: Client, receipt: tuple[str, str]
) -> None:
    code, secret = receipt
    shared = Transfer(code=code, out=True, node="nut-kia", told=2, is_open=True, at=clock.now(), problem="")
    shared.save(force_insert=True)
    page = client.post("/ho-so", {"ma": code, "bi-mat": secret}, follow=True).content.decode()
    assert "tin ở đây có thể đã cũ" in page
    client.get("/ngon-ngu/en")
    assert "what stands here may be out of date" in client.get(f"/ho-so/{code}").content.decode()
    Transfer.objects.update(out=False)
    assert "may be out of date" not in client.get(f"/ho-so/{code}").content.decode()


def test_a_dossiers_page_in_english_names_steps_states_and_the_clock_in_english(
    client: Client, receipt: tuple[str, str]
) -> None:
    code, secret = receipt
    client.get("/ngon-ngu/en")
    page = client.post("/ho-so", {"ma": code, "bi-mat": secret}, follow=True).content.decode()
    for words in ("Filed at the counter", "Return of the result", "h in all", "weekend", "Hand over"):
        assert words in page
    own = [text for language, text in Texts(page).texts if language == "en" and VIETNAMESE.search(text)]
    assert [text for text in own if text != "Một cửa" and "QĐ-TTg" not in text and not text.startswith("Một cửa")] == []


def test_the_time_line_says_what_is_behind_what_is_now_and_what_comes(client: Client, receipt: tuple[str, str]) -> None:
    page = client.post("/ho-so", {"ma": receipt[0], "bi-mat": receipt[1]}, follow=True).content.decode()
    line = re.findall(r'<li class="(\w+)"[^>]*>\s*<span class="title">([^<]+)', page)
    assert line == [
        ("done", "Nộp trực tiếp"),
        ("now", "Chuyển cơ quan giải quyết"),
        ("next", "Giải quyết"),
        ("next", "Ký kết quả"),
        ("next", "Trả kết quả"),
    ]


def test_a_citizen_who_must_act_is_told_so_by_when_and_why(client: Client) -> None:
    now = clock.now()
    [made] = filed(1, by=office(), now=now - timedelta(hours=2))
    for step, why in (("hand_over", ""), ("ask_for_completion", "Thiếu <giấy> chứng sinh")):
        request = actions.StepRequest(made.code, step, step, b"d" * 32, office(), Given(now, reason=why))
        assert isinstance(actions.take_steps([request])[0], StepReceipt)
    page = client.post("/ho-so", {"ma": made.code, "bi-mat": made.secret}, follow=True).content.decode()
    assert "Ông/bà cần bổ sung giấy tờ" in page
    assert "Hạn chót:" in page
    assert "Thiếu &lt;giấy&gt; chứng sinh" in page
    assert "không phải làm gì" not in page
    assert "chip waiting" in page


def test_a_code_may_be_typed_in_small_letters_with_spaces_and_long_dashes(
    client: Client, receipt: tuple[str, str]
) -> None:
    code, secret = receipt
    typed = f" {code.lower().replace('-', ' – ')} "
    response = client.post("/ho-so", {"ma": typed, "bi-mat": secret.lower()})
    assert (response.status_code, response["Location"]) == (302, f"/ho-so/{code}")


def test_the_secret_is_kept_for_this_dossier_only_and_not_in_any_address(
    client: Client, receipt: tuple[str, str]
) -> None:
    code, secret = receipt
    response = client.get(f"/ho-so/{code}?bm={secret}")
    assert response["Location"] == f"/ho-so/{code}"
    cookie = response.cookies["tra-cuu"]
    assert (cookie["path"], cookie["httponly"], cookie["max-age"]) == (f"/ho-so/{code}", True, 900)


def test_ten_wrong_secrets_cost_waiting_time_and_keep_what_was_typed(client: Client, receipt: tuple[str, str]) -> None:
    code, secret = receipt
    for n in range(throttle.FREE):
        assert client.post("/ho-so", {"ma": code, "bi-mat": f"SAI-{n}"}).status_code == 422
    response = client.post("/ho-so", {"ma": code, "bi-mat": secret})
    page = response.content.decode()
    assert (response.status_code, response["Retry-After"]) == (429, "5")
    assert "đợi 5 giây" in page
    assert f'value="{code}"' in page
    assert f'value="{secret}"' in page
    assert client.get(f"/ho-so/{code}?bm={secret}", follow=True).status_code == 429
    elsewhere = {"REMOTE_ADDR": "203.0.113.7"}
    assert client.post("/ho-so", {"ma": code, "bi-mat": secret}, **elsewhere).status_code == 302  # type: ignore[arg-type]


def test_an_address_told_by_the_caller_buys_no_more_tries(client: Client, receipt: tuple[str, str]) -> None:
    for n in range(throttle.FREE + 1):
        told = {"HTTP_X_FORWARDED_FOR": f"203.0.113.{n}"}
        response = client.post("/ho-so", {"ma": receipt[0], "bi-mat": "SAI"}, **told)  # type: ignore[arg-type]
    assert response.status_code == 429


def test_who_has_shown_the_secret_goes_on_reading_while_a_neighbour_guesses(
    client: Client, receipt: tuple[str, str]
) -> None:
    code, secret = receipt
    client.post("/ho-so", {"ma": code, "bi-mat": secret}, follow=True)
    for n in range(throttle.FREE + 3):
        client.post("/ho-so", {"ma": code, "bi-mat": f"SAI-{n}"})
    assert client.get(f"/ho-so/{code}").status_code == 200


@pytest.mark.parametrize("wrong", ["", "AAAAAAAA", "' OR 1=1 --", "x" * 5000, "ế"])
def test_a_wrong_secret_and_an_unknown_code_get_the_same_answer(
    client: Client, receipt: tuple[str, str], wrong: str
) -> None:
    code, _ = receipt
    answers = []
    for asked in (code, "H26.101.01-260101-9999"):
        response = client.post("/ho-so", {"ma": asked, "bi-mat": wrong})
        assert response.status_code == 422
        assert "tra-cuu" not in response.cookies
        page = response.content.decode()
        assert 'aria-invalid="true"' in page
        answers.append(re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page).replace(asked, ""))
    assert answers[0] == answers[1]


def test_the_dossiers_page_without_the_secret_asks_for_it(client: Client, receipt: tuple[str, str]) -> None:
    page = said(client, f"/ho-so/{receipt[0]}")
    assert f'value="{receipt[0]}"' in page
    assert "Đang ở" not in page


def test_an_old_secret_in_the_cookie_is_asked_for_again(client: Client, receipt: tuple[str, str]) -> None:
    client.cookies["tra-cuu"] = "AAAAAAAA"
    response = client.get(f"/ho-so/{receipt[0]}")
    assert response.status_code == 422
    assert "Mã tra cứu chưa hợp" in response.content.decode()


def test_a_form_from_elsewhere_is_turned_away_in_words(receipt: tuple[str, str]) -> None:
    response = Client(enforce_csrf_checks=True).post("/ho-so", {"ma": receipt[0], "bi-mat": receipt[1]})
    assert response.status_code == 403
    assert "chưa có gì được gửi đi" in response.content.decode()


# Failures


def test_a_database_that_is_away_is_a_page_that_says_try_again(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    def away(*_: object) -> None:
        raise OperationalError("the connection is closed")

    monkeypatch.setattr("motcua.units.api.directory", away)
    response = client.get("/don-vi")
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert "thử lại sau ít phút" in response.content.decode()


def test_a_defect_is_a_page_that_says_nothing_of_its_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("inner secret")

    monkeypatch.setattr("motcua.units.api.directory", broken)
    response = Client(raise_request_exception=False).get("/don-vi")
    assert response.status_code == 500
    page = response.content.decode()
    assert "Hệ thống gặp lỗi" in page
    assert "inner secret" not in page


# Weight


FONTS = [
    f"/static/motcua/source-sans-3-5.3.0/source-sans-3-{part}-wght-normal.woff2" for part in ("latin", "vietnamese")
]


def served(client: Client, address: str) -> int:
    """The bytes of one of our files on the line."""
    file = client.get(address, HTTP_ACCEPT_ENCODING="gzip")
    assert file.status_code == 200
    assert "immutable" in file["Cache-Control"]
    content = file.getvalue()
    file.close()
    return len(content)


@pytest.mark.parametrize(
    "address", ["/", "/thu-tuc?q=khai+sinh", "/thu-tuc/1.001193?xa=27154", "/ho-so", "/su-kien/sinh-con", "/don-vi/79"]
)
def test_a_first_visit_weighs_under_100_kb(client: Client, address: str) -> None:
    response = client.get(address, HTTP_ACCEPT_ENCODING="gzip")
    assert response["Content-Encoding"] == "gzip"
    page = gzip.decompress(response.content).decode()
    needed = re.findall(r'<(?:link rel="(?:stylesheet|icon)"|script) (?:href|src)="(/static/[^"]+)"', page)
    assert needed
    assert len(response.content) + sum(served(client, file) for file in {*needed, *FONTS}) < 100_000


def test_the_style_sheet_stays_small(client: Client) -> None:
    file = client.get("/static/motcua/motcua.css")
    assert len(file.getvalue()) < 20_000
    file.close()
