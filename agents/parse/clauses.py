"""Clauses that stand around what a wish is about: exceptions, actions, reasons, places.

Each reader takes the sentence and returns what it found and the sentence without it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from graph.types import Action

FINE = r"(?:fine|ok|okay|good|great|allowed|welcome|alright|all right|not a problem|no problem|acceptable|lovely)"
IS = (
    r"(?:\bis|\bare|['’]s|['’]re|\bcan be|\bwould be|\bseems?)\s+"
    r"(?:(?:quite|just|still|totally|perfectly|always|completely|absolutely)\s+)?"
)
UNSAID = r"(?![^.;]*\b(?:say|says|said|saying|claim|claims|claiming|think|thinks|thinking|tell|tells|telling|pretend\w*|believ\w+)\b)"
"""Not what somebody says: "claims that smoking is fine" is no exception."""
_BUT = r"(?:but|though|although|however|yet)"
_EXCEPTIONS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"[,;.\-–—(]?\s*\b{_BUT}\b[,]?\s+(?P<x>[^.;]+?)\s*{IS}{FINE}\b\s*(?:with me|by me|for me|though)?\)?",
        rf"[,;.\-–—]?\s*\b(?:{_BUT}|and)\b[,]?\s+(?:please\s+)?(?:do\s+)?(?:not\s+hide|don['’]t\s+hide|never\s+hide|keep|leave|show(?:\s+me)?|let\s+me\s+see"
        r"|still\s+show(?:\s+me)?|i\s+(?:do\s+)?(?:still\s+)?(?:want|like|love|enjoy)(?:\s+to\s+see)?)\s+(?P<x>[^.;]+?)(?=$|[.;])",
        r"[,;.\-–—]?\s*\b(?P<x>[^.;,]+?)\s+(?:can|may|should)\s+(?:stay|remain|be shown|come through)\b",
        r"[,;.\-–—(]?\s*\b(?:except(?:\s+for|\s+when(?:\s+it['’]?s)?|\s+if(?:\s+it['’]?s)?)?|apart from|other than|excluding"
        r"|unless(?:\s+(?:it['’]s|they['’]re|it is|they are|it|they))?|not counting|but not)\s+(?P<x>[^.;)]+?)\)?(?=$|[.;])",
        rf"(?:[.;]\s*|^)(?P<x>{UNSAID}[^.;,]+?)\s*{IS}{FINE}\b\s*(?:with me|by me|for me|though)?",
    )
)
_REASON = re.compile(
    r"[,;.\-–—(]?\s*\b(?:because|since (?:it|they|i|my)|as (?:it|they) make|it makes me|they make me|so that|i['’]m (?:trying|recovering))\b[^.;]*",
    re.IGNORECASE,
)
_ACTIONS: tuple[tuple[Action, str], ...] = (
    ("blur", r"\b(?:blur|cover|obscure)\b(?:\s+out)?"),
    ("label", r"\b(?:label|mark|flag|tag|warn me (?:about|of|before)|put a warning on)\b"),
    ("hide", r"\b(?:hide|remove|block|filter out|filter|mute|get rid of|take away|kill)\b"),
)
_POLITE = r"^(?:please|pls|hi|hey|ok|just|also|and|so|well)[,\s]+|^(?:can|could) you\s+(?:please\s+)?"
_LEAD_INS = re.compile(
    rf"{_POLITE}"
    r"|^(?:i(?:['’]m| am) )?not interested in\s+"
    r"|^i(?:['’]d| would)? (?:really )?(?:do not|don['’]t|dont|never|no longer|rather not|hate|can['’]?t stand|cannot stand|dislike|am sick of|am tired of|am fed up with|prefer not)"
    r"(?:\s+(?:ever\s+)?(?:want|wish|like|need|care))?(?:\s+(?:to\s+)?(?:see|seeing|read|reading|hear|hearing|look at|get|be shown|about))?(?:\s+(?:any|any more|anymore|more))?\s+"
    r"|^i['’]m (?:sick|tired|fed up|bored|done)(?: and tired)? (?:of|with)(?:\s+(?:seeing|reading))?\s+"
    r"|^(?:sick|tired|fed up|bored) (?:of|with)(?:\s+(?:seeing|reading))?\s+"
    r"|^add\s+|^(?:stop|quit) (?:showing me|showing|with)\s+|^(?:do not|don['’]t|dont|never) (?:show|give)(?: me)?(?: any(?: more)?)?\s+"
    r"|^(?:no more|not any more|no|not|less|fewer|enough(?: of| with)?|avoid|without|spare me|keep away|away with|nothing about|nothing on)\s+"
    r"|^(?:all|any|every|anything|everything|stuff|things|posts|items|articles|content|pictures|photos|images)(?=\s+(?:that|about|of|with|on|which|from|the|those))\s+"
    r"|^(?:about|of|with|on|that are|which are|the|those|these|all|any|some|me|out|from my feed)\s+",
    re.IGNORECASE,
)
_WELCOME = re.compile(
    r"^(?:please\s+)?(?:do not|don['’]t|never) let me miss\s+|^(?:always|please) show me\s+|^show me (?:more|all)(?: of)?\s+"
    r"|^more (?:of|about|on)?\s*|^star\s+|^i (?:want|love|like|would like) (?:to see )?(?:more )?(?:of )?\s*",
    re.IGNORECASE,
)
_SERVICES = ("youtube", "reddit", "mastodon", "bluesky", "instagram", "facebook", "tiktok", "twitter", "linkedin")
_SURFACES = {"replies": "replies", "reply": "replies", "comments": "replies", "comment": "replies", "search": "search"}
_LANGUAGES = {
    "english": "en", "german": "de", "french": "fr", "spanish": "es", "italian": "it", "dutch": "nl", "portuguese": "pt",
    "polish": "pl", "russian": "ru", "japanese": "ja", "chinese": "zh", "korean": "ko", "turkish": "tr", "arabic": "ar",
}  # fmt: skip


def take_exceptions(sentence: str) -> tuple[list[str], str]:
    """The texts of the exceptions, and the sentence without them."""
    found: list[str] = []
    for pattern in _EXCEPTIONS:
        while (match := pattern.search(sentence)) is not None:
            text = tidy(match["x"])
            sentence = f"{sentence[: match.start()]} {sentence[match.end() :]}".strip()
            if text:
                found.append(text)
    return found, tidy(sentence)


def take_reason(sentence: str) -> str:
    """The sentence without why the person says it."""
    return tidy(_REASON.sub(" ", sentence))


def take_action(sentence: str) -> tuple[Action | None, str]:
    """The action that the person named, if any."""
    for action, pattern in _ACTIONS:
        match = re.match(rf"(?:please\s+|just\s+|only\s+|always\s+)*{pattern}\s+", sentence, re.IGNORECASE)
        if match:
            return action, sentence[match.end() :].strip()
        tail = re.search(
            rf"[,;.:\-–—]\s*(?:just\s+|please\s+|only\s+)?{pattern}\s+(?:them|it|those|these)(?:\s+(?:instead|please))?\s*\.?$",
            sentence,
            re.IGNORECASE,
        )
        tail = tail or re.search(
            rf"[,;:]\s*(?:just\s+|please\s+)?{pattern}(?:\s+please)?\s*[.!]*$", sentence, re.IGNORECASE
        )
        if tail:
            return action, sentence[: tail.start()].strip()
    return None, sentence


def take_flag(sentence: str, pattern: str) -> tuple[bool, str]:
    """Whether a phrase stands in the sentence, and the sentence without it."""
    found = re.search(pattern, sentence, re.IGNORECASE)
    if found is None:
        return False, sentence
    return True, tidy(f"{sentence[: found.start()]} {sentence[found.end() :]}")


def take_welcome(sentence: str) -> tuple[bool, str]:
    """Whether the sentence welcomes what it names."""
    match = _WELCOME.match(sentence)
    return (True, sentence[match.end() :]) if match else (False, sentence)


def strip_politeness(sentence: str) -> str:
    """The sentence without the words that only make it polite."""
    while (match := re.match(_POLITE, sentence, re.IGNORECASE)) is not None:
        sentence = sentence[match.end() :]
    return sentence


def strip_lead_ins(sentence: str) -> str:
    """The sentence without the words by which people begin."""
    while (match := _LEAD_INS.match(sentence)) is not None and match.end():
        sentence = sentence[match.end() :]
    return sentence


def take_names(sentence: str, names: Sequence[str], before: str) -> tuple[list[str], str]:
    """Those of the names that stand after one of the words `before` (a pattern)."""
    found = []
    for name in sorted(names, key=len, reverse=True):
        pattern = (
            rf"\b(?:{before})\s+(?:the\s+|my\s+)?[\"“']?{re.escape(name)}[\"”']?(?:\s+(?:folder|feed|source))?(?!\w)"
        )
        hit, sentence = take_flag(sentence, pattern)
        if hit:
            found.append(name)
    return found, sentence


def take_services(sentence: str) -> tuple[list[str], str]:
    return take_names(sentence, _SERVICES, "on|in|from")


def take_surfaces(sentence: str) -> tuple[list[str], str]:
    found, rest = take_names(sentence, tuple(_SURFACES), "in|in the")
    return sorted({_SURFACES[name] for name in found}), rest


def take_languages(sentence: str) -> tuple[list[str], str]:
    found, rest = take_names(sentence, tuple(_LANGUAGES), "in")
    return [_LANGUAGES[name] for name in found], rest


def tidy(text: str) -> str:
    """Single spaces, and no punctuation hanging at either end."""
    return re.sub(r"\s+([,.;])", r"\1", re.sub(r"\s+", " ", text)).strip(" ,;:.-–—()!")
