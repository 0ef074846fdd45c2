"""Limits that name no day: "until I've signed somewhere", "till Lent is over", "for a while".

They are taken out of the wish, for they are no part of what is avoided, and the person is told that it holds until
they take it back.
"""

from __future__ import annotations

import re

from agents.parse.clauses import tidy
from agents.parse.times import ONLY
from agents.words import content_words

_UNTIL = re.compile(
    rf"{ONLY}(?:until|till|til)\s+"
    r"(?:(?:i|my|it|our|the)\b[^,;.!?]*|(?:i|we|they|he|she|it)(?:['’](?:ve|m|re|s)|\s+(?:have|has|are|is))\b[^,;.!?]*"
    r"|(?:spring|summer|autumn|winter|lent|ramadan|term|exams|the holidays|polling day)\b[^,;.!?]*"
    r"|[^,;.!?]*\b(?:is|are)\s+(?:over|done|finished|through|past|out|in)\b)\)?",
    re.IGNORECASE,
)
_WHILE = re.compile(
    rf"{ONLY}for\s+(?:a\s+(?:little\s+)?(?:while|bit)(?!\s+of\b)|now|the\s+(?:moment|time\s+being))\b", re.IGNORECASE
)


def take_open_end(sentence: str) -> tuple[str, str]:
    """The words of the limit ("" where there is none), and the sentence without them."""
    for pattern in (_UNTIL, _WHILE):
        match = pattern.search(sentence)
        if match is not None and content_words(sentence[: match.start()] + sentence[match.end() :]):
            return tidy(match.group()), tidy(f"{sentence[: match.start()]} {sentence[match.end() :]}")
    return "", sentence
