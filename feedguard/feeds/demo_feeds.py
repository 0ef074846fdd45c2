"""The demo: two feeds of sample items, and four wishes about them, that explain the product.

The items lie beside this in benchmark form (demo/). They come in by the same path as fetched ones, but for the
network; the wishes are said like any other, and hold in the demo's folder alone.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.db import transaction

from feedguard import runtime
from feedguard.accounts.models import Person
from feedguard.feeds.models import Subscription
from feedguard.feeds.services import unsubscribe
from feedguard.preferences.selectors import state_of
from feedguard.preferences.services import commit
from graph.deltas import retire_ops
from graph.types import Intent

FOLDER = "Demo"
WHY = "the demo"
DATA = Path(__file__).parent / "demo"


def wishes() -> list[dict[str, str]]:
    """The demo's wishes: slug, text, why."""
    found: list[dict[str, str]] = json.loads((DATA / "wishes.json").read_text())
    return found


def samples() -> list[dict[str, Any]]:
    """The demo's items in benchmark form."""
    return [json.loads(line) for line in (DATA / "samples.jsonl").read_text().splitlines()]


def remove(person: Person) -> None:
    """Take the demo's feeds and wishes away; what the person wished themselves stays."""
    for subscription in Subscription.objects.filter(person=person, source__url__startswith="demo:"):
        with transaction.atomic():
            unsubscribe(subscription)
    log = runtime.graph_store().log(person.key)
    added = [op.target for delta in log if delta.why == WHY and delta.actor == "import" for op in delta.ops]
    state, _ = state_of(person)
    intents = [e for e in state.entities.values() if isinstance(e, Intent) and e.id in added]
    ops = [op for intent in intents if intent.status != "retired" for op in retire_ops(state, intent.id)]
    if ops:
        commit(person, ops, why="the demo was removed")
