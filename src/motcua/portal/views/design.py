"""Every part of the pages with an example, for whoever makes the next page."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from motcua.portal.views.home import life_events
from motcua.screens import words

TOKENS = (
    ("ink", gettext_noop("chữ")),
    ("mute", gettext_noop("chữ phụ")),
    ("paper", gettext_noop("nền trang")),
    ("act", gettext_noop("liên kết, nút chính")),
    ("seal", gettext_noop("dải đầu trang và dấu, không nơi nào khác")),
    ("in-time", gettext_noop("còn hạn")),
    ("soon", gettext_noop("đến hạn hôm nay")),
    ("late", gettext_noop("quá hạn, lỗi")),
    ("waiting", gettext_noop("đồng hồ dừng")),
    ("done", gettext_noop("đã xong")),
)


ROWS = (
    ("late", "Quá 3 giờ", "H29.215-261118-0017", "Cấp Giấy xác nhận tình trạng hôn nhân", "Trần Thị Mỹ Duyên",
     "Xác minh", "UBND phường Xuân Hòa"),
    ("soon", "Còn 2 giờ", "H29.215-261120-0042", "Đăng ký khai sinh", "Nguyễn Hoàng Anh", "Ghi sổ hộ tịch", "nơi này"),
    ("in-time", "1 ngày 4 giờ", "H29.215-261120-0036", "Đăng ký kết hôn", "Võ Minh Tuấn", "Xác minh", "nơi này"),
    ("waiting", "Tạm dừng", "H29.215-261117-0008",
     "Đăng ký biến động đất đai đối với trường hợp đổi tên, thay đổi thông tin về người sử dụng đất",
     "Hợp tác xã Tân Phú", "Nghĩa vụ tài chính", "cơ quan thuế, từ 18/11"),
)  # fmt: skip
"""Rows of a work list as they might be; nobody of that name is meant."""


@dataclass(frozen=True, slots=True)
class ClockExample:
    day: date
    counted: timedelta
    sentence: str
    source: str


def chips() -> list[tuple[str, str]]:
    return [
        ("in-time", _("Còn %(span)s làm việc") % {"span": words.working_time(timedelta(hours=19))}),
        ("soon", _("Còn %(span)s làm việc") % {"span": words.working_time(timedelta(hours=2))}),
        ("late", _("Quá hạn %(span)s làm việc") % {"span": words.working_time(timedelta(hours=3))}),
        ("waiting", _("Tạm dừng")),
        ("done", _("Đã trả kết quả")),
    ]


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """/thiet-ke/ban-lam-viec: the parts of the desk, which stand closer together."""
    return render(request, "design_desk.html", {"chips": chips(), "rows": ROWS})


@require_safe
def design(request: HttpRequest) -> HttpResponse:
    """/thiet-ke: every part with an example, for whoever makes the next page."""
    half = timedelta(hours=4)
    return render(
        request,
        "design.html",
        {
            "tokens": [(token, _(use)) for token, use in TOKENS],
            "life_events": life_events(),
            "chips": chips(),
            "points": [
                (
                    "done",
                    "Nộp tại Trung tâm Phục vụ HCC phường An Đông",
                    "13:20, 20/11/2026 · tiếp nhận ngoài địa giới",
                ),
                ("done", "Chuyển đến phường Bàn Cờ giải quyết", "14:05, 20/11/2026"),
                ("now", "Thẩm tra, ghi vào sổ hộ tịch", "đang làm"),
                ("next", "Trả kết quả", "hẹn 11:30 thứ Hai, 23/11/2026"),
            ],
            "clock_rows": [
                ClockExample(date(2026, 11, 20), half, "Tính từ 13:30 đến 17:30.", "Nghị định 61/2018/NĐ-CP"),
                ClockExample(date(2026, 11, 21), timedelta(0), "Thứ Bảy, ngày nghỉ.", "Bộ luật Lao động 2019"),
                ClockExample(date(2026, 11, 23), half, "Tính từ 07:30 đến 11:30, đến hạn.", "Nghị định 61/2018/NĐ-CP"),
            ],
        },
    )
