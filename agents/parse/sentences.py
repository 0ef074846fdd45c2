"""The sentences of what a person says, and those that speak of the person instead of what is avoided.

"no spiders. they scare me, I have one in the bath" avoids spiders; why is nothing that an item could meet.
"""

from __future__ import annotations

import re

from agents.parse.clauses import strip_lead_ins, tidy
from agents.words import content_words

JOINT = "; "
_BREAK = re.compile(
    r"(?<!\bDr\.)(?<!\bMr\.)(?<!\bMrs\.)(?<!\bvs\.)(?:(?<=\w\w[.;…])|(?<=[!?…)\"”][.;])|(?<=[!?…]))[\"”)]*\s+"
)
SUBJECT = re.compile(
    r"^(?:(?:and|but|so|well|sorry|honestly|because|since)[, ]+)*"
    r"(?:i|i['’](?:m|ve|d|ll)|we|we['’](?:re|ve|d|ll)|my|our|it|it['’]s|they|they['’]re|that|that['’]s|this|he|she|his|her|not my)\b",
    re.IGNORECASE,
)
"""Begins with the person, or with a pronoun that points back."""
ASKS = re.compile(
    r"\b(?:hide|spare|no more|stop|skip|pls|please|away with|nothing|never|hate|rather not|(?:sick|tired) of|fed up|enough of"
    r"|keep (?:\w+ ){0,3}(?:away|off|out)|(?:don['’]?t|do not|not) (?:show|want|need|wish|care)"
    r"|can['’]?t (?:stand|bear|see|take|hear|read|look at) (?!it\b|that\b|them\b|this\b)\w)",
    re.IGNORECASE,
)
"""Asks for something to be hidden, whatever it begins with."""


def sentences(said: str) -> list[str]:
    return _BREAK.split(said)


def without_remarks(said: str) -> str:
    """The sentences that say what is avoided, joined by JOINT; all of them where none would be left."""
    found = [part for part in map(tidy, sentences(said)) if content_words(part)]
    kept = [part for part in found if not _is_remark(part)]
    says_something = any(content_words(strip_lead_ins(part)) for part in kept)
    return JOINT.join(map(_without_last_remark, kept if says_something else found))


def _is_remark(sentence: str) -> bool:
    return SUBJECT.match(sentence) is not None and not ASKS.search(sentence)


def _without_last_remark(sentence: str) -> str:
    """Without what follows a comma and speaks of the person: "…, my sister was there"."""
    parts = sentence.split(", ")
    while len(parts) > 1 and _is_remark(parts[-1]):
        parts.pop()
    return ", ".join(parts)
