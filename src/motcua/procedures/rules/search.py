"""Finding a procedure from the words of a citizen: with or without marks, run together, slightly mistyped.

Everything is made once per catalogue: words are numbered, each has its weight (the rarer the heavier) and the
procedures whose names hold it. A query is folded, replaced by the law's own words where people say it otherwise
(data/synonyms.csv), and split where words were run together.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from motcua.kernel.text import fold
from motcua.procedures.rules.files import table

_WORD = re.compile(r"[0-9a-z]+")
_CODE = re.compile(r"\d\.?\d{6}")

# Words that say nothing about which procedure it is.
EMPTY = frozenset(
    [
        "thu",
        "tuc",
        "lam",
        "xin",
        "cho",
        "o",
        "tai",
        "toi",
        "muon",
        "can",
        "cach",
        "nhu",
        "nao",
        "the",
        "o",
        "dau",
        "giup",
        "em",
        "anh",
        "chi",
        "voi",
        "la",
        "mot",
    ]
)

ORDER = 1.5  # what two words are worth beyond their weight when they follow each other as in the query
CURATED = 1.35  # the common procedures first, where the words fit equally
COMMUNE = 1.12  # what a commune gives is asked for more often than what a ministry gives


@cache
def synonyms() -> tuple[tuple[str, str], ...]:
    """(what people say, what the law says), folded, the longest first."""
    rows = [(_plain(row["said"]), _plain(row["meant"])) for row in table("synonyms.csv")]
    return tuple(sorted(rows, key=lambda row: -len(row[0])))


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(fold(text)))


@dataclass(frozen=True, slots=True)
class Entry:
    """What is searched of one procedure."""

    code: str
    name: str
    field: str
    curated: bool
    commune: bool


class Index:
    """Immutable once made. `find` gives (number of the entry, score), best first."""

    __slots__ = ("_codes", "_entries", "_norms", "_pairs", "_postings", "_prefixes", "_priors", "_segments", "_weights")

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries
        words = [_WORD.findall(fold(entry.name)) for entry in entries]
        extra = [_WORD.findall(fold(entry.field)) for entry in entries]
        counts = Counter(word for name, more in zip(words, extra, strict=True) for word in {*name, *more})
        self._weights = {word: math.log(1 + len(entries) / count) for word, count in counts.items()}
        postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        pairs: dict[tuple[str, str], set[int]] = defaultdict(set)
        for number, (name, more) in enumerate(zip(words, extra, strict=True)):
            for word in set(name):
                postings[word].append((number, 1.0))
            for word in set(more) - set(name):
                postings[word].append((number, 0.4))
            for first, second in pairwise(name):
                pairs[first, second].add(number)
        self._postings = dict(postings)
        self._pairs = {pair: frozenset(numbers) for pair, numbers in pairs.items()}
        self._norms = [sum(self._weights[word] for word in set(name) - EMPTY) or 1.0 for name in words]
        self._priors = [(CURATED if entry.curated else 1.0) * (COMMUNE if entry.commune else 1.0) for entry in entries]
        self._codes = {entry.code.replace(".", ""): number for number, entry in enumerate(entries)}
        self._segments: dict[str, tuple[str, ...]] = {}
        self._prefixes: dict[str, list[str]] = defaultdict(list)
        for word in sorted(self._weights, key=lambda word: -counts[word]):
            self._prefixes[word[:1]].append(word)

    def find(self, text: str, limit: int = 20) -> list[tuple[int, float]]:
        """The entries that fit the words; [] when nothing does."""
        if code := _CODE.fullmatch(text.strip()):
            number = self._codes.get(code[0].replace(".", ""))
            return [] if number is None else [(number, 100.0)]
        words = self._words(text)
        asked = [word for word in words if word not in EMPTY] or words
        if not asked:
            return []
        weights = self._weights
        scores: dict[int, float] = defaultdict(float)
        heard: dict[int, float] = defaultdict(float)
        for word in set(asked):
            weight = weights[word]
            for number, share in self._postings[word]:
                scores[number] += weight * share
                heard[number] += weight
        for pair in set(pairwise(words)):
            bonus = ORDER * min(weights[pair[0]], weights[pair[1]])
            for number in self._pairs.get(pair, ()):
                scores[number] += bonus
        total = sum(weights[word] for word in set(asked))
        norms, priors = self._norms, self._priors
        ranked = [
            (number, score * (heard[number] / total) * priors[number] / (1 + 0.15 * math.sqrt(norms[number])))
            for number, score in scores.items()
            if heard[number] >= 0.5 * total
        ]
        ranked.sort(key=lambda found: (-found[1], found[0]))
        return ranked[:limit]

    def _words(self, text: str) -> list[str]:
        """The query in words that occur in the catalogue."""
        plain = f" {_plain(text)} "
        for said, meant in synonyms():
            plain = plain.replace(f" {said} ", f" {meant} ")
        words: list[str] = []
        for word in plain.split():
            if word in self._weights:
                words.append(word)
            else:
                split = self._split(word)
                if len(split) > 1:
                    joined = f" {' '.join(split)} "
                    for said, meant in synonyms():
                        joined = joined.replace(f" {said} ", f" {meant} ")
                    split = tuple(part for part in joined.split() if part in self._weights)
                words.extend(split or self._near(word))
        return words

    def _split(self, run: str) -> tuple[str, ...]:
        """Words that were run together: the split into known words with the fewest, then the most common."""
        if len(run) > 60:
            return ()
        best: list[tuple[float, tuple[str, ...]] | None] = [(0.0, ())] + [None] * len(run)
        for end in range(1, len(run) + 1):
            for start in range(max(0, end - 9), end):
                before, word = best[start], run[start:end]
                if before is None or word not in self._weights or len(word) < 2:
                    continue
                cost = before[0] + 10 + self._weights[word]
                if before[1] and (before[1][-1], word) in self._pairs:  # "ket hon", not "ke thon"
                    cost -= 8
                there = best[end]
                if there is None or cost < there[0]:
                    best[end] = (cost, (*before[1], word))
        last = best[-1]
        return last[1] if last else ()

    def _near(self, word: str) -> list[str]:
        """The most common known word one slip away (a letter missing, added, changed or two swapped)."""
        if len(word) < 3:
            return []
        for known in self._prefixes[word[:1]]:
            if abs(len(known) - len(word)) < 2 and _one_slip(word, known):
                return [known]
        return []


def _one_slip(a: str, b: str) -> bool:
    if len(a) > len(b):
        a, b = b, a
    at = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), len(a))
    if len(a) < len(b):
        return a[at:] == b[at + 1 :]
    return a[at + 1 :] == b[at + 1 :] or (a[at : at + 2] == b[at : at + 2][::-1] and a[at + 2 :] == b[at + 2 :])
