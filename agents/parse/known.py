"""The wishes that a person already has, and which of them later words speak of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agents.lexicon import class_of
from agents.words import content_words
from graph.deltas import State
from graph.types import Element, Exception_, Facet, Intent, Scope

ANAPHOR = re.compile(
    r"\b(?:it|its|them|those|these|that|this|they|ones?|such|same)\b|^(?:the|my|last|latest|previous|\s)*wish$",
    re.IGNORECASE,
)
_GENERIC = frozenset(
    stem
    for word in [
        "wish",
        "wishes",
        "rule",
        "rules",
        "filter",
        "filters",
        "ban",
        "mute",
        "block",
        "last",
        "latest",
        "previous",
        "recent",
        "said",
        "told",
        "asked",
    ]
    for token in content_words(word)
    for stem in token.stems
)


@dataclass(frozen=True)
class Known:
    """One wish: its intent (None for a rule that stands alone), and what belongs to it and is not retired."""

    intent: Intent | None
    facets: tuple[Facet, ...]
    exceptions: tuple[Exception_, ...]
    scopes: tuple[tuple[str, Scope], ...]
    """Each with the id of the intent or facet that it limits."""

    @property
    def id(self) -> str:
        return self.intent.id if self.intent else self.facets[0].id

    @property
    def text(self) -> str:
        return self.intent.text if self.intent else self.facets[0].text

    @property
    def polarity(self) -> str:
        return self.facets[0].polarity if self.facets else "avoid"

    @property
    def paused(self) -> bool:
        return (self.intent or self.facets[0]).status == "paused"


@dataclass(frozen=True)
class Target:
    """A wish that words may speak of, and those of its facets that they name (all where they name none)."""

    wish: Known
    facets: tuple[Facet, ...]

    @property
    def whole(self) -> bool:
        return len(self.facets) == len(self.wish.facets)

    @property
    def id(self) -> str:
        """The entity that a change of the whole target is made on."""
        return self.wish.id if self.whole else self.facets[0].id

    @property
    def text(self) -> str:
        return self.wish.text if self.whole else self.facets[0].text

    @property
    def stems(self) -> set[str]:
        return {stem for facet in self.facets for stem in stems_of(facet)}


def known_wishes(state: State) -> list[Known]:
    """The person's wishes, active and paused, the most recent first."""
    found = []
    for key in sorted(state.entities, reverse=True):
        entity = state.entities[key]
        if isinstance(entity, Intent) and entity.status != "retired":
            facets = tuple(e for e in state.sources("REFINES", key) if isinstance(e, Facet) and e.status != "retired")
            if facets:
                found.append(_known(state, entity, facets))
        elif isinstance(entity, Facet) and entity.status != "retired" and not any(state.targets("REFINES", key)):
            found.append(_known(state, None, (entity,)))
    return found


def _known(state: State, intent: Intent | None, facets: tuple[Facet, ...]) -> Known:
    holders = [*([intent.id] if intent else []), *(facet.id for facet in facets)]
    exceptions = tuple(
        e
        for holder in holders
        for e in state.sources("EXCEPTS", holder)
        if isinstance(e, Exception_) and e.status == "active"
    )
    scopes = tuple(
        (holder, e)
        for holder in holders
        for e in state.targets("SCOPED_TO", holder)
        if isinstance(e, Scope) and e.status == "active"
    )
    return Known(intent, facets, exceptions, scopes)


def stems_of(facet: Facet) -> set[str]:
    """The stems of the words of a facet's elements or rule."""
    values = [element.value for element in facet.elements] or [facet.rule.value if facet.rule else facet.text]
    return set(stems(values))


def stems(values: Iterable[str]) -> Iterable[str]:
    return (stem for value in values for word in content_words(value) for stem in word.stems)


def naming_words(text: str) -> list[frozenset[str]]:
    """The words by which a text could name a wish, each as its stems."""
    return [word.stems for word in content_words(text) if not word.stems & _GENERIC]


def named(known: Sequence[Known], text: str) -> list[Target]:
    """The wishes that share most words with a text, the most recent first; none where none shares any."""
    words = naming_words(text)
    scored = [(_score(words, wish), wish) for wish in known]
    best = max((score for score, _ in scored), default=0)
    return [_target(wish, words) for score, wish in scored if best and score == best]


def _score(words: Sequence[frozenset[str]], wish: Known) -> int:
    own = {stem for facet in wish.facets for stem in stems_of(facet)}
    heading = set(stems([wish.intent.text])) if wish.intent else set()
    return 2 * sum(bool(word & own) for word in words) + sum(bool(word & (heading - own)) for word in words)


def _target(wish: Known, words: Sequence[frozenset[str]]) -> Target:
    hits = {facet.id: sum(bool(word & stems_of(facet)) for word in words) for facet in wish.facets}
    most = max(hits.values())
    return Target(wish, tuple(facet for facet in wish.facets if hits[facet.id] == most))


def whole(wish: Known) -> Target:
    return Target(wish, wish.facets)


def candidates(known: Sequence[Known], text: str) -> tuple[list[Target], bool]:
    """The wishes that a text may speak of, the likeliest first, and whether it says so by word or pronoun.

    Words come before a pronoun, and a pronoun means the most recent wish. Where neither is there, every wish
    may be meant.
    """
    if found := named(known, text):
        return found, True
    if ANAPHOR.search(text) or not naming_words(text):
        return [whole(known[0])], True
    return [whole(wish) for wish in known], False


def same_elements(one: Sequence[Element], other: Sequence[Element]) -> bool:
    """Whether two lists state the same conditions, word forms aside."""
    return _conditions(one) == _conditions(other)


def _conditions(elements: Sequence[Element]) -> set[object]:
    return {class_of(e.value) or frozenset(stems([e.value])) for e in elements if e.stated}
