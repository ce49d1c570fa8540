"""The pages of docs/ that are made from what stands elsewhere. `motcua pages` writes them, `--check` compares."""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path


def decisions(root: Path) -> str:
    """The list of docs/decisions, from the first line of each page."""
    pages = sorted(path for path in (root / "docs" / "decisions").glob("*.md") if path.name != "README.md")
    titles = [(path.name, path.read_text(encoding="utf-8").split("\n", 1)[0].removeprefix("# ")) for path in pages]
    return "\n".join(
        [
            "# Decisions",
            "",
            "Why things are as they are: one page for each choice that a reasonable person could have made otherwise.",
            "A page has a title that says what was decided, the day and the code that it concerns, the reasons, what",
            "follows from it, and what was rejected. A choice that replaces another one changes its page.",
            "",
            *(f"- [{title}]({name})" for name, title in titles),
            "",
        ]
    )


def _law(module: str) -> Callable[[Path], str]:
    def page(root: Path) -> str:
        text: str = import_module(module).law_page()
        return text

    return page


def access(root: Path) -> str:
    """Who may open which page and call which endpoint, from the rows that are served."""
    from motcua.config.wiring import ENDPOINTS, PAGES
    from motcua.screens.routes import access as of_pages

    api = [(f"`{e.method} /api/v1{e.path}`", "everybody" if e.public else "a token") for e in ENDPOINTS]
    pages = [(f"`{address}`", who) for address, who in of_pages(PAGES)]
    return "\n".join(
        [
            "# Who may open what",
            "",
            "Made from the rows that are served (`config/wiring.py`). Inside a page, an action or a query, the scope",
            "of the caller decides: `tests/test_faces.py` and `tests/test_api.py` try every row from a foreign agency.",
            "",
            "| address | open to |",
            "|---|---|",
            *(f"| {address} | {who} |" for address, who in (*pages, *api)),
            "",
        ]
    )


def computed_days(root: Path) -> str:
    """The special days of years that nobody has announced yet."""
    from motcua.kernel.calendar import computed_file

    return computed_file()


GENERATED: Mapping[str, Callable[[Path], str]] = {
    "docs/decisions/README.md": decisions,
    "docs/access.md": access,
    "src/motcua/kernel/data/computed.csv": computed_days,
    "docs/law/documents.md": _law("motcua.documents.law_page"),
    "docs/law/dossiers.md": _law("motcua.dossiers.law_page"),
    "docs/law/national-portal.md": _law("motcua.nationalportal.law_page"),
}


def stale(root: Path) -> Iterator[tuple[Path, str]]:
    """Each page that is not what it should be now, with the text that it should have."""
    for page, make in GENERATED.items():
        path, text = root / page, make(root)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            yield path, text
