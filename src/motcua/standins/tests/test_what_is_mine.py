"""The pages of what is mine, without a browser: what they show, to whom, and what bad input does."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from motcua.dossiers import api as dossiers
from motcua.dossiers.tests.support import filed, office
from motcua.feedback import api as feedback
from motcua.kernel import clock, storage
from motcua.payments import actions
from motcua.payments import api as payments
from motcua.portal.tests.support import signed_in
from motcua.standins.tests.support import FEE, gateway, payer, shop, state_of

pytestmark = pytest.mark.usefixtures("country")
PDF = b"%PDF-1.7\n% a paper\n%%EOF\n"


def pdf(name: str = "giay.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def take(code: str, step: str, reason: str = "Lý do.", papers: tuple[dossiers.Paper, ...] = ()) -> None:
    now = clock.now()
    request = dossiers.StepRequest(
        code, step, f"{step}:{now.timestamp()}", b"d" * 32, office(), dossiers.Given(now, reason=reason), papers=papers
    )
    (answer,) = dossiers.take_steps([request])
    assert isinstance(answer, dossiers.StepReceipt), answer


@pytest.fixture
def code(country: None) -> str:
    """A new online application of the citizen whose browser `signed_in` is."""
    return shop(clock.now())


def text(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.content.decode()


# --- lists --------------------------------------------------------------------------------------------------------


def test_what_waits_for_me_comes_first(code: str) -> None:
    other = shop(clock.now())
    take(code, "ask_for_papers")
    page = text(signed_in(), "/cua-toi")
    assert page.index("Đang chờ ông/bà") < page.index(code) < page.index("Đang giải quyết") < page.index(other)
    assert f"/cua-toi/ho-so/{code}/bo-sung" in page


def test_somebody_without_dossiers_is_told_where_to_begin() -> None:
    assert "chưa nộp hồ sơ nào" in text(signed_in(number="001090000099"), "/cua-toi")


def test_messages_tell_the_log_newest_first_and_page_backwards(code: str) -> None:
    take(code, "ask_for_papers", "Thiếu căn cước.")
    page = text(signed_in(), "/cua-toi/tin-nhan")
    assert page.index("đề nghị ông/bà bổ sung giấy tờ") < page.index("Hồ sơ đã gửi đến")
    assert "Thiếu căn cước." in page
    assert "Không còn tin nhắn cũ hơn" in text(signed_in(), "/cua-toi/tin-nhan?truoc=2020-01-01T00:00")
    assert code not in text(signed_in(number="001090000099"), "/cua-toi/tin-nhan")


@pytest.mark.parametrize("before", ["x", "9999-99-99", "0001-01-01T00:00:00+14:00"])
def test_a_strange_moment_is_no_page(code: str, before: str) -> None:
    assert signed_in().get("/cua-toi/tin-nhan", {"truoc": before}).status_code == 404


def test_notes_between_officials_are_no_messages(code: str) -> None:
    take(code, "accept", reason="Chỉ giữa cán bộ.")
    assert "Chỉ giữa cán bộ." not in text(signed_in(), "/cua-toi/tin-nhan")
    assert "Chỉ giữa cán bộ." not in text(signed_in(), f"/cua-toi/ho-so/{code}")


# --- papers -------------------------------------------------------------------------------------------------------


def test_papers_are_sent_once_however_often_the_button_is_pressed(code: str) -> None:
    take(code, "ask_for_papers")
    client, address = signed_in(), f"/cua-toi/ho-so/{code}/bo-sung"
    assert "Lý do." in text(client, address)
    for _ in range(2):
        answer = client.post(address, {"khoa": "k1", "tep:request": [pdf(), pdf("b.pdf", PDF + b"2")]})
        assert (answer.status_code, answer["Location"]) == (302, f"/cua-toi/ho-so/{code}")
    folder = dossiers.open_folder(code, scope=payer(), now=clock.now())
    assert (folder.where.state, len(folder.papers), len(folder.papers[0].files)) == ("submitted", 1, 2)


def test_a_wrong_file_is_told_and_the_right_one_is_kept(code: str) -> None:
    take(code, "ask_for_papers")
    client, address = signed_in(), f"/cua-toi/ho-so/{code}/bo-sung"
    answer = client.post(address, {"khoa": "k1", "tep:request": pdf(), "tep:mandate": pdf("x.exe", b"MZ\x00\x01")})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "“x.exe” không thuộc loại" in page
    assert "Đã gửi lên: giay.pdf" in page
    token = page.split('name="giu" value="')[1].split('"')[0]
    assert client.post(address, {"khoa": "k1", "giu": token}).status_code == 302
    assert state_of(code) == "submitted"


def test_a_kept_file_of_one_dossier_is_nothing_in_another(code: str) -> None:
    other = shop(clock.now())
    for each in (code, other):
        take(each, "ask_for_papers")
    client = signed_in()
    answer = client.post(f"/cua-toi/ho-so/{code}/bo-sung", {"tep:request": pdf(), "tep:mandate": pdf("x", b"MZ\x00")})
    token = answer.content.decode().split('name="giu" value="')[1].split('"')[0]
    answer = client.post(f"/cua-toi/ho-so/{other}/bo-sung", {"giu": [token, "x:y:z"]})
    assert answer.status_code == 422
    assert state_of(other) == "awaiting_papers"


def test_an_answer_without_papers_or_with_a_nameless_one_is_shown_again(code: str) -> None:
    take(code, "ask_for_papers")
    client, address = signed_in(), f"/cua-toi/ho-so/{code}/bo-sung"
    assert "Chọn ít nhất một tệp" in client.post(address, {}).content.decode()
    assert "Ghi tên của giấy tờ khác" in client.post(address, {"tep-khac": pdf()}).content.decode()
    assert client.post(address, {"tep:khong-co": pdf()}).status_code == 422
    answer = client.post(address, {"tep-khac": pdf(), "ten-khac": "Đơn <b>của tôi</b>"})
    assert answer.status_code == 302
    assert "Đơn &lt;b&gt;của tôi" in text(client, f"/cua-toi/ho-so/{code}")


def test_nothing_can_be_sent_when_nothing_was_asked_for(code: str) -> None:
    answer = signed_in().post(f"/cua-toi/ho-so/{code}/bo-sung", {"tep:request": pdf()})
    assert answer.status_code == 302
    assert dossiers.open_folder(code, scope=payer(), now=clock.now()).papers == ()


def test_a_file_is_given_to_its_owner_to_keep_and_to_nobody_else(code: str) -> None:
    take(code, "ask_for_papers")
    signed_in().post(f"/cua-toi/ho-so/{code}/bo-sung", {"tep:request": pdf()})
    sha256 = dossiers.open_folder(code, scope=payer(), now=clock.now()).papers[0].files[0]
    answer = signed_in().get(f"/cua-toi/ho-so/{code}/tep/{sha256}")
    assert b"".join(answer.streaming_content) == PDF  # type: ignore[attr-defined]
    assert answer["Content-Disposition"] == f'attachment; filename="{code}-1-1.pdf"'
    assert answer["Content-Type"] == "application/pdf"
    assert (answer["X-Content-Type-Options"], answer["Cache-Control"]) == ("nosniff", "private, no-store")
    foreign = storage.files().put([b"%PDF- somebody else's"], 100, None).sha256
    for client, file in ((signed_in(number="001090000099"), sha256), (signed_in(), foreign), (signed_in(), "x")):
        assert client.get(f"/cua-toi/ho-so/{code}/tep/{file}").status_code == 404


def test_the_slip_is_a_pdf_for_the_owner(code: str) -> None:
    take(code, "accept")
    answer = signed_in().get(f"/cua-toi/ho-so/{code}/phieu/01?kho=A5")
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF")
    assert signed_in(number="001090000099").get(f"/cua-toi/ho-so/{code}/phieu/01").status_code == 404
    assert signed_in().get(f"/cua-toi/ho-so/{code}/phieu/06").status_code == 404


# --- withdrawal ---------------------------------------------------------------------------------------------------


def test_a_withdrawal_wants_a_reason_and_a_sign_that_it_is_meant(code: str) -> None:
    client, address = signed_in(), f"/cua-toi/ho-so/{code}/rut"
    answer = client.post(address, {"ly-do": "Tôi đổi ý."})
    assert answer.status_code == 422
    assert "Tôi đổi ý." in answer.content.decode()
    assert client.post(address, {"xac-nhan": "co", "ly-do": " "}).status_code == 422
    assert client.post(address, {"xac-nhan": "co", "ly-do": "x" * 1001}).status_code == 422
    assert state_of(code) == "submitted"
    for _ in range(2):
        assert client.post(address, {"xac-nhan": "co", "ly-do": "Tôi đổi ý."}).status_code == 302
    assert state_of(code) == "withdrawn"
    assert "Rút hồ sơ" not in text(client, f"/cua-toi/ho-so/{code}").split("</h1>")[1].split("phieu")[-1]


def test_nobody_withdraws_for_another(code: str) -> None:
    answer = signed_in(number="001090000099").post(f"/cua-toi/ho-so/{code}/rut", {"xac-nhan": "co", "ly-do": "Phá."})
    assert answer.status_code == 404
    assert state_of(code) == "submitted"


# --- paying -------------------------------------------------------------------------------------------------------


def test_the_page_says_what_is_to_pay_and_each_way_to_do_it(code: str) -> None:
    with gateway() as bank:
        page = signed_in().get(f"/cua-toi/ho-so/{code}/phi")
        words = page.content.decode()
        assert "Phải nộp 150.000 đồng" in words
        assert "<svg" in words
        assert "Nộp tiền mặt tại quầy" in words
        assert f"form-action 'self' {bank.url};" in page["Content-Security-Policy"]
    assert state_of(code) == "awaiting_fee"


def test_without_a_gateway_only_the_counter_is_offered(code: str) -> None:
    words = text(signed_in(), f"/cua-toi/ho-so/{code}/phi")
    assert "Thanh toán trực tuyến" not in words
    assert "<svg" not in words.split("<main")[1]
    assert signed_in().post(f"/cua-toi/ho-so/{code}/phi").status_code == 422


def test_the_citizen_goes_to_the_gateway_and_comes_back_to_what_is_known(code: str) -> None:
    with gateway() as bank:
        bank.mode("silent")
        client = signed_in()
        away = client.post(f"/cua-toi/ho-so/{code}/phi")
        assert away["Location"].startswith(bank.url)
        (attempt,) = payments.attempts_of(code, scope=payer())
        back = f"/cua-toi/ho-so/{code}/phi/{attempt.id}"
        assert "Chưa biết kết quả thanh toán" in text(client, back)
        assert "Có một lần thanh toán chưa biết kết quả" in text(client, f"/cua-toi/ho-so/{code}/phi")
        bank.choose(away["Location"])
        assert "Đã nhận 150.000 đồng" in text(client, back)
        assert "Ông/bà đã nộp đủ" in text(client, f"/cua-toi/ho-so/{code}/phi")
        for address in (back, f"/cua-toi/ho-so/{code}/phi"):
            assert signed_in(number="001090000099").get(address).status_code == 404
    assert state_of(code) == "submitted"


def test_a_gateway_that_gives_no_answer_is_told_without_a_second_order(code: str) -> None:
    with gateway() as bank:
        bank.mode("error-after")
        answer = signed_in().post(f"/cua-toi/ho-so/{code}/phi")
        assert answer.status_code == 503
        assert "đừng trả thêm lần nào nữa" in answer.content.decode()
        bank.mode("pay")
        assert signed_in().post(f"/cua-toi/ho-so/{code}/phi")["Location"].startswith(bank.url)
    assert len(payments.attempts_of(code, scope=payer())) == 1


def test_a_notice_needs_its_signature_and_no_session(code: str) -> None:
    with gateway():
        signed_in().post(f"/cua-toi/ho-so/{code}/phi")
        (attempt,) = payments.attempts_of(code, scope=payer())
        from motcua.standins.tests.test_paying import notice

        body, signature = notice(attempt.id)
        strict = Client(enforce_csrf_checks=True)

        def send(signed: str) -> int:
            headers = {"Signature": signed}
            return strict.post("/thanh-toan/bao", body, content_type="application/json", headers=headers).status_code

        assert send("0" * 64) == 403
        assert payments.charges_of([code], scope=payer())[0].state is payments.ChargeState.OPEN
        assert [send(signature), send(signature)] == [200, 200]
        assert strict.get("/thanh-toan/bao").status_code == 405
    (charge,) = payments.charges_of([code], scope=payer())
    assert (charge.state, charge.amount) == (payments.ChargeState.PAID, FEE)


# --- rating -------------------------------------------------------------------------------------------------------


def finished() -> dossiers.Receipt:
    (receipt,) = filed(now=clock.now() - timedelta(minutes=1))
    actions._step(receipt.code, "withdraw", key=receipt.code, reason="Thôi.", scope=office(), now=clock.now())
    return receipt


def test_whoever_holds_the_slip_rates_once(country: None) -> None:
    receipt = finished()
    client, address = Client(), f"/danh-gia/{receipt.code}"
    assert "Mã tra cứu" in text(client, address)
    wrong = client.post(address, {"diem": "5", "y-kien": "Tốt", "bi-mat": "SAI"})
    assert wrong.status_code == 422
    assert "Tốt" in wrong.content.decode()
    assert client.post(address, {"bi-mat": receipt.secret}).status_code == 422
    thanks = client.post(address, {"diem": "4", "y-kien": "Tốt", "bi-mat": receipt.secret})
    assert "Cảm ơn" in thanks.content.decode()
    again = client.post(address, {"diem": "1", "bi-mat": receipt.secret})
    assert "chỉ đánh giá một lần" in again.content.decode()
    found = feedback.asked(receipt.code, scope=None, secret=receipt.secret, now=clock.now())
    assert found.rating is not None
    assert (found.rating.score, found.rating.words) == (4, "Tốt")


def test_the_applicant_rates_without_the_secret_after_it_is_over(code: str) -> None:
    client, address = signed_in(), f"/danh-gia/{code}"
    assert "đang được giải quyết" in text(client, address)
    assert client.post(address, {"diem": "5"}).status_code == 422
    client.post(f"/cua-toi/ho-so/{code}/rut", {"xac-nhan": "co", "ly-do": "Thôi."})
    assert "Cảm ơn" in client.post(address, {"diem": "5"}).content.decode()
    assert "5 trên 5" in text(client, f"/cua-toi/ho-so/{code}")
    assert "Mã tra cứu" in text(signed_in(number="001090000099"), address), "another citizen needs the slip"


def test_an_agency_is_told_its_average_and_no_other_ones(country: None) -> None:
    now, seen = clock.now(), office()
    for score in (5, 4, 4):
        receipt = finished()
        (kept,) = feedback.rate([feedback.NewRating(receipt.code, score, secret=receipt.secret)], now=now)
        assert isinstance(kept, feedback.Rating)
    assert seen.agencies is not None
    since, until = now - timedelta(days=1), now + timedelta(days=1)
    (average,) = feedback.averages(sorted(seen.agencies), scope=seen, since=since, until=until)
    assert (average.count, round(average.mean, 2), average.scores) == (3, 4.33, (0, 0, 0, 2, 1))
    assert feedback.averages(sorted(seen.agencies), scope=office("00008"), since=since, until=until) == ()
