"""The sentences of what a person says, and those that only speak of the person.

"no spiders. they scare me" avoids spiders; why is nothing that an item could meet. A sentence counts as a remark only
where it plainly is one: not the first, with a subject that points at the person or back, a verb, and no asking word.
"""

from __future__ import annotations

import re

from agents.parse.clauses import strip_lead_ins, tidy
from agents.words import content_words

JOINT = "; "
_BREAK = re.compile(r"(?:(?<=\w\w[.;…])|(?<=[!?…)\"”][.;])|(?<=!!))[\"”)]*\s+(?!\d)|(?<=[!?])[\"”)]*\s+(?=[A-Z\"“])")
_ABBREVIATED = re.compile(r"\b(?:dr|mr|mrs|ms|prof|st|sgt|mt|ft|no|pt|vol|ep|feat|vs)\.$", re.IGNORECASE)
_VERB = (
    r"(?:is|are|am|was|were|has|have|had|do|does|did|can|can['’]?t|could|will|would|won['’]t|don['’]?t|doesn['’]t|didn['’]t"
    r"|died|left|lost|gets?|got|works?|needs?|makes?|made|goes|went|looks?|came|comes|scares?|hurts?|stings?)"
)
_REMARK = re.compile(
    r"^(?:(?:and|but|so|well|sorry|honestly|because|since)[, ]+)*"
    rf"(?:(?:i|we|they|he|she|it)\s+\w+|(?:i|we|they|he|she|it|that)['’](?:m|ve|d|ll|re|s)\s+\w+|(?:that|this)\s+{_VERB}"
    rf"|(?:my|our|his|her)\s+(?:\w+\s+){{1,3}}?{_VERB})\b",
    re.IGNORECASE,
)
_TITLE = re.compile(r"^(?:This|My|That|Our|His|Her)\s+[A-Z]|^(?:IT|US)\b|\b[a-z]+\s+[A-Z][a-z]+$")
ASKS = re.compile(
    r"\b(?:hide|spare|no|none|stop|skip|pls|please|away with|nothing|never|not even|hate|dislike|rather not|(?:sick|tired|bored) of|fed up"
    r"|enough of|less|fewer|without|avoid|remove|block|mute|filter|rid of|too much|break from|gone|too|also|either|as well"
    r"|(?:keep|leave) .*\b(?:away|off|out)|(?:don['’]?t|do not|not) (?:show|want|need|wish|care|like|interested)"
    r"|can['’]?t (?:stand|bear|see|take|hear|read|look at) (?!it\b|that\b|them\b|this\b)\w)\b",
    re.IGNORECASE,
)
"""Asks for something to be hidden, or may do so."""


def sentences(said: str) -> list[str]:
    """In order; an abbreviation ends none."""
    found: list[str] = []
    for part in _BREAK.split(said):
        if found and _ABBREVIATED.search(found[-1]):
            found[-1] = f"{found[-1]} {part}"
        else:
            found.append(part)
    return found


def is_remark(sentence: str) -> bool:
    """Whether it only speaks of the person, or of what was named before."""
    if _REMARK.match(sentence) is None or _TITLE.search(sentence):
        return False
    return strip_lead_ins(sentence) == sentence and not ASKS.search(sentence)


def without_remarks(said: str) -> str:
    """The sentences that say what is avoided, joined by JOINT."""
    first, *others = [part for part in map(tidy, sentences(said)) if content_words(part)] or [said]
    return JOINT.join(map(_without_last_remark, [first, *(part for part in others if not is_remark(part))]))


def _without_last_remark(sentence: str) -> str:
    """Without what follows a comma and speaks of the person: "…, I was there"."""
    parts = sentence.split(", ")
    while len(parts) > 1 and is_remark(parts[-1]):
        parts.pop()
    return ", ".join(parts)
