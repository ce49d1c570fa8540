"""The statutory forms as somebody reads them on paper."""

import io
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from motcua.dossiers import api as dossiers
from motcua.dossiers.tests.support import (
    COMMUNE,
    ELSEWHERE,
    NEIGHBOUR,
    NOW,
    application,
    filed,
    office,
    place,
)
from motcua.identity import api as identity
from motcua.kernel.errors import Conflict, NotFound, Permanent
from motcua.slips import api as slips
from motcua.slips.tests.support import at, printed, requests, take, texts
from motcua.units import api as units

pytestmark = pytest.mark.usefixtures("country")

OWNER = identity.Scope(party=identity.party_id("citizen", "001099000001"), name="party")
STRANGER = identity.Scope(party=identity.party_id("citizen", "001099000002"), name="party")
HEAD = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "Ba Đình, ngày 17 tháng 8 năm 2026")
CENTRE = "ỦY BAN NHÂN DÂN PHƯỜNG BA ĐÌNH TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG"
PERSON = ("Nguyễn Thị Mai", "0900000000")


def says(text: str, *expected: str) -> None:
    missing = [words for words in expected if words not in text]
    assert not missing, (missing, text)


def because(moment: str, reason: str, new_due: str = "") -> dossiers.Given:
    return dossiers.Given(at(moment), reason=reason, new_due=at(new_due) if new_due else None)


def test_01_says_who_filed_what_when_and_when_the_result_is_due() -> None:
    papers = (
        dossiers.Paper(name="Tờ khai", form="original"),
        dossiers.Paper(name="Sổ hộ khẩu", form="copy", quantity=2),
    )
    [receipt] = filed(made=application(components=papers))
    says(
        printed(receipt.code, "01", now=NOW), *HEAD, CENTRE, *PERSON,
        "Số: 1/TNHS-TTPVHCC", "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ",
        f"Mã hồ sơ: {receipt.code}", f"Mã tra cứu: {receipt.secret[:4]} {receipt.secret[4:]}",
        "Số định danh cá nhân/tổ chức: 001099000001", "Nội dung yêu cầu giải quyết: Thủ tục đăng ký khai tử lưu động",
        "1. Tờ khai (bản chính, số lượng: 01)", "2. Sổ hộ khẩu (bản sao, số lượng: 02)", "Số lượng hồ sơ: 01 (bộ)",
        "Thời gian giải quyết hồ sơ theo quy định: 5 ngày làm việc",
        "Thời gian nhận hồ sơ: 08 giờ 00 phút, ngày 17 tháng 8 năm 2026",
        "Thời gian trả kết quả giải quyết hồ sơ: 08 giờ 00 phút, ngày 22 tháng 8 năm 2026",
        "Đăng ký nhận kết quả tại: Trung tâm", "NGƯỜI NỘP HỒ SƠ", "NGƯỜI TIẾP NHẬN HỒ SƠ",
    )  # fmt: skip


def test_01_of_an_online_dossier_is_an_acknowledgement_without_a_number_until_it_is_accepted() -> None:
    [receipt] = filed(made=application(channel="online"))
    before = printed(receipt.code, "01", scope=OWNER, now=NOW)
    says(before, "GIẤY XÁC NHẬN ĐÃ NỘP HỒ SƠ", "chưa được tiếp nhận", "trả lời chậm nhất lúc 08 giờ 00 phút, ngày 18")
    assert "Số:" not in before
    assert "Thời gian trả kết quả" not in before
    take(receipt.code, ("accept", "2026-08-17 10:00"))
    says(
        printed(receipt.code, "01", scope=OWNER, now=NOW),
        "GIẤY TIẾP NHẬN HỒ SƠ", "Số: 1/TNHS", "Thời gian nhận hồ sơ: 10 giờ 00 phút",
    )  # fmt: skip


def test_01_of_a_dossier_taken_in_elsewhere_keeps_the_three_agencies_apart() -> None:
    [receipt] = filed(made=application(area=COMMUNE, reception=place(NEIGHBOUR).org), by=office(NEIGHBOUR))
    says(
        printed(receipt.code, "01", scope=office(NEIGHBOUR), now=NOW),
        "ỦY BAN NHÂN DÂN PHƯỜNG NGỌC HÀ", "Ngọc Hà, ngày", "Cơ quan giải quyết: Ủy ban nhân dân phường Ba Đình",
        "Hồ sơ được tiếp nhận không phụ thuộc địa giới hành chính (Điều 14 Nghị định",
    )  # fmt: skip


def test_02_lists_what_is_to_be_completed_why_and_until_when() -> None:
    [receipt] = filed(made=application(channel="online"))
    take(
        receipt.code,
        ("ask_for_papers", "2026-08-17 09:00", because("2026-08-17 09:00", "Giấy khai sinh\nẢnh 4x6\n\nBị mờ.")),
    )
    says(
        printed(receipt.code, "02", scope=OWNER, now=NOW), *HEAD, CENTRE, *PERSON,
        "Số: 1/PBS-TTPVHCC", "PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ", "Hồ sơ của: Nguyễn Thị Mai",
        "1. Giấy khai sinh 2. Ảnh 4x6", "Lý do: Bị mờ.", "chậm nhất lúc: 09 giờ 00 phút", "NGƯỜI HƯỚNG DẪN",
    )  # fmt: skip


def test_03_gives_the_concrete_reasons() -> None:
    [receipt] = filed(made=application(channel="online"))
    take(receipt.code, ("refuse", "2026-08-17 09:00", because("2026-08-17 09:00", "Không thuộc thẩm quyền.")))
    says(
        printed(receipt.code, "03", scope=OWNER, now=NOW), *HEAD, CENTRE, *PERSON,
        "Số: 1/PTC-TTPVHCC", "PHIẾU TỪ CHỐI TIẾP NHẬN GIẢI QUYẾT HỒ SƠ", "Số định danh cá nhân/tổ chức: 001099000001",
        "lý do cụ thể như sau: Không thuộc thẩm quyền.", receipt.code, "NGƯỜI NỘP HỒ SƠ", "NGƯỜI TIẾP NHẬN HỒ SƠ",
    )  # fmt: skip


def test_04_apologises_under_the_head_of_the_agency_that_is_late_with_old_and_new_day() -> None:
    [receipt] = filed()
    late = because("2026-08-17 10:00", "Cần xác minh thực địa.", "2026-08-28 16:00")
    take(receipt.code, ("hand_over", "2026-08-17 09:00"), ("extend", "2026-08-17 10:00", late))
    text = printed(receipt.code, "04", scope=OWNER, now=NOW)
    says(
        text, *HEAD, "Số: 1/PXL", "PHIẾU XIN LỖI VÀ ĐỀ NGHỊ GIA HẠN THỜI GIAN GIẢI QUYẾT", "Kính gửi: Nguyễn Thị Mai",
        "Thời gian hẹn trả kết quả giải quyết hồ sơ: 08 giờ 00 phút, ngày 22 tháng 8 năm 2026",
        "Cần xác minh thực địa.", "xin lỗi ông/bà", "16 giờ 00 phút, ngày 28 tháng 8 năm 2026", receipt.code,
        "Nơi nhận:", "– Như trên;", "(Ký, ghi rõ họ tên, đóng dấu)",
    )  # fmt: skip
    assert CENTRE not in text


def test_05_says_on_whose_wish_and_since_when_the_dossier_is_stopped() -> None:
    [wished, stopped] = filed(2)
    take(wished.code, ("withdraw", "2026-08-17 09:00", because("2026-08-17 09:00", "Đổi ý.")))
    take(stopped.code, ("stop", "2026-08-17 09:00", because("2026-08-17 09:00", "Trùng hồ sơ.")))
    both = (*HEAD, "THÔNG BÁO Về việc dừng giải quyết hồ sơ", "từ 09 giờ 00 phút, ngày 17 tháng 8 năm 2026")
    says(
        printed(wished.code, "05", scope=OWNER, now=NOW), *both, CENTRE,
        "Số: 1/TB-TTPVHCC", "Theo đề nghị của ông/bà và căn cứ Điều 21", "Đổi ý.",
    )  # fmt: skip
    says(printed(stopped.code, "05", scope=OWNER, now=NOW), *both, "Số: 1/TB-BPTNTKQ", "Lý do: Trùng hồ sơ.")


def test_06_follows_the_dossier_from_hand_to_hand() -> None:
    [receipt] = filed()
    take(receipt.code, ("hand_over", "2026-08-18 09:00"), ("consult", "2026-08-18 10:00", _ask(NEIGHBOUR)))
    says(
        printed(receipt.code, "06", now=NOW), *HEAD, CENTRE,
        "Số: 1/PKS-TTPVHCC", "PHIẾU KIỂM SOÁT QUÁ TRÌNH GIẢI QUYẾT HỒ SƠ", f"Mã số hồ sơ: {receipt.code}",
        "Cơ quan phối hợp giải quyết hồ sơ: Ủy ban nhân dân phường Ngọc Hà",
        "1. Giao: Người nộp hồ sơ 2. Nhận: Trung tâm Phục vụ hành chính công", "Người giao: Nguyễn Thị Mai",
        "09 giờ 00 phút, ngày 18", "Quá hạn", "Chuyển cơ quan giải quyết", "Lấy ý kiến cơ quan khác",
    )  # fmt: skip


def _ask(code: str) -> dossiers.Given:
    return dossiers.Given(at("2026-08-18 10:00"), reason="hỏi", agency=place(code).committee.id)


def test_the_applicant_gets_every_form_but_the_control_slip_and_nobody_else_gets_any() -> None:
    [receipt] = filed()
    assert [one.form for one in slips.available(receipt.code, scope=OWNER)] == ["01"]
    assert [one.form for one in slips.available(receipt.code, scope=office())] == ["01", "06"]
    with pytest.raises(Conflict, match="form-not-called-for") as refused:
        printed(receipt.code, "06", scope=OWNER, now=NOW)
    assert refused.value.status == 404
    for scope in (STRANGER, office(NEIGHBOUR), office(ELSEWHERE), identity.PUBLIC):
        with pytest.raises(NotFound, match="dossier-unknown"):
            printed(receipt.code, "01", scope=scope, now=NOW)
        with pytest.raises(NotFound, match="dossier-unknown"):
            slips.available(receipt.code, scope=scope)


def test_one_foreign_dossier_among_many_and_none_is_printed_or_numbered() -> None:
    [own] = filed()
    [foreign] = filed(made=application(area=ELSEWHERE), by=office(ELSEWHERE))
    with pytest.raises(NotFound):
        slips.make(requests([own.code, foreign.code], "01"), now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM slips_slip")
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        (lambda code: requests([code], "07"), NotFound),
        (lambda code: requests([code], "01", paper="A3"), Permanent),
        (lambda code: requests([code], "01", n=9), Conflict),
        (lambda code: requests([code], "03"), Conflict),
        (lambda code: [], Permanent),
        (lambda code: requests([code] * 201, "01"), Permanent),
    ],
)
def test_what_can_not_be_printed_is_refused_in_words(
    asked: Callable[[str], list[slips.SlipRequest]], problem: type[Permanent]
) -> None:
    [receipt] = filed()
    with pytest.raises(problem) as refused:
        slips.make(asked(receipt.code), now=NOW)
    assert refused.value.detail


@pytest.mark.parametrize("paper", ["A4", "A5"])
@pytest.mark.parametrize(
    "name",
    [
        '#panic("x") *đậm* _nghiêng_ $x^2$ @ref <nhãn> `mã` \\ // -- ~ = "nháy"',
        '[#sys.inputs] {json} #import "/etc/passwd": *',
        "Nguyễn " + "Thị " * 47 + "Mai",
        "Lò\u202eThị\u200fMai",
        "A" * 200,
    ],
)
def test_a_name_prints_as_it_was_typed_whatever_is_in_it(name: str, paper: str) -> None:
    [receipt] = filed(made=application(name=name))
    pdf = slips.make(requests([receipt.code], "01", paper=paper), now=NOW)
    text = "".join("".join(texts(pdf)).split())
    wanted = "".join(sign for sign in name if sign.isprintable() and not sign.isspace())
    assert wanted in "".join(sign for sign in text if sign.isprintable())


def test_every_mark_of_vietnamese_can_be_found_in_the_text() -> None:
    marks = "ẾỀỂỄỆ ẮẰẲẴẶ ỐỒỔỖỘ ỚỜỞỠỢ ỨỪỬỮỰ ỲÝỶỸỴ Đđ ằẵẩẫặ"
    [receipt] = filed(made=application(name=marks))
    says(printed(receipt.code, "01", now=NOW), marks)


def test_the_paper_has_the_asked_size_and_says_its_language() -> None:
    [receipt] = filed()
    for paper, width in (("A4", 595), ("A5", 420)):
        made = PdfReader(io.BytesIO(slips.make(requests([receipt.code], "01", paper=paper), now=NOW)))
        assert round(float(made.pages[0].mediabox.width)) == width
        assert str(made.root_object["/Lang"]).startswith("vi")


def test_a_hundred_receipts_are_one_file_of_a_hundred_pages_numbered_in_a_row_by_few_statements() -> None:
    codes = [receipt.code for receipt in filed(100)]
    with CaptureQueriesContext(connection) as statements:
        made = slips.make(requests(codes, "01"), now=NOW)
    pages = texts(made)
    assert len(pages) == 100
    assert len(statements) <= 8
    for n, (code, page) in enumerate(zip(codes, pages, strict=True), 1):
        says(page, f"Số: {n}/TNHS-TTPVHCC", code)


def test_heads_follow_the_decree_on_clerical_work_for_each_kind_of_agency() -> None:
    from motcua.slips.queries import head

    on, directory = NOW.date(), units.directory()
    hcm = directory.find_unit("79", on)
    assert hcm is not None
    committee = directory.agency_of(hcm.id, units.AgencyKind.PEOPLES_COMMITTEE, on)
    assert committee is not None
    made = head(committee, on)
    assert (made["above"], made["agency"]) == ([], ["Ủy ban nhân dân", "thành phố Hồ Chí Minh"])
    assert made["place"] == "Thành phố Hồ Chí Minh"
    ward = head(place(COMMUNE).centre, on)
    assert ward["above"] == ["Ủy ban nhân dân", "phường Ba Đình"]
    assert ward["agency"] == ["Trung tâm Phục vụ", "hành chính công"]
