"""From one sentence to a wish: a small grammar of how people say what they do not want to see.

It needs no model and claims no understanding: what it made of the words is shown back, and nothing counts
before the person has accepted it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from pydantic import BaseModel

from agents.errors import ParseRefused
from agents.parse import clauses, questions, times
from agents.parse.elements import alternatives, elements_of
from agents.parse.open_ends import take_open_end
from agents.parse.reading import Choice, ParsedWish, Question
from agents.parse.sentences import JOINT, without_remarks
from agents.parse.tolerated import take_tolerated
from graph.types import MAX_TEXT, Action, Exception_, Facet, Intent, Link, Scope, new_id

MAX_FACETS = 12
_OPEN_END = "“{}” names no day that could be looked up: this holds until you take it back, or say a day."


def parse(
    sentence: str, *, now: dt.datetime, time_zone: str, sources: Sequence[str] = (), folders: Sequence[str] = ()
) -> ParsedWish:
    """Parse a wish. `sources` and `folders` are the names that scopes may refer to.

    Raises ParseRefused (field `sentence`) where the words name nothing that could be looked for.
    """
    said = checked(sentence)
    parts = _taken_apart(said, now, time_zone, sources, folders)
    first = _assembled(said, parts)
    return first.model_copy(update={"question": _question(said, parts, first, now, time_zone)})


class _Settings(BaseModel):
    welcome: bool
    action: Action | None
    pictures: bool
    always: bool
    anyway: bool

    def as_fields(self) -> dict[str, object]:
        return {
            "polarity": "welcome" if self.welcome else "avoid",
            "action": "star" if self.welcome else (self.action or "hide"),
            "target": "picture" if self.pictures else "item",
            "always": self.always,
        }

    @classmethod
    def avoiding(cls) -> _Settings:
        return cls(welcome=False, action=None, pictures=False, always=False, anyway=False)


class _Parts(BaseModel):
    """A sentence taken apart: what it is about, and what stands around that."""

    clause: str
    exceptions: tuple[str, ...]
    scope: Scope | None
    until_words: str
    open_end: str
    settings: _Settings


def _taken_apart(said: str, now: dt.datetime, time_zone: str, sources: Sequence[str], folders: Sequence[str]) -> _Parts:
    welcomed, _ = clauses.take_welcome(clauses.strip_politeness(said))
    tolerated, rest = ([], said) if welcomed else take_tolerated(said)
    exceptions, rest = clauses.take_exceptions(rest)
    exceptions += tolerated
    until, until_words, rest = times.take_until(rest, now, time_zone)
    if until is None and exceptions:
        exceptions, until, until_words = _until_of_exceptions(exceptions, now, time_zone)
    rest = clauses.take_reason(rest)
    rest = rest if welcomed else without_remarks(rest)
    open_end, rest = ("", rest) if until else take_open_end(rest)
    scope, rest = take_scope(rest, until, sources, folders)
    anyway, rest = clauses.take_flag(rest, r"[,;]?\s*\b(?:hide (?:them|it) )?anyway\b")
    pictures, rest = clauses.take_flag(rest, r"[,;]?\s*\b(?:only|just) the (?:pictures?|photos?|images?)\b")
    action, rest = clauses.take_action(clauses.strip_politeness(rest))
    welcome, rest = clauses.take_welcome(rest)
    always, rest = (False, rest) if welcome else clauses.take_flag(rest, r"\balways\b|,?\s*no matter what\b")
    settings = _Settings(welcome=welcome, action=action, pictures=pictures, always=always, anyway=anyway)
    return _Parts(
        clause=clauses.tidy(clauses.strip_lead_ins(rest)), exceptions=tuple(exceptions), scope=scope,
        until_words=until_words, open_end=open_end, settings=settings,
    )  # fmt: skip


def _question(
    said: str, parts: _Parts, first: ParsedWish, now: dt.datetime, time_zone: str
) -> Question[ParsedWish] | None:
    """The one question that the sentence leaves open, if it leaves one."""
    if questions.likes(said) and parts.settings.welcome:
        other = _assembled(f"no {parts.clause}", parts.model_copy(update={"settings": _Settings.avoiding()}))
        return _asked(f"“{said}”: do you want to see more of it, or never?", ("more of it", first), ("never", other))
    until = parts.scope.until if parts.scope else None
    if parts.scope is not None and until is not None:
        dates = questions.dates(parts.until_words, until, now, time_zone)
        if len(dates) > 1:
            scoped = [(label, parts.scope.model_copy(update={"id": new_id(), "until": end})) for label, end in dates]
            readings = [(label, _assembled(said, parts.model_copy(update={"scope": s}))) for label, s in scoped]
            return _asked(f"Until when: what does “{parts.until_words}” mean?", (dates[0][0], first), *readings[1:])
    held = questions.doubtful_exception(first.facets, parts.exceptions)
    if held is not None:
        words = [(f"only for “{facet.text}”", _assembled(said, parts, holder=facet.text)) for facet in first.facets[:3]]
        return _asked(f"“{held}” is fine: for which of these?", ("for all of them", first), *words)
    if questions.bare_subject(parts.clause, said, first.facets) and not parts.exceptions:
        ads = _assembled(said, parts.model_copy(update={"clause": f"ads for {parts.clause}"}))
        return _asked(
            f"“{parts.clause}”: everything about it, or only what promotes it?",
            ("everything about it", first), ("only what promotes it", ads),
        )  # fmt: skip
    return None


def _asked(text: str, *readings: tuple[str, ParsedWish]) -> Question[ParsedWish]:
    choices = tuple(Choice[ParsedWish](label=label, reading=reading) for label, reading in readings)
    return Question[ParsedWish](text=text, choices=choices)


def checked(sentence: str) -> str:
    """The sentence without what cannot be said. Raises ParseRefused where it is empty or too long."""
    said = clauses.tidy(sentence.replace("\x00", " "))
    if not said:
        raise ParseRefused(
            "Say what you would rather not see, for example: no ads that scare parents.", field="sentence"
        )
    if len(sentence) > MAX_TEXT:
        raise ParseRefused(
            f"This is {len(sentence):,} characters long; {MAX_TEXT:,} is the most. Say one wish at a time.",
            field="sentence",
        )
    return said


def _nothing(exceptions: Sequence[str]) -> str:
    if exceptions:
        return f"This only says what is fine ({exceptions[0]}). What should it be an exception to?"
    return "There is no word in this that could be looked for. Say what it is about."


def _until_of_exceptions(
    exceptions: list[str], now: dt.datetime, time_zone: str
) -> tuple[list[str], dt.datetime | None, str]:
    kept, until, words = [], None, ""
    for text in exceptions:
        found, said, rest = times.take_until(text, now, time_zone)
        until, words = (found, said) if found else (until, words)
        kept.append(rest)
    return [text for text in kept if text], until, words


def take_scope(
    rest: str, until: dt.datetime | None, sources: Sequence[str], folders: Sequence[str]
) -> tuple[Scope | None, str]:
    """Where and when a sentence says that it holds, and the sentence without those words."""
    hours, rest = times.take_hours(rest)
    in_sources, rest = clauses.take_names(rest, [name for name in sources if name], "on|from|in|by")
    in_folders, rest = clauses.take_names(rest, [name for name in folders if name], "in|from")
    services, rest = clauses.take_services(rest)
    surfaces, rest = clauses.take_surfaces(rest)
    languages, rest = clauses.take_languages(rest)
    if not (until or hours or in_sources or in_folders or services or surfaces or languages):
        return None, rest
    scope = Scope(
        id=new_id(), services=tuple(services), sources=tuple(in_sources), folders=tuple(in_folders),
        surfaces=tuple(surfaces), languages=tuple(languages), hours=hours, until=until,
    )  # fmt: skip
    return scope, rest


def _facets(clause: str, settings: _Settings) -> list[Facet]:
    facets: list[Facet] = []
    for text in [text for sentence in clause.split(JOINT) for text in alternatives(sentence)][:MAX_FACETS]:
        text = clauses.tidy(clauses.strip_lead_ins(clauses.take_action(text)[1]))
        elements = elements_of(text)
        if elements and text not in {facet.text for facet in facets}:
            fields = settings.as_fields()
            facets.append(
                Facet.model_validate({"id": new_id(), "text": text[:MAX_TEXT], "elements": elements, **fields})
            )
    return facets


def _assembled(said: str, parts: _Parts, holder: str = "") -> ParsedWish:
    """The wish; its exceptions belong to the facet with the text `holder`, or else to what they speak of."""
    facets = _facets(parts.clause, parts.settings)
    if not facets:
        raise ParseRefused(_nothing(parts.exceptions), field="sentence")
    intent = Intent.model_validate({"id": new_id(), "text": said, **parts.settings.as_fields()})
    links = [Link(kind="REFINES", source=facet.id, target=intent.id) for facet in facets]
    made: list[tuple[str, Exception_]] = []
    notes = [_OPEN_END.format(parts.open_end)] if parts.open_end else []
    for text in (part for whole in parts.exceptions for part in alternatives(whole)):
        elements = elements_of(clauses.strip_lead_ins(text))
        if not elements:
            notes.append(f"“{text}” was not understood as an exception.")
            continue
        exception = Exception_(id=new_id(), text=text, elements=elements)
        of = next((f for f in facets if f.text == holder), None) or questions.facet_named(facets, text)
        made.append((of.id if of else intent.id, exception))
        links.append(Link(kind="EXCEPTS", source=exception.id, target=made[-1][0]))
    scope = parts.scope
    if scope is not None:
        links.append(Link(kind="SCOPED_TO", source=intent.id, target=scope.id))
    return ParsedWish(
        intent=intent, facets=tuple(facets), exceptions=tuple(made), scope=scope, links=tuple(links), notes=tuple(notes)
    )
