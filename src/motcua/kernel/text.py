"""Vietnamese text as people type it: with or without tone marks, in any case."""

import unicodedata

_LETTERS = str.maketrans("đĐ", "dd")


def fold(text: str) -> str:
    """Lower case without marks: "Thủ tục Đăng ký" and "thu tuc dang ky" both give "thu tuc dang ky"."""
    bare = unicodedata.normalize("NFD", text.translate(_LETTERS))
    return " ".join("".join(c for c in bare if not unicodedata.combining(c)).lower().split())
