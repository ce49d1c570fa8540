"""The statutory forms as somebody reads them on paper."""

import pytest

from motcua.dossiers.tests.support import NEIGHBOUR, NOW, application, filed, office
from motcua.kernel.errors import NotFound
from motcua.slips import api as slips
from motcua.slips.tests.support import printed, requests, texts

pytestmark = pytest.mark.usefixtures("country")


def test_the_receipt_says_who_filed_what_when_and_when_the_result_is_due() -> None:
    [receipt] = filed()
    text = printed(receipt.code, "01", now=NOW)
    for expected in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "ỦY BAN NHÂN DÂN PHƯỜNG BA ĐÌNH TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG",
        "Số: 1/TNHS-TTPVHCC",
        "Ba Đình, ngày 17 tháng 8 năm 2026",
        "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ",
        f"Mã hồ sơ: {receipt.code}",
        f"Mã tra cứu: {receipt.secret[:4]} {receipt.secret[4:]}",
        "Tiếp nhận hồ sơ của: Nguyễn Thị Mai",
        "Số định danh cá nhân/tổ chức: 001099000001",
        "Số điện thoại: 0900000000",
        "Thời gian nhận hồ sơ: 08 giờ 00 phút, ngày 17 tháng 8 năm 2026",
        "Thời gian trả kết quả giải quyết hồ sơ:",
        "NGƯỜI NỘP HỒ SƠ",
        "NGƯỜI TIẾP NHẬN HỒ SƠ",
    ):
        assert expected in text, (expected, text)


def test_an_agency_next_door_gets_no_slip() -> None:
    [receipt] = filed()
    with pytest.raises(NotFound, match="dossier-unknown"):
        slips.make(requests([receipt.code], "01", scope=office(NEIGHBOUR)), now=NOW)


def test_a_hundred_receipts_are_one_file_of_a_hundred_pages_numbered_in_a_row() -> None:
    codes = [receipt.code for receipt in filed(100, made=application())]
    pages = texts(slips.make(requests(codes, "01"), now=NOW))
    assert len(pages) == 100
    for n, (code, page) in enumerate(zip(codes, pages, strict=True), 1):
        assert f"Số: {n}/TNHS-TTPVHCC" in page
        assert code in page
