"""The plans that come with motcua, as text, and any plan by its file or its name."""

from pathlib import Path

from motcua.kernel.errors import NotFound
from motcua.reorganisation.rules.shipped import HEADS

FOLDER = Path(__file__).parent / "plans"
NAMES = tuple(HEADS)


def shipped(name: str) -> str:
    """The text of the plan of that day, as 2025-07-01."""
    if name not in HEADS:
        raise NotFound("plan-unknown", f"Không có kế hoạch {name}.", mend=f"Các kế hoạch có sẵn: {', '.join(NAMES)}.")
    return (FOLDER / f"{name}.plan").read_text("utf-8")


def text_of(named: str) -> str:
    """The text of a file, or of the plan with that name."""
    path = Path(named)
    return path.read_text("utf-8") if path.is_file() else shipped(named)
