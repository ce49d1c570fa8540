"""The page that a jurist signs: the states, the steps and the time limits as one document, made from the tables."""

from collections.abc import Iterator

from motcua.dossiers.rules.limits import HAND_OVER_SAME_DAY_UNTIL, HAND_OVER_SOURCE, LIMITS
from motcua.dossiers.rules.steps import FILINGS, MOVES, STATES, STEPS, Step
from motcua.kernel.law import table


def law_page() -> str:
    """docs/law/dossiers.md in full."""
    return "\n".join([*_head(), *_states(), *_steps(), *_limits(), *_diagram(), ""])


def _head() -> Iterator[str]:
    yield "# Vòng đời pháp lý của hồ sơ"
    yield ""
    yield "Trang này được sinh từ `src/motcua/dossiers/rules/`; sửa bảng ở đó rồi chạy `motcua pages`."
    yield ""
    yield "Độ tin cậy: *text* lấy từ văn bản hoặc trích dẫn chính thức; *practice* từ hệ thống đang chạy; *assumed* là"
    yield "cách hiểu hợp lý nhất khi chưa có văn bản."
    yield ""


def _states() -> Iterator[str]:
    yield "## Trạng thái"
    yield ""
    yield from table(
        ("trạng thái", "tên", "mã quốc gia", "nơi giữ", "ai làm tiếp", "chờ ai"),
        ((f"`{r.state}`", r.vi, r.national, r.holder, r.next or "–", r.waiting_on or "–") for r in STATES),
    )


def _row(step: Step) -> tuple[object, ...]:
    return (
        f"`{step.name}`",
        step.vi,
        ", ".join(sorted(step.from_)) or "–",
        step.to or "giữ nguyên",
        ", ".join(sorted(step.by)),
        step.at,
        step.clock,
        "có" if step.needs_reason else "",
        ", ".join(step.guards),
        f"{step.source} ({step.source.confidence})",
    )


def _steps() -> Iterator[str]:
    yield "## Các bước"
    yield ""
    head = ("bước", "tên", "từ", "đến", "ai", "tại", "đồng hồ", "phải nêu lý do", "điều kiện", "căn cứ")
    yield from table(head, map(_row, (*FILINGS, *STEPS)))
    yield "### Khi sắp xếp đơn vị hành chính"
    yield ""
    yield "Không ai thực hiện từng bước này: kế hoạch sắp xếp đã được phê duyệt làm cho mọi hồ sơ chưa xong. Chỉ cơ"
    yield "quan thay đổi; thời hạn, giấy tờ và các bước đã làm giữ nguyên."
    yield ""
    yield from table(head, map(_row, MOVES))


def _limits() -> Iterator[str]:
    yield "## Thời hạn"
    yield ""
    rows = [
        (
            f"`{x.name}`",
            f"{x.term.value} {x.term.unit}",
            f"{x.valid_from:%d/%m/%Y}",
            f"{x.source} ({x.source.confidence})",
        )
        for x in LIMITS.values()
    ]
    hour = f"cùng ngày nếu nhận đến {HAND_OVER_SAME_DAY_UNTIL:%H:%M}, sau đó đầu ngày làm việc tiếp theo"
    rows.append(("`hand_over`", hour, "01/07/2018", f"{HAND_OVER_SOURCE} ({HAND_OVER_SOURCE.confidence})"))
    yield from table(("thời hạn", "bao lâu", "từ ngày", "căn cứ"), rows)


def _diagram() -> Iterator[str]:
    yield "## Sơ đồ"
    yield ""
    yield "```mermaid"
    yield "stateDiagram-v2"
    for filing in FILINGS:
        yield f"    [*] --> {filing.to}: {filing.name}"
    for step in STEPS:
        for state in sorted(step.from_):
            if step.to is not None:
                yield f"    {state} --> {step.to}: {step.name}"
    yield "```"
