"""Small items and snapshots for the pipeline's tests."""

from __future__ import annotations

import datetime as dt
from typing import Any

from agents.judge.lexical import LexicalJudge
from agents.parse import parse
from agents.perceive import LexicalPerceiver
from agents.pipeline import Pipeline
from agents.stores import MemoryFacts, MemoryRulings
from agents.types import Context, Item, Outcome
from graph.snapshot import CompiledException, Snapshot, Wish
from graph.types import Element, Guard, Rule, Scope, new_id

NOW = dt.datetime(2026, 5, 4, 12, tzinfo=dt.UTC)


def wish(sentence: str, **changes: Any) -> Wish:
    """The first facet of a sentence, compiled as the graph would."""
    parsed = parse(sentence, now=NOW, time_zone="UTC")
    facet = parsed.facets[0]
    made = Wish(
        id=facet.id, kind="facet", text=facet.text, heading=parsed.intent.text, elements=facet.elements, rule=None,
        polarity=facet.polarity, action=facet.action, target=facet.target, always=facet.always, hide_anyway=True,
        strength=500, exceptions=tuple(CompiledException(id=e.id, text=e.text, elements=e.elements) for _, e in parsed.exceptions),
        scopes=(parsed.scope,) if parsed.scope else (), hash=facet.id,
    )  # fmt: skip
    return made.model_copy(update=changes)


def rule(kind: str, value: str, **changes: Any) -> Wish:
    made = Rule.model_validate({"kind": kind, "value": value})
    return wish("no placeholder").model_copy(update={"elements": (), "rule": made, "scopes": (), **changes})


def snapshot(*wishes: Wish, guards: tuple[Guard, ...] = ()) -> Snapshot:
    return Snapshot(person=new_id(), seq=1, hash=new_id(), wishes=wishes, guards=guards)


def item(text: str = "", **fields: Any) -> Item:
    values = {
        "id": new_id(),
        "content_hash": new_id(),
        "text": text,
        "word_count": len(text.split()),
        "published_at": NOW,
    }
    return Item.model_validate({**values, **fields})


def pipeline() -> Pipeline:
    return Pipeline(LexicalPerceiver(), LexicalJudge(), MemoryFacts(), MemoryRulings())


def judged(one: Item, snap: Snapshot, **context: Any) -> Outcome:
    values = {"now": NOW, **context}
    return pipeline().run([one], snap, {one.id: Context.model_validate(values)})[one.id]


__all__ = ["NOW", "Element", "Scope", "item", "judged", "pipeline", "rule", "snapshot", "wish"]
