"""Candidates for the change that would have avoided a wrong decision, the smallest first.

For an item that should have been shown: an exception on the facet, then a weaker facet, then a weaker intent.
For one that should have been hidden: an exception less, an element that need not be found any more, a wish.
Whether a candidate avoids the mistake is for the caller to try, by judging the item under it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from agents.errors import ParseRefused
from agents.lexicon import class_of, name_of_class
from agents.parse import clauses, understand
from agents.parse.adjusting import exception_ops
from agents.parse.known import Known, Target, known_wishes, stems_of
from agents.types import Fact, Item, Outcome, Ruling
from agents.words import content_words
from graph.deltas import Op, State, set_op
from graph.types import Action, Facet, Intent, Status

MAX_WORDS = 4
NEAR = 0.15
_WEAKER: dict[Action, Action] = {"hide": "blur", "blur": "label"}
_SAYING = re.compile(
    r"^(?:(?:but|no|because|actually)[,\s]+)*(?:(?:it|this|that|he|she|they)(?:['’]s|['’]re|\s+is|\s+are|\s+was|\s+were)?\s+)?"
    r"(?:(?:only|just|really|clearly|about|from|by|a|an|the|not an? \w+ but)\s+)*",
    re.IGNORECASE,
)
Kind = Literal["exception", "weaker facet", "weaker intent", "without exception", "relaxed", "wish"]


class Correction(BaseModel):
    """One candidate: its operations, the wishes that they are about, and how large a step it is."""

    model_config = ConfigDict(frozen=True)
    kind: Kind
    ops: tuple[Op, ...]
    about: tuple[str, ...]


def corrections(
    state: State,
    item: Item,
    facts: Sequence[Fact],
    outcome: Outcome,
    should_be: Literal["show", "hide"],
    *,
    said: str = "",
    now: dt.datetime,
    time_zone: str,
) -> Iterator[Correction]:
    """Candidates in order. `outcome` is what the wishes of `state` come to for the item, without the person's own
    word on it; `said` is what the person wrote about the mistake, if anything."""
    if should_be == "show":
        caught = [r.wish for r in outcome.rulings if r.verdict == "violated" and r.wish in state.entities]
        targets = _targets(state, caught)
        yield from _exceptions(item, facts, targets, said)
        yield from _weaker(state, targets)
    else:
        yield from _stricter(state, outcome)
        yield from _wishes(state, item, said, now, time_zone)


def _targets(state: State, caught: Sequence[str]) -> list[Target]:
    """The avoid wishes that catch the item, each as its facet alone."""
    return [
        Target(wish, (facet,))
        for wish in known_wishes(state)
        for facet in wish.facets
        if facet.id in caught and facet.polarity == "avoid"
    ]


def _exceptions(item: Item, facts: Sequence[Fact], targets: Sequence[Target], said: str) -> Iterator[Correction]:
    if not targets or any(target.facets[0].rule for target in targets):
        return
    for text in dict.fromkeys(_telling(item, facts, targets, said)):
        try:
            ops = [op for target in targets for op in exception_ops(_alone(target), text)]
        except ParseRefused:
            continue
        yield Correction(kind="exception", ops=tuple(ops), about=_about(targets))


def _alone(target: Target) -> Target:
    """The facet as a target of its own, so that an exception is put on it and not on its intent."""
    return Target(Known(None, target.facets, (), ()), target.facets)


def _about(targets: Sequence[Target]) -> tuple[str, ...]:
    return tuple(target.facets[0].id for target in targets)


def _telling(item: Item, facts: Sequence[Fact], targets: Sequence[Target], said: str) -> Iterator[str]:
    """What tells the item apart from what is meant: the person's own words, what it does, its own words."""
    if said and (own := clauses.tidy(_SAYING.sub("", clauses.tidy(said)))):
        yield own[:200]
    stated = {class_of(e.value) for target in targets for e in target.facets[0].elements}
    for fact in facts:
        name = name_of_class(fact.kind, fact.value)
        if fact.kind in {"act", "form"} and (fact.kind, fact.value) not in stated and name:
            yield name
    yield from _words(item, {stem for target in targets for stem in stems_of(target.facets[0])})


def _words(item: Item, taken: set[str]) -> list[str]:
    """Words of the item's title (or beginning) that no wish names, but for adverbs; the longest first, as they tell
    most."""
    text = item.title or item.text[:200]
    words = {
        text[w.start : w.end]: w
        for w in content_words(text)
        if not w.stems & taken and w.word.isalpha() and not w.word.endswith("ly")
    }
    return sorted(words, key=lambda word: -len(word))[:MAX_WORDS]


def _weaker(state: State, targets: Sequence[Target]) -> Iterator[Correction]:
    facets = [target.facets[0] for target in targets]
    if not facets:
        return
    if all(facet.action in _WEAKER for facet in facets):
        weaker = tuple(set_op(state, facet.id, "action", _WEAKER[facet.action]) for facet in facets)
        yield Correction(kind="weaker facet", ops=weaker, about=_about(targets))
    yield Correction(kind="weaker facet", ops=_paused(state, facets), about=_about(targets))
    intents = {target.wish.intent.id: target.wish.intent for target in targets if target.wish.intent}
    if intents:
        yield Correction(kind="weaker intent", ops=_paused(state, list(intents.values())), about=_about(targets))


def _paused(state: State, wishes: Sequence[Facet | Intent]) -> tuple[Op, ...]:
    paused: Status = "paused"
    return tuple(set_op(state, wish.id, "status", paused) for wish in wishes)


def _stricter(state: State, outcome: Outcome) -> Iterator[Correction]:
    near = [r for r in outcome.rulings if r.verdict != "violated" and isinstance(state.entities.get(r.wish), Facet)]
    for ruling in sorted(near, key=lambda r: -r.score):
        facet = state.entities[ruling.wish]
        if not isinstance(facet, Facet) or facet.polarity != "avoid":
            continue
        if ruling.exception in state.entities:
            ops = (set_op(state, ruling.exception, "status", "retired"),)
            yield Correction(kind="without exception", ops=ops, about=(facet.id,))
        elif ruling.score >= NEAR and (relaxed := _relaxed(facet, ruling)):
            op = set_op(state, facet.id, "elements", relaxed)
            yield Correction(kind="relaxed", ops=(op,), about=(facet.id,))


def _relaxed(facet: Facet, ruling: Ruling) -> list[dict[str, object]]:
    """The facet's elements with those that were not found as implied ones; none where that leaves nothing."""
    missing = {e.value for e in ruling.elements if e.stated and e.holds != "yes"}
    elements = [e.model_copy(update={"stated": e.stated and e.value not in missing}) for e in facet.elements]
    if not missing or not any(e.stated for e in elements):
        return []
    return [e.model_dump(mode="json") for e in elements]


def _wishes(state: State, item: Item, said: str, now: dt.datetime, time_zone: str) -> Iterator[Correction]:
    words = _words(item, set())
    for sentence in (said, f"nothing about {' '.join(words[:2])}", f"nothing about {words[0]}" if words else ""):
        if not sentence.strip():
            continue
        try:
            understood = understand(state, sentence[:2000], now=now, time_zone=time_zone)
        except ParseRefused:
            continue
        yield Correction(kind="wish", ops=understood.ops, about=understood.about)
