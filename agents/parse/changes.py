"""How people say that a wish is to change: forms of words, and what each asks for.

Each reader takes a sentence (without its scope) and returns a Change, or None where it is of another form.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from pydantic import BaseModel, ConfigDict

from agents.parse import clauses
from agents.parse.clauses import FINE
from agents.parse.known import ANAPHOR
from agents.parse.tolerated import take_tolerated
from agents.words import content_words
from graph.types import Action

Kind = Literal["retire", "pause", "resume", "action", "narrow", "allow", "disallow", "scope"]


class Change(BaseModel):
    """What is asked. `about` are the words that say of which wish, `value` the new clause or exception;
    `firm` where the form admits of no other meaning, so that it must not become a new wish."""

    model_config = ConfigDict(frozen=True)
    kind: Kind
    about: str
    value: str = ""
    action: Action | None = None
    firm: bool = True


_LEAD = re.compile(
    r"^(?:(?:actually|oh|ok|okay|wait|hm+|sorry|well|right|and|but|so|please|now|then|on second thoughts?|come to think of it"
    r"|you know what|one more thing|after all|no(?=,))[,:;.!\s]+)+",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"[,\s]+(?:please|thanks|thank you|though|tho|after all|actually|again|now|from now on)$", re.IGNORECASE
)
_HIDING = r"(?:hid(?:e|ing)|block(?:ing)?|filter(?:ing)?(?: out)?|mut(?:e|ing)|cover(?:ing)?|blur(?:ring)?|remov(?:e|ing)|mark(?:ing)?)"
_WISH = r"(?:wish|rule|filter|ban|block|mute|thing|request|instruction)s?"
_ABOUT = r"(?:\s+(?:about|on|for|against|with|regarding))?"

_RETIRE = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"^(?:please\s+)?(?:forget|never ?mind|scrap|cancel|undo|take back|withdraw|ignore|disregard)(?:\s+about)?"
        rf"(?:\s+(?:what i (?:said|told you|asked|wrote)|(?:the|my|that)(?:\s+last)?\s+{_WISH}|everything){_ABOUT})?(?:\s+(?P<x>.*))?$",
        rf"^(?:remove|delete|drop|lift|end|clear)\s+(?:the|my|that|this)\s+(?P<x>.*?\b(?:{_WISH}|ones?)\b.*)$",
        r"^i(?:['’]ve| have)? changed my mind(?:\s+(?:about|on))?(?:\s+(?P<x>[^,;.]*))?(?:[,;.].*)?$",
        r"^i (?:no longer|don['’]t|do not) (?:mind|care about|object to)\s+(?P<x>.*?)\s+(?:any ?more|any longer)$",
    )
)
_PAUSE = re.compile(r"^(?:pause|suspend|snooze|switch off|turn off|disable)\s+(?P<x>.+)$", re.IGNORECASE)
_RESUME = re.compile(
    r"^(?:resume|unpause|(?:switch|turn)\s+(?P<y>.+?)\s+(?:back )?on|(?:switch|turn) (?:back )?on|re-?enable|reactivate|restart)"
    r"(?:\s+(?P<x>.+))?$",
    re.IGNORECASE,
)
_VERB = r"(?P<a>blur|cover|obscure|label|mark|flag|tag|hide|remove)(?:\s+out)?"
_ANAPHORIC = r"(?:it|them|those|these|that|(?:the|those|these|all)\s+.*?\bones?|the\s+.*?\bone)"
_MODE = rf"{_HIDING}(?:\s+(?:it|them|those|these))?"
_ACTION = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"^(?:just|only|rather|simply|i['’]d rather|i would rather|\s)*{_VERB}\s+instead of {_HIDING}\s+(?P<x>.+)$",
        rf"^(?:just|only|rather|simply|\s)*{_VERB}\s+(?P<x>.+?)[,\s]+(?:instead|rather)(?:\s+(?:of|than)\s+{_MODE})?$",
        rf"^(?:just|only|rather|simply|\s)*{_VERB}\s+(?P<x>.+?)[,\s]+(?:but\s+)?(?:do not|don['’]t)\s+{_MODE}$",
        rf"^(?:do not|don['’]t|instead of|rather than|no need to)\s+{_HIDING}\s+(?P<x>.+?)[,;.]\s*(?:but\s+|just\s+|only\s+|simply\s+)*{_VERB}\s+(?:it|them|those|these)(?:\s+instead)?$",
        rf"^(?:just|only|rather|simply|\s)*{_VERB}\s+(?P<x>{_ANAPHORIC})(?:\s+(?:completely|entirely|altogether|fully))?$",
        r"^(?P<x>.+?)\s+(?:should|can|could|may|need to|are to|is to)\s+(?:just\s+|only\s+)?be\s+(?P<a>blurred|covered|labell?ed|marked|flagged|tagged|hidden|removed)(?:\s+(?:only|instead.*|rather than.*))?$",
    )
)
_ACTION_OF: dict[str, Action] = {
    "blur": "blur", "cover": "blur", "obscure": "blur", "label": "label", "mark": "label", "flag": "label", "tag": "label",
    "hide": "hide", "remove": "hide", "blurred": "blur", "covered": "blur", "labeled": "label", "labelled": "label",
    "marked": "label", "flagged": "label", "tagged": "label", "hidden": "hide", "removed": "hide",
}  # fmt: skip
_NARROW = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"^(?:i (?:only|just) (?:meant?|mind|care about|object to|dislike|hate|want(?:ed)?(?: to hide| hidden| gone)?)|i (?:meant|mean) (?:only |just )?"
        rf"|(?:make|keep) (?:it|that) (?:to )?(?:only|just)|it['’]?s (?:only|just)|only {_HIDING}|{_HIDING} only|limit (?:it|that|this|them) to|(?:it|that) should only (?:be|cover|catch|hide))\s+(?P<x>.+)$",
        r"^(?:only|just)\s+(?P<x>.+)$",
        rf"^(?:just )?{_HIDING}\s+(?P<x>(?:it|them|those|these|that)\s+only\s+(?:when|if|where)\s+.+)$",
    )
)
_NARROW_LEAD = re.compile(
    r"^(?:(?:it|them|those|these|that|the ones?|ones|those ones)\s+)?(?:only\s+)?(?:(?:when|if|where)\s+)?(?:(?:it|they|these|those)(?:['’]s|['’]re|\s+is|\s+are)?\s+)?(?:really\s+)?",
    re.IGNORECASE,
)
_STILL = r"(?:still|again|always|too|also|now|totally|perfectly|completely|quite)"
_ALLOW = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"^(?:you can |please |feel free to )?(?:stop|quit|no longer|do not|don['’]t|never|no need to)\s+{_HIDING}\s+(?P<x>.+?)(?:\s+any ?more|\s+any longer)?$",
        r"^(?:please\s+|you can\s+|you may\s+)*(?:show|give|bring)(?:\s+me)?(?:\s+back)?\s+(?P<x>.+?)\s+(?:again|anyway|though|back|too|as well)$",
        r"^(?:bring back|let through|allow|permit|whitelist|un-?(?:mute|hide|block))\s+(?P<x>.+)$",
        r"^(?:let|leave)\s+(?P<x>.+?)\s+(?:through|alone|be|in|visible|as (?:it is|they are))$",
        r"^(?:keep|leave(?: in)?)\s+(?!away\b|out\b|off\b)(?:showing(?: me)?\s+)?(?P<x>.+?)(?:\s+visible)?$",
        r"^(?:you can |you may |please |feel free to )*put\s+(?P<x>.+?)\s+back(?:\s+(?:in|on).*)?$",
        r"^(?P<x>.+?)\s+(?:can|may|should)\s+(?:come back|return|be back)(?:\s+(?:now|again))?$",
        r"^make an exception for\s+(?P<x>.+)$",
        rf"^(?P<x>.+?)\s*(?:is|are|['’]s|can be|would be|seems?)\s+(?:{_STILL}\s+)*(?:an exception|excluded|exempt|{FINE}(?:\s+(?:with|by|for) me)?)(?:\s+{_STILL})*$",
        r"^(?P<x>.+?)\s+(?:can|may|should)\s+(?:still\s+)?(?:stay|remain|be (?:shown|visible|seen)|come through|pass)(?:\s+(?:again|too))?$",
        r"^(?P<x>.+?)\s+(?:should|must)(?:n['’]t| not| never)\s+be\s+(?:hidden|blocked|filtered|covered|blurred|removed|muted|caught)$",
        r"^i (?:do not|don['’]t|never) mind\s+(?P<x>.+)$",
        r"^(?P<x>.+?)\s+(?:do not|don['’]t|does not|doesn['’]t|never) (?:bother|annoy|disturb) me(?:\s+(?:any ?more|at all))?$",
        r"^i (?:do\s+|still\s+|do still\s+)(?:want|like|love|enjoy)(?:\s+to\s+see|\s+seeing)?\s+(?P<x>.+)$",
        r"^i (?:['’]d like|would like|want|['’]d like|like) to (?:see|read|keep|get)\s+(?P<x>.+?)\s+(?:again|though|anyway)$",
        r"^(?:not(?=\s+(?:the|those|when|if|for)\b)|except(?:\s+for)?|apart from|other than|excluding|unless|but not)\s+(?:(?:when|if|it['’]s|they['’]re|it is|they are)\s+)*(?P<x>.+)$",
    )
)
_DISALLOW = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"^(?P<x>.+?)\s+(?:is|are)(?:\s+not|n['’]t)\s+{FINE}(?:\s+(?:any ?more|any longer|after all|either|now))*$",
        r"^(?:no|remove the|drop the|forget the|cancel the|without the)\s*(?:more\s+)?exceptions?\s+(?:for|about|on)\s+(?P<x>.+)$",
        rf"^{_HIDING}\s+(?P<x>.+?)\s+(?:too|as well|after all)$",
        r"^(?:no|not)\s+(?P<x>.+?)\s+either$",
    )
)


_REMARK = re.compile(
    r"(?:[,;.!–—-]+\s+|\s+[–—-]\s+)(?:i|i['’]?m|i['’]ll|i['’]ve|my|we|our|that['’]s|that is|then|because|since|so|they|he|she|it['’]s|"
    r"the\s+\w+\s+\w+\s+\w+|daytime|thanks|thank you)\b.*$",
    re.IGNORECASE,
)
"""What people add to say why; it changes nothing."""
_WEEKDAYS = re.compile(
    r"\b(?:week-?ends?|week-?days?|work(?:ing)? days?|(?:mon|tues|wednes|thurs|fri|satur|sun)days|mon(?:day)?\s*(?:to|-|–)\s*fri(?:day)?)\b",
    re.IGNORECASE,
)


def without_remark(said: str) -> str:
    """The sentence without what is added to say why."""
    return clauses.tidy(_REMARK.sub("", said))


def names_weekdays(said: str) -> bool:
    """Whether a change is to hold on certain days of the week."""
    return (
        re.search(r"\b(?:only|just|during)\b", said, re.IGNORECASE) is not None and _WEEKDAYS.search(said) is not None
    )


def read_change(said: str) -> Change | None:
    """The change that a sentence asks for, or None where it has the form of a wish."""
    hasty = _LEAD.match(said) is not None
    text = clauses.tidy(_REMARK.sub("", _LEAD.sub("", said)))
    readers: tuple[Callable[[str], Change | None], ...] = (
        _disallow,
        _retire,
        _pause,
        _resume,
        _action,
        _narrow,
        _allow,
    )
    for reader in readers:
        for form in dict.fromkeys((text, clauses.tidy(_TAIL.sub("", text)))):
            if (found := reader(form)) is not None:
                return found.model_copy(update={"firm": True}) if hasty and found.kind == "narrow" else found
    return None


def _first(patterns: tuple[re.Pattern[str], ...], text: str) -> re.Match[str] | None:
    return next((match for pattern in patterns if (match := pattern.match(text))), None)


def _retire(text: str) -> Change | None:
    match = _first(_RETIRE, text)
    if match is None:
        return None
    about = clauses.tidy(match["x"] or "")
    firm = re.match(r"(?:please\s+)?(?:forget|never ?mind|i\b)", text, re.IGNORECASE) is not None
    return Change(kind="retire", about=about, firm=firm or _back(about))


def _back(about: str) -> bool:
    return not about or ANAPHOR.search(about) is not None


def _pause(text: str) -> Change | None:
    match = _PAUSE.match(text)
    return Change(kind="pause", about=match["x"], firm=_back(match["x"])) if match else None


def _resume(text: str) -> Change | None:
    match = _RESUME.match(text)
    about = (match["x"] or match["y"] or "") if match else ""
    return Change(kind="resume", about=about, firm=_back(about)) if match else None


def _action(text: str) -> Change | None:
    match = _first(_ACTION, text)
    if match is None:
        return None
    firm = "instead" in text.lower() or ANAPHOR.search(match["x"]) is not None
    return Change(kind="action", about=match["x"], action=_ACTION_OF[match["a"].lower()], firm=firm)


def _narrow(text: str) -> Change | None:
    match = _first(_NARROW, text)
    if match is None or re.match(r"(?:show|the pictures?|the photos?|the images?)\b", match["x"], re.IGNORECASE):
        return None
    value = clauses.tidy(_NARROW_LEAD.sub("", match["x"]))
    firm = (
        ANAPHOR.search(match["x"]) is not None or re.match(r"i\b|make|keep|limit|it", text, re.IGNORECASE) is not None
    )
    return Change(kind="narrow", about=match["x"], value=value, firm=firm) if value else None


def _allow(text: str) -> Change | None:
    """What is fine, and nothing else: "no football, but cricket is fine" is a wish of its own with its exception."""
    tolerated, rest = take_tolerated(text)
    exceptions, rest = clauses.take_exceptions(rest)
    if (tolerated or exceptions) and content_words(rest):
        return None
    match = _first(_ALLOW, text)
    if match is not None:
        return Change(kind="allow", about=match["x"], value=clauses.tidy(match["x"]))
    return Change(kind="allow", about=exceptions[0], value=exceptions[0]) if exceptions and not rest else None


def _disallow(text: str) -> Change | None:
    match = _first(_DISALLOW, text)
    return Change(kind="disallow", about=match["x"], value=match["x"], firm=False) if match else None


_FILLERS = re.compile(
    r"\b(?:only|just|keep|hiding|hide|make|let|leave|do|that|hold|holds|should|apply|applies|lasts?|ends?|stop|be|valid|please|for|on|by|now|the|my)\b",
    re.IGNORECASE,
)


def read_place(rest: str) -> tuple[str, str]:
    """The name of a place that only counts ("only from Harbour Notes"), and the sentence without it.

    For names that are no source or service that is known yet: they are written with a capital letter.
    """
    match = re.search(
        r"\b(?:[Oo]nly|[Jj]ust)\s+(?:from|on|in)\s+(?:the\s+)?(?P<x>[A-Z][\w'’&.-]*(?:\s+[A-Z][\w'’&.-]*)*)\s*$", rest
    )
    return (match["x"], clauses.tidy(rest[: match.start()])) if match else ("", rest)


def read_kept(rest: str) -> Change | None:
    """The change where a wish that is there is to be kept, for the time that was said: "keep the dog one …"."""
    match = re.match(rf"^(?:keep|leave)\s+(?:{_HIDING}\s+)?(?P<x>.+)$", _LEAD.sub("", rest), re.IGNORECASE)
    return Change(kind="scope", about=match["x"]) if match else None


def read_scope(rest: str) -> Change | None:
    """The change where nothing is said but a time or place, and of which wish: "the lottery one only until …"."""
    about = clauses.tidy(_REMARK.sub("", _LEAD.sub("", rest)))
    bare = clauses.tidy(_FILLERS.sub(" ", about))
    if not bare:
        return Change(kind="scope", about="")
    if clauses.strip_lead_ins(about) != about and not re.match(
        r"(?:the|my|those|these|just|please)\b", about, re.IGNORECASE
    ):
        return None
    return Change(kind="scope", about=bare, firm=ANAPHOR.search(about) is not None)
