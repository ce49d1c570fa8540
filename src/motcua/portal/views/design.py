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


@dataclass(frozen=True, slots=True)
class ClockExample:
    day: date
    counted: timedelta
    sentence: str
    source: str


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
            "chips": [
                ("in-time", _("Còn %(span)s làm việc") % {"span": words.working_time(timedelta(hours=19))}),
                ("soon", _("Còn %(span)s làm việc") % {"span": words.working_time(timedelta(hours=2))}),
                ("late", _("Quá hạn %(span)s làm việc") % {"span": words.working_time(timedelta(hours=3))}),
                ("waiting", _("Tạm dừng")),
                ("done", _("Đã trả kết quả")),
            ],
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
