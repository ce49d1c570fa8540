"""The pictures in the documents are there, are light, and come from the table."""

import re
from pathlib import Path

from tests.pictures import FOLDER, HEAVIEST, PICTURES

ROOT = Path(__file__).resolve().parents[1]


def test_each_picture_that_the_readme_shows_is_there() -> None:
    shown = re.findall(r"\]\((docs/design/pictures/[^)]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert len(shown) >= 5
    assert [name for name in shown if not (ROOT / name).exists()] == []


def test_each_picture_is_light_and_taken_from_the_table() -> None:
    known = {f"{picture.name}-{wide}.webp" for picture in PICTURES for wide, _ in picture.sizes}
    taken = {path.name: path.stat().st_size for path in FOLDER.iterdir()}
    assert taken.keys() <= known
    assert [name for name, size in taken.items() if size > HEAVIEST] == []
