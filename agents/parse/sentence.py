"""From one sentence to a wish: a small grammar of how people say what they do not want to see.

It needs no model and claims no understanding: what it made of the words is shown back, and nothing counts
before the person has accepted it.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from agents.errors import ParseRefused
from agents.parse import clauses, times
from agents.parse.elements import alternatives, elements_of
from graph.types import MAX_TEXT, Action, Exception_, Facet, Intent, Link, Scope, new_id

MAX_FACETS = 12


class ParsedWish(BaseModel):
    """What a sentence means. `notes` say in plain words what was taken in a certain way; `question` is one
    that the sentence leaves open, or None."""

    model_config = ConfigDict(frozen=True)
    intent: Intent
    facets: tuple[Facet, ...]
    exceptions: tuple[tuple[str, Exception_], ...] = ()
    scope: Scope | None = None
    links: tuple[Link, ...]
    notes: tuple[str, ...] = ()
    question: str | None = None


def parse(
    sentence: str, *, now: dt.datetime, time_zone: str, sources: Sequence[str] = (), folders: Sequence[str] = ()
) -> ParsedWish:
    """Parse what a person said. `sources` and `folders` are the names that scopes may refer to.

    Raises ParseRefused (field `sentence`) where the words name nothing that could be looked for.
    """
    said = _checked(sentence)
    exceptions, rest = clauses.take_exceptions(said)
    until, until_words, rest = times.take_until(rest, now, time_zone)
    if until is None and exceptions:
        exceptions, until, until_words = _until_of_exceptions(exceptions, now, time_zone)
    rest = clauses.take_reason(rest)
    scope, rest = _scope(rest, until, sources, folders)
    anyway, rest = clauses.take_flag(rest, r"[,;]?\s*\b(?:hide (?:them|it) )?anyway\b")
    pictures, rest = clauses.take_flag(rest, r"[,;]?\s*\b(?:only|just) the (?:pictures?|photos?|images?)\b")
    action, rest = clauses.take_action(rest)
    welcome, rest = clauses.take_welcome(rest)
    always, rest = (False, rest) if welcome else clauses.take_flag(rest, r"\balways\b|,?\s*no matter what\b")
    clause = clauses.tidy(clauses.strip_lead_ins(rest))
    settings = _Settings(welcome=welcome, action=action, pictures=pictures, always=always, anyway=anyway)
    facets = _facets(clause, settings)
    if not facets:
        raise ParseRefused(_nothing(exceptions), field="sentence")
    return _assembled(said, facets, exceptions, scope, settings, until_words)


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


def _checked(sentence: str) -> str:
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


def _scope(
    rest: str, until: dt.datetime | None, sources: Sequence[str], folders: Sequence[str]
) -> tuple[Scope | None, str]:
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
    facets = []
    for text in alternatives(clause)[:MAX_FACETS]:
        elements = elements_of(text)
        if elements:
            fields = settings.as_fields()
            facets.append(
                Facet.model_validate({"id": new_id(), "text": text[:MAX_TEXT], "elements": elements, **fields})
            )
    return facets


def _assembled(
    said: str,
    facets: list[Facet],
    exceptions: Sequence[str],
    scope: Scope | None,
    settings: _Settings,
    until_words: str,
) -> ParsedWish:
    intent = Intent.model_validate({"id": new_id(), "text": said, **settings.as_fields()})
    links = [Link(kind="REFINES", source=facet.id, target=intent.id) for facet in facets]
    made: list[tuple[str, Exception_]] = []
    notes: list[str] = []
    for text in (part for whole in exceptions for part in alternatives(whole)):
        elements = elements_of(clauses.strip_lead_ins(text))
        if not elements:
            notes.append(f"“{text}” was not understood as an exception.")
            continue
        exception = Exception_(id=new_id(), text=text, elements=elements)
        made.append((intent.id, exception))
        links.append(Link(kind="EXCEPTS", source=exception.id, target=intent.id))
    if scope is not None:
        links.append(Link(kind="SCOPED_TO", source=intent.id, target=scope.id))
    question = None
    if settings.action is None and not settings.welcome and said.lower().startswith(("i like", "i love")):
        question = "Did you mean to see more of this, or to see it never?"
    return ParsedWish(
        intent=intent, facets=tuple(facets), exceptions=tuple(made), scope=scope, links=tuple(links),
        notes=tuple(notes), question=question,
    )  # fmt: skip


def describe(parsed: ParsedWish, time_zone: str = "UTC") -> list[str]:
    """What was understood, a line each, to be shown before it is accepted."""
    verbs = {"hide": "Hide", "blur": "Cover", "label": "Mark", "star": "Star", "show": "Show"}
    lines = []
    for facet in parsed.facets:
        parts = " and ".join(f"“{e.value}”" for e in facet.elements if e.stated)
        what = "the pictures of items" if facet.target == "picture" else "items"
        lines.append(f"{verbs[facet.action]} {what} in which all of these are found: {parts}.")
    lines += [f"Except where it is about “{exception.text}”." for _, exception in parsed.exceptions]
    if parsed.scope is not None:
        lines += _scope_lines(parsed.scope, time_zone)
    return lines


def _scope_lines(scope: Scope, time_zone: str) -> list[str]:
    lines = []
    if scope.until is not None:
        last = scope.until.astimezone(zoneinfo.ZoneInfo(time_zone)) - dt.timedelta(seconds=1)
        lines.append(f"Until the end of {last:%A, %-d %B %Y}.")
    if scope.hours is not None:
        start, end = (f"{minute // 60:02}:{minute % 60:02}" for minute in scope.hours)
        lines.append(f"Only between {start} and {end}.")
    places = [*scope.services, *scope.sources, *scope.folders, *scope.surfaces, *scope.languages]
    if places:
        lines.append(f"Only in: {', '.join(places)}.")
    return lines
