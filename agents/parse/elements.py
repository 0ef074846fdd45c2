"""The elements of a clause: which conditions a thing has to meet to be what the person means."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.errors import ParseRefused
from agents.lexicon import class_of, find_names
from agents.words import STOP, Token, tokens
from graph.types import MAX_ELEMENT, Element, Role

_BY = re.compile(r"\b(?:by|from)\s+((?:@?[\w'’.-]+\s?){1,4})$", re.IGNORECASE)
_NAMES_WITH_AND = re.compile(r"\bbefore and after\b", re.IGNORECASE)
_ABOUT = {"about", "of", "for", "on", "into", "around", "regarding", "with", "against"}
_ROLE: dict[str, Role] = {"act": "act", "feeling": "feeling", "form": "form"}
MAX_ELEMENTS = 8


def elements_of(clause: str) -> tuple[Element, ...]:
    """Elements in the order of the words; all of them stated, but for what a name implies.

    "ads that scare parents into tutoring" gives act "ads", feeling "scare", subjects "parents" and "tutoring".
    Raises ParseRefused (field `sentence`) where one would be longer than can be looked for.
    """
    who: list[Element] = []
    if (match := _BY.search(clause)) is not None and match.start() > 0:
        who = [_element("who", match[1].strip())]
        clause = clause[: match.start()]
    found = tokens(clause)
    named = {start: (end, kind) for start, end, kind, _ in find_names(found)}
    elements: list[Element] = []
    phrase: list[Token] = []
    position = 0
    while position < len(found):
        token = found[position]
        if position in named and named[position][1] in _ROLE:
            elements += _phrase(clause, phrase)
            phrase = []
            end, kind = named[position]
            elements.append(_element(_ROLE[kind], clause[token.start : found[end - 1].end]))
            position = end
            continue
        if token.word in STOP or token.word in _ABOUT:
            elements += _phrase(clause, phrase)
            phrase = []
        else:
            phrase.append(token)
        position += 1
    elements += _phrase(clause, phrase)
    return tuple((elements + who)[:MAX_ELEMENTS])


def _phrase(clause: str, phrase: Sequence[Token]) -> list[Element]:
    if not phrase:
        return []
    return [_element("subject", clause[phrase[0].start : phrase[-1].end])]


def _element(role: Role, value: str) -> Element:
    if len(value) > MAX_ELEMENT:
        raise ParseRefused(
            f"“{value[:30]}…” goes on for {len(value):,} characters; {MAX_ELEMENT} is the most that one thing to look for"
            " can have. Say it in fewer words.",
            field="sentence",
        )
    return Element(role=role, value=value)


def alternatives(clause: str) -> list[str]:
    """A list of alternatives as one clause each, the common head or tail given to all.

    "ads for casinos or sports betting" ► "ads for casinos", "ads for sports betting"; "spoilers and rumours
    about films" ► "spoilers about films", "rumours about films"; "spiders or snakes" ► both. A relative clause
    ("that scare or shame parents") is left whole.
    """
    if class_of(clause) or re.search(r"\b(?:that|which|who|whose|when|where)\b", clause, re.IGNORECASE):
        return [clause]
    head, joint, tail = _split_preposition(clause)
    if tail and _is_list(tail):
        return [f"{head} {joint} {part}" for part in _parts(tail)]
    if head and tail and _is_list(head):
        return [f"{part} {joint} {tail}" for part in _parts(head)]
    if not tail and _is_list(clause):
        return _parts(clause)
    return [clause]


def _split_preposition(clause: str) -> tuple[str, str, str]:
    match = re.search(r"\s(about|of|for|on|from|by|with)\s", clause)
    return (clause[: match.start()], match[1], clause[match.end() :]) if match else (clause, "", "")


def _is_list(text: str) -> bool:
    return len(_parts(text)) > 1


def _parts(text: str) -> list[str]:
    kept = _NAMES_WITH_AND.sub(lambda match: match.group().replace(" ", "\x00"), text)
    pieces = re.split(r"\s*,\s*(?:or|and)\s+|\s*,\s*|\s+(?:or|and)\s+|\s*/\s*|\s+&\s+", kept)
    return [piece.replace("\x00", " ").strip() for piece in pieces if any(t.word not in STOP for t in tokens(piece))]
