"""A small English lexicon of communicative acts, feelings, forms and stances.

`names` are what people call a class in a wish ("ads", "scare"); `cues` are what gives it away in an item
("order now", "too late"). General language only: no brand, no phrase of any sample.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from agents.words import Token, fold, tokens

LEXICON_VERSION = "1"


@dataclass(frozen=True)
class Cue:
    """A phrase of folded words that gives a class away."""

    kind: str
    name: str
    words: tuple[str, ...]


@cache
def _data() -> dict[str, dict[str, dict[str, list[str]]]]:
    loaded: dict[str, dict[str, dict[str, list[str]]]] = json.loads(
        (Path(__file__).parent / "lexicon.json").read_text(encoding="utf-8")
    )
    return loaded


@cache
def _names() -> dict[tuple[str, ...], tuple[str, str]]:
    return {
        tuple(t.word for t in tokens(name)): (kind, class_name)
        for kind, classes in _data().items()
        for class_name, entry in classes.items()
        for name in entry["names"]
    }


@cache
def _cues() -> dict[str, list[Cue]]:
    by_first: dict[str, list[Cue]] = defaultdict(list)
    for kind, classes in _data().items():
        for class_name, entry in classes.items():
            for phrase in entry["cues"]:
                if words := tuple(t.word for t in tokens(phrase)):
                    by_first[words[0]].append(Cue(kind, class_name, words))
    return dict(by_first)


@cache
def _patterns() -> list[tuple[str, str, re.Pattern[str]]]:
    return [
        (kind, class_name, re.compile(pattern, re.IGNORECASE))
        for kind, classes in _data().items()
        for class_name, entry in classes.items()
        for pattern in entry.get("patterns", [])
    ]


def find_patterns(text: str) -> Iterator[tuple[str, str, int, int]]:
    """Places where a pattern of the lexicon matches: (kind, class, start, end)."""
    for kind, class_name, pattern in _patterns():
        for match in pattern.finditer(text):
            yield kind, class_name, match.start(), match.end()


def class_of(phrase: str) -> tuple[str, str] | None:
    """(kind, class) of a name that people use in a wish, or None."""
    return _names().get(tuple(t.word for t in tokens(phrase)))


def find_names(found: Sequence[Token]) -> Iterator[tuple[int, int, str, str]]:
    """Names in a wish, longest first at each place: (first token, past the last token, kind, class)."""
    position = 0
    while position < len(found):
        for length in (3, 2, 1):
            words = tuple(token.word for token in found[position : position + length])
            if len(words) == length and words in _names():
                kind, name = _names()[words]
                yield position, position + length, kind, name
                position += length - 1
                break
        position += 1


def find_cues(found: Sequence[Token]) -> Iterator[tuple[Cue, int, int]]:
    """Cues in an item's field: (cue, start, end) with character offsets."""
    for position, token in enumerate(found):
        for cue in _cues().get(token.word, ()):
            window = found[position : position + len(cue.words)]
            if tuple(t.word for t in window) == cue.words:
                yield cue, token.start, window[-1].end


def is_name(word: str) -> bool:
    """Whether a single word names a class."""
    return (fold(word),) in _names()


def name_of_class(kind: str, class_name: str) -> str:
    """What people call a class, in one word or two; empty where it has no name."""
    entry = _data().get(kind, {}).get(class_name)
    return entry["names"][0] if entry and entry["names"] else ""
