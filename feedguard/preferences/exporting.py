"""Giving preferences out: whole as a bundle, or what of them other programs can hold."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from feedguard import runtime
from feedguard.accounts.models import Person
from feedguard.preferences.formats import bluesky, mastodon
from feedguard.preferences.importing import unknown_fields
from feedguard.preferences.selectors import snapshot_of, state_of
from graph.bundle import write_bundle


@dataclass(frozen=True)
class Carried:
    """What can be given to another program, and a line for each thing that could not be carried over."""

    count: int
    body: str
    report: list[str]


def export_bundle(person: Person, *, exemplars: bool) -> bytes:
    """Everything that the person ever wished, as a zip (see graph/bundle.py)."""
    state, seq = state_of(person)
    log = [delta for delta in runtime.graph_store().log(person.key) if (delta.seq or 0) <= seq]
    return write_bundle(
        state, seq, log, made_at=runtime.clock().now(), exemplars=exemplars, unknown=unknown_fields(person)
    )


def export_mastodon(person: Person) -> Carried:
    """Filters in the form of Mastodon's API."""
    filters, report = mastodon.write(snapshot_of(person).wishes)
    return _carried(person, len(filters), filters, report)


def export_bluesky(person: Person) -> Carried:
    """The preference that holds Bluesky's muted words."""
    muted, report = bluesky.write(snapshot_of(person).wishes)
    return _carried(person, len(muted["items"]), muted, report)


def _carried(person: Person, count: int, value: Any, report: list[str]) -> Carried:
    guards = [
        f"never hide {guard.guards} {guard.value}: guards cannot be carried." for guard in snapshot_of(person).guards
    ]
    return Carried(count, json.dumps(value, ensure_ascii=False, indent=1) + "\n", [*report, *guards])
