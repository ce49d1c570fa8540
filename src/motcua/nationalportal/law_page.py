"""The page that says what the national portal is told, made from the tables."""

from collections.abc import Iterator, Sequence

from motcua.dossiers.rules.steps import STATES, StateRow
from motcua.kernel.law import table
from motcua.nationalportal.rules.answers import CODES
from motcua.nationalportal.rules.fields import DOSSIER, MOST, NOT_KNOWN, PROGRESS, Field


def law_page() -> str:
    """docs/law/national-portal.md in full."""
    return "\n".join([*_head(), *_fields(), *_unknown(), *_states(), *_codes()])


def _head() -> Iterator[str]:
    yield "# Cổng dịch vụ công quốc gia được báo những gì"
    yield ""
    yield "Trang này được sinh từ `src/motcua/nationalportal/rules/`; sửa bảng ở đó rồi chạy `motcua pages`."
    yield ""
    yield "Gói tin chính thức: QCVN 120:2019/BTTTT (Thông tư 18/2019/TT-BTTTT), chưa tìm được phụ lục. Tên trường dưới"
    yield f"đây lấy từ các hệ thống đang chạy. Mỗi lần gửi không quá {MOST} mục; thời điểm viết yyyyMMddHHmmss theo giờ"
    yield "Việt Nam."
    yield ""


def _fields() -> Iterator[str]:
    tables: Sequence[tuple[str, Sequence[Field]]] = (("DongBoHoSoMC", DOSSIER), ("CapNhatTienDoHoSoMC", PROGRESS))
    for name, fields in tables:
        yield f"## {name}"
        yield ""
        yield from table(
            ("trường", "dài nhất", "ghi chú", "nguồn"),
            ((f"`{f.name}`", f.limit or "–", f.note, f"{f.source} ({f.source.confidence})") for f in fields),
        )


def _unknown() -> Iterator[str]:
    yield "## Trường không gửi"
    yield ""
    yield "Không trường nào trong bảng này được điền thay bằng giá trị bịa."
    yield ""
    yield from table(("trường", "vì sao"), ((f"`{name}`", why) for name, why in NOT_KNOWN.items()))


def _states() -> Iterator[str]:
    yield "## Trạng thái"
    yield ""
    yield from table(("mã", "trạng thái ở đây"), ((row.national, row.vi) for row in sorted(STATES, key=_code)))


def _code(row: StateRow) -> tuple[int, int]:
    return row.national, row.number


def _codes() -> Iterator[str]:
    yield "## Mã trả lời"
    yield ""
    yield "Mã khác được giữ nguyên cùng lời của cổng cho người xử lý."
    yield ""
    yield from table(
        ("mã", "nghĩa", "với bưu kiện", "nguồn"),
        ((f"`{c.code}`", c.vi, c.answer, f"{c.source} ({c.source.confidence})") for c in CODES.values()),
    )
