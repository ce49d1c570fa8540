"""The pages of docs/ that are made from tables of the code. `motcua pages` writes them, `--check` compares."""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path

# Page -> module and function that gives its whole text.
GENERATED: Mapping[str, tuple[str, str]] = {
    "docs/law/dossiers.md": ("motcua.dossiers.law_page", "law_page"),
}


def stale(root: Path) -> Iterator[tuple[Path, str]]:
    """Each page that is not what its table gives now, with the text that it should have."""
    for page, (module, name) in GENERATED.items():
        make: Callable[[], str] = getattr(import_module(module), name)
        text = make()
        path = root / page
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            yield path, text
