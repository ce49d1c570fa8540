"""The page that a jurist signs: the life of an official document and what offices tell each other, from the tables."""

from collections.abc import Iterator

from motcua.documents.rules.faults import FAULTS, REMARKS
from motcua.documents.rules.statuses import KIND_WORDS, STATUSES
from motcua.documents.rules.steps import MARKS, STATES, STEPS, Direction, Step
from motcua.documents.rules.types import SERIES_SOURCE, TYPES
from motcua.kernel.law import table

DIRECTIONS = {Direction.IN: "Văn bản đến", Direction.OUT: "Văn bản đi"}
ASKED = {True: "bên gửi đang chờ trả lời", False: "không ai chờ trả lời", None: ""}


def law_page() -> str:
    """docs/law/documents.md in full."""
    return "\n".join([*_head(), *_states(), *_steps(), *_statuses(), *_numbers(), *_faults(), *_diagram(), ""])


def _head() -> Iterator[str]:
    yield "# Vòng đời của văn bản đến và văn bản đi"
    yield ""
    yield "Trang này được sinh từ `src/motcua/documents/rules/`; sửa bảng ở đó rồi chạy `motcua pages`."
    yield ""
    yield "Độ tin cậy: *text* lấy từ văn bản hoặc trích dẫn chính thức; *practice* từ hệ thống đang chạy; *assumed* là"
    yield "cách hiểu hợp lý nhất khi chưa có văn bản. Phụ lục của QCVN 102:2016/BTTTT chưa tìm được."
    yield ""


def _states() -> Iterator[str]:
    yield "## Trạng thái"
    yield ""
    yield from table(("trạng thái", "tên"), ((f"`{state}`", words[0]) for state, words in STATES.items()))


def _row(step: Step) -> tuple[object, ...]:
    return (
        f"`{step.name}`",
        step.vi,
        ", ".join(sorted(step.before)),
        step.to or "giữ nguyên",
        ", ".join(sorted(step.by)),
        step.says or "–",
        KIND_WORDS[step.sends] if step.sends else "–",
        "có" if step.numbers else "",
        "có" if step.needs_reason else "",
        ASKED[step.open_request],
        f"{step.source} ({step.source.confidence})",
    )


def _steps() -> Iterator[str]:
    head = (
        "bước", "tên", "từ", "đến", "ai", "báo bên kia", "gửi gói tin", "cấp số", "phải nêu lý do", "khi", "căn cứ",
    )  # fmt: skip
    for direction, title in DIRECTIONS.items():
        yield f"## {title}"
        yield ""
        yield from table(head, (_row(step) for step in STEPS if step.direction == direction))
    yield "Ghi vào nhật ký mà không ai bấm:"
    yield ""
    yield from table(("dòng", "tên"), ((f"`{name}`", words) for name, words in MARKS.items()))


def _statuses() -> Iterator[str]:
    yield "## Trạng thái báo cho nhau"
    yield ""
    yield "Trạng thái đến sai thứ tự được ghi lại và hiện cho người xử lý, không bị bỏ."
    yield ""
    said = {"sender": "bên gửi", "receiver": "bên nhận"}
    yield from table(
        ("mã", "tên", "ai báo", "sau mã", "căn cứ"),
        (
            (row.code, row.vi, said[row.by], ", ".join(code or "chưa có" for code in sorted(row.after)),
             f"{row.source} ({row.source.confidence})")
            for row in STATUSES
        ),
    )  # fmt: skip


def _numbers() -> Iterator[str]:
    yield "## Số và ký hiệu"
    yield ""
    yield "Số văn bản đến chạy theo năm của cơ quan; số văn bản đi chạy theo từng loại trong năm của cơ quan, theo"
    yield f"{SERIES_SOURCE} ({SERIES_SOURCE.confidence})."
    yield ""
    yield from table(
        ("loại", "tên", "chữ viết tắt", "căn cứ"),
        ((f"`{one.key}`", one.vi, one.letters or "–", f"{one.source} ({one.source.confidence})") for one in TYPES),
    )


def _faults() -> Iterator[str]:
    yield "## Vì sao một gói tin bị từ chối"
    yield ""
    yield "Gói tin bị từ chối được giữ nguyên, hiện cho người xử lý, và bên gửi nhận trạng thái 02 với câu này."
    yield ""
    yield from table(("lỗi", "bên gửi được báo", "cách sửa"), ((f"`{f.name}`", f.says, f.mend) for f in FAULTS))
    yield "Những điều được bỏ qua nhưng có ghi lại:"
    yield ""
    yield from table(("điều", "câu"), ((f"`{name}`", words) for name, words in REMARKS.items()))


def _diagram() -> Iterator[str]:
    yield "## Sơ đồ"
    yield ""
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield "    [*] --> arrived: arrive"
    yield "    [*] --> draft: draft"
    for step in STEPS:
        for state in sorted(step.before):
            if step.to is not None:
                yield f"    {state} --> {step.to}: {step.name}"
    yield "```"
