"""The screens speak English in full."""

import re

import pytest
from tests import words

SENTENCES = [message for message in words.gathered() if message.id]
FIELD = re.compile(r"%\((\w+)\)s")


def test_every_sentence_of_the_screens_has_its_english() -> None:
    kept = words.kept()
    missing = [m.id for m in SENTENCES if not (known := kept.get(m.id)) or not all(words.strings(known.string))]
    assert missing == [], "run `make words` and translate these"


def test_no_english_is_kept_for_a_sentence_that_is_gone() -> None:
    said = {m.id for m in SENTENCES}
    assert [m.id for m in words.kept() if m.id and m.id not in said] == []


def test_the_compiled_catalogue_is_the_one_of_the_committed_words() -> None:
    assert words.ENGLISH.with_suffix(".mo").read_bytes() == words.compiled(), "run `make words`"


@pytest.mark.parametrize("message", [m for m in words.kept() if m.id], ids=lambda m: str(m.id)[:40])
def test_the_english_has_the_same_places_to_fill(message: words.Message) -> None:
    wanted = set(FIELD.findall(words.strings(message.id)[0]))
    for english in words.strings(message.string):
        assert set(FIELD.findall(english)) == wanted
