"""Puts slips on pages: Typst with a compiler kept in memory, its own fonts, and nothing read from outside."""

import io
import threading
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import segno
import typst

HERE = Path(__file__).parent
FONTS = HERE / "fonts" / "tinos-0.4.2"
TEMPLATES = HERE / "templates"
PAPERS = ("A4", "A5")

_one_at_a_time = threading.Lock()


@cache
def _compiler() -> typst.Compiler:
    """Made once for each process: fonts and templates are read then, and what Typst has worked out is kept."""
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
    return typst.Compiler(TEMPLATES / "main.typ", root=TEMPLATES, font_paths=fonts)


def pdf(slips: Sequence[dict[str, Any]], *, title: str, author: str, now: datetime) -> bytes:
    """One PDF of all slips, in order. What they say travels as JSON, so that no name is ever read as markup."""
    data = msgspec.json.encode({"title": title, "author": author, "slips": slips}).decode()
    with _one_at_a_time:
        made = _compiler().compile(format="pdf", sys_inputs={"slips": data}, timestamp=now.replace(microsecond=0))
    assert isinstance(made, bytes)
    return made


def square(address: str) -> str:
    """The address as a QR code, in SVG."""
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(drawn, kind="svg", border=0, xmldecl=False)
    return drawn.getvalue().decode()
