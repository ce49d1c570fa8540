"""The screens speak English in full."""

import re

from tests import words

FIELD = re.compile(r"%\((\w+)\)s")


def test_every_sentence_of_the_screens_has_its_english_and_none_is_kept_that_is_gone() -> None:
    said, kept = {message.id for message in words.gathered() if message.id}, words.kept()
    missing = [id for id in said if not (known := kept.get(id)) or not all(words.strings(known.string))]
    assert missing == [], "run `make words` and translate these"
    assert [message.id for message in kept if message.id and message.id not in said] == [], "run `make words`"


def test_the_compiled_catalogue_is_the_one_of_the_committed_words() -> None:
    assert words.ENGLISH.with_suffix(".mo").read_bytes() == words.compiled(), "run `make words`"


def test_the_english_has_the_same_places_to_fill() -> None:
    wrong = [
        message.id
        for message in words.kept()
        if message.id
        for english in words.strings(message.string)
        if set(FIELD.findall(english)) != set(FIELD.findall(words.strings(message.id)[0]))
    ]
    assert wrong == []
