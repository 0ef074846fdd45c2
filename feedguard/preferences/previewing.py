"""What a change would do, seen before it counts: the person's last items and exemplars, judged before and after."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from agents.types import Item, Outcome, Ruling
from feedguard.accounts.models import Person
from feedguard.decisions.jobs import JobRefused, Progress
from feedguard.decisions.services import judge
from feedguard.items.models import Entry
from feedguard.items.selectors import pipeline_items
from feedguard.preferences.selectors import snapshot_of, state_of
from feedguard.runtime import clock
from graph.compile import compile_snapshot
from graph.deltas import Delta, Op, apply
from graph.errors import GraphError
from graph.snapshot import Snapshot
from graph.state import State
from graph.types import Exemplar, new_id

PREVIEW_ITEMS = 200
NEAR_MISSES = 8
NEAR = 0.2
KEPT_AWAY = {"hide", "blur", "label"}
CAUGHT = {*KEPT_AWAY, "star"}


def preview(person: Person, ops: Sequence[Op], about: Sequence[str], progress: Progress) -> dict[str, Any]:
    """What these operations would do; `about` are the wishes that they add or change.

    Rows of items: `hits` of those wishes, `near` misses, `newly_hidden`, `newly_shown`, `otherwise` (hidden still,
    but in another way), and `flips`: exemplars that would end otherwise than the person confirmed.
    """
    items = _last_items(person)
    progress(f"Trying it on your last {len(items)} items …")
    state, _ = state_of(person)
    now, then = snapshot_of(person), snapshot_with(person, ops)
    before, after = judge(person, items, now), judge(person, items, then)
    remembered = _remembered(state, items)
    was, will = judge(person, list(remembered.values()), now), judge(person, list(remembered.values()), then)
    found = {
        "looked_at": len(items),
        **_compared(items, before, after, set(about)),
        "flips": [row for key in remembered if (row := _flip(state, key, was[key], will[key]))],
    }
    return {**found, "summary": summary(found)}


def snapshot_with(person: Person, ops: Sequence[Op]) -> Snapshot:
    """The person's graph as it would be with these operations. Raises JobRefused where it cannot be."""
    state, seq = state_of(person)
    trial = Delta(
        id=new_id(), person=person.key, base=seq, ops=tuple(ops), actor="machine", why="preview", at=clock().now()
    )
    try:
        return compile_snapshot(apply(state, trial), seq + 1)
    except GraphError as error:
        raise JobRefused(error.message, field=error.field) from error


def _last_items(person: Person) -> list[Item]:
    entries = Entry.objects.filter(person=person).order_by("-published_at", "-id")
    ids: list[uuid.UUID] = list(entries.values_list("item_id", flat=True)[:PREVIEW_ITEMS])
    return pipeline_items(person, ids)


def _remembered(state: State, items: Sequence[Item]) -> dict[str, Item]:
    """What exemplars remember, by the exemplar's id: the item itself where it is among these, or its excerpt.

    An excerpt has a content hash of its own, so that rulings on it are never taken for rulings on the item.
    """
    by_content = {item.content_hash: item for item in items}
    found = {}
    for key, entity in sorted(state.entities.items()):
        if isinstance(entity, Exemplar) and entity.status == "active":
            whole = by_content.get(entity.content_hash)
            digest = hashlib.sha256(f"excerpt\n{entity.excerpt}".encode()).hexdigest()
            found[key] = (
                whole.model_copy(update={"id": key})
                if whole
                else Item(id=key, content_hash=digest, text=entity.excerpt)
            )
    return found


def _flip(state: State, key: str, was: Outcome, will: Outcome) -> dict[str, Any] | None:
    exemplar = state.entities[key]
    if not isinstance(exemplar, Exemplar):
        return None
    holder = next(iter(state.sources("REMEMBERS", key)), None)
    caught = {"star"} if getattr(holder, "polarity", "avoid") == "welcome" else KEPT_AWAY
    if (was.action in caught) != exemplar.caught or (will.action in caught) == exemplar.caught:
        return None
    return {"title": exemplar.excerpt[:160], "confirmed": exemplar.caught, "action": will.action, "reason": will.reason}


def _compared(
    items: Sequence[Item], before: Mapping[str, Outcome], after: Mapping[str, Outcome], about: set[str]
) -> dict[str, list[dict[str, Any]]]:
    rows: dict[str, list[dict[str, Any]]] = {
        "hits": [], "newly_hidden": [], "newly_shown": [], "newly_starred": [], "otherwise": [],
    }  # fmt: skip
    near = []
    for item in items:
        old, new = before[item.id], after[item.id]
        own = [ruling for ruling in new.rulings if ruling.wish in about]
        row = _row(item, new, own)
        if new.action in CAUGHT and any(r.verdict == "violated" and not r.exception for r in own):
            rows["hits"].append({**row, "new": old.action not in CAUGHT})
        elif any(r.score >= NEAR for r in own) and new.action not in CAUGHT and old.action not in CAUGHT:
            best = max(own, key=lambda ruling: ruling.score)
            reason = best.note or "Only a part of the wish is there."
            near.append((best.score, {**_row(item, new, [best]), "reason": reason}))
        if (kind := _change(old.action, new.action)) is not None:
            rows[kind].append({**row, "before": old.action})
    near.sort(key=lambda pair: -pair[0])
    return {**rows, "near": [row for _, row in near[:NEAR_MISSES]]}


def _change(old: str, new: str) -> str | None:
    if old == new:
        return None
    if new in KEPT_AWAY:
        return "otherwise" if old in KEPT_AWAY else "newly_hidden"
    if old in KEPT_AWAY:
        return "newly_shown"
    return "newly_starred" if new == "star" else None


def _row(item: Item, outcome: Outcome, own: Sequence[Ruling]) -> dict[str, Any]:
    elements = [element for ruling in own for element in ruling.elements]
    quotes = [found.quote for element in elements for found in element.evidence if found.quote]
    return {
        "item": item.id,
        "title": item.title or item.text[:100],
        "source": item.source,
        "action": outcome.action,
        "reason": outcome.reason,
        "quotes": list(dict.fromkeys(quotes))[:6],
    }


def summary(found: Mapping[str, Any]) -> str:
    """One sentence: "Hides 3 more, shows 1 that you had confirmed hidden"."""
    lost = sum(row["confirmed"] for row in found["flips"])
    caught = len(found["flips"]) - lost
    shown, hidden = len(found["newly_shown"]), len(found["newly_hidden"])
    parts = [
        f"hides {hidden} more" if hidden else "",
        f"shows {shown} more" if shown else "",
        f"stars {len(found['newly_starred'])}" if found["newly_starred"] else "",
        f"treats {len(found['otherwise'])} otherwise than before" if found["otherwise"] else "",
        f"shows {lost} that you had confirmed hidden" if lost else "",
        f"hides {caught} that you had confirmed visible" if caught else "",
    ]
    text = ", ".join(part for part in parts if part)
    return f"{text[0].upper()}{text[1:]}." if text else f"Changes nothing among your last {found['looked_at']} items."
