"""Jobs that turn a person's sentence into a proposal and show beforehand what it would do."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from agents.parse import ParsedWish, describe, parse
from agents.types import Item, Outcome, Ruling
from feedguard import runtime
from feedguard.accounts.models import Person
from feedguard.decisions.jobs import JobRefused, Progress
from feedguard.decisions.services import judge
from feedguard.feeds.models import Subscription
from feedguard.items.models import Entry
from feedguard.items.selectors import pipeline_items
from feedguard.preferences.selectors import snapshot_of, state_of
from graph.compile import compile_snapshot
from graph.deltas import Delta, Op, apply, creation_ops, retire_ops
from graph.errors import GraphError
from graph.proposals import Proposal
from graph.snapshot import Snapshot
from graph.types import new_id

PREVIEW_ITEMS = 200
NEAR_MISSES = 8
NEAR = 0.2
CAUGHT = {"hide", "blur", "label", "star"}


def say(person: Person, data: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Parse the sentence, propose the delta, and preview it on the person's last items."""
    progress("Reading your sentence …")
    sentence, replaces = str(data["sentence"]), str(data.get("replaces", ""))
    parsed = parse_for(person, sentence)
    state, seq = state_of(person)
    ops = parsed_ops(parsed)
    if replaces:
        if replaces not in state.entities:
            raise JobRefused("The wish that this was to replace is no longer there.", field="replaces")
        ops = [*retire_ops(state, replaces), *ops]
    proposal = Proposal(
        id=new_id(),
        person=person.key,
        base=seq,
        ops=tuple(ops),
        why=sentence,
        created_at=runtime.clock().now(),
        source="parse",
        detail={
            "sentence": sentence,
            "replaces": replaces,
            "lines": describe(parsed, person.time_zone),
            "notes": list(parsed.notes),
            "question": parsed.question,
            "preview": preview(person, ops, [facet.id for facet in parsed.facets] or [parsed.intent.id], progress),
        },
    )
    runtime.graph_store().propose(proposal)
    return {"proposal": proposal.id}


def parse_for(person: Person, sentence: str) -> ParsedWish:
    """Parse a sentence with what the person's sources and folders are called."""
    subscriptions = Subscription.objects.filter(person=person).select_related("source")
    return parse(
        sentence,
        now=runtime.clock().now(),
        time_zone=person.time_zone,
        sources=[str(s.source) for s in subscriptions],
        folders=sorted({s.folder for s in subscriptions if s.folder}),
    )


def parsed_ops(parsed: ParsedWish) -> list[Op]:
    """The operations that add what was parsed."""
    exceptions = [exception for _, exception in parsed.exceptions]
    scopes = [parsed.scope] if parsed.scope else []
    return creation_ops([parsed.intent, *parsed.facets, *exceptions, *scopes], parsed.links)


def preview(person: Person, ops: Sequence[Op], wishes: Sequence[str], progress: Progress) -> dict[str, Any]:
    """What these operations would do to the person's last items: hits, near misses, and what they release."""
    entries = Entry.objects.filter(person=person).order_by("-published_at", "-id")
    ids: list[uuid.UUID] = list(entries.values_list("item_id", flat=True)[:PREVIEW_ITEMS])
    items = pipeline_items(person, ids)
    progress(f"Trying it on your last {len(items)} items …")
    before = judge(person, items, snapshot_of(person))
    after = judge(person, items, snapshot_with(person, ops))
    return {"looked_at": len(items), **_compare(items, before, after, set(wishes))}


def snapshot_with(person: Person, ops: Sequence[Op]) -> Snapshot:
    """The person's graph as it would be with these operations. Raises JobRefused where it cannot be."""
    state, seq = state_of(person)
    trial = Delta(
        id=new_id(), person=person.key, base=seq, ops=tuple(ops), actor="machine", why="preview",
        at=runtime.clock().now(),
    )  # fmt: skip
    try:
        return compile_snapshot(apply(state, trial), seq + 1)
    except GraphError as error:
        raise JobRefused(error.message, field=error.field) from error


def _compare(
    items: Sequence[Item], before: Mapping[str, Outcome], after: Mapping[str, Outcome], wishes: set[str]
) -> dict[str, list[dict[str, Any]]]:
    hits, near, released = [], [], []
    for item in items:
        old, new = before[item.id], after[item.id]
        own = [ruling for ruling in new.rulings if ruling.wish in wishes]
        if new.action in CAUGHT and any(r.verdict == "violated" and not r.exception for r in own):
            hits.append(_row(item, new, own, new.reason))
        elif any(r.score >= NEAR for r in own):
            best = max(own, key=lambda ruling: ruling.score)
            near.append((best.score, _row(item, new, [best], best.note or "Only a part of the wish is there.")))
        elif old.action in CAUGHT and new.action not in CAUGHT:
            released.append(_row(item, new, own, new.reason))
    near.sort(key=lambda pair: -pair[0])
    return {"hits": hits, "near": [row for _, row in near[:NEAR_MISSES]], "released": released}


def _row(item: Item, outcome: Outcome, own: Sequence[Ruling], reason: str) -> dict[str, Any]:
    elements = [element for ruling in own for element in ruling.elements]
    quotes = [found.quote for element in elements for found in element.evidence if found.quote]
    return {
        "item": item.id,
        "title": item.title or item.text[:100],
        "source": item.source,
        "action": outcome.action,
        "reason": reason,
        "quotes": list(dict.fromkeys(quotes))[:6],
    }
