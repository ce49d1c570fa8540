"""`make words`: gathers the Vietnamese sentences of the screens, keeps their English, compiles it.

The compiled catalogue is committed, because a bare machine has no msgfmt; a test says when it is stale.
"""

import io
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

__all__ = ["ENGLISH", "Message", "compiled", "gathered", "kept", "strings"]

SOURCE = Path(__file__).resolve().parents[1] / "src" / "motcua"
ENGLISH = SOURCE / "config" / "locale" / "en" / "LC_MESSAGES" / "django.po"
WHERE = [("**/tests/**", "ignore"), ("**.py", "python"), ("**/templates/**.html", "jinja2")]
OPTIONS = {"**/templates/**.html": {"trimmed": "true", "extensions": "jinja2.ext.i18n"}}
CALLS = {"_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None, "ngettext": (1, 2)}


def gathered() -> Catalog:
    """Every sentence that a screen says, without its English."""
    found = Catalog(locale="en", fuzzy=False)
    for _file, _line, words, comments, context in extract_from_dir(SOURCE, WHERE, OPTIONS, CALLS):
        found.add(words, None, auto_comments=comments, context=context)
    return found


def kept() -> Catalog:
    """The committed sentences with their English."""
    with ENGLISH.open("rb") as text:
        return read_po(text, locale="en", domain="django")


def renewed() -> Catalog:
    """The gathered sentences with the English that is there already."""
    old, new = kept(), gathered()
    for message in new:
        known = old.get(message.id)
        if message.id and known is not None:
            message.string = known.string
    return new


def text_of(catalog: Catalog) -> bytes:
    """The .po file, without dates, so that it only changes with its words."""
    written = io.BytesIO()
    write_po(written, catalog, width=120, no_location=True, omit_header=True, sort_output=True)
    header = (
        'msgid ""\nmsgstr ""\n"Language: en\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        f'"Plural-Forms: {catalog.plural_forms}\\n"\n\n'
    )
    return header.encode() + written.getvalue().lstrip()


def compiled() -> bytes:
    """The .mo file of the committed .po file."""
    catalog, written = kept(), io.BytesIO()
    catalog.creation_date = datetime(2025, 7, 1, tzinfo=UTC)  # the same words make the same file
    write_mo(written, catalog)
    return written.getvalue()


def main() -> None:
    ENGLISH.write_bytes(text_of(renewed()))
    ENGLISH.with_suffix(".mo").write_bytes(compiled())
    missing = [message.id for message in kept() if message.id and not all(strings(message.string))]
    for words in missing:
        print(f"no English yet: {words}")


def strings(string: str | tuple[str, ...] | list[str] | None) -> list[str]:
    """One or each of the plural forms."""
    if string is None:
        return [""]
    return [string] if isinstance(string, str) else list(string)


if __name__ == "__main__":
    main()
