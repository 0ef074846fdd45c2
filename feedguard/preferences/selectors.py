"""Reading preferences: the projection for deciding, the graph itself for showing."""

from __future__ import annotations

import uuid
from functools import lru_cache

from feedguard import runtime
from feedguard.accounts.models import Person
from feedguard.preferences.models import SnapshotHead
from graph.snapshot import Snapshot
from graph.state import State


def snapshot_of(person: Person) -> Snapshot:
    """The person's compiled graph; an empty one where nothing was ever wished."""
    head = SnapshotHead.objects.filter(person=person).first()
    if head is None:
        return Snapshot(person=person.key, seq=0, hash=State.empty(person.key).hash)
    return Snapshot.model_validate_json(head.data)


def snapshot_json(person: Person) -> tuple[str, str]:
    """The snapshot as compact JSON and its hash, without parsing it."""
    row = SnapshotHead.objects.filter(person=person).values_list("data", "hash").first()
    if row is None:
        empty = snapshot_of(person)
        return empty.model_dump_json(), empty.hash
    return row


def kept_snapshot(person: Person) -> Snapshot:
    """Like snapshot_of, but kept in this process by sequence number and hash: one small read where it is known."""
    head = SnapshotHead.objects.filter(person=person).values_list("seq", "hash").first()
    return _snapshot_at(person.id, *head) if head else snapshot_of(person)


@lru_cache(maxsize=128)
def _snapshot_at(person: uuid.UUID, seq: int, state_hash: str) -> Snapshot:
    """The snapshot of this head, or of a newer one that took its place in between."""
    return Snapshot.model_validate_json(SnapshotHead.objects.get(person=person).data)


def head_seq(person: Person) -> int:
    seq: int | None = SnapshotHead.objects.filter(person=person).values_list("seq", flat=True).first()
    return seq or 0


def state_of(person: Person) -> tuple[State, int]:
    """The person's graph and its sequence number, from the store."""
    return runtime.graph_store().load(person.key)
