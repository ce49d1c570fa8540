"""When a person may say how the service was, and what may be said. Pure."""

from motcua.kernel.errors import Permanent

SCORES = range(1, 6)
LONGEST = 1000  # characters of the words
OVER = frozenset({3, 7, 8, 9, 10})
"""The national statuses of a dossier that is done with: refused, withdrawn, stopped, finished, returned."""


def check(score: int, words: str) -> str:
    """The words as they are kept; Permanent unless the score is one to five and the words are short enough."""
    kept = "".join(sign for sign in words if sign.isprintable() or sign == "\n").strip()
    if score not in SCORES:
        raise Permanent("score-unknown", "Chọn từ một đến năm sao.", field="diem")
    if len(kept) > LONGEST:
        raise Permanent("words-too-long", f"Ý kiến dài quá {LONGEST} ký tự.", field="y-kien")
    return kept
