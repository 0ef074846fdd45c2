"""Words of a text, where they stand, and their forms.

Spelling that is meant to slip past a filter is folded (full-width letters, zero-width characters, digits for
letters, look-alike letters of another script, letters set apart, letters repeated), while offsets go on to
point into the text as it was written.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import snowballstemmer

_local = threading.local()
"""A stemmer holds state while it works: each thread has its own."""
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\ufeff"))
_WORD = re.compile(r"[\w@$€][\w@$€'’*\u00ad\u200b-\u200f\u2060-\u2063\ufeff]*")
_LETTERS_FOR = str.maketrans("0134578@$€", "oieastbase")
_LOOK_ALIKES = str.maketrans("аеорсухіѕԁɡոυαεονρικτ", "aeopcyxisdgnuaeovpikt")
STOP = frozenset(
    [
        "a",
        "an",
        "the",
        "this",
        "that",
        "these",
        "those",
        "and",
        "or",
        "but",
        "nor",
        "of",
        "for",
        "to",
        "in",
        "on",
        "at",
        "by",
        "with",
        "from",
        "into",
        "onto",
        "about",
        "as",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "being",
        "am",
        "do",
        "does",
        "did",
        "done",
        "have",
        "has",
        "had",
        "having",
        "it",
        "its",
        "they",
        "them",
        "their",
        "he",
        "she",
        "his",
        "her",
        "him",
        "i",
        "me",
        "my",
        "we",
        "us",
        "our",
        "you",
        "your",
        "who",
        "whom",
        "whose",
        "which",
        "what",
        "when",
        "where",
        "while",
        "if",
        "then",
        "than",
        "so",
        "such",
        "too",
        "very",
        "just",
        "only",
        "also",
        "any",
        "some",
        "all",
        "every",
        "each",
        "more",
        "most",
        "much",
        "many",
        "no",
        "not",
        "don",
        "doesn",
        "isn",
        "aren",
        "t",
        "s",
        "re",
        "ve",
        "ll",
        "d",
        "m",
        "can",
        "could",
        "will",
        "would",
        "shall",
        "should",
        "may",
        "might",
        "must",
        "up",
        "down",
        "out",
        "off",
        "over",
        "under",
        "again",
        "there",
        "here",
        "how",
        "why",
        "own",
        "same",
        "other",
        "another",
        "kind",
        "kinds",
        "sort",
        "sorts",
        "type",
        "types",
        "thing",
        "things",
        "stuff",
        "something",
        "anything",
        "content",
        "post",
        "posts",
        "item",
        "items",
        "article",
        "articles",
        "story",
        "stories",
        "people",
        "person",
        "someone",
        "anyone",
        "make",
        "makes",
        "made",
        "get",
        "gets",
        "got",
        "like",
        "really",
        "please",
        "ever",
        "still",
        "even",
        "one",
        "ones",
        "way",
    ]
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word: its folded form, its stems (one for each way to read repeated letters), its place in the text."""

    word: str
    stems: frozenset[str]
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """The words of a text in order. Runs of four or more single letters are read as one word."""
    found = [
        _token(folded, match.start(), match.start() + len(match.group().rstrip("'’*")))
        for match in _WORD.finditer(text)
        if (folded := fold(match.group()))
    ]
    return _joined(found)


def fold(word: str) -> str:
    """A word as it is compared."""
    plain = unicodedata.normalize("NFKC", word).translate(_INVISIBLE).casefold().strip("'’*")
    if any(c.isascii() and c.isalpha() for c in plain):
        plain = plain.translate(_LOOK_ALIKES)
        inner = plain[:1].isalpha() or plain[:1] in "@$"
        if inner and any(c.isalpha() for c in plain) and not plain.lstrip("@").isalpha():
            plain = _unleet(plain)
    return re.sub(r"['’]s?$", "", plain).replace("’", "'")


def _unleet(word: str) -> str:
    if word.startswith("@") or re.fullmatch(r"[a-z]+\d{2,}", word):
        return word
    return word.translate(_LETTERS_FOR)


def _token(word: str, start: int, end: int) -> Token:
    return Token(word, stems(word), start, end)


def _spelled(run: list[Token]) -> Token:
    """Letters set apart, read as one word; an "a" or "I" before them may be a word of its own."""
    word = "".join(token.word for token in run)
    whole = _token(word, run[0].start, run[-1].end)
    if word[0] not in "ai" or len(run) == 4:
        return whole
    return Token(word, whole.stems | stems(word[1:]), whole.start, whole.end)


def _joined(found: list[Token]) -> list[Token]:
    out: list[Token] = []
    run: list[Token] = []
    for token in [*found, None]:
        if token is not None and len(token.word) == 1 and token.word.isalpha():
            run.append(token)
            continue
        if len(run) >= 4:
            out.append(_spelled(run))
        else:
            out.extend(run)
        run = []
        if token is not None:
            out.append(token)
    return out


def _stemmer() -> Any:
    if not hasattr(_local, "stemmer"):
        _local.stemmer = snowballstemmer.stemmer("english")
    return _local.stemmer


@lru_cache(maxsize=50_000)
def stems(word: str) -> frozenset[str]:
    """The stems of a folded word (Snowball English)."""
    forms = {word, re.sub(r"(.)\1{2,}", r"\1\1", word), re.sub(r"(.)\1{2,}", r"\1", word)}
    return frozenset(_stemmer().stemWords(sorted(forms)))


def content_words(text: str) -> list[Token]:
    """The words that carry meaning."""
    return [token for token in tokens(text) if token.word not in STOP and len(token.word) > 1]
