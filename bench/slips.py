"""Slips as PDF: milliseconds of CPU each with the kept compiler, and a morning's hundred in one file."""

import statistics
import time
from collections.abc import Callable

from motcua.slips import printing

TARGETS = {
    "form 01, one in a file, median (ms of CPU)": "< 10",
    "form 01, a hundred in one file, each (ms of CPU)": "< 10",
    "form 06 with twelve hops, median (ms of CPU)": "< 10",
    "the book, 1,000 lines (ms of CPU)": "< 2,000",
    "form 01, size (KB)": "<= 60",
    "a hundred of form 01, size (KB)": "<= 1,500",
}
ROUNDS = 30


def measure() -> dict[str, float]:
    """Each slip is another one, so that nothing that was typeset before can be taken again."""
    from datetime import UTC, datetime

    now = datetime(2026, 8, 17, 1, tzinfo=UTC)

    def made(*slips: dict[str, object]) -> bytes:
        return printing.pdf(slips, title="Phiếu", author="Trung tâm", now=now)

    first = _once(lambda: made(receipt(0)))
    figures = {"the first one, with fonts and templates (ms of CPU)": first}
    figures["form 01, one in a file, median (ms of CPU)"] = _median(lambda n: made(receipt(n)))
    figures["form 06 with twelve hops, median (ms of CPU)"] = _median(lambda n: made(control(n)))
    hundred = [receipt(n) for n in range(1000, 1100)]
    figures["form 01, a hundred in one file, each (ms of CPU)"] = _once(lambda: made(*hundred)) / len(hundred)
    figures["the QR code alone, median (ms of CPU)"] = _median(lambda n: printing.square(f"{SITE}{n:04d}?bm=ABCD2345"))
    figures["the book, 1,000 lines (ms of CPU)"] = _once(lambda: made(book(1_000)))
    figures["form 01, size (KB)"] = len(made(receipt(1))) / 1024
    figures["a hundred of form 01, size (KB)"] = len(made(*hundred)) / 1024
    return figures


def _once(act: Callable[[], object]) -> float:
    started = time.process_time()
    act()
    return (time.process_time() - started) * 1000


def _median(act: Callable[[int], object]) -> float:
    times = []
    for n in range(1, ROUNDS + 1):
        started = time.process_time()
        act(n)
        times.append((time.process_time() - started) * 1000)
    return statistics.median(times)


SITE = "https://dichvucong.example.vn/ho-so/H26.101.01-260817-"
HEAD = {
    "above": ["Ủy ban nhân dân", "phường Ba Đình"],
    "agency": ["Trung tâm Phục vụ", "hành chính công"],
    "place": "Ba Đình",
    "day": "ngày 17 tháng 8 năm 2026",
}
CENTRE = "Trung tâm Phục vụ hành chính công phường Ba Đình"


def common(form: str, title: str, n: int) -> dict[str, object]:
    return {
        "form": form,
        "paper": "a4",
        "title": title,
        "issuer": CENTRE,
        "head": HEAD,
        "number": f"{n}/TNHS-TTPVHCC",
        "foot": f"Mẫu số {form} Thông tư 03/2025/TT-VPCP · H26.101.01-260817-{n:04d}",
        "code": f"H26.101.01-260817-{n:04d}",
        "name": f"Nguyễn Thị Mai {n}",
        "identity": f"0010990{n:05d}",
        "address": f"Số {n} phố Đội Cấn, phường Ba Đình, thành phố Hà Nội",
        "phone": f"09{n:08d}",
        "email": f"nguoi.{n}@example.vn",
        "procedure": "Thủ tục đăng ký khai sinh",
        "request": "Thủ tục đăng ký khai sinh (mã thủ tục 1.001193)",
        "reception": CENTRE,
        "resolving": "Ủy ban nhân dân phường Ba Đình",
        "signer": "Trần Thị Bình",
        "head_title": "Chủ tịch",
        "reason": "",
    }


def receipt(n: int) -> dict[str, object]:
    return common("01", "Giấy tiếp nhận hồ sơ và hẹn trả kết quả", n) | {
        "provisional": False,
        "secret": f"AB{n:04d}",
        "square": printing.square(f"{SITE}{n:04d}?bm=ABCD2345"),
        "site": "dichvucong.example.vn",
        "papers": [f"Giấy tờ thứ {i} của hồ sơ {n} (bản chính, số lượng: 01)" for i in range(4)],
        "sets": "01",
        "term": "3 ngày làm việc",
        "received": f"08 giờ {n % 60:02d} phút, ngày 17 tháng 8 năm 2026",
        "due_at": f"08 giờ {n % 60:02d} phút, ngày 20 tháng 8 năm 2026",
        "support": "",
        "book": "sổ điện tử năm 2026, lĩnh vực Hộ tịch",
        "notes": [],
        "proxy": "",
        "delivery": f"tại {CENTRE}",
        "left_note": "(Ký và ghi rõ họ tên)",
        "right_note": "(Ký và ghi rõ họ tên)",
        "left_name": f"Nguyễn Thị Mai {n}",
    }


def control(n: int) -> dict[str, object]:
    side = {"agency": CENTRE, "name": f"Trần Thị Bình {n} (Công chức)"}
    hop = {"giver": side, "receiver": side, "kept": "Trước hạn", "late": False, "note": "Chuyển cơ quan giải quyết"}
    return common("06", "Phiếu kiểm soát quá trình giải quyết hồ sơ", n) | {
        "others": "",
        "received": "08 giờ 00 phút, ngày 17 tháng 8 năm 2026",
        "due_at": "08 giờ 00 phút, ngày 20 tháng 8 năm 2026",
        "hops": [hop | {"at": f"{i:02d} giờ {n % 60:02d} phút, ngày 18 tháng 8 năm 2026"} for i in range(12)],
    }


def book(lines: int) -> dict[str, object]:
    return common("07", "Sổ theo dõi hồ sơ", 1) | {
        "field": "Hộ tịch",
        "first": "01/08/2026",
        "last": "31/08/2026",
        "rows": [
            [str(n), f"H26.101.01-260817-{n:04d}", "Thủ tục đăng ký khai sinh", f"Nguyễn Thị Mai {n}",
             f"Số {n} Đội Cấn", "Ủy ban nhân dân phường Ba Đình", "08:00 17/08/2026", "08:00 20/08/2026", "",
             "tại nơi tiếp nhận"]
            for n in range(1, lines + 1)
        ],
    }  # fmt: skip
