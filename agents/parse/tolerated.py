"""What people say they do not mind, in a sentence of its own or after a comma.

"Ads for pet stuff. Recalls I do want to get" and "snakes, rubber ones are fine" each name an exception, without a word
such as "but" or "except" that would announce it. A wrong exception shows what was to be hidden, so doubt means none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.parse.clauses import FINE, IS, UNSAID, tidy
from agents.parse.sentences import ASKS, sentences
from agents.words import content_words

_TAIL = r"(?:\s+(?:with|by|for)\s+me|\s+too|\s+though|\s+of course|\s+obviously|\s+at all|\s+please|\s+then|\s+after all|\s+again)*"
_ELSE = r"(?:different|something else|(?:a different|another|a whole other|not the same) (?:thing|matter|story|question)|another)"
_MAY = r"\s+(?:can|may|should|could|must)\s+(?:please\s+|still\s+|all\s+)?"
_COME = r"(?:stay|remain|come|pass|appear|through|get through)(?:\s+(?:in|on|through|too|up))?"
_THEM = r"(?:it|them|those|that|these|this)"
_THING = rf"(?P<x>{UNSAID}.+?)"
_AFTER_COMMA = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"^{_THING}\s*{IS}(?:{FINE}|{_ELSE}|useful|helpful|charming|harmless|needed|excepted|excluded|exempt){_TAIL}$",
        rf"^{_THING}\s*[,:–—]?\s+(?:yes please|yes|by all means|no problem|all right|okay|ok|fine|{_THEM} is fine){_TAIL}$",
        rf"^(?P<x>.+?)\s*[,:]?\s+(?:please\s+)?(?:keep|leave|let)\s+(?:{_THEM}\s+)?(?:in|through|be|stay|pass|alone)?{_TAIL}$",
        rf"^(?P<x>.+?)\s+(?:excepted|not included|not meant){_TAIL}$",
        rf"^(?P<x>.+?){_MAY}(?:be shown|be said|be told|keep coming|{_COME}){_TAIL}$",
        rf"^{_THING}\s+(?:don['’]?t|doesn['’]?t|do not|does not)\s+(?:count|bother me|hurt(?: me)?|matter|disturb me){_TAIL}$",
        rf"^{_THING}\s+(?:isn['’]?t|aren['’]?t|is not|are not)\s+(?:what i mean|meant|the problem|included){_TAIL}$",
    )
)
_SENTENCE = (
    *_AFTER_COMMA,
    *(
        re.compile(pattern, re.IGNORECASE)
        for pattern in (
            rf"^(?P<x>.+?){_MAY}\w+.*\b(?:(?:all|as much as|as \w+ as|what|whatever) (?:they|you|he|she|it) (?:like|likes|want|wants)|all day(?: long)?|any time){_TAIL}$",
            rf"^(?P<x>.+?)\s+(?:stays?|remains?)\s+(?:in|please){_TAIL}$",
            rf"^{_THING}\s*,?\s+(?:{_THEM}\s+)?i(?:\s+(?:do|still|really|actually|always)\s+(?:want|need|read|follow|use|like|love|enjoy|appreciate)"
            rf"|\s+(?:like|love|enjoy|appreciate))(?:\s+(?:{_THEM}|to (?:see|read|get|know|hear|have|keep|watch)))?(?:\s+(?:though|too|first of all))*$",
            rf"^(?P<x>.+?)\s*,?\s+{_THEM}\s+i(?:['’]d)?\s+(?:want|need|like|love)(?:\s+to\s+\w+)?$",
            r"^(?P<x>.+?)\s+(?:helps?|interests?)\s+me(?:\s+though)?$",
            rf"^(?:if|when|where|whenever)\s+(?P<x>.+?),?\s+(?:then\s+)?(?:(?:that|it)(?:['’]s|\s+is)\s+)?"
            rf"(?:{FINE}|{_ELSE}|leave it(?: in)?|keep it|let it (?:through|in)|i can (?:cope|take it)|that i can take){_TAIL}$",
            rf"^(?:please\s+)?(?:do\s+)?(?:keep|leave)\s+(?!me\b|{_THEM}\b|my\b|hiding\b)(?P<x>(?!.*\b(?:out|off|away|free of|minimum|down)\b).+?)(?:\s+(?:in|alone|please))*$",
            r"^(?:please\s+)?let\s+(?P<x>.+?)\s+(?:through|in|pass|stay)(?:\s+please)?$",
            r"^(?:i|we)\s+(?:do not|don['’]?t|never)\s+mind\s+(?P<x>.+)$",
            r"^(?:i|we)(?:\s+(?:do|still))+\s+(?:want|like|love|enjoy|need)\s+(?:to\s+(?:see|read|hear|know|get)\s+)?(?P<x>.+)$",
        )
    ),
)
_POLITE_OR_FINE = re.compile(r"\b(?:(?:yes )?(?:please|pls)|no problem|too|either|as well|also)\b", re.IGNORECASE)
_AROUND = re.compile(
    r"^(?:(?:but|and|only|just|well|actually|if|when|where)[,\s]+)+|,\s*(?:that|it|this|they)$", re.IGNORECASE
)
_NO_THING = re.compile(
    r"^(?:i|i['’]m|we|it|that|this|to be|wherever|whatever|whoever|however)\b|\blast thing\b|\bnot to\b"
    r"|\b(?:and|or|it|that|not|without|away from me|they|them|what|who|being|less|fewer)$|\b(?:less|fewer|gone|break from|rid of)\b",
    re.IGNORECASE,
)
"""What is left of a sentence that only looked like an exception."""


def take_tolerated(said: str) -> tuple[list[str], str]:
    """What the person says they do not mind, and the rest. The first sentence says it only after a comma."""
    tolerated: list[str] = []
    kept: list[str] = []
    for sentence in sentences(said):
        bare = tidy(sentence.strip(" ?"))
        whole = _tolerated(bare, _SENTENCE) if kept else None
        head, _, last = bare.rpartition(", ")
        if whole is not None:
            tolerated.append(whole)
        elif content_words(head) and (text := _tolerated(last, _AFTER_COMMA)) is not None:
            tolerated.append(text)
            kept.append(head)
        else:
            kept.append(sentence)
    return tolerated, " ".join(kept)


def _tolerated(sentence: str, patterns: Sequence[re.Pattern[str]]) -> str | None:
    if ASKS.search(_POLITE_OR_FINE.sub("", sentence)):
        return None
    match = next(filter(None, (pattern.match(sentence) for pattern in patterns)), None)
    if match is None:
        return None
    text = tidy(_AROUND.sub("", match["x"]))
    return text if content_words(text) and not _NO_THING.search(text) else None
